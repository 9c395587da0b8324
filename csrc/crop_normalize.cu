// crop_normalize on a GPU: one launch for all crops of all frames. Contract: crop_normalize.h.
#include "cuda/checks.h"
#include "cuda/launch.h"

namespace edgeaffect::cuda {
namespace {

// A warp writes 32 neighbours of a row (whole lines of NCHW output) and reads from one neighbourhood of the frame.
constexpr int kBlockWidth = 32;
constexpr int kBlockHeight = 8;

template <PixelFormat kFormat, class T>
__global__ void __launch_bounds__(kBlockWidth* kBlockHeight) crop_kernel(const CropTask task) {
  const int n = blockIdx.z;
  const CropItem item = task.items[n];  // a copy: what lies in memory would be read again for every tap
  if (item.frame < 0) return;
  const int shared_by_log2 = min(item.parts_log2, task.parts_log2);  // the same for the whole block
  const int lane = blockIdx.x * kBlockWidth + threadIdx.x, x = lane >> shared_by_log2;
  const int y = blockIdx.y * kBlockHeight + threadIdx.y;
  const Part part{lane & ((1 << shared_by_log2) - 1), 1 << shared_by_log2};
  const bool wanted = x < task.width && y < task.height;
  float samples[3] = {};
  if (wanted) sample_frame<kFormat>(task, item, x, y, part, samples);
  for (int other = 1; other < part.count; other *= 2) {
    for (int c = 0; c < 3; ++c) samples[c] += __shfl_xor_sync(0xffffffffu, samples[c], other);
  }
  if (wanted) write_pixel<T>(task, n, x, y, part, samples);
}

int parts_log2_for(const CropTask& task) {
  int device = 0, processors = 0, threads = 0;
  EDGEAFFECT_CUDA_CHECK(cudaGetDevice(&device));
  EDGEAFFECT_CUDA_CHECK(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));
  EDGEAFFECT_CUDA_CHECK(cudaDeviceGetAttribute(&threads, cudaDevAttrMaxThreadsPerMultiProcessor, device));
  return most_parts_log2(task, static_cast<int64_t>(processors) * threads);
}

template <PixelFormat kFormat>
void launch(const CropTask& task, StreamHandle stream) {
  const dim3 block(kBlockWidth, kBlockHeight);
  const dim3 grid(((task.width << task.parts_log2) + kBlockWidth - 1) / kBlockWidth,
                  (task.height + kBlockHeight - 1) / kBlockHeight, task.count);
  switch (task.element) {
    case Element::kFloat32:
      crop_kernel<kFormat, float><<<grid, block, 0, stream>>>(task);
      break;
    case Element::kFloat16:
      crop_kernel<kFormat, uint16_t><<<grid, block, 0, stream>>>(task);
      break;
    case Element::kInt8:
      crop_kernel<kFormat, int8_t><<<grid, block, 0, stream>>>(task);
      break;
  }
  EDGEAFFECT_CUDA_CHECK(cudaGetLastError());
}

}  // namespace

void crop_normalize(const CropTask& checked, StreamHandle stream) {
  check_task(checked);
  if (checked.count == 0) return;
  CropTask task = checked;
  task.parts_log2 = parts_log2_for(task);
  switch (task.format) {
    case PixelFormat::kBgr:
    case PixelFormat::kRgb:  // the colour map knows the order
      return launch<PixelFormat::kBgr>(task, stream);
    case PixelFormat::kBgra:
      return launch<PixelFormat::kBgra>(task, stream);
    case PixelFormat::kGray:
      return launch<PixelFormat::kGray>(task, stream);
    case PixelFormat::kNv12:
      return launch<PixelFormat::kNv12>(task, stream);
    case PixelFormat::kYuyv:
      return launch<PixelFormat::kYuyv>(task, stream);
  }
}

}  // namespace edgeaffect::cuda
