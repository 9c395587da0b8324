// Samples of an image plane: the mean of bilinear taps under one output pixel. Contract: ../crop_normalize.h.
//
// Positions are computed in float, then rounded to 2^-15 pixels: for a coordinate below 2^k pixels the error is below
// 2^(k-22) + 2^-16 pixels, i.e. less than 0.14 grey levels across the hardest edge of a 1080p frame and zero where the
// image is flat.
//
// Note [Three ways]
// - Upright: a crop that is not turned, as every letterbox, and shrinks: its taps fall on a grid and share pixels. The
//   weights of taps are added up per column and per row first, and every pixel is read once.
// - Inside: where every tap and its neighbours are inside the plane, taps are read as segments (Note [Segments]).
// - Anywhere: byte by byte, each checked against the borders.
//
// Note [Parts]
// An output pixel with many taps is shared out to several neighbouring threads, whose sums are then added: by columns of
// taps, so that a warp reads neighbours in the frame however much the crop shrinks; in the upright way by rows. Where
// there are few output pixels, that also keeps a GPU busy that would else wait for memory with a few threads.
#pragma once

#include <cmath>
#include <cstddef>

#include "cuda/segment.h"

namespace edgeaffect::cuda {

constexpr int kMostPartsLog2 = 3;
constexpr int kGroup = 8;  // columns of one segment of the upright way
constexpr int kMostUprightTaps = 64;  // per axis; beyond them float sums of weights lose their last bits
constexpr float kFar = 1e6f;  // pixels; conversions to int are defined up to here

// Taps of an output pixel: rows and columns of a grid.
struct Taps {
  int count[2];
  float step[2];  // 1 / count: from tap to tap in output pixels
};

// Which of the threads of an output pixel.
struct Part {
  int index;
  int log2;  // of their number

  EDGEAFFECT_HD int count() const { return 1 << log2; }
  EDGEAFFECT_HD bool has(int i) const { return (i & (count() - 1)) == index; }
};

EDGEAFFECT_HD int clamp_index(int i, int size) { return i < 0 ? 0 : (i < size ? i : size - 1); }

EDGEAFFECT_HD bool inside(int i, int size) { return static_cast<unsigned>(i) < static_cast<unsigned>(size); }

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

  // All channels of kCount neighbours.
  template <int kCount>
  using Pixels = Segment<kStep*(kCount - 1) + (kChannels - 1) * kNext + 1>;

  // Where kCount pixels can be read as a segment: 0 <= x <= width - kRoom<kCount>.
  template <int kCount>
  static constexpr int kRoom = (kFirst + Pixels<kCount>::kReach + kStep - 1) / kStep;

  EDGEAFFECT_HD static float load(const uint8_t* row, int x, int c) {
    return static_cast<float>(row[kStep * x + kFirst + c * kNext]);
  }
  EDGEAFFECT_HD const uint8_t* pixel(int x, int y) const { return data + y * stride + kStep * x + kFirst; }

  // Channel c of pixels k and k + 1.
  template <int kCount>
  EDGEAFFECT_HD static uint32_t pair(const Pixels<kCount>& pixels, int k, int c) {
    return pixels.pick(kStep * k + c * kNext, kStep * (k + 1) + c * kNext);
  }
};

// Equally spaced taps on one axis of a plane, in integer-centre coordinates.
struct Comb {
  float first;
  float gap;
  float per_gap;
  int count;

  // The taps of output pixel `index` when `scale` and `offset` map output to plane.
  EDGEAFFECT_HD Comb(float scale, float offset, int taps, float step, int index) : count(taps) {
    gap = scale * step;
    per_gap = rough_reciprocal(gap);
    first = scale * static_cast<float>(index) + 0.5f * gap + offset - 0.5f;
  }
  EDGEAFFECT_HD float last() const { return first + gap * static_cast<float>(count - 1); }

  // Taps at or before t; gap > 0.
  EDGEAFFECT_HD int until(float t) const {
    const int n = static_cast<int>(floorf((t - first) * per_gap)) + 1;
    return n < 0 ? 0 : (n > count ? count : n);
  }

