// Module edgeaffect._cuda: owners of device memory, streams and graphs, and the two kernels. Addresses are integers,
// as in __cuda_array_interface__; edgeaffect/cuda gives them meaning. Classes are local to the module, so that its
// build for the CPU (tests/cuda_host) can be loaded beside it.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <limits>

#include "bind/bind_params.h"
#include "crop/color_map.h"
#include "cuda/launch.h"
#include "cuda/tables.h"

namespace py = pybind11;

namespace edgeaffect::cuda {
namespace {

using Address = uintptr_t;

template <class T>
T* at(Address address) {
  return reinterpret_cast<T*>(address);
}

StreamHandle stream_at(Address handle) { return reinterpret_cast<StreamHandle>(handle); }

// The options of crop_normalize for frames of one kind, checked once.
class CropLaunch {
 public:
  CropLaunch(const Frame& pattern, const CropParams& params) {
    task_.width = params.width;
    task_.height = params.height;
    task_.channels = channels(params.color);
    task_.format = pattern.format;
    task_.element = params.element;
    task_.nhwc = params.layout == Layout::kNhwc;
    task_.replicate = params.border == Border::kReplicate;
    task_.border[0] = static_cast<float>(detail::luma_border(pattern, params));
    task_.border[1] = 128;
    task_.color = detail::color_map(pattern, params);
    if (pattern.format == PixelFormat::kBgr || pattern.format == PixelFormat::kBgra) {
      for (auto& row : task_.color.a) std::swap(row[0], row[2]);
    }
  }

  void launch(const FrameTable& frames, const CropTable& items, int count, Address out, Address stream) const {
    require(frames.pattern().format == task_.format && items.format() == task_.format,
            "the tables were made for frames of another colour");
    require(count >= 0 && count <= items.capacity(),
            "count must be in 0.." + std::to_string(items.capacity()) + "; got " + std::to_string(count));
    CropTask task = task_;
    task.frames = frames.device();
    task.items = items.device();
    task.count = count;
    task.out = at<void>(out);
    DeviceScope scope(frames.gpu());
    crop_normalize(task, stream_at(stream));
  }

 private:
  CropTask task_{};
};

constexpr float kFar = std::numeric_limits<float>::max();
constexpr std::array<float, 4> kEverywhere{-kFar, -kFar, kFar, kFar};

// Decoding of one detector at one input size, checked once.
class DecodeLaunch {
 public:
  DecodeLaunch(const std::vector<std::array<int, 3>>& maps, float score_threshold, float iou_threshold, int top_k,
               int max_faces, const std::array<float, 4>& region) {
    require(!maps.empty() && maps.size() <= kMaxMaps,
            "a detector has 1.." + std::to_string(kMaxMaps) + " strides; got " + std::to_string(maps.size()));
    require(score_threshold > 0 && score_threshold < 1, "score_threshold must be between 0 and 1");
    require(iou_threshold >= 0 && iou_threshold <= 1, "iou_threshold must be in 0..1");
    for (const auto& [height, width, stride] : maps) {
      task_.maps[task_.map_count++] = {nullptr, height, width, static_cast<float>(stride)};
    }
    task_.logit_threshold = std::log(score_threshold / (1.0f - score_threshold));
    task_.iou_threshold = iou_threshold;
    task_.top_k = top_k;
    task_.max_faces = max_faces;
    std::copy(region.begin(), region.end(), task_.region);
  }

  void launch(const std::vector<Address>& maps, const CropTable& letterboxes, int frame_count, Address faces,
              Address counts, Address stream) const {
    require(maps.size() == static_cast<size_t>(task_.map_count), "one address per stride is needed");
    require(
        frame_count >= 1 && frame_count <= letterboxes.capacity(),
        "frame_count must be in 1.." + std::to_string(letterboxes.capacity()) + "; got " + std::to_string(frame_count));
    DecodeTask task = task_;
    for (int m = 0; m < task.map_count; ++m) task.maps[m].data = at<const float>(maps[m]);
    task.frame_count = frame_count;
    task.letterboxes = letterboxes.device();
    task.faces = at<float>(faces);
    task.counts = at<int>(counts);
    DeviceScope scope(letterboxes.gpu());
    decode_faces(task, stream_at(stream));
  }

