// AVX-512 unit (F, BW, DQ, VL, VBMI, VNNI: Ice Lake, Zen 4 and later). Compiled with those flags; runs only where
// simd_dispatch finds them.
//
// Note [Windows]
// Neighbouring taps read the same few pixels. A block of output pixels (4x4 at one tap a pixel, 2x2 at up to 2x2
// taps, else one pixel) is therefore computed from windows of 8x8 frame pixels: one channel of a window is one
// register, and one byte permutation fetches a corner of 16 taps from it. Positions are 32-bit numbers with 16
// fractional bits, relative to the window's corner; weights and sums are those of Note [Fixed-point taps] (rounding
// the position to 2^-16 pixel adds at most 2^-16 * 255 grey levels per axis). Taps that do not fit into one
// window are split into equal chunks, each with its own window. Blocks whose windows leave the plane, and what
// is left over at the right and lower edge of the output, go through the taps of the AVX2 unit.
#include <immintrin.h>

#include "crop_normalize_avx2.h"

namespace edgeaffect::detail {
namespace {

constexpr int kWindow = 8;          // pixels a side
constexpr int kLanes = 16;          // taps per register
constexpr int kMaxVectors = 4;      // registers of taps per window
constexpr int kMaxChunks = 64;      // windows per block
constexpr double kReach = 5.99;     // taps of a window lie within this: floor(0.999 + 5.99) + 1 < kWindow
constexpr double kFixed = 4294967296.0;  // positions of blocks have 32 fractional bits

struct WindowPlan {
  int block;      // output pixels a side
  int vectors;
  int chunks;
  __m512i u[kMaxVectors], v[kMaxVectors];       // of each tap from the window's corner, 16 fractional bits
  __mmask16 valid[kMaxChunks][kMaxVectors];
  int64_t chunk_u[kMaxChunks], chunk_v[kMaxChunks];  // corner of a chunk's window from the block's first tap
  int64_t low_u, low_v, high_u, high_v;         // extremes of the above
};

inline int64_t to_fixed(double value) { return static_cast<int64_t>(__builtin_floor(value * kFixed + 0.5)); }

inline double magnitude(double value) { return value < 0 ? -value : value; }

// Returns false when the grid needs more windows than a plan holds.
inline bool make_plan(const TapGrid& grid, WindowPlan& plan) {
  const double du_x = grid.m[0] / grid.nx, dv_x = grid.m[3] / grid.nx;  // from tap to tap
  const double du_y = grid.m[1] / grid.ny, dv_y = grid.m[4] / grid.ny;
  plan.block = grid.nx == 1 && grid.ny == 1 ? 4 : grid.nx <= 2 && grid.ny <= 2 ? 2 : 1;
  const int taps_x = grid.nx * plan.block, taps_y = grid.ny * plan.block;
  int chunk_x = taps_x, chunk_y = taps_y;
  const auto fits = [&] {
    const int x = chunk_x - 1, y = chunk_y - 1;
    return x * magnitude(du_x) + y * magnitude(du_y) <= kReach && x * magnitude(dv_x) + y * magnitude(dv_y) <= kReach &&
           chunk_x * chunk_y <= kLanes * kMaxVectors;
  };
  // Only one-pixel blocks have more taps than fit: those of larger blocks span at most 3 * sqrt(2) pixels.
  while (!fits()) (chunk_x >= chunk_y ? chunk_x : chunk_y) = ((chunk_x >= chunk_y ? chunk_x : chunk_y) + 1) / 2;
  const int count_x = (taps_x + chunk_x - 1) / chunk_x, count_y = (taps_y + chunk_y - 1) / chunk_y;
  plan.chunks = count_x * count_y;
  plan.vectors = (chunk_x * chunk_y + kLanes - 1) / kLanes;
  if (plan.chunks > kMaxChunks) return false;

  // The corner of a chunk is the least u and the least v of its taps.
  const auto least = [](double a, double b) { return (a < 0 ? a : 0) + (b < 0 ? b : 0); };
  const double corner_u = least((chunk_x - 1) * du_x, (chunk_y - 1) * du_y);
  const double corner_v = least((chunk_x - 1) * dv_x, (chunk_y - 1) * dv_y);
  alignas(64) int32_t u[kMaxVectors * kLanes] = {}, v[kMaxVectors * kLanes] = {};
  alignas(64) uint8_t at_x[kMaxVectors * kLanes] = {}, at_y[kMaxVectors * kLanes] = {};
  for (int lane = 0; lane < chunk_x * chunk_y; ++lane) {
    // Two-pixel blocks: the lanes of one tap of all four pixels stand together.
    const int pixel = lane % 4, tap = lane / 4;
    const int x = plan.block == 2 ? pixel % 2 * grid.nx + tap % grid.nx : lane % chunk_x;
    const int y = plan.block == 2 ? pixel / 2 * grid.ny + tap / grid.nx : lane / chunk_x;
    at_x[lane] = static_cast<uint8_t>(x);
    at_y[lane] = static_cast<uint8_t>(y);
    u[lane] = static_cast<int32_t>(__builtin_lrint((x * du_x + y * du_y - corner_u) * 65536));
    v[lane] = static_cast<int32_t>(__builtin_lrint((x * dv_x + y * dv_y - corner_v) * 65536));
  }
  for (int k = 0; k < plan.vectors; ++k) {
    plan.u[k] = _mm512_load_si512(u + k * kLanes);
    plan.v[k] = _mm512_load_si512(v + k * kLanes);
  }
  for (int chunk = 0; chunk < plan.chunks; ++chunk) {
    const int first_x = chunk % count_x * chunk_x, first_y = chunk / count_x * chunk_y;
    plan.chunk_u[chunk] = to_fixed(first_x * du_x + first_y * du_y + corner_u);
    plan.chunk_v[chunk] = to_fixed(first_x * dv_x + first_y * dv_y + corner_v);
    for (int k = 0; k < plan.vectors; ++k) {
      unsigned mask = 0;
      for (int i = 0; i < kLanes; ++i) {
        const int lane = k * kLanes + i;
        mask |= (lane < chunk_x * chunk_y && first_x + at_x[lane] < taps_x && first_y + at_y[lane] < taps_y) ? 1u << i : 0;
      }
      plan.valid[chunk][k] = static_cast<__mmask16>(mask);
    }
    const auto widen = [chunk](int64_t value, int64_t& low, int64_t& high) {
      low = chunk == 0 || value < low ? value : low;
      high = chunk == 0 || value > high ? value : high;
    };
    widen(plan.chunk_u[chunk], plan.low_u, plan.high_u);
    widen(plan.chunk_v[chunk], plan.low_v, plan.high_v);
  }
  return true;
}

inline __m256i load16(const uint8_t* a, const uint8_t* b) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a))),
                                 _mm_loadu_si128(reinterpret_cast<const __m128i*>(b)), 1);
}

