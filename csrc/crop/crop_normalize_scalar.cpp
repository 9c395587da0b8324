// Portable unit: the same integer arithmetic as the SIMD units, one tap at a time.
#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Scalar {
  template <bool kSingle>
  static void plan_block(const TapLanes& lanes, const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    for (int i = 0; i < kTapBlock; ++i) {
      const int u = b.u + lanes.u[i], v = b.v + lanes.v[i];
      const int fx = u & (kFractionOne - 1), fy = v & (kFractionOne - 1);
      const int left = fx - kFractionOne, right = -fx;
      const int lower_left = (left * fy + kFractionOne / 2) >> kFractionBits;
      const int lower_right = (right * fy + kFractionOne / 2) >> kFractionBits;
      offsets[i] = b.offset + (v >> kFractionBits) * b.stride + (u >> kFractionBits) * b.step;
      weights[2 * i] = pair(left - lower_left, right - lower_right);
      weights[2 * i + 1] = pair(lower_left, lower_right);
    }
  }

  static void sum_pixels(const Plane& plane, const TapRows& rows, const Scratch& scratch, const TapSpan& span) {
    for (int x = 0; x < span.pixels; ++x) {
      int32_t sums[4] = {};
      for (int line = 0; line < span.lines; ++line) {
        const int at = line * scratch.tile_pitch + x * span.per_pixel + span.first;
        for (int i = at; i < at + span.count; ++i) {
          const uint8_t* upper = rows.base + scratch.offsets[i];
          for (int c = 0; c < plane.channels; ++c) {
            sums[c] += tap(upper + plane.offset[c], rows.stride, plane.step, scratch.weights + 2 * i);
          }
        }
      }
      __builtin_memcpy(scratch.sums + 4 * x, sums, sizeof(sums));
    }
  }

  static void sum_columns(const TapRows& rows, const Scratch& scratch, int columns, int lines) {
    for (int column = 0; column < columns; ++column) {
      int32_t sum = 0;
      for (int line = 0; line < lines; ++line) {
        const int i = line * scratch.tile_pitch + column;
        sum += tap(rows.base + scratch.offsets[i], rows.stride, 1, scratch.weights + 2 * i);
      }
      scratch.column_sums[column] = sum;
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

  static void sum_rows(const uint8_t* const* rows, const RowWeights& weights, int begin, int end, int16_t* to) {
    for (int byte = begin; byte < end; ++byte) to[byte] = row_sum(weights, rows, byte);
  }

  static void sum_columns_16(const Plane& plane, const SumPlan& plan, const int16_t* row, int width, float share,
                             float* const* samples) {
    for (int c = 0; c < plane.channels; ++c) {
      for (int x = 0; x < width; ++x) {
        const int16_t* from = row + plan.first[x] * static_cast<ptrdiff_t>(plane.step) + plane.offset[c];
        samples[c][x] = static_cast<float>(column_sum(plan, from, plane.step, x)) * share;
      }
    }
  }

  static void sum_columns_16_single(const SumPlan& plan, const int16_t* row, int width, float share, float* samples) {
    for (int x = 0; x < width; ++x) {
      samples[x] = static_cast<float>(column_sum(plan, row + plan.first[x], 1, x)) * share;
    }
  }

 private:
  static int32_t column_sum(const SumPlan& plan, const int16_t* from, int step, int x) {
    const int16_t* weights = plan.weights + (x / kSumGroup * plan.pairs * kSumGroup + x % kSumGroup) * 2;
    int32_t sum = 0;
    for (int pair = 0; pair < plan.pairs; ++pair, from += 2 * step, weights += 2 * kSumGroup) {
      sum += from[0] * weights[0] + from[step] * weights[1];
    }
    return sum;
  }

  static uint32_t pair(int low, int high) {
    return static_cast<uint32_t>(low & 0xffff) | static_cast<uint32_t>(high) << 16;
  }

  static int32_t tap(const uint8_t* upper, ptrdiff_t stride, int step, const uint32_t* weights) {
    const auto row = [step](const uint8_t* from, uint32_t both) {
      return from[0] * static_cast<int16_t>(both & 0xffff) + from[step] * static_cast<int16_t>(both >> 16);
    };
    return row(upper, weights[0]) + row(upper + stride, weights[1]);
  }
};

}  // namespace

const Kernels kScalarKernels = make_kernels<Scalar>();

}  // namespace edgeaffect::detail
