// NEON unit; every aarch64 processor has it.
#include <arm_neon.h>

#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Neon {
  static void plan_block(const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    for (int lane = 0; lane < kTapBlock; lane += 4) plan_four(b, lane, offsets + lane, weights + 2 * lane);
  }

  // One tap per step: (left, right) 16-bit pairs of up to four channels against pairs of weights.
  static void add_taps(const Plane& plane, const TapRows& rows, const Scratch& scratch, int pixels, int per_pixel,
                       int first, int count) {
    uint8_t bytes[8] = {};
    for (int c = 0; c < plane.channels; ++c) {
      bytes[2 * c] = static_cast<uint8_t>(plane.offset[c]);
      bytes[2 * c + 1] = static_cast<uint8_t>(plane.offset[c] + plane.step);
    }
    const uint8x8_t spread = vld1_u8(bytes);
    for (int x = 0; x < pixels; ++x) {
      const int32_t* offsets = scratch.offsets + x * per_pixel + first;
      const uint32_t* weights = scratch.weights + 2 * (x * per_pixel + first);
      int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
      for (int i = 0; i < count; ++i) {
        const uint8_t* upper = rows.base + offsets[i];
        add_row(upper, spread, weights[2 * i], low, high);
        add_row(upper + rows.stride, spread, weights[2 * i + 1], low, high);
      }
      int32_t* to = scratch.sums + 4 * x;
      vst1q_s32(to, vaddq_s32(vld1q_s32(to), vpaddq_s32(low, high)));
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
  static void add_row(const uint8_t* from, uint8x8_t spread, uint32_t pair, int32x4_t& low, int32x4_t& high) {
    const int16x8_t corners = vreinterpretq_s16_u16(vmovl_u8(vtbl1_u8(vld1_u8(from), spread)));
    const int16x4_t weight = vreinterpret_s16_u32(vdup_n_u32(pair));
    low = vmlal_s16(low, vget_low_s16(corners), weight);
    high = vmlal_s16(high, vget_high_s16(corners), weight);
  }

  static void plan_four(const TapBlock& b, int lane, int32_t* offsets, uint32_t* weights) {
    const float first[4] = {0, 1, 2, 3};
    const float32x4_t lanes = vaddq_f32(vld1q_f32(first), vdupq_n_f32(static_cast<float>(lane)));
    const float32x4_t u = vaddq_f32(vdupq_n_f32(b.u), vmulq_n_f32(lanes, b.du));
    const float32x4_t v = vaddq_f32(vdupq_n_f32(b.v), vmulq_n_f32(lanes, b.dv));
    const float32x4_t u_floor = vrndmq_f32(u), v_floor = vrndmq_f32(v);
    const int32x4_t x = vcvtq_s32_f32(u_floor), y = vcvtq_s32_f32(v_floor);
    const int32x4_t fx = vcvtnq_s32_f32(vmulq_n_f32(vsubq_f32(u, u_floor), 32767.0f));
    const int32x4_t fy =
        vminq_s32(vcvtnq_s32_f32(vmulq_n_f32(vsubq_f32(v, v_floor), 32768.0f)), vdupq_n_s32(kWeightOne));
    const int16x8_t pair =
        vreinterpretq_s16_s32(vorrq_s32(vsubq_s32(vdupq_n_s32(kWeightOne), fx), vshlq_n_s32(fx, 16)));
    // vqrdmulh is (2 a b + 2^15) >> 16
    const int16x8_t lower = vqrdmulhq_s16(pair, vreinterpretq_s16_s32(vorrq_s32(fy, vshlq_n_s32(fy, 16))));
    const uint32x4_t upper = vreinterpretq_u32_s16(vsubq_s16(pair, lower));
    const int32x4_t offset = vmlaq_n_s32(vmulq_n_s32(y, b.stride), x, b.step);
    vst1q_s32(offsets, vaddq_s32(offset, vdupq_n_s32(b.offset)));
    vst2q_u32(weights, uint32x4x2_t{{upper, vreinterpretq_u32_s16(lower)}});
  }
};

}  // namespace

const Kernels kNeonKernels = make_kernels<Neon>();

}  // namespace edgeaffect::detail
