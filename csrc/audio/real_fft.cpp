#include "audio/real_fft.h"

#include <cmath>
#include <cstddef>

namespace edgeaffect {
namespace {

constexpr double kTwoPi = 6.283185307179586476925286766559;

}  // namespace

RealFft::RealFft(int n) : n_(n), half_(n / 2) {
  for (int length = half_; length > 2; length /= 4) {
    for (int p = 0; p < length / 4; ++p) {
      for (int power = 1; power <= 3; ++power) {
        const double angle = -kTwoPi * power * p / length;
        step_re_.push_back(static_cast<float>(std::cos(angle)));
        step_im_.push_back(static_cast<float>(std::sin(angle)));
      }
    }
  }
  for (int k = 0; k <= half_; ++k) {
    untangle_re_.push_back(static_cast<float>(std::cos(kTwoPi * k / n_)));
    untangle_im_.push_back(static_cast<float>(-std::sin(kTwoPi * k / n_)));
  }
  for (auto* values : {&re_, &im_, &other_re_, &other_im_}) values->resize(static_cast<size_t>(half_));
}

void RealFft::transform() {
  const float* w_re = step_re_.data();
  const float* w_im = step_im_.data();
  int length = half_, stride = 1;
  for (; length > 2; length /= 4, stride *= 4) {
    const int quarter = length / 4;
    for (int p = 0; p < quarter; ++p, w_re += 3, w_im += 3) {
      const float* a_re = re_.data() + stride * p;
      const float* a_im = im_.data() + stride * p;
      const float *b_re = a_re + stride * quarter, *b_im = a_im + stride * quarter;
      const float *c_re = b_re + stride * quarter, *c_im = b_im + stride * quarter;
      const float *d_re = c_re + stride * quarter, *d_im = c_im + stride * quarter;
      float* y_re = other_re_.data() + 4 * stride * p;
      float* y_im = other_im_.data() + 4 * stride * p;
      for (int q = 0; q < stride; ++q) {
        const float sum_re = a_re[q] + c_re[q], sum_im = a_im[q] + c_im[q];
        const float gap_re = a_re[q] - c_re[q], gap_im = a_im[q] - c_im[q];
        const float odd_re = b_re[q] + d_re[q], odd_im = b_im[q] + d_im[q];
        const float turn_re = d_im[q] - b_im[q], turn_im = b_re[q] - d_re[q];  // i (b - d)
        y_re[q] = sum_re + odd_re;
        y_im[q] = sum_im + odd_im;
        const float one_re = gap_re - turn_re, one_im = gap_im - turn_im;
        y_re[stride + q] = one_re * w_re[0] - one_im * w_im[0];
        y_im[stride + q] = one_re * w_im[0] + one_im * w_re[0];
        const float two_re = sum_re - odd_re, two_im = sum_im - odd_im;
        y_re[2 * stride + q] = two_re * w_re[1] - two_im * w_im[1];
        y_im[2 * stride + q] = two_re * w_im[1] + two_im * w_re[1];
        const float three_re = gap_re + turn_re, three_im = gap_im + turn_im;
        y_re[3 * stride + q] = three_re * w_re[2] - three_im * w_im[2];
        y_im[3 * stride + q] = three_re * w_im[2] + three_im * w_re[2];
      }
    }
    re_.swap(other_re_);
    im_.swap(other_im_);
  }
  if (length == 2) {
    for (int q = 0; q < stride; ++q) {
      other_re_[q] = re_[q] + re_[stride + q];
      other_im_[q] = im_[q] + im_[stride + q];
      other_re_[stride + q] = re_[q] - re_[stride + q];
      other_im_[stride + q] = im_[q] - im_[stride + q];
    }
    re_.swap(other_re_);
    im_.swap(other_im_);
  }
}

void RealFft::power(const float* frame, float* power) {
  for (int k = 0; k < half_; ++k) {
    re_[k] = frame[2 * k];
    im_[k] = frame[2 * k + 1];
  }
  transform();
  const float first = re_[0], second = im_[0];
  power[0] = (first + second) * (first + second);
  power[half_] = (first - second) * (first - second);
  for (int k = 1; k < half_; ++k) {
    // X[k] = (Z[k] + conj Z[m - k]) / 2 - i e^(-2 pi i k / n) (Z[k] - conj Z[m - k]) / 2
    const float even_re = 0.5F * (re_[k] + re_[half_ - k]), even_im = 0.5F * (im_[k] - im_[half_ - k]);
    const float odd_re = 0.5F * (im_[k] + im_[half_ - k]), odd_im = 0.5F * (re_[half_ - k] - re_[k]);
    const float x_re = even_re + odd_re * untangle_re_[k] - odd_im * untangle_im_[k];
    const float x_im = even_im + odd_re * untangle_im_[k] + odd_im * untangle_re_[k];
    power[k] = x_re * x_re + x_im * x_im;
  }
}

}  // namespace edgeaffect
