// AVX-512 unit (F, BW, DQ, VL, VBMI, VNNI: Ice Lake, Zen 4 and later). Compiled with those flags; runs only where
// simd_dispatch finds them.
#include <immintrin.h>

#include "crop/crop_aligned_avx512.h"
#include "crop/crop_normalize_avx2.h"
#include "crop/crop_windows.h"
#include "crop/crop_windows_avx512.h"
#include "crop/crop_write_avx512.h"

namespace edgeaffect::detail {
namespace {

// The fold_* add the lanes that belong to one pixel, as `add` adds: 16 / n lanes each of n registers become one register.
template <class Add>
inline __m512i fold_4(const __m512i* v, Add add) {
  const auto halves = [&](int i) {
    return add(_mm512_shuffle_i64x2(v[i], v[i + 1], 0x44), _mm512_shuffle_i64x2(v[i], v[i + 1], 0xee));
  };
  const __m512i a = halves(0), b = halves(2);
  return add(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd));
}

// The result's pairs of lanes are those of registers 0, 4, 1, 5, 2, 6, 3, 7.
template <class Add>
inline __m512i fold_8(const __m512i* v, Add add) {
  const __m512i a = fold_4(v, add), b = fold_4(v + 4, add);
  return add(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

// The result's lanes are those of registers 0, 4, 8, 12, 1, 5, 9, 13, ...
template <class Add>
inline __m512i fold_16(const __m512i* v, Add add) {
  const __m512 a = _mm512_castsi512_ps(fold_8(v, add)), b = _mm512_castsi512_ps(fold_8(v + 8, add));
  return add(_mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88)), _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xdd)));
}

inline __m512i add_floats(__m512i a, __m512i b) {
  return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}

// Turns the sums of consecutive blocks of a row of blocks into samples.
template <int kChannels>
class BlockSink {
 public:
  BlockSink(const WindowPlan& plan, float share, int pitch) : plan_(plan), share_(share), pitch_(pitch) {}

  // `to`: samples of the first block's upper left pixel, of each channel.
  void start(float* const* to) {
    for (int c = 0; c < kChannels; ++c) to_[c] = to[c];
  }

  // One tap per pixel: 16 pixels in each register.
  [[gnu::always_inline]] void put_single(const __m512i (*sums)[kChannels]) {
    unrolled<kChannels>([&](auto c) {
      unrolled<2>([&](auto vector) {
        const __m512 values = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[vector][c]), _mm512_set1_ps(share_));
        float* to = to_[c] + 2 * vector * pitch_;
        if (plan_.across == 8) {
          _mm256_storeu_ps(to, _mm512_castps512_ps256(values));
          _mm256_storeu_ps(to + pitch_, _mm512_extractf32x8_ps(values, 1));
        } else if (vector == 0) {
          store_4x2(_mm512_castps512_ps256(values), to);
          store_4x2(_mm512_extractf32x8_ps(values, 1), to + 2 * pitch_);
        }
      });
      to_[c] += plan_.across;
    });
  }

  // More taps per pixel: each has a part of the lanes.
  [[gnu::always_inline]] void put(const __m512i (*sums)[kChannels]) {
    if (plan_.pixels >= 4) return put_several(sums);
    const int slot = plan_.pixels == 1 ? count_ % 4 * 4 + count_ / 4 : count_ % 2 * 4 + count_ / 2;
    unrolled<kChannels>([&](auto c) {
      // The taps of a pixel of many windows could overflow an integer.
      lanes_[c][slot] = plan_.pixels == 1 ? add_floats(_mm512_castps_si512(_mm512_cvtepi32_ps(sums[0][c])),
                                                       _mm512_castps_si512(_mm512_cvtepi32_ps(sums[1][c])))
                                          : _mm512_add_epi32(sums[0][c], sums[1][c]);
    });
    if (++count_ == kLanes / plan_.pixels) finish();
  }

  // Stores what is pending; pixels beyond the last block are stored too, with any value.
  void finish() {
    if (count_ == 0) return;
    count_ = 0;
    unrolled<kChannels>([&](auto c) {
      const __m512 values =
          plan_.pixels == 1
              ? _mm512_castsi512_ps(fold_16(lanes_[c], add_floats))
              : _mm512_cvtepi32_ps(fold_8(lanes_[c], [](__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }));
      _mm512_storeu_ps(to_[c], _mm512_mul_ps(values, _mm512_set1_ps(share_)));
      to_[c] += kLanes;
    });
  }

 private:
  [[gnu::always_inline]] void put_several(const __m512i (*sums)[kChannels]) {
    unrolled<kChannels>([&](auto c) {
      const __m512i all = _mm512_add_epi32(sums[0][c], sums[1][c]);
      const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
      if (plan_.pixels == 8) {
        store_4x2(_mm256_mul_ps(_mm256_cvtepi32_ps(half), _mm256_set1_ps(share_)), to_[c]);
      } else {
        const __m128i quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
        const __m128 values = _mm_mul_ps(_mm_cvtepi32_ps(quarter), _mm_set1_ps(share_));
        if (plan_.across == 4) {
          _mm_storeu_ps(to_[c], values);
        } else {
          _mm_storel_pi(reinterpret_cast<__m64*>(to_[c]), values);
          _mm_storeh_pi(reinterpret_cast<__m64*>(to_[c] + pitch_), values);
        }
      }
      to_[c] += plan_.across;
    });
  }

  void store_4x2(__m256 values, float* to) const {
    _mm_storeu_ps(to, _mm256_castps256_ps128(values));
    _mm_storeu_ps(to + pitch_, _mm256_extractf128_ps(values, 1));
  }

  const WindowPlan& plan_;
  float share_;
  int pitch_;
  float* to_[kChannels];
  int count_ = 0;
  __m512i lanes_[kChannels][kLanes];
};

