// The kernels as the bindings see them. Every entry checks its task, enqueues one launch on `stream` and returns
// without waiting. Throws std::invalid_argument for a task out of range.
#pragma once

#include "cuda/crop_normalize_body.h"
#include "cuda/detect_decode_body.h"
#include "cuda/runtime.h"

namespace edgeaffect::cuda {

void crop_normalize(const CropTask& task, StreamHandle stream);  // crop/crop_normalize.cu
void decode_faces(const DecodeTask& task, StreamHandle stream);  // detect/detect_decode.cu

}  // namespace edgeaffect::cuda