  // kFractionOne times the weight that pixels 0..i have in all taps together, of which n lie at or before i, and next_n
  // at or before i + 1.
  EDGEAFFECT_HD int covered(int i, int n, int next_n) const {
    const int partly = next_n - n;  // tap k between i and i + 1 gives i the weight i + 1 - tap
    const float positions = static_cast<float>(n * partly + partly * (partly - 1) / 2);
    const float weights = static_cast<float>(partly) * (static_cast<float>(i + 1) - first) - gap * positions;
    return n * kFractionOne + to_fixed(weights);
  }
};

// Weights of pixels one after the other, times kFractionOne: differences of what is covered, so that they add up to what
// the taps weigh whatever the rounding.
struct Weights {
  Comb comb;
  int pixel;
  int until;
  int before;

  EDGEAFFECT_HD Weights(const Comb& taps, int start)
      : comb(taps), pixel(start), until(taps.until(static_cast<float>(start))), before(0) {
    if (static_cast<float>(start) > comb.first) {
      before = comb.covered(start - 1, comb.until(static_cast<float>(start - 1)), until);
    }
  }
  EDGEAFFECT_HD int take() {
    const int next = comb.until(static_cast<float>(pixel + 1)), now = comb.covered(pixel, until, next);
    const int weight = now - before;
    until = next;
    before = now;
    ++pixel;
    return weight;
  }
};

// Adds kFractionOne times one bilinear sample at integer-centre coordinates (u, v), anywhere, to sum[kChannels].
template <class Plane>
EDGEAFFECT_HD void add_tap_anywhere(const Plane& plane, float u, float v, float* sum) {
  // Beyond one pixel outside nothing changes any more; the limits keep the conversion to int defined.
  u = fminf(fmaxf(u, -2.0f), static_cast<float>(plane.width) + 1.0f);
  v = fminf(fmaxf(v, -2.0f), static_cast<float>(plane.height) + 1.0f);
  const int fixed_u = to_fixed(u), fixed_v = to_fixed(v);
  const int x = fixed_u >> kFractionBits, y = fixed_v >> kFractionBits;
  const float fx = fraction(fixed_u), fy = fraction(fixed_v);
  const int x0 = clamp_index(x, plane.width), x1 = clamp_index(x + 1, plane.width);
  const uint8_t* row0 = plane.data + clamp_index(y, plane.height) * plane.stride;
  const uint8_t* row1 = plane.data + clamp_index(y + 1, plane.height) * plane.stride;
  const bool in_x0 = plane.replicate || inside(x, plane.width), in_x1 = plane.replicate || inside(x + 1, plane.width);
  const bool in_y0 = plane.replicate || inside(y, plane.height);
  const bool in_y1 = plane.replicate || inside(y + 1, plane.height);
  for (int c = 0; c < Plane::kChannels; ++c) {
    // All are read, for there is something to read: choices before loads would make them wait for one another.
    float p00 = Plane::load(row0, x0, c), p01 = Plane::load(row0, x1, c);
    float p10 = Plane::load(row1, x0, c), p11 = Plane::load(row1, x1, c);
    p00 = in_y0 && in_x0 ? p00 : plane.border;
    p01 = in_y0 && in_x1 ? p01 : plane.border;
    p10 = in_y1 && in_x0 ? p10 : plane.border;
    p11 = in_y1 && in_x1 ? p11 : plane.border;
    const float upper = p00 + fx * (p01 - p00), lower = p10 + fx * (p11 - p10);
    sum[c] += kFractionOne * (upper + fy * (lower - upper));
  }
}

