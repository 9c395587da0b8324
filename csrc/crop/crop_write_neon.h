// Colour, normalisation and output of a row of samples by NEON: planes of float32, the usual target. Internal linkage. The
// same bits as write_row in crop_normalize_body.h: products are added in its order, and never fused.
#pragma once

#include <arm_neon.h>

#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

// One output channel of one input channel.
inline void write_plane(float* __restrict out, const float* __restrict from, float gain, float offset, int width) {
  constexpr int kBlock = 16;
  const float32x4_t offsets = vdupq_n_f32(offset), gains = vdupq_n_f32(gain);
  const auto write = [&](int x) {
    for (int i = x; i < x + kBlock; i += 4)
      vst1q_f32(out + i, vaddq_f32(offsets, vmulq_f32(gains, vld1q_f32(from + i))));
  };
  int x = 0;
  for (; x + kBlock <= width; x += kBlock) write(x);
  if (x == width) return;
  if (width >= kBlock) return write(width - kBlock);  // once more, up to the end
  for (; x < width; ++x) out[x] = offset + gain * from[x];
}

// Three output channels of luma and chroma: `first` takes no U, `last` no V.
inline void write_yuv(const ColorMap& map, const float* const* samples, int width, const RowTarget& target, int first,
                      int last) {
  constexpr int kBlock = 8;
  const float* __restrict y = samples[0], * __restrict u = samples[1], * __restrict v = samples[2];
  const auto plane = [&](int c) { return static_cast<float*>(target.data) + c * target.channel_stride; };
  float* __restrict to_v = plane(first), * __restrict to_uv = plane(1), * __restrict to_u = plane(last);
  const float *a_v = map.a[first], *a_uv = map.a[1], *a_u = map.a[last];
  const float y_v = a_v[0], v_v = a_v[2], y_uv = a_uv[0], u_uv = a_uv[1], v_uv = a_uv[2], y_u = a_u[0], u_u = a_u[1];
  const float b_v = map.b[first], b_uv = map.b[1], b_u = map.b[last];
  const auto add = [](float32x4_t sum, float gain, float32x4_t values) {
    return vaddq_f32(sum, vmulq_n_f32(values, gain));
  };
  const auto write = [&](int x) {
    for (int i = x; i < x + kBlock; i += 4) {
      const float32x4_t luma = vld1q_f32(y + i), blue = vld1q_f32(u + i), red = vld1q_f32(v + i);
      vst1q_f32(to_v + i, add(add(vdupq_n_f32(b_v), y_v, luma), v_v, red));
      vst1q_f32(to_uv + i, add(add(add(vdupq_n_f32(b_uv), y_uv, luma), u_uv, blue), v_uv, red));
      vst1q_f32(to_u + i, add(add(vdupq_n_f32(b_u), y_u, luma), u_u, blue));
    }
  };
  int x = 0;
  for (; x + kBlock <= width; x += kBlock) write(x);
  if (x == width) return;
  if (width >= kBlock) return write(width - kBlock);  // once more, up to the end
  for (; x < width; ++x) {
    to_v[x] = b_v + y_v * y[x] + v_v * v[x];
    to_uv[x] = b_uv + y_uv * y[x] + u_uv * u[x] + v_uv * v[x];
    to_u[x] = b_u + y_u * y[x] + u_u * u[x];
  }
}

inline void write_row_neon(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
  if (target.element != ElementKind::kFloat32 || (target.pixel_stride != 1 && map.outputs > 1)) {
    return write_row(map, samples, width, target);
  }
  const auto counts = [&](int c, int k) { return k < map.inputs && map.a[c][k] != 0; };
  if (map.outputs == 3 && counts(1, 1) && counts(1, 2)) {
    const auto is_red = [&](int c) { return !counts(c, 1) && counts(c, 2); };
    const auto is_blue = [&](int c) { return counts(c, 1) && !counts(c, 2); };
    if (is_red(0) && is_blue(2)) return write_yuv(map, samples, width, target, 0, 2);
    if (is_red(2) && is_blue(0)) return write_yuv(map, samples, width, target, 2, 0);
  }
  bool single = true;
  int input[3] = {};
  for (int c = 0; c < map.outputs; ++c) {
    int used = 0;
    for (int k = 0; k < map.inputs; ++k) {
      if (!counts(c, k)) continue;
      input[c] = k;
      ++used;
    }
    single = single && used <= 1;
  }
  if (!single) return write_planes(map, samples, width, target);
  for (int c = 0; c < map.outputs; ++c) {
    write_plane(static_cast<float*>(target.data) + c * target.channel_stride, samples[input[c]], map.a[c][input[c]],
                map.b[c], width);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
