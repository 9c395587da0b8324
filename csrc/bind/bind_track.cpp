#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <complex>
#include <initializer_list>
#include <string>

#include "bind/bind_checks.h"
#include "bind/bind_frame.h"
#include "bind/bindings.h"
#include "track/align_points.h"
#include "track/box_affinity.h"
#include "track/follow_tracks.h"
#include "track/patch_tracker.h"
#include "track/track_motion.h"

namespace py = pybind11;

namespace edgeaffect {
namespace {

using Doubles = py::array_t<double, py::array::c_style>;
using Floats = py::array_t<float, py::array::c_style>;
using Flags = py::array_t<bool, py::array::c_style>;
using Indices = py::array_t<int64_t, py::array::c_style>;
using Complexes = py::array_t<std::complex<double>, py::array::c_style>;
using Shape = std::initializer_list<py::ssize_t>;

constexpr const char* kTakeDoc =
    R"doc(Templates of faces, to find them again: csrc/track/patch_tracker.h, steps 1 to 4.

Args:
    frame: as for crop_normalize, without 1-D buffers.
    boxes: float64 [n, 4], xyxy.
    color: pixel format of the frame.

Returns:
    patches float32 [n, 24, 24], solvers float32 [n, 4, 576], poses complex128 [n, 2] (zoom, place).

Raises:
    TypeError, ValueError: a shape or format that is not allowed; a box without a size.)doc";

constexpr const char* kPredictDoc =
    R"doc(States at a moment, and their boxes: csrc/track/track_motion.h, step 1.

Args:
    state, velocity: float64 [n, 14].
    time, seen: float64 [n], seconds.
    now: seconds.
    coast: seconds that motion goes on after `seen`.

Returns:
    predicted float64 [n, 14], boxes float64 [n, 4].)doc";

constexpr const char* kCorrectDoc =
    R"doc(One Kalman step, in place: csrc/track/track_motion.h, step 2.

Args:
    state, velocity, covariance, time: float64 [n, 14], [n, 14], [n, 3], [n]; changed where `chosen`.
    predicted, measured: float64 [n, 14].
    chosen: bool [n].
    now: seconds.
    process_noise, measurement_noise: standard deviations.)doc";

constexpr const char* kFollowTracksDoc =
    R"doc(Tracks at a moment without a detection, in place: csrc/track/follow_tracks.h.

Args:
    frame: as for take_patches.
    patches, solvers, poses: of take_patches.
    rows: int64 [n], which of them is a track's; -1 where none is.
    anchor: float64 [n, 14], states when the templates were taken.
    state, velocity, covariance, time: as for correct_tracks; changed where a face was found.
    seen: float64 [n], seconds.
    color: pixel format of the frame.
    now, coast: as for predict_tracks.
    process_noise, measurement_noise: as for correct_tracks.

Raises:
    TypeError, ValueError: as take_patches; a row that there is not.)doc";

constexpr const char* kAlignDoc =
    R"doc(Least-squares similarities from `target` to each set of points: csrc/track/align_points.h.

Args:
    points: float64 [n, k, 2].
    target: float64 [k, 2], at least two different points.
    rotate: False keeps the axes parallel.

Returns:
    float64 [n, 2, 3].)doc";

constexpr const char* kReportDoc =
    R"doc(Which tracks stay and which are shown: csrc/track/track_motion.h, step 4.

Args:
    state, velocity: float64 [n, 14].
    time, seen, born: float64 [n]; missed: bool [n].
    now, coast, patience, min_age: seconds.
    size: (width, height) of the frame.

Returns:
    kept bool [n], visible bool [n]; boxes float32 [k, 4] and landmarks float32 [k, 5, 2] of the visible ones.)doc";

// The shape with -1 standing for any length.
template <class Array>
void check_shape(const Array& a, const char* name, Shape wanted) {
  bool same = a.ndim() == static_cast<py::ssize_t>(wanted.size());
  py::ssize_t axis = 0;
  for (const py::ssize_t length : wanted) {
    same = same && (length < 0 || a.shape(axis) == length);
    ++axis;
  }
  require(same, [&] {
    std::string text;
    for (const py::ssize_t length : wanted)
      text += (text.empty() ? "" : ", ") + (length < 0 ? std::string("n") : std::to_string(length));
    return std::string(name) + " must have shape [" + text + "]; got " + shape_text(a);
  });
}

