#include "crop/simd_dispatch.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace edgeaffect::detail {

const SimdPath kSimdPaths[] = {
#if defined(__x86_64__)
    {"avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
     },
     kAvx512Kernels},
    {"avx2", [] { return __builtin_cpu_supports("avx2") != 0; }, kAvx2Kernels},
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