inline __m512i join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

// Reads windows of one plane: [row][column] of each channel, 64 bytes.
class WindowReader {
 public:
  explicit WindowReader(const Plane& plane) : stride_(plane.stride), step_(plane.step), channels_(plane.channels) {
    alignas(64) uint8_t index[kWindow * kWindow];
    const int pitch = row_bytes();
    const int rows = kWindow * kWindow * 2 / (2 * pitch) * 2;  // rows that two registers hold
    for (int c = 0; c < channels_; ++c) {
      for (int i = 0; i < kWindow * kWindow; ++i) {
        index[i] = static_cast<uint8_t>(i / kWindow % rows * pitch + i % kWindow * step_ + plane.offset[c]);
      }
      index_[c] = _mm512_load_si512(index);
    }
  }

  // Bytes of a row that are read: the pixels' own, or up to a power of two beyond.
  int row_bytes() const { return step_ == 1 ? 8 : step_ == 2 ? 16 : 32; }

  template <int kStep, int kChannels>
  void read(const uint8_t* from, __m512i* window) const {
    const auto row = [&](int r) { return from + r * stride_; };
    if (kStep == 1) {
      const auto pair = [&](int r) {
        return _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(row(r))),
                                  _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row(r + 1))));
      };
      window[0] = join(_mm256_inserti128_si256(_mm256_castsi128_si256(pair(0)), pair(2), 1),
                       _mm256_inserti128_si256(_mm256_castsi128_si256(pair(4)), pair(6), 1));
    } else if (kStep == 2) {
      const __m512i upper = join(load16(row(0), row(1)), load16(row(2), row(3)));
      const __m512i lower = join(load16(row(4), row(5)), load16(row(6), row(7)));
      for (int c = 0; c < kChannels; ++c) window[c] = _mm512_permutex2var_epi8(upper, index_[c], lower);
    } else {
      const auto two = [&](int r) {
        return join(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(row(r))),
                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row(r + 1))));
      };
      const __m512i rows01 = two(0), rows23 = two(2), rows45 = two(4), rows67 = two(6);
      for (int c = 0; c < kChannels; ++c) {
        const __m512i upper = _mm512_permutex2var_epi8(rows01, index_[c], rows23);
        const __m512i lower = _mm512_permutex2var_epi8(rows45, index_[c], rows67);
        window[c] = _mm512_mask_blend_epi64(0xf0, upper, lower);
      }
    }
  }

 private:
  ptrdiff_t stride_;
  int step_;
  int channels_;
  __m512i index_[kMaxPlaneChannels];
};

