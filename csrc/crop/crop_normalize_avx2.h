// Taps by AVX2, for the AVX2 unit and for what the AVX-512 unit leaves over. Internal linkage: each unit has its own.
#pragma once

#include <immintrin.h>

#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Avx2 {
  template <bool kSingle>
  static void plan_block(const TapLanes& lanes, const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    const __m256i corner_u = _mm256_set1_epi32(b.u), corner_v = _mm256_set1_epi32(b.v);
    const __m256i start = _mm256_set1_epi32(b.offset);
    const __m256i stride = _mm256_set1_epi32(b.stride), step = _mm256_set1_epi32(b.step);
    const __m256i below_one = _mm256_set1_epi32(kFractionOne - 1), one = _mm256_set1_epi32(kFractionOne);
    const __m256i twice = _mm256_setr_epi8(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13, 0, 1, 0, 1, 4, 5, 4, 5,
                                           8, 9, 8, 9, 12, 13, 12, 13);
    for (int lane = 0; lane < kTapBlock; lane += 8) {
      const __m256i u = _mm256_add_epi32(corner_u, load(lanes.u + lane));
      const __m256i v = _mm256_add_epi32(corner_v, load(lanes.v + lane));
      const __m256i fx = _mm256_and_si256(u, below_one),
                    fy = _mm256_shuffle_epi8(_mm256_and_si256(v, below_one), twice);
      const __m256i pair = _mm256_sub_epi32(_mm256_add_epi32(fx, one), _mm256_slli_epi32(fx, 16));
      const __m256i lower = _mm256_mulhrs_epi16(pair, fy), upper = _mm256_sub_epi16(pair, lower);
      const __m256i across = _mm256_mullo_epi32(_mm256_srai_epi32(u, kFractionBits), step);
      const __m256i down = _mm256_mullo_epi32(_mm256_srai_epi32(v, kFractionBits), stride);
      store(offsets + lane, _mm256_add_epi32(_mm256_add_epi32(start, across), down));
      if constexpr (kSingle) {  // four upper, then four lower ones
        store(weights + 2 * lane, _mm256_permute2x128_si256(upper, lower, 0x20));
        store(weights + 2 * lane + 8, _mm256_permute2x128_si256(upper, lower, 0x31));
      } else {  // one upper, then one lower one
        const __m256i low = _mm256_unpacklo_epi32(upper, lower), high = _mm256_unpackhi_epi32(upper, lower);
        store(weights + 2 * lane, _mm256_permute2x128_si256(low, high, 0x20));
        store(weights + 2 * lane + 8, _mm256_permute2x128_si256(low, high, 0x31));
      }
    }
  }

  static void sum_pixels(const Plane& plane, const TapRows& rows, const Scratch& scratch, const TapSpan& span) {
    const __m256i spread = corner_shuffle(plane);
    // Known numbers of taps are unrolled.
    switch (span.count) {
      case 1:
        return span.lines == 1 ? sum_pixels<1, 1>(rows, scratch, span, spread)
                               : sum_pixels<1, 0>(rows, scratch, span, spread);
      case 2:
        return span.lines == 2 ? sum_pixels<2, 2>(rows, scratch, span, spread)
                               : sum_pixels<2, 0>(rows, scratch, span, spread);
      case 3:
        return sum_pixels<3, 0>(rows, scratch, span, spread);
      case 4:
        return sum_pixels<4, 0>(rows, scratch, span, spread);
      case 5:
        return sum_pixels<5, 0>(rows, scratch, span, spread);
      default:
        return sum_pixels<0, 0>(rows, scratch, span, spread);
    }
  }

  // Four columns of taps at a time: a register holds their upper rows' two bytes, then the lower rows'.
  [[gnu::noinline]] static void sum_columns(const TapRows& rows, const Scratch& scratch, int columns, int lines) {
    const uint8_t *upper = rows.base, *lower = rows.base + rows.stride;
    for (int column = 0; column < columns; column += 4) {
      const int32_t* offsets = scratch.offsets + column;
      const uint32_t* weights = scratch.weights + 2 * column;
      int32_t padded[4];
      __m256i sum = _mm256_setzero_si256();
      for (int line = 0; line < lines; ++line, offsets += scratch.tile_pitch, weights += 2 * scratch.tile_pitch) {
        const int32_t* at = offsets;
        if (columns - column < 4) {  // no tap lies beyond the last
          for (int i = 0; i < 4; ++i) padded[i] = offsets[i < columns - column ? i : 0];
          at = padded;
        }
        const ptrdiff_t a = at[0], b = at[1], c = at[2], d = at[3];
        __m128i bytes = _mm_cvtsi32_si128(load_two(upper + a));
        bytes = _mm_insert_epi16(bytes, load_two(upper + b), 1);
        bytes = _mm_insert_epi16(bytes, load_two(upper + c), 2);
        bytes = _mm_insert_epi16(bytes, load_two(upper + d), 3);
        bytes = _mm_insert_epi16(bytes, load_two(lower + a), 4);
        bytes = _mm_insert_epi16(bytes, load_two(lower + b), 5);
        bytes = _mm_insert_epi16(bytes, load_two(lower + c), 6);
        bytes = _mm_insert_epi16(bytes, load_two(lower + d), 7);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(bytes), load(weights)));
      }
      _mm_storeu_si128(reinterpret_cast<__m128i*>(scratch.column_sums + column), halves(sum));
    }
  }

  template <bool kMore>
  static void sum_chunk(const uint8_t* const* rows, const int16_t* weights, int pairs, int byte, float share,
                        float constant, float* to) {
    constexpr int kVectors = kRowChunk / 8;
    __m256i sums[kVectors];
    for (__m256i& sum : sums) sum = _mm256_setzero_si256();
    for (int pair = 0; pair < pairs; ++pair) {
      int32_t both;
      __builtin_memcpy(&both, weights + 2 * pair, sizeof(both));
      const __m256i weight = _mm256_set1_epi32(both);
      for (int k = 0; k < kVectors; k += 2) {
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[2 * pair] + byte + 8 * k));
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[2 * pair + 1] + byte + 8 * k));
        const __m256i low = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
        const __m256i high = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
        sums[k] = _mm256_add_epi32(sums[k], _mm256_madd_epi16(low, weight));
        sums[k + 1] = _mm256_add_epi32(sums[k + 1], _mm256_madd_epi16(high, weight));
      }
    }
    for (int k = 0; k < kVectors; ++k) {
      const __m256 sum = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[k]), _mm256_set1_ps(share));
      const __m256 before = kMore ? _mm256_loadu_ps(to + 8 * k) : _mm256_set1_ps(constant);
      _mm256_storeu_ps(to + 8 * k, _mm256_add_ps(before, sum));
    }
  }

  [[gnu::noinline]] static void sum_rows(const uint8_t* const* rows, const RowWeights& weights, int begin, int end,
                                         int16_t* to) {
    const int vector = weights.small ? 64 : 32;
    int byte = begin;
    for (; byte + vector <= end; byte += vector) {
      weights.small ? sum_small(rows, weights, byte, to) : sum_large(rows, weights, byte, to);
    }
    if (byte < end && end - begin >= vector) {  // once more, up to the end
      weights.small ? sum_small(rows, weights, end - vector, to) : sum_large(rows, weights, end - vector, to);
      return;
    }
    for (; byte < end; ++byte) to[byte] = row_sum(weights, rows, byte);
  }

  // Registers hold pairs of neighbouring columns, of up to four channels of two pixels that are four apart.
  static void sum_columns_16(const Plane& plane, const SumPlan& plan, const int16_t* row, int width, float share,
                             float* const* samples) {
    plan.pairs == 1 ? sum_groups<1>(plane, plan, row, width, share, samples)
                    : sum_groups<0>(plane, plan, row, width, share, samples);
  }

  static void sum_columns_16_single(const SumPlan& plan, const int16_t* row, int width, float share, float* samples) {
    const int pairs = plan.pairs;
    const int16_t* weights = plan.weights;
    for (int x = 0; x < width; x += kSumGroup) {
      const int* first = plan.first + x;
      __m256i sum = _mm256_setzero_si256();
      for (int pair = 0; pair < pairs; ++pair, weights += 2 * kSumGroup) {
        const int16_t* from = row + 2 * pair;
        const __m128i low = four_pairs(from, first), high = four_pairs(from, first + 4);
        const __m256i words = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(words, load(weights)));
      }
      _mm256_storeu_ps(samples + x, _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(share)));
    }
  }

 private:
  template <int kPairs>
  [[gnu::noinline]] static void sum_groups(const Plane& plane, const SumPlan& plan, const int16_t* row, int width,
                                           float share, float* const* samples) {
    const __m256i spread = column_shuffle(plane);
    const __m256 shares = _mm256_set1_ps(share);
    const ptrdiff_t step = plane.step;
    const int pairs = kPairs > 0 ? kPairs : plan.pairs, channels = plane.channels;
    const int16_t* weights = plan.weights;
    float *first_to = samples[0], *second_to = channels > 1 ? samples[1] : nullptr,
          *third_to = channels > 2 ? samples[2] : nullptr;
    for (int x = 0; x < width; x += kSumGroup) {
      const int* first = plan.first + x;
      __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
      for (int pair = 0; pair < pairs; ++pair, weights += 2 * kSumGroup) {
        const int16_t* from = row + 2 * step * pair;
        const __m256i weight = load(weights);
        const auto taps = [&](int i, __m256i both) {
          const __m256i words = _mm256_inserti128_si256(_mm256_castsi128_si256(load_half(from + first[i] * step)),
                                                        load_half(from + first[i + 4] * step), 1);
          return _mm256_madd_epi16(_mm256_shuffle_epi8(words, spread), both);
        };
        a = _mm256_add_epi32(a, taps(0, _mm256_shuffle_epi32(weight, 0x00)));
        b = _mm256_add_epi32(b, taps(1, _mm256_shuffle_epi32(weight, 0x55)));
        c = _mm256_add_epi32(c, taps(2, _mm256_shuffle_epi32(weight, 0xaa)));
        d = _mm256_add_epi32(d, taps(3, _mm256_shuffle_epi32(weight, 0xff)));
      }
      const auto put = [&](float* to, __m256i sums) {
        _mm256_storeu_ps(to + x, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), shares));
      };
      const __m256i ab = _mm256_unpacklo_epi32(a, b), cd = _mm256_unpacklo_epi32(c, d);
      put(first_to, _mm256_unpacklo_epi64(ab, cd));
      if (channels > 1) put(second_to, _mm256_unpackhi_epi64(ab, cd));
      if (channels > 2) {
        put(third_to, _mm256_unpacklo_epi64(_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d)));
      }
    }
  }

  static void sum_large(const uint8_t* const* rows, const RowWeights& weights, int byte, int16_t* to) {
    const __m256i zero = _mm256_setzero_si256();
    const __m128i shift = _mm_cvtsi32_si128(weights.shift);
    __m256i s0 = _mm256_set1_epi32(weights.constant), s1 = s0, s2 = s0, s3 = s0;
    for (int pair = 0; pair < weights.pairs; ++pair) {
      const __m256i a = load(rows[2 * pair] + byte), b = load(rows[2 * pair + 1] + byte);
      const __m256i weight = _mm256_set1_epi32(weights.both[pair]);
      const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
      s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), weight));
      s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), weight));
      s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), weight));
      s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), weight));
    }
    store_ordered(to + byte, _mm256_packs_epi32(_mm256_sra_epi32(s0, shift), _mm256_sra_epi32(s1, shift)),
                  _mm256_packs_epi32(_mm256_sra_epi32(s2, shift), _mm256_sra_epi32(s3, shift)));
  }

  static void sum_small(const uint8_t* const* rows, const RowWeights& weights, int byte, int16_t* to) {
    __m256i s0 = _mm256_set1_epi16(static_cast<int16_t>(weights.constant)), s1 = s0, s2 = s0, s3 = s0;
    for (int pair = 0; pair < weights.pairs; ++pair) {
      const uint8_t *upper = rows[2 * pair] + byte, *lower = rows[2 * pair + 1] + byte;
      prefetch_row(upper, weights);
      prefetch_row(lower, weights);
      const __m256i a = load(upper), b = load(lower), c = load(upper + 32), d = load(lower + 32);
      const __m256i weight = _mm256_set1_epi32(weights.both[pair]);
      s0 = _mm256_add_epi16(s0, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), weight));
      s1 = _mm256_add_epi16(s1, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), weight));
      s2 = _mm256_add_epi16(s2, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(c, d), weight));
      s3 = _mm256_add_epi16(s3, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(c, d), weight));
    }
    store_ordered(to + byte, s0, s1);
    store_ordered(to + byte + 32, s2, s3);
  }

  // `low` holds words 0 to 7 of each 16, `high` words 8 to 15.
  static void store_ordered(int16_t* to, __m256i low, __m256i high) {
    store(to, _mm256_permute2x128_si256(low, high, 0x20));
    store(to + 16, _mm256_permute2x128_si256(low, high, 0x31));
  }

  static __m128i load_half(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }

  static __m128i four_pairs(const int16_t* row, const int* first) {
    const auto pair = [&](int i) {
      int32_t value;
      __builtin_memcpy(&value, row + first[i], sizeof(value));
      return value;
    };
    return _mm_insert_epi32(_mm_insert_epi32(_mm_insert_epi32(_mm_cvtsi32_si128(pair(0)), pair(1), 1), pair(2), 2),
                            pair(3), 3);
  }

  // Two 32-bit pairs of weights, four times each.
  static __m256i by_half() {
    return _mm256_setr_epi8(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6,
                            7);
  }

  // Per half: words (left, right) of each channel; -1 clears a byte.
  static __m256i column_shuffle(const Plane& plane) {
    alignas(32) int8_t bytes[32];
    __builtin_memset(bytes, -1, sizeof(bytes));
    for (int c = 0; c < plane.channels; ++c) {
      for (int i = 0; i < 4; ++i) {
        const int word = plane.offset[c] + i / 2 * plane.step;
        bytes[4 * c + i] = bytes[16 + 4 * c + i] = static_cast<int8_t>(2 * word + i % 2);
      }
    }
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes));
  }

  static __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
  static void store(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }

  static int load_two(const uint8_t* from) {
    uint16_t value;
    __builtin_memcpy(&value, from, sizeof(value));
    return value;
  }

  static __m256i load_eight(const void* from) {
    int64_t value;
    __builtin_memcpy(&value, from, sizeof(value));
    return _mm256_set1_epi64x(value);
  }

  static __m128i halves(__m256i sum) {
    return _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  }

  // One tap per step: a register holds the upper row's bytes in its low half and the lower row's in its high
  // half, as 16-bit pairs (left, right) of up to four channels, against pairs of weights. Numbers of taps and lines: 0 if
  // not known.
  template <int kTaps, int kLines>
  [[gnu::noinline]] static void sum_pixels(const TapRows& rows, const Scratch& scratch, const TapSpan& span,
                                           __m256i spread) {
    const uint8_t *upper = rows.base, *lower = rows.base + rows.stride;
    const int taps = kTaps > 0 ? kTaps : span.count, lines = kLines > 0 ? kLines : span.lines;
    const ptrdiff_t pitch = scratch.tile_pitch;
    const int32_t* pixel_offsets = scratch.offsets + span.first;
    const uint32_t* pixel_weights = scratch.weights + 2 * span.first;
    for (int x = 0; x < span.pixels; ++x, pixel_offsets += span.per_pixel, pixel_weights += 2 * span.per_pixel) {
      const int32_t* offsets = pixel_offsets;
      const uint32_t* weights = pixel_weights;
      __m256i sum = _mm256_setzero_si256();
      for (int line = 0; line < lines; ++line, offsets += pitch, weights += 2 * pitch) {
        for (int i = 0; i < taps; ++i) {
          const ptrdiff_t at = offsets[i];
          const __m256i bytes = _mm256_blend_epi32(load_eight(upper + at), load_eight(lower + at), 0xf0);
          const __m256i weight = _mm256_shuffle_epi8(load_eight(weights + 2 * i), by_half());
          sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, spread), weight));
        }
      }
      _mm_storeu_si128(reinterpret_cast<__m128i*>(scratch.sums + 4 * x), halves(sum));
    }
  }

  // Per half: bytes (left, 0, right, 0) of each channel; -1 clears a byte.
  static __m256i corner_shuffle(const Plane& plane) {
    alignas(32) int8_t bytes[32];
    __builtin_memset(bytes, -1, sizeof(bytes));
    for (int c = 0; c < plane.channels; ++c) {
      for (int half = 0; half < 32; half += 16) {
        bytes[half + 4 * c] = static_cast<int8_t>(plane.offset[c]);
        bytes[half + 4 * c + 2] = static_cast<int8_t>(plane.offset[c] + plane.step);
      }
    }
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes));
  }
};

}  // namespace
}  // namespace edgeaffect::detail
