// Axis-aligned boxes by AVX-512: rows of the plane are summed, then columns of the sum. Internal linkage.
//
// Note [Sums of rows and columns]
// Both passes multiply pairs of 16-bit numbers by pairs of 16-bit weights into 32-bit sums. A row weighs -2^14 per tap row
// that reads it fully: at most two do, and 16 bits hold -2^15 but not 2^15. The sum of rows is rounded to 16 bits, of which
// it fills 15 or nearly so, and de-interleaved into one row per channel. A column weighs -2^14 per tap or, where more than
// four taps would overflow the sum, so much that the weights sum to -2^16. Weights are rounded such that their sum is
// exact: a constant image stays exactly constant.
// The error in grey levels: 255 times a quarter of a unit per weight, which is 0.008 for rows and 0.009 for columns (8
// taps, which is as far as a table of 64 columns reaches), and 0.008 for the rounded sum of rows: below 0.025. Boxes that shrink
// further, and rows of small weights, go by Note [Sums in 16 bits] in crop_sums.h.
#pragma once

#include <immintrin.h>

#include "crop/crop_sums.h"
#include "crop/crop_windows_avx512.h"

namespace edgeaffect::detail {
namespace {

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

// What scratch.plan holds: plan_sums and sample_row_of_sums look for theirs at its beginning.
struct AlignedPlan {
  SumPlan sums;
  ColumnPlan table;
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
  ColumnPlan& plan = static_cast<AlignedPlan*>(scratch.plan)->table;
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
  plan.usable = narrow <= kTableWords && grid.ny < kMaxSumRows && table.used <= kTableWords;
  if (!plan.usable) return plan_sums(plane, grid, table, width, scratch);
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

// Sums of the 64 bytes from `byte` on: of bytes 0 to 7 of each 16, and of bytes 8 to 15.
template <bool kSmall>
[[gnu::always_inline]] inline void sum_64(const uint8_t* const* rows, const RowWeights& weights, int byte,
                                          __mmask64 mask, __m512i* sums) {
  __m512i half[2], quarter[4];
  unrolled<2>([&](auto h) { half[h] = _mm512_set1_epi16(static_cast<int16_t>(weights.constant)); });
  unrolled<4>([&](auto q) { quarter[q] = _mm512_set1_epi32(weights.constant); });
  for (int pair = 0; pair < weights.pairs; ++pair) {
    const uint8_t *from_a = rows[2 * pair] + byte, *from_b = rows[2 * pair + 1] + byte;
    prefetch_row(from_a, weights);
    prefetch_row(from_b, weights);
    const __m512i a = _mm512_maskz_loadu_epi8(mask, from_a), b = _mm512_maskz_loadu_epi8(mask, from_b);
    const __m512i low = _mm512_unpacklo_epi8(a, b), high = _mm512_unpackhi_epi8(a, b);
    const __m512i weight = _mm512_set1_epi32(weights.both[pair]), zero = _mm512_setzero_si512();
    if constexpr (kSmall) {
      half[0] = _mm512_add_epi16(half[0], _mm512_maddubs_epi16(low, weight));
      half[1] = _mm512_add_epi16(half[1], _mm512_maddubs_epi16(high, weight));
    } else {
      quarter[0] = _mm512_dpwssd_epi32(quarter[0], _mm512_unpacklo_epi8(low, zero), weight);
      quarter[1] = _mm512_dpwssd_epi32(quarter[1], _mm512_unpackhi_epi8(low, zero), weight);
      quarter[2] = _mm512_dpwssd_epi32(quarter[2], _mm512_unpacklo_epi8(high, zero), weight);
      quarter[3] = _mm512_dpwssd_epi32(quarter[3], _mm512_unpackhi_epi8(high, zero), weight);
    }
  }
  if constexpr (kSmall) {
    unrolled<2>([&](auto h) { sums[h] = half[h]; });
  } else {
    const __m128i shift = _mm_cvtsi32_si128(weights.shift);
    unrolled<4>([&](auto q) { quarter[q] = _mm512_sra_epi32(quarter[q], shift); });
    sums[0] = _mm512_packs_epi32(quarter[0], quarter[1]);
    sums[1] = _mm512_packs_epi32(quarter[2], quarter[3]);
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

  // to[c] is column 0.
  template <bool kSmall>
  void sum(const uint8_t* const* rows, const RowWeights& weights, int begin, int end, int16_t* const* to) const {
    for (int column = begin; column < end; column += kColumns) {
      __m512i sums[kChunks][2];
      unrolled<kChunks>([&](auto chunk) {
        const int byte = column * kStep + 64 * chunk, left = end * kStep - byte;
        const __mmask64 mask = left >= 64 ? ~0ull : left <= 0 ? 0 : ~0ull >> (64 - left);
        sum_64<kSmall>(rows, weights, byte, mask, sums[chunk]);
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
  const ColumnPlan& plan = static_cast<const AlignedPlan*>(scratch.plan)->table;
  RowWeights weights;
  const double level = weigh_pairs(plane, grid, y, scratch, weights);
  int16_t* rows[kChannels];
  const int pitch =
      plane.width + 2 * table.lead + kTableWords + kRowWords;  // words may be read and written beyond the columns
  for (int c = 0; c < kChannels; ++c) {
    rows[c] = reinterpret_cast<int16_t*>(scratch.row) + static_cast<ptrdiff_t>(c) * pitch + table.lead;
  }
  const RowSummer<kStep, kChannels> summer(plan);
  weights.small ? summer.template sum<true>(scratch.row_pointers, weights, table.begin, table.end, rows)
                : summer.template sum<false>(scratch.row_pointers, weights, table.begin, table.end, rows);

  const auto border = static_cast<int16_t>(__builtin_lrint(-level * plane.border * grid.ny));
  const double share = 1 / (level * grid.ny * grid.nx * plan.weight);
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
