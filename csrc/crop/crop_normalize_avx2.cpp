// AVX2 unit. Compiled with -mavx2; runs only where simd_dispatch finds AVX2.
#include "crop/crop_normalize_avx2.h"

namespace edgeaffect::detail {

const Kernels kAvx2Kernels = make_kernels<Avx2>();

}  // namespace edgeaffect::detail
