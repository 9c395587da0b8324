// What the driver (crop_normalize.cpp) hands to a SIMD unit. Internal; includes no STL, so that a unit compiled
// for a newer instruction set cannot leak inline functions into the rest of the library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace edgeaffect::detail {

constexpr int kMaxPlaneChannels = 3;
constexpr int kLoadBytes = 8;  // a bilinear footprint row is read with one load of this many bytes
constexpr int kTapBlock = 16;  // taps planned at a time
constexpr int kFlushTaps = 256;  // per 32-bit sum: 256 * 255 * 2^15 < 2^31

// One interleaved 8-bit image: a packed frame, or the luma or chroma of a YUV frame.
struct Plane {
  const uint8_t* data;
  ptrdiff_t stride;
  int width;  // pixels of this plane
  int height;
  int step;                         // bytes from pixel to pixel; two pixels fit into kLoadBytes
  int channels;                     // channels to sample
  int offset[kMaxPlaneChannels];    // of a channel's byte within the pixel
  uint8_t border;
  bool replicate;
};

// Where the taps of one output box lie in a plane: tap (X, Y) is at
// (m[0] X' + m[1] Y' + m[2], m[3] X' + m[4] Y' + m[5]), X' = (X + 0.5) / nx, Y' = (Y + 0.5) / ny,
// in integer-centre coordinates of the plane (the -0.5 of the contract is in m[2] and m[5]).
struct TapGrid {
  double m[6];
  int nx;
  int ny;
};

// Taps of one output pixel along one axis of an axis-aligned grid: tap i lies at first + i * step. A pixel that lies
// wholly outside the plane sees only its border, and more of it the further we look: such a pixel is brought next to the
// plane, so that places stay small and no row or column of the border counts for more taps than one inside.
struct PixelTaps {
  double first, step;

  PixelTaps(double slope, double offset, int taps, int pixel, int size)
      : first(slope * ((static_cast<double>(pixel) * taps + 0.5) / taps) + offset), step(slope / taps) {
    const double last = at(taps - 1), length = step < 0 ? -step : step;
    if (first < -1 && last < -1) {
      first = -1;
      step = -length;
    } else if (first > size && last > size) {
      first = size;
      step = length;
    }
  }

  double at(int i) const { return first + i * step; }
};

// Axis-aligned grids: output column x is the sum of buffer columns first[x] .. first[x] + span - 1.
struct ColumnTable {
  const int* first;      // [sample_pitch(width)], buffer column; column c of the plane is buffer column c + lead
  const float* weights;  // [width, span]
  int span;
  int used;   // the first of them, which are not 0 for every pixel
  int lead;   // columns of border on each side
  int begin;  // plane columns begin .. end - 1 lie under some output column
  int end;
};

constexpr int kPlanBytes = 4096;

// Scratch of one thread; the capacities stand beside their owner in crop_normalize.cpp.
struct Scratch {
  int32_t* offsets;   // per tap
  uint32_t* weights;  // per tap: two words of two 16-bit weights, upper row then lower row
  uint8_t* patches;   // per tap: 2 x kLoadBytes, for taps of a tile that touches the border
  int32_t* column_sums;  // per column of taps
  int32_t* sums;      // per pixel of a tile: 4
  float* means;       // per pixel of a tile: 4
  float* row;         // axis-aligned: one row of the plane, vertically summed
  const uint8_t** row_pointers;
  float* row_weights;
  // Taps of turned boxes are planned for a tile: some pixels of a row, and some of the ny rows of their taps.
  int tile_pixels;
  int tile_lines;
  int tile_pitch;     // taps from line to line
  void* plan;         // what plan_box or plan_columns prepared; kPlanBytes, aligned to 64
  int16_t* columns;   // for plan_columns: column_plan_words(), aligned to 64 bytes
};

enum class ElementKind { kFloat32, kFloat16, kInt8 };

// out[c] = sum_k a[c][k] * sample[k] + b[c]
struct ColorMap {
  float a[3][kMaxPlaneChannels];
  float b[3];
  int inputs;  // 1 or 3
  int outputs;
};

struct RowTarget {
  void* data;               // first element of the row, channel 0
  ptrdiff_t pixel_stride;   // elements
  ptrdiff_t channel_stride;  // elements
  ElementKind element;
};

constexpr int kRowGroup = 4;  // output rows that are sampled at a time

// Samples from row to row: units read and write whole vectors.
constexpr int sample_pitch(int width) { return (width + 15) / 16 * 16; }

// Room for plan_columns: per 16 output columns a register of places, one of weights per two columns of the span, and two
// 32-bit numbers.
constexpr size_t column_plan_words(int width, int span) {
  return static_cast<size_t>(sample_pitch(width) / 16) * (32 * (1 + (static_cast<size_t>(span) + 1) / 2) + 4);
}

struct Kernels {
  // Called once before the rows of a box are sampled by sample_rows; may prepare scratch.plan.
  void (*plan_box)(const Plane&, const TapGrid&, const Scratch&);
  // The same for sample_row_aligned.
  void (*plan_columns)(const Plane&, const TapGrid&, const ColumnTable&, int width, const Scratch&);
  // Means of output rows y .. y + rows - 1, rows <= kRowGroup, for each channel of the plane: samples[c] is
  // [kRowGroup, sample_pitch(width)], of which the unit may write all.
  void (*sample_rows)(const Plane&, const TapGrid&, int y, int rows, int width, const Scratch&, float* const* samples);
  // One row of the same numbers, to rounding, for grids without rotation or shear: samples[c] is [sample_pitch(width)], of
  // which the unit may write all.
  void (*sample_row_aligned)(const Plane&, const TapGrid&, const ColumnTable&, int y, int width, const Scratch&,
                             float* const* samples);
  void (*write_row)(const ColorMap&, const float* const* samples, int width, const RowTarget&);
};

// One per unit; which of them are compiled in depends on the target (CMakeLists.txt).
extern const Kernels kScalarKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kNeonKernels;

}  // namespace edgeaffect::detail
