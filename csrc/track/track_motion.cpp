#include "track/track_motion.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace edgeaffect {
namespace {

using Complex = std::complex<double>;

}  // namespace

void predict_tracks(const double* state, const double* velocity, const double* time, const double* seen,
                    const TrackTimes& times, size_t count, double* predicted) {
  for (size_t n = 0; n < count; ++n) {
    const double ahead = std::max(std::min(times.now, seen[n] + times.coast) - time[n], 0.0);
    const size_t row = n * kTrackNumbers;
    for (size_t i = row; i < row + kTrackNumbers; ++i) predicted[i] = state[i] + velocity[i] * ahead;
  }
}

void correct_tracks(double* state, double* velocity, double* covariance, double* time, const double* predicted,
                    const double* measured, const bool* chosen, double now, const TrackNoise& noise, size_t count) {
  const double q = noise.process * noise.process;
  for (size_t n = 0; n < count; ++n) {
    if (!chosen[n]) continue;
    const double dt = now - time[n];
    double pp = covariance[3 * n], pv = covariance[3 * n + 1], vv = covariance[3 * n + 2];
    pp += 2 * dt * pv + dt * dt * vv + q * (dt * dt * dt) / 3;
    pv += dt * vv + q * dt * dt / 2;
    vv += q * dt;
    const double total = pp + noise.measurement * noise.measurement;
    const double gain_p = pp / total, gain_v = pv / total;
    const size_t row = n * kTrackNumbers;
    for (size_t i = row; i < row + kTrackNumbers; ++i) {
      const double residual = measured[i] - predicted[i];
      state[i] = predicted[i] + gain_p * residual;
      velocity[i] += gain_v * residual;
    }
    covariance[3 * n] = (1 - gain_p) * pp;
    covariance[3 * n + 1] = (1 - gain_p) * pv;
    covariance[3 * n + 2] = vv - gain_v * pv;
    time[n] = now;
  }
}

void move_tracks(const double* state, const double* motions, size_t count, double* moved) {
  for (size_t n = 0; n < count; ++n) {
    const double *from = state + n * kTrackNumbers, *motion = motions + 4 * n;
    double* to = moved + n * kTrackNumbers;
    const Complex turn(motion[0], motion[1]), shift(motion[2], motion[3]);
    const double size = std::abs(turn), width = std::exp(from[2]), height = std::exp(from[3]);
    const Complex center = turn * Complex(from[0], from[1]) + shift;
    to[0] = center.real();
    to[1] = center.imag();
    to[2] = std::log(width * size);
    to[3] = std::log(height * size);
    for (int i = 4; i < kTrackNumbers; i += 2) {
      const Complex point(from[0] + from[i] * width, from[1] + from[i + 1] * height);
      const Complex apart = turn * point + shift - center;
      to[i] = apart.real() / (width * size);
      to[i + 1] = apart.imag() / (height * size);
    }
  }
}

void track_boxes(const double* state, size_t count, double* boxes) {
  for (size_t n = 0; n < count; ++n) {
    const double* from = state + n * kTrackNumbers;
    const double half_width = std::exp(from[2]) / 2, half_height = std::exp(from[3]) / 2;
    double* to = boxes + 4 * n;
    to[0] = from[0] - half_width;
    to[1] = from[1] - half_height;
    to[2] = from[0] + half_width;
    to[3] = from[1] + half_height;
  }
}

void track_states(const float* boxes, const float* landmarks, size_t count, double* state) {
  for (size_t n = 0; n < count; ++n) {
    const double x0 = boxes[4 * n], y0 = boxes[4 * n + 1], x1 = boxes[4 * n + 2], y1 = boxes[4 * n + 3];
    const double width = std::max(x1 - x0, kLeastSide), height = std::max(y1 - y0, kLeastSide);
    double* to = state + n * kTrackNumbers;
    to[0] = (x0 + x1) / 2;
    to[1] = (y0 + y1) / 2;
    to[2] = std::log(width);
    to[3] = std::log(height);
    for (int i = 0; i < 10; i += 2) {
      to[4 + i] = (landmarks[10 * n + i] - to[0]) / width;
      to[5 + i] = (landmarks[10 * n + i + 1] - to[1]) / height;
    }
  }
}

bool sides_fit(const double* predicted, double width, double height) {
  // A box that was detected without a side has the least one, but for rounding.
  const double least = std::log(kLeastSide) - 1, largest = std::log(kLargestSide * std::max(width, height));
  return predicted[2] >= least && predicted[3] >= least && predicted[2] <= largest && predicted[3] <= largest;
}

size_t report_tracks(const double* state, const double* velocity, const double* time, const double* seen,
                     const double* born, const bool* missed, const TrackTimes& times, const ReportRules& rules,
                     size_t count, bool* kept, bool* visible, float* boxes, float* landmarks) {
  size_t shown = 0;
  const double limit[4] = {rules.width, rules.height, rules.width, rules.height};
  for (size_t n = 0; n < count; ++n) {
    double from[kTrackNumbers];
    predict_tracks(state + n * kTrackNumbers, velocity + n * kTrackNumbers, time + n, seen + n, times, 1, from);
    const double unseen = times.now - seen[n];
    kept[n] = from[0] >= 0 && from[1] >= 0 && from[0] <= rules.width && from[1] <= rules.height &&
              sides_fit(from, rules.width, rules.height) && unseen <= rules.patience;
    visible[n] = kept[n] && (!missed[n] || unseen <= times.coast) && times.now - born[n] >= rules.min_age;
    if (!visible[n]) continue;
    double box[4];
    track_boxes(from, 1, box);
    for (int i = 0; i < 4; ++i) boxes[4 * shown + i] = static_cast<float>(std::min(std::max(box[i], 0.0), limit[i]));
    const double width = std::exp(from[2]), height = std::exp(from[3]);
    for (int i = 0; i < 10; i += 2) {
      landmarks[10 * shown + i] = static_cast<float>(from[0] + from[4 + i] * width);
      landmarks[10 * shown + i + 1] = static_cast<float>(from[1] + from[5 + i] * height);
    }
    ++shown;
  }
  return shown;
}

}  // namespace edgeaffect
