// Where faces went, from their pixels: Lucas-Kanade alignment, inverse compositional (Baker & Matthews 2004).
//
// Contract. A pose is a similarity without reflection, two complex numbers: x + iy = zoom * v + place, v a point of the
// patch from its centre. A patch has kPatchSide^2 pixels; the pose of a box is zoom = sqrt(area) / kPatchSide, place =
// its centre.
//
// 1. Window. The frame's grey is sampled once per face by crop_normalize (replicated border) with kFinePerPixel pixels
//    per patch pixel, parallel to the frame, kWindowSide of them a side, centred at the expected place; then each
//    2 x 2 of them is averaged, which leaves kWindowSide - 1 a side.
// 2. Patch. Pixel v of a patch is one bilinear sample of the window at zoom * v + place. A patch that leaves the window
//    has it sampled anew around its present pose.
// 3. Normalisation, with weights w = exp(-|v|^2 / (2 (kPatchSide / 3)^2)): minus the weighted mean, times sqrt(w),
//    divided by the norm (at least 1e-6).
// 4. Template. `solver` [4, pixels] maps a difference of patches to the least-squares step (x, y, zoom, roll): with
//    steepest-descent images S (central differences of the patch without weights, one-sided at its rim),
//    solver = (S S^T + (1e-6 + 1e-4 trace) I)^-1 S.
// 5. Search from the expected pose, at most kIterations steps: zoom <- zoom / (1 + dzoom + i droll),
//    place <- place - zoom (dx + i dy); it ends after a step under kConverged patch pixels.
// 6. A face is found when the correlation before the last step, the distance and the change of size from the expected
//    pose are within kLeastCorrelation, kLargestStep (face sizes) and kLargestZoom.
//
// Arithmetic is double; window, patches and solvers are stored as float.
#pragma once

#include <cstddef>

#include "crop/crop_normalize.h"

namespace edgeaffect {

constexpr int kPatchSide = 24;
constexpr int kPatchPixels = kPatchSide * kPatchSide;
constexpr int kFinePerPixel = 2;
constexpr int kWindowSide = 60;
constexpr int kIterations = 8;
constexpr double kConverged = 0.03;
constexpr double kLeastCorrelation = 0.8;
constexpr double kLargestStep = 0.4;
constexpr double kLargestZoom = 1.25;

struct PatchPose {
  double zoom_re, zoom_im, place_x, place_y;
};

// Motion of the frame since the template: x + iy -> turn * (x + iy) + shift.
struct PatchMotion {
  double turn_re, turn_im, shift_x, shift_y;
};

// Templates of `count` boxes [count, 4], xyxy. Throws as crop_normalize does.
void take_patches(const Frame& frame, const double* boxes, size_t count, float* patches, float* solvers,
                  PatchPose* poses);

// Finds each template near its expected box. `motions` are written for all, found or not. Throws as crop_normalize.
void follow_patches(const Frame& frame, const float* patches, const float* solvers, const PatchPose* poses,
                    const double* boxes, size_t count, bool* found, PatchMotion* motions);

}  // namespace edgeaffect
