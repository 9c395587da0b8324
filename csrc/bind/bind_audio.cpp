#include <pybind11/numpy.h>

#include <cmath>
#include <cstring>
#include <string>

#include "audio/log_mel.h"
#include "audio/resampler.h"
#include "bind/bind_checks.h"
#include "bind/bindings.h"

namespace py = pybind11;

namespace edgeaffect {
namespace {

using Samples = py::array_t<float, py::array::c_style>;

constexpr int kMaxRate = 384'000, kMaxFft = 1 << 15, kMaxBands = 1024;
constexpr size_t kMaxTable = size_t{1} << 23;

constexpr const char* kLogMelDoc =
    R"doc(Streaming log-mel energies; the formula stands in csrc/audio/log_mel.h.

Args:
    sample_rate: Hz, 1000 to 384000.
    window: samples of a frame.
    hop: samples from one frame to the next, 1 to `window`.
    fft: power of two, `window` to 32768.
    bands: mel bands, 1 to 1024.
    low_hz: lower edge of the first band.
    high_hz: upper edge of the last band, at most half of the sample rate.
    formula: "slaney" or "htk".
    window_function: "hann", "hamming" or "povey".
    pre_emphasis: 0 (none) to below 1.
    remove_offset: subtract each frame's mean.
    floor: least energy, above 0.

Raises:
    ValueError: an impossible option; bands so narrow that no bin of the spectrum falls into one.)doc";

constexpr const char* kLogMelAcceptDoc =
    R"doc(Frames that these samples complete: float32 [frames, bands], natural logarithm of energies.

Args:
    samples: float32 [n], in [-1, 1].

Raises:
    ValueError: a wrong shape, or a sample that is not finite; nothing of the chunk is taken then.)doc";

constexpr const char* kResamplerDoc =
    R"doc(Streaming resampler; the formula stands in csrc/audio/resampler.h.

Args:
    input_rate: Hz, 1000 to 384000.
    output_rate: Hz, 1000 to 384000.

Raises:
    ValueError: an impossible rate, or two without a common divisor that is large enough.)doc";

constexpr const char* kResamplerAcceptDoc =
    R"doc(Samples at the output rate that these samples complete: float32 [m].

Args:
    samples: float32 [n].

Raises:
    ValueError: a wrong shape, or a sample that is not finite; nothing of the chunk is taken then.)doc";

constexpr const char* kFinishDoc = "The last samples of the sound, float32 [m]; the next chunk begins a new one.";
constexpr const char* kResetDoc = "Forgets every sample: the next chunk begins a new sound.";

void check_range(const char* name, long value, long least, long most) {
  require(value >= least && value <= most, [&] {
    return std::string(name) + " must be in " + std::to_string(least) + ".." + std::to_string(most) + "; got " +
           std::to_string(value);
  });
}

void check_samples(const Samples& samples) {
  require(samples.ndim() == 1, [&] { return "samples must have shape [n]; got " + shape_text(samples); });
  const float* values = samples.data();
  for (py::ssize_t i = 0; i < samples.size(); ++i) {
    require(std::isfinite(values[i]), [&] { return "samples[" + std::to_string(i) + "] is not finite"; });
  }
}

MelFormula formula_of(const std::string& name) {
  if (name == "slaney") return MelFormula::kSlaney;
  require(name == "htk", [&] { return "formula must be 'slaney' or 'htk'; got '" + name + "'"; });
  return MelFormula::kHtk;
}

WindowFunction window_function_of(const std::string& name) {
  if (name == "hann") return WindowFunction::kHann;
  if (name == "hamming") return WindowFunction::kHamming;
  require(name == "povey", [&] { return "window_function must be 'hann', 'hamming' or 'povey'; got '" + name + "'"; });
  return WindowFunction::kPovey;
}

