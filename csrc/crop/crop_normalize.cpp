#include "crop/crop_normalize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "crop/color_map.h"
#include "crop/crop_normalize_kernels.h"
#include "crop/simd_dispatch.h"

namespace edgeaffect {
namespace {

using detail::ColorMap;
using detail::ColumnTable;
using detail::Plane;
using detail::RowTarget;
using detail::Scratch;
using detail::TapGrid;

constexpr int kTileTaps = 1024;  // taps planned at a time: their offsets and weights stay in the first-level cache
constexpr int kTilePixels = 4;   // samples of pixels are stored as many at a time
constexpr int kTapSlack = 64;    // units plan and load whole vectors
constexpr size_t kAlignment = 64;  // bytes, of what units load as vectors
constexpr int kRowSlack = 1024;  // floats of a row buffer

// A plane with the factors that turn the frame's matrix into its own.
struct SampledPlane {
  Plane plane;
  double scale_x;
  double scale_y;
};

// The planes that the output needs: grey from YUV needs luma alone.
struct Planes {
  std::array<SampledPlane, 2> items;
  int count;
};

Planes planes_of(const Frame& f, const CropParams& params) {
  const auto plane = [&](const uint8_t* data, ptrdiff_t stride, int width, int height, int step,
                         std::initializer_list<int> offsets, int border) {
    Plane p{data,
            stride,
            width,
            height,
            step,
            static_cast<int>(offsets.size()),
            {0, 0, 0},
            static_cast<uint8_t>(border),
            params.border == Border::kReplicate};
    std::copy(offsets.begin(), offsets.end(), p.offset);
    return p;
  };
  const int value = params.border_value;
  const int luma = detail::luma_border(f, params);
  const int yuv_planes = params.color == OutputColor::kGray ? 1 : 2;
  switch (f.format) {
    case PixelFormat::kBgr:
      return {{{{plane(f.data, f.stride, f.width, f.height, 3, {2, 1, 0}, value), 1, 1}, {}}}, 1};
    case PixelFormat::kRgb:
      return {{{{plane(f.data, f.stride, f.width, f.height, 3, {0, 1, 2}, value), 1, 1}, {}}}, 1};
    case PixelFormat::kBgra:
      return {{{{plane(f.data, f.stride, f.width, f.height, 4, {2, 1, 0}, value), 1, 1}, {}}}, 1};
    case PixelFormat::kGray:
      return {{{{plane(f.data, f.stride, f.width, f.height, 1, {0}, value), 1, 1}, {}}}, 1};
    case PixelFormat::kNv12:
      return {{{{plane(f.data, f.stride, f.width, f.height, 1, {0}, luma), 1, 1},
                {plane(f.uv, f.uv_stride, f.width / 2, f.height / 2, 2, {0, 1}, 128), 0.5, 0.5}}},
              yuv_planes};
    case PixelFormat::kYuyv:
      return {{{{plane(f.data, f.stride, f.width, f.height, 2, {0}, luma), 1, 1},
                {plane(f.data, f.stride, f.width / 2, f.height, 4, {1, 3}, 128), 0.5, 1}}},
              yuv_planes};
  }
  throw std::invalid_argument("unknown pixel format");
}

TapGrid tap_grid(const double* matrix, const SampledPlane& p) {
  TapGrid grid{};
  for (int k = 0; k < 3; ++k) {
    grid.m[k] = matrix[k] * p.scale_x;
    grid.m[3 + k] = matrix[3 + k] * p.scale_y;
  }
  grid.m[2] -= 0.5;
  grid.m[5] -= 0.5;
  const auto taps = [&](int column) {
    return std::max(1, static_cast<int>(std::ceil(std::hypot(grid.m[column], grid.m[3 + column]))));
  };
  grid.nx = taps(0);
  grid.ny = taps(1);
  return grid;
}

void check_matrices(const double* matrices, size_t count, const CropParams& p) {
  int64_t total = 0;
  for (size_t n = 0; n < count; ++n) {
    const double* m = matrices + 6 * n;
    const std::string name = "matrix " + std::to_string(n);
    if (!std::all_of(m, m + 6, [](double v) { return std::isfinite(v); })) {
      throw std::invalid_argument(name + " holds NaN or infinity; every entry must be finite");
    }
    const double columns[2] = {std::hypot(m[0], m[3]), std::hypot(m[1], m[4])};
    // Relative to the largest determinant that columns of these lengths can have.
    if (!(std::abs(m[0] * m[4] - m[1] * m[3]) > 1e-9 * columns[0] * columns[1])) {
      throw std::invalid_argument(name + " is singular: it maps the output onto a line or a point of the frame");
    }
    if (std::max(columns[0], columns[1]) > kMaxTaps) {
      throw std::invalid_argument(name + " shrinks the frame by " + std::to_string(std::max(columns[0], columns[1])) +
                                  "; at most " + std::to_string(kMaxTaps) + " is allowed");
    }
    const auto taps = [](double length) { return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(length))); };
    const int64_t nx = taps(columns[0]), ny = taps(columns[1]);
    if (nx * p.width > kMaxRowSamples) {
      throw std::invalid_argument(name + " asks for " + std::to_string(nx * p.width) +
                                  " samples per output row; at most " + std::to_string(kMaxRowSamples) +
                                  " are allowed: make it shrink less, or size narrower");
    }
    total += nx * p.width * ny * p.height;
    if (total > kMaxSamples) {
      throw std::invalid_argument("matrices 0 to " + std::to_string(n) + " ask for " + std::to_string(total) +
                                  " samples; at most " + std::to_string(kMaxSamples) +
                                  " are allowed per call: make them shrink less, or size smaller");
    }
  }
}

