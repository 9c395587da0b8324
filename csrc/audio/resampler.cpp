#include "audio/resampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <numeric>

namespace edgeaffect {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kZeros = 48;  // half width of the filter in samples of the lower rate
constexpr double kBeta = 9;
// Kaiser's estimate of the transition of such a window, in samples^-1 of the lower rate: (90 dB - 8) / (2.285 * 2 pi * 2 zeros).
constexpr double kTransition = (90 - 8) / (2.285 * 2 * kPi * 2 * kZeros);
constexpr size_t kBlock = 4096;  // samples that wait beside a filter's length, so that moving them is rare
constexpr size_t kLanes = 8;     // partial sums of a dot product; their order is part of the contract

// Modified Bessel function of the first kind, order 0, by its power series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

double low_rate_share(int input_rate, int output_rate) {
  return std::min(1.0, static_cast<double>(output_rate) / input_rate);
}

// A multiple of the lanes' half, so that both sides together are a multiple of the lanes.
size_t half_length(int input_rate, int output_rate) {
  const auto taps = static_cast<size_t>(std::ceil(kZeros / low_rate_share(input_rate, output_rate)));
  return (taps + kLanes / 2 - 1) / (kLanes / 2) * (kLanes / 2);
}

}  // namespace

size_t Resampler::table_size(int input_rate, int output_rate) {
  return static_cast<size_t>(output_rate / std::gcd(input_rate, output_rate)) * 2 *
         half_length(input_rate, output_rate);
}

Resampler::Resampler(int input_rate, int output_rate)
    : up_(static_cast<uint64_t>(output_rate / std::gcd(input_rate, output_rate))),
      down_(static_cast<uint64_t>(input_rate / std::gcd(input_rate, output_rate))),
      half_(half_length(input_rate, output_rate)),
      table_(table_size(input_rate, output_rate)),
      buffer_(2 * half_ + kBlock) {
  const double share = low_rate_share(input_rate, output_rate);
  const double cutoff = share * (1 - kTransition);  // as a share of half of the input rate
  std::vector<double> taps(2 * half_);
  for (size_t phase = 0; phase < up_; ++phase) {
    double sum = 0;
    for (size_t i = 0; i < taps.size(); ++i) {
      const double t = static_cast<double>(phase) / static_cast<double>(up_) + static_cast<double>(half_) - 1 -
                       static_cast<double>(i);
      const double across = t * share / kZeros;
      const double kaiser = std::abs(across) < 1 ? bessel_i0(kBeta * std::sqrt(1 - across * across)) : 0;
      const double sinc = t == 0 ? 1 : std::sin(kPi * cutoff * t) / (kPi * cutoff * t);
      taps[i] = sinc * kaiser;
      sum += taps[i];
    }
    for (size_t i = 0; i < taps.size(); ++i) table_[phase * taps.size() + i] = static_cast<float>(taps[i] / sum);
  }
  reset();
}

void Resampler::reset() {
  end_ = half_ - 1;  // zeros before the sound
  std::fill_n(buffer_.begin(), end_, 0.0F);
  next_ = 0;
  phase_ = taken_ = given_ = 0;
}

size_t Resampler::outputs_after(size_t samples) const {
  // Output n needs inputs up to floor(n M / L) + half: n M / L < taken - half.
  const uint64_t all = taken_ + samples;
  return all <= half_ ? 0 : static_cast<size_t>(((all - half_) * up_ + down_ - 1) / down_ - given_);
}

size_t Resampler::outputs_at_end() const { return static_cast<size_t>((taken_ * up_ + down_ - 1) / down_ - given_); }

float Resampler::output(const float* taps, const float* samples) const {
  float sums[kLanes] = {};
  for (size_t i = 0; i < 2 * half_; i += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += taps[i + lane] * samples[i + lane];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

void Resampler::accept(const float* samples, size_t n, float* out) {
  const size_t length = 2 * half_;
  while (n > 0) {
    if (end_ == buffer_.size()) {
      std::memmove(buffer_.data(), buffer_.data() + next_, (end_ - next_) * sizeof(float));
      end_ -= next_;
      next_ = 0;
    }
    const size_t taken = std::min(n, buffer_.size() - end_);
    std::memcpy(buffer_.data() + end_, samples, taken * sizeof(float));
    samples += taken;
    n -= taken;
    end_ += taken;
    taken_ += taken;
    while (next_ + length <= end_) {
      *out++ = output(table_.data() + phase_ * length, buffer_.data() + next_);
      ++given_;
      phase_ += down_;
      next_ += static_cast<size_t>(phase_ / up_);
      phase_ %= up_;
    }
  }
}

void Resampler::finish(float* out) {
  // Zeros behind the sound complete the last outputs, and exactly these: the first input past the end would be next.
  static constexpr float kSilence[256] = {};
  for (size_t left = taken_ > 0 ? half_ : 0; left > 0;) {
    const size_t n = std::min(left, std::size(kSilence));
    const size_t written = outputs_after(n);
    accept(kSilence, n, out);
    out += written;
    left -= n;
  }
  reset();
}

}  // namespace edgeaffect
