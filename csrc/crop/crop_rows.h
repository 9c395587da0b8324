// Axis-aligned boxes: weights of rows, and the form that sums them as floats, for boxes of more rows or columns than
// crop_sums.h holds. Internal linkage, no STL: see crop_normalize_kernels.h. An Isa has
//   sum_chunk<kMore>(rows, weights, ...)  weighted sum of pairs of rows of bytes, kRowChunk bytes wide, and of a constant
//                                         or, with kMore, of what is there
#pragma once

#include "crop/crop_taps.h"

namespace edgeaffect::detail {
namespace {

constexpr int kRowChunk = 64;
constexpr int kWeightBits = 14;  // of a row: Note [Sums of rows]
constexpr int kRowBatch = 256;  // 255 * 256 * 2^14 < 2^31

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

}  // namespace
}  // namespace edgeaffect::detail