void check_boxes(const Doubles& boxes) {
  const double* at = boxes.data();
  for (py::ssize_t n = 0; n < boxes.shape(0); ++n, at += 4)
    require(at[2] > at[0] && at[3] > at[1], [&] { return "box " + std::to_string(n) + " has no width or no height"; });
}

py::tuple take_patches_py(const py::object& frame, const Doubles& boxes, const std::string& color) {
  check_shape(boxes, "boxes", {-1, 4});
  check_boxes(boxes);
  const Frame f = frame_of(frame, color);
  const py::ssize_t n = boxes.shape(0);
  Floats patches({n, py::ssize_t{kPatchSide}, py::ssize_t{kPatchSide}});
  Floats solvers({n, py::ssize_t{4}, py::ssize_t{kPatchPixels}});
  Complexes poses({n, py::ssize_t{2}});
  const double* from = boxes.data();
  float *patch = patches.mutable_data(), *solver = solvers.mutable_data();
  auto* pose = reinterpret_cast<PatchPose*>(poses.mutable_data());
  {
    py::gil_scoped_release release;
    take_patches(f, from, static_cast<size_t>(n), patch, solver, pose);
  }
  return py::make_tuple(patches, solvers, poses);
}

py::tuple predict_tracks_py(const Doubles& state, const Doubles& velocity, const Doubles& time, const Doubles& seen,
                            double now, double coast) {
  check_shape(state, "state", {-1, kTrackNumbers});
  const py::ssize_t n = state.shape(0);
  check_shape(velocity, "velocity", {n, kTrackNumbers});
  check_shape(time, "time", {n});
  check_shape(seen, "seen", {n});
  Doubles predicted({n, py::ssize_t{kTrackNumbers}}), boxes({n, py::ssize_t{4}});
  predict_tracks(state.data(), velocity.data(), time.data(), seen.data(), {now, coast}, static_cast<size_t>(n),
                 predicted.mutable_data());
  track_boxes(predicted.data(), static_cast<size_t>(n), boxes.mutable_data());
  return py::make_tuple(predicted, boxes);
}

void correct_tracks_py(Doubles& state, Doubles& velocity, Doubles& covariance, Doubles& time, const Doubles& predicted,
                       const Doubles& measured, const Flags& chosen, double now, double process_noise,
                       double measurement_noise) {
  check_shape(state, "state", {-1, kTrackNumbers});
  const py::ssize_t n = state.shape(0);
  check_shape(velocity, "velocity", {n, kTrackNumbers});
  check_shape(covariance, "covariance", {n, 3});
  check_shape(time, "time", {n});
  check_shape(predicted, "predicted", {n, kTrackNumbers});
  check_shape(measured, "measured", {n, kTrackNumbers});
  check_shape(chosen, "chosen", {n});
  correct_tracks(state.mutable_data(), velocity.mutable_data(), covariance.mutable_data(), time.mutable_data(),
                 predicted.data(), measured.data(), chosen.data(), now, {process_noise, measurement_noise},
                 static_cast<size_t>(n));
}

