// crop_normalize on a GPU: one launch for all crops of all frames. Contract: crop_normalize.h.
#include <algorithm>

#include "cuda/checks.h"
#include "cuda/launch.h"

namespace edgeaffect::cuda {
namespace {

// A warp writes 32 neighbours of a row (whole lines of NCHW output) and reads from one neighbourhood of the frame.
constexpr int kBlockWidth = 32;
constexpr int kBlockHeight = 8;
constexpr int kBlocks = 4;  // per multiprocessor: what its registers hold without a spill on any architecture
// Threads of a launch over those that a GPU holds: from this many on, none is idle at the end, though some do more.
constexpr int64_t kEnoughWaves = 3;
constexpr int64_t kMostTurns = 4;

template <PixelFormat kFormat, class T>
__global__ void __launch_bounds__(kBlockWidth* kBlockHeight, kBlocks) crop_kernel(const CropTask task) {
  const CropItem item = task.items[blockIdx.z];  // copies: what lies in memory would be read again for every tap
  if (item.frame < 0) return;
  const Frame frame = task.frames[item.frame];
  T* out = static_cast<T*>(task.out) + blockIdx.z * image_size(task);
  const int log2 = parts_log2(task, item), lanes = task.width << log2;  // the same for the whole block
  const Part part{static_cast<int>(threadIdx.x) & ((1 << log2) - 1), log2};
  // A warp is one row of a block: all its threads take the same turns.
  for (int y = blockIdx.y * kBlockHeight + threadIdx.y; y < task.height; y += gridDim.y * kBlockHeight) {
    for (int first = blockIdx.x * kBlockWidth; first < lanes; first += gridDim.x * kBlockWidth) {
      const int x = (first + static_cast<int>(threadIdx.x)) >> log2;
      float samples[3] = {};
      if (x < task.width) sample_frame<kFormat>(task, item, frame, x, y, part, samples);
      for (int other = 1; other < part.count(); other *= 2) {
        for (int c = 0; c < 3; ++c) samples[c] += __shfl_xor_sync(0xffffffffu, samples[c], other);
      }
      if (x < task.width) write_pixel(task, out, x, y, part, samples);
    }
  }
}

// Threads that the current device holds at a time; remembered, since it is asked before every launch.
int64_t threads_at_a_time() {
  thread_local int known = -1;
  thread_local int64_t count = 0;
  int device = 0;
  EDGEAFFECT_CUDA_CHECK(cudaGetDevice(&device));
  if (device != known) {
    int processors = 0, threads = 0;
    EDGEAFFECT_CUDA_CHECK(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device));
    EDGEAFFECT_CUDA_CHECK(cudaDeviceGetAttribute(&threads, cudaDevAttrMaxThreadsPerMultiProcessor, device));
    count = static_cast<int64_t>(processors) * threads;
    known = device;
  }
  return count;
}

template <PixelFormat kFormat>
void launch(const CropTask& task, StreamHandle stream) {
  const dim3 block(kBlockWidth, kBlockHeight);
  dim3 grid(((task.width << task.spare_log2) + kBlockWidth - 1) / kBlockWidth,
            (task.height + kBlockHeight - 1) / kBlockHeight, task.count);
  // Where there are many blocks, each takes several turns: what precedes the first pixel is a third of the work.
  const int64_t blocks = int64_t{grid.x} * grid.y * grid.z * kBlockWidth * kBlockHeight / threads_at_a_time();
  grid.y = std::max<int64_t>(1, grid.y / std::clamp<int64_t>(blocks / kEnoughWaves, 1, kMostTurns));
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
  task.spare_log2 = spare_log2(task, threads_at_a_time());
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
