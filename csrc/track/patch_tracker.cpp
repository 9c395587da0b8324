#include "track/patch_tracker.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace edgeaffect {
namespace {

using Complex = std::complex<double>;

constexpr int kSharp = kWindowSide;      // pixels a side, as sampled
constexpr int kSmooth = kWindowSide - 1;  // and averaged
constexpr double kHalf = kPatchSide / 2.0;

struct Weights {
  double share[kPatchPixels];  // sum 1
  double root[kPatchPixels];

  Weights() {
    double total = 0;
    const double spread = 2 * (kPatchSide / 3.0) * (kPatchSide / 3.0);
    for (int i = 0; i < kPatchPixels; ++i) {
      const double x = i % kPatchSide + 0.5 - kHalf, y = i / kPatchSide + 0.5 - kHalf;
      share[i] = std::exp(-(x * x + y * y) / spread);
      root[i] = std::sqrt(share[i]);
      total += share[i];
    }
    for (double& value : share) value /= total;
  }
};

const Weights& weights() {
  static const Weights made;
  return made;
}

struct Pose {
  Complex zoom, place;
};

Pose pose_of(const double* box) {
  const double area = (box[2] - box[0]) * (box[3] - box[1]);
  return {std::sqrt(std::max(area, 0.0)) / kPatchSide, Complex(box[0] + box[2], box[1] + box[3]) / 2.0};
}

// The frame around a pose; step 1 of the contract.
class Window {
 public:
  explicit Window(const Frame& frame) : frame_(frame) {
    params_.width = params_.height = kSharp;
    params_.color = OutputColor::kGray;
    params_.border = Border::kReplicate;
  }

  void take(const Pose& pose) {
    scale_ = std::abs(pose.zoom) / kFinePerPixel;
    const double half = scale_ * kSharp / 2;
    // Rounded as a matrix of float32 holds it: the Python variant passes one.
    const float scale = static_cast<float>(scale_);
    const float left = static_cast<float>(pose.place.real() - half), top = static_cast<float>(pose.place.imag() - half);
    const double matrix[6] = {scale, 0, left, 0, scale, top};
    crop_normalize(frame_, matrix, 1, params_, sharp_);
    scale_ = scale;
    left_ = left;
    top_ = top;
    for (int y = 0; y < kSmooth; ++y) {
      const float *a = sharp_ + y * kSharp, *b = a + kSharp;
      float* to = smooth_ + y * kSmooth;
      for (int x = 0; x < kSmooth; ++x) to[x] = 0.25f * ((a[x] + a[x + 1]) + (b[x] + b[x + 1]));
    }
    taken_ = true;
  }

  // Whether all bilinear samples of a patch at this pose lie in the window.
  bool holds(const Pose& pose) const {
    if (!taken_) return false;
    const double reach = (std::abs(pose.zoom.real()) + std::abs(pose.zoom.imag())) * (kHalf - 0.5);
    const double u = (pose.place.real() - left_) / scale_ - 1, v = (pose.place.imag() - top_) / scale_ - 1;
    const double far = reach / scale_;
    return u - far >= 0 && v - far >= 0 && u + far < kSmooth - 1 && v + far < kSmooth - 1;
  }

  // Steps 2 and 3. Pixel (x, y) of the averaged window lies at scale * (x + 1, y + 1) from the window's corner.
  void patch(const Pose& pose, double* to) const {
    const Complex zoom = pose.zoom / scale_;
    const double c = zoom.real(), s = zoom.imag();
    const double u0 = (pose.place.real() - left_) / scale_ - 1, v0 = (pose.place.imag() - top_) / scale_ - 1;
    for (int y = 0; y < kPatchSide; ++y) {
      const double dy = y + 0.5 - kHalf;
      double u = u0 - s * dy + c * (0.5 - kHalf), v = v0 + c * dy + s * (0.5 - kHalf);
      for (int x = 0; x < kPatchSide; ++x, u += c, v += s) {
        // Sums of steps round: the last sample may lie a rounding beyond the window.
        const int column = std::min(std::max(static_cast<int>(u), 0), kSmooth - 2);
        const int row = std::min(std::max(static_cast<int>(v), 0), kSmooth - 2);
        const double fx = u - column, fy = v - row;
        const float *a = smooth_ + row * kSmooth + column, *b = a + kSmooth;
        const double upper = a[0] + fx * (a[1] - a[0]), lower = b[0] + fx * (b[1] - b[0]);
        to[y * kPatchSide + x] = upper + fy * (lower - upper);
      }
    }
    normalise(to);
  }

