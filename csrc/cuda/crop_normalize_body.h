// The body of the crop_normalize kernel. Contract: crop/crop_normalize.h; see Note [Bodies] in hd.h.
#pragma once

#include <cmath>
#include <cstddef>

#include "crop/crop_normalize.h"
#include "crop/crop_normalize_kernels.h"
#include "cuda/hd.h"
#include "cuda/sample_body.h"

namespace edgeaffect::cuda {

// One output image: which frame, and where in it.
struct CropItem {
  float matrix[6];   // row-major 2x3, output -> frame, pixel centres at +0.5
  int frame;         // row of the frame table; negative: no such item, its output is left as it is
  Taps taps;         // of the packed or luma plane
  Taps chroma_taps;  // of the chroma plane (NV12, YUYV)
  bool upright;      // see Note [Three ways]
  int parts_log2;    // threads that an output pixel is worth, see Note [Parts]
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
  int spare_log2;  // threads per output pixel that a GPU has room for at once
  void* out;  // device, [count, channels, height, width] or [count, height, width, channels]
};

EDGEAFFECT_HD Taps taps_for(const double* shrink) {
  Taps taps;
  for (int axis = 0; axis < 2; ++axis) {
    taps.count[axis] = shrink[axis] > 1 ? static_cast<int>(ceil(shrink[axis])) : 1;
    taps.step[axis] = 1.0f / static_cast<float>(taps.count[axis]);
  }
  return taps;
}

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
  if (luma[0] > kMaxTaps || luma[1] > kMaxTaps) return false;
  item->taps = taps_for(luma);
  item->chroma_taps = taps_for(chroma);
  const int* count = item->taps.count;
  item->upright = matrix[1] == 0 && matrix[3] == 0 && matrix[0] > 0 && matrix[4] > 0 && count[0] * count[1] > 1 &&
                  count[0] <= kMostUprightTaps && count[1] <= kMostUprightTaps;
  // A row of pixels in the upright way is less work than a column of taps, and weights come first.
  const int shares = item->upright ? count[1] / 4 : count[0];
  item->parts_log2 = 0;
  while (item->parts_log2 < kMostPartsLog2 && 2 << item->parts_log2 <= shares) ++item->parts_log2;
  item->frame = frame;
  return true;
}

// Threads per output pixel: as many as it is worth, but a pixel of few taps is not shared out while others wait.
EDGEAFFECT_HD int parts_log2(const CropTask& task, const CropItem& item) {
  const bool few = item.parts_log2 < 2;
  return few && task.spare_log2 < item.parts_log2 ? task.spare_log2 : item.parts_log2;
}

// This thread's share of up to three samples of one output pixel, before colour; see Note [Parts].
template <PixelFormat kFormat>
EDGEAFFECT_HD void sample_frame(const CropTask& task, const CropItem& item, const Frame& f, int x, int y, Part part,
                                float* samples) {
  const float luma_border = task.border[0];
  if constexpr (kFormat == PixelFormat::kBgr || kFormat == PixelFormat::kBgra) {
    constexpr int kStep = kFormat == PixelFormat::kBgr ? 3 : 4;
    const Interleaved<kStep, 3, 0, 1> plane{f.data, f.stride, f.width, f.height, luma_border, task.replicate};
    sample(plane, item.matrix, item.taps, item.upright, x, y, part, samples);
  } else {
    constexpr int kStep = kFormat == PixelFormat::kYuyv ? 2 : 1;
    const Interleaved<kStep, 1, 0, 0> luma{f.data, f.stride, f.width, f.height, luma_border, task.replicate};
    sample(luma, item.matrix, item.taps, item.upright, x, y, part, samples);
    samples[1] = samples[2] = 0;
    if (kFormat == PixelFormat::kGray || task.channels == 1) return;  // the grey of a YUV frame is its luma
    const float* m = item.matrix;
    const float down = kFormat == PixelFormat::kNv12 ? 0.5f : 1.0f;
    const float half[6] = {0.5f * m[0], 0.5f * m[1], 0.5f * m[2], down * m[3], down * m[4], down * m[5]};
    if constexpr (kFormat == PixelFormat::kNv12) {
      const Interleaved<2, 2, 0, 1> chroma{f.uv,         f.uv_stride,    f.width / 2,
                                           f.height / 2, task.border[1], task.replicate};
      sample(chroma, half, item.chroma_taps, item.upright, x, y, part, samples + 1);
    } else if constexpr (kFormat == PixelFormat::kYuyv) {
      const Interleaved<4, 2, 1, 2> chroma{f.data, f.stride, f.width / 2, f.height, task.border[1], task.replicate};
      sample(chroma, half, item.chroma_taps, item.upright, x, y, part, samples + 1);
    }
  }
}

EDGEAFFECT_HD void store(float* out, float value) { *out = value; }
EDGEAFFECT_HD void store(uint16_t* out, float value) { *out = half_bits(value); }
EDGEAFFECT_HD void store(int8_t* out, float value) {
  *out = static_cast<int8_t>(fminf(fmaxf(rintf(value), -128.0f), 127.0f));
}

// Colour, scale and store of output pixel (x, y) of an image at `out`, of which this thread writes its part of the
// channels. T is float, uint16_t (half) or int8_t.
template <class T>
EDGEAFFECT_HD void write_pixel(const CropTask& task, T* out, int x, int y, Part part, const float* samples) {
  // An image has fewer than 2^32 elements: three times kMaxFrameSide squared.
  const uint32_t width = task.width, height = task.height, channels = task.channels, pixel = y * width + x;
  const uint32_t next = task.nhwc ? 1 : width * height, first = task.nhwc ? pixel * channels : pixel;
  // Three rounds whatever the count: a loop that unrolls keeps the map in constant memory.
  EDGEAFFECT_UNROLL(3)
  for (uint32_t c = 0; c < 3; ++c) {
    const float* w = task.color.a[c];
    const float value = w[0] * samples[0] + w[1] * samples[1] + w[2] * samples[2] + task.color.b[c];
    if (c < channels && part.has(c)) store(out + (first + c * next), value);
  }
}

// Elements of one output image.
EDGEAFFECT_HD size_t image_size(const CropTask& task) {
  return static_cast<size_t>(task.width) * task.height * task.channels;
}

}  // namespace edgeaffect::cuda
