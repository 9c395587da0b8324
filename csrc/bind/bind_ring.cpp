#include <pybind11/numpy.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "audio/ring.h"
#include "bind/bind_checks.h"
#include "bind/bindings.h"

namespace py = pybind11;

namespace edgeaffect {
namespace {

constexpr long kMaxCapacity = 1L << 24;
constexpr int kMaxChannels = 64;

constexpr const char* kRingDoc =
    R"doc(Lock-free ring of samples between one writing and one reading thread; contract in csrc/audio/ring.h.

Args:
    capacity: frames that can wait, 1 to 2**24; rounded up to a power of two.
    channels: interleaved samples of a frame, 1 to 64; they are averaged.
    sample_rate: Hz, 1000 to 384000.

Raises:
    ValueError: a value outside its range.)doc";

constexpr const char* kWriteDoc =
    R"doc(Takes one block as it came from the device.

Args:
    data: float32, interleaved, as an array or as bytes (which is what PortAudio's callbacks hold).
    time: seconds when it arrived.
    gap: the device lost sound before it.

Returns:
    False when it did not fit: its frames are lost.

Raises:
    ValueError: no whole frames, not contiguous, or a time that is not finite.)doc";

constexpr const char* kReadDoc =
    R"doc(At most `limit` frames of consecutive numbers.

Returns:
    (samples float32 [n], number of the first, whether the device lost sound before it, origin in seconds), see the
    contract; None while nothing waits.)doc";

constexpr const char* kCallbackDoc =
    R"doc(Addresses of a function and its user data, for PortAudio's Pa_OpenStream with one input of float32.

PortAudio's thread then writes into the ring without waiting for Python. The ring must outlive the stream.)doc";

py::tuple portaudio_callback(SampleRing& ring) {
  return py::make_tuple(reinterpret_cast<uintptr_t>(&write_from_portaudio), reinterpret_cast<uintptr_t>(&ring));
}

SampleRing* make_ring(long capacity, int channels, double sample_rate) {
  require(capacity >= 1 && capacity <= kMaxCapacity, [&] {
    return "capacity must be in 1.." + std::to_string(kMaxCapacity) + "; got " + std::to_string(capacity);
  });
  require(channels >= 1 && channels <= kMaxChannels, [&] {
    return "channels must be in 1.." + std::to_string(kMaxChannels) + "; got " + std::to_string(channels);
  });
  require(sample_rate >= 1000 && sample_rate <= 384'000,
          [&] { return "sample_rate must be in 1000..384000; got " + std::to_string(sample_rate); });
  return new SampleRing(static_cast<size_t>(capacity), channels, sample_rate);
}

bool ring_write(SampleRing& ring, const py::buffer& data, double time, bool gap) {
  const py::buffer_info info = data.request();
  const bool is_float = info.itemsize == 4 && info.format == py::format_descriptor<float>::format();
  require(is_float || info.itemsize == 1,
          [&] { return "data must be float32, or its bytes; got items of format '" + info.format + "'"; });
  py::ssize_t expected = info.itemsize;
  for (py::ssize_t axis = info.ndim - 1; axis >= 0; expected *= info.shape[static_cast<size_t>(axis--)]) {
    require(info.size == 0 || info.shape[static_cast<size_t>(axis)] == 1 ||
                info.strides[static_cast<size_t>(axis)] == expected,
            "data must be contiguous; use numpy.ascontiguousarray(data)");
  }
  const py::ssize_t bytes = info.size * info.itemsize, frame = 4 * ring.channels();
  require(bytes % frame == 0 && reinterpret_cast<uintptr_t>(info.ptr) % alignof(float) == 0, [&] {
    return "data must hold whole frames of " + std::to_string(frame) + " bytes; got " + std::to_string(bytes) +
           " bytes";
  });
  require(std::isfinite(time), "time must be finite");
  return ring.write(static_cast<const float*>(info.ptr), static_cast<size_t>(bytes / frame), time, gap);
}

py::object ring_read(SampleRing& ring, py::ssize_t limit) {
  require(limit >= 1, [&] { return "limit must be 1 or more; got " + std::to_string(limit); });
  const size_t frames = std::min(static_cast<size_t>(limit), ring.available());
  if (frames == 0) return py::none();
  py::array_t<float> out(static_cast<py::ssize_t>(frames));
  const SampleRing::Run run = ring.read(out.mutable_data(), frames);
  if (run.frames == 0) return py::none();
  if (run.frames < frames) out.resize({static_cast<py::ssize_t>(run.frames)});
  return py::make_tuple(out, run.first, run.gap, run.origin);
}

}  // namespace

void bind_ring(py::module_& m) {
  py::class_<SampleRing>(m, "SampleRing", kRingDoc)
      .def(py::init(&make_ring), py::kw_only(), py::arg("capacity"), py::arg("channels"), py::arg("sample_rate"))
      .def("write", &ring_write, kWriteDoc, py::arg("data"), py::arg("time"), py::arg("gap"))
      .def("read", &ring_read, kReadDoc, py::arg("limit"))
      .def("available", &SampleRing::available, "Frames that wait now.")
      .def("lost", &SampleRing::lost, "Frames that did not fit, since the start.")
      .def("gaps", &SampleRing::gaps, "Blocks with a gap before them, since the start.")
      .def("portaudio_callback", &portaudio_callback, kCallbackDoc);
}

}  // namespace edgeaffect
