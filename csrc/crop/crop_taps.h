// Turned boxes tap by tap: what every unit shares. Internal linkage, no STL: see crop_normalize_kernels.h.
//
// An Isa has
//   plan_block<kSingle>(lanes, block, offsets, weights)  positions -> byte offsets and bilinear weights of kTapBlock taps
//   sum_pixels(plane, rows, scratch, span)               sums of taps of each pixel and channel
//   sum_columns(rows, scratch, columns, lines)           the same of a plane of single bytes, per column of taps
//
// Note [Fixed-point taps]
// Taps are planned in blocks of 16 along a row of taps. A block's corner is rounded to 2^-15 pixel, and so is the way from
// it to each of its taps, which is the same in every block of a box. The four weights are products of fractions in
// 2^-15, all negative, because 16 bits hold -1 and not 1:
//     lower = ((fx - 2^15, -fx) * fy + 2^14) >> 15,      upper = (fx - 2^15, -fx) - lower
// They always sum to -2^15: a constant image stays exactly constant. Taps are added in int32 (and flushed to float before
// it could overflow), so that the result has the same bits on every unit that adds taps in this way. The error in units
// of 2^-15 of the contrast under a tap (at most 255 grey levels) is half for the corner and half for the way, per axis,
// and half for each of two products: below 0.024 grey levels.
#pragma once

#include "crop/crop_normalize_kernels.h"

namespace edgeaffect::detail {
namespace {

constexpr int kFractionBits = 15;
constexpr int kFractionOne = 1 << kFractionBits;

inline double floor_double(double t) { return __builtin_floor(t); }

inline int64_t to_fixed(double value) { return static_cast<int64_t>(floor_double(value * 4294967296.0 + 0.5)); }

// From the corner of a block to its taps, in 2^-15 pixel.
struct TapLanes {
  alignas(64) int32_t u[kTapBlock];
  alignas(64) int32_t v[kTapBlock];

