#include "track/align_points.h"

namespace edgeaffect {

void align_points(const double* points, const double* target, size_t count, size_t k, bool rotate, double* matrices) {
  const auto length = static_cast<double>(k);
  double center_x = 0, center_y = 0, norm = 0;
  for (size_t i = 0; i < k; ++i) {
    center_x += target[2 * i];
    center_y += target[2 * i + 1];
  }
  center_x /= length;
  center_y /= length;
  for (size_t i = 0; i < k; ++i) {
    const double x = target[2 * i] - center_x, y = target[2 * i + 1] - center_y;
    norm += x * x + y * y;
  }
  for (size_t n = 0; n < count; ++n) {
    const double* at = points + n * k * 2;
    double mean_x = 0, mean_y = 0, a = 0, b = 0;
    for (size_t i = 0; i < k; ++i) {
      mean_x += at[2 * i];
      mean_y += at[2 * i + 1];
    }
    mean_x /= length;
    mean_y /= length;
    // For two dimensions the SVD has the closed form of a complex regression: a + ib = sum conj(t) p / sum |t|^2.
    for (size_t i = 0; i < k; ++i) {
      const double tx = target[2 * i] - center_x, ty = target[2 * i + 1] - center_y;
      const double px = at[2 * i] - mean_x, py = at[2 * i + 1] - mean_y;
      a += px * tx + py * ty;
      b += py * tx - px * ty;
    }
    a /= norm;
    b = rotate ? b / norm : 0;
    double* m = matrices + 6 * n;
    m[0] = m[4] = a;
    m[1] = -b;
    m[3] = b;
    m[2] = mean_x - (a * center_x - b * center_y);
    m[5] = mean_y - (b * center_x + a * center_y);
  }
}

}  // namespace edgeaffect
