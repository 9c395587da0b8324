// Streaming log-mel energies: sound arrives in chunks of any length, one row per hop comes out.
//
// Contract. Every implementation (this one, edgeaffect._pure) computes, for frame t = 0, 1, ...:
//
// 1. Frame. Samples t * hop .. t * hop + window - 1. Nothing is padded in time: a frame exists when all of its samples
//    have arrived, so a sound of n samples has max(0, 1 + floor((n - window) / hop)) frames.
// 2. Offset (optional): the frame's mean is subtracted.
// 3. Pre-emphasis a in [0, 1): x[i] <- x[i] - a x[i - 1], and x[0] <- x[0] - a x[0], inside the frame.
// 4. Window function over the frame:
//        hann      0.5 - 0.5 cos(2 pi i / window)              (periodic)
//        hamming   0.54 - 0.46 cos(2 pi i / (window - 1))      (symmetric)
//        povey     (0.5 - 0.5 cos(2 pi i / (window - 1)))^0.85 (Kaldi's)
// 5. Power spectrum |X[k]|^2, k = 0 .. fft / 2, of the frame and zeros behind it up to `fft`, a power of two.
// 6. Mel bands: triangles between bands + 2 edges, spaced evenly in mel from low_hz to high_hz:
//        slaney    linear below 1 kHz, logarithmic above (Slaney, Auditory Toolbox, 1998); triangles linear in Hz, each
//                  divided by half its width in Hz, so that its area is 1
//        htk       mel = 1127 ln(1 + f / 700) (HTK Book); triangles linear in mel, peak 1
// 7. Natural logarithm of max(energy, floor).
//
// All in float32. A frame is computed from its own samples by the same operations whatever the chunks were: any
// chunking gives the bits of one call. Nothing is allocated after construction, nothing waits.
#pragma once

#include <cstddef>
#include <vector>

#include "audio/mel_bank.h"
#include "audio/real_fft.h"

namespace edgeaffect {

enum class WindowFunction { kHann, kHamming, kPovey };

struct LogMelConfig {
  int sample_rate;  // Hz
  int window;  // samples
  int hop;  // samples, 1 .. window
  int fft;  // power of two, at least `window`
  MelConfig mel;
  WindowFunction window_function;
  float pre_emphasis;
  bool remove_offset;
  float floor;  // of an energy, above 0
};

class LogMel {
 public:
  explicit LogMel(const LogMelConfig& config);

  int bands() const { return bank_.bands(); }

  // Samples that have arrived and still belong to a coming frame.
  size_t pending() const { return end_ - begin_; }

  // Frames that `accept` of so many samples would write.
  size_t frames_after(size_t samples) const;

  // Takes n samples in [-1, 1]; writes frames_after(n) rows of `bands` values to `out`.
  void accept(const float* samples, size_t n, float* out);

  // Forgets every sample.
  void reset() { begin_ = end_ = 0; }

 private:
  void write_frame(const float* samples, float* out);

  LogMelConfig config_;
  MelBank bank_;
  RealFft fft_;
  std::vector<float> window_, frame_, power_;
  std::vector<float> buffer_;  // samples begin_ .. end_ are pending
  size_t begin_ = 0, end_ = 0;
};

}  // namespace edgeaffect
