// crop_normalize with any frame, matrix and option: reads stay inside the frame, writes inside the output, values are finite, and
// every SIMD path agrees with the scalar one. Frame and output are heap blocks of exactly their size, so that
// AddressSanitizer sees one byte too many.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "crop/crop_normalize.h"
#include "crop/simd_dispatch.h"
#include "fuzz/fuzz.h"

namespace {

using edgeaffect::CropParams;
using edgeaffect::Element;
using edgeaffect::Frame;
using edgeaffect::PixelFormat;

constexpr int kLongestSide = 24;
constexpr size_t kMostSamples = 2'500;  // a larger crop is a slow input, not another one
// As in csrc/tests/simd_paths_test.cpp: grey levels between two paths.
constexpr double kBound = 2 * 0.028 * 3.3;

int bytes_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::kBgra:
      return 4;
    case PixelFormat::kYuyv:
      return 2;
    case PixelFormat::kBgr:
    case PixelFormat::kRgb:
      return 3;
    default:
      return 1;
  }
}

// A plane of `rows` rows of `row` bytes with filling between them; bottom-up when `flipped`.
struct Plane {
  std::unique_ptr<uint8_t[]> bytes;
  const uint8_t* first;
  ptrdiff_t stride;
};

Plane make_plane(FuzzedDataProvider& data, size_t row, int rows) {
  const size_t stride = row + data.ConsumeIntegralInRange<size_t>(0, 9);
  const size_t size = stride * static_cast<size_t>(rows - 1) + row;
  Plane plane{std::make_unique<uint8_t[]>(size), nullptr, static_cast<ptrdiff_t>(stride)};
  uint32_t state = data.ConsumeIntegral<uint32_t>() | 1U;
  for (size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    plane.bytes[i] = static_cast<uint8_t>(state >> 24);
  }
  plane.first = plane.bytes.get();
  if (data.ConsumeBool()) {
    plane.first += stride * static_cast<size_t>(rows - 1);
    plane.stride = -plane.stride;
  }
  return plane;
}

double entry(FuzzedDataProvider& data) {
  switch (data.ConsumeIntegralInRange(0, 5)) {
    case 0:
      return 0;
    case 1:
      return data.ConsumeFloatingPoint<double>();  // any bits, with NaN, infinity and denormal numbers
    case 2:
      return data.ConsumeIntegralInRange(-8, 8) * 0.5;  // places exactly on pixels and between them
    case 3:
      return data.ConsumeFloatingPointInRange<double>(-1e5, 1e5);
    default:
      return data.ConsumeFloatingPointInRange<double>(-9, 9);
  }
}

size_t samples_of(const std::vector<double>& matrices, const CropParams& params) {
  double total = 0;
  for (size_t n = 0; n + 6 <= matrices.size(); n += 6) {
    const double nx = std::max(1.0, std::ceil(std::hypot(matrices[n], matrices[n + 3])));
    const double ny = std::max(1.0, std::ceil(std::hypot(matrices[n + 1], matrices[n + 4])));
    total += nx * ny * params.width * params.height;
  }
  return total < 1e18 ? static_cast<size_t>(total) : 0;  // NaN and infinity are refused at once
}

