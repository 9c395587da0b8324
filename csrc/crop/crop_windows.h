// How the taps of a rotated box are cut into windows of the frame. Arithmetic only: a SIMD unit reads the windows and
// adds the taps (crop_normalize_avx512.cpp). Internal linkage, no STL: see crop_normalize_kernels.h.
//
// Note [Windows]
// Neighbouring taps read the same few pixels. A block of output pixels is therefore computed from a window of 16x8
// frame pixels: one channel of a window is two registers, and one byte permutation of the two fetches a corner of 16
// taps. The taps of a block lie at the same places relative to each other wherever the block is, so these are planned
// once per box: whole pixels as `cell`, 15 bits of fraction as `u` and `v`. A block adds the fraction of its own corner
// and carries into the cell. Taps of a large pixel that do not fit into one window are split into equal chunks, each
// with its own window.
//
// Weights are products of these fractions in 2^-15, all negative, because 16 bits hold -1 and not 1:
//     lower = ((fx - 2^15, -fx) * fy + 2^14) >> 15,      upper = (fx - 2^15, -fx) - lower
// They always sum to -2^15: a constant image stays exactly constant. The error in units of 2^-15 of the contrast under a
// tap (at most 255 grey levels) is half for the tap's place and half for the block's, per axis, and half for each
// of two products: below 0.024 grey levels.
#pragma once

#include "crop/crop_normalize_body.h"

namespace edgeaffect::detail {
namespace {

constexpr int kWindowColumns = 16;
constexpr int kWindowRows = 8;
constexpr int kLanes = 16;  // taps per register of 32-bit sums
constexpr int kPairTaps = 32;  // taps per register of 16-bit fractions, which makes two registers of sums
constexpr int kMaxPairs = 4;  // per window
constexpr int kMaxChunks = 64;  // windows per block
// The taps of a window lie within this; the last column is floor(13.99 + fraction) + 1.
constexpr double kReachU = 13.99;
constexpr double kReachV = 5.99;

// Lane l of the sums belongs to pixel l % pixels of the block (row by row); with one tap per pixel, lane l of
// register k to pixel 16 k + l.
struct WindowPlan {
  int across, down;  // output pixels of a block
  int pixels;  // across * down
  int vectors;  // registers of 16 taps per window
  int chunks;  // windows per block
  int columns, rows;  // of a window that taps may read
  alignas(64) uint16_t u[kMaxPairs][kPairTaps];  // of each tap from the window's corner: fraction,
  alignas(64) uint16_t v[kMaxPairs][kPairTaps];
  alignas(64) uint16_t cell[kMaxPairs][kPairTaps];  // and the bytes of its upper two corners in the window
  uint32_t valid[kMaxChunks][kMaxPairs];
  int64_t chunk_u[kMaxChunks];  // corner of a chunk's window from the block's first tap, 32 fractional bits
  int64_t chunk_v[kMaxChunks];
};

// A register of 16-bit fractions is unpacked, per 128 bits, into the lanes of two registers of 32-bit sums.
inline int word_of(int vector, int lane) { return lane / 4 * 8 + vector % 2 * 4 + lane % 4; }

inline double magnitude(double value) { return value < 0 ? -value : value; }

// From tap to tap of a box, in frame pixels.
struct TapSteps {
  double u_x, v_x, u_y, v_y;