// The same where Plane::kRoom<2> columns follow u, and one row v.
template <class Plane>
EDGEAFFECT_HD void add_tap_inside(const Plane& plane, float u, float v, float* sum) {
  const int fixed_u = to_fixed(u), fixed_v = to_fixed(v), weight = fixed_u & (kFractionOne - 1);
  const uint32_t weights = static_cast<uint32_t>(kFractionOne - weight) | static_cast<uint32_t>(weight) << 16;
  const float fy = fraction(fixed_v);
  const uint8_t* first = plane.pixel(fixed_u >> kFractionBits, fixed_v >> kFractionBits);
  typename Plane::template Pixels<2> above, below;
  above.load(first);
  below.load(first + plane.stride);
  EDGEAFFECT_UNROLL(3)
  for (int c = 0; c < Plane::kChannels; ++c) {
    const float upper = bits_float(add_weighted(weights, Plane::template pair<2>(above, 0, c), kFloatOffsetBits));
    const float lower = bits_float(add_weighted(weights, Plane::template pair<2>(below, 0, c), kFloatOffsetBits));
    sum[c] += (upper - kFloatOffset) + fy * (lower - upper);
  }
}

// This thread's columns of taps of output pixel (x, y).
template <bool kInside, class Plane>
EDGEAFFECT_HD void add_taps(const Plane& plane, const float* matrix, const Taps& taps, int x, int y, Part part,
                            float* sum) {
  for (int i = part.index; i < taps.count[0]; i += part.count()) {
    const float ox = static_cast<float>(x) + (static_cast<float>(i) + 0.5f) * taps.step[0];
    const float column_u = matrix[0] * ox + matrix[2] - 0.5f, column_v = matrix[3] * ox + matrix[5] - 0.5f;
    EDGEAFFECT_UNROLL(kInside ? 2 : 1)  // loads of two taps in flight
    for (int j = 0; j < taps.count[1]; ++j) {
      const float oy = static_cast<float>(y) + (static_cast<float>(j) + 0.5f) * taps.step[1];
      const float u = matrix[1] * oy + column_u, v = matrix[4] * oy + column_v;
      if constexpr (kInside) {
        add_tap_inside(plane, u, v, sum);
      } else {
        add_tap_anywhere(plane, u, v, sum);
      }
    }
  }
}

// Rows of an upright crop where segments of them can be read.
template <class Plane>
EDGEAFFECT_HD void add_upright_inside(const Plane& plane, const Comb& across, const Comb& down, int left, int right,
                                      int top, int bottom, float* sum) {
  for (int begin = left; begin <= right; begin += kGroup) {
    uint32_t weights[kGroup / 2];
    Weights columns(across, begin);
    EDGEAFFECT_UNROLL(kGroup / 2)
    for (int k = 0; k < kGroup / 2; ++k) {
      const int one = columns.take(), other = columns.take();
      // Two taps on one pixel are at most one pixel apart: below 2^16, but for rounding.
      const uint32_t low = one < 65535 ? one : 65535, high = other < 65535 ? other : 65535;
      weights[k] = low | high << 16;
    }
    Weights rows(down, top);
    EDGEAFFECT_UNROLL(2)
    for (int row = top; row <= bottom; ++row) {
      typename Plane::template Pixels<kGroup> pixels;
      pixels.load(plane.pixel(begin, row));
      const float weight = static_cast<float>(rows.take()) * (1.0f / kFractionOne);
      EDGEAFFECT_UNROLL(3)
      for (int c = 0; c < Plane::kChannels; ++c) {
        uint32_t total = 0;
        EDGEAFFECT_UNROLL(kGroup / 2)
        for (int k = 0; k < kGroup / 2; ++k) {
          total = add_weighted(weights[k], Plane::template pair<kGroup>(pixels, 2 * k, c), total);
        }
        sum[c] += weight * static_cast<float>(total);
      }
    }
  }
}

