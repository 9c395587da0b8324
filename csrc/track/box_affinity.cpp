#include "track/box_affinity.h"

#include <algorithm>
#include <cmath>

namespace edgeaffect {

void box_affinities(const double* a, size_t n, const float* b, size_t m, const AffinityRules& rules, double* affinity) {
  for (size_t i = 0; i < n; ++i) {
    const double* p = a + 4 * i;
    const double area_p = (p[2] - p[0]) * (p[3] - p[1]), length_p = std::sqrt(area_p);
    for (size_t j = 0; j < m; ++j) {
      const double q[4] = {b[4 * j], b[4 * j + 1], b[4 * j + 2], b[4 * j + 3]};
      const double area_q = (q[2] - q[0]) * (q[3] - q[1]), length_q = std::sqrt(area_q);
      const double across = std::max(std::min(p[2], q[2]) - std::max(p[0], q[0]), 0.0);
      const double down = std::max(std::min(p[3], q[3]) - std::max(p[1], q[1]), 0.0);
      const double overlap = across * down;
      const double iou = overlap / std::max(area_p + area_q - overlap, 1e-9);
      double& value = affinity[i * m + j];
      if (iou >= std::max(rules.iou_threshold, 1e-9)) {
        value = iou;
        continue;
      }
      const double dx = (p[0] + p[2] - q[0] - q[2]) / 2, dy = (p[1] + p[3] - q[1] - q[3]) / 2;
      const double distance = std::sqrt(dx * dx + dy * dy) / std::max((length_p + length_q) / 2, 1e-9);
      const double ratio = std::max(length_p, length_q) / std::max(std::min(length_p, length_q), 1e-9);
      value = ratio > rules.max_size_ratio
                  ? 0.0
                  : std::max(1 - distance / std::max(rules.max_distance, 1e-9), 0.0) * rules.iou_threshold;
    }
  }
}

void scene_pattern(const BytePlane& plane, int rows, int columns, int taps, ptrdiff_t step_y, ptrdiff_t step_x,
                   float* pattern) {
  int64_t all = 0;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      int64_t sum = 0;
      for (int j = 0; j < taps; ++j) {
        const uint8_t* at = plane.data + (y * taps + j) * step_y * plane.row + x * taps * step_x * plane.column;
        for (int i = 0; i < taps; ++i) sum += at[i * step_x * plane.column];
      }
      pattern[y * columns + x] = static_cast<float>(sum) / static_cast<float>(taps * taps);
      all += sum;
    }
  const float mean = static_cast<float>(all) / static_cast<float>(taps * taps) / static_cast<float>(rows * columns);
  for (int i = 0; i < rows * columns; ++i) pattern[i] -= mean;
}

}  // namespace edgeaffect
