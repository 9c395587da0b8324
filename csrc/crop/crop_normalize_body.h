// The body of every crop_normalize unit, compiled once per instruction set as `make_kernels<Isa>()`. An Isa has
//   plan_block(block, offsets, weights)   positions -> byte offsets and bilinear weights of kTapBlock taps
//   add_taps(plane, rows, scratch, ...)   sums of the taps of each output pixel
//   sum_chunk<kMore>(rows, weights, ...)  weighted sum of pairs of rows of bytes, kRowChunk bytes wide, and of a constant
//                                         or, with kMore, of what is there
// and everything else is plain C++ that the compiler vectorises with the unit's flags. All of it has internal
// linkage and no STL is included: see crop_normalize_kernels.h.
//
// Note [Fixed-point taps]
// A tap's position is computed in double once per kTapBlock taps and in float, relative to that, within the
// block (error below 2^-18 pixel). Its fractions become 15-bit integers, and the four bilinear weights are
//     lower = ((32767 - fx, fx) * fy + 2^14) >> 15,      upper = (32767 - fx, fx) - lower
// so that they always sum to 32767: a constant image stays exactly constant. Taps are added in int32 (and flushed
// to float before it could overflow), which makes the result the same bits on every unit's taps. The error of
// a tap against exact arithmetic, in units of 2^-15 of the contrast under it (at most 255 grey levels), is
// half for fx, one for fy (rounded, then limited to 32767) and half for each of two products: below 0.02 grey levels.
#pragma once

#include "crop/crop_normalize_kernels.h"