// Adds 16 taps of each channel to its sums.
template <int kChannels>
inline void add_vector(const __m512i* window, __m512i u, __m512i v, __mmask16 valid, __m512i* sums) {
  const __m512i to_bytes = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12));
  const __m512i to_words = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13));
  constexpr int kOrAnd = 0xf8;  // a | (b & c)
  const __m512i cell = _mm512_ternarylogic_epi32(_mm512_srli_epi32(u, 16), _mm512_srli_epi32(v, 13),
                                                 _mm512_set1_epi32(0x38), kOrAnd);
  const __m512i upper_cells = _mm512_add_epi8(_mm512_shuffle_epi8(cell, to_bytes), _mm512_set1_epi32(0x00010000));
  const __m512i lower_cells = _mm512_add_epi8(upper_cells, _mm512_set1_epi32(0x00080008));
  const __m512i fx = _mm512_srli_epi16(_mm512_shuffle_epi8(u, to_words), 1);
  const __m512i fy = _mm512_srli_epi16(_mm512_shuffle_epi8(v, to_words), 1);
  const __m512i pair = _mm512_maskz_xor_epi32(valid, fx, _mm512_set1_epi32(kWeightOne));  // (32767 - fx, fx)
  const __m512i lower = _mm512_mulhrs_epi16(pair, fy);
  const __m512i upper = _mm512_sub_epi16(pair, lower);
  constexpr __mmask64 kLowBytes = 0x5555555555555555;  // bytes become 16-bit words
  for (int c = 0; c < kChannels; ++c) {
    sums[c] = _mm512_dpwssd_epi32(sums[c], _mm512_maskz_permutexvar_epi8(kLowBytes, upper_cells, window[c]), upper);
    sums[c] = _mm512_dpwssd_epi32(sums[c], _mm512_maskz_permutexvar_epi8(kLowBytes, lower_cells, window[c]), lower);
  }
}

// Sums of the taps of one block of output pixels, whose first tap is at (u, v).
template <int kStep, int kChannels>
inline void add_block(const Plane& plane, const WindowReader& reader, const WindowPlan& plan, int64_t u, int64_t v,
                      __m512i* sums) {
  for (int c = 0; c < kChannels; ++c) sums[c] = _mm512_setzero_si512();
  for (int chunk = 0; chunk < plan.chunks; ++chunk) {
    const int64_t corner_u = u + plan.chunk_u[chunk], corner_v = v + plan.chunk_v[chunk];
    __m512i window[kChannels];
    reader.read<kStep, kChannels>(plane.data + (corner_v >> 32) * plane.stride + (corner_u >> 32) * kStep, window);
    // + 1: the weights drop the last of 16 bits, so that this rounds them.
    const __m512i fraction_u = _mm512_set1_epi32(static_cast<int>(static_cast<uint32_t>(corner_u) >> 16) + 1);
    const __m512i fraction_v = _mm512_set1_epi32(static_cast<int>(static_cast<uint32_t>(corner_v) >> 16) + 1);
    for (int k = 0; k < plan.vectors; ++k) {
      add_vector<kChannels>(window, _mm512_add_epi32(fraction_u, plan.u[k]), _mm512_add_epi32(fraction_v, plan.v[k]),
                            plan.valid[chunk][k], sums);
    }
  }
}