 private:
  static void normalise(double* values) {
    const Weights& w = weights();
    double mean[4] = {}, square[4] = {};
    for (int i = 0; i < kPatchPixels; i += 4)
      for (int k = 0; k < 4; ++k) mean[k] += values[i + k] * w.share[i + k];
    const double middle = (mean[0] + mean[1]) + (mean[2] + mean[3]);
    for (int i = 0; i < kPatchPixels; i += 4)
      for (int k = 0; k < 4; ++k) {
        values[i + k] = (values[i + k] - middle) * w.root[i + k];
        square[k] += values[i + k] * values[i + k];
      }
    const double norm = std::max(std::sqrt((square[0] + square[1]) + (square[2] + square[3])), 1e-6);
    for (int i = 0; i < kPatchPixels; ++i) values[i] /= norm;
  }

  const Frame& frame_;
  CropParams params_;
  double scale_ = 1, left_ = 0, top_ = 0;
  bool taken_ = false;
  float sharp_[kSharp * kSharp];
  float smooth_[kSmooth * kSmooth];
};

double dot(const double* a, const float* b) {
  double sums[4] = {};
  for (int i = 0; i < kPatchPixels; i += 4)
    for (int k = 0; k < 4; ++k) sums[k] += a[i + k] * static_cast<double>(b[i + k]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Solves A X = B in place of B, A symmetric and positive definite [4, 4], B [4, pixels], by Cholesky.
void solve(double (&a)[4][4], double (*b)[kPatchPixels]) {
  for (int j = 0; j < 4; ++j) {
    for (int k = 0; k < j; ++k)
      for (int i = j; i < 4; ++i) a[i][j] -= a[i][k] * a[j][k];
    const double root = std::sqrt(a[j][j]);
    for (int i = j; i < 4; ++i) a[i][j] /= root;
  }
  for (int i = 0; i < 4; ++i) {
    for (int k = 0; k < i; ++k)
      for (int p = 0; p < kPatchPixels; ++p) b[i][p] -= a[i][k] * b[k][p];
    for (int p = 0; p < kPatchPixels; ++p) b[i][p] /= a[i][i];
  }
  for (int i = 3; i >= 0; --i) {
    for (int k = i + 1; k < 4; ++k)
      for (int p = 0; p < kPatchPixels; ++p) b[i][p] -= a[k][i] * b[k][p];
    for (int p = 0; p < kPatchPixels; ++p) b[i][p] /= a[i][i];
  }
}

double slope(const double* at, int index, int stride) {
  if (index == 0) return at[stride] - at[0];
  if (index == kPatchSide - 1) return at[0] - at[-stride];
  return (at[stride] - at[-stride]) / 2;
}

// Step 4.
void make_solver(const double* patch, float* solver) {
  const Weights& w = weights();
  double plain[kPatchPixels], steepest[4][kPatchPixels];
  for (int i = 0; i < kPatchPixels; ++i) plain[i] = patch[i] / w.root[i];
  for (int y = 0; y < kPatchSide; ++y)
    for (int x = 0; x < kPatchSide; ++x) {
      const int i = y * kPatchSide + x;
      const double gx = slope(plain + i, x, 1) * w.root[i], gy = slope(plain + i, y, kPatchSide) * w.root[i];
      const double px = x + 0.5 - kHalf, py = y + 0.5 - kHalf;
      steepest[0][i] = gx;
      steepest[1][i] = gy;
      steepest[2][i] = gx * px + gy * py;
      steepest[3][i] = gy * px - gx * py;
    }
  double hessian[4][4], trace = 0;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      double sum = 0;
      for (int p = 0; p < kPatchPixels; ++p) sum += steepest[i][p] * steepest[j][p];
      hessian[i][j] = sum;
    }
  for (int i = 0; i < 4; ++i) trace += hessian[i][i];
  // A flat patch fixes nothing: keep the system solvable; the correlation will tell.
  for (int i = 0; i < 4; ++i) hessian[i][i] += 1e-6 + 1e-4 * trace;
  solve(hessian, steepest);
  for (int i = 0; i < 4; ++i)
    for (int p = 0; p < kPatchPixels; ++p) solver[i * kPatchPixels + p] = static_cast<float>(steepest[i][p]);
}

struct Aligned {
  Pose pose;
  double correlation;
};

// Step 5.
Aligned align(Window& window, const float* patch, const float* solver, Pose pose) {
  double now[kPatchPixels], difference[kPatchPixels];
  double correlation = 0;
  for (int step = 0; step < kIterations; ++step) {
    if (!window.holds(pose)) window.take(pose);
    window.patch(pose, now);
    for (int i = 0; i < kPatchPixels; ++i) difference[i] = now[i] - static_cast<double>(patch[i]);
    double motion[4];
    for (int i = 0; i < 4; ++i) motion[i] = dot(difference, solver + i * kPatchPixels);
    const Complex shift(motion[0], motion[1]), turn(motion[2], motion[3]);
    correlation = dot(now, patch);
    pose.zoom /= 1.0 + turn;
    pose.place -= pose.zoom * shift;
    const double largest = std::max({std::abs(motion[0]), std::abs(motion[1]), std::abs(turn) * kHalf});
    // A search that runs away ends here, before its poses leave what a frame can be asked for.
    if (!(largest < kPatchSide)) return {pose, -1.0};
    if (largest < kConverged) break;
  }
  return {pose, correlation};
}

}  // namespace

void take_patches(const Frame& frame, const double* boxes, size_t count, float* patches, float* solvers,
                  PatchPose* poses) {
  Window window(frame);
  double patch[kPatchPixels];
  for (size_t n = 0; n < count; ++n) {
    const Pose pose = pose_of(boxes + 4 * n);
    window.take(pose);
    window.patch(pose, patch);
    make_solver(patch, solvers + n * 4 * kPatchPixels);
    for (int i = 0; i < kPatchPixels; ++i) patches[n * kPatchPixels + i] = static_cast<float>(patch[i]);
    poses[n] = {pose.zoom.real(), pose.zoom.imag(), pose.place.real(), pose.place.imag()};
  }
}

void follow_patches(const Frame& frame, const float* patches, const float* solvers, const PatchPose* poses,
                    const double* boxes, size_t count, bool* found, PatchMotion* motions) {
  Window window(frame);
  for (size_t n = 0; n < count; ++n) {
    const Pose expected = pose_of(boxes + 4 * n);
    window.take(expected);
    const Aligned at = align(window, patches + n * kPatchPixels, solvers + n * 4 * kPatchPixels, expected);
    const Complex zoom(poses[n].zoom_re, poses[n].zoom_im), place(poses[n].place_x, poses[n].place_y);
    const double step = std::abs(at.pose.place - expected.place) / (kPatchSide * std::abs(expected.zoom));
    const double ratio = std::abs(at.pose.zoom / expected.zoom);
    found[n] = at.correlation >= kLeastCorrelation && step <= kLargestStep && ratio <= kLargestZoom &&
               ratio >= 1 / kLargestZoom;
    const Complex turn = at.pose.zoom / zoom, shift = at.pose.place - turn * place;
    motions[n] = {turn.real(), turn.imag(), shift.real(), shift.imag()};
  }
}

}  // namespace edgeaffect
