// Axis-aligned boxes by AVX-512: rows of the plane are summed, then columns of the sum. Internal linkage.
//
// Note [Sums of rows and columns]
// Both passes multiply pairs of 16-bit numbers by pairs of 16-bit weights into 32-bit sums. A row weighs -2^14 per tap row
// that reads it fully: at most two do, and 16 bits hold -2^15 but not 2^15. The sum of rows is rounded to 16 bits, of which
// it fills 15 or nearly so, and de-interleaved into one row per channel. A column weighs -2^14 per tap or, where more than
// four taps would overflow the sum, so much that the weights sum to -2^16. Weights are rounded such that their sum is
// exact: a constant image stays exactly constant.
// The error in grey levels: 255 times a quarter of a unit per weight, which is 0.008 for rows and 0.009 for columns (8
// taps, which is as far as a table of 64 columns reaches), and 0.008 for the rounded sum of rows: below 0.025.
#pragma once

#include <immintrin.h>

#include "crop/crop_windows_avx512.h"

namespace edgeaffect::detail {
namespace {

constexpr int kMaxRowTaps = 256;  // 255 * 256 * 2^14 < 2^31
constexpr int kTableWords = 64;  // that one permutation of two registers reaches
constexpr int kRowWords = 32;  // per register

// Columns of a sum of rows that 16 output pixels read, two at a time.
struct ColumnPlan {
  bool usable;
  bool halves;  // each 8 of the 16 pixels read from a place of their own
  int groups;  // of 16 pixels
  int pairs;  // of columns per pixel
  int weight;  // of one tap
  const int16_t* columns;  // per group: places, then weights of each pair
  const int32_t* bases;  // per 8 pixels: buffer column of place 0
  // De-interleaving of sums of rows: words of two registers, and which come from the second chunk of 64 bytes.
  alignas(64) int16_t order[kMaxPlaneChannels][2][kRowWords];
  uint32_t second[kMaxPlaneChannels];
};

// Columns of a plane that are summed at a time.
constexpr int summed_columns(int step) { return step == 1 ? 64 : 32; }

inline void plan_order(const Plane& plane, ColumnPlan& plan) {
  for (int c = 0; c < plane.channels; ++c) {
    plan.second[c] = 0;
    for (int i = 0; i < summed_columns(plane.step); ++i) {
      const int byte = i * plane.step + plane.offset[c];
      // Sums of 64 bytes come as two registers: bytes 0 to 7 of each 16, and 8 to 15.
      const int place = byte / 8 % 2 * kRowWords + byte % 64 / 16 * 8 + byte % 8;
      plan.order[c][i / kRowWords][i % kRowWords] = static_cast<int16_t>(place);
      plan.second[c] |= static_cast<uint32_t>(byte / 64) << i % kRowWords;
    }
  }
}

inline void plan_columns_avx512(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int width,
                                const Scratch& scratch) {
  ColumnPlan& plan = *static_cast<ColumnPlan*>(scratch.plan);
  plan.groups = sample_pitch(width) / kLanes;
  plan.pairs = (table.used + 1) / 2;
  plan.weight = grid.nx <= 4 ? 1 << kWeightBits : (1 << (kWeightBits + 2)) / grid.nx;
  const size_t group_words = static_cast<size_t>(kPairTaps) * (1 + plan.pairs);
  int32_t* bases = reinterpret_cast<int32_t*>(scratch.columns + group_words * plan.groups);
  plan.columns = scratch.columns;
  plan.bases = bases;

  const auto first = [&](int x) { return table.first[x < width ? x : width - 1]; };  // monotonous
  const auto span_of = [&](int x, int count) {
    const int a = first(x), b = first(x + count - 1);
    return (a < b ? b - a : a - b) + 2 * plan.pairs;
  };
  int wide = 0, narrow = 0;
  for (int x = 0; x < width; x += 8) {
    const int group = x % kLanes == 0 ? span_of(x, kLanes) : 0, half = span_of(x, 8);
    wide = group > wide ? group : wide;
    narrow = half > narrow ? half : narrow;
  }
  plan.halves = wide > kTableWords;
  plan.usable = narrow <= kTableWords && grid.ny <= kMaxRowTaps && table.used <= kTableWords;
  if (!plan.usable) return;
  plan_order(plane, plan);

  for (int group = 0; group < plan.groups; ++group) {
    int16_t* places = scratch.columns + group_words * group;
    for (int lane = 0; lane < kLanes; ++lane) {
      const int x = group * kLanes + lane;
      const int block = plan.halves ? x / 8 * 8 : group * kLanes, size = plan.halves ? 8 : kLanes;
      const int a = first(block), b = first(block + size - 1), base = a < b ? a : b;
      if (lane % 8 == 0) bases[2 * group + lane / 8] = base;
      places[2 * lane] = static_cast<int16_t>(first(x) - base);
      places[2 * lane + 1] = static_cast<int16_t>(first(x) - base + 1);
      int16_t rounded[kTableWords + 1] = {};
      const float* weights = table.weights + static_cast<ptrdiff_t>(x < width ? x : width - 1) * table.span;
      round_weights(weights, table.used, -grid.nx * plan.weight, plan.weight, rounded);
      for (int pair = 0; pair < plan.pairs; ++pair) {
        __builtin_memcpy(places + kPairTaps * (1 + pair) + 2 * lane, rounded + 2 * pair, 2 * sizeof(int16_t));
      }
    }
  }
}

// Sums of rows, one row of 16-bit numbers per channel.
template <int kStep, int kChannels>
class RowSummer {
 public:
  static constexpr int kColumns = summed_columns(kStep);
  static constexpr int kChunks = kColumns * kStep <= 64 ? 1 : 2;  // of 64 bytes

