// Colour, normalisation and quantisation of crop_normalize (steps 4 to 7 of its contract) as numbers, once for every
// implementation.
#pragma once

#include "crop/crop_normalize.h"
#include "crop/crop_normalize_kernels.h"

namespace edgeaffect::detail {

// Steps 5, 6 and the affine part of 7, folded. Samples are R, G, B (BGR, RGB and BGRA frames), grey, or Y, U, V.
ColorMap color_map(const Frame& frame, const CropParams& params);

// What a constant border holds in the packed or luma plane; a chroma plane holds 128.
int luma_border(const Frame& frame, const CropParams& params);

}  // namespace edgeaffect::detail
