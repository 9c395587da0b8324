#include "audio/mel_bank.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace edgeaffect {
namespace {

// Slaney's scale: 200 / 3 Hz per mel below 1 kHz; above, 27 steps per factor of 6.4.
constexpr double kLinearHz = 200.0 / 3.0, kBreakHz = 1000.0, kBreakMel = kBreakHz / kLinearHz;
const double kLogStep = std::log(6.4) / 27.0;

double to_mel(MelFormula formula, double hz) {
  if (formula == MelFormula::kHtk) return 1127.0 * std::log1p(hz / 700.0);
  return hz < kBreakHz ? hz / kLinearHz : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double to_hz(MelFormula formula, double mel) {
  if (formula == MelFormula::kHtk) return 700.0 * std::expm1(mel / 1127.0);
  return mel < kBreakMel ? mel * kLinearHz : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

}  // namespace

MelBank::MelBank(const MelConfig& config, int sample_rate, int fft) {
  const bool slaney = config.formula == MelFormula::kSlaney;
  const double low = to_mel(config.formula, config.low_hz);
  const double step = (to_mel(config.formula, config.high_hz) - low) / (config.bands + 1);
  for (int band = 0; band < config.bands; ++band) {
    // Edges and bins in the unit in which the triangle is linear.
    double edges[3];
    for (int i = 0; i < 3; ++i) {
      const double mel = low + step * (band + i);
      edges[i] = slaney ? to_hz(config.formula, mel) : mel;
    }
    const double peak = slaney ? 2.0 / (edges[2] - edges[0]) : 1.0;
    Filter filter{0, {}};
    for (int bin = 0; bin <= fft / 2; ++bin) {
      const double hz = static_cast<double>(bin) * sample_rate / fft;
      const double at = slaney ? hz : to_mel(config.formula, hz);
      const double weight = std::min((at - edges[0]) / (edges[1] - edges[0]), (edges[2] - at) / (edges[2] - edges[1]));
      if (!(weight > 0)) continue;  // not a number where the edges are one number in float32
      if (filter.weights.empty()) filter.first = bin;
      filter.weights.push_back(static_cast<float>(peak * weight));
    }
    filters_.push_back(std::move(filter));
  }
}

int MelBank::empty_bands() const {
  return static_cast<int>(
      std::count_if(filters_.begin(), filters_.end(), [](const Filter& filter) { return filter.weights.empty(); }));
}

void MelBank::energies(const float* power, float* out) const {
  for (const Filter& filter : filters_) {
    float sum = 0;
    for (size_t i = 0; i < filter.weights.size(); ++i) sum += filter.weights[i] * power[filter.first + i];
    *out++ = sum;
  }
}

}  // namespace edgeaffect