void check_frame(const Frame& f, const CropParams& p) {
  const auto in_range = [](int side) { return side >= 1 && side <= kMaxFrameSide; };
  if (!in_range(f.width) || !in_range(f.height)) {
    throw std::invalid_argument("the frame is " + std::to_string(f.width) + "x" + std::to_string(f.height) +
                                " pixels; each side must be 1.." + std::to_string(kMaxFrameSide));
  }
  if (!in_range(p.width) || !in_range(p.height)) {
    throw std::invalid_argument("size is " + std::to_string(p.width) + "x" + std::to_string(p.height) +
                                "; each side must be 1.." + std::to_string(kMaxFrameSide));
  }
  const auto spans = [&](ptrdiff_t stride) { return std::abs(static_cast<double>(stride)) * f.height; };
  if (std::max(spans(f.stride), f.uv ? spans(f.uv_stride) : 0.0) > static_cast<double>(kMaxFrameSpan)) {
    throw std::invalid_argument(
        "the frame spans 2 GiB or more from its first to its last row; copy it into fewer bytes");
  }
}

// Scratch that grows and is kept by its thread.
class ScratchOwner {
 public:
  Scratch reserve(const TapGrid& grid, const Plane& plane, int width) {
    const int lines = std::clamp(detail::kFlushTaps / grid.nx, 1, grid.ny);
    int tile = std::max(1, kTileTaps / (grid.nx * lines));
    if (tile > kTilePixels) tile -= tile % kTilePixels;
    const int pitch = (tile * grid.nx + detail::kTapBlock - 1) / detail::kTapBlock * detail::kTapBlock;
    const size_t taps = static_cast<size_t>(pitch) * lines + kTapSlack;
    grow(offsets_, taps);
    grow(weights_, 2 * taps);
    grow(patches_, 2 * detail::kLoadBytes * taps);
    grow(column_sums_, static_cast<size_t>(pitch));
    grow(sums_, 4 * static_cast<size_t>(tile + kTilePixels));
    grow(means_, 4 * static_cast<size_t>(tile + kTilePixels));
    grow(row_, (static_cast<size_t>(plane.width) + 2 * border_columns(grid)) * plane.step + kRowSlack);
    grow(row_pointers_, static_cast<size_t>(grid.ny) + 2);
    grow(row_weights_, static_cast<size_t>(grid.ny) + 2);
    grow(first_, detail::sample_pitch(width));
    grow(column_weights_, static_cast<size_t>(width) * (grid.nx + 1));
    grow(columns_, detail::column_plan_words(width, grid.nx + 1) + kAlignment / sizeof(int16_t));
    return {offsets_.data(),
            weights_.data(),
            patches_.data(),
            column_sums_.data(),
            sums_.data(),
            means_.data(),
            row_.data(),
            row_pointers_.data(),
            row_weights_.data(),
            tile,
            lines,
            pitch,
            plan_,
            aligned(columns_)};
  }

