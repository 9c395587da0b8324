#include "crop/color_map.h"

#include <cfloat>
#include <cmath>
#include <stdexcept>

namespace edgeaffect::detail {
namespace {

struct YuvCoefficients {
  float luma_scale, luma_offset, r_v, g_u, g_v, b_u;
};

YuvCoefficients yuv_coefficients(YuvMatrix matrix, YuvRange range) {
  const double kr = matrix == YuvMatrix::kBt601 ? 0.299 : 0.2126;
  const double kb = matrix == YuvMatrix::kBt601 ? 0.114 : 0.0722;
  const double kg = 1 - kr - kb;
  const bool limited = range == YuvRange::kLimited;
  const double chroma = limited ? 255.0 / 224.0 : 1.0;
  return {static_cast<float>(limited ? 255.0 / 219.0 : 1.0),
          limited ? 16.0f : 0.0f,
          static_cast<float>(2 * (1 - kr) * chroma),
          static_cast<float>(-2 * kb * (1 - kb) / kg * chroma),
          static_cast<float>(-2 * kr * (1 - kr) / kg * chroma),
          static_cast<float>(2 * (1 - kb) * chroma)};
}

constexpr double kLargestSample = 2048;

bool is_yuv(PixelFormat format) { return format == PixelFormat::kNv12 || format == PixelFormat::kYuyv; }

}  // namespace

ColorMap color_map(const Frame& f, const CropParams& params) {
  // r, g, b (or grey) as an affine function of the samples: rows of {k0, k1, k2, constant}
  double rgb[3][4] = {};
  ColorMap map{};
  map.outputs = channels(params.color);
  map.inputs = 3;
  if (is_yuv(f.format)) {
    const YuvCoefficients k = yuv_coefficients(f.yuv_matrix, f.yuv_range);
    const double chroma[3][2] = {{0, k.r_v}, {k.g_u, k.g_v}, {k.b_u, 0}};
    for (int c = 0; c < 3; ++c) {
      rgb[c][0] = k.luma_scale;
      rgb[c][3] = -static_cast<double>(k.luma_scale) * k.luma_offset;
      if (params.color == OutputColor::kGray) continue;
      rgb[c][1] = chroma[c][0];
      rgb[c][2] = chroma[c][1];
      rgb[c][3] -= 128 * (chroma[c][0] + chroma[c][1]);
    }
    if (params.color == OutputColor::kGray) map.inputs = 1;
  } else if (f.format == PixelFormat::kGray) {
    for (auto& row : rgb) row[0] = 1;
    map.inputs = 1;
  } else {
    for (int c = 0; c < 3; ++c) rgb[c][c] = 1;
  }
  const double luma[3] = {0.299, 0.587, 0.114};
  const bool mix = params.color == OutputColor::kGray && map.inputs == 3;
  for (int c = 0; c < map.outputs; ++c) {
    double row[4];
    for (int k = 0; k < 4; ++k) {
      row[k] = mix ? luma[0] * rgb[0][k] + luma[1] * rgb[1][k] + luma[2] * rgb[2][k]
                   : rgb[params.color == OutputColor::kBgr ? 2 - c : c][k];
    }
    double gain = params.scale / static_cast<double>(params.std[c]);
    double bias = -params.mean[c] / static_cast<double>(params.std[c]);
    if (params.element == Element::kInt8) {
      gain /= params.quant_scale;
      bias = bias / params.quant_scale + params.quant_zero;
    }
    // No channel exceeds kLargestSample (YUV is not clipped), so that nothing written overflows.
    if (!(std::abs(gain) * kLargestSample + std::abs(bias) <= static_cast<double>(FLT_MAX))) {
      throw std::invalid_argument("scale, mean, std and quant give values that float32 cannot hold");
    }
    for (int k = 0; k < 3; ++k) map.a[c][k] = static_cast<float>(gain * row[k]);
    map.b[c] = static_cast<float>(gain * row[3] + bias);
  }
  return map;
}

int luma_border(const Frame& frame, const CropParams& params) {
  const int value = params.border_value;
  if (!is_yuv(frame.format) || frame.yuv_range == YuvRange::kFull) return value;
  return static_cast<int>(std::lround(16 + value * 219.0 / 255.0));
}

}  // namespace edgeaffect::detail
