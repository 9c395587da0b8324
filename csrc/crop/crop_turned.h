// Windows of turned boxes: what the units that have them share. Arithmetic only; internal linkage, no STL: see
// crop_normalize_kernels.h.
//
// Note [Windows of eight taps]
// Eight neighbouring taps of a row lie within 16x4 frame pixels, unless their row is steep. A unit reads such a window once
// and takes the corners of all eight from registers. Where the taps lie relative to the first one is planned once per
// box: whole pixels as `cell`, 15 bits of fraction as `u` and `v`. A window adds the fraction of its own corner and carries
// into the cell. The taps of a column are added over the rows of taps, then columns into pixels.
#pragma once

#include "crop/crop_windows.h"

namespace edgeaffect::detail {
namespace {

constexpr int kCellColumns = 16;
constexpr int kCellRows = 4;
constexpr int kGroupTaps = 8;
static_assert(kCellColumns == kWindowColumns);  // what copy_window copies
constexpr int kMaxTapsPerAxis = 16;  // more than these go tap by tap: their sums need to be flushed

// Where the taps of a block lie in their windows, kTaps in each.
template <int kTaps = kGroupTaps>
struct TurnedPlan {
  static constexpr int kGroups = kTapBlock / kTaps;  // of a block

  bool usable;
  alignas(16) uint16_t u[kTapBlock];
  alignas(16) uint16_t v[kTapBlock];
  alignas(16) uint16_t cell[kTapBlock];
  int32_t corner_u[kGroups];  // of a group's window from the block's corner, in 2^-15 pixel
  int32_t corner_v[kGroups];
};

// `rows` and `columns`: pixels of a window that the unit looks at; `cell_at`(row, column): how it writes the place of a tap's
// upper left corner in the window.
template <int kTaps, class CellAt>
void plan_cells(const TapGrid& grid, const Scratch& scratch, int rows, int columns, const CellAt& cell_at) {
  auto& plan = *static_cast<TurnedPlan<kTaps>*>(scratch.plan);
  const TapLanes lanes(grid);
  plan.usable = grid.nx <= kMaxTapsPerAxis && grid.ny <= kMaxTapsPerAxis;
  for (int group = 0; group < plan.kGroups; ++group) {
    const int first = group * kTaps, last = first + kTaps - 1;
    const auto least = [&](const int32_t* at) { return at[first] < at[last] ? at[first] : at[last]; };
    const int32_t from_u = plan.corner_u[group] = least(lanes.u), from_v = plan.corner_v[group] = least(lanes.v);
    for (int i = first; i <= last; ++i) {
      const int32_t across = lanes.u[i] - from_u, down = lanes.v[i] - from_v;
      // With a fraction of up to one pixel added, and one more row or column for the corners at the right and below.
      plan.usable = plan.usable && down <= (rows - 2) << kFractionBits && across <= (columns - 2) << kFractionBits;
      plan.u[i] = static_cast<uint16_t>(across & (kFractionOne - 1));
      plan.v[i] = static_cast<uint16_t>(down & (kFractionOne - 1));
      plan.cell[i] = static_cast<uint16_t>(cell_at(down >> kFractionBits, across >> kFractionBits));
    }
  }
}

// Where windows lie: bytes from the first pixel, and fractions of u (low) and v (high).
struct WindowPlaces {
  int32_t* offsets;
  uint32_t* fractions;
};

// The window whose corner is at (u, v), from the plane or, where it leaves that, from `patch`.
inline const uint8_t* window_at(const Plane& plane, int64_t u, int64_t v, uint8_t* patch, ptrdiff_t& stride) {
  const int64_t x = u >> kFractionBits, y = v >> kFractionBits;
  stride = plane.stride;
  if (x >= 0 && y >= 0 && x + kCellColumns <= plane.width && y + kCellRows <= plane.height) {
    return plane.data + y * plane.stride + x * plane.step;
  }
  stride = kCellColumns * plane.step;
  copy_window(plane, x, y, kCellRows, static_cast<int>(stride), patch);
  return patch;
}

// A tile: some pixels of a row, with all rows of their taps.
struct TurnedTile {
  int lines;
  int taps;  // of a line
  int64_t u[kMaxTapsPerAxis], v[kMaxTapsPerAxis];  // of the first tap of each line, in 2^-32 pixel
  int64_t step_u, step_v;  // from block to block
  bool inside;  // all windows lie in the plane

  // `at_once`: taps that the unit adds together.
  TurnedTile(const Plane& plane, const TapGrid& grid, int64_t X, int64_t Y, int count, int at_once)
      : lines(grid.ny), taps((count + at_once - 1) / at_once * at_once) {
    const double* m = grid.m;
    const double du = m[0] / grid.nx, dv = m[3] / grid.nx;
    step_u = to_fixed(du * kTapBlock);
    step_v = to_fixed(dv * kTapBlock);
    constexpr double kGuard = 1.0 / 1024;  // covers the rounding of positions
    const double u_end = plane.width - kCellColumns - kGuard, v_end = plane.height - kCellRows - kGuard;
    const auto within = [&](double at_u, double at_v) {
      return at_u >= kGuard && at_v >= kGuard && at_u < u_end && at_v < v_end;
    };
    const double first = static_cast<double>(X) + 0.5, length = taps - 1;
    inside = true;
    for (int line = 0; line < lines; ++line) {
      const double row = (static_cast<double>(Y + line) + 0.5) / grid.ny;
      const double at_u = first * du + (m[1] * row + m[2]), at_v = first * dv + (m[4] * row + m[5]);
      if (line == 0 || line == lines - 1) {
        inside = inside && within(at_u, at_v) && within(at_u + length * du, at_v + length * dv);
      }
      // Everything further out than this is border; the limit keeps the integers below in range.
      constexpr double kFar = 1e9;
      u[line] = to_fixed(at_u < -kFar ? -kFar : at_u > kFar ? kFar : at_u);
      v[line] = to_fixed(at_v < -kFar ? -kFar : at_v > kFar ? kFar : at_v);
    }
  }
};

}  // namespace
}  // namespace edgeaffect::detail