  float* samples(int channel, int width) {
    grow(samples_[channel], static_cast<size_t>(detail::sample_pitch(width)) * detail::kRowGroup);
    return samples_[channel].data();
  }

  // Positions of the columns of an axis-aligned grid, and their weights; the border is resolved in the row buffer.
  ColumnTable columns(const TapGrid& grid, const Plane& plane, int width) {
    ColumnTable table{first_.data(), column_weights_.data(), grid.nx + 1, 1, border_columns(grid), plane.width, 0};
    std::fill_n(column_weights_.begin(), static_cast<size_t>(width) * table.span, 0.0f);
    for (int x = 0; x < width; ++x) {
      const detail::PixelTaps taps(grid.m[0], grid.m[2], grid.nx, x, plane.width);
      const int begin = static_cast<int>(std::floor(std::min(taps.at(0), taps.at(grid.nx - 1))));
      float* weights = column_weights_.data() + static_cast<size_t>(x) * table.span;
      for (int i = 0; i < grid.nx; ++i) {
        const double u = taps.at(i);
        const int column = static_cast<int>(std::floor(u));
        const float f = static_cast<float>(u - column);
        weights[column - begin] += 1 - f;
        if (f > 0) weights[column - begin + 1] += f;
        table.used = std::max(table.used, column - begin + (f > 0 ? 2 : 1));
      }
      first_[x] = begin + table.lead;
      table.begin = std::min(table.begin, std::clamp(begin, 0, plane.width - 1));
    }
    std::fill_n(first_.begin() + width, detail::sample_pitch(width) - width, first_[width - 1]);
    // Every pixel reads `used` columns: one with fewer weighs the last by 0, and they must hold numbers all the same.
    const int furthest = std::max(first_[0], first_[width - 1]) - table.lead;
    table.end = std::max(table.end, std::clamp(furthest + table.used, 1, plane.width));
    return table;
  }

 private:
  template <class T>
  static void grow(std::vector<T>& v, size_t size) {
    if (v.size() < size) v.resize(size);
  }

  // Taps of a pixel advance by at most one column, and start at most one beyond the plane.
  static int border_columns(const TapGrid& grid) { return grid.nx + 2; }

  static int16_t* aligned(std::vector<int16_t>& v) {
    void* start = v.data();
    size_t room = v.size() * sizeof(int16_t);
    return static_cast<int16_t*>(std::align(kAlignment, 1, start, room));
  }

  std::vector<int32_t> offsets_;
  std::vector<uint32_t> weights_;
  std::vector<uint8_t> patches_;
  std::vector<int32_t> column_sums_;
  std::vector<int32_t> sums_;
  std::vector<float> means_;
  std::vector<float> row_;
  std::vector<const uint8_t*> row_pointers_;
  std::vector<float> row_weights_;
  std::vector<int> first_;
  std::vector<float> column_weights_;
  std::vector<float> samples_[3];
  std::vector<int16_t> columns_;
  alignas(kAlignment) uint8_t plan_[detail::kPlanBytes];
};

struct ElementTraits {
  detail::ElementKind kind;
  size_t bytes;
};

