// How the options of crop_normalize are read from Python; shared by the modules _core and _cuda.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bind/bind_checks.h"
#include "crop/crop_normalize.h"

namespace edgeaffect {

template <class T, size_t N>
T choice(const char* name, const std::string& value, const std::array<std::pair<const char*, T>, N>& allowed) {
  std::string names;
  for (const auto& [text, result] : allowed) {
    if (value == text) return result;
    names += (names.empty() ? "" : ", ") + std::string(text);
  }
  throw pybind11::value_error(std::string(name) + " must be one of " + names + "; got '" + value + "'");
}

inline constexpr std::array<std::pair<const char*, PixelFormat>, 6> kFormats{{{"bgr", PixelFormat::kBgr},
                                                                              {"rgb", PixelFormat::kRgb},
                                                                              {"bgra", PixelFormat::kBgra},
                                                                              {"gray", PixelFormat::kGray},
                                                                              {"nv12", PixelFormat::kNv12},
                                                                              {"yuyv", PixelFormat::kYuyv}}};
inline constexpr std::array<std::pair<const char*, OutputColor>, 3> kColors{
    {{"rgb", OutputColor::kRgb}, {"bgr", OutputColor::kBgr}, {"gray", OutputColor::kGray}}};
inline constexpr std::array<std::pair<const char*, Layout>, 2> kLayouts{
    {{"nchw", Layout::kNchw}, {"nhwc", Layout::kNhwc}}};
inline constexpr std::array<std::pair<const char*, Element>, 3> kElements{
    {{"float32", Element::kFloat32}, {"float16", Element::kFloat16}, {"int8", Element::kInt8}}};
inline constexpr std::array<std::pair<const char*, Border>, 2> kBorders{
    {{"constant", Border::kConstant}, {"replicate", Border::kReplicate}}};
inline constexpr std::array<std::pair<const char*, YuvMatrix>, 2> kMatrices{
    {{"bt601", YuvMatrix::kBt601}, {"bt709", YuvMatrix::kBt709}}};
inline constexpr std::array<std::pair<const char*, YuvRange>, 2> kRanges{
    {{"limited", YuvRange::kLimited}, {"full", YuvRange::kFull}}};

// As Python's f"{value:g}" writes it.
inline std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

inline float float32(const char* name, double value) {
  require(std::abs(value) <= static_cast<double>(FLT_MAX),
          [&] { return std::string(name) + " must be a finite float32 number; got " + number_text(value); });
  return static_cast<float>(value);
}

inline float positive_float32(const char* name, double value) {
  const float number = float32(name, value);
  require(number > 0, [&] { return std::string(name) + " must be positive; got " + number_text(value); });
  return number;
}

inline void set_per_channel(const char* name, const std::vector<double>& values, int count, float* to) {
  require(values.size() == 1 || values.size() == static_cast<size_t>(count), [&] {
    return std::string(name) + " must hold 1 or " + std::to_string(count) + " numbers; got " +
           std::to_string(values.size());
  });
  for (int c = 0; c < count; ++c) to[c] = float32(name, values[values.size() == 1 ? 0 : c]);
}

inline CropParams read_params(const std::pair<int, int>& size, const std::string& to, double scale,
                              const std::vector<double>& mean, const std::vector<double>& std,
                              const std::string& layout, const std::string& dtype,
                              const std::optional<std::pair<double, int>>& quant, const std::string& border,
                              int border_value) {
  CropParams p;
  p.width = size.first;
  p.height = size.second;
  p.color = choice("to", to, kColors);
  p.layout = choice("layout", layout, kLayouts);
  p.element = choice("dtype", dtype, kElements);
  p.border = choice("border", border, kBorders);
  require(border_value >= 0 && border_value <= 255,
          [&] { return "border_value must be in 0..255; got " + std::to_string(border_value); });
  p.border_value = border_value;
  p.scale = float32("scale", scale);
  set_per_channel("mean", mean, channels(p.color), p.mean);
  set_per_channel("std", std, channels(p.color), p.std);
  for (int c = 0; c < channels(p.color); ++c) positive_float32("std", std[std.size() == 1 ? 0 : c]);
  require(quant.has_value() == (p.element == Element::kInt8),
          "quant=(scale, zero_point) belongs to dtype 'int8' and only to it");
  if (quant) {
    p.quant_scale = positive_float32("quant scale", quant->first);
    p.quant_zero = quant->second;
  }
  require(p.width >= 1 && p.height >= 1, [&] {
    return "size must be positive; got (" + std::to_string(p.width) + ", " + std::to_string(p.height) + ")";
  });
  return p;
}

}  // namespace edgeaffect