void follow_tracks_py(const py::object& frame, const Floats& patches, const Floats& solvers, const Complexes& poses,
                      const Indices& rows, const Doubles& anchor, Doubles& state, Doubles& velocity,
                      Doubles& covariance, Doubles& time, const Doubles& seen, const std::string& color, double now,
                      double coast, double process_noise, double measurement_noise) {
  check_shape(patches, "patches", {-1, kPatchSide, kPatchSide});
  const py::ssize_t known = patches.shape(0);
  check_shape(solvers, "solvers", {known, 4, kPatchPixels});
  check_shape(poses, "poses", {known, 2});
  check_shape(state, "state", {-1, kTrackNumbers});
  const py::ssize_t n = state.shape(0);
  check_shape(rows, "rows", {n});
  check_shape(anchor, "anchor", {n, kTrackNumbers});
  check_shape(velocity, "velocity", {n, kTrackNumbers});
  check_shape(covariance, "covariance", {n, 3});
  check_shape(time, "time", {n});
  check_shape(seen, "seen", {n});
  for (py::ssize_t i = 0; i < n; ++i)
    require(rows.at(i) < known, [&] { return "row " + std::to_string(rows.at(i)) + " is not one of patches"; });
  const Frame f = frame_of(frame, color);
  const Templates templates{patches.data(), solvers.data(), reinterpret_cast<const PatchPose*>(poses.data()),
                            rows.data()};
  const Tracks tracks{anchor.data(),       state.mutable_data(), velocity.mutable_data(), covariance.mutable_data(),
                      time.mutable_data(), seen.data()};
  py::gil_scoped_release release;
  follow_tracks(f, templates, tracks, static_cast<size_t>(n), {now, coast}, {process_noise, measurement_noise});
}

Doubles track_states_py(const Floats& boxes, const Floats& landmarks) {
  check_shape(boxes, "boxes", {-1, 4});
  const py::ssize_t n = boxes.shape(0);
  check_shape(landmarks, "landmarks", {n, 5, 2});
  Doubles state({n, py::ssize_t{kTrackNumbers}});
  track_states(boxes.data(), landmarks.data(), static_cast<size_t>(n), state.mutable_data());
  return state;
}

py::tuple report_tracks_py(const Doubles& state, const Doubles& velocity, const Doubles& time, const Doubles& seen,
                           const Doubles& born, const Flags& missed, double now, double coast, double patience,
                           double min_age, const std::pair<double, double>& size) {
  check_shape(state, "state", {-1, kTrackNumbers});
  const py::ssize_t n = state.shape(0);
  check_shape(velocity, "velocity", {n, kTrackNumbers});
  check_shape(time, "time", {n});
  check_shape(seen, "seen", {n});
  check_shape(born, "born", {n});
  check_shape(missed, "missed", {n});
  Flags kept(n), visible(n);
  Floats boxes({n, py::ssize_t{4}}), landmarks({n, py::ssize_t{5}, py::ssize_t{2}});
  const size_t shown =
      report_tracks(state.data(), velocity.data(), time.data(), seen.data(), born.data(), missed.data(), {now, coast},
                    {patience, min_age, size.first, size.second}, static_cast<size_t>(n), kept.mutable_data(),
                    visible.mutable_data(), boxes.mutable_data(), landmarks.mutable_data());
  const auto k = static_cast<py::ssize_t>(shown);
  if (k < n) {
    boxes.resize({k, py::ssize_t{4}});
    landmarks.resize({k, py::ssize_t{5}, py::ssize_t{2}});
  }
  return py::make_tuple(kept, visible, boxes, landmarks);
}

Doubles box_affinities_py(const Doubles& tracks, const Floats& detections, double iou_threshold, double max_distance,
                          double max_size_ratio) {
  check_shape(tracks, "tracks", {-1, 4});
  check_shape(detections, "detections", {-1, 4});
  const py::ssize_t n = tracks.shape(0), m = detections.shape(0);
  Doubles affinity({n, m});
  box_affinities(tracks.data(), static_cast<size_t>(n), detections.data(), static_cast<size_t>(m),
                 {iou_threshold, max_distance, max_size_ratio}, affinity.mutable_data());
  return affinity;
}

Doubles align_points_py(const Doubles& points, const Doubles& target, bool rotate) {
  check_shape(target, "target", {-1, 2});
  const py::ssize_t k = target.shape(0);
  require(k >= 2, "target must have at least 2 points");
  check_shape(points, "points", {-1, k, 2});
  const py::ssize_t n = points.shape(0);
  Doubles matrices({n, py::ssize_t{2}, py::ssize_t{3}});
  align_points(points.data(), target.data(), static_cast<size_t>(n), static_cast<size_t>(k), rotate,
               matrices.mutable_data());
  return matrices;
}

