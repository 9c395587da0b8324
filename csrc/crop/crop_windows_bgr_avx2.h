// Windows of turned boxes of three bytes per pixel by AVX2, in the manner of Note [Windows of eight taps] in crop_turned.h. The
// arithmetic is that of Note [Fixed-point taps] in crop_taps.h, with the same bits. Internal linkage.
//
// Note [Windows of four taps]
// 16 bytes are five pixels, which is as far as four taps of a row reach. Unless their row is steep they lie in three rows:
// a register holds rows 0 and 1, another rows 1 and 2, and a byte shuffle of both looks up the upper corners in the low half
// and the lower ones in the high half, of two channels that lie side by side. The top bit of a place says that a tap lies a
// row further down: it makes the shuffle of the first register write 0, and its reverse that of the second.
#pragma once

#include "crop/crop_windows_avx2.h"

namespace edgeaffect::detail {
namespace {

// Sums of four columns of taps, of two groups at a time.
class BgrSums {
 public:
  static constexpr int kTaps = 4, kChannels = 3, kStep = 3;
  static constexpr int kTogether = 2;  // groups

  // Where the taps of two groups lie in their windows: all words twice, for the corner at the left and that at the right.
  struct Lanes {
    __m256i u, v, cell;

    Lanes(const TurnedPlan<kTaps>& plan, int group) : u(twice(plan.u, group)), v(twice(plan.v, group)) {
      // Two neighbouring bytes at the left, two at the right.
      const __m256i all = _mm256_mullo_epi32(words(plan.cell, group), _mm256_set1_epi32(0x01010101));
      cell = _mm256_add_epi8(all, _mm256_set1_epi32((kStep + 1) << 24 | kStep << 16 | 1 << 8));
    }

   private:
    static __m256i words(const uint16_t* all, int group) {
      return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(all + group * kTaps)));
    }
    static __m256i twice(const uint16_t* all, int group) {
      const __m256i once = words(all, group);
      return _mm256_or_si256(once, _mm256_slli_epi32(once, 16));
    }
  };

  static void plan(const TapGrid& grid, const Scratch& scratch) {
    constexpr int kRows = 3, kColumns = 5;
    plan_cells<kTaps>(grid, scratch, kRows, kColumns,
                      [](int row, int column) { return row * kNextRow + column * kStep; });
  }

  // Adds taps of the windows at `first` and `second`; `corners`: the fractions of u and v of either, twice.
  [[gnu::always_inline]] void add(const Lanes& lanes, __m256i corners, const uint8_t* first, const uint8_t* second,
                                  ptrdiff_t first_stride, ptrdiff_t second_stride) {
    const __m256i below_one = _mm256_set1_epi16(kFractionOne - 1);
    const __m256i u = _mm256_add_epi16(lanes.u, words_of<0>(corners));
    const __m256i v = _mm256_add_epi16(lanes.v, words_of<2>(corners));
    // Where a fraction has carried, its top bit is set.
    const __m256i to_right = _mm256_and_si256(_mm256_srai_epi16(u, 15), _mm256_set1_epi8(kStep));
    const __m256i down = _mm256_and_si256(_mm256_srai_epi16(v, 15), _mm256_set1_epi8(static_cast<char>(kNextRow)));
    const __m256i places = _mm256_add_epi8(lanes.cell, _mm256_add_epi8(to_right, down));

    const __m256i fx = _mm256_and_si256(u, below_one), fy = _mm256_and_si256(v, below_one);
    // Pairs of words: the fraction less one, and minus the fraction.
    const __m256i right_word = _mm256_set1_epi32(static_cast<int32_t>(0xffff0000));
    const __m256i pairs =
        _mm256_sub_epi16(_mm256_xor_si256(fx, right_word), _mm256_set1_epi32(static_cast<int32_t>(0xffff8000)));
    const __m256i lower = _mm256_mulhrs_epi16(pairs, fy), upper = _mm256_sub_epi16(pairs, lower);
    add_group(sums_[0], first, first_stride, _mm256_permute4x64_epi64(places, 0x44),
              _mm256_permute2x128_si256(upper, lower, 0x20));
    add_group(sums_[1], second, second_stride, _mm256_permute4x64_epi64(places, 0xee),
              _mm256_permute2x128_si256(upper, lower, 0x31));
  }

  // Columns of the first group from `at` on.
  void put(int32_t* const* columns, int at) const {
    for (int c = 0; c < kChannels; ++c) {
      const __m256i upper = _mm256_permute2x128_si256(sums_[0][c], sums_[1][c], 0x20);
      const __m256i lower = _mm256_permute2x128_si256(sums_[0][c], sums_[1][c], 0x31);
      store_256(columns[c] + at, _mm256_add_epi32(upper, lower));
    }
  }

 private:
  static constexpr int kNextRow = 0x80;

  // `weights`: of the upper corners, then of the lower ones.
  [[gnu::always_inline]] static void add_group(__m256i* sums, const uint8_t* from, ptrdiff_t stride, __m256i in_first,
                                               __m256i weights) {
    const __m256i rows_01 = load_two(from, from + stride), rows_12 = load_two(from + stride, from + 2 * stride);
    const __m256i in_second = _mm256_xor_si256(in_first, _mm256_set1_epi8(static_cast<char>(kNextRow)));
    const __m256i two_on = _mm256_set1_epi8(2), low_bytes = _mm256_set1_epi16(0xff);
    const __m256i first_two =
        _mm256_or_si256(_mm256_shuffle_epi8(rows_01, in_first), _mm256_shuffle_epi8(rows_12, in_second));
    const __m256i third = _mm256_or_si256(_mm256_shuffle_epi8(rows_01, _mm256_add_epi8(in_first, two_on)),
                                          _mm256_shuffle_epi8(rows_12, _mm256_add_epi8(in_second, two_on)));
    const auto add_channel = [&](int channel, __m256i pixels) __attribute__((always_inline)) {
      sums[channel] = _mm256_add_epi32(sums[channel], _mm256_madd_epi16(pixels, weights));
    };
    add_channel(0, _mm256_and_si256(first_two, low_bytes));
    add_channel(1, _mm256_srli_epi16(first_two, 8));
    add_channel(2, _mm256_and_si256(third, low_bytes));
  }

  __m256i sums_[kTogether][kChannels] = {};
};

}  // namespace
}  // namespace edgeaffect::detail