[[gnu::noinline]] const uint8_t* patched_window(const Plane& plane, int64_t column, int64_t line, uint8_t* patch) {
  copy_window(plane, column, line, kWindowRows, 64, patch);
  return patch;
}

struct BoxPlan {
  WindowOrder order;
  WindowPlan windows;
};

static_assert(sizeof(BoxPlan) <= kPlanBytes);
static_assert(sizeof(AlignedPlan) <= kPlanBytes);

// What a block holds; separate code keeps the sums of the first two in registers.
enum class Taps { kOnePerPixel, kOneWindow, kManyWindows };

template <int kStep, int kChannels, Taps kTaps>
void sample_windows(const Plane& plane, const TapGrid& grid, const BoxPlan& box, int y, int rows, int width,
                    const Scratch& scratch, float* const* samples) {
  using Reader = WindowReader<kStep, kChannels>;
  const WindowPlan& plan = box.windows;
  const Reader reader(box.order);
  const TapConstants constants;
  const int pitch = sample_pitch(width);
  // Corners of windows that can be read where they lie.
  const int64_t columns = plane.width - Reader::kRowPixels + 1, lines = plane.height - kWindowRows + 1;
  const double first_x = 0.5 / grid.nx;
  const int64_t step_u = to_fixed(grid.m[0] * plan.across), step_v = to_fixed(grid.m[3] * plan.across);
  // From a window to the one two rows of blocks on: early enough to fetch its lower rows, which no window has read yet.
  const ptrdiff_t later = static_cast<ptrdiff_t>(floor_double(2 * grid.m[4] * plan.down)) * plane.stride +
                          static_cast<ptrdiff_t>(floor_double(2 * grid.m[1] * plan.down)) * kStep;
  BlockSink<kChannels> sink(plan, static_cast<float>(-1.0 / (static_cast<double>(kFractionOne) * grid.nx * grid.ny)),
                            pitch);
  for (int r = 0; r < rows; r += plan.down) {
    float* to[kMaxPlaneChannels];
    for (int c = 0; c < kChannels; ++c) to[c] = samples[c] + static_cast<ptrdiff_t>(r) * pitch;
    const double first_y = y + r + 0.5 / grid.ny;
    const double row_u = grid.m[0] * first_x + grid.m[1] * first_y + grid.m[2];
    const double row_v = grid.m[3] * first_x + grid.m[4] * first_y + grid.m[5];
    constexpr double kFar = 1 << 24;  // beyond this nothing is inside, and 32.32 positions could overflow
    const double end_u = row_u + grid.m[0] * pitch, end_v = row_v + grid.m[3] * pitch;
    if (!(magnitude(row_u) < kFar && magnitude(row_v) < kFar && magnitude(end_u) < kFar && magnitude(end_v) < kFar)) {
      sample_rows<Avx2>(plane, grid, y + r, rows - r < plan.down ? rows - r : plan.down, width, scratch, to);
      continue;
    }
    sink.start(to);
    int64_t u = to_fixed(row_u), v = to_fixed(row_v);
    for (int x = 0; x < width; x += plan.across, u += step_u, v += step_v) {
      __m512i sums[2][kChannels];
      unrolled<kChannels>([&](auto c) { sums[0][c] = sums[1][c] = _mm512_setzero_si512(); });
      const int chunks = kTaps == Taps::kManyWindows ? plan.chunks : 1;
      for (int chunk = 0; chunk < chunks; ++chunk) {
        constexpr int kDropped = 32 - kFractionBits;
        const int64_t corner_u = (u + plan.chunk_u[chunk] + (1 << (kDropped - 1))) >> kDropped;
        const int64_t corner_v = (v + plan.chunk_v[chunk] + (1 << (kDropped - 1))) >> kDropped;
        const int64_t column = corner_u >> kFractionBits, line = corner_v >> kFractionBits;
        alignas(64) uint8_t patch[kWindowRows * Reader::kPitch];
        const uint8_t* from;
        ptrdiff_t stride;
        if (column >= 0 && line >= 0 && column < columns && line < lines) {
          from = plane.data + line * plane.stride + column * kStep;
          stride = plane.stride;
          unrolled<5>([&](auto k) { __builtin_prefetch(from + later + (k + 4) * stride); });
        } else {
          from = patched_window(plane, column, line, patch);
          stride = Reader::kPitch;
        }
        Window window[kChannels];
        reader.read(from, stride, window);
        const __m512i from_u = _mm512_set1_epi16(static_cast<int16_t>(corner_u & (kFractionOne - 1)));
        const __m512i from_v = _mm512_set1_epi16(static_cast<int16_t>(corner_v & (kFractionOne - 1)));
        if constexpr (kTaps == Taps::kOnePerPixel) {
          add_pair<kChannels, true>(constants, plan, chunk, 0, window, from_u, from_v, sums);
        } else {
          int pair = 0;
          for (; pair < plan.vectors / 2; ++pair) {
            add_pair<kChannels, true>(constants, plan, chunk, pair, window, from_u, from_v, sums);
          }
          if (plan.vectors % 2) add_pair<kChannels, false>(constants, plan, chunk, pair, window, from_u, from_v, sums);
        }
      }
      if constexpr (kTaps == Taps::kOnePerPixel) {
        sink.put_single(sums);
      } else {
        sink.put(sums);
      }
    }
    if constexpr (kTaps != Taps::kOnePerPixel) sink.finish();
  }
}

