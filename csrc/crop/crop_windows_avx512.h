// Reading windows and adding their taps by AVX-512: see Note [Windows] in crop_windows.h. Internal linkage.
#pragma once

#include <immintrin.h>

#include "crop/crop_windows.h"

namespace edgeaffect::detail {
namespace {

template <int kValue>
struct Constant {
  constexpr operator int() const { return kValue; }
};

// Calls f(0) .. f(kCount - 1) with compile-time numbers, so that arrays of vectors stay in registers.
template <int kCount, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
  if constexpr (kCount > 1) unrolled<kCount - 1>(f);
  f(Constant<kCount - 1>{});
}

// The compiler would rather make a constant anew in every block, by a slow move from a general register, than keep it.
inline __m512i kept(__m512i constant) {
  __asm__("" : "+v"(constant));
  return constant;
}

struct TapConstants {
  __m512i zero = kept(_mm512_setzero_si512());
  __m512i below_one = kept(_mm512_set1_epi16(kFractionOne - 1));
  __m512i minus_one = kept(_mm512_set1_epi16(static_cast<int16_t>(-kFractionOne)));
  __m512i to_right = kept(_mm512_set1_epi16(0x0101));
  __m512i to_lower = kept(_mm512_set1_epi16(0x0101 * kWindowColumns));
};

// One channel of a window: rows 0 to 3 and 4 to 7.
struct Window {
  __m512i half[2];
};

// Bytes of a window's row that are read: the pixels' own, or up to a power of two beyond.
constexpr int window_row_bytes(int step) { return step == 3 ? 64 : step * kWindowColumns; }

// Which bytes of two registers of rows are a channel's half of a window, [row][column].
struct WindowOrder {
  alignas(64) uint8_t bytes[kMaxPlaneChannels][64];

  explicit WindowOrder(const Plane& plane) {
    const int row_bytes = window_row_bytes(plane.step), rows = 2 * 64 / row_bytes;
    for (int c = 0; c < plane.channels; ++c) {
      for (int i = 0; i < 64; ++i) {
        const int row = i / kWindowColumns % rows, column = i % kWindowColumns;
        bytes[c][i] = static_cast<uint8_t>(row * row_bytes + column * plane.step + plane.offset[c]);
      }
    }
  }
};

// Reads the windows of one plane.
template <int kStep, int kChannels>
class WindowReader {
 public:
  static constexpr int kRowPixels = (window_row_bytes(kStep) + kStep - 1) / kStep;
  static constexpr int kPitch = 64;  // of copied windows

  explicit WindowReader(const WindowOrder& order) {
    unrolled<kChannels>([&](auto c) { order_[c] = kept(_mm512_load_si512(order.bytes[c])); });
  }

  [[gnu::always_inline]] void read(const uint8_t* from, ptrdiff_t stride, Window* window) const {
    unrolled<2>([&](auto half) {
      const uint8_t *row0 = from + half * 4 * stride, *row1 = row0 + stride, *row2 = row1 + stride,
                    *row3 = row2 + stride;
      if constexpr (kStep == 1) {
        const __m512i two = _mm512_inserti32x4(_mm512_castsi128_si512(load_16(row0)), load_16(row1), 1);
        window[0].half[half] = _mm512_inserti32x4(_mm512_inserti32x4(two, load_16(row2), 2), load_16(row3), 3);
      } else if constexpr (kStep == 2) {
        const __m512i upper = load_32_32(row0, row1), lower = load_32_32(row2, row3);
        unrolled<kChannels>([&](auto c) { window[c].half[half] = _mm512_permutex2var_epi8(upper, order_[c], lower); });
      } else {
        const __m512i bytes[4] = {_mm512_loadu_si512(row0), _mm512_loadu_si512(row1), _mm512_loadu_si512(row2),
                                  _mm512_loadu_si512(row3)};
        unrolled<kChannels>([&](auto c) {
          const __m512i upper = _mm512_permutex2var_epi8(bytes[0], order_[c], bytes[1]);
          const __m512i lower = _mm512_permutex2var_epi8(bytes[2], order_[c], bytes[3]);
          window[c].half[half] = _mm512_mask_blend_epi64(0xf0, upper, lower);
        });
      }
    });
  }

 private:
  static __m128i load_16(const uint8_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

  static __m512i load_32_32(const uint8_t* a, const uint8_t* b) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a))),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b)), 1);
  }

  __m512i order_[kChannels];
};

// Adds 16 taps of each channel to its sums. `left_right` holds the horizontal weights of each tap.
template <int kChannels>
[[gnu::always_inline]] inline void add_taps(const TapConstants& k, const Window* window, __m512i upper_cells,
                                            __m512i left_right, __m512i fy, __m512i* sums) {
  constexpr __mmask64 kLowBytes = 0x5555555555555555;  // bytes become 16-bit words
  const __m512i lower_cells = _mm512_add_epi8(upper_cells, k.to_lower);
  const __m512i lower = _mm512_mulhrs_epi16(left_right, fy);
  const __m512i upper = _mm512_sub_epi16(left_right, lower);
  unrolled<kChannels>([&](auto c) {
    const auto corners = [&](__m512i cells) {
      return _mm512_maskz_permutex2var_epi8(kLowBytes, window[c].half[0], cells, window[c].half[1]);
    };
    sums[c] = _mm512_dpwssd_epi32(sums[c], corners(upper_cells), upper);
    sums[c] = _mm512_dpwssd_epi32(sums[c], corners(lower_cells), lower);
  });
}

// Adds pair number `pair` of the registers of taps of a chunk to sums[0] and, if kBoth, sums[1]. `corner_u` and `corner_v`
// are the fractions of the window's corner.
template <int kChannels, bool kBoth>
[[gnu::always_inline]] inline void add_pair(const TapConstants& k, const WindowPlan& plan, int chunk, int pair,
                                            const Window* window, __m512i corner_u, __m512i corner_v,
                                            __m512i (*sums)[kChannels]) {
  const __m512i u = _mm512_add_epi16(_mm512_load_si512(plan.u[pair]), corner_u);
  const __m512i v = _mm512_add_epi16(_mm512_load_si512(plan.v[pair]), corner_v);
  __m512i cell = _mm512_load_si512(plan.cell[pair]);
  const __m512i fx = _mm512_and_si512(u, k.below_one), fy = _mm512_and_si512(v, k.below_one);
  // Where a fraction has carried, its top bit is above anything in a step to the next pixel.
  cell = _mm512_add_epi16(cell, _mm512_min_epu16(_mm512_and_si512(u, k.minus_one), k.to_right));
  cell = _mm512_add_epi16(cell, _mm512_min_epu16(_mm512_and_si512(v, k.minus_one), k.to_lower));
  const __mmask32 valid = plan.valid[chunk][pair];
  const __m512i left = _mm512_maskz_add_epi16(valid, fx, k.minus_one);
  const __m512i right = _mm512_maskz_sub_epi16(valid, k.zero, fx);
  add_taps<kChannels>(k, window, _mm512_unpacklo_epi8(cell, cell), _mm512_unpacklo_epi16(left, right),
                      _mm512_unpacklo_epi16(fy, fy), sums[0]);
  if constexpr (kBoth) {
    add_taps<kChannels>(k, window, _mm512_unpackhi_epi8(cell, cell), _mm512_unpackhi_epi16(left, right),
                        _mm512_unpackhi_epi16(fy, fy), sums[1]);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
