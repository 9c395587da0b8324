// Which crop_normalize unit runs on this processor.
#pragma once

#include "crop/crop_normalize.h"
#include "crop/crop_normalize_kernels.h"

namespace edgeaffect::detail {

struct SimdPath {
  const char* name;
  bool (*available)();
  const Kernels& kernels;
};

// The best path, or the one that EDGEAFFECT_SIMD names. Decided once; throws std::runtime_error, at every call, when
// that variable names a path that is unknown or not available on this processor.
const SimdPath& dispatch();

// crop_normalize by the kernels given.
void crop_normalize_by(const Kernels& kernels, const Frame& frame, const double* matrices, size_t count,
                       const CropParams& params, void* out);

// All compiled-in paths, best first, for the tests.
extern const SimdPath kSimdPaths[];
extern const int kSimdPathCount;

}  // namespace edgeaffect::detail