// 4x4 pixels, one lane each.
inline void store_16_pixels(__m512i sums, float share, float* to, int width) {
  const __m512 values = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(share));
  _mm_storeu_ps(to, _mm512_castps512_ps128(values));
  _mm_storeu_ps(to + width, _mm512_extractf32x4_ps(values, 1));
  _mm_storeu_ps(to + 2 * width, _mm512_extractf32x4_ps(values, 2));
  _mm_storeu_ps(to + 3 * width, _mm512_extractf32x4_ps(values, 3));
}

// 2x2 pixels, four lanes each.
inline void store_4_pixels(__m512i sums, float share, float* to, int width) {
  const __m256i two = _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
  const __m128i one = _mm_add_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
  const __m128 values = _mm_mul_ps(_mm_cvtepi32_ps(one), _mm_set1_ps(share));
  _mm_storel_pi(reinterpret_cast<__m64*>(to), values);
  _mm_storeh_pi(reinterpret_cast<__m64*>(to + width), values);
}

// One-pixel blocks: the lanes of up to 16 neighbouring pixels are summed together, which shares the shuffles.
template <int kChannels>
class PixelRun {
 public:
  PixelRun(float* const* samples, float share) : samples_(samples), share_(share) {}

  void add(int x, const __m512i* sums) {
    if (count_ == kLanes || x != first_ + count_) store();
    if (count_ == 0) first_ = x;
    for (int c = 0; c < kChannels; ++c) lanes_[c][count_] = sums[c];
    ++count_;
  }

  void store() {
    if (count_ == 0) return;
    const __mmask16 valid = static_cast<__mmask16>((1u << count_) - 1);
    for (int c = 0; c < kChannels; ++c) {
      _mm512_mask_storeu_ps(samples_[c] + first_, valid, _mm512_mul_ps(transposed_sum(lanes_[c]), _mm512_set1_ps(share_)));
    }
    count_ = 0;
  }

 private:
  // Lane i of the result is the sum of the lanes of rows[i].
  static __m512 transposed_sum(const __m512i* rows) {
    __m512 pairs[8], fours[4], eights[2];
    for (int i = 0; i < 8; ++i) {
      const __m512 a = _mm512_cvtepi32_ps(rows[2 * i]), b = _mm512_cvtepi32_ps(rows[2 * i + 1]);
      pairs[i] = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    }
    for (int i = 0; i < 4; ++i) {
      const __m512d a = _mm512_castps_pd(pairs[2 * i]), b = _mm512_castps_pd(pairs[2 * i + 1]);
      fours[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
    }
    constexpr int kEven = 0x88, kOdd = 0xdd;  // of the 128-bit quarters
    for (int i = 0; i < 2; ++i) {
      const __m512 a = fours[2 * i], b = fours[2 * i + 1];
      eights[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, kEven), _mm512_shuffle_f32x4(a, b, kOdd));
    }
    return _mm512_add_ps(_mm512_shuffle_f32x4(eights[0], eights[1], kEven),
                         _mm512_shuffle_f32x4(eights[0], eights[1], kOdd));
  }

  __m512i lanes_[kChannels][kLanes] = {};
  float* const* samples_;
  float share_;
  int first_ = 0;
  int count_ = 0;
};

