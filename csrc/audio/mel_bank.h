// Triangular mel filters over a power spectrum; formulas in log_mel.h, step 6.
#pragma once

#include <vector>

namespace edgeaffect {

enum class MelFormula { kSlaney, kHtk };

struct MelConfig {
  int bands;
  float low_hz, high_hz;  // 0 <= low_hz < high_hz <= half of the sample rate
  MelFormula formula;
};

class MelBank {
 public:
  MelBank(const MelConfig& config, int sample_rate, int fft);

  int bands() const { return static_cast<int>(filters_.size()); }

  // Bands that no bin of the spectrum falls into: the filters are narrower than the spectrum is fine.
  int empty_bands() const;

  // Weighted sums of fft / 2 + 1 powers, one per band.
  void energies(const float* power, float* out) const;

 private:
  struct Filter {
    int first;                   // bin
    std::vector<float> weights;  // of bins first, first + 1, ...
  };
  std::vector<Filter> filters_;
};

}  // namespace edgeaffect
