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

constexpr int element_bytes(ElementKind element) {
  return element == ElementKind::kFloat32 ? 4 : element == ElementKind::kFloat16 ? 2 : 1;
}

// For writing.
template <ElementKind kElement>
inline void prefetch_element(void* data, ptrdiff_t at) {
  __builtin_prefetch(static_cast<uint8_t*>(data) + element_bytes(kElement) * at, 1);
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

// One plane of a row. `inputs`: those of kInputs that count. Stores are brought to lie within cache lines: most lines would
// be written twice otherwise.
template <ElementKind kElement, int kInputs>
inline void write_plane(const float* gains, float bias, const int* inputs, const float* const* samples, int width,
                        ptrdiff_t ahead, void* data, ptrdiff_t start) {
  constexpr int kBytes = element_bytes(kElement);
  __m512 gain[kInputs];
  const float* from[kInputs];
  unrolled<kInputs>([&](auto k) {
    gain[k] = _mm512_set1_ps(gains[inputs[k]]);
    from[k] = samples[inputs[k]];
  });
  const auto put = [&](int x, __mmask16 lanes) {
    __m512 output = _mm512_set1_ps(bias);
    unrolled<kInputs>(
        [&](auto k) { output = _mm512_fmadd_ps(gain[k], _mm512_maskz_loadu_ps(lanes, from[k] + x), output); });
    prefetch_element<kElement>(data, start + x + ahead);
    store_elements<kElement>(data, start + x, output, lanes);
  };
  const auto address = reinterpret_cast<uintptr_t>(data) + static_cast<uintptr_t>(start) * kBytes;
  const int odd = static_cast<int>(address / kBytes % kLanes), head = odd == 0 ? 0 : kLanes - odd;
  if (head > 0) put(0, first_lanes(head < width ? head : width));
  int x = head;
  for (; x + kLanes <= width; x += kLanes) put(x, 0xffff);
  if (x < width) put(x, first_lanes(width - x));
}

template <ElementKind kElement>
inline void write_planes_avx512(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  const ptrdiff_t ahead = static_cast<ptrdiff_t>(kRowGroup) * width;  // rows of the next group
  for (int c = 0; c < map.outputs; ++c) {
    int inputs[kMaxPlaneChannels] = {0, 1, 2}, used = 0;
    for (int k = 0; k < map.inputs; ++k) {
      if (map.a[c][k] != 0) inputs[used++] = k;
    }
    const int all[kMaxPlaneChannels] = {0, 1, 2};
    const ptrdiff_t start = c * target.channel_stride;
    if (used <= 1) {
      write_plane<kElement, 1>(map.a[c], map.b[c], inputs, samples, width, ahead, target.data, start);
    } else {
      write_plane<kElement, 3>(map.a[c], map.b[c], all, samples, width, ahead, target.data, start);
    }
  }
}

// Three interleaved channels.
template <ElementKind kElement, int kInputs>
inline void write_pixels(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  __m512 gain[3][kInputs], bias[3];
  unrolled<3>([&](auto c) {
    bias[c] = _mm512_set1_ps(map.b[c]);
    unrolled<kInputs>([&](auto k) { gain[c][k] = _mm512_set1_ps(map.a[c][k]); });
  });
  const ptrdiff_t ahead = static_cast<ptrdiff_t>(3 * kRowGroup) * width;  // rows of the next group
  for (int x = 0; x < width; x += kLanes) {  // samples are readable up to sample_pitch(width)
    __m512 outputs[3];
    unrolled<3>([&](auto c) { outputs[c] = bias[c]; });
    unrolled<kInputs>([&](auto k) {
      const __m512 input = _mm512_loadu_ps(samples[k] + x);
      unrolled<3>([&](auto c) { outputs[c] = _mm512_fmadd_ps(gain[c][k], input, outputs[c]); });
    });
    unrolled<3>([&](auto k) {
      const ptrdiff_t at = 3 * x + k * kLanes;
      prefetch_element<kElement>(target.data, at + ahead);
      store_elements<kElement>(target.data, at, interleaved<k>(outputs), first_lanes(3 * width - static_cast<int>(at)));
    });
  }
}

template <ElementKind kElement>
inline void write_by_layout(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  if (map.outputs == 1 || target.pixel_stride == 1) return write_planes_avx512<kElement>(map, samples, width, target);
  (map.inputs == 1 ? write_pixels<kElement, 1> : write_pixels<kElement, 3>)(map, samples, width, target);
}

inline void write_row_avx512(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  switch (target.element) {
    case ElementKind::kFloat32:
      return write_by_layout<ElementKind::kFloat32>(map, samples, width, target);
    case ElementKind::kFloat16:
      return write_by_layout<ElementKind::kFloat16>(map, samples, width, target);
    case ElementKind::kInt8:
      return write_by_layout<ElementKind::kInt8>(map, samples, width, target);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