ElementTraits traits(Element element) {
  switch (element) {
    case Element::kFloat32:
      return {detail::ElementKind::kFloat32, 4};
    case Element::kFloat16:
      return {detail::ElementKind::kFloat16, 2};
    case Element::kInt8:
      return {detail::ElementKind::kInt8, 1};
  }
  throw std::invalid_argument("unknown element type");
}

// Writes one crop that starts at `out`.
void crop_one(const detail::Kernels& kernels, const Planes& planes, const double* matrix, const CropParams& p,
              const ColorMap& map, std::array<ScratchOwner, 2>& owners, uint8_t* out) {
  TapGrid grids[2];
  Scratch scratch[2];
  ColumnTable tables[2];
  bool aligned[2];
  float* samples[3];
  float* samples_of[2][3];
  int inputs = 0;
  for (int k = 0; k < planes.count; ++k) {
    const Plane& plane = planes.items[k].plane;
    grids[k] = tap_grid(matrix, planes.items[k]);
    scratch[k] = owners[k].reserve(grids[k], plane, p.width);
    aligned[k] = grids[k].m[1] == 0 && grids[k].m[3] == 0;
    if (aligned[k]) {
      tables[k] = owners[k].columns(grids[k], plane, p.width);
      kernels.plan_columns(plane, grids[k], tables[k], p.width, scratch[k]);
    } else {
      kernels.plan_box(plane, grids[k], scratch[k]);
    }
    for (int c = 0; c < plane.channels; ++c) samples[inputs++] = samples_of[k][c] = owners[k].samples(c, p.width);
  }
  const ptrdiff_t pitch = detail::sample_pitch(p.width);
  const ElementTraits element = traits(p.element);
  const bool planar = p.layout == Layout::kNchw;
  const ptrdiff_t pixel_stride = planar ? 1 : map.outputs;
  const ptrdiff_t channel_stride = planar ? static_cast<ptrdiff_t>(p.width) * p.height : 1;
  for (int y = 0; y < p.height; y += detail::kRowGroup) {
    const int rows = std::min(detail::kRowGroup, p.height - y);
    for (int k = 0; k < planes.count; ++k) {
      const Plane& plane = planes.items[k].plane;
      if (!aligned[k]) {
        kernels.sample_rows(plane, grids[k], y, rows, p.width, scratch[k], samples_of[k]);
        continue;
      }
      for (int r = 0; r < rows; ++r) {
        float* row[3];
        for (int c = 0; c < plane.channels; ++c) row[c] = samples_of[k][c] + r * pitch;
        kernels.sample_row_aligned(plane, grids[k], tables[k], y + r, p.width, scratch[k], row);
      }
    }
    for (int r = 0; r < rows; ++r) {
      const float* row[3];
      for (int k = 0; k < inputs; ++k) row[k] = samples[k] + r * pitch;
      const ptrdiff_t start = static_cast<ptrdiff_t>(y + r) * p.width * pixel_stride;
      kernels.write_row(map, row, p.width,
                        RowTarget{out + start * element.bytes, pixel_stride, channel_stride, element.kind});
    }
  }
}

}  // namespace

void detail::crop_normalize_by(const Kernels& kernels, const Frame& frame, const double* matrices, size_t count,
                               const CropParams& params, void* out) {
  check_frame(frame, params);
  check_matrices(matrices, count, params);
  thread_local std::array<ScratchOwner, 2> owners;
  const Planes planes = planes_of(frame, params);
  const ColorMap map = detail::color_map(frame, params);
  const size_t crop_bytes =
      traits(params.element).bytes * map.outputs * static_cast<size_t>(params.width) * params.height;
  for (size_t n = 0; n < count; ++n) {
    crop_one(kernels, planes, matrices + 6 * n, params, map, owners, static_cast<uint8_t*>(out) + n * crop_bytes);
  }
}

void crop_normalize(const Frame& frame, const double* matrices, size_t count, const CropParams& params, void* out) {
  detail::crop_normalize_by(detail::dispatch().kernels, frame, matrices, count, params, out);
}

const char* simd_path() { return detail::dispatch().name; }

}  // namespace edgeaffect