template <int kStep, int kChannels>
void sample_windows(const Plane& plane, const TapGrid& grid, const WindowPlan& plan, int y, int rows, int width,
                    const Scratch& scratch, float* const* samples) {
  const WindowReader reader(plane);
  const float share = static_cast<float>(1.0 / (static_cast<double>(kWeightOne) * grid.nx * grid.ny));
  const int64_t last_column = plane.width - (reader.row_bytes() + kStep - 1) / kStep, last_row = plane.height - kWindow;
  const double first_x = 0.5 / grid.nx;
  const int64_t step_u = to_fixed(grid.m[0] * plan.block), step_v = to_fixed(grid.m[3] * plan.block);
  for (int r = 0; r < rows; r += plan.block) {
    float* to[kMaxPlaneChannels];
    for (int c = 0; c < kChannels; ++c) to[c] = samples[c] + static_cast<ptrdiff_t>(r) * width;
    const int lines = rows - r < plan.block ? rows - r : plan.block;
    const double first_y = y + r + 0.5 / grid.ny;
    const double row_u = grid.m[0] * first_x + grid.m[1] * first_y + grid.m[2];
    const double row_v = grid.m[3] * first_x + grid.m[4] * first_y + grid.m[5];
    PixelRun<kChannels> run(to, share);
    int left = 0;  // pixels from here to x are left over for the taps
    const auto flush = [&](int end) {
      for (int line = 0; line < lines && left < end; ++line) {
        float* row[kMaxPlaneChannels];
        for (int c = 0; c < kChannels; ++c) row[c] = to[c] + static_cast<ptrdiff_t>(line) * width;
        sample_span<Avx2>(plane, grid, y + r + line, left, end, scratch, row);
      }
    };
    constexpr double kFar = 1 << 24;  // beyond this nothing is inside, and 32.32 positions could overflow
    const double end_u = row_u + grid.m[0] * width, end_v = row_v + grid.m[3] * width;
    const bool near = magnitude(row_u) < kFar && magnitude(row_v) < kFar && magnitude(end_u) < kFar && magnitude(end_v) < kFar;
    if (near && lines == plan.block) {
      int64_t u = to_fixed(row_u), v = to_fixed(row_v);
      for (int x = 0; x + plan.block <= width; x += plan.block, u += step_u, v += step_v) {
        const bool inside = (u + plan.low_u) >= 0 && (v + plan.low_v) >= 0 && (u + plan.high_u) >> 32 <= last_column &&
                            (v + plan.high_v) >> 32 <= last_row;
        if (!inside) continue;
        flush(x);
        left = x + plan.block;
        __m512i sums[kChannels];
        add_block<kStep, kChannels>(plane, reader, plan, u, v, sums);
        if (plan.block == 1) {
          run.add(x, sums);
        } else {
          const auto store = plan.block == 4 ? store_16_pixels : store_4_pixels;
          for (int c = 0; c < kChannels; ++c) store(sums[c], share, to[c] + x, width);
        }
      }
    }
    run.store();
    flush(width);
  }
}

void sample_rows_by_windows(const Plane& plane, const TapGrid& grid, int y, int rows, int width, const Scratch& scratch,
                            float* const* samples) {
  WindowPlan plan;
  if (!make_plan(grid, plan)) return sample_rows<Avx2>(plane, grid, y, rows, width, scratch, samples);
  const auto sample = plane.step == 1   ? sample_windows<1, 1>
                      : plane.step == 3 ? sample_windows<3, 3>
                      : plane.step == 2 ? (plane.channels == 1 ? sample_windows<2, 1> : sample_windows<2, 2>)
                                        : (plane.channels == 2 ? sample_windows<4, 2> : sample_windows<4, 3>);
  sample(plane, grid, plan, y, rows, width, scratch, samples);
}

struct Avx512 : Avx2 {
  static void sum_chunk(const uint8_t* const* rows, const float* weights, int count, int byte, float constant, float* to) {
    constexpr int kVectors = kRowChunk / kLanes;
    __m512 sums[kVectors];
    for (__m512& sum : sums) sum = _mm512_set1_ps(constant);
    for (int r = 0; r < count; ++r) {
      const __m512 weight = _mm512_set1_ps(weights[r]);
      for (int k = 0; k < kVectors; ++k) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[r] + byte + kLanes * k));
        sums[k] = _mm512_fmadd_ps(weight, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)), sums[k]);
      }
    }
    for (int k = 0; k < kVectors; ++k) _mm512_storeu_ps(to + kLanes * k, sums[k]);
  }
};

}  // namespace

const Kernels kAvx512Kernels{sample_rows_by_windows, sample_row_aligned<Avx512>, write_row};

}  // namespace edgeaffect::detail
