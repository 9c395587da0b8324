// AVX-512 unit (F, BW, DQ, VL, VNNI). Compiled with those flags; runs only where simd_dispatch finds them.
#include <immintrin.h>

#include "crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

struct Avx512 {
  static void plan_block(const TapBlock& b, int32_t* offsets, uint32_t* weights) {
    const __m512 lanes = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512 u = _mm512_add_ps(_mm512_set1_ps(b.u), _mm512_mul_ps(lanes, _mm512_set1_ps(b.du)));
    const __m512 v = _mm512_add_ps(_mm512_set1_ps(b.v), _mm512_mul_ps(lanes, _mm512_set1_ps(b.dv)));
    const __m512 u_floor = _mm512_roundscale_ps(u, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m512 v_floor = _mm512_roundscale_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m512i x = _mm512_cvtps_epi32(u_floor), y = _mm512_cvtps_epi32(v_floor);
    const __m512i fx = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_sub_ps(u, u_floor), _mm512_set1_ps(32767.0f)));
    const __m512i fy = _mm512_min_epi32(
        _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_sub_ps(v, v_floor), _mm512_set1_ps(32768.0f))), _mm512_set1_epi32(kWeightOne));
    const __m512i pair = _mm512_or_si512(_mm512_sub_epi32(_mm512_set1_epi32(kWeightOne), fx), _mm512_slli_epi32(fx, 16));
    const __m512i lower = _mm512_mulhrs_epi16(pair, _mm512_or_si512(fy, _mm512_slli_epi32(fy, 16)));
    const __m512i upper = _mm512_sub_epi16(pair, lower);
    const __m512i offset = _mm512_add_epi32(_mm512_mullo_epi32(y, _mm512_set1_epi32(b.stride)),
                                            _mm512_mullo_epi32(x, _mm512_set1_epi32(b.step)));
    _mm512_storeu_si512(offsets, _mm512_add_epi32(offset, _mm512_set1_epi32(b.offset)));
    const __m512i low_index = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high_index = _mm512_add_epi32(low_index, _mm512_set1_epi32(8));
    _mm512_storeu_si512(weights, _mm512_permutex2var_epi32(upper, low_index, lower));
    _mm512_storeu_si512(weights + 16, _mm512_permutex2var_epi32(upper, high_index, lower));
  }

  // Two taps per step; in each 256-bit half the layout of the AVX2 unit. 
  static void add_taps(const Plane& plane, const TapRows& rows, const Scratch& scratch, int pixels, int per_pixel,
                       int first, int count) {
    const __m512i spread = corner_shuffle(plane);
    const __m512i quarters = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    for (int x = 0; x < pixels; ++x) {
      const int32_t* offsets = scratch.offsets + x * per_pixel + first;
      const uint32_t* weights = scratch.weights + 2 * (x * per_pixel + first);
      __m512i sum = _mm512_setzero_si512();
      int i = 0;
      for (; i + 2 <= count; i += 2) {
        const __m512i corners = _mm512_inserti64x4(
            _mm512_castsi256_si512(load_tap(rows.base + offsets[i], rows.stride)), load_tap(rows.base + offsets[i + 1], rows.stride), 1);
        const __m512i weight = _mm512_permutexvar_epi32(
            quarters, _mm512_castsi128_si512(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + 2 * i))));
        sum = _mm512_dpwssd_epi32(sum, _mm512_shuffle_epi8(corners, spread), weight);
      }
      if (i < count) {
        const __m512i corners = _mm512_castsi256_si512(load_tap(rows.base + offsets[i], rows.stride));
        const __m512i weight = _mm512_permutexvar_epi32(
            quarters, _mm512_zextsi128_si512(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights + 2 * i))));
        sum = _mm512_dpwssd_epi32(sum, _mm512_shuffle_epi8(corners, spread), weight);
      }
      const __m256i two = _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1));
      const __m128i one = _mm_add_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
      __m128i* to = reinterpret_cast<__m128i*>(scratch.sums + 4 * x);
      _mm_storeu_si128(to, _mm_add_epi32(_mm_loadu_si128(to), one));
    }
  }

 private:
  static __m256i load_tap(const uint8_t* upper, ptrdiff_t stride) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper))),
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper + stride)), 1);
  }

  static __m512i corner_shuffle(const Plane& plane) {
    alignas(16) int8_t bytes[16];
    __builtin_memset(bytes, -1, sizeof(bytes));
    for (int c = 0; c < plane.channels; ++c) {
      bytes[4 * c] = static_cast<int8_t>(plane.offset[c]);
      bytes[4 * c + 2] = static_cast<int8_t>(plane.offset[c] + plane.step);
    }
    return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
  }
};

}  // namespace

const Kernels kAvx512Kernels = make_kernels<Avx512>();

}  // namespace edgeaffect::detail