namespace edgeaffect::detail {
namespace {

constexpr int kTapBlock = 16;
constexpr int kRowChunk = 64;
constexpr int kWeightBits = 14;  // of a row: Note [Sums of rows]
constexpr int kRowBatch = 256;  // 255 * 256 * 2^14 < 2^31
constexpr int kWeightOne = 32767;
constexpr int kFlushTaps = 257;  // 257 * 255 * 32767 < 2^31

// kTapBlock taps along a row of taps. Lane i is at (u + i * du, v + i * dv) from the pixel at byte `offset`.
struct TapBlock {
  float u, v;  // in [0, 1)
  float du, dv;  // at most 1 in norm
  int32_t offset;
  int32_t stride;
  int32_t step;
};

// Where the bytes of the four corners of a tap lie.
struct TapRows {
  const uint8_t* base;
  ptrdiff_t stride;  // from a tap's upper row to its lower row
};

inline int floor_small(float t) {
  const int i = static_cast<int>(t);
  return i - (t < static_cast<float>(i));
}

inline double floor_double(double t) { return __builtin_floor(t); }

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

// Plans `count` taps of tap row Y from tap X on. When the whole row lies inside the plane the taps read the frame itself;
// else their corners are copied, border applied, to scratch.patches and the taps read those.
template <class Isa>
TapRows plan_row(const Plane& plane, const TapGrid& grid, int64_t X, int64_t Y, int count, const Scratch& scratch) {
  const double* m = grid.m;
  const double row = (static_cast<double>(Y) + 0.5) / grid.ny;
  const double row_u = m[1] * row + m[2], row_v = m[4] * row + m[5];
  const double du = m[0] / grid.nx, dv = m[3] / grid.nx;
  const auto position = [&](int i, double& u, double& v) {
    const double column = static_cast<double>(X + i) + 0.5;
    u = column * du + row_u;
    v = column * dv + row_v;
  };
  // kGuard covers the float arithmetic within a block.
  constexpr double kGuard = 1.0 / 1024;
  const double u_end = plane.width - (kLoadBytes + plane.step - 1) / plane.step + 1 - kGuard;
  const double v_end = plane.height - 1 - kGuard;
  const auto inside = [&](int i) {
    double u, v;
    position(i, u, v);
    return u >= kGuard && v >= kGuard && u < u_end && v < v_end;
  };
  const bool direct = inside(0) && inside(count - 1);

  TapBlock block;
  block.du = static_cast<float>(du);
  block.dv = static_cast<float>(dv);
  block.stride = static_cast<int32_t>(plane.stride);
  block.step = plane.step;
  for (int i = 0; i < count; i += kTapBlock) {
    double u, v;
    position(i, u, v);
    // Everything further out than this is border; the limit keeps the integers below in range.
    constexpr double kFar = 1e9;
    u = u < -kFar ? -kFar : u > kFar ? kFar : u;
    v = v < -kFar ? -kFar : v > kFar ? kFar : v;
    const double u_floor = floor_double(u), v_floor = floor_double(v);
    const int64_t x = static_cast<int64_t>(u_floor), y = static_cast<int64_t>(v_floor);
    block.u = static_cast<float>(u - u_floor);
    block.v = static_cast<float>(v - v_floor);
    block.offset = direct ? static_cast<int32_t>(y * plane.stride + x * plane.step) : 0;
    Isa::plan_block(block, scratch.offsets + i, scratch.weights + 2 * i);
    if (direct) continue;
    const int lanes = count - i < kTapBlock ? count - i : kTapBlock;
    for (int k = 0; k < lanes; ++k) {
      const int64_t cx = x + floor_small(block.u + static_cast<float>(k) * block.du);
      const int64_t cy = y + floor_small(block.v + static_cast<float>(k) * block.dv);
      uint8_t* patch = scratch.patches + 2 * kLoadBytes * (i + k);
      copy_corner(plane, cx, cy, patch);
      copy_corner(plane, cx + 1, cy, patch + plane.step);
      copy_corner(plane, cx, cy + 1, patch + kLoadBytes);
      copy_corner(plane, cx + 1, cy + 1, patch + kLoadBytes + plane.step);
      scratch.offsets[i + k] = 2 * kLoadBytes * (i + k);
    }
  }
  return direct ? TapRows{plane.data, plane.stride} : TapRows{scratch.patches, kLoadBytes};
}

inline void flush_sums(int32_t* sums, float* means, int count) {
  for (int i = 0; i < count; ++i) {
    means[i] += static_cast<float>(sums[i]);
    sums[i] = 0;
  }
}

// Means of output pixels begin .. end - 1 of row y; samples[c] is the row.
template <class Isa>
void sample_span(const Plane& plane, const TapGrid& grid, int y, int begin, int end, const Scratch& scratch,
                 float* const* samples) {
  const float share = static_cast<float>(1.0 / (static_cast<double>(kWeightOne) * grid.nx * grid.ny));
  for (int x = begin; x < end; x += scratch.tile_pixels) {
    const int pixels = end - x < scratch.tile_pixels ? end - x : scratch.tile_pixels;
    __builtin_memset(scratch.sums, 0, sizeof(int32_t) * 4 * pixels);
    __builtin_memset(scratch.means, 0, sizeof(float) * 4 * pixels);
    int pending = 0;
    for (int j = 0; j < grid.ny; ++j) {
      const TapRows rows = plan_row<Isa>(plane, grid, static_cast<int64_t>(x) * grid.nx,
                                         static_cast<int64_t>(y) * grid.ny + j, pixels * grid.nx, scratch);
      for (int first = 0; first < grid.nx; first += kFlushTaps) {
        const int taps = grid.nx - first < kFlushTaps ? grid.nx - first : kFlushTaps;
        if (pending + taps > kFlushTaps) {
          flush_sums(scratch.sums, scratch.means, 4 * pixels);
          pending = 0;
        }
        Isa::add_taps(plane, rows, scratch, pixels, grid.nx, first, taps);
        pending += taps;
      }
    }
    flush_sums(scratch.sums, scratch.means, 4 * pixels);
    for (int c = 0; c < plane.channels; ++c) {
      for (int i = 0; i < pixels; ++i) samples[c][x + i] = scratch.means[4 * i + c] * share;
    }
  }
}

template <class Isa>
void sample_rows(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                 float* const* samples) {
  for (int r = 0; r < rows; ++r) {
    float* row[kMaxPlaneChannels];
    for (int c = 0; c < plane.channels; ++c) row[c] = samples[c] + static_cast<ptrdiff_t>(r) * sample_pitch(width);
    sample_span<Isa>(plane, grid, y + r, 0, width, scratch, row);
  }
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

// The rows of the plane that the tap rows of output row y read, into scratch.row_pointers, and how many tap rows each
// weighs, into scratch.row_weights. Returns their number; `outside` is the weight of rows outside a plane with a constant
// border.
inline int weigh_rows(const Plane& plane, const TapGrid& grid, int y, const Scratch& scratch, float& outside) {
  // Tap rows advance by at most one pixel, so their corners are at most ny + 1 consecutive rows of the plane.
  const PixelTaps taps(grid.m[4], grid.m[5], grid.ny, y, plane.height);
  const double v_first = taps.at(0), v_last = taps.at(grid.ny - 1);
  const int row0 = static_cast<int>(floor_double(v_first < v_last ? v_first : v_last));
  const int count = static_cast<int>(floor_double(v_first < v_last ? v_last : v_first)) + 2 - row0;
  for (int r = 0; r < count; ++r) scratch.row_weights[r] = 0;
  for (int j = 0; j < grid.ny; ++j) {
    const double v = taps.at(j), v_floor = floor_double(v);
    const float f = static_cast<float>(v - v_floor);
    scratch.row_weights[static_cast<int>(v_floor) - row0] += 1 - f;
    scratch.row_weights[static_cast<int>(v_floor) - row0 + 1] += f;
  }
  outside = 0;
  int used = 0;
  for (int r = 0; r < count; ++r) {
    const float weight = scratch.row_weights[r];
    int row = row0 + r;
    if (weight == 0) continue;
    if (row < 0 || row >= plane.height) {
      if (!plane.replicate) {
        outside += weight;
        continue;
      }
      row = row < 0 ? 0 : plane.height - 1;
    }
    scratch.row_weights[used] = weight;
    scratch.row_pointers[used++] = plane.data + static_cast<ptrdiff_t>(row) * plane.stride;
  }
  return used;
}

// Weights in -1 / unit, rounded up or down such that they sum to `total`.
inline void round_weights(const float* weights, int count, int total, int unit, int16_t* to) {
  const auto exact = [&](int i) { return -weights[i] * static_cast<float>(unit); };
  for (int i = 0; i < count; ++i) {
    to[i] = static_cast<int16_t>(__builtin_lrintf(exact(i)));
    total -= to[i];
  }
  while (total != 0 && count > 0) {
    const int step = total < 0 ? -1 : 1;
    int worst = -1;  // the one that was rounded furthest the other way
    for (int i = 0; i < count; ++i) {
      if (step < 0 && to[i] == INT16_MIN) continue;
      const auto short_of = [&](int k) { return (exact(k) - static_cast<float>(to[k])) * static_cast<float>(step); };
      if (worst < 0 || short_of(i) > short_of(worst)) worst = i;
    }
    if (worst < 0) return;
    to[worst] = static_cast<int16_t>(to[worst] + step);
    total -= step;
  }
}

// Note [Sums of rows]
// Rows are summed in int32, two at a time by pairs of 16-bit weights. A row weighs -2^14 per tap row that reads it fully:
// at most two do, and 16 bits hold -2^15 but not 2^15. Weights are rounded such that their sum is exact: a constant image
// stays exactly constant, and the result has the same bits on every unit. The error in grey levels is 255 times a quarter
// of a unit per weight: 0.008.

// One row of the plane, summed over the tap rows of output row y, into buffer columns begin .. end - 1 and their borders.
template <class Isa>
void sum_rows(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, const Scratch& scratch) {
  float outside_weight;
  const int used = weigh_rows(plane, grid, y, scratch, outside_weight);
  constexpr int kUnit = 1 << kWeightBits;
  const int64_t outside = __builtin_lrintf(outside_weight * kUnit);
  const int step = plane.step, begin = table.begin * step, end = table.end * step;
  float* buffer = scratch.row + table.lead * step;  // column 0
  const float constant = static_cast<float>(plane.border) * (static_cast<float>(outside) / kUnit);
  if (used == 0) {
    for (int byte = begin; byte < end; ++byte) buffer[byte] = constant;
  }
  scratch.row_pointers[used] = used > 0 ? scratch.row_pointers[used - 1] : plane.data;  // completes the last pair
  int64_t left = static_cast<int64_t>(grid.ny) * kUnit - outside;  // what the rows weigh that are not yet added
  for (int first = 0; first < used; first += kRowBatch) {
    const int count = used - first < kRowBatch ? used - first : kRowBatch;
    const float* exact = scratch.row_weights + first;
    int64_t total = left;
    if (first + count < used) {
      float sum = 0;
      for (int r = 0; r < count; ++r) sum += exact[r];
      total = __builtin_lrintf(sum * kUnit);
    }
    left -= total;
    int16_t weights[kRowBatch + 1];
    round_weights(exact, count, static_cast<int>(-total), kUnit, weights);
    weights[count] = 0;
    const uint8_t* const* rows = scratch.row_pointers + first;
    int byte = begin;
    constexpr float kShare = -1.0f / kUnit;
    for (; byte + kRowChunk <= end; byte += kRowChunk) {
      if (first == 0) {
        Isa::template sum_chunk<false>(rows, weights, (count + 1) / 2, byte, kShare, constant, buffer + byte);
      } else {
        Isa::template sum_chunk<true>(rows, weights, (count + 1) / 2, byte, kShare, constant, buffer + byte);
      }
    }
    for (; byte < end; ++byte) {
      int32_t sum = 0;
      for (int r = 0; r < count; ++r) sum += weights[r] * rows[r][byte];
      buffer[byte] = (first == 0 ? constant : buffer[byte]) + static_cast<float>(sum) * kShare;
    }
  }
  const float border = static_cast<float>(plane.border) * static_cast<float>(grid.ny);
  const int last = (plane.width - 1) * step;
  for (int column = 1; column <= table.lead; ++column) {
    for (int k = 0; k < step; ++k) {
      buffer[k - column * step] = plane.replicate ? buffer[k] : border;
      buffer[k + last + column * step] = plane.replicate ? buffer[k + last] : border;
    }
  }
}

template <class Isa>
void sample_row_aligned(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, int width,
                        const Scratch& scratch, float* const* samples) {
  sum_rows<Isa>(plane, grid, table, y, scratch);
  // Copies: the compiler cannot know that samples are not written over what lies in memory.
  const float share = static_cast<float>(1.0 / (static_cast<double>(grid.nx) * grid.ny));
  const float *row = scratch.row, *weights = table.weights;
  const int* first = table.first;
  const ptrdiff_t step = plane.step, span = table.span, used = table.used;
  const int channels = plane.channels;
  float* to[kMaxPlaneChannels];
  int offset[kMaxPlaneChannels];
  for (int c = 0; c < channels; ++c) {
    to[c] = samples[c];
    offset[c] = plane.offset[c];
  }
  int x = 0;
  for (; x + 4 <= width; x += 4, weights += 4 * span) {
    const float *from_a = row + first[x] * step, *from_b = row + first[x + 1] * step;
    const float *from_c = row + first[x + 2] * step, *from_d = row + first[x + 3] * step;
    Float4 a = load_four(from_a) * weights[0], b = load_four(from_b) * weights[span];
    Float4 c = load_four(from_c) * weights[2 * span], d = load_four(from_d) * weights[3 * span];
    for (ptrdiff_t k = 1, at = step; k < used; ++k, at += step) {
      a += load_four(from_a + at) * weights[k];
      b += load_four(from_b + at) * weights[k + span];
      c += load_four(from_c + at) * weights[k + 2 * span];
      d += load_four(from_d + at) * weights[k + 3 * span];
    }
    // Transposed: one register per byte of a pixel, in it four pixels.
    const Float4 ab_low = pick<0, 4, 1, 5>(a, b), ab_high = pick<2, 6, 3, 7>(a, b);
    const Float4 cd_low = pick<0, 4, 1, 5>(c, d), cd_high = pick<2, 6, 3, 7>(c, d);
    const Float4 bytes[4] = {pick<0, 1, 4, 5>(ab_low, cd_low) * share, pick<2, 3, 6, 7>(ab_low, cd_low) * share,
                             pick<0, 1, 4, 5>(ab_high, cd_high) * share, pick<2, 3, 6, 7>(ab_high, cd_high) * share};
    for (int channel = 0; channel < channels; ++channel) {
      __builtin_memcpy(to[channel] + x, &bytes[offset[channel]], sizeof(Float4));
    }
  }
  for (; x < width; ++x, weights += span) {
    const float* from = row + first[x] * step;
    Float4 sum = {0, 0, 0, 0};
    for (ptrdiff_t k = 0; k < used; ++k, from += step) sum += load_four(from) * weights[k];
    for (int c = 0; c < channels; ++c) to[c][x] = sum[offset[c]] * share;
  }
}

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

inline void write_row(const ColorMap& map, const float* const* samples, int width, const RowTarget& target) {
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
inline void plan_no_columns(const Plane&, const TapGrid&, const ColumnTable&, int, const Scratch&) {}

template <class Isa>
constexpr Kernels make_kernels() {
  return Kernels{plan_nothing, plan_no_columns, sample_rows<Isa>, sample_row_aligned<Isa>, write_row};
}

}  // namespace
}  // namespace edgeaffect::detail
