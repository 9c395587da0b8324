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
  const int x = blockIdx.x * kBlockWidth + threadIdx.x, y = blockIdx.y * kBlockHeight + threadIdx.y;
  if (x < task.width && y < task.height) crop_pixel<kFormat, T>(task, blockIdx.z, x, y);
}

template <PixelFormat kFormat>
void launch(const CropTask& task, StreamHandle stream) {
  const dim3 block(kBlockWidth, kBlockHeight);
  const dim3 grid((task.width + kBlockWidth - 1) / kBlockWidth, (task.height + kBlockHeight - 1) / kBlockHeight,
                  task.count);
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

void crop_normalize(const CropTask& task, StreamHandle stream) {
  check_task(task);
  if (task.count == 0) return;
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
