// What this x86-64 processor and its operating system can do, asked by cpuid itself: __builtin_cpu_supports answers no
// to everything where the compiler's runtime library leaves it empty, as zig's does.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

namespace edgeaffect::detail {

struct CpuFeatures {
  bool avx2 = false;
  bool avx512 = false;  // F, BW, DQ, VL, VBMI and VNNI together
};

// Bits: Intel's Software Developer's Manual, volume 2A, CPUID; XCR0: volume 1, 13.3.
inline CpuFeatures cpu_features() {
  constexpr unsigned kOsXsave = 1u << 27, kAvx = 1u << 28;                 // leaf 1, ECX
  constexpr unsigned kAvx2 = 1u << 5;                                      // leaf 7, EBX
  constexpr unsigned kF = 1u << 16, kDq = 1u << 17, kBw = 1u << 30, kVl = 1u << 31;
  constexpr unsigned kVbmi = 1u << 1, kVnni = 1u << 11;                    // leaf 7, ECX
  constexpr unsigned kYmm = 0x6, kZmm = 0xe6;                              // XCR0: registers that are saved
  const auto has = [](unsigned value, unsigned bits) { return (value & bits) == bits; };
  CpuFeatures found;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, kOsXsave | kAvx)) return found;
  unsigned saved = 0, high = 0;
  __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
  if (!has(saved, kYmm) || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
  found.avx2 = has(b, kAvx2);
  found.avx512 = has(saved, kZmm) && has(b, kF | kDq | kBw | kVl) && has(c, kVbmi | kVnni);
  return found;
}

}  // namespace edgeaffect::detail
#endif