 private:
  DecodeTask task_{};
};

Frame pattern(const std::string& color, const std::string& yuv_matrix, const std::string& yuv_range) {
  Frame f;
  f.format = choice("color", color, kFormats);
  f.yuv_matrix = choice("yuv_matrix", yuv_matrix, kMatrices);
  f.yuv_range = choice("yuv_range", yuv_range, kRanges);
  return f;
}

std::string status() {
  const std::string built = "built with CUDA " + version_text(runtime_version());
  const auto [count, reason] = device_count();
  if (count == 0) return built + ", no device: " + reason;
  std::string text = built;
  for (int i = 0; i < count; ++i) {
    const DeviceInfo info = device_info(i);
    text += ", " + device_name(i) + ": " + info.name + " (compute capability " + std::to_string(info.major) + "." +
            std::to_string(info.minor) + ")";
  }
  return text;
}

void bind_memory(py::module_& m) {
  py::class_<DeviceBuffer>(m, "DeviceBuffer", py::module_local(), "Zeroed bytes on a device.")
      .def(py::init<size_t, int>(), py::arg("bytes"), py::arg("device"))
      .def_property_readonly("address", [](const DeviceBuffer& b) { return reinterpret_cast<Address>(b.data()); })
      .def_property_readonly("bytes", &DeviceBuffer::bytes);
  py::class_<PinnedBuffer>(m, "PinnedBuffer", py::module_local(), py::buffer_protocol(),
                           "Zeroed page-locked host bytes; offers the buffer protocol.")
      .def(py::init<size_t, bool, int>(), py::arg("bytes"), py::arg("mapped"), py::arg("device"))
      .def_property_readonly("address", [](const PinnedBuffer& b) { return reinterpret_cast<Address>(b.data()); })
      .def_property_readonly(
          "device_address", [](const PinnedBuffer& b) { return reinterpret_cast<Address>(b.device_data()); },
          "Address for the device; 0 unless mapped.")
      .def_property_readonly("bytes", &PinnedBuffer::bytes)
      .def_buffer([](PinnedBuffer& b) {
        return py::buffer_info(static_cast<uint8_t*>(b.data()), static_cast<py::ssize_t>(b.bytes()));
      });
  m.def(
      "copy",
      [](Address to, Address from, size_t bytes, Address stream) {
        copy_async(at<void>(to), at<const void>(from), bytes, stream_at(stream));
      },
      py::arg("to"), py::arg("source"), py::arg("bytes"), py::arg("stream"),
      "Enqueue a copy in any direction; host memory must be pinned.");
  m.def(
      "clear", [](Address to, size_t bytes, Address stream) { clear_async(at<void>(to), bytes, stream_at(stream)); },
      py::arg("to"), py::arg("bytes"), py::arg("stream"), "Enqueue zeroing.");
}

void bind_order(py::module_& m) {
  using release = py::call_guard<py::gil_scoped_release>;
  py::class_<Stream>(m, "Stream", py::module_local(), "A stream that does not synchronise with the default stream.")
      .def(py::init<int>(), py::arg("device"))
      .def_property_readonly("handle", [](const Stream& s) { return reinterpret_cast<Address>(s.handle()); })
      .def_property_readonly("device", &Stream::device)
      .def("synchronize", &Stream::synchronize, release(), "Wait for all work enqueued so far.")
      .def(
          "wait_for",
          [](const Stream& s, Address other) {
            require(other != 0, "stream 0 is ambiguous: 1 is the legacy, 2 the per-thread default stream");
            s.wait_for(stream_at(other));
          },
          py::arg("other"),
          "Later work starts after what stream `other` holds now; 1 is the legacy, 2 the per-thread default stream.")
      .def("begin_capture", &Stream::begin_capture, "Record what is enqueued from now on, instead of running it.")
      .def("end_capture", [](const Stream& s) { return std::make_unique<Graph>(s.end_capture()); })
      .def("abandon_capture", &Stream::abandon_capture, "End a capture that failed; never raises.");
  py::class_<Event>(m, "Event", py::module_local())
      .def(py::init<int>(), py::arg("device"))
      .def(
          "record", [](Event& e, const Stream& s) { e.record(s.handle()); }, py::arg("stream"))
      .def("synchronize", &Event::synchronize, release())
      .def("milliseconds_since", &Event::milliseconds_since, py::arg("start"));
  py::class_<Graph>(m, "Graph", py::module_local(), "Recorded work.")
      .def(
          "launch", [](Graph& g, const Stream& s) { g.launch(s.handle()); }, py::arg("stream"))
      .def_property_readonly("node_count", &Graph::node_count);
}

void bind_tables(py::module_& m) {
  py::class_<FrameTable>(m, "FrameTable", py::module_local(), "Where the frames of a batch lie; all of one colour.")
      .def(py::init([](int capacity, const std::string& color, const std::string& matrix, const std::string& range,
                       int device) {
             return std::make_unique<FrameTable>(capacity, pattern(color, matrix, range), device);
           }),
           py::arg("capacity"), py::arg("color"), py::kw_only(), py::arg("yuv_matrix") = "bt601",
           py::arg("yuv_range") = "limited", py::arg("device") = 0)
      .def(
          "set",
          [](FrameTable& t, int row, Address address, int width, int height, py::ssize_t stride, Address uv_address,
             py::ssize_t uv_stride) {
            Frame f;
            f.data = at<const uint8_t>(address);
            f.width = width;
            f.height = height;
            f.stride = stride;
            f.uv = at<const uint8_t>(uv_address);
            f.uv_stride = uv_stride;
            t.set(row, f);
          },
          py::arg("row"), py::arg("address"), py::arg("width"), py::arg("height"), py::arg("stride"),
          py::arg("uv_address") = 0, py::arg("uv_stride") = 0)
      .def(
          "upload", [](FrameTable& t, Address stream) { t.upload(stream_at(stream)); }, py::arg("stream"))
      .def_property_readonly("capacity", &FrameTable::capacity);
  py::class_<CropTable>(m, "CropTable", py::module_local(), "Which crops to make of which frame.")
      .def(py::init([](int capacity, const std::string& color, int device) {
             return std::make_unique<CropTable>(capacity, choice("color", color, kFormats), device);
           }),
           py::arg("capacity"), py::arg("color"), py::kw_only(), py::arg("device") = 0)
      .def(
          "set",
          [](CropTable& t, int row, const py::array_t<float, py::array::c_style | py::array::forcecast>& matrix,
             int frame) {
            require(matrix.ndim() == 2 && matrix.shape(0) == 2 && matrix.shape(1) == 3, "a matrix has shape [2, 3]");
            t.set(row, matrix.data(), frame);
          },
          py::arg("row"), py::arg("matrix"), py::arg("frame"),
          "src = M (x + .5, y + .5, 1) - .5 in row `frame` of the frame table; a negative frame empties the row.")
      .def(
          "upload", [](CropTable& t, Address stream) { t.upload(stream_at(stream)); }, py::arg("stream"))
      .def_property_readonly("capacity", &CropTable::capacity);
}

void bind_kernels(py::module_& m) {
  py::class_<CropLaunch>(m, "CropNormalize", py::module_local(),
                         "crop_normalize for frames of one colour; formula: csrc/crop/crop_normalize.h.")
      .def(py::init([](const std::string& color, const std::pair<int, int>& size, const std::string& to, double scale,
                       const std::vector<double>& mean, const std::vector<double>& std, const std::string& layout,
                       const std::string& dtype, const std::optional<std::pair<double, int>>& quant,
                       const std::string& border, int border_value, const std::string& matrix,
                       const std::string& range) {
             return std::make_unique<CropLaunch>(
                 pattern(color, matrix, range),
                 read_params(size, to, scale, mean, std, layout, dtype, quant, border, border_value));
           }),
           py::arg("color"), py::arg("size"), py::kw_only(), py::arg("to") = "rgb", py::arg("scale") = 1.0 / 255.0,
           py::arg("mean") = std::vector<double>{0.0}, py::arg("std") = std::vector<double>{1.0},
           py::arg("layout") = "nchw", py::arg("dtype") = "float32", py::arg("quant") = py::none(),
           py::arg("border") = "constant", py::arg("border_value") = 0, py::arg("yuv_matrix") = "bt601",
           py::arg("yuv_range") = "limited")
      .def("launch", &CropLaunch::launch, py::arg("frames"), py::arg("items"), py::arg("count"), py::arg("out"),
           py::arg("stream"), "Enqueue the first `count` rows of `items`; does not wait.");
  py::class_<DecodeLaunch>(m, "DecodeFaces", py::module_local(),
                           "Detector maps to faces; steps: csrc/cuda/detect_decode_body.h.")
      .def(py::init<const std::vector<std::array<int, 3>>&, float, float, int, int, const std::array<float, 4>&>(),
           py::arg("maps"), py::kw_only(), py::arg("score_threshold"), py::arg("iou_threshold"), py::arg("top_k"),
           py::arg("max_faces"), py::arg("region") = kEverywhere,
           "maps: (height, width, stride) of each. region: x0, y0, x1, y1 in frame pixels; faces centred elsewhere are "
           "marked.")
      .def("launch", &DecodeLaunch::launch, py::arg("maps"), py::arg("letterboxes"), py::arg("frame_count"),
           py::arg("faces"), py::arg("counts"), py::arg("stream"),
           "Enqueue; faces [frame_count, max_faces, FACE_VALUES] float32: box, score, landmarks, state (1 good, 0 "
           "outside "
           "the region); counts [frame_count] int32, -1 where values were not finite.");
  m.attr("FACE_VALUES") = kFaceValues;
  m.attr("MAX_TOP_K") = kMaxTopK;
}

}  // namespace
}  // namespace edgeaffect::cuda

