// Host-device basics of the kernel bodies.
//
// Note [Bodies]
// Every kernel's arithmetic stands in a `*_body.h` that a plain C++ compiler can read too. nvcc compiles it into the
// kernels of crop/*.cu and detect/*.cu; tests/cuda_host compiles the same lines for the CPU and loops over the grid. What such a test
// cannot see: launch limits, warps, streams and graphs.
//
// Note [Blocks]
// A body that needs a whole thread block is a template over Block, which offers
//   each(f)   f(thread) for every thread of the block, then a barrier
//   sync()    a barrier; needed between reading shared state that decides a branch and the next write to it
// On the host `each` is a loop, in any order of threads: a result that depends on the order shows a race. And
// tests/cuda_host/race.cpp gives every thread of a block a thread of the CPU and a real barrier, under ThreadSanitizer:
// a missing barrier is a data race there as it is on a GPU.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__CUDACC__)
#define EDGEAFFECT_HD __host__ __device__ inline
#define EDGEAFFECT_TEXT(text) #text
#define EDGEAFFECT_UNROLL(count) _Pragma(EDGEAFFECT_TEXT(unroll count))
#else
#define EDGEAFFECT_HD inline
#define EDGEAFFECT_UNROLL(count)
#endif

namespace edgeaffect::cuda {

template <class To, class From>
EDGEAFFECT_HD To same_bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "");
  To bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

EDGEAFFECT_HD uint32_t float_bits(float value) { return same_bits<uint32_t>(value); }
EDGEAFFECT_HD float bits_float(uint32_t bits) { return same_bits<float>(bits); }

// 1 / value to about 22 bits, where a division would be too long.
EDGEAFFECT_HD float rough_reciprocal(float value) {
#if defined(__CUDA_ARCH__)
  return __fdividef(1.0f, value);
#else
  return 1.0f / value;
#endif
}

// Not infinite and not NaN, whatever the compiler assumes about floats.
EDGEAFFECT_HD bool is_finite(float value) { return (float_bits(value) & 0x7f800000u) != 0x7f800000u; }

// Old value of *counter, which grows by one.
EDGEAFFECT_HD int fetch_add(int* counter) {
#if defined(__CUDA_ARCH__)
  return atomicAdd(counter, 1);
#else
  return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
#endif
}

// *flag becomes 1. Atomic, so that several threads may say it at once and race detectors see no hazard.
EDGEAFFECT_HD void raise_flag(int* flag) {
#if defined(__CUDA_ARCH__)
  atomicOr(flag, 1);
#else
  __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
#endif
}

EDGEAFFECT_HD void clear_bits(uint32_t* word, uint32_t bits) {
#if defined(__CUDA_ARCH__)
  atomicAnd(word, ~bits);
#else
  __atomic_fetch_and(word, ~bits, __ATOMIC_RELAXED);
#endif
}

// Index of the lowest set bit; `word` is not zero.
EDGEAFFECT_HD int lowest_bit(uint32_t word) {
#if defined(__CUDA_ARCH__)
  return __ffs(static_cast<int>(word)) - 1;
#else
  return __builtin_ctz(word);
#endif
}

// IEEE half of a float, round to nearest even.
EDGEAFFECT_HD uint16_t half_bits(float value) {
#if defined(__CUDA_ARCH__)
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
#else
  const uint32_t bits = float_bits(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7fffu);   // NaN
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // rounds to infinity
  if (magnitude < 0x38800000u) {
    // Subnormal half: adding 0.5 leaves the mantissa at a unit of 2^-24, rounded by the addition itself.
    float shifted;
    std::memcpy(&shifted, &magnitude, sizeof(shifted));
    return static_cast<uint16_t>(sign | (float_bits(shifted + 0.5f) - 0x3f000000u));
  }
  magnitude += 0xfffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000u) >> 13));
#endif
}

}  // namespace edgeaffect::cuda
