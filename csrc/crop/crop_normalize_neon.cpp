// NEON unit; every aarch64 processor has it.
#include <arm_neon.h>

#include "crop/crop_aligned_neon.h"
#include "crop/crop_turned_neon.h"
#include "crop/crop_write_neon.h"

namespace edgeaffect::detail {
namespace {

struct Neon {
  template <bool kSingle>
  static void plan_block(const TapLanes& lanes, const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    const int32x4_t below_one = vdupq_n_s32(kFractionOne - 1), one = vdupq_n_s32(kFractionOne);
    const int32x4_t corner_u = vdupq_n_s32(b.u), corner_v = vdupq_n_s32(b.v), start = vdupq_n_s32(b.offset);
    for (int lane = 0; lane < kTapBlock; lane += 4) {
      const int32x4_t u = vaddq_s32(corner_u, vld1q_s32(lanes.u + lane));
      const int32x4_t v = vaddq_s32(corner_v, vld1q_s32(lanes.v + lane));
      const int32x4_t fx = vandq_s32(u, below_one);
      const int16x8_t fy = vreinterpretq_s16_s32(vandq_s32(v, below_one));
      const int16x8_t pair = vreinterpretq_s16_s32(vsubq_s32(vaddq_s32(fx, one), vshlq_n_s32(fx, 16)));
      // vqrdmulh is (2 a b + 2^15) >> 16
      const int16x8_t low = vqrdmulhq_s16(pair, vtrn1q_s16(fy, fy));
      const uint32x4_t lower = vreinterpretq_u32_s16(low), upper = vreinterpretq_u32_s16(vsubq_s16(pair, low));
      const int32x4_t across = vmlaq_n_s32(start, vshrq_n_s32(u, kFractionBits), b.step);
      vst1q_s32(offsets + lane, vmlaq_n_s32(across, vshrq_n_s32(v, kFractionBits), b.stride));
      if constexpr (kSingle) {  // four upper, then four lower ones
        vst1q_u32(weights + 2 * lane, upper);
        vst1q_u32(weights + 2 * lane + 4, lower);
      } else {  // one upper, then one lower one
        const uint32x4x2_t both = {{upper, lower}};  // named: in clang vst2q_u32 is a macro
        vst2q_u32(weights + 2 * lane, both);
      }
    }
  }

  static void sum_pixels(const Plane& plane, const TapRows& rows, const Scratch& scratch, const TapSpan& span) {
    plane.channels == 3 ? sum_channels<true>(plane, rows, scratch, span)
                        : sum_channels<false>(plane, rows, scratch, span);
  }

  // Four columns of taps at a time: two bytes of each upper row, then of each lower row.
  [[gnu::noinline]] static void sum_columns(const TapRows& rows, const Scratch& scratch, int columns, int lines) {
    const uint8_t *upper = rows.base, *lower = rows.base + rows.stride;
    for (int column = 0; column < columns; column += 4) {
      const int32_t* offsets = scratch.offsets + column;
      const uint32_t* weights = scratch.weights + 2 * column;
      int32_t padded[4];
      int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
      for (int line = 0; line < lines; ++line, offsets += scratch.tile_pitch, weights += 2 * scratch.tile_pitch) {
        const int32_t* at = offsets;
        if (columns - column < 4) {  // no tap lies beyond the last
          for (int i = 0; i < 4; ++i) padded[i] = offsets[i < columns - column ? i : 0];
          at = padded;
        }
        const ptrdiff_t a = at[0], b = at[1], c = at[2], d = at[3];
        uint16x8_t bytes = vdupq_n_u16(0);
        bytes = vld1q_lane_u16(two(upper + a), bytes, 0);
        bytes = vld1q_lane_u16(two(upper + b), bytes, 1);
        bytes = vld1q_lane_u16(two(upper + c), bytes, 2);
        bytes = vld1q_lane_u16(two(upper + d), bytes, 3);
        bytes = vld1q_lane_u16(two(lower + a), bytes, 4);
        bytes = vld1q_lane_u16(two(lower + b), bytes, 5);
        bytes = vld1q_lane_u16(two(lower + c), bytes, 6);
        bytes = vld1q_lane_u16(two(lower + d), bytes, 7);
        const uint8x16_t both = vreinterpretq_u8_u16(bytes);
        add_products(words(vget_low_u8(both)), vreinterpretq_s16_u32(vld1q_u32(weights)), low, high);
        add_products(words(vget_high_u8(both)), vreinterpretq_s16_u32(vld1q_u32(weights + 4)), low, high);
      }
      vst1q_s32(scratch.column_sums + column, vpaddq_s32(low, high));
    }
  }

  template <bool kMore>
  static void sum_chunk(const uint8_t* const* rows, const int16_t* weights, int pairs, int byte, float share,
                        float constant, float* to) {
    constexpr int kVectors = kRowChunk / 4;
    int32x4_t sums[kVectors];
    for (int32x4_t& sum : sums) sum = vdupq_n_s32(0);
    for (int r = 0; r < 2 * pairs; ++r) {
      for (int k = 0; k < kVectors; k += 4) {
        const uint8x16_t bytes = vld1q_u8(rows[r] + byte + 4 * k);
        const int16x8_t low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
        const int16x8_t high = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(bytes)));
        sums[k] = vmlal_n_s16(sums[k], vget_low_s16(low), weights[r]);
        sums[k + 1] = vmlal_n_s16(sums[k + 1], vget_high_s16(low), weights[r]);
        sums[k + 2] = vmlal_n_s16(sums[k + 2], vget_low_s16(high), weights[r]);
        sums[k + 3] = vmlal_n_s16(sums[k + 3], vget_high_s16(high), weights[r]);
      }
    }
    for (int k = 0; k < kVectors; ++k) {
      const float32x4_t before = kMore ? vld1q_f32(to + 4 * k) : vdupq_n_f32(constant);
      vst1q_f32(to + 4 * k, vaddq_f32(before, vmulq_n_f32(vcvtq_f32_s32(sums[k]), share)));
    }
  }

