// Neighbouring bytes of an image row, read as words, and weighted sums of them.
//
// Note [Segments]
// A bilinear tap of a BGR frame needs six adjacent bytes of two rows. Read one by one they are twelve loads and as many
// conversions to float. Read as aligned words they are three loads a row; the weighted sum of two neighbours is one instruction on 16-bit weights and 8-bit samples (dp2a), and its
// accumulator may start with the bits of 2^23, so that a sum below 2^23 is a float when it comes out. Hence weights across
// columns, and positions, are multiples of 2^-15 pixels.
//
// A segment is read only where its words lie within the bytes of their row, but for up to three bytes before a first
// pixel that is not at a multiple of four: they are in the same allocation, since allocations are aligned.
#pragma once

#include "cuda/hd.h"

namespace edgeaffect::cuda {

constexpr int kFractionBits = 15;
constexpr int kFractionOne = 1 << kFractionBits;
constexpr float kFloatOffset = 8388608.0f;  // 2^23: from here to 2^24 a float's mantissa is its whole-number part
constexpr uint32_t kFloatOffsetBits = 0x4b000000u;

EDGEAFFECT_HD uint32_t load_word(const uint8_t* address) {
#if defined(__CUDA_ARCH__)
  return *reinterpret_cast<const uint32_t*>(address);
#else
  uint32_t word;
  std::memcpy(&word, address, sizeof(word));
  return word;
#endif
}

// The 32 bits that begin `shift` bits (0..24) into `low`.
EDGEAFFECT_HD uint32_t funnel(uint32_t low, uint32_t high, int shift) {
#if defined(__CUDA_ARCH__)
  return __funnelshift_r(low, high, shift);
#else
  return static_cast<uint32_t>((static_cast<uint64_t>(high) << 32 | low) >> shift);
#endif
}

// kBytes bytes of a row, the first in the lowest place of word[0].
template <int kBytes>
struct Segment {
  static constexpr int kWords = (kBytes + 3) / 4;
  static constexpr int kLoads = (kBytes + 6) / 4;  // words that it may touch
  static constexpr int kReach = 4 * kLoads;  // bytes from the first on that `load` may read
  uint32_t word[kWords];

  // All words that any `first` needs are read: a choice would cost more than a load, and some lane of a warp nearly
  // always needs the last one.
  EDGEAFFECT_HD void load(const uint8_t* first) {
    const int skip = static_cast<int>(reinterpret_cast<uintptr_t>(first) & 3u);
    const uint8_t* words = first - skip;
    uint32_t loaded[kLoads];
    EDGEAFFECT_UNROLL(kLoads)
    for (int i = 0; i < kLoads; ++i) loaded[i] = load_word(words + 4 * i);
    EDGEAFFECT_UNROLL(kWords)
    for (int i = 0; i < kWords; ++i) word[i] = funnel(loaded[i], loaded[i + 1 < kLoads ? i + 1 : i], 8 * skip);
  }

  // Bytes number `one` and `other`, which the compiler must know, in the two lowest places.
  EDGEAFFECT_HD uint32_t pick(int one, int other) const {
#if defined(__CUDA_ARCH__)
    return __byte_perm(word[one / 4], word[other / 4], one % 4 | (4 + other % 4) << 4);
#else
    return (word[one / 4] >> 8 * (one % 4) & 0xffu) | (word[other / 4] >> 8 * (other % 4) & 0xffu) << 8;
#endif
  }
};

// sum + (low half of weights) * (lowest byte) + (high half) * (second byte).
EDGEAFFECT_HD uint32_t add_weighted(uint32_t weights, uint32_t bytes, uint32_t sum) {
#if defined(__CUDA_ARCH__)
  return __dp2a_lo(weights, bytes, sum);
#else
  return sum + (weights & 0xffffu) * (bytes & 0xffu) + (weights >> 16) * (bytes >> 8 & 0xffu);
#endif
}

// To a multiple of 1 / kFractionOne, the nearest.
EDGEAFFECT_HD int to_fixed(float value) {
#if defined(__CUDA_ARCH__)
  return __float2int_rn(value * kFractionOne);
#else
  return static_cast<int>(rintf(value * kFractionOne));
#endif
}

// The part after the point of a fixed-point number, without a conversion: as bits of a float in [1, 2).
EDGEAFFECT_HD float fraction(int fixed) {
  return bits_float(0x3f800000u | static_cast<uint32_t>(fixed & (kFractionOne - 1)) << (23 - kFractionBits)) - 1.0f;
}

}  // namespace edgeaffect::cuda
