// AVX2 unit. Compiled with -mavx2; runs only where simd_dispatch finds AVX2.
#include "crop/crop_normalize_avx2.h"

#include "crop/crop_turned_avx2.h"

namespace edgeaffect::detail {
namespace {

void sample_rows_avx2(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                      float* const* samples) {
  if (sample_rows_of_windows(plane, grid, y, rows, width, scratch, samples)) return;
  sample_rows<Avx2>(plane, grid, y, rows, width, scratch, samples);
}

static_assert(sizeof(TurnedPlan<>) <= kPlanBytes);

}  // namespace

const Kernels kAvx2Kernels{plan_windows_avx2, plan_sums, sample_rows_avx2, sample_row_of_sums<Avx2>, write_row};

}  // namespace edgeaffect::detail
