#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstring>

#include "bind/bind_checks.h"
#include "bind/bindings.h"
#include "detect/detect_decode.h"

namespace py = pybind11;

namespace edgeaffect {
namespace {

using FloatArray = py::array_t<float, py::array::c_style>;

constexpr int kMapChannels = 15;

constexpr const char* kDecodeDoc =
    R"doc(Faces from the maps of an anchor-free detector, best score first.

Args:
    outputs: one float32 array [1, 15, h, w] per stride: score logit, four distances, five landmarks (dx, dy); h * w
        at most 2**26.
    strides: detector-input pixels per cell, one per map; 1 to 65536.
    score_threshold: in (0, 1); a cell counts when its score is at least this.
    iou_threshold: in [0, 1]; a box is dropped when it overlaps a better one by more.
    top_k: candidates, by score, that enter the suppression; 1 to 100000.
    max_faces: at most so many are returned.

Returns:
    boxes [n, 4] xyxy, scores [n], landmarks [n, 5, 2]; float32, detector-input pixels, centres at +0.5.

Raises:
    ValueError: a wrong shape or option, or a logit that is not finite.)doc";

constexpr const char* kNmsDoc =
    R"doc(Indices (int64) that greedy non-maximum suppression keeps, by falling score.

Args:
    boxes: float32 [n, 4], xyxy; n at most 100000.
    scores: float32 [n].
    iou: in [0, 1]; a box is dropped when it overlaps a better one by more.

Raises:
    ValueError: a wrong shape, too many boxes, or a value that is not finite.)doc";

void check_share(double value, const char* name) {
  require(value >= 0 && value <= 1,
          [&] { return std::string(name) + " must be in 0..1; got " + std::to_string(value); });
}

py::tuple decode_faces_py(const std::vector<FloatArray>& outputs, const std::vector<int>& strides,
                          double score_threshold, double iou_threshold, int top_k, int max_faces) {
  require(outputs.size() == strides.size(), [&] {
    return "outputs and strides differ in length: " + std::to_string(outputs.size()) + " maps, " +
           std::to_string(strides.size()) + " strides";
  });
  require(score_threshold > 0 && score_threshold < 1, [&] {
    return "score_threshold must be between 0 and 1, both excluded; got " + std::to_string(score_threshold);
  });
  check_share(iou_threshold, "iou_threshold");
  require(top_k >= 1 && top_k <= kMaxCandidates,
          [&] { return "top_k must be 1 to " + std::to_string(kMaxCandidates) + "; got " + std::to_string(top_k); });
  require(max_faces >= 1, [&] { return "max_faces must be at least 1; got " + std::to_string(max_faces); });
  std::vector<StrideMap> maps;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const FloatArray& a = outputs[i];
    require(a.ndim() == 4 && a.shape(0) == 1 && a.shape(1) == kMapChannels,
            [&] { return "outputs[" + std::to_string(i) + "] must have shape [1, 15, h, w]; got " + shape_text(a); });
    require(a.size() / kMapChannels <= kMaxMapCells, [&] {
      return "outputs[" + std::to_string(i) + "] must have at most " + std::to_string(kMaxMapCells) +
             " cells; got shape " + shape_text(a);
    });
    require(strides[i] >= 1 && strides[i] <= kMaxStride, [&] {
      return "strides must be 1 to " + std::to_string(kMaxStride) + "; got " + std::to_string(strides[i]);
    });
    maps.push_back(
        {a.data(), static_cast<int>(a.shape(2)), static_cast<int>(a.shape(3)), static_cast<float>(strides[i])});
  }
  const DecodeParams params{static_cast<float>(score_threshold), static_cast<float>(iou_threshold), top_k, max_faces};
  std::vector<Detection> faces;
  {
    py::gil_scoped_release release;
    faces = decode_faces(maps, params);
  }
  const auto n = static_cast<py::ssize_t>(faces.size());
  py::array_t<float> boxes({n, py::ssize_t{4}}), scores(n), landmarks({n, py::ssize_t{5}, py::ssize_t{2}});
  for (py::ssize_t i = 0; i < n; ++i) {
    const Detection& d = faces[static_cast<size_t>(i)];
    std::memcpy(boxes.mutable_data(i, 0), d.box, sizeof(d.box));
    *scores.mutable_data(i) = d.score;
    std::memcpy(landmarks.mutable_data(i, 0, 0), d.landmarks, sizeof(d.landmarks));
  }
  return py::make_tuple(boxes, scores, landmarks);
}

py::array_t<int64_t> nms_py(const FloatArray& boxes, const FloatArray& scores, double iou) {
  require(boxes.ndim() == 2 && boxes.shape(1) == 4,
          [&] { return "boxes must have shape [n, 4]; got " + shape_text(boxes); });
  require(scores.ndim() == 1 && scores.shape(0) == boxes.shape(0), [&] {
    return "scores must have shape [n] with one score per box; got " + shape_text(scores) + " for boxes " +
           shape_text(boxes);
  });
  require(boxes.shape(0) <= kMaxCandidates, [&] {
    return "boxes must be at most " + std::to_string(kMaxCandidates) + "; got " + std::to_string(boxes.shape(0));
  });
  check_share(iou, "iou");
  std::vector<size_t> kept;
  {
    py::gil_scoped_release release;
    kept = nms(boxes.data(), scores.data(), static_cast<size_t>(scores.shape(0)), static_cast<float>(iou));
  }
  py::array_t<int64_t> indices(static_cast<py::ssize_t>(kept.size()));
  for (size_t i = 0; i < kept.size(); ++i)
    *indices.mutable_data(static_cast<py::ssize_t>(i)) = static_cast<int64_t>(kept[i]);
  return indices;
}

}  // namespace

void bind_detect_decode(py::module_& m) {
  m.def("decode_faces", &decode_faces_py, py::arg("outputs"), py::arg("strides"), py::kw_only(),
        py::arg("score_threshold"), py::arg("iou_threshold"), py::arg("top_k"), py::arg("max_faces"), kDecodeDoc);
  m.def("nms", &nms_py, py::arg("boxes").noconvert(), py::arg("scores").noconvert(), py::arg("iou"), kNmsDoc);
}

}  // namespace edgeaffect
