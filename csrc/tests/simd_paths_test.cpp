// Every SIMD path of crop_normalize against the scalar one, without Python: also runs under an emulator
// (aarch64 by qemu-user). Prints the largest difference per path; exit status 1 when one is beyond the bound.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "crop/cpu_features.h"
#include "crop/crop_normalize.h"
#include "crop/simd_dispatch.h"

namespace {

using edgeaffect::CropParams;
using edgeaffect::Frame;
using edgeaffect::PixelFormat;

// Grey levels: twice the bound of the Notes [Fixed-point taps], [Windows] and [Sums of rows and columns], times the largest
// gain of YUV -> RGB. AVX2 and NEON do the arithmetic of the scalar unit, bit for bit; AVX-512 has its own.
constexpr double kBound = 2 * 0.028 * 3.3;

struct Case {
  Frame frame;
  std::vector<uint8_t> bytes;
};

Case make_case(PixelFormat format, int width, int height, std::mt19937& random) {
  Case c;
  const int per_pixel = format == PixelFormat::kBgra                                 ? 4
                        : format == PixelFormat::kYuyv                               ? 2
                        : format == PixelFormat::kBgr || format == PixelFormat::kRgb ? 3
                                                                                     : 1;
  c.bytes.resize(static_cast<size_t>(width) * height * per_pixel * 3 / 2);
  for (uint8_t& byte : c.bytes) byte = static_cast<uint8_t>(random());
  c.frame.format = format;
  c.frame.width = width;
  c.frame.height = height;
  c.frame.data = c.bytes.data();
  c.frame.stride = static_cast<ptrdiff_t>(width) * per_pixel;
  c.frame.uv = c.bytes.data() + static_cast<size_t>(width) * height;
  c.frame.uv_stride = width;
  return c;
}

// Shrinks by whole numbers and others, from the frame's edge, from outside, and mirrored; and pixels of very many taps.
void add_special(int width, std::vector<double>& matrices) {
  for (double scale : {1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0}) {
    for (double u : {0.0, 0.5, -5 * scale}) {
      const double straight[6] = {scale, 0, u, 0, scale, u}, mirrored[6] = {-scale, 0, width - u, 0, scale, 0.25};
      matrices.insert(matrices.end(), straight, straight + 6);
      matrices.insert(matrices.end(), mirrored, mirrored + 6);
    }
  }
  const double many[6] = {18.7, -2, 3, 2, 17.2, -4};
  matrices.insert(matrices.end(), many, many + 6);
}

std::vector<double> make_matrices(int width, int height, int size) {
  std::vector<double> matrices;
  add_special(width, matrices);
  for (double scale : {0.4, 1.0, 1.96, 4.58, 9.7}) {
    for (double angle : {0.0, 0.17, 0.8, 1.57, 2.5}) {
      for (double place : {0.4, 0.95}) {
        const double c = std::cos(angle) * scale, s = std::sin(angle) * scale, half = size / 2.0;
        for (double flip : {1.0, -1.0}) {
          const double row[6] = {flip * c, -s, place * width - (flip * c - s) * half,
                                 flip * s, c,  place * height - (flip * s + c) * half};
          matrices.insert(matrices.end(), row, row + 6);
        }
      }
    }
  }
  return matrices;
}

// Whether our reading of cpuid is what the compiler's runtime says, where that has one (GCC, clang).
bool features_agree() {
#if defined(__x86_64__)
  const edgeaffect::detail::CpuFeatures ours = edgeaffect::detail::cpu_features();
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  return ours.avx2 == (__builtin_cpu_supports("avx2") != 0) && ours.avx512 == avx512;
#else
  return true;
#endif
}

}  // namespace

int main() {
  if (!features_agree()) {
    std::printf("cpu_features: other than the compiler's\n");
    return 1;
  }
  std::mt19937 random(7);
  const PixelFormat formats[] = {PixelFormat::kBgr,  PixelFormat::kRgb,  PixelFormat::kBgra,
                                 PixelFormat::kGray, PixelFormat::kNv12, PixelFormat::kYuyv};
  bool failed = false;
  for (int p = 0; p < edgeaffect::detail::kSimdPathCount; ++p) {
    const edgeaffect::detail::SimdPath& path = edgeaffect::detail::kSimdPaths[p];
    if (!path.available()) {
      std::printf("%s: not available here\n", path.name);
      continue;
    }
    double worst = 0;
    for (PixelFormat format : formats) {
      for (int size : {1, 17, 28}) {
        const int width = 178, height = 122;
        const Case c = make_case(format, width, height, random);
        CropParams params;
        params.width = params.height = size;
        params.scale = 1;
        params.border = size == 17 ? edgeaffect::Border::kReplicate : edgeaffect::Border::kConstant;
        params.border_value = 40;
        const std::vector<double> matrices = make_matrices(width, height, size);
        const size_t count = matrices.size() / 6;
        std::vector<float> expected(count * 3 * size * size), got(expected.size());
        edgeaffect::detail::crop_normalize_by(edgeaffect::detail::kScalarKernels, c.frame, matrices.data(), count,
                                              params, expected.data());
        edgeaffect::detail::crop_normalize_by(path.kernels, c.frame, matrices.data(), count, params, got.data());
        for (size_t i = 0; i < got.size(); ++i) {
          const double difference = std::abs(static_cast<double>(got[i]) - expected[i]);
          if (!(difference <= worst)) worst = difference;
        }
      }
    }
    const double bound = std::strcmp(path.name, "avx512") == 0 ? kBound : 0;
    const bool ok = worst <= bound;
    std::printf("%s: largest difference from scalar %.4f grey levels, bound %.4f: %s\n", path.name, worst, bound,
                ok ? "ok" : "FAILED");
    failed = failed || !ok;
  }
  return failed ? 1 : 0;
}
