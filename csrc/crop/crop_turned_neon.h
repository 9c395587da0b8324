// Turned boxes by NEON: the arithmetic of Note [Fixed-point taps] in crop_taps.h, with the same bits, eight taps of a row at
// a time. Internal linkage. A Sums adds taps to 32-bit sums: see PlainSums.
//
// A channel of a window of Note [Windows of eight taps] (crop_turned.h) is four registers, and one table look-up in them
// fetches a corner of all eight taps.
#pragma once

#include "crop/crop_look_up_neon.h"

namespace edgeaffect::detail {
namespace {

constexpr int kGroups = TurnedPlan<>::kGroups;
constexpr int16_t kTopBit = INT16_MIN;

// Words whose high byte lies beyond any table: a look-up leaves 0 there, and a pixel in the low byte.
constexpr uint16_t kNoByte = 0xff00;

inline void plan_turned(const Plane&, const TapGrid& grid, const Scratch& scratch) {
  plan_cells<kGroupTaps>(grid, scratch, kCellRows, kCellColumns,
                         [](int row, int column) { return kNoByte | (row * kCellColumns + column); });
}

// A constant that stays in its register: an immediate operand would cost a copy of what it changes.
inline uint16x8_t kept(uint16x8_t constant) {
  __asm__("" : "+w"(constant));
  return constant;
}

// Where eight taps lie, from a TurnedPlan.
struct GroupLanes {
  uint16x8_t u, v, cell;

  GroupLanes(const TurnedPlan<>& plan, int group)
      : u(vld1q_u16(plan.u + group * kGroupTaps)),
        v(vld1q_u16(plan.v + group * kGroupTaps)),
        cell(vld1q_u16(plan.cell + group * kGroupTaps)) {}
};

// The corners and weights of eight taps in a window, as words.
struct GroupTaps {
  uint16x8_t upper_left;  // cells
  int16x8_t weights[4];  // upper left, upper right, lower left, lower right

  [[gnu::always_inline]] GroupTaps(const GroupLanes& lanes, uint16x8_t corner_u, uint16x8_t corner_v) {
    const uint16x8_t top = vdupq_n_u16(static_cast<uint16_t>(kTopBit)), below = kept(vdupq_n_u16(kFractionOne - 1));
    const uint16x8_t u = vaddq_u16(lanes.u, corner_u);
    const uint16x8_t v = vaddq_u16(lanes.v, corner_v);
    constexpr int kToRow = kFractionBits - 4;  // a carry of v is worth kCellColumns
    static_assert(1 << (kFractionBits - kToRow) == kCellColumns);
    const uint16x8_t cell = vsraq_n_u16(lanes.cell, u, kFractionBits);
    upper_left = vsraq_n_u16(cell, vandq_u16(v, top), kToRow);
    const int16x8_t fy = vreinterpretq_s16_u16(vandq_u16(v, below));
    const int16x8_t left = vreinterpretq_s16_u16(vorrq_u16(u, top));  // the fraction less one
    const int16x8_t right = vnegq_s16(vreinterpretq_s16_u16(vandq_u16(u, below)));
    weights[2] = vqrdmulhq_s16(left, fy);  // (2 a b + 2^15) >> 16
    weights[3] = vqrdmulhq_s16(right, fy);
    weights[0] = vsubq_s16(left, weights[2]);
    weights[1] = vsubq_s16(right, weights[3]);
  }
};

// Sums of eight columns of taps per channel, by products of words.
template <class Pixels>
class PlainSums {
 public:
  PlainSums() {
    for (auto& sum : sums_) sum[0] = sum[1] = vdupq_n_s32(0);
  }

