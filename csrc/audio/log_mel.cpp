#include "audio/log_mel.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace edgeaffect {
namespace {

constexpr double kTwoPi = 6.283185307179586476925286766559;
constexpr size_t kBlock = 4096;  // samples that wait beside a frame, so that few frames pay for moving the rest

std::vector<float> window_values(WindowFunction function, int length) {
  std::vector<float> values;
  for (int i = 0; i < length; ++i) {
    const double symmetric = std::cos(kTwoPi * i / std::max(1, length - 1));
    double value = 0.5 - 0.5 * std::cos(kTwoPi * i / length);
    if (function == WindowFunction::kHamming) value = 0.54 - 0.46 * symmetric;
    if (function == WindowFunction::kPovey) value = std::pow(0.5 - 0.5 * symmetric, 0.85);
    values.push_back(static_cast<float>(value));
  }
  return values;
}

}  // namespace

LogMel::LogMel(const LogMelConfig& config)
    : config_(config),
      bank_(config.mel, config.sample_rate, config.fft),
      fft_(config.fft),
      window_(window_values(config.window_function, config.window)),
      frame_(static_cast<size_t>(config.fft), 0.0F),
      power_(static_cast<size_t>(config.fft / 2 + 1)),
      buffer_(static_cast<size_t>(config.window) + kBlock) {}

size_t LogMel::frames_after(size_t samples) const {
  const size_t window = static_cast<size_t>(config_.window), hop = static_cast<size_t>(config_.hop);
  const size_t all = pending() + samples;
  return all < window ? 0 : 1 + (all - window) / hop;
}

void LogMel::accept(const float* samples, size_t n, float* out) {
  const size_t window = static_cast<size_t>(config_.window), hop = static_cast<size_t>(config_.hop);
  while (n > 0) {
    if (end_ == buffer_.size()) {  // fewer than `window` samples are pending here: there is room after the move
      std::memmove(buffer_.data(), buffer_.data() + begin_, pending() * sizeof(float));
      end_ -= begin_;
      begin_ = 0;
    }
    const size_t taken = std::min(n, buffer_.size() - end_);
    std::memcpy(buffer_.data() + end_, samples, taken * sizeof(float));
    samples += taken;
    n -= taken;
    end_ += taken;
    for (; pending() >= window; begin_ += hop, out += bands()) write_frame(buffer_.data() + begin_, out);
  }
}

void LogMel::write_frame(const float* samples, float* out) {
  const int window = config_.window;
  const float a = config_.pre_emphasis;
  float offset = 0;
  if (config_.remove_offset) {
    for (int i = 0; i < window; ++i) offset += samples[i];
    offset /= static_cast<float>(window);
  }
  float* frame = frame_.data();  // zeros behind `window` stay
  const float first = samples[0] - offset;
  frame[0] = (first - a * first) * window_[0];
  for (int i = 1; i < window; ++i) frame[i] = ((samples[i] - offset) - a * (samples[i - 1] - offset)) * window_[i];
  fft_.power(frame, power_.data());
  bank_.energies(power_.data(), out);
  for (int band = 0; band < bands(); ++band) out[band] = std::log(std::max(out[band], config_.floor));
}

}  // namespace edgeaffect
