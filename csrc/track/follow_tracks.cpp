#include "track/follow_tracks.h"

namespace edgeaffect {

void follow_tracks(const Frame& frame, const Templates& templates, const Tracks& tracks, size_t count,
                   const TrackTimes& times, const TrackNoise& noise) {
  for (size_t n = 0; n < count; ++n) {
    if (templates.rows[n] < 0) continue;
    const auto row = static_cast<size_t>(templates.rows[n]);
    double *state = tracks.state + n * kTrackNumbers, *velocity = tracks.velocity + n * kTrackNumbers;
    double predicted[kTrackNumbers], moved[kTrackNumbers], box[4];
    predict_tracks(state, velocity, tracks.time + n, tracks.seen + n, times, 1, predicted);
    if (!sides_fit(predicted, frame.width, frame.height)) continue;
    track_boxes(predicted, 1, box);
    bool found;
    PatchMotion motion;
    follow_patches(frame, templates.patches + row * kPatchPixels, templates.solvers + row * 4 * kPatchPixels,
                   templates.poses + row, box, 1, &found, &motion);
    move_tracks(tracks.anchor + n * kTrackNumbers, &motion.turn_re, 1, moved);
    correct_tracks(state, velocity, tracks.covariance + 3 * n, tracks.time + n, predicted, moved, &found, times.now,
                   noise, 1);
  }
}

}  // namespace edgeaffect
