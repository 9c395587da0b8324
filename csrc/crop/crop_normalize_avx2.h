// Taps by AVX2, for the AVX2 unit and for what the AVX-512 unit leaves over. Internal linkage: each unit has its own.
#pragma once

#include <immintrin.h>

#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Avx2 {
  static void plan_block(const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    for (int half = 0; half < kTapBlock; half += 8) plan_eight(b, half, offsets + half, weights + 2 * half);
  }

  // One tap per step: a register holds the upper row's bytes in its low half and the lower row's in its high
  // half, as 16-bit pairs (left, right) of up to four channels, against pairs of weights.
  static void add_taps(const Plane& plane, const TapRows& rows, const Scratch& scratch, int pixels, int per_pixel,
                       int first, int count) {
    const __m256i spread = corner_shuffle(plane);
    const __m256i halves = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    for (int x = 0; x < pixels; ++x) {
      const int32_t* offsets = scratch.offsets + x * per_pixel + first;
      const uint32_t* weights = scratch.weights + 2 * (x * per_pixel + first);
      __m256i sum = _mm256_setzero_si256();
      for (int i = 0; i < count; ++i) {
        const uint8_t* upper = rows.base + offsets[i];
        const __m128i top = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper));
        const __m128i bottom = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper + rows.stride));
        const __m256i corners =
            _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(top), bottom, 1), spread);
        int64_t pairs;
        __builtin_memcpy(&pairs, weights + 2 * i, sizeof(pairs));
        const __m256i weight = _mm256_permutevar8x32_epi32(_mm256_set1_epi64x(pairs), halves);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(corners, weight));
      }
      __m128i* to = reinterpret_cast<__m128i*>(scratch.sums + 4 * x);
      const __m128i both = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
      _mm_storeu_si128(to, _mm_add_epi32(_mm_loadu_si128(to), both));
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

 private:
  static void plan_eight(const TapBlock& b, int lane, int32_t* offsets, uint32_t* weights) {
    const __m256 lanes =
        _mm256_add_ps(_mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_ps(static_cast<float>(lane)));
    const __m256 u = _mm256_add_ps(_mm256_set1_ps(b.u), _mm256_mul_ps(lanes, _mm256_set1_ps(b.du)));
    const __m256 v = _mm256_add_ps(_mm256_set1_ps(b.v), _mm256_mul_ps(lanes, _mm256_set1_ps(b.dv)));
    const __m256 u_floor = _mm256_floor_ps(u), v_floor = _mm256_floor_ps(v);
    const __m256i x = _mm256_cvtps_epi32(u_floor), y = _mm256_cvtps_epi32(v_floor);
    const __m256i fx = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_sub_ps(u, u_floor), _mm256_set1_ps(32767.0f)));
    const __m256i fy =
        _mm256_min_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(_mm256_sub_ps(v, v_floor), _mm256_set1_ps(32768.0f))),
                         _mm256_set1_epi32(kWeightOne));
    const __m256i pair =
        _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(kWeightOne), fx), _mm256_slli_epi32(fx, 16));
    const __m256i lower = _mm256_mulhrs_epi16(pair, _mm256_or_si256(fy, _mm256_slli_epi32(fy, 16)));
    const __m256i upper = _mm256_sub_epi16(pair, lower);
    const __m256i offset = _mm256_add_epi32(_mm256_mullo_epi32(y, _mm256_set1_epi32(b.stride)),
                                            _mm256_mullo_epi32(x, _mm256_set1_epi32(b.step)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(offsets), _mm256_add_epi32(offset, _mm256_set1_epi32(b.offset)));
    const __m256i low = _mm256_unpacklo_epi32(upper, lower), high = _mm256_unpackhi_epi32(upper, lower);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights), _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights + 8), _mm256_permute2x128_si256(low, high, 0x31));
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
