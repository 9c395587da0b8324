// The body of the crop_normalize kernel. Contract: ../crop_normalize.h; see Note [Bodies] in hd.h.
//
// Positions are computed in float: for a coordinate below 2^k pixels the error is below 2^(k-22) pixels, i.e. less
// than 0.13 grey levels across the hardest edge of a 1080p frame and zero where the image is flat.
#pragma once

#include <cmath>
#include <cstddef>

#include "../crop_normalize.h"
#include "../crop_normalize_kernels.h"
#include "hd.h"

namespace edgeaffect::cuda {

// One output image: which frame, and where in it.
struct CropItem {
  float matrix[6];     // row-major 2x3, output -> frame, pixel centres at +0.5
  int frame;           // row of the frame table; negative: no such item, its output is left as it is
  int taps[2];         // per axis, of the packed or luma plane
  int chroma_taps[2];  // per axis, of the chroma plane (NV12, YUYV)
};

// One launch. All frames of the table have the same format, YUV matrix and range; sizes may differ.
struct CropTask {
  const Frame* frames;    // device
  const CropItem* items;  // device, [count]
  int count;
  int width;  // output pixels
  int height;
  int channels;  // 1 or 3
  PixelFormat format;
  Element element;
  bool nhwc;
  bool replicate;
  float border[2];  // value outside the luma (or packed) and the chroma plane
  detail::ColorMap color;  // of the samples in the order of the bytes: B, G, R for BGR and BGRA frames
  void* out;  // device, [count, channels, height, width] or [count, height, width, channels]
};

// Fills `item`; false when the matrix is not finite, is singular, or shrinks an axis by more than kMaxTaps.
EDGEAFFECT_HD bool plan_item(const float* matrix, int frame, PixelFormat format, CropItem* item) {
  for (int i = 0; i < 6; ++i) {
    if (!is_finite(matrix[i])) return false;
    item->matrix[i] = matrix[i];
  }
  // In double: a norm that is a whole number must not become one tap more by rounding.
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  const double down = format == PixelFormat::kNv12 ? 0.5 : 1.0;
  const double luma[2] = {sqrt(a * a + c * c), sqrt(b * b + d * d)};
  const double chroma[2] = {sqrt(0.25 * a * a + down * down * c * c), sqrt(0.25 * b * b + down * down * d * d)};
  if (!(fabs(a * d - b * c) > 1e-9 * luma[0] * luma[1])) return false;
  for (int axis = 0; axis < 2; ++axis) {
    if (luma[axis] > kMaxTaps) return false;
    item->taps[axis] = luma[axis] > 1 ? static_cast<int>(ceil(luma[axis])) : 1;
    item->chroma_taps[axis] = chroma[axis] > 1 ? static_cast<int>(ceil(chroma[axis])) : 1;
  }
  item->frame = frame;
  return true;
}

// One interleaved 8-bit image: channel c of pixel x lies kStep * x + kFirst + c * kNext bytes into its row.
template <int kStep, int kChannelCount, int kFirst, int kNext>
struct Interleaved {
  static constexpr int kChannels = kChannelCount;
  const uint8_t* data;
  ptrdiff_t stride;
  int width;
  int height;
  float border;
  bool replicate;