// Rows of an upright crop, pixel by pixel, each checked against the borders.
template <class Plane>
EDGEAFFECT_HD void add_upright_anywhere(const Plane& plane, const Comb& across, const Comb& down, int left, int right,
                                        int top, int bottom, float* sum) {
  Weights rows(down, top);
  for (int y = top; y <= bottom; ++y) {
    const uint8_t* row = plane.data + clamp_index(y, plane.height) * plane.stride;
    const bool in_y = plane.replicate || inside(y, plane.height);
    float total[Plane::kChannels] = {};
    Weights columns(across, left);
    EDGEAFFECT_UNROLL(2)  // loads in flight: the whole launch waits for the last column of a letterbox
    for (int x = left; x <= right; ++x) {
      const bool in = in_y && (plane.replicate || inside(x, plane.width));
      const float weight = static_cast<float>(columns.take());
      for (int c = 0; c < Plane::kChannels; ++c) {
        const float value = Plane::load(row, clamp_index(x, plane.width), c);
        total[c] += weight * (in ? value : plane.border);
      }
    }
    const float weight = static_cast<float>(rows.take()) * (1.0f / kFractionOne);
    for (int c = 0; c < Plane::kChannels; ++c) sum[c] += weight * total[c];
  }
}

// This thread's rows of an upright crop.
template <class Plane>
EDGEAFFECT_HD void add_upright(const Plane& plane, const float* matrix, const Taps& taps, int x, int y, Part part,
                               float* sum) {
  const Comb across(matrix[0], matrix[2], taps.count[0], taps.step[0], x);
  const Comb down(matrix[4], matrix[5], taps.count[1], taps.step[1], y);
  const int left = static_cast<int>(floorf(across.first)), right = static_cast<int>(ceilf(across.last()));
  const int first = static_cast<int>(floorf(down.first)), last = static_cast<int>(ceilf(down.last()));
  const int share = (last - first + part.count()) >> part.log2;  // rows of each part, rounded up
  const int top = first + share * part.index, bottom = top + share - 1 < last ? top + share - 1 : last;
  const int last_group = left + ((right - left) & ~(kGroup - 1));
  if (left >= 0 && last_group <= plane.width - Plane::template kRoom<kGroup> && top >= 0 && bottom < plane.height) {
    add_upright_inside(plane, across, down, left, right, top, bottom, sum);
  } else {
    add_upright_anywhere(plane, across, down, left, right, top, bottom, sum);
  }
}

// What this thread's part gives to the mean of the taps of output pixel (x, y); `matrix` maps to this plane, and is not
// turned where `upright` says so.
template <class Plane>
EDGEAFFECT_HD void sample(const Plane& plane, const float* matrix, const Taps& taps, bool upright, int x, int y,
                          Part part, float* share) {
  const float ox = static_cast<float>(x) + 0.5f, oy = static_cast<float>(y) + 0.5f;
  const float u = matrix[0] * ox + matrix[1] * oy + matrix[2] - 0.5f;
  const float v = matrix[3] * ox + matrix[4] * oy + matrix[5] - 0.5f;
  // Taps lie within half an output pixel of its centre; the rest is more than rounding moves them.
  const float reach_u = 0.5f * (fabsf(matrix[0]) + fabsf(matrix[1])) + 0.01f;
  const float reach_v = 0.5f * (fabsf(matrix[3]) + fabsf(matrix[4])) + 0.01f;
  const float width = static_cast<float>(plane.width), height = static_cast<float>(plane.height);
  if (!plane.replicate && (u + reach_u < -1 || v + reach_v < -1 || u - reach_u > width || v - reach_v > height)) {
    for (int c = 0; c < Plane::kChannels; ++c) share[c] = part.index == 0 ? plane.border : 0;  // padding
    return;
  }
  const float most = static_cast<float>(plane.width - Plane::template kRoom<2>);
  float sum[Plane::kChannels] = {};
  if (upright && fabsf(u) < kFar && fabsf(v) < kFar) {
    add_upright(plane, matrix, taps, x, y, part, sum);
  } else if (u - reach_u >= 0 && u + reach_u < most && v - reach_v >= 0 && v + reach_v < height - 1) {
    add_taps<true>(plane, matrix, taps, x, y, part, sum);
  } else {
    add_taps<false>(plane, matrix, taps, x, y, part, sum);
  }
  const float scale = taps.step[0] * taps.step[1] * (1.0f / kFractionOne);
  for (int c = 0; c < Plane::kChannels; ++c) share[c] = sum[c] * scale;
}

}  // namespace edgeaffect::cuda
