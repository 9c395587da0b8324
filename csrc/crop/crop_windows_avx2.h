// Windows of turned boxes of one or two channels by AVX2: see Note [Windows of eight taps] in crop_turned.h. The arithmetic
// is that of Note [Fixed-point taps] in crop_taps.h, with the same bits. Internal linkage.
//
// Note [Rows of a look-up]
// A register holds a row of two windows, 16 bytes each: of two groups of taps, or of two channels of one group. A byte
// shuffle looks up a corner in one row, so every corner is looked up in each of three rows, and what the wrong ones give must
// be 0: a shuffle gives that where the top bit of a place is set. Cells write rows as 0x20, 0x80 and 0xe0, above 4 bits of
// column: the first alone has no top bit. With 0xc0 added they are 0xe0, 0x40 and 0xa0, with 0x60 added 0x80, 0xe0 and 0x40.
#pragma once

#include <immintrin.h>

#include "crop/crop_turned.h"

namespace edgeaffect::detail {
namespace {

constexpr int kFirstRowCell = 0x20, kNextRowCell = 0x60;
constexpr int kInSecondRow = 0xc0, kInThirdRow = 0x60;  // what is added

inline __m256i load_256(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
inline void store_256(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }

inline __m256i load_two(const void* low, const void* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(low))),
                                 _mm_loadu_si128(static_cast<const __m128i*>(high)), 1);
}

// The word at byte kByte of 32 bits, over and over: of the first 32 in the low half, of the second in the high half.
template <int kByte>
[[gnu::always_inline]] inline __m256i words_of(__m256i pairs) {
  constexpr int kLow = kByte | (kByte + 1) << 8 | kByte << 16 | (kByte + 1) << 24, kHigh = kLow + 0x04040404;
  return _mm256_shuffle_epi8(pairs, _mm256_setr_epi32(kLow, kLow, kLow, kLow, kHigh, kHigh, kHigh, kHigh));
}

// 16 pixels of a plane of bytes kStepBytes apart, of which kChannelCount are channels. `row` takes the group's window and, for
// one channel, the next group's.
template <int kStepBytes, int kChannelCount>
struct WindowRow {
  static constexpr int kStep = kStepBytes;
  static constexpr int kChannels = kChannelCount;
  static constexpr int kTogether = kChannels == 1 ? 2 : 1;  // groups

  [[gnu::always_inline]] static __m256i row(const uint8_t* first, const uint8_t* second) {
    constexpr int kInOrder = 0xd8;  // of quarters, which packing leaves mixed
    if constexpr (kStep == 1) return load_two(first, second);
    if constexpr (kStep == 2 && kChannels == 1) {
      const __m256i low = _mm256_set1_epi16(0xff);
      const __m256i both =
          _mm256_packus_epi16(_mm256_and_si256(load_256(first), low), _mm256_and_si256(load_256(second), low));
      return _mm256_permute4x64_epi64(both, kInOrder);
    }
    const __m256i apart = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12,
                                           14, 1, 3, 5, 7, 9, 11, 13, 15);
    if constexpr (kStep == 2) {
      return _mm256_permute4x64_epi64(_mm256_shuffle_epi8(load_256(first), apart), kInOrder);
    }
    const __m256i mixed =
        _mm256_packus_epi16(_mm256_srli_epi16(load_256(first), 8), _mm256_srli_epi16(load_256(first + 32), 8));
    return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(mixed, apart), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
};

// Sums of eight columns of taps per half register.
template <class Row>
class WindowSums {
 public:
  static constexpr int kTaps = kGroupTaps, kChannels = Row::kChannels, kStep = Row::kStep;
  static constexpr int kTogether = Row::kTogether;  // groups

  // Where the taps of two groups lie in their windows, or those of one group, twice.
  struct Lanes {
    __m256i u, v, cell;

    Lanes(const TurnedPlan<>& plan, int group)
        : u(two(plan.u, group)), v(two(plan.v, group)), cell(two(plan.cell, group)) {}

   private:
    static __m256i two(const uint16_t* all, int group) {
      return load_two(all + group * kTaps, all + (group + kTogether - 1) * kTaps);
    }
  };

