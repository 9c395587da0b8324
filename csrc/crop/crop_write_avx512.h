// Colour, normalisation and output elements by AVX-512. Internal linkage.
#pragma once

#include <immintrin.h>

#include "crop/crop_windows_avx512.h"

namespace edgeaffect::detail {
namespace {

inline __mmask16 first_lanes(int count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xffff : count <= 0 ? 0 : (1 << count) - 1);
}

template <ElementKind kElement>
inline void store_elements(void* data, ptrdiff_t at, __m512 values, __mmask16 lanes) {
  if constexpr (kElement == ElementKind::kFloat32) {
    _mm512_mask_storeu_ps(static_cast<float*>(data) + at, lanes, values);
  } else if constexpr (kElement == ElementKind::kFloat16) {
    const __m256i halves = _mm512_cvtps_ph(values, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_mask_storeu_epi16(static_cast<uint16_t*>(data) + at, lanes, halves);
  } else {
    values = _mm512_min_ps(_mm512_max_ps(values, _mm512_set1_ps(-128)), _mm512_set1_ps(127));
    _mm_mask_storeu_epi8(static_cast<int8_t*>(data) + at, lanes, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(values)));
  }
}

// For writing.
template <ElementKind kElement>
inline void prefetch_element(void* data, ptrdiff_t at) {
  constexpr ptrdiff_t kBytes = kElement == ElementKind::kFloat32 ? 4 : kElement == ElementKind::kFloat16 ? 2 : 1;
  __builtin_prefetch(static_cast<uint8_t*>(data) + kBytes * at, 1);
}

// Register k of the three that hold 16 pixels of three planes, interleaved.
template <int k>
inline __m512 interleaved(const __m512* planes) {
  constexpr int kAny = 0;
  alignas(64) static constexpr int32_t kFirst[3][kLanes] = {
      // lanes of planes 0 and 1
      {0, 16, kAny, 1, 17, kAny, 2, 18, kAny, 3, 19, kAny, 4, 20, kAny, 5},
      {21, kAny, 6, 22, kAny, 7, 23, kAny, 8, 24, kAny, 9, 25, kAny, 10, 26},
      {kAny, 11, 27, kAny, 12, 28, kAny, 13, 29, kAny, 14, 30, kAny, 15, 31, kAny}};
  constexpr __mmask16 kIsThird[3] = {0x4924, 0x2492, 0x9249};  // the lanes left: plane 2 in turn, from 0, 5 and 10 on
  constexpr int32_t kThird[3] = {0, 5, 10};
  const __m512 two = _mm512_permutex2var_ps(planes[0], _mm512_load_si512(kFirst[k]), planes[1]);
  const __m512 rest = _mm512_maskz_compress_ps(static_cast<__mmask16>(0xffff << kThird[k]), planes[2]);
  return _mm512_mask_expand_ps(two, kIsThird[k], rest);
}

template <ElementKind kElement, int kInputs, int kOutputs>
inline void write_elements(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  __m512 gain[kOutputs][kInputs], bias[kOutputs];
  unrolled<kOutputs>([&](auto c) {
    bias[c] = _mm512_set1_ps(map.b[c]);
    unrolled<kInputs>([&](auto k) { gain[c][k] = _mm512_set1_ps(map.a[c][k]); });
  });
  const ptrdiff_t ahead = kRowGroup * target.pixel_stride * width;  // rows of the next group
  for (int x = 0; x < width; x += kLanes) {  // samples are readable up to sample_pitch(width)
    __m512 outputs[kOutputs];
    unrolled<kOutputs>([&](auto c) { outputs[c] = bias[c]; });
    unrolled<kInputs>([&](auto k) {
      const __m512 input = _mm512_loadu_ps(samples[k] + x);
      unrolled<kOutputs>([&](auto c) { outputs[c] = _mm512_fmadd_ps(gain[c][k], input, outputs[c]); });
    });
    if (kOutputs == 1 || target.pixel_stride == 1) {
      const __mmask16 lanes = first_lanes(width - x);
      unrolled<kOutputs>([&](auto c) {
        const ptrdiff_t at = x + c * target.channel_stride;
        prefetch_element<kElement>(target.data, at + ahead);
        store_elements<kElement>(target.data, at, outputs[c], lanes);
      });
    } else if constexpr (kOutputs == 3) {
      unrolled<3>([&](auto k) {
        const ptrdiff_t at = 3 * x + k * kLanes;
        prefetch_element<kElement>(target.data, at + ahead);
        store_elements<kElement>(target.data, at, interleaved<k>(outputs),
                                 first_lanes(3 * width - static_cast<int>(at)));
      });
    }
  }
}

template <ElementKind kElement>
inline void write_by_channels(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  const auto write = map.inputs == 1
                         ? (map.outputs == 1 ? write_elements<kElement, 1, 1> : write_elements<kElement, 1, 3>)
                         : (map.outputs == 1 ? write_elements<kElement, 3, 1> : write_elements<kElement, 3, 3>);
  write(map, samples, width, target);
}

inline void write_row_avx512(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  switch (target.element) {
    case ElementKind::kFloat32:
      return write_by_channels<ElementKind::kFloat32>(map, samples, width, target);
    case ElementKind::kFloat16:
      return write_by_channels<ElementKind::kFloat16>(map, samples, width, target);
    case ElementKind::kInt8:
      return write_by_channels<ElementKind::kInt8>(map, samples, width, target);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
