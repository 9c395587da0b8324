// Tracks between two detections: their faces are found again by their pixels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "track/patch_tracker.h"
#include "track/track_motion.h"

namespace edgeaffect {

// Of take_patches; `rows` [tracks] tells which template is a track's, -1 where it has none.
struct Templates {
  const float *patches, *solvers;
  const PatchPose* poses;
  const int64_t* rows;
};

// Arrays of track_motion.h, one row per track; `anchor` holds the states when the templates were taken.
struct Tracks {
  const double* anchor;
  double *state, *velocity, *covariance, *time;
  const double* seen;
};

// For each track with a template whose predicted sides fit the frame: its predicted box, where its face went from there
// (follow_patches), the anchor moved by that, and a correction by it where the face was found. Throws as follow_patches;
// tracks before the one that fails are corrected then.
void follow_tracks(const Frame& frame, const Templates& templates, const Tracks& tracks, size_t count,
                   const TrackTimes& times, const TrackNoise& noise);

}  // namespace edgeaffect