// Boxes of more windows per pixel than a plan holds go by the AVX2 unit's taps: no plan (pixels == 0).
void plan_windows(const Plane& plane, const TapGrid& grid, const Scratch& scratch) {
  BoxPlan& plan = *static_cast<BoxPlan*>(scratch.plan);
  plan.order = WindowOrder(plane);
  if (!make_plan(grid, plan.windows)) plan.windows.pixels = 0;
}

template <Taps kTaps>
void sample_by_step(const Plane& plane, const TapGrid& grid, const BoxPlan& plan, int y, int rows, int width,
                    const Scratch& scratch, float* const* samples) {
  const auto sample = plane.step == 1   ? sample_windows<1, 1, kTaps>
                      : plane.step == 3 ? sample_windows<3, 3, kTaps>
                      : plane.step == 2
                          ? (plane.channels == 1 ? sample_windows<2, 1, kTaps> : sample_windows<2, 2, kTaps>)
                          : (plane.channels == 2 ? sample_windows<4, 2, kTaps> : sample_windows<4, 3, kTaps>);
  sample(plane, grid, plan, y, rows, width, scratch, samples);
}

void sample_rows_by_windows(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                            float* const* samples) {
  const BoxPlan& plan = *static_cast<const BoxPlan*>(scratch.plan);
  if (plan.windows.pixels == 0) return sample_rows<Avx2>(plane, grid, y, rows, width, scratch, samples);
  const auto sample = plan.windows.pixels >= kLanes ? sample_by_step<Taps::kOnePerPixel>
                      : plan.windows.chunks == 1    ? sample_by_step<Taps::kOneWindow>
                                                    : sample_by_step<Taps::kManyWindows>;
  sample(plane, grid, plan, y, rows, width, scratch, samples);
}

void sample_row_aligned_avx512(const Plane& plane, const TapGrid& grid, const ColumnTable& table, int y, int width,
                               const Scratch& scratch, float* const* samples) {
  if (!static_cast<const AlignedPlan*>(scratch.plan)->table.usable) {
    return sample_row_of_sums<Avx2>(plane, grid, table, y, width, scratch, samples);
  }
  const auto sample = plane.step == 1   ? sample_row_by_sums<1, 1>
                      : plane.step == 3 ? sample_row_by_sums<3, 3>
                      : plane.step == 2 ? (plane.channels == 1 ? sample_row_by_sums<2, 1> : sample_row_by_sums<2, 2>)
                                        : (plane.channels == 2 ? sample_row_by_sums<4, 2> : sample_row_by_sums<4, 3>);
  sample(plane, grid, table, y, scratch, samples);
}

}  // namespace

const Kernels kAvx512Kernels{plan_windows, plan_columns_avx512, sample_rows_by_windows, sample_row_aligned_avx512,
                             write_row_avx512};

}  // namespace edgeaffect::detail
