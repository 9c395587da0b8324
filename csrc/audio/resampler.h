// Streaming change of the sample rate by a ratio of whole numbers, without aliasing.
//
// Contract. L / M is output_rate / input_rate in lowest terms, c = min(1, L / M) the lower rate as a share of the input's.
//
// 1. Output n lies at input position n M / L; there are ceil(N L / M) outputs for N inputs.
// 2. y[n] = sum over k of x[k] h(n M / L - k), |n M / L - k| < H = kZeros / c; x is 0 outside the sound.
// 3. h(t) is a sinc whose cut-off lies half a transition below half of the lower rate, times a Kaiser window (beta 9) over
//    |t| < H. Stop band from half of the lower rate: 90 dB down; pass band up to 0.88 of it (7.0 kHz at 16 kHz).
//    Taps of each of the L phases are scaled to a sum of 1: a constant stays that constant.
//
// Float32 sums in a fixed order: any chunking gives the bits of one call. The answer comes H input samples late (6 ms for
// 8 kHz input, 3 ms for 16 kHz and more). Nothing is allocated after construction, nothing waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace edgeaffect {

class Resampler {
 public:
  // Rates in Hz, above 0. The table has `table_size` values: see there.
  Resampler(int input_rate, int output_rate);

  // Values in the table of taps for two rates; rates without a large common divisor need many.
  static size_t table_size(int input_rate, int output_rate);

  // Outputs that `accept` of so many samples would write.
  size_t outputs_after(size_t samples) const;

  // Takes n samples; writes outputs_after(n) values.
  void accept(const float* samples, size_t n, float* out);

  // Outputs that `finish` would write.
  size_t outputs_at_end() const;

  // Ends the sound: writes the last outputs_at_end() values and starts anew.
  void finish(float* out);

  void reset();

 private:
  float output(const float* taps, const float* samples) const;

  uint64_t up_, down_;  // L, M
  size_t half_;  // taps on each side of an output
  std::vector<float> table_;  // up_ phases of 2 half_ taps
  std::vector<float> buffer_;
  size_t end_ = 0;  // samples in the buffer
  size_t next_ = 0;  // first sample in the buffer that the next output needs
  uint64_t phase_ = 0;  // of the next output
  uint64_t taken_ = 0, given_ = 0;  // samples in and out since the sound began
};

}  // namespace edgeaffect