  explicit RowSummer(const ColumnPlan& plan) {
    unrolled<kChannels>([&](auto c) {
      second_[c] = plan.second[c];
      unrolled<kColumns / kRowWords>([&](auto half) { order_[c][half] = _mm512_load_si512(plan.order[c][half]); });
    });
  }

  // `weights`: of pairs of rows; `constant` is added to every sum; to[c] is column 0; what lies `ahead` bytes on is needed
  // soon.
  void sum(const uint8_t* const* rows, const int32_t* weights, int pairs, int constant, int shift, ptrdiff_t ahead,
           int begin, int end, int16_t* const* to) const {
    const __m128i count = _mm_cvtsi32_si128(shift);
    for (int column = begin; column < end; column += kColumns) {
      __m512i sums[kChunks][2];
      unrolled<kChunks>([&](auto chunk) {
        const int byte = column * kStep + 64 * chunk, left = end * kStep - byte;
        const __mmask64 mask = left >= 64 ? ~0ull : left <= 0 ? 0 : ~0ull >> (64 - left);
        __m512i quarter[4];
        unrolled<4>([&](auto q) { quarter[q] = _mm512_set1_epi32(constant); });
        for (int pair = 0; pair < pairs; ++pair) {
          const uint8_t *from_a = rows[2 * pair] + byte, *from_b = rows[2 * pair + 1] + byte;
          __builtin_prefetch(from_a + ahead);
          __builtin_prefetch(from_b + ahead);
          const __m512i a = _mm512_maskz_loadu_epi8(mask, from_a), b = _mm512_maskz_loadu_epi8(mask, from_b);
          const __m512i weight = _mm512_set1_epi32(weights[pair]), zero = _mm512_setzero_si512();
          const __m512i low = _mm512_unpacklo_epi8(a, b), high = _mm512_unpackhi_epi8(a, b);
          quarter[0] = _mm512_dpwssd_epi32(quarter[0], _mm512_unpacklo_epi8(low, zero), weight);
          quarter[1] = _mm512_dpwssd_epi32(quarter[1], _mm512_unpackhi_epi8(low, zero), weight);
          quarter[2] = _mm512_dpwssd_epi32(quarter[2], _mm512_unpacklo_epi8(high, zero), weight);
          quarter[3] = _mm512_dpwssd_epi32(quarter[3], _mm512_unpackhi_epi8(high, zero), weight);
        }
        unrolled<4>([&](auto q) { quarter[q] = _mm512_sra_epi32(quarter[q], count); });
        sums[chunk][0] = _mm512_packs_epi32(quarter[0], quarter[1]);
        sums[chunk][1] = _mm512_packs_epi32(quarter[2], quarter[3]);
      });
      unrolled<kChannels>([&](auto c) {
        unrolled<kColumns / kRowWords>([&](auto half) {
          __m512i words = _mm512_permutex2var_epi16(sums[0][0], order_[c][half], sums[0][1]);
          if constexpr (kChunks == 2) {
            const __m512i more = _mm512_permutex2var_epi16(sums[1][0], order_[c][half], sums[1][1]);
            words = _mm512_mask_mov_epi16(words, second_[c], more);
          }
          _mm512_storeu_si512(to[c] + column + half * kRowWords, words);
        });
      });
    }
  }

