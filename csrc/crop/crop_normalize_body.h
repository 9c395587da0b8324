// The body of every crop_normalize unit, compiled once per instruction set as `make_kernels<Isa>()`. An Isa has what
// crop_taps.h, crop_rows.h and crop_sums.h ask for, and everything else is plain C++ that the compiler vectorises with the
// unit's flags. All of it has internal linkage and no STL is included: see crop_normalize_kernels.h.
#pragma once

#include "crop/crop_sums.h"

namespace edgeaffect::detail {
namespace {

inline uint32_t float_bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// IEEE binary16, round to nearest even.
inline uint16_t to_half(float value) {
  const uint32_t bits = float_bits(value), sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x47800000) return static_cast<uint16_t>(sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
  if (magnitude < 0x38800000) {  // below 2^-14: adding 0.5 leaves the subnormal in the low bits, rounded
    float small;
    __builtin_memcpy(&small, &magnitude, sizeof(small));
    return static_cast<uint16_t>(sign | (float_bits(small + 0.5f) - 0x3f000000));
  }
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13));
}

inline int8_t to_int8(float value) {
  value = value < -128.0f ? -128.0f : value > 127.0f ? 127.0f : value;
  return static_cast<int8_t>(__builtin_rintf(value));
}

template <class T, class Convert>
inline void store_row(T* to, ptrdiff_t stride, const float* values, int count, Convert convert) {
  if (stride == 1) {
    for (int i = 0; i < count; ++i) to[i] = convert(values[i]);
  } else {
    for (int i = 0; i < count; ++i) to[i * stride] = convert(values[i]);
  }
}

// Planes of float32, the usual target, in one pass straight into the output.
inline void write_planes(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  for (int c = 0; c < map.outputs; ++c) {
    float* __restrict out = static_cast<float*>(target.data) + c * target.channel_stride;
    const float* a = map.a[c];
    const float b = map.b[c];
    int inputs[kMaxPlaneChannels], used = 0;  // those that count
    for (int k = 0; k < map.inputs; ++k) {
      if (a[k] != 0) inputs[used++] = k;
    }
    if (used <= 1) {
      const int k = used == 0 ? 0 : inputs[0];
      const float* __restrict from = samples[k], gain = a[k];
      for (int x = 0; x < width; ++x) out[x] = b + gain * from[x];
    } else {
      const float* __restrict s0 = samples[0], * __restrict s1 = samples[1], * __restrict s2 = samples[2];
      const float a0 = a[0], a1 = a[1], a2 = a[2];
      for (int x = 0; x < width; ++x) out[x] = b + a0 * s0[x] + a1 * s1[x] + a2 * s2[x];
    }
  }
}

inline void write_row(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  if (target.element == ElementKind::kFloat32 && (target.pixel_stride == 1 || map.outputs == 1)) {
    return write_planes(map, samples, width, target);
  }
  constexpr int kChunk = 64;
  float values[kChunk];
  for (int c = 0; c < map.outputs; ++c) {
    const float* a = map.a[c];
    for (int x = 0; x < width; x += kChunk) {
      const int count = width - x < kChunk ? width - x : kChunk;
      const float* s0 = samples[0] + x;
      if (map.inputs == 1) {
        for (int i = 0; i < count; ++i) values[i] = map.b[c] + a[0] * s0[i];
      } else {
        const float *s1 = samples[1] + x, *s2 = samples[2] + x;
        for (int i = 0; i < count; ++i) values[i] = map.b[c] + a[0] * s0[i] + a[1] * s1[i] + a[2] * s2[i];
      }
      const ptrdiff_t at = x * target.pixel_stride + c * target.channel_stride;
      switch (target.element) {
        case ElementKind::kFloat32:
          store_row(static_cast<float*>(target.data) + at, target.pixel_stride, values, count,
                    [](float v) { return v; });
          break;
        case ElementKind::kFloat16:
          store_row(static_cast<uint16_t*>(target.data) + at, target.pixel_stride, values, count, to_half);
          break;
        case ElementKind::kInt8:
          store_row(static_cast<int8_t*>(target.data) + at, target.pixel_stride, values, count, to_int8);
          break;
      }
    }
  }
}

inline void plan_nothing(const Plane&, const TapGrid&, const Scratch&) {}

static_assert(sizeof(SumPlan) <= kPlanBytes);

template <class Isa>
constexpr Kernels make_kernels() {
  return Kernels{plan_nothing, plan_sums, sample_rows<Isa>, sample_row_of_sums<Isa>, write_row};
}

}  // namespace
}  // namespace edgeaffect::detail