 private:
  static const uint16_t* two(const uint8_t* from) { return reinterpret_cast<const uint16_t*>(from); }

  static int16x8_t words(uint8x8_t bytes) { return vreinterpretq_s16_u16(vmovl_u8(bytes)); }

  // One tap per step: 16-bit pairs (left, right) of two channels of the upper row, then of the lower row, and of the third
  // channel of both rows, against pairs of weights.
  template <bool kThird>
  static void sum_channels(const Plane& plane, const TapRows& rows, const Scratch& scratch, const TapSpan& span) {
    uint8_t order[2][16];
    __builtin_memset(order, 255, sizeof(order));  // beyond the table: 0
    for (int c = 0; c < plane.channels; ++c) {
      for (int row = 0; row < 2; ++row) {
        uint8_t* to = c < 2 ? order[0] + 8 * row + 4 * c : order[1] + 4 * row;
        to[0] = static_cast<uint8_t>(8 * row + plane.offset[c]);
        to[2] = static_cast<uint8_t>(to[0] + plane.step);
      }
    }
    const uint8x16_t first_two = vld1q_u8(order[0]);
    const uint8x8_t third = vld1_u8(order[1]);
    // Known numbers of taps are unrolled.
    switch (span.count) {
      case 1:
        return sum_taps<kThird, 1>(rows, scratch, span, first_two, third);
      case 2:
        return sum_taps<kThird, 2>(rows, scratch, span, first_two, third);
      case 3:
        return sum_taps<kThird, 3>(rows, scratch, span, first_two, third);
      case 4:
        return sum_taps<kThird, 4>(rows, scratch, span, first_two, third);
      case 5:
        return sum_taps<kThird, 5>(rows, scratch, span, first_two, third);
      default:
        return sum_taps<kThird, 0>(rows, scratch, span, first_two, third);
    }
  }

  // kTaps: 0 if not known. A function of its own has registers enough.
  template <bool kThird, int kTaps>
  [[gnu::noinline]] static void sum_taps(const TapRows& rows, const Scratch& scratch, const TapSpan& span,
                                         uint8x16_t first_two, uint8x8_t third) {
    const int taps = kTaps > 0 ? kTaps : span.count, lines = span.lines;
    const ptrdiff_t pitch = scratch.tile_pitch;
    const uint8_t *upper = rows.base, *lower = rows.base + rows.stride;
    const int32_t* pixel_offsets = scratch.offsets + span.first;
    const uint32_t* pixel_weights = scratch.weights + 2 * span.first;
    int32_t* to = scratch.sums;
    const int32_t* const end = to + 4 * static_cast<ptrdiff_t>(span.pixels);
    for (; to < end; to += 4, pixel_offsets += span.per_pixel, pixel_weights += 2 * span.per_pixel) {
      const int32_t* offsets = pixel_offsets;
      const uint32_t* weights = pixel_weights;
      int32x4_t sum_a = vdupq_n_s32(0), sum_b = vdupq_n_s32(0), sum_third = vdupq_n_s32(0);
      for (int line = 0; line < lines; ++line, offsets += pitch, weights += 2 * pitch) {
        for (int i = 0; i < taps; ++i) {
          const ptrdiff_t at = offsets[i];
          const uint8x16_t bytes = vcombine_u8(vld1_u8(upper + at), vld1_u8(lower + at));
          const uint32x4_t both = vld1q_u32(weights + 2 * i);  // its two, and two that do not count
          const int16x8_t weight = vreinterpretq_s16_u32(vzip1q_u32(both, both));  // upper twice, lower twice
          add_products(vreinterpretq_s16_u8(vqtbl1q_u8(bytes, first_two)), weight, sum_a, sum_b);
          if constexpr (kThird) {
            sum_third = vmlal_s16(sum_third, vreinterpret_s16_u8(vqtbl1_u8(bytes, third)),
                                  vreinterpret_s16_u32(vget_low_u32(both)));
          }
        }
      }
      const int32x4_t rest = vpaddq_s32(sum_third, sum_third);
      vst1q_s32(to, vpaddq_s32(vaddq_s32(sum_a, sum_b), rest));
    }
  }
};

void sample_row_aligned_neon(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, int width,
                             const Scratch& scratch, float* const* samples) {
  if (!static_cast<const GroupPlan*>(scratch.plan)->usable) {
    return sample_row_aligned<Neon>(plane, grid, table, y, width, scratch, samples);
  }
  with_pixel_bytes(plane, [&](auto pixels) {
    sample_row_of_channels<decltype(pixels)>(plane, grid, table, y, width, scratch, samples);
  });
}

// Steep rows and pixels of very many taps go tap by tap.
void sample_rows_neon(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                      float* const* samples) {
  static_cast<const TurnedPlan<>*>(scratch.plan)->usable
      ? sample_rows_turned<PlainSums>(plane, grid, y, rows, width, scratch, samples)
      : sample_rows<Neon>(plane, grid, y, rows, width, scratch, samples);
}

static_assert(sizeof(GroupPlan) <= kPlanBytes && sizeof(TurnedPlan<>) <= kPlanBytes);

}  // namespace

const Kernels kNeonKernels{plan_turned, plan_columns_neon, sample_rows_neon, sample_row_aligned_neon, write_row_neon};

}  // namespace edgeaffect::detail