PYBIND11_MODULE(EDGEAFFECT_CUDA_MODULE, m) {
  using namespace edgeaffect::cuda;
  m.doc() = "The CUDA side of edgeaffect. Imports without a driver; `status()` says what is there.";
  m.attr("__version__") = EDGEAFFECT_VERSION;
  m.attr("CUDA_VERSION") = runtime_version();
  py::class_<DeviceInfo>(m, "DeviceInfo", py::module_local())
      .def_readonly("name", &DeviceInfo::name)
      .def_property_readonly("compute_capability", [](const DeviceInfo& d) { return std::make_pair(d.major, d.minor); })
      .def_readonly("multiprocessors", &DeviceInfo::multiprocessors)
      .def_readonly("total_memory", &DeviceInfo::total_memory)
      .def_readonly("integrated", &DeviceInfo::integrated, "Shares its memory with the CPU, as a Jetson does.");
  m.def("status", &status, "One line: what this module was built with and which devices there are, or why none.");
  m.def("device_count", [] { return device_count().first; });
  m.def("device_info", &device_info, py::arg("device"));
  m.def(
      "device_of", [](Address address) { return device_of(at<const void>(address)); }, py::arg("address"),
      "The GPU that memory lies on; -1 for pinned host memory. Raises ValueError for memory that CUDA does not know.");
  m.def(
      "pinned_on_device",
      [](Address address) { return reinterpret_cast<Address>(pinned_on_device(at<const void>(address))); },
      py::arg("address"), "Address for the device of page-locked host memory, whoever locked it; 0 for other memory.");
  m.def("device_name", &device_name, py::arg("device"), "The name that sessions give this device.");
  bind_memory(m);
  bind_order(m);
  bind_tables(m);
  bind_kernels(m);
}
