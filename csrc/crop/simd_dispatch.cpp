#include "crop/simd_dispatch.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "crop/cpu_features.h"

namespace edgeaffect::detail {

const SimdPath kSimdPaths[] = {
#if defined(__x86_64__)
    {"avx512", [] { return cpu_features().avx512; }, kAvx512Kernels},
    {"avx2", [] { return cpu_features().avx2; }, kAvx2Kernels},
#elif defined(__aarch64__)
    {"neon", [] { return true; }, kNeonKernels},
#endif
    {"scalar", [] { return true; }, kScalarKernels},
};
const int kSimdPathCount = sizeof(kSimdPaths) / sizeof(kSimdPaths[0]);

namespace {

const SimdPath& choose() {
  const char* wanted = std::getenv("EDGEAFFECT_SIMD");
  const bool forced = wanted != nullptr && *wanted != '\0';
  std::string available;
  for (const SimdPath& path : kSimdPaths) {
    if (!path.available()) continue;
    if (!forced || std::strcmp(wanted, path.name) == 0) return path;
    available += available.empty() ? path.name : std::string(", ") + path.name;
  }
  throw std::runtime_error(std::string("EDGEAFFECT_SIMD=") + wanted + " is not available here; allowed: " + available +
                           ", or unset it");
}

}  // namespace

const SimdPath& dispatch() {
  static const SimdPath& chosen = choose();
  return chosen;
}

}  // namespace edgeaffect::detail
