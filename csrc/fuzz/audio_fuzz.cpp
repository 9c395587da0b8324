// LogMel and Resampler with any option that the Python edge lets through and any chunks: they write exactly what they announce, and
// chunks give the bits of one call.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "audio/log_mel.h"
#include "audio/resampler.h"
#include "fuzz/fuzz.h"

namespace {

constexpr size_t kMostSamples = 400;  // a frame or filter is shorter, and every seam comes up
constexpr size_t kMostTaps = 600;  // a larger table is a slow input, not another one

std::vector<float> make_sound(FuzzedDataProvider& data) {
  std::vector<float> sound(data.ConsumeIntegralInRange<size_t>(0, kMostSamples));
  uint32_t state = data.ConsumeIntegral<uint32_t>() | 1U;
  const float scale = data.ConsumeBool() ? 1.0F / 2147483648.0F : data.ConsumeFloatingPointInRange<float>(0, 1e-6F);
  for (float& sample : sound) {
    state = state * 1664525U + 1013904223U;
    sample = static_cast<float>(static_cast<int32_t>(state)) * scale;
  }
  return sound;
}

// A heap block of exactly `size` values: AddressSanitizer sees one value too many.
std::unique_ptr<float[]> block(size_t size) { return std::make_unique<float[]>(size); }

template <class Stage, class Announce>
std::vector<float> feed(Stage& stage, const std::vector<float>& sound, FuzzedDataProvider* chunks,
                        const Announce& announce) {
  std::vector<float> result;
  for (size_t begin = 0; begin < sound.size();) {
    const size_t left = sound.size() - begin;
    const size_t n = chunks && chunks->remaining_bytes() ? chunks->ConsumeIntegralInRange<size_t>(0, left) : left;
    const auto samples = block(n);
    std::copy_n(sound.begin() + static_cast<ptrdiff_t>(begin), n, samples.get());
    const size_t size = announce(n);
    const auto out = block(size);
    stage.accept(samples.get(), n, out.get());
    result.insert(result.end(), out.get(), out.get() + size);
    begin += n;
  }
  return result;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), 4 * a.size()) == 0);
}

void log_mel(FuzzedDataProvider& data) {
  edgeaffect::LogMelConfig config{};
  config.sample_rate = data.ConsumeIntegralInRange(1000, 384'000);
  config.fft = 1 << data.ConsumeIntegralInRange(2, 8);
  config.window = data.ConsumeIntegralInRange(2, config.fft);
  config.hop = data.ConsumeIntegralInRange(1, config.window);
  config.mel.bands = data.ConsumeIntegralInRange(1, 12);
  config.mel.low_hz = data.ConsumeFloatingPointInRange<float>(0, 0.5F * static_cast<float>(config.sample_rate));
  config.mel.high_hz =
      data.ConsumeFloatingPointInRange<float>(config.mel.low_hz, 0.5F * static_cast<float>(config.sample_rate));
  config.mel.formula = static_cast<edgeaffect::MelFormula>(data.ConsumeIntegralInRange(0, 1));
  config.window_function = static_cast<edgeaffect::WindowFunction>(data.ConsumeIntegralInRange(0, 2));
  config.pre_emphasis = data.ConsumeFloatingPointInRange<float>(0, 0.999F);
  config.remove_offset = data.ConsumeBool();
  config.floor = data.ConsumeFloatingPointInRange<float>(1e-30F, 1);
  // As csrc/bind/bind_audio.cpp refuses it; also edges that are one number in float32.
  if (edgeaffect::MelBank(config.mel, config.sample_rate, config.fft).empty_bands() > 0) return;
  const std::vector<float> sound = make_sound(data);
  edgeaffect::LogMel stage(config);
  const auto announce = [&](size_t n) { return stage.frames_after(n) * static_cast<size_t>(stage.bands()); };
  const std::vector<float> expected = feed(stage, sound, nullptr, announce);
  const auto window = static_cast<size_t>(config.window), hop = static_cast<size_t>(config.hop);
  const size_t frames = sound.size() < window ? 0 : 1 + (sound.size() - window) / hop;
  FUZZ_CHECK(expected.size() == frames * static_cast<size_t>(config.mel.bands));
  for (const float energy : expected) FUZZ_CHECK(std::isfinite(energy));
  stage.reset();
  FUZZ_CHECK(stage.pending() == 0);
  FUZZ_CHECK(same_bits(feed(stage, sound, &data, announce), expected));
}

void resample(FuzzedDataProvider& data) {
  static constexpr int kRates[] = {1000, 8000, 11'025, 16'000, 22'050, 32'000, 44'100, 48'000, 96'000, 384'000};
  const auto rate = [&] {
    return data.ConsumeBool() ? data.PickValueInArray(kRates) : 50 * data.ConsumeIntegralInRange(20, 7680);
  };
  const int input = rate(), output = rate();
  if (edgeaffect::Resampler::table_size(input, output) > kMostTaps) return;
  const std::vector<float> sound = make_sound(data);
  edgeaffect::Resampler stage(input, output);
  const auto run = [&](FuzzedDataProvider* chunks) {
    std::vector<float> result = feed(stage, sound, chunks, [&](size_t n) { return stage.outputs_after(n); });
    const size_t size = stage.outputs_at_end();
    const auto out = block(size);
    stage.finish(out.get());  // begins a new sound
    result.insert(result.end(), out.get(), out.get() + size);
    return result;
  };
  const std::vector<float> expected = run(nullptr);
  const uint64_t n = sound.size(), in = static_cast<uint64_t>(input), out = static_cast<uint64_t>(output);
  FUZZ_CHECK(expected.size() == (n * out + in - 1) / in);
  for (const float sample : expected) FUZZ_CHECK(std::isfinite(sample));
  FUZZ_CHECK(same_bits(run(&data), expected));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  FuzzedDataProvider data(bytes, length);
  if (data.ConsumeBool()) {
    log_mel(data);
  } else {
    resample(data);
  }
  return 0;
}