  // Adds taps of the window at `from`.
  [[gnu::always_inline]] void add(const uint8_t* from, ptrdiff_t stride, const GroupTaps& taps) {
    const uint16x8_t cell = taps.upper_left, one = vdupq_n_u16(1), lower = vaddq_u16(cell, vdupq_n_u16(kCellColumns));
    const uint8x16_t cells[4] = {vreinterpretq_u8_u16(cell), vreinterpretq_u8_u16(vaddq_u16(cell, one)),
                                 vreinterpretq_u8_u16(lower), vreinterpretq_u8_u16(vaddq_u16(lower, one))};
    uint8x16_t corners[kChannels][4];
    look_up<Pixels>(from, stride, cells, corners);
    // Written out: sums must stay in registers, and clang unrolls too late for that.
    add_channel<0>(corners, taps.weights);
    if constexpr (kChannels > 1) add_channel<1>(corners, taps.weights);
    if constexpr (kChannels > 2) add_channel<2>(corners, taps.weights);
  }

  int32x4_t sum(int channel, int half) const { return sums_[channel][half]; }

 private:
  static constexpr int kChannels = Pixels::kChannels;

  template <int kChannel>
  [[gnu::always_inline]] void add_channel(const uint8x16_t (*corners)[4], const int16x8_t* weights) {
    const auto add = [&](int i) __attribute__((always_inline)) {
      const int16x8_t pixels = vreinterpretq_s16_u8(corners[kChannel][i]);
      sums_[kChannel][0] = vmlal_s16(sums_[kChannel][0], vget_low_s16(pixels), vget_low_s16(weights[i]));
      sums_[kChannel][1] = vmlal_high_s16(sums_[kChannel][1], pixels, weights[i]);
    };
    add(0);
    add(1);
    add(2);
    add(3);
  }

