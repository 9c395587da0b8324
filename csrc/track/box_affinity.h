// How well tracks and detections fit together, and how much a scene has changed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgeaffect {

struct AffinityRules {
  double iou_threshold, max_distance, max_size_ratio;
};

// affinity [n, m] of boxes a [n, 4] (xyxy) and b [m, 4]: the overlap (IoU) where that reaches iou_threshold (at least
// 1e-9); below, iou_threshold * max(1 - distance / max_distance, 0), distance of the centres in mean face sizes (roots of
// the areas); 0 where the larger size is more than max_size_ratio times the smaller.
void box_affinities(const double* a, size_t n, const float* b, size_t m, const AffinityRules& rules, double* affinity);

// A plane of bytes at any strides.
struct BytePlane {
  const uint8_t* data;
  ptrdiff_t row, column;  // bytes from row to row, and from pixel to pixel
};

// Means of rows x columns cells, minus the mean of them all. A cell is the mean of taps x taps pixels, which lie
// `step_y` rows and `step_x` columns apart. Sums are exact; the two divisions round as float32 does.
void scene_pattern(const BytePlane& plane, int rows, int columns, int taps, ptrdiff_t step_y, ptrdiff_t step_x,
                   float* pattern);

}  // namespace edgeaffect