// The bytes of the crops, or nothing where the arguments are refused. Refused arguments leave the output as it was.
std::unique_ptr<uint8_t[]> crop(const edgeaffect::detail::Kernels& kernels, const Frame& frame,
                                const std::vector<double>& matrices, const CropParams& params, size_t size) {
  auto out = std::make_unique<uint8_t[]>(size);
  std::memset(out.get(), 0xA5, size);
  try {
    edgeaffect::detail::crop_normalize_by(kernels, frame, matrices.data(), matrices.size() / 6, params, out.get());
  } catch (const std::invalid_argument&) {
    FUZZ_CHECK(std::all_of(out.get(), out.get() + size, [](uint8_t byte) { return byte == 0xA5; }));
    return nullptr;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  FuzzedDataProvider data(bytes, length);
  Frame frame;
  frame.format = static_cast<PixelFormat>(data.ConsumeIntegralInRange(0, 5));
  frame.yuv_matrix = static_cast<edgeaffect::YuvMatrix>(data.ConsumeIntegralInRange(0, 1));
  frame.yuv_range = static_cast<edgeaffect::YuvRange>(data.ConsumeIntegralInRange(0, 1));
  const bool nv12 = frame.format == PixelFormat::kNv12, even = nv12 || frame.format == PixelFormat::kYuyv;
  frame.width = data.ConsumeIntegralInRange(1, kLongestSide) * (even ? 2 : 1);
  frame.height = data.ConsumeIntegralInRange(1, kLongestSide) * (nv12 ? 2 : 1);
  const Plane plane = make_plane(data, static_cast<size_t>(frame.width) * bytes_per_pixel(frame.format), frame.height);
  frame.data = plane.first;
  frame.stride = plane.stride;
  Plane chroma{};
  if (nv12) {
    chroma = make_plane(data, static_cast<size_t>(frame.width), frame.height / 2);
    frame.uv = chroma.first;
    frame.uv_stride = chroma.stride;
  }
  CropParams params;
  params.width = data.ConsumeIntegralInRange(1, kLongestSide);
  params.height = data.ConsumeIntegralInRange(1, kLongestSide);
  params.color = static_cast<edgeaffect::OutputColor>(data.ConsumeIntegralInRange(0, 2));
  params.layout = static_cast<edgeaffect::Layout>(data.ConsumeIntegralInRange(0, 1));
  params.element = static_cast<Element>(data.ConsumeIntegralInRange(0, 2));
  params.border = static_cast<edgeaffect::Border>(data.ConsumeIntegralInRange(0, 1));
  params.border_value = data.ConsumeIntegralInRange(0, 255);
  const bool plain = data.ConsumeBool();  // grey levels as they are: paths can be compared
  params.scale = 1;
  if (!plain) {
    params.scale = data.ConsumeFloatingPoint<float>();
    for (float& mean : params.mean) mean = data.ConsumeFloatingPoint<float>();
    for (float& std : params.std) std = data.ConsumeFloatingPoint<float>();
    params.quant_scale = data.ConsumeFloatingPoint<float>();
    params.quant_zero = data.ConsumeIntegral<int>();
  }
  std::vector<double> matrices;
  for (int boxes = data.ConsumeIntegralInRange(0, 2); boxes > 0; --boxes) {
    for (int i = 0; i < 6; ++i) matrices.push_back(entry(data));
    if (data.ConsumeBool()) matrices[matrices.size() - 5] = matrices[matrices.size() - 3] = 0;  // axis-aligned
  }
  if (samples_of(matrices, params) > kMostSamples) return 0;
  const size_t element = params.element == Element::kFloat32 ? 4 : params.element == Element::kFloat16 ? 2 : 1;
  const size_t values = matrices.size() / 6 * edgeaffect::channels(params.color) * params.width * params.height;
  const auto expected = crop(edgeaffect::detail::kScalarKernels, frame, matrices, params, values * element);
  for (int p = 0; p < edgeaffect::detail::kSimdPathCount; ++p) {
    const edgeaffect::detail::SimdPath& path = edgeaffect::detail::kSimdPaths[p];
    if (!path.available() || &path.kernels == &edgeaffect::detail::kScalarKernels) continue;
    const auto got = crop(path.kernels, frame, matrices, params, values * element);
    FUZZ_CHECK((got == nullptr) == (expected == nullptr));
    if (!got || params.element != Element::kFloat32) continue;
    for (size_t i = 0; i < values; ++i) {
      float a, b;
      std::memcpy(&a, expected.get() + 4 * i, 4);
      std::memcpy(&b, got.get() + 4 * i, 4);
      FUZZ_CHECK(std::isfinite(a) && std::isfinite(b));
      if (plain) FUZZ_CHECK(std::abs(static_cast<double>(a) - b) <= kBound);
    }
  }
  return 0;
}
