// Portable unit: the same integer arithmetic as the SIMD units, one tap at a time.
#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Scalar {
  static void plan_block(const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    for (int i = 0; i < kTapBlock; ++i) {
      const float u = b.u + static_cast<float>(i) * b.du, v = b.v + static_cast<float>(i) * b.dv;
      const int x = floor_small(u), y = floor_small(v);
      const int fx = static_cast<int>(__builtin_lrintf((u - static_cast<float>(x)) * 32767.0f));
      int fy = static_cast<int>(__builtin_lrintf((v - static_cast<float>(y)) * 32768.0f));
      fy = fy > kWeightOne ? kWeightOne : fy;
      const int lower0 = ((kWeightOne - fx) * fy + 0x4000) >> 15, lower1 = (fx * fy + 0x4000) >> 15;
      offsets[i] = b.offset + y * b.stride + x * b.step;
      weights[2 * i] = static_cast<uint32_t>((kWeightOne - fx - lower0) | (fx - lower1) << 16);
      weights[2 * i + 1] = static_cast<uint32_t>(lower0 | lower1 << 16);
    }
  }

  static void add_taps(const Plane& plane, const TapRows& rows, const Scratch& scratch, int pixels, int per_pixel,
                       int first, int count) {
    for (int x = 0; x < pixels; ++x) {
      const int32_t* offsets = scratch.offsets + x * per_pixel + first;
      const uint32_t* weights = scratch.weights + 2 * (x * per_pixel + first);
      for (int i = 0; i < count; ++i) {
        const uint8_t* upper = rows.base + offsets[i];
        const uint8_t* lower = upper + rows.stride;
        const uint32_t w0 = weights[2 * i], w1 = weights[2 * i + 1];
        for (int c = 0; c < plane.channels; ++c) {
          const int left = plane.offset[c], right = left + plane.step;
          scratch.sums[4 * x + c] += static_cast<int32_t>(upper[left] * (w0 & 0xffff) + upper[right] * (w0 >> 16) +
                                                          lower[left] * (w1 & 0xffff) + lower[right] * (w1 >> 16));
        }
      }
    }
  }

  template <bool kMore>
  static void sum_chunk(const uint8_t* const* rows, const int16_t* weights, int pairs, int byte, float share,
                        float constant, float* to) {
    int32_t sums[kRowChunk] = {};
    for (int r = 0; r < 2 * pairs; ++r) {
      for (int i = 0; i < kRowChunk; ++i) sums[i] += weights[r] * rows[r][byte + i];
    }
    for (int i = 0; i < kRowChunk; ++i) to[i] = (kMore ? to[i] : constant) + static_cast<float>(sums[i]) * share;
  }
};

}  // namespace

const Kernels kScalarKernels = make_kernels<Scalar>();

}  // namespace edgeaffect::detail