LogMel make_log_mel(int sample_rate, int window, int hop, int fft, int bands, double low_hz, double high_hz,
                    const std::string& formula, const std::string& window_function, double pre_emphasis,
                    bool remove_offset, double floor) {
  check_range("sample_rate", sample_rate, 1000, kMaxRate);
  check_range("fft", fft, 4, kMaxFft);
  require((fft & (fft - 1)) == 0, [&] { return "fft must be a power of two; got " + std::to_string(fft); });
  check_range("window", window, 2, fft);
  check_range("hop", hop, 1, window);
  check_range("bands", bands, 1, kMaxBands);
  require(low_hz >= 0 && low_hz < high_hz && high_hz <= 0.5 * sample_rate, [&] {
    return "low_hz and high_hz must satisfy 0 <= low_hz < high_hz <= " + std::to_string(0.5 * sample_rate) + "; got " +
           std::to_string(low_hz) + " and " + std::to_string(high_hz);
  });
  require(pre_emphasis >= 0 && pre_emphasis < 1,
          [&] { return "pre_emphasis must be at least 0 and below 1; got " + std::to_string(pre_emphasis); });
  require(floor > 0 && std::isfinite(static_cast<float>(floor)) && static_cast<float>(floor) > 0,
          [&] { return "floor must be a positive number; got " + std::to_string(floor); });
  const MelConfig mel{bands, static_cast<float>(low_hz), static_cast<float>(high_hz), formula_of(formula)};
  const int empty = MelBank(mel, sample_rate, fft).empty_bands();
  require(empty == 0, [&] {
    return std::to_string(empty) + " of " + std::to_string(bands) +
           " bands are narrower than the bins of the spectrum: take fewer bands or a larger fft than " +
           std::to_string(fft);
  });
  return LogMel({sample_rate, window, hop, fft, mel, window_function_of(window_function),
                 static_cast<float>(pre_emphasis), remove_offset, static_cast<float>(floor)});
}

Samples log_mel_accept(LogMel& log_mel, const Samples& samples) {
  check_samples(samples);
  const auto n = static_cast<size_t>(samples.size());
  Samples out({static_cast<py::ssize_t>(log_mel.frames_after(n)), static_cast<py::ssize_t>(log_mel.bands())});
  log_mel.accept(samples.data(), n, out.mutable_data());
  return out;
}

Resampler make_resampler(int input_rate, int output_rate) {
  check_range("input_rate", input_rate, 1000, kMaxRate);
  check_range("output_rate", output_rate, 1000, kMaxRate);
  require(Resampler::table_size(input_rate, output_rate) <= kMaxTable, [&] {
    return "from " + std::to_string(input_rate) + " to " + std::to_string(output_rate) +
           " Hz needs too many filters: take rates with a larger common divisor (multiples of 50 or 100)";
  });
  return Resampler(input_rate, output_rate);
}

Samples resampler_accept(Resampler& resampler, const Samples& samples) {
  check_samples(samples);
  const auto n = static_cast<size_t>(samples.size());
  Samples out(static_cast<py::ssize_t>(resampler.outputs_after(n)));
  resampler.accept(samples.data(), n, out.mutable_data());
  return out;
}

Samples resampler_finish(Resampler& resampler) {
  Samples out(static_cast<py::ssize_t>(resampler.outputs_at_end()));
  resampler.finish(out.mutable_data());
  return out;
}

}  // namespace

void bind_audio(py::module_& m) {
  py::class_<LogMel>(m, "LogMel", kLogMelDoc)
      .def(py::init(&make_log_mel), py::kw_only(), py::arg("sample_rate"), py::arg("window"), py::arg("hop"),
           py::arg("fft"), py::arg("bands"), py::arg("low_hz"), py::arg("high_hz"), py::arg("formula"),
           py::arg("window_function"), py::arg("pre_emphasis"), py::arg("remove_offset"), py::arg("floor"))
      .def("accept", &log_mel_accept, py::arg("samples").noconvert(), kLogMelAcceptDoc)
      .def("reset", &LogMel::reset, kResetDoc);
  py::class_<Resampler>(m, "Resampler", kResamplerDoc)
      .def(py::init(&make_resampler), py::arg("input_rate"), py::arg("output_rate"))
      .def("accept", &resampler_accept, py::arg("samples").noconvert(), kResamplerAcceptDoc)
      .def("finish", &resampler_finish, kFinishDoc)
      .def("reset", &Resampler::reset, kResetDoc);
}

}  // namespace edgeaffect
