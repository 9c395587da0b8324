// Axis-aligned boxes by NEON: the arithmetic of Note [Sums in 16 bits] in crop_sums.h, with the same bits, on one row of
// sums per channel. Internal linkage.
//
// Note [Groups of columns]
// Eight output pixels are a group. Where a frame shrinks by a whole number, their columns lie one after the other and are
// loaded as they lie, run by run of such groups. Elsewhere a table look-up of 32 words fetches them, by places that are
// planned once per box. Groups that reach further than a table are loaded pixel by pixel.
#pragma once

#include "crop/crop_pixels_neon.h"
#include "crop/crop_sums.h"

namespace edgeaffect::detail {
namespace {

constexpr int kPlaceWords = 32;  // that one table look-up reaches
constexpr int kRowPadding = 8 * kSumGroup + kPlaceWords;  // words that groups may read beyond the columns

enum GroupKind {
  kAdjacentSame,  // columns one after the other, all of the same weight
  kAdjacent,  // the same with any weights
  kOnePerPixel,  // one column per pixel, all of the same weight
  kPlaces,  // by a table look-up
  kFar,  // by loads of pairs
};

// A SumPlan, and per group its kind and first column, and the place in a table, in bytes, of the first pair of columns of
// each pixel; for groups without a table, there stands how many of their kind follow each other.
struct GroupPlan : SumPlan {
  const int32_t* groups;
  const uint8_t* places;
};

constexpr int kKindBits = 3;

inline int kind_of(int32_t group) { return group & ((1 << kKindBits) - 1); }

inline bool all_weigh(const int16_t* weights, int pairs, int pixels, int16_t first, int16_t second) {
  for (int pair = 0; pair < pairs; ++pair, weights += 2 * kSumGroup) {
    for (int i = 0; i < pixels; ++i) {
      if (weights[2 * i] != first || weights[2 * i + 1] != second) return false;
    }
  }
  return true;
}

inline void plan_columns_neon(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int width,
                              const Scratch& scratch) {
  plan_sums(plane, grid, table, width, scratch);
  GroupPlan& plan = *static_cast<GroupPlan*>(scratch.plan);
  if (!plan.usable) return;
  const int groups = sample_pitch(width) / kSumGroup, pairs = plan.pairs;
  int16_t* end = scratch.columns + static_cast<ptrdiff_t>(groups) * pairs * 2 * kSumGroup;  // of the weights
  uint8_t* places = reinterpret_cast<uint8_t*>(end);
  int32_t* kinds = reinterpret_cast<int32_t*>(places + static_cast<ptrdiff_t>(groups) * 4 * kSumGroup);
  plan.places = places;
  plan.groups = kinds;
  const bool power = (plan.weight & (plan.weight - 1)) == 0;  // then a product with it is exact in fp32
  const auto weight = static_cast<int16_t>(-plan.weight);
  for (int group = 0; group < groups; ++group, places += 4 * kSumGroup) {
    const int* first = plan.first + group * kSumGroup;
    const int used = width - group * kSumGroup < kSumGroup ? width - group * kSumGroup : kSumGroup;
    int base = first[0], reach = first[0];
    bool adjacent = pairs <= 4, ones = pairs == 1;
    for (int i = 1; i < used; ++i) {
      adjacent = adjacent && first[i] == first[i - 1] + 2 * pairs;
      ones = ones && first[i] == first[i - 1] + 1;
      base = first[i] < base ? first[i] : base;
      reach = first[i] > reach ? first[i] : reach;
    }
    const int16_t* weights = plan.weights + static_cast<ptrdiff_t>(group) * pairs * 2 * kSumGroup;
    GroupKind kind = kFar;
    if (adjacent) {
      kind = power && all_weigh(weights, pairs, used, weight, weight) ? kAdjacentSame : kAdjacent;
    } else if (ones && power && all_weigh(weights, pairs, used, weight, 0)) {
      kind = kOnePerPixel;
    } else if (reach - base + 2 * pairs <= kPlaceWords) {
      kind = kPlaces;
      for (int i = 0; i < 4 * kSumGroup; ++i) {
        const int pixel = i / 4 < used ? i / 4 : 0;
        places[i] = static_cast<uint8_t>(2 * (first[pixel] - base) + i % 4);
      }
    }
    kinds[group] = base << kKindBits | kind;
  }
  int run = 0;
  for (int group = groups - 1; group >= 0; --group) {
    places -= 4 * kSumGroup;
    const int kind = kind_of(kinds[group]);
    if (kind == kPlaces) continue;
    const int columns = kSumGroup * (kind == kOnePerPixel ? 1 : 2 * pairs);
    const bool follows = group + 1 < groups && kinds[group + 1] == kinds[group] + (columns << kKindBits);
    run = follows ? run + 1 : 1;
    __builtin_memcpy(places, &run, sizeof(run));
  }
}

inline int16x8_t as_words(uint8x8_t bytes) { return vreinterpretq_s16_u16(vmovl_u8(bytes)); }

inline void add_products(int16x8_t values, int16x8_t weights, int32x4_t& low, int32x4_t& high) {
  low = vmlal_s16(low, vget_low_s16(values), vget_low_s16(weights));
  high = vmlal_high_s16(high, values, weights);
}

// Sums of 16 pixels from `byte` on, of RowWeights that are small. kRows: 0 if not known.
template <class Pixels, int kRows>
[[gnu::always_inline]] inline void sum_small(const uint8_t* const* rows, const uint8x16_t* known,
                                             const RowWeights& weights, ptrdiff_t byte, uint16x8_t constant,
                                             ptrdiff_t column, int16_t* const* to) {
  constexpr int kChannels = Pixels::kChannels;
  uint16x8_t sums[kChannels][2];
  for (auto& sum : sums) sum[0] = sum[1] = constant;
  const int count = kRows > 0 ? kRows : 2 * weights.pairs;
  for (int r = 0; r < count; ++r) {
    const uint8_t* both = reinterpret_cast<const uint8_t*>(weights.both + r / 2) + r % 2;
    const uint8x16_t weight = kRows > 0 ? known[r] : vld1q_dup_u8(both);
    uint8x16_t bytes[kChannels];
    Pixels::load(rows[r] + byte, bytes);
    for (int c = 0; c < kChannels; ++c) {
      sums[c][0] = vmlal_u8(sums[c][0], vget_low_u8(bytes[c]), vget_low_u8(weight));
      sums[c][1] = vmlal_high_u8(sums[c][1], bytes[c], weight);
    }
  }
  for (int c = 0; c < kChannels; ++c) {
    vst1q_s16(to[c] + column, vreinterpretq_s16_u16(sums[c][0]));
    vst1q_s16(to[c] + column + 8, vreinterpretq_s16_u16(sums[c][1]));
  }
}

// The same of other RowWeights.
template <class Pixels>
[[gnu::always_inline]] inline void sum_large(const uint8_t* const* rows, const RowWeights& weights, ptrdiff_t byte,
                                             ptrdiff_t column, int16_t* const* to) {
  constexpr int kChannels = Pixels::kChannels;
  int32x4_t sums[kChannels][4];
  for (auto& sum : sums) {
    for (int32x4_t& quarter : sum) quarter = vdupq_n_s32(weights.constant);
  }
  const int16_t* each = reinterpret_cast<const int16_t*>(weights.both);
  for (int r = 0; r < 2 * weights.pairs; ++r) {
    const int16x8_t weight = vld1q_dup_s16(each + r);
    uint8x16_t bytes[kChannels];
    Pixels::load(rows[r] + byte, bytes);
    for (int c = 0; c < kChannels; ++c) {
      add_products(as_words(vget_low_u8(bytes[c])), weight, sums[c][0], sums[c][1]);
      add_products(vreinterpretq_s16_u16(vmovl_high_u8(bytes[c])), weight, sums[c][2], sums[c][3]);
    }
  }
  const int32x4_t right = vdupq_n_s32(-weights.shift);
  for (int c = 0; c < kChannels; ++c) {
    for (int half = 0; half < 2; ++half) {
      const int16x4_t low = vmovn_s32(vshlq_s32(sums[c][2 * half], right));
      vst1q_s16(to[c] + column + 8 * half, vmovn_high_s32(low, vshlq_s32(sums[c][2 * half + 1], right)));
    }
  }
}

// Columns begin .. end - 1 of the sum of rows; to[c] is column 0 of a channel.
template <class Pixels>
[[gnu::noinline]] void sum_rows_neon(const uint8_t* const* rows, const RowWeights& weights, int begin, int end,
                                     int16_t* const* to) {
  constexpr ptrdiff_t kStep = Pixels::kStep;
  const auto all = [&](const auto& sum) {
    ptrdiff_t column = begin;
    for (; column + kLoadPixels <= end; column += kLoadPixels) sum(column);
    if (column == end) return;
    if (end - begin >= kLoadPixels) return sum(end - kLoadPixels);  // once more, up to the end
    for (; column < end; ++column) {
      for (int c = 0; c < Pixels::kChannels; ++c) {
        to[c][column] = row_sum(weights, rows, static_cast<int>(column * kStep) + Pixels::byte(c));
      }
    }
  };
  if (!weights.small) {
    return all([&](ptrdiff_t column) { sum_large<Pixels>(rows, weights, column * kStep, column, to); });
  }
  const uint16x8_t constant = vdupq_n_u16(static_cast<uint16_t>(weights.constant));
  if (weights.pairs == 1) {
    const uint8_t* both = reinterpret_cast<const uint8_t*>(weights.both);
    const uint8x16_t known[2] = {vld1q_dup_u8(both), vld1q_dup_u8(both + 1)};
    const uint8_t* const two[2] = {rows[0],
                                   rows[1]};  // copies: the compiler cannot know that sums do not overwrite them
    int16_t* own[Pixels::kChannels];
    for (int c = 0; c < Pixels::kChannels; ++c) own[c] = to[c];
    return all(
        [&](ptrdiff_t column) { sum_small<Pixels, 2>(two, known, weights, column * kStep, constant, column, own); });
  }
  all([&](ptrdiff_t column) { sum_small<Pixels, 0>(rows, nullptr, weights, column * kStep, constant, column, to); });
}

// Pairs of adjacent columns: pairs[k] holds pair k of four pixels.
template <int kPairs>
[[gnu::always_inline]] inline void load_pairs(const int16_t* from, int16x8_t* pairs) {
  const int32_t* words = reinterpret_cast<const int32_t*>(from);
  const auto copy = [&](const int32x4_t* all) {
    for (int k = 0; k < kPairs; ++k) pairs[k] = vreinterpretq_s16_s32(all[k]);
  };
  if constexpr (kPairs == 1) {
    pairs[0] = vld1q_s16(from);
  } else if constexpr (kPairs == 2) {
    copy(vld2q_s32(words).val);
  } else if constexpr (kPairs == 3) {
    copy(vld3q_s32(words).val);
  } else {
    copy(vld4q_s32(words).val);
  }
}

inline void put_four(float* to, int32x4_t sums, float32x4_t share) {
  vst1q_f32(to, vmulq_f32(vcvtq_f32_s32(sums), share));
}

// A run of groups whose columns all weigh the same: kPairs of adjacent columns per pixel, or one where it is 0.
template <int kPairs>
[[gnu::noinline]] void sum_run(const int16_t* from, int groups, float32x4_t share, float* to) {
  for (const float* const end = to + static_cast<ptrdiff_t>(groups) * kSumGroup; to < end; to += kSumGroup) {
    if constexpr (kPairs == 0) {
      const int16x8_t words = vld1q_s16(from);
      from += kSumGroup;
      put_four(to, vmovl_s16(vget_low_s16(words)), share);
      put_four(to + 4, vmovl_high_s16(words), share);
    } else {
      int16x8_t low[kPairs], high[kPairs];
      load_pairs<kPairs>(from, low);
      load_pairs<kPairs>(from + kSumGroup * kPairs, high);
      from += 2 * kSumGroup * kPairs;
      int32x4_t sum_low = vpaddlq_s16(low[0]), sum_high = vpaddlq_s16(high[0]);
      for (int k = 1; k < kPairs; ++k) {
        sum_low = vpadalq_s16(sum_low, low[k]);
        sum_high = vpadalq_s16(sum_high, high[k]);
      }
      put_four(to, sum_low, share);
      put_four(to + 4, sum_high, share);
    }
  }
}

// kPairs: 0 if more than adjacent groups may have.
template <int kPairs>
[[gnu::noinline]] void sum_columns_neon(const GroupPlan& plan, const int16_t* row, int width, float share, float* to) {
  const int pairs = kPairs > 0 ? kPairs : plan.pairs, groups = (width + kSumGroup - 1) / kSumGroup;
  const float32x4_t shares = vdupq_n_f32(share);
  const float32x4_t weighted = vdupq_n_f32(-share * static_cast<float>(plan.weight));
  int run = 1;
  for (int group = 0; group < groups; group += run, to += kSumGroup * run) {
    const int kind = kind_of(plan.groups[group]);
    const uint8_t* places = plan.places + static_cast<ptrdiff_t>(group) * 4 * kSumGroup;
    const int16_t* from = row + (plan.groups[group] >> kKindBits);
    if constexpr (kPairs > 0) {
      if (kind == kAdjacentSame || kind == kOnePerPixel) {
        __builtin_memcpy(&run, places, sizeof(run));
        run = run < groups - group ? run : groups - group;
        (kind == kAdjacentSame ? sum_run<kPairs> : sum_run<0>)(from, run, weighted, to);
        continue;
      }
    }
    run = 1;
    const int16_t* weights = plan.weights + static_cast<ptrdiff_t>(group) * pairs * 2 * kSumGroup;
    int32x4_t sums[4];
    for (int32x4_t& sum : sums) sum = vdupq_n_s32(0);
    const auto add = [&](int pair, int16x8_t low, int16x8_t high) {
      add_products(low, vld1q_s16(weights + 2 * kSumGroup * pair), sums[0], sums[1]);
      add_products(high, vld1q_s16(weights + 2 * kSumGroup * pair + 8), sums[2], sums[3]);
    };
    if (kind == kPlaces) {
      uint8x16x4_t table;
      for (int k = 0; k < 4; ++k) table.val[k] = vreinterpretq_u8_s16(vld1q_s16(from + 8 * k));
      uint8x16_t low = vld1q_u8(places), high = vld1q_u8(places + 16);
      for (int pair = 0; pair < pairs; ++pair) {
        add(pair, vreinterpretq_s16_u8(vqtbl4q_u8(table, low)), vreinterpretq_s16_u8(vqtbl4q_u8(table, high)));
        low = vaddq_u8(low, vdupq_n_u8(4));
        high = vaddq_u8(high, vdupq_n_u8(4));
      }
    } else if (kPairs > 0 && kind == kAdjacent) {
      if constexpr (kPairs > 0) {
        int16x8_t low[kPairs], high[kPairs];
        load_pairs<kPairs>(from, low);
        load_pairs<kPairs>(from + kSumGroup * kPairs, high);
        for (int k = 0; k < kPairs; ++k) add(k, low[k], high[k]);
      }
    } else {
      const int* first = plan.first + static_cast<ptrdiff_t>(group) * kSumGroup;
      for (int pair = 0; pair < pairs; ++pair) {
        const auto two_words = [&](int i) { return reinterpret_cast<const int32_t*>(row + first[i] + 2 * pair); };
        const auto four = [&](int i) {
          int32x4_t both = vld1q_dup_s32(two_words(i));
          both = vld1q_lane_s32(two_words(i + 1), both, 1);
          both = vld1q_lane_s32(two_words(i + 2), both, 2);
          return vreinterpretq_s16_s32(vld1q_lane_s32(two_words(i + 3), both, 3));
        };
        add(pair, four(0), four(4));
      }
    }
    put_four(to, vpaddq_s32(sums[0], sums[1]), shares);
    put_four(to + 4, vpaddq_s32(sums[2], sums[3]), shares);
  }
}

template <class Pixels>
void sample_row_of_channels(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, int width,
                            const Scratch& scratch, float* const* samples) {
  const GroupPlan& plan = *static_cast<const GroupPlan*>(scratch.plan);
  RowWeights weights;
  const double level = weigh_pairs(plane, grid, y, scratch, weights);
  int16_t* rows[Pixels::kChannels];
  const ptrdiff_t pitch = plane.width + 2 * table.lead + kRowPadding;
  for (int c = 0; c < Pixels::kChannels; ++c) {
    rows[c] = reinterpret_cast<int16_t*>(scratch.row) + c * pitch + table.lead;
  }
  sum_rows_neon<Pixels>(scratch.row_pointers, weights, table.begin, table.end, rows);

  float* to[Pixels::kChannels];
  Pixels::in_memory_order(plane, samples, to);
  const auto border = static_cast<int16_t>(__builtin_lrint(-level * plane.border * grid.ny));
  const auto share = static_cast<float>(1 / (level * grid.ny * grid.nx * plan.weight));
  const auto sum_columns = plan.pairs == 1   ? sum_columns_neon<1>
                           : plan.pairs == 2 ? sum_columns_neon<2>
                           : plan.pairs == 3 ? sum_columns_neon<3>
                           : plan.pairs == 4 ? sum_columns_neon<4>
                                             : sum_columns_neon<0>;
  const int last = plane.width - 1;
  for (int c = 0; c < Pixels::kChannels; ++c) {
    int16_t* row = rows[c];
    for (int column = 1; column <= table.lead; ++column) {
      row[-column] = plane.replicate ? row[0] : border;
      row[last + column] = plane.replicate ? row[last] : border;
    }
    sum_columns(plan, row - table.lead, width, share, to[c]);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