 private:
  __m512i order_[kChannels][kColumns / kRowWords];
  __mmask32 second_[kChannels];
};

// Output pixels from a sum of rows.
inline void sum_columns(const ColumnPlan& plan, const int16_t* row, float share, float* to) {
  const auto table = [](const int16_t* from, __m512i places) {
    return _mm512_permutex2var_epi16(_mm512_loadu_si512(from), places, _mm512_loadu_si512(from + kRowWords));
  };
  const int16_t* columns = plan.columns;
  for (int group = 0; group < plan.groups; ++group) {
    __m512i places = _mm512_load_si512(columns), sums = _mm512_setzero_si512();
    columns += kPairTaps;
    for (int pair = 0; pair < plan.pairs; ++pair, columns += kPairTaps) {
      __m512i pixels = table(row + plan.bases[2 * group], places);
      if (plan.halves) {
        pixels = _mm512_mask_blend_epi64(0xf0, pixels, table(row + plan.bases[2 * group + 1], places));
      }
      sums = _mm512_dpwssd_epi32(sums, pixels, _mm512_load_si512(columns));
      places = _mm512_add_epi16(places, _mm512_set1_epi16(2));
    }
    _mm512_storeu_ps(to + group * kLanes, _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(share)));
  }
}

template <int kStep, int kChannels>
void sample_row_by_sums(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y,
                        const Scratch& scratch, float* const* samples) {
  const ColumnPlan& plan = *static_cast<const ColumnPlan*>(scratch.plan);
  float outside_weight;
  const int used = weigh_rows(plane, grid, y, scratch, outside_weight);
  int16_t weights[kMaxRowTaps + 4];
  constexpr int kUnit = 1 << kWeightBits;
  const int outside = -static_cast<int>(__builtin_lrintf(outside_weight * kUnit));
  round_weights(scratch.row_weights, used, -grid.ny * kUnit - outside, kUnit, weights);
  weights[used] = 0;  // completes the last pair, if need be
  scratch.row_pointers[used] = used > 0 ? scratch.row_pointers[used - 1] : plane.data;
  int shift = 7;  // 255 << 7 fits into 16 bits
  while (1 << (shift - 7) < grid.ny) ++shift;
  const int half = 1 << (shift - 1);
  const auto rounded = [&](int sum) { return static_cast<int16_t>((sum + half) >> shift); };

  int32_t pair_weights[kMaxRowTaps / 2 + 2];
  __builtin_memcpy(pair_weights, weights, sizeof(int32_t) * ((used + 1) / 2));
  int16_t* rows[kChannels];
  const int pitch =
      plane.width + 2 * table.lead + kTableWords + kRowWords;  // words may be read and written beyond the columns
  for (int c = 0; c < kChannels; ++c) {
    rows[c] = reinterpret_cast<int16_t*>(scratch.row) + static_cast<ptrdiff_t>(c) * pitch + table.lead;
  }
  const RowSummer<kStep, kChannels> summer(plan);
  const ptrdiff_t ahead = static_cast<ptrdiff_t>(grid.m[4] < 0 ? -grid.ny : grid.ny) * plane.stride;  // a row of pixels
  summer.sum(scratch.row_pointers, pair_weights, (used + 1) / 2, outside * plane.border + half, shift, ahead,
             table.begin, table.end, rows);

  const int16_t border = rounded(-plane.border * grid.ny * kUnit);
  const double share = (1 << shift) / (static_cast<double>(grid.ny) * kUnit * grid.nx * plan.weight);
  for (int c = 0; c < kChannels; ++c) {
    int16_t* row = rows[c];
    for (int column = 1; column <= table.lead; ++column) {
      row[-column] = plane.replicate ? row[0] : border;
      row[plane.width - 1 + column] = plane.replicate ? row[plane.width - 1] : border;
    }
    sum_columns(plan, row - table.lead, static_cast<float>(share), samples[c]);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