  explicit TapLanes(const TapGrid& grid) {
    const double du = grid.m[0] / grid.nx * kFractionOne, dv = grid.m[3] / grid.nx * kFractionOne;
    for (int i = 0; i < kTapBlock; ++i) {
      u[i] = static_cast<int32_t>(__builtin_lrint(i * du));
      v[i] = static_cast<int32_t>(__builtin_lrint(i * dv));
    }
  }
};

// Where kTapBlock taps lie: `u` and `v` are the fraction of their corner, whose pixel is at byte `offset`.
struct TapBlock {
  int32_t u, v;
  int32_t offset;
  int32_t stride;
  int32_t step;
};

// Where the bytes of the four corners of a tap lie.
struct TapRows {
  const uint8_t* base;
  ptrdiff_t stride;  // from a tap's upper row to its lower row
};

// Taps first .. first + count - 1 of the per_pixel taps that each of some pixels has in each of some rows of taps.
struct TapSpan {
  int pixels;
  int per_pixel;
  int first, count;
  int lines;
};

// Planes whose pixels are single bytes are added per column of taps: the two pixels under a tap are one load.
inline bool is_single(const Plane& plane) { return plane.step == 1; }

// Bytes of the bilinear corner at (x, y), border applied.
inline void copy_corner(const Plane& plane, int64_t x, int64_t y, uint8_t* to) {
  const bool outside = x < 0 || y < 0 || x >= plane.width || y >= plane.height;
  if (outside && !plane.replicate) {
    __builtin_memset(to, plane.border, plane.step);
    return;
  }
  x = x < 0 ? 0 : x >= plane.width ? plane.width - 1 : x;
  y = y < 0 ? 0 : y >= plane.height ? plane.height - 1 : y;
  __builtin_memcpy(to, plane.data + y * plane.stride + x * plane.step, plane.step);
}

// The four corners of the tap at (x, y): rows of kLoadBytes.
inline void copy_patch(const Plane& plane, int64_t x, int64_t y, uint8_t* patch) {
  const int64_t last = plane.width - (kLoadBytes + plane.step - 1) / plane.step;
  if (x >= 0 && y >= 0 && x <= last && y + 1 < plane.height) {
    const uint8_t* from = plane.data + y * plane.stride + x * plane.step;
    __builtin_memcpy(patch, from, kLoadBytes);
    __builtin_memcpy(patch + kLoadBytes, from + plane.stride, kLoadBytes);
    return;
  }
  copy_corner(plane, x, y, patch);
  copy_corner(plane, x + 1, y, patch + plane.step);
  copy_corner(plane, x, y + 1, patch + kLoadBytes);
  copy_corner(plane, x + 1, y + 1, patch + kLoadBytes + plane.step);
}

// Plans `count` taps from tap X on in each of `lines` rows of taps from Y on. When all lie inside the plane the taps read the
// frame itself; else their corners are copied, border applied, to scratch.patches and the taps read those.
template <class Isa, bool kSingle>
TapRows plan_taps(const Plane& plane, const TapGrid& grid, const TapLanes& lanes, int64_t X, int64_t Y, int count,
                  int lines, const Scratch& scratch) {
  const double* m = grid.m;
  const double du = m[0] / grid.nx, dv = m[3] / grid.nx;
  const auto position = [&](int i, int line, double& u, double& v) {
    const double column = static_cast<double>(X + i) + 0.5, row = (static_cast<double>(Y + line) + 0.5) / grid.ny;
    u = column * du + (m[1] * row + m[2]);
    v = column * dv + (m[4] * row + m[5]);
  };
  constexpr double kGuard = 1.0 / 1024;  // covers the rounding of positions
  constexpr int kRead = kSingle ? 2 : kLoadBytes;
  const double u_end = plane.width - (kRead + plane.step - 1) / plane.step + 1 - kGuard;
  const double v_end = plane.height - 1 - kGuard;
  const auto inside = [&](int i, int line) {
    double u, v;
    position(i, line, u, v);
    return u >= kGuard && v >= kGuard && u < u_end && v < v_end;
  };
  const bool direct = inside(0, 0) && inside(count - 1, 0) && inside(0, lines - 1) && inside(count - 1, lines - 1);

  TapBlock block;
  block.stride = static_cast<int32_t>(plane.stride);
  block.step = plane.step;
  const int64_t step_u = to_fixed(du * kTapBlock), step_v = to_fixed(dv * kTapBlock);
  for (int line = 0; line < lines; ++line) {
    double start_u, start_v;
    position(0, line, start_u, start_v);
    // Everything further out than this is border; the limit keeps the integers below in range.
    constexpr double kFar = 1e9;
    int64_t u = to_fixed(start_u < -kFar ? -kFar : start_u > kFar ? kFar : start_u);
    int64_t v = to_fixed(start_v < -kFar ? -kFar : start_v > kFar ? kFar : start_v);
    const int at = line * scratch.tile_pitch;
    for (int i = at; i < at + count; i += kTapBlock, u += step_u, v += step_v) {
      constexpr int kDropped = 32 - kFractionBits;
      const int64_t corner_u = (u + (1 << (kDropped - 1))) >> kDropped;
      const int64_t corner_v = (v + (1 << (kDropped - 1))) >> kDropped;
      const int64_t x = corner_u >> kFractionBits, y = corner_v >> kFractionBits;
      block.u = static_cast<int32_t>(corner_u & (kFractionOne - 1));
      block.v = static_cast<int32_t>(corner_v & (kFractionOne - 1));
      block.offset = direct ? static_cast<int32_t>(y * plane.stride + x * plane.step) : 0;
      Isa::template plan_block<kSingle>(lanes, block, scratch.offsets + i, scratch.weights + 2 * i);
      if (direct) continue;
      const int used = at + count - i < kTapBlock ? at + count - i : kTapBlock;
      for (int k = 0; k < used; ++k) {
        const int offset = 2 * kLoadBytes * (i + k);
        copy_patch(plane, x + ((block.u + lanes.u[k]) >> kFractionBits), y + ((block.v + lanes.v[k]) >> kFractionBits),
                   scratch.patches + offset);
        scratch.offsets[i + k] = offset;
      }
    }
  }
  return direct ? TapRows{plane.data, plane.stride} : TapRows{scratch.patches, kLoadBytes};
}

typedef float Float4 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));

// Four of the eight numbers in a and b.
template <int kFirst, int kSecond, int kThird, int kFourth>
inline Float4 pick(Float4 a, Float4 b) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, kFirst, kSecond, kThird, kFourth);
#else  // GCC knows that name from version 12 on
  return __builtin_shuffle(a, b, Int4{kFirst, kSecond, kThird, kFourth});
#endif
}

inline Float4 load_four(const float* from) {
  Float4 value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}

inline Float4 load_four(const int32_t* from) {
  Int4 value;
  __builtin_memcpy(&value, from, sizeof(value));
  return __builtin_convertvector(value, Float4);
}

