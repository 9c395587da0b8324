// Discrete Fourier transform of real frames whose length is a power of two.
//
// A real frame of n samples is one complex transform of n / 2 points (even samples real, odd ones imaginary), untangled
// afterwards. The transform is Stockham's autosort algorithm with radix 4 and, where n / 2 is not a power of four, one
// radix-2 step at the end (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7).
// Real and imaginary parts lie in arrays of their own, so that inner loops are plain vector loops.
#pragma once

#include <vector>

namespace edgeaffect {

class RealFft {
 public:
  // n: power of two, at least 4.
  explicit RealFft(int n);

  // |X[k]|^2 for k = 0 .. n/2 of the n samples in `frame`; `power` holds n/2 + 1 values. Allocates nothing.
  void power(const float* frame, float* power);

 private:
  void transform();

  int n_, half_;
  std::vector<float> step_re_,
      step_im_;  // e^(-2 pi i p / m) of each radix-4 step, three per p, one step after the other
  std::vector<float> untangle_re_, untangle_im_;  // e^(-2 pi i k / n)
  std::vector<float> re_, im_, other_re_, other_im_;
};

}  // namespace edgeaffect