  double reach_u(int taps_x, int taps_y) const { return (taps_x - 1) * magnitude(u_x) + (taps_y - 1) * magnitude(u_y); }
  double reach_v(int taps_x, int taps_y) const { return (taps_x - 1) * magnitude(v_x) + (taps_y - 1) * magnitude(v_y); }
  bool fit(int taps_x, int taps_y) const {
    return reach_u(taps_x, taps_y) <= kReachU && reach_v(taps_x, taps_y) <= kReachV;
  }
};

// Chooses the largest block that one window serves, else one pixel; what a window holds of it is taps_x * taps_y taps per
// pixel. Returns false when the taps of a pixel need too many windows.
inline bool choose_block(const TapGrid& grid, const TapSteps& steps, WindowPlan& plan, int& taps_x, int& taps_y) {
  constexpr int kShapes[][2] = {{8, 4}, {4, 4}, {4, 2}, {2, 2}, {4, 1}, {2, 1}, {1, 1}};
  taps_x = grid.nx;
  taps_y = grid.ny;
  const bool single = taps_x * taps_y == 1;
  for (const auto& shape : kShapes) {
    plan.across = shape[0];
    plan.down = shape[1];
    plan.pixels = plan.across * plan.down;
    if (single != (plan.pixels >= kLanes)) continue;
    const int lanes = single ? 1 : kLanes / plan.pixels;  // per pixel
    plan.vectors = single ? plan.pixels / kLanes : (taps_x * taps_y + lanes - 1) / lanes;
    if (plan.vectors <= 2 * kMaxPairs && steps.fit(plan.across * taps_x, plan.down * taps_y)) break;
  }
  if (plan.pixels == 1) {
    while (!steps.fit(taps_x, taps_y) || taps_x * taps_y > kMaxPairs * kPairTaps) {
      // Halve the axis that reaches further in the direction that is too long; rows are scarcer than columns.
      const bool rows = steps.reach_v(taps_x, taps_y) > kReachV;
      const double x = (taps_x - 1) * magnitude(rows ? steps.v_x : steps.u_x);
      const double y = (taps_y - 1) * magnitude(rows ? steps.v_y : steps.u_y);
      int& longer = x > y ? taps_x : taps_y;
      longer = (longer + 1) / 2;
    }
    plan.vectors = (taps_x * taps_y + kLanes - 1) / kLanes;
  }
  const int count_x = (grid.nx + taps_x - 1) / taps_x, count_y = (grid.ny + taps_y - 1) / taps_y;
  plan.chunks = count_x * count_y;
  return plan.chunks <= kMaxChunks;
}

// Returns false when the box needs more windows per pixel than a plan holds.
inline bool make_plan(const TapGrid& grid, WindowPlan& plan) {
  const TapSteps steps{grid.m[0] / grid.nx, grid.m[3] / grid.nx, grid.m[1] / grid.ny, grid.m[4] / grid.ny};
  int taps_x, taps_y;  // of a pixel in a window
  if (!choose_block(grid, steps, plan, taps_x, taps_y)) return false;
  const int columns = plan.across * taps_x, rows = plan.down * taps_y;  // of taps in a window
  plan.columns = static_cast<int>(steps.reach_u(columns, rows) + 1) + 2;
  plan.rows = static_cast<int>(steps.reach_v(columns, rows) + 1) + 2;

  // The corner of a chunk is the least u and the least v of its taps.
  const auto least = [](double a, double b) { return (a < 0 ? a : 0) + (b < 0 ? b : 0); };
  const double corner_u = least((columns - 1) * steps.u_x, (rows - 1) * steps.u_y);
  const double corner_v = least((columns - 1) * steps.v_x, (rows - 1) * steps.v_y);
  const int chunks_across = (grid.nx + taps_x - 1) / taps_x;
  const auto chunk_x = [&](int chunk) { return chunk % chunks_across * taps_x; };
  const auto chunk_y = [&](int chunk) { return chunk / chunks_across * taps_y; };
  for (int chunk = 0; chunk < plan.chunks; ++chunk) {
    plan.chunk_u[chunk] = to_fixed(chunk_x(chunk) * steps.u_x + chunk_y(chunk) * steps.u_y + corner_u);
    plan.chunk_v[chunk] = to_fixed(chunk_x(chunk) * steps.v_x + chunk_y(chunk) * steps.v_y + corner_v);
    for (uint32_t& mask : plan.valid[chunk]) mask = 0;
  }
  for (int vector = 0; vector < (plan.vectors + 1) / 2 * 2; ++vector) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const bool single = plan.pixels >= kLanes;
      const int pixel = single ? vector * kLanes + lane : lane % plan.pixels;
      const int tap = single ? vector * kLanes / plan.pixels : (vector * kLanes + lane) / plan.pixels;
      const int i = tap % taps_x, j = tap / taps_x;
      const int pair = vector / 2, word = word_of(vector, lane);
      plan.u[pair][word] = plan.v[pair][word] = plan.cell[pair][word] = 0;
      if (j >= taps_y) continue;
      const int x = pixel % plan.across * taps_x + i, y = pixel / plan.across * taps_y + j;
      const int u = static_cast<int>(__builtin_lrint((x * steps.u_x + y * steps.u_y - corner_u) * kFractionOne));
      const int v = static_cast<int>(__builtin_lrint((x * steps.v_x + y * steps.v_y - corner_v) * kFractionOne));
      const int left = (v >> kFractionBits) * kWindowColumns + (u >> kFractionBits);
      plan.u[pair][word] = static_cast<uint16_t>(u & (kFractionOne - 1));
      plan.v[pair][word] = static_cast<uint16_t>(v & (kFractionOne - 1));
      plan.cell[pair][word] = static_cast<uint16_t>(left | (left + 1) << 8);
      for (int chunk = 0; chunk < plan.chunks; ++chunk) {
        const bool valid = chunk_x(chunk) + i < grid.nx && chunk_y(chunk) + j < grid.ny;
        plan.valid[chunk][pair] |= static_cast<uint32_t>(valid) << word;
      }
    }
  }
  return true;
}

// `rows` rows of a window's pixels, `pitch` bytes each, border applied.
inline void copy_window(const Plane& plane, int64_t x, int64_t y, int rows, int pitch, uint8_t* to) {
  const auto inside = [](int64_t column) {
    return static_cast<int>(column < 0 ? 0 : column > kWindowColumns ? kWindowColumns : column);
  };
  const int begin = inside(-x), end = inside(plane.width - x);  // the window's columns that lie in the plane
  for (int row = 0; row < rows; ++row, ++y, to += pitch) {
    if ((y < 0 || y >= plane.height) && !plane.replicate) {
      __builtin_memset(to, plane.border, static_cast<size_t>(kWindowColumns) * plane.step);
      continue;
    }
    const uint8_t* from = plane.data + (y < 0 ? 0 : y >= plane.height ? plane.height - 1 : y) * plane.stride;
    if (begin < end) {
      __builtin_memcpy(to + begin * plane.step, from + (x + begin) * plane.step,
                       static_cast<size_t>(end - begin) * plane.step);
    }
    for (int column = 0; column < begin; ++column) copy_corner(plane, x + column, y, to + column * plane.step);
    for (int column = end; column < kWindowColumns; ++column)
      copy_corner(plane, x + column, y, to + column * plane.step);
  }
}

}  // namespace
}  // namespace edgeaffect::detail