// Four numbers per pixel, of which a plane has `channels`, to a row of samples per channel. Up to three pixels more are read
// and written.
template <class T>
inline void store_samples(const T* from, int pixels, int channels, float share, float* const* to, int x) {
  for (int i = 0; i < pixels; i += 4, from += 16, x += 4) {
    const Float4 a = load_four(from), b = load_four(from + 4), c = load_four(from + 8), d = load_four(from + 12);
    const Float4 ab_low = pick<0, 4, 1, 5>(a, b), cd_low = pick<0, 4, 1, 5>(c, d);
    const Float4 first = pick<0, 1, 4, 5>(ab_low, cd_low) * share;
    __builtin_memcpy(to[0] + x, &first, sizeof(first));
    if (channels == 1) continue;
    const Float4 second = pick<2, 3, 6, 7>(ab_low, cd_low) * share;
    __builtin_memcpy(to[1] + x, &second, sizeof(second));
    if (channels == 2) continue;
    const Float4 third = pick<0, 1, 4, 5>(pick<2, 6, 3, 7>(a, b), pick<2, 6, 3, 7>(c, d)) * share;
    __builtin_memcpy(to[2] + x, &third, sizeof(third));
  }
}

inline void add_sums(const int32_t* sums, int count, float* means) {
  for (int i = 0; i < count; ++i) means[i] += static_cast<float>(sums[i]);
}

// Sums of `count` neighbouring columns of taps per pixel.
inline void add_columns(const int32_t* columns, const TapSpan& span, int32_t* sums) {
  for (int x = 0; x < span.pixels; ++x, columns += span.per_pixel) {
    int32_t sum = 0;
    for (int i = span.first; i < span.first + span.count; ++i) sum += columns[i];
    sums[x] = sum;
  }
}

// Means of output pixels 0 .. width - 1 of row y; samples[c] is the row.
template <class Isa, bool kSingle>
void sample_row_of_taps(const Plane& plane, const TapGrid& grid, const TapLanes& lanes, int y, int width,
                        const Scratch& scratch, float* const* samples) {
  const float share = static_cast<float>(-1.0 / (static_cast<double>(kFractionOne) * grid.nx * grid.ny));
  constexpr int kNumbers = kSingle ? 1 : 4;  // per pixel
  const bool once = scratch.tile_lines >= grid.ny && grid.nx <= kFlushTaps;
  for (int x = 0; x < width; x += scratch.tile_pixels) {
    TapSpan span{width - x < scratch.tile_pixels ? width - x : scratch.tile_pixels, grid.nx, 0, 0, 0};
    if (!once) __builtin_memset(scratch.means, 0, sizeof(float) * kNumbers * span.pixels);
    const int32_t* sums = scratch.sums;
    for (int line = 0; line < grid.ny; line += scratch.tile_lines) {
      span.lines = grid.ny - line < scratch.tile_lines ? grid.ny - line : scratch.tile_lines;
      const TapRows rows =
          plan_taps<Isa, kSingle>(plane, grid, lanes, static_cast<int64_t>(x) * grid.nx,
                                  static_cast<int64_t>(y) * grid.ny + line, span.pixels * grid.nx, span.lines, scratch);
      if constexpr (kSingle) Isa::sum_columns(rows, scratch, span.pixels * grid.nx, span.lines);
      for (span.first = 0; span.first < grid.nx; span.first += kFlushTaps) {
        span.count = grid.nx - span.first < kFlushTaps ? grid.nx - span.first : kFlushTaps;
        if constexpr (!kSingle) {
          Isa::sum_pixels(plane, rows, scratch, span);
        } else if (grid.nx == 1) {
          sums = scratch.column_sums;
        } else {
          add_columns(scratch.column_sums, span, scratch.sums);
        }
        if (!once) add_sums(sums, kNumbers * span.pixels, scratch.means);
      }
    }
    if constexpr (kSingle) {
      for (int i = 0; i < span.pixels; ++i) {
        samples[0][x + i] = (once ? static_cast<float>(sums[i]) : scratch.means[i]) * share;
      }
    } else if (once) {
      store_samples(sums, span.pixels, plane.channels, share, samples, x);
    } else {
      store_samples(scratch.means, span.pixels, plane.channels, share, samples, x);
    }
  }
}

template <class Isa>
void sample_rows(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                 float* const* samples) {
  const TapLanes lanes(grid);
  for (int r = 0; r < rows; ++r) {
    float* row[kMaxPlaneChannels];
    for (int c = 0; c < plane.channels; ++c) row[c] = samples[c] + static_cast<ptrdiff_t>(r) * sample_pitch(width);
    if (is_single(plane)) {
      sample_row_of_taps<Isa, true>(plane, grid, lanes, y + r, width, scratch, row);
    } else {
      sample_row_of_taps<Isa, false>(plane, grid, lanes, y + r, width, scratch, row);
    }
  }
}

}  // namespace
}  // namespace edgeaffect::detail