  EDGEAFFECT_HD static float load(const uint8_t* row, int x, int c) {
    return static_cast<float>(row[kStep * x + kFirst + c * kNext]);
  }
};

EDGEAFFECT_HD int clamp_index(int i, int size) { return i < 0 ? 0 : (i < size ? i : size - 1); }

EDGEAFFECT_HD bool inside(int i, int size) { return static_cast<unsigned>(i) < static_cast<unsigned>(size); }

// Adds one bilinear sample at integer-centre coordinates (u, v) to sum[kChannels].
template <class Plane>
EDGEAFFECT_HD void add_tap(const Plane& plane, float u, float v, float* sum) {
  // Beyond one pixel outside nothing changes any more; the limits keep the conversion to int defined.
  u = fminf(fmaxf(u, -2.0f), static_cast<float>(plane.width) + 1.0f);
  v = fminf(fmaxf(v, -2.0f), static_cast<float>(plane.height) + 1.0f);
  const float left = floorf(u), top = floorf(v);
  const int x = static_cast<int>(left), y = static_cast<int>(top);
  const float fx = u - left, fy = v - top;
  const int x0 = clamp_index(x, plane.width), x1 = clamp_index(x + 1, plane.width);
  const uint8_t* row0 = plane.data + clamp_index(y, plane.height) * plane.stride;
  const uint8_t* row1 = plane.data + clamp_index(y + 1, plane.height) * plane.stride;
  const bool in_x0 = plane.replicate || inside(x, plane.width), in_x1 = plane.replicate || inside(x + 1, plane.width);
  const bool in_y0 = plane.replicate || inside(y, plane.height);
  const bool in_y1 = plane.replicate || inside(y + 1, plane.height);
  for (int c = 0; c < Plane::kChannels; ++c) {
    const float p00 = in_y0 && in_x0 ? Plane::load(row0, x0, c) : plane.border;
    const float p01 = in_y0 && in_x1 ? Plane::load(row0, x1, c) : plane.border;
    const float p10 = in_y1 && in_x0 ? Plane::load(row1, x0, c) : plane.border;
    const float p11 = in_y1 && in_x1 ? Plane::load(row1, x1, c) : plane.border;
    const float upper = p00 + fx * (p01 - p00), lower = p10 + fx * (p11 - p10);
    sum[c] += upper + fy * (lower - upper);
  }
}

// Mean of the taps of output pixel (x, y); `matrix` maps to this plane.
template <class Plane>
EDGEAFFECT_HD void sample(const Plane& plane, const float* matrix, const int* taps, int x, int y, float* mean) {
  const float step_x = 1.0f / static_cast<float>(taps[0]), step_y = 1.0f / static_cast<float>(taps[1]);
  float sum[Plane::kChannels] = {};
  for (int j = 0; j < taps[1]; ++j) {
    const float oy = static_cast<float>(y) + (static_cast<float>(j) + 0.5f) * step_y;
    const float row_u = matrix[1] * oy + matrix[2] - 0.5f, row_v = matrix[4] * oy + matrix[5] - 0.5f;
    for (int i = 0; i < taps[0]; ++i) {
      const float ox = static_cast<float>(x) + (static_cast<float>(i) + 0.5f) * step_x;
      add_tap(plane, matrix[0] * ox + row_u, matrix[3] * ox + row_v, sum);
    }
  }
  for (int c = 0; c < Plane::kChannels; ++c) mean[c] = sum[c] * step_x * step_y;
}

// Up to three samples of one output pixel, before colour.
template <PixelFormat kFormat>
EDGEAFFECT_HD void sample_frame(const CropTask& task, const CropItem& item, int x, int y, float* samples) {
  const Frame& f = task.frames[item.frame];
  const float luma_border = task.border[0];
  if constexpr (kFormat == PixelFormat::kBgr || kFormat == PixelFormat::kBgra) {
    constexpr int kStep = kFormat == PixelFormat::kBgr ? 3 : 4;
    const Interleaved<kStep, 3, 0, 1> plane{f.data, f.stride, f.width, f.height, luma_border, task.replicate};
    sample(plane, item.matrix, item.taps, x, y, samples);
  } else {
    constexpr int kStep = kFormat == PixelFormat::kYuyv ? 2 : 1;
    const Interleaved<kStep, 1, 0, 0> luma{f.data, f.stride, f.width, f.height, luma_border, task.replicate};
    sample(luma, item.matrix, item.taps, x, y, samples);
    samples[1] = samples[2] = 0;
    if (kFormat == PixelFormat::kGray || task.channels == 1) return;  // the grey of a YUV frame is its luma
    const float* m = item.matrix;
    const float down = kFormat == PixelFormat::kNv12 ? 0.5f : 1.0f;
    const float half[6] = {0.5f * m[0], 0.5f * m[1], 0.5f * m[2], down * m[3], down * m[4], down * m[5]};
    if constexpr (kFormat == PixelFormat::kNv12) {
      const Interleaved<2, 2, 0, 1> chroma{f.uv,         f.uv_stride,    f.width / 2,
                                           f.height / 2, task.border[1], task.replicate};
      sample(chroma, half, item.chroma_taps, x, y, samples + 1);
    } else if constexpr (kFormat == PixelFormat::kYuyv) {
      const Interleaved<4, 2, 1, 2> chroma{f.data, f.stride, f.width / 2, f.height, task.border[1], task.replicate};
      sample(chroma, half, item.chroma_taps, x, y, samples + 1);
    }
  }
}

EDGEAFFECT_HD void store(float* out, float value) { *out = value; }
EDGEAFFECT_HD void store(uint16_t* out, float value) { *out = half_bits(value); }
EDGEAFFECT_HD void store(int8_t* out, float value) {
  *out = static_cast<int8_t>(fminf(fmaxf(rintf(value), -128.0f), 127.0f));
}

// Everything of output pixel (x, y) of item n. T is float, uint16_t (half) or int8_t.
template <PixelFormat kFormat, class T>
EDGEAFFECT_HD void crop_pixel(const CropTask& task, int n, int x, int y) {
  const CropItem& item = task.items[n];
  if (item.frame < 0) return;
  float s[3];
  sample_frame<kFormat>(task, item, x, y, s);
  const size_t plane = static_cast<size_t>(task.width) * task.height;
  const size_t pixel = static_cast<size_t>(y) * task.width + x;
  T* image = static_cast<T*>(task.out) + n * plane * task.channels;
  // Three rounds whatever the count: a loop that unrolls keeps the map in constant memory.
  for (int c = 0; c < 3; ++c) {
    if (c >= task.channels) break;
    const float* w = task.color.a[c];
    const float value = w[0] * s[0] + w[1] * s[1] + w[2] * s[2] + task.color.b[c];
    store(image + (task.nhwc ? pixel * task.channels + c : c * plane + pixel), value);
  }
}

}  // namespace edgeaffect::cuda