  static void plan(const TapGrid& grid, const Scratch& scratch) {
    plan_cells<kTaps>(grid, scratch, kCellRows, kCellColumns, [](int row, int column) {
      const int left = kFirstRowCell + row * kNextRowCell + column;
      return (left & 0xff) | (left + 1) << 8;
    });
  }

  // Adds taps of the windows at `first` and `second`; `corners`: the fractions of u and v of either, twice.
  [[gnu::always_inline]] void add(const Lanes& lanes, __m256i corners, const uint8_t* first, const uint8_t* second,
                                  ptrdiff_t first_stride, ptrdiff_t second_stride) {
    const __m256i zero = _mm256_setzero_si256(), top = _mm256_set1_epi16(INT16_MIN);
    const __m256i below_one = _mm256_set1_epi16(kFractionOne - 1);
    const __m256i u = _mm256_add_epi16(lanes.u, words_of<0>(corners));
    const __m256i v = _mm256_add_epi16(lanes.v, words_of<2>(corners));
    // Where a fraction has carried, its top bit is set.
    const __m256i to_right = _mm256_and_si256(_mm256_srai_epi16(u, 15), _mm256_set1_epi8(1));
    const __m256i down = _mm256_and_si256(_mm256_srai_epi16(v, 15), _mm256_set1_epi8(kNextRowCell));
    const __m256i in_first = _mm256_add_epi8(lanes.cell, _mm256_add_epi8(to_right, down));
    const __m256i in_second = _mm256_add_epi8(in_first, _mm256_set1_epi8(static_cast<char>(kInSecondRow)));
    const __m256i in_third = _mm256_add_epi8(in_first, _mm256_set1_epi8(kInThirdRow));
    const auto row = [&](int i) __attribute__((always_inline)) {
      return Row::row(first + i * first_stride, second + i * second_stride);
    };
    const auto look_up = [&](__m256i a, __m256i b, __m256i c) __attribute__((always_inline)) {
      return _mm256_or_si256(_mm256_or_si256(_mm256_shuffle_epi8(a, in_first), _mm256_shuffle_epi8(b, in_second)),
                             _mm256_shuffle_epi8(c, in_third));
    };
    const __m256i row_1 = row(1), row_2 = row(2);
    const __m256i upper = look_up(row(0), row_1, row_2), lower = look_up(row_1, row_2, row(3));

    const __m256i fy = _mm256_and_si256(v, below_one);
    const __m256i left = _mm256_or_si256(u, top);  // the fraction less one
    const __m256i right = _mm256_sub_epi16(zero, _mm256_and_si256(u, below_one));
    const __m256i lower_left = _mm256_mulhrs_epi16(left, fy), lower_right = _mm256_mulhrs_epi16(right, fy);
    const __m256i upper_left = _mm256_sub_epi16(left, lower_left), upper_right = _mm256_sub_epi16(right, lower_right);
    const auto low = [&](__m256i pixels, __m256i a, __m256i b) {
      return _mm256_madd_epi16(_mm256_unpacklo_epi8(pixels, zero), _mm256_unpacklo_epi16(a, b));
    };
    const auto high = [&](__m256i pixels, __m256i a, __m256i b) {
      return _mm256_madd_epi16(_mm256_unpackhi_epi8(pixels, zero), _mm256_unpackhi_epi16(a, b));
    };
    low_ = _mm256_add_epi32(low_,
                            _mm256_add_epi32(low(upper, upper_left, upper_right), low(lower, lower_left, lower_right)));
    high_ = _mm256_add_epi32(
        high_, _mm256_add_epi32(high(upper, upper_left, upper_right), high(lower, lower_left, lower_right)));
  }

  // Columns of the first group from `at` on.
  void put(int32_t* const* columns, int at) const {
    store_256(columns[0] + at, _mm256_permute2x128_si256(low_, high_, 0x20));
    int32_t* second = kTogether == 2 ? columns[0] + at + kTaps : columns[1] + at;
    store_256(second, _mm256_permute2x128_si256(low_, high_, 0x31));
  }

 private:
  __m256i low_ = _mm256_setzero_si256(), high_ = _mm256_setzero_si256();  // columns 0 to 3 and 4 to 7 of each
};

}  // namespace
}  // namespace edgeaffect::detail
