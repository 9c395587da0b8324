// Axis-aligned boxes in 16 bits: rows of the plane are summed, then columns of the sum. Internal linkage, no STL: see
// crop_normalize_kernels.h. An Isa has
//   sum_rows(rows, weights, begin, end, to)            sums of rows of bytes, see RowWeights
//   sum_columns_16(plane, plan, row, width, ...)       output pixels from a sum of rows; whole groups may be written
//   sum_columns_16_single(plan, row, width, ...)       the same of single bytes
// The result has the same bits on every unit that has them.
//
// Note [Sums in 16 bits]
// The arithmetic of Note [Sums of rows and columns] in crop_aligned_avx512.h, with the same bound, but for rows whose weights
// are small multiples of a power of two, as they are wherever a frame shrinks by a whole number: those are summed exactly,
// by 8-bit weights that sum to at most 64 (64 * 255 < 2^15).
#pragma once

#include "crop/crop_rows.h"

namespace edgeaffect::detail {
namespace {

constexpr int kMaxSumRows = 256;  // 255 * 256 * 2^14 < 2^31
constexpr int kMaxSumColumns = 64;
constexpr int kSmallTotal = 64;
constexpr int kSumGroup = 8;  // pixels whose column weights lie together

// Weights of pairs of rows. Small ones are 8-bit: to[byte] = sum of weight * byte + constant. Others are 16-bit, all negative,
// and the sum is shifted: to[byte] = (sum of weight * byte + constant) >> shift.
struct RowWeights {
  bool small;
  int pairs;
  int constant;
  int shift;
  ptrdiff_t ahead;  // bytes from a row to what the next output row reads in its place
  alignas(32) int32_t both[kMaxSumRows / 2 + 2];
};

// Positions of columns in the buffer, and their weights: per group of kSumGroup pixels and pair of columns, kSumGroup pairs of 16-bit weights.
struct SumPlan {
  bool usable;
  int pairs;
  int weight;  // of one tap
  const int16_t* weights;
  const int* first;  // [sample_pitch(width)]
};

inline void plan_sums(const Plane&, const TapGrid& grid, const ColumnTable& table, int width, const Scratch& scratch) {
  SumPlan& plan = *static_cast<SumPlan*>(scratch.plan);
  plan.pairs = (table.used + 1) / 2;
  plan.weight = grid.nx <= 4 ? 1 << kWeightBits : (1 << (kWeightBits + 2)) / grid.nx;
  plan.usable = grid.ny < kMaxSumRows && table.used <= kMaxSumColumns;
  plan.weights = scratch.columns;
  plan.first = table.first;
  if (!plan.usable) return;
  for (int x = 0; x < sample_pitch(width); ++x) {
    int16_t rounded[kMaxSumColumns + 1] = {};
    if (x < width) {
      round_weights(table.weights + static_cast<ptrdiff_t>(x) * table.span, table.used, -grid.nx * plan.weight,
                    plan.weight, rounded);
    }
    int16_t* to =
        scratch.columns + static_cast<ptrdiff_t>(x / kSumGroup) * plan.pairs * 2 * kSumGroup + x % kSumGroup * 2;
    for (int pair = 0; pair < plan.pairs; ++pair, to += 2 * kSumGroup) {
      __builtin_memcpy(to, rounded + 2 * pair, 2 * sizeof(int16_t));
    }
  }
}

// Weights of the rows under output row y; scratch.row_pointers are the rows, in pairs. Returns what one grey level counts in
// the sums.
inline double weigh_pairs(const Plane& plane, const TapGrid& grid, int y, const Scratch& scratch, RowWeights& weights) {
  float outside_weight;
  const int used = weigh_rows(plane, grid, y, scratch, outside_weight);
  constexpr int kUnit = 1 << kWeightBits;
  const int outside = -static_cast<int>(__builtin_lrintf(outside_weight * kUnit));
  int16_t exact[kMaxSumRows + 4];
  round_weights(scratch.row_weights, used, -grid.ny * kUnit - outside, kUnit, exact);
  exact[used] = 0;  // completes the last pair, if need be
  scratch.row_pointers[used] = used > 0 ? scratch.row_pointers[used - 1] : plane.data;
  weights.pairs = (used + 1) / 2;
  weights.ahead = (grid.m[4] < 0 ? -grid.ny : grid.ny) * plane.stride;

  int unit = kSmallTotal;
  while (unit > 0 && unit * grid.ny > kSmallTotal) unit /= 2;
  const int part = unit > 0 ? kUnit / unit : 0;
  weights.small = unit > 0 && outside % part == 0;
  for (int r = 0; r < used && weights.small; ++r) weights.small = exact[r] % part == 0;
  if (weights.small) {
    for (int pair = 0; pair < weights.pairs; ++pair) {
      const int a = -exact[2 * pair] / part, b = -exact[2 * pair + 1] / part;
      weights.both[pair] = (a | b << 8) * 0x10001;
    }
    weights.constant = -outside / part * plane.border;
    weights.shift = 0;
    return -unit;
  }
  __builtin_memcpy(weights.both, exact, sizeof(int32_t) * weights.pairs);
  weights.shift = 7;  // 255 << 7 fits into 16 bits
  while (1 << (weights.shift - 7) < grid.ny) ++weights.shift;
  weights.constant = outside * plane.border + (1 << (weights.shift - 1));
  return static_cast<double>(kUnit) / (1 << weights.shift);
}

// Large frames come from memory, in more rows at a time than processors foresee. What the next output row reads is asked
// for early, into the second cache: the first would not keep it. What comes soon is asked for into the first.
inline void prefetch_row(const uint8_t* from, const RowWeights& weights) {
  constexpr int kSoon = 512, kFirstCache = 3, kSecondCache = 2;
  __builtin_prefetch(from + kSoon, 0, kFirstCache);
  __builtin_prefetch(from + weights.ahead, 0, kSecondCache);
}

inline int16_t row_sum(const RowWeights& weights, const uint8_t* const* rows, int byte) {
  int32_t sum = weights.constant;
  for (int pair = 0; pair < weights.pairs; ++pair) {
    const int32_t both = weights.both[pair], a = rows[2 * pair][byte], b = rows[2 * pair + 1][byte];
    sum += weights.small ? (both & 0xff) * a + (both >> 8 & 0xff) * b
                         : static_cast<int16_t>(both & 0xffff) * a + (both >> 16) * b;
  }
  return static_cast<int16_t>(sum >> weights.shift);
}

template <class Isa>
void sample_row_of_sums(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, int width,
                        const Scratch& scratch, float* const* samples) {
  const SumPlan& plan = *static_cast<const SumPlan*>(scratch.plan);
  if (!plan.usable) return sample_row_aligned<Isa>(plane, grid, table, y, width, scratch, samples);
  RowWeights weights;
  const double level = weigh_pairs(plane, grid, y, scratch, weights);
  const int step = plane.step;
  int16_t* row = reinterpret_cast<int16_t*>(scratch.row) + table.lead * step;  // column 0
  Isa::sum_rows(scratch.row_pointers, weights, table.begin * step, table.end * step, row);

  const auto border = static_cast<int16_t>(__builtin_lrint(-level * plane.border * grid.ny));
  const int last = (plane.width - 1) * step;
  for (int column = 1; column <= table.lead; ++column) {
    for (int k = 0; k < step; ++k) {
      row[k - column * step] = plane.replicate ? row[k] : border;
      row[k + last + column * step] = plane.replicate ? row[k + last] : border;
    }
  }
  const auto share = static_cast<float>(1 / (level * grid.ny * grid.nx * plan.weight));
  row -= table.lead * step;
  if (is_single(plane)) {
    Isa::sum_columns_16_single(plan, row, width, share, samples[0]);
  } else {
    Isa::sum_columns_16(plane, plan, row, width, share, samples);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
