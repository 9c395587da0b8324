// Turned boxes by AVX2: taps of a row of pixels from windows, and the pixels from their taps. Internal linkage. A Sums adds
// the taps of kTogether windows: see WindowSums and BgrSums.
#pragma once

#include "crop/crop_windows_bgr_avx2.h"

namespace edgeaffect::detail {
namespace {

// Places of the windows of a row of taps, eight at a time; (u, v) in 2^-32 pixel.
template <int kTaps>
[[gnu::noinline]] void place_windows(const Plane& plane, const TurnedPlan<kTaps>& plan, int64_t u, int64_t v,
                                     int64_t step_u, int64_t step_v, int groups, const WindowPlaces& places) {
  constexpr int kDropped = 32 - kFractionBits, kAtOnce = 8, kGroups = TurnedPlan<kTaps>::kGroups;
  constexpr int kBlocks = kAtOnce / kGroups;
  const auto four = [](int64_t at, int64_t step) {
    at += 1 << (kDropped - 1);
    return _mm256_setr_epi64x(at, at + step, at + 2 * step, at + 3 * step);
  };
  // The corners of the groups of a block, over and over; and the corner of each block for all of its groups.
  alignas(32) int32_t corners_u[kAtOnce], corners_v[kAtOnce], blocks[kAtOnce];
  for (int i = 0; i < kAtOnce; ++i) {
    corners_u[i] = plan.corner_u[i % kGroups];
    corners_v[i] = plan.corner_v[i % kGroups];
    blocks[i] = i / kGroups * 2;
  }
  const __m256i corner_u = load_256(corners_u), corner_v = load_256(corners_v), block = load_256(blocks);
  const auto of_groups = [&](__m256i at) {
    return _mm256_permutevar8x32_epi32(_mm256_srli_epi64(at, kDropped), block);
  };
  const __m256i next_u = _mm256_set1_epi64x(kBlocks * step_u), next_v = _mm256_set1_epi64x(kBlocks * step_v);
  const __m256i step = _mm256_set1_epi32(plane.step), stride = _mm256_set1_epi32(static_cast<int32_t>(plane.stride));
  const __m256i below_one = _mm256_set1_epi32(kFractionOne - 1);
  __m256i at_u = four(u, step_u), at_v = four(v, step_v);
  for (int group = 0; group < groups; group += kAtOnce) {
    const __m256i from_u = _mm256_add_epi32(of_groups(at_u), corner_u);
    const __m256i from_v = _mm256_add_epi32(of_groups(at_v), corner_v);
    const __m256i across = _mm256_mullo_epi32(_mm256_srai_epi32(from_u, kFractionBits), step);
    const __m256i down = _mm256_mullo_epi32(_mm256_srai_epi32(from_v, kFractionBits), stride);
    store_256(places.offsets + group, _mm256_add_epi32(across, down));
    const __m256i low = _mm256_and_si256(from_u, below_one), high = _mm256_and_si256(from_v, below_one);
    store_256(places.fractions + group, _mm256_or_si256(low, _mm256_slli_epi32(high, 16)));
    at_u = _mm256_add_epi64(at_u, next_u);
    at_v = _mm256_add_epi64(at_v, next_v);
  }
}

// From a window to what two rows of pixels on reads in its place.
inline ptrdiff_t two_rows_on(const Plane& plane, const TapGrid& grid) {
  return static_cast<ptrdiff_t>(floor_double(2 * grid.m[4])) * plane.stride +
         static_cast<ptrdiff_t>(floor_double(2 * grid.m[1])) * plane.step;
}

// Sums of columns of taps of a tile that lies in the plane; columns[c] takes what is added together. kLines: 0 if not known.
template <class Sums, int kLines>
[[gnu::noinline]] void sum_inside(const Plane& plane, const TurnedPlan<Sums::kTaps>& plan, const TurnedTile& tile,
                                  ptrdiff_t later, const WindowPlaces& places, ptrdiff_t pitch,
                                  int32_t* const* columns) {
  constexpr int kTogether = Sums::kTogether, kGroups = TurnedPlan<Sums::kTaps>::kGroups;
  const int lines = kLines > 0 ? kLines : tile.lines, groups = tile.taps / Sums::kTaps;
  const uint8_t* data = plane.data;
  const ptrdiff_t stride = plane.stride;
  for (int half = 0; half < kGroups; half += kTogether) {
    const typename Sums::Lanes lanes(plan, half);
    for (int group = half; group < groups; group += kGroups) {
      const int32_t* offset = places.offsets + group;
      const uint32_t* fraction = places.fractions + group;
      Sums sums;
      for (int line = 0; line < lines; ++line, offset += pitch, fraction += pitch) {
        __m256i corners;
        if constexpr (kTogether == 2) {
          int64_t both;
          __builtin_memcpy(&both, fraction, sizeof(both));
          corners = _mm256_set1_epi64x(both);
        } else {
          corners = _mm256_set1_epi32(static_cast<int32_t>(*fraction));
        }
        const uint8_t* from = data + offset[0];
        __builtin_prefetch(from + later);
        sums.add(lanes, corners, from, data + offset[kTogether - 1], stride, stride);
      }
      sums.put(columns, group * Sums::kTaps);
    }
  }
}

// The same of a tile that touches the border: windows that leave the plane are copied.
template <class Sums>
[[gnu::noinline]] void sum_at_border(const Plane& plane, const TurnedPlan<Sums::kTaps>& plan, const TurnedTile& tile,
                                     int32_t* const* columns) {
  constexpr int kTogether = Sums::kTogether, kGroups = TurnedPlan<Sums::kTaps>::kGroups;
  constexpr int kDropped = 32 - kFractionBits;
  for (int group = 0; group < tile.taps / Sums::kTaps; group += kTogether) {
    const int half = group % kGroups;
    const typename Sums::Lanes lanes(plan, half);
    Sums sums;
    for (int line = 0; line < tile.lines; ++line) {
      const auto corner = [&](int64_t start, int64_t step, int32_t from) {
        return ((start + group / kGroups * step + (1 << (kDropped - 1))) >> kDropped) + from;
      };
      uint8_t patches[kTogether][kCellRows * kCellColumns * Sums::kStep];
      const uint8_t* from[kTogether];
      ptrdiff_t strides[kTogether];
      int32_t fractions[2];
      for (int i = 0; i < kTogether; ++i) {
        const int64_t u = corner(tile.u[line], tile.step_u, plan.corner_u[half + i]);
        const int64_t v = corner(tile.v[line], tile.step_v, plan.corner_v[half + i]);
        from[i] = window_at(plane, u, v, patches[i], strides[i]);
        constexpr int kBelowOne = kFractionOne - 1;
        fractions[i] = static_cast<int32_t>((u & kBelowOne) | (v & kBelowOne) << 16);
      }
      if constexpr (kTogether == 1) fractions[1] = fractions[0];
      int64_t both;
      __builtin_memcpy(&both, fractions, sizeof(both));
      sums.add(lanes, _mm256_set1_epi64x(both), from[0], from[kTogether - 1], strides[0], strides[kTogether - 1]);
    }
    sums.put(columns, group * Sums::kTaps);
  }
}

// Sums of eight pixels' columns, for one, two or four taps per pixel.
template <int kTaps>
[[gnu::always_inline]] inline __m256i eight_pixels(const int32_t* columns) {
  if constexpr (kTaps == 1) {
    return load_256(columns);
  } else {
    // Halves of either half of the columns go together, so that sums come out in order.
    const auto pairs = [&](const int32_t* a, const int32_t* b) {
      return _mm256_permute4x64_epi64(_mm256_hadd_epi32(load_256(a), load_256(b)), 0xd8);
    };
    if constexpr (kTaps == 2) return pairs(columns, columns + 8);
    const __m256i low = pairs(columns, columns + 8), high = pairs(columns + 16, columns + 24);
    return _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
  }
}

// Means of pixels from their columns of taps. kTaps: 0 if not known.
template <int kTaps>
[[gnu::noinline]] void put_means(const int32_t* columns, int known, int pixels, float share, float* to) {
  const int taps = kTaps > 0 ? kTaps : known;
  int x = 0;
  if constexpr (kTaps == 1 || kTaps == 2 || kTaps == 4) {
    for (; x + 8 <= pixels; x += 8, columns += 8 * kTaps) {
      const __m256 sums = _mm256_cvtepi32_ps(eight_pixels<kTaps>(columns));
      _mm256_storeu_ps(to + x, _mm256_mul_ps(sums, _mm256_set1_ps(share)));
    }
  }
  for (; x < pixels; ++x, columns += taps) {
    int32_t sum = 0;
    for (int i = 0; i < taps; ++i) sum += columns[i];
    to[x] = static_cast<float>(sum) * share;
  }
}

template <class Sums>
void sample_row_of_windows(const Plane& plane, const TapGrid& grid, int y, int width, const Scratch& scratch,
                           float* const* samples) {
  const auto& plan = *static_cast<const TurnedPlan<Sums::kTaps>*>(scratch.plan);
  const float share = static_cast<float>(-1.0 / (static_cast<double>(kFractionOne) * grid.nx * grid.ny));
  const auto put = grid.nx == 1   ? put_means<1>
                   : grid.nx == 2 ? put_means<2>
                   : grid.nx == 3 ? put_means<3>
                   : grid.nx == 4 ? put_means<4>
                   : grid.nx == 5 ? put_means<5>
                                  : put_means<0>;
  const auto sum = grid.ny == 1 ? sum_inside<Sums, 1> : sum_inside<Sums, 0>;
  const ptrdiff_t later = two_rows_on(plane, grid);
  // Scratch that nothing else needs here, for whole blocks of taps.
  int32_t* weights = reinterpret_cast<int32_t*>(scratch.weights);
  int32_t* const columns[kMaxPlaneChannels] = {scratch.offsets, weights, weights + scratch.tile_pitch};
  const int pitch = scratch.tile_pitch / Sums::kTaps + 8;  // of places, which come in eights
  int32_t* offsets = reinterpret_cast<int32_t*>(scratch.patches);
  const WindowPlaces places{offsets, reinterpret_cast<uint32_t*>(offsets + pitch * grid.ny)};
  for (int x = 0; x < width; x += scratch.tile_pixels) {
    const int pixels = width - x < scratch.tile_pixels ? width - x : scratch.tile_pixels;
    const TurnedTile tile(plane, grid, static_cast<int64_t>(x) * grid.nx, static_cast<int64_t>(y) * grid.ny,
                          pixels * grid.nx, Sums::kTogether * Sums::kTaps);
    if (tile.inside) {
      for (int line = 0; line < tile.lines; ++line) {
        place_windows(plane, plan, tile.u[line], tile.v[line], tile.step_u, tile.step_v, tile.taps / Sums::kTaps,
                      {places.offsets + line * pitch, places.fractions + line * pitch});
      }
      sum(plane, plan, tile, later, places, pitch, columns);
    } else {
      sum_at_border<Sums>(plane, plan, tile, columns);
    }
    for (int c = 0; c < Sums::kChannels; ++c) {
      // Three channels lie in memory as their bytes do.
      const int channel = Sums::kChannels == 3 ? plane.offset[c] : c;
      put(columns[channel], grid.nx, pixels, share, samples[c] + x);
    }
  }
}

template <class T>
struct Adder {
  using Sums = T;
};

// Calls f(Adder<Sums>) with what adds taps of `plane`; false where nothing does.
template <class F>
bool with_sums(const Plane& plane, const F& f) {
  if (plane.channels == 3) {
    if (plane.step != BgrSums::kStep) return false;
    f(Adder<BgrSums>{});
  } else if (plane.step == 1) {
    f(Adder<WindowSums<WindowRow<1, 1>>>{});
  } else if (plane.step == 2 && plane.channels == 1) {
    f(Adder<WindowSums<WindowRow<2, 1>>>{});
  } else if (plane.step == 2) {
    f(Adder<WindowSums<WindowRow<2, 2>>>{});
  } else {
    f(Adder<WindowSums<WindowRow<4, 2>>>{});
  }
  return true;
}

inline void plan_windows_avx2(const Plane& plane, const TapGrid& grid, const Scratch& scratch) {
  with_sums(plane, [&](auto adder) { decltype(adder)::Sums::plan(grid, scratch); });
}

// False, and nothing done, where a box goes tap by tap: of four bytes per pixel, of steep rows, of very many taps per pixel.
inline bool sample_rows_of_windows(const Plane& plane, const TapGrid& grid, int y, int rows, int width,
                                   const Scratch& scratch, float* const* samples) {
  bool usable = false;
  with_sums(plane, [&](auto adder) {
    using Sums = typename decltype(adder)::Sums;
    usable = static_cast<const TurnedPlan<Sums::kTaps>*>(scratch.plan)->usable;
    for (int r = 0; usable && r < rows; ++r) {
      float* row[kMaxPlaneChannels];
      for (int c = 0; c < plane.channels; ++c) row[c] = samples[c] + r * static_cast<ptrdiff_t>(sample_pitch(width));
      sample_row_of_windows<Sums>(plane, grid, y + r, width, scratch, row);
    }
  });
  return usable;
}

}  // namespace
}  // namespace edgeaffect::detail