Floats scene_pattern_py(const py::array_t<uint8_t>& plane, int rows, int columns, int taps) {
  require(plane.ndim() == 2, [&] { return "plane must have shape [height, width]; got " + shape_text(plane); });
  require(rows >= 1 && columns >= 1 && taps >= 1, "rows, columns and taps must be at least 1");
  const py::ssize_t step_y = plane.shape(0) / (static_cast<py::ssize_t>(rows) * taps);
  const py::ssize_t step_x = plane.shape(1) / (static_cast<py::ssize_t>(columns) * taps);
  require(step_y >= 1 && step_x >= 1, [&] {
    return "plane must have at least " + std::to_string(rows * taps) + " rows and " + std::to_string(columns * taps) +
           " columns; got " + shape_text(plane);
  });
  Floats pattern({py::ssize_t{rows}, py::ssize_t{columns}});
  scene_pattern({plane.data(), plane.strides(0), plane.strides(1)}, rows, columns, taps, step_y, step_x,
                pattern.mutable_data());
  return pattern;
}

}  // namespace

void bind_track(py::module_& m) {
  m.def("take_patches", &take_patches_py, py::arg("frame"), py::arg("boxes").noconvert(), py::kw_only(),
        py::arg("color"), kTakeDoc);
  m.def("predict_tracks", &predict_tracks_py, py::arg("state").noconvert(), py::arg("velocity").noconvert(),
        py::arg("time").noconvert(), py::arg("seen").noconvert(), py::kw_only(), py::arg("now"), py::arg("coast"),
        kPredictDoc);
  m.def("correct_tracks", &correct_tracks_py, py::arg("state").noconvert(), py::arg("velocity").noconvert(),
        py::arg("covariance").noconvert(), py::arg("time").noconvert(), py::arg("predicted").noconvert(),
        py::arg("measured").noconvert(), py::arg("chosen").noconvert(), py::kw_only(), py::arg("now"),
        py::arg("process_noise"), py::arg("measurement_noise"), kCorrectDoc);
  m.def("follow_tracks", &follow_tracks_py, py::arg("frame"), py::arg("patches").noconvert(),
        py::arg("solvers").noconvert(), py::arg("poses").noconvert(), py::arg("rows").noconvert(),
        py::arg("anchor").noconvert(), py::arg("state").noconvert(), py::arg("velocity").noconvert(),
        py::arg("covariance").noconvert(), py::arg("time").noconvert(), py::arg("seen").noconvert(), py::kw_only(),
        py::arg("color"), py::arg("now"), py::arg("coast"), py::arg("process_noise"), py::arg("measurement_noise"),
        kFollowTracksDoc);
  m.def("track_states", &track_states_py, py::arg("boxes").noconvert(), py::arg("landmarks").noconvert(),
        "States float64 [n, 14] of boxes float32 [n, 4] and landmarks float32 [n, 5, 2].");
  m.def("report_tracks", &report_tracks_py, py::arg("state").noconvert(), py::arg("velocity").noconvert(),
        py::arg("time").noconvert(), py::arg("seen").noconvert(), py::arg("born").noconvert(),
        py::arg("missed").noconvert(), py::kw_only(), py::arg("now"), py::arg("coast"), py::arg("patience"),
        py::arg("min_age"), py::arg("size"), kReportDoc);
  m.def("box_affinities", &box_affinities_py, py::arg("tracks").noconvert(), py::arg("detections").noconvert(),
        py::kw_only(), py::arg("iou_threshold"), py::arg("max_distance"), py::arg("max_size_ratio"),
        "Affinity float64 [n, m] of boxes float64 [n, 4] and float32 [m, 4]: csrc/track/box_affinity.h.");
  m.def("align_points", &align_points_py, py::arg("points").noconvert(), py::arg("target").noconvert(), py::kw_only(),
        py::arg("rotate"), kAlignDoc);
  m.def("scene_pattern", &scene_pattern_py, py::arg("plane").noconvert(), py::kw_only(), py::arg("rows"),
        py::arg("columns"), py::arg("taps"),
        "Means float32 [rows, columns] of cells of a uint8 plane [height, width], minus their mean: "
        "csrc/track/box_affinity.h.");
}

}  // namespace edgeaffect
