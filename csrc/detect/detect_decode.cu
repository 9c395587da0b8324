// The face detector's decode on a GPU: one block per frame, from logits to faces. Contract: cuda/detect_decode_body.h.
#include "cuda/checks.h"
#include "cuda/launch.h"

namespace edgeaffect::cuda {
namespace {

struct DeviceBlock {
  template <class F>
  __device__ void each(F f) {
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
  }
  __device__ void sync() { __syncthreads(); }
};

// The 1: one block per multiprocessor is enough, and registers are worth more than a second.
__global__ void __launch_bounds__(kDecodeThreads, 1) decode_kernel(const DecodeTask task) {
  __shared__ DecodeShared shared;
  DeviceBlock block;
  decode_frame(block, shared, task, blockIdx.x);
}

void launch(const DecodeTask& task, StreamHandle stream) {
  decode_kernel<<<task.frame_count, kDecodeThreads, 0, stream>>>(task);
  EDGEAFFECT_CUDA_CHECK(cudaGetLastError());
}

}  // namespace

void decode_faces(const DecodeTask& task, StreamHandle stream) {
  check_task(task);
  launch(task, stream);
}

}  // namespace edgeaffect::cuda
