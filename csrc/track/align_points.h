// Alignment of faces by their points.
#pragma once

#include <cstddef>

namespace edgeaffect {

// Similarity [2, 3] from `target` [k, 2] to each set of `points` [count, k, 2] with the least sum of squares (Umeyama
// 1991, without reflection); without `rotate` scale and shift only. Points that are not finite, or a target whose points
// are all the same, give matrices that are not finite.
void align_points(const double* points, const double* target, size_t count, size_t k, bool rotate, double* matrices);

}  // namespace edgeaffect
