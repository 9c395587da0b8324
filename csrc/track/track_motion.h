// Motion of tracked faces: one Kalman filter per face, with a constant-velocity model.
//
// Contract. A state has kTrackNumbers numbers: centre (pixels), log width, log height, five landmarks (x, y) relative to
// the centre in widths and heights. Position and speed gains are the same for all of them; covariances are (position,
// position and speed, speed) in face sizes and seconds. Arrays are float64, contiguous, one row per track.
//
// 1. Prediction: state + velocity * max(min(t, seen + coast) - time, 0): motion goes on for `coast` seconds after a
//    detection, then the face is taken to stand.
// 2. Correction by a measured state, dt = t - time, with continuous white-noise acceleration (Bar-Shalom, Li, Kirubarajan
//    2001, section 6.2.2).
// 3. A similarity of the frame, x + iy -> turn (x + iy) + shift, moves centre and landmarks, and scales width and height
//    by |turn|.
// 4. Report. A track stays while its predicted centre is in the frame, its predicted sides fit it (sides_fit), and its
//    last detection is at most `patience` seconds old; it is visible when no detection missed it or the last one is at
//    most `coast` seconds old, and it is at least `min_age` seconds old. Boxes are clipped to the frame.
#pragma once

#include <cstddef>

namespace edgeaffect {

constexpr int kTrackNumbers = 14;
constexpr double kLeastSide = 1e-3;  // pixels
constexpr double kLargestSide = 4;  // longer sides of the frame

struct TrackTimes {
  double now, coast;
};

void predict_tracks(const double* state, const double* velocity, const double* time, const double* seen,
                    const TrackTimes& times, size_t count, double* predicted);

struct TrackNoise {
  double process, measurement;  // standard deviations: face sizes per second within one second; face sizes
};

// Step 2 for the tracks where `measured` counts (`chosen`), in place.
void correct_tracks(double* state, double* velocity, double* covariance, double* time, const double* predicted,
                    const double* measured, const bool* chosen, double now, const TrackNoise& noise, size_t count);

// `motions` holds turn and shift of each track, four numbers.
void move_tracks(const double* state, const double* motions, size_t count, double* moved);

// Boxes [count, 4], xyxy.
void track_boxes(const double* state, size_t count, double* boxes);

// Boxes [count, 4] and landmarks [count, 5, 2] of a detection as states.
void track_states(const float* boxes, const float* landmarks, size_t count, double* state);

// Whether both sides are about kLeastSide pixels at least, and kLargestSide times the longer side of the frame at most:
// log sides run away where the noise that was chosen makes speeds of two frames at nearly the same time.
bool sides_fit(const double* predicted, double width, double height);

struct ReportRules {
  double patience, min_age;
  double width, height;
};

// Steps 1 and 4: `kept` and `visible` tell of every track; `boxes` [count, 4] and `landmarks` [count, 5, 2] are written densely
// for those that are both. Returns their number.
size_t report_tracks(const double* state, const double* velocity, const double* time, const double* seen,
                     const double* born, const bool* missed, const TrackTimes& times, const ReportRules& rules,
                     size_t count, bool* kept, bool* visible, float* boxes, float* landmarks);

}  // namespace edgeaffect