  int32x4_t sums_[kChannels][2];
};

// Places of the windows of `blocks` blocks of a row of taps; (u, v) in 2^-32 pixel.
[[gnu::noinline]] inline void place_windows(const TurnedPlan<>& plan, const TapBlock& block, int64_t u, int64_t v,
                                            int64_t step_u, int64_t step_v, int blocks, const WindowPlaces& places) {
  constexpr int kDropped = 32 - kFractionBits;
  constexpr int64_t kHalf = 1 << (kDropped - 1);
  const int64_t first_u[2] = {u + kHalf, u + kHalf + step_u}, first_v[2] = {v + kHalf, v + kHalf + step_v};
  const int64x2_t two_u = vdupq_n_s64(2 * step_u), two_v = vdupq_n_s64(2 * step_v);
  const auto twice = [](const int32_t* corners) {
    const int32x2_t both = vld1_s32(corners);
    return vcombine_s32(both, both);
  };
  const int32x4_t corner_u = twice(plan.corner_u), corner_v = twice(plan.corner_v);
  const int32x4_t below_one = vdupq_n_s32(kFractionOne - 1);
  int64x2_t at_u = vld1q_s64(first_u), at_v = vld1q_s64(first_v);
  const auto each_twice = [](int32x2_t corners) {
    const int32x4_t both = vcombine_s32(corners, corners);
    return vzip1q_s32(both, both);
  };
  int32_t* offset = places.offsets;
  uint32_t* fraction = places.fractions;
  for (const int32_t* const end = offset + kGroups * blocks; offset < end; offset += 4, fraction += 4) {
    const int32x4_t from_u = vaddq_s32(each_twice(vshrn_n_s64(at_u, kDropped)), corner_u);
    const int32x4_t from_v = vaddq_s32(each_twice(vshrn_n_s64(at_v, kDropped)), corner_v);
    const int32x4_t across = vmulq_n_s32(vshrq_n_s32(from_u, kFractionBits), block.step);
    vst1q_s32(offset, vmlaq_n_s32(across, vshrq_n_s32(from_v, kFractionBits), block.stride));
    const int32x4_t low = vandq_s32(from_u, below_one), high = vandq_s32(from_v, below_one);
    vst1q_u32(fraction, vreinterpretq_u32_s32(vsliq_n_s32(low, high, 16)));
    at_u = vaddq_s64(at_u, two_u);
    at_v = vaddq_s64(at_v, two_v);
  }
}

// Sums of columns of taps; columns[c] takes whole groups. kLines: 0 if not known.
template <class Pixels, class Sums, bool kInside, int kLines>
[[gnu::noinline]] void sum_turned(const Plane& plane, const TurnedPlan<>& plan, const TurnedTile& tile,
                                  const WindowPlaces& places, ptrdiff_t pitch, int32_t* const* columns) {
  constexpr int kChannels = Pixels::kChannels;
  const int lines = kLines > 0 ? kLines : tile.lines, groups = tile.taps / kGroupTaps;
  const uint8_t* data = plane.data;
  const ptrdiff_t stride = plane.stride;
  for (int half = 0; half < kGroups; ++half) {
    const GroupLanes lanes(plan, half);
    int32_t* to[kChannels];
    for (int c = 0; c < kChannels; ++c) to[c] = columns[c] + half * kGroupTaps;
    const int32_t* offset = places.offsets + half;
    const uint32_t* fraction = places.fractions + half;
    for (int group = half; group < groups; group += kGroups, offset += kGroups, fraction += kGroups) {
      Sums sums;
      const int32_t* line_offset = offset;
      const uint32_t* line_fraction = fraction;
      for (int line = 0; line < lines; ++line, line_offset += pitch, line_fraction += pitch) {
        if constexpr (kInside) {
          const uint16x4_t both = vreinterpret_u16_u32(vld1_dup_u32(line_fraction));
          sums.add(data + *line_offset, stride, GroupTaps(lanes, vdupq_lane_u16(both, 0), vdupq_lane_u16(both, 1)));
        } else {
          constexpr int kDropped = 32 - kFractionBits;
          const auto corner = [&](int64_t start, int64_t step, const int32_t* from) {
            return ((start + group / kGroups * step + (1 << (kDropped - 1))) >> kDropped) + from[half];
          };
          const int64_t u = corner(tile.u[line], tile.step_u, plan.corner_u);
          const int64_t v = corner(tile.v[line], tile.step_v, plan.corner_v);
          alignas(16) uint8_t patch[kCellRows * kCellColumns * Pixels::kStep];
          ptrdiff_t own_stride;
          const uint8_t* from = window_at(plane, u, v, patch, own_stride);
          const auto below_one = [](int64_t at) { return vdupq_n_u16(static_cast<uint16_t>(at & (kFractionOne - 1))); };
          sums.add(from, own_stride, GroupTaps(lanes, below_one(u), below_one(v)));
        }
      }
      for (int c = 0; c < kChannels; ++c) {
        vst1q_s32(to[c], sums.sum(c, 0));
        vst1q_s32(to[c] + 4, sums.sum(c, 1));
        to[c] += kGroups * kGroupTaps;
      }
    }
  }
}

// Sums of the `taps` columns of each of four pixels.
[[gnu::always_inline]] inline int32x4_t four_pixels(const int32_t* columns, int taps) {
  if (taps == 1) return vld1q_s32(columns);
  if (taps == 2) {
    return vpaddq_s32(vld1q_s32(columns), vld1q_s32(columns + 4));
  }
  if (taps == 3) {
    const int32x4x3_t three = vld3q_s32(columns);
    return vaddq_s32(vaddq_s32(three.val[0], three.val[1]), three.val[2]);
  }
  int32x4_t sum = vdupq_n_s32(0);
  int tap = 0;
  for (; tap + 4 <= taps; tap += 4) {
    const auto pixel = [&](int i) { return vld1q_s32(columns + i * taps + tap); };
    sum = vaddq_s32(sum, vpaddq_s32(vpaddq_s32(pixel(0), pixel(1)), vpaddq_s32(pixel(2), pixel(3))));
  }
  for (; tap < taps; ++tap) {
    const int32_t* at = columns + tap;
    int32x4_t rest = vld1q_dup_s32(at);
    rest = vld1q_lane_s32(at + taps, rest, 1);
    rest = vld1q_lane_s32(at + 2 * taps, rest, 2);
    sum = vaddq_s32(sum, vld1q_lane_s32(at + 3 * taps, rest, 3));
  }
  return sum;
}

// Means of `pixels` pixels from their columns of taps.
[[gnu::noinline]] inline void put_pixels(const int32_t* columns, int taps, int pixels, float share, float* to) {
  const float32x4_t shares = vdupq_n_f32(share);
  int x = 0;
  const auto put_all = [&](int known) {
    for (; known == 1 && x + 8 <= pixels; x += 8, columns += 8) {
      vst1q_f32(to + x, vmulq_f32(vcvtq_f32_s32(vld1q_s32(columns)), shares));
      vst1q_f32(to + x + 4, vmulq_f32(vcvtq_f32_s32(vld1q_s32(columns + 4)), shares));
    }
    for (; x + 4 <= pixels; x += 4, columns += 4 * known) {
      vst1q_f32(to + x, vmulq_f32(vcvtq_f32_s32(four_pixels(columns, known)), shares));
    }
  };
  switch (taps) {
    case 1:
      put_all(1);
      break;
    case 2:
      put_all(2);
      break;
    case 3:
      put_all(3);
      break;
    case 4:
      put_all(4);
      break;
    case 5:
      put_all(5);
      break;
    default:
      put_all(taps);
  }
  for (; x < pixels; ++x, columns += taps) {
    int32_t sum = 0;
    for (int i = 0; i < taps; ++i) sum += columns[i];
    to[x] = static_cast<float>(sum) * share;
  }
}

template <class Pixels, class Sums>
void sample_row_turned(const Plane& plane, const TapGrid& grid, int y, int width, const Scratch& scratch,
                       float* const* samples) {
  const TurnedPlan<>& plan = *static_cast<const TurnedPlan<>*>(scratch.plan);
  const float share = static_cast<float>(-1.0 / (static_cast<double>(kFractionOne) * grid.nx * grid.ny));
  float* to[Pixels::kChannels];
  Pixels::in_memory_order(plane, samples, to);
  // Scratch that nothing else needs here, for whole blocks of taps.
  int32_t* weights = reinterpret_cast<int32_t*>(scratch.weights);
  int32_t* const columns[kMaxPlaneChannels] = {scratch.offsets, weights, weights + scratch.tile_pitch};
  const int pitch = scratch.tile_pitch / kGroupTaps + kGroups;  // of places, which come in fours
  int32_t* offsets = reinterpret_cast<int32_t*>(scratch.patches);
  const WindowPlaces places{offsets, reinterpret_cast<uint32_t*>(offsets + pitch * grid.ny)};
  for (int x = 0; x < width; x += scratch.tile_pixels) {
    const int pixels = width - x < scratch.tile_pixels ? width - x : scratch.tile_pixels, count = pixels * grid.nx;
    const TurnedTile tile(plane, grid, static_cast<int64_t>(x) * grid.nx, static_cast<int64_t>(y) * grid.ny, count,
                          kGroupTaps);
    if (tile.inside) {
      TapBlock block;
      block.stride = static_cast<int32_t>(plane.stride);
      block.step = plane.step;
      for (int line = 0; line < tile.lines; ++line) {
        place_windows(plan, block, tile.u[line], tile.v[line], tile.step_u, tile.step_v,
                      (tile.taps + kTapBlock - 1) / kTapBlock,
                      {places.offsets + line * pitch, places.fractions + line * pitch});
      }
      (tile.lines == 1 ? sum_turned<Pixels, Sums, true, 1> : sum_turned<Pixels, Sums, true, 0>)(plane, plan, tile,
                                                                                                places, pitch, columns);
    } else {
      sum_turned<Pixels, Sums, false, 0>(plane, plan, tile, places, pitch, columns);
    }
    for (int c = 0; c < Pixels::kChannels; ++c) put_pixels(columns[c], grid.nx, pixels, share, to[c] + x);
  }
}

template <template <class> class Sums>
void sample_rows_turned(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                        float* const* samples) {
  const ptrdiff_t pitch = sample_pitch(width);
  with_pixel_bytes(plane, [&](auto pixels) {
    using Pixels = decltype(pixels);
    for (int r = 0; r < rows; ++r) {
      float* row[kMaxPlaneChannels];
      for (int c = 0; c < Pixels::kChannels; ++c) row[c] = samples[c] + r * pitch;
      sample_row_turned<Pixels, Sums<Pixels>>(plane, grid, y + r, width, scratch, row);
    }
  });
}

}  // namespace
}  // namespace edgeaffect::detail
