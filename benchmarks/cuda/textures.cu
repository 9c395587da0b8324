// Crops through plain loads against crops through textures, of one 1080p frame: a program of its own, so that what it
// measures stays apart from the kernel. Prints a JSON list; see textures.py.
//
// Three ways to a bilinear sample: loads of whole pixels; a texture with point sampling, whose unit clamps the
// coordinates; a texture that also filters, with 8 bits of fraction. The first two do the same arithmetic, in explicit
// fused operations, and must agree bit for bit.
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <type_traits>
#include <vector>

namespace {

constexpr int kWidth = 1920, kHeight = 1080, kLaunches = 200, kRows = 5;
constexpr float kGreyLevels = 63.75f;  // per unit of output: mean 0.5, deviation 0.25

void check(cudaError_t error, int line) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "textures.cu:%d: %s\n", line, cudaGetErrorString(error));
  std::exit(1);
}
#define CHECK(call) check(call, __LINE__)

struct Matrix {
  float m[6];
};

template <class Pixel>
struct Traits;
template <>
struct Traits<unsigned char> {
  static constexpr int kChannels = 1;
  using Filtered = float;
  __device__ static float channel(unsigned char p, int) { return p; }
  __device__ static float channel(float p, int) { return p; }
};
template <>
struct Traits<uchar4> {
  static constexpr int kChannels = 3;
  using Filtered = float4;
  __device__ static float channel(uchar4 p, int c) { return c == 0 ? p.z : c == 1 ? p.y : p.x; }
  __device__ static float channel(float4 p, int c) { return c == 0 ? p.z : c == 1 ? p.y : p.x; }
};

template <class Pixel>
struct Plain {
  const uint8_t* data;
  size_t pitch;

  __device__ Pixel at(int x, int y) const {
    const int column = min(max(x, 0), kWidth - 1), row = min(max(y, 0), kHeight - 1);
    return __ldg(reinterpret_cast<const Pixel*>(data + row * pitch) + column);
  }
};

template <class Pixel>
struct Point {
  cudaTextureObject_t texture;

  __device__ Pixel at(int x, int y) const {
    return tex2D<Pixel>(texture, static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
  }
};

template <class Pixel>
struct Filtered {
  cudaTextureObject_t texture;
};

// Adds one bilinear sample at integer-centre coordinates (u, v) to sum[channels].
template <class Pixel, class Source>
__device__ void add_tap(const Source& source, float u, float v, float* sum) {
  using T = Traits<Pixel>;
  if constexpr (std::is_same_v<Source, Filtered<Pixel>>) {
    const auto p = tex2D<typename T::Filtered>(source.texture, u + 0.5f, v + 0.5f);
    for (int c = 0; c < T::kChannels; ++c) sum[c] = fmaf(255.0f, T::channel(p, c), sum[c]);
  } else {
    const float left = floorf(u), top = floorf(v), fx = u - left, fy = v - top;
    const int x = static_cast<int>(left), y = static_cast<int>(top);
    const Pixel p00 = source.at(x, y), p01 = source.at(x + 1, y);
    const Pixel p10 = source.at(x, y + 1), p11 = source.at(x + 1, y + 1);
    for (int c = 0; c < T::kChannels; ++c) {
      const float a = T::channel(p00, c), b = T::channel(p10, c);
      const float upper = fmaf(fx, T::channel(p01, c) - a, a), lower = fmaf(fx, T::channel(p11, c) - b, b);
      sum[c] += fmaf(fy, lower - upper, upper);
    }
  }
}

template <class Pixel, class Source>
__global__ void __launch_bounds__(256) crop(Source source, const Matrix* matrices, int size, int taps, float* out) {
  constexpr int kChannels = Traits<Pixel>::kChannels;
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= size || y >= size) return;
  const float* m = matrices[blockIdx.z].m;
  const float step = 1.0f / static_cast<float>(taps);
  float sum[kChannels] = {};
  for (int j = 0; j < taps; ++j) {
    const float oy = fmaf(static_cast<float>(j) + 0.5f, step, static_cast<float>(y));
    const float row_u = fmaf(m[1], oy, m[2]) - 0.5f, row_v = fmaf(m[4], oy, m[5]) - 0.5f;
    for (int i = 0; i < taps; ++i) {
      const float ox = fmaf(static_cast<float>(i) + 0.5f, step, static_cast<float>(x));
      add_tap<Pixel>(source, fmaf(m[0], ox, row_u), fmaf(m[3], ox, row_v), sum);
    }
  }
  const size_t plane = static_cast<size_t>(size) * size;
  float* to = out + blockIdx.z * kChannels * plane + static_cast<size_t>(y) * size + x;
  for (int c = 0; c < kChannels; ++c) to[c * plane] = fmaf(sum[c], step * step / kGreyLevels, -2.0f);
}

// Turned faces, 80 to 400 pixels wide, all over the frame: bench.py's face_matrices.
std::vector<Matrix> faces(int count, int size) {
  std::mt19937 random(0);
  auto uniform = [&](double from, double to) { return std::uniform_real_distribution<double>(from, to)(random); };
  std::vector<Matrix> matrices;
  for (int n = 0; n < count; ++n) {
    const double angle = uniform(-0.4, 0.4), side = uniform(80, 400);
    const double x = uniform(200, kWidth - 200), y = uniform(200, kHeight - 200);
    const double a = side / size * std::cos(angle), b = side / size * std::sin(angle), half = size / 2.0;
    const double values[6] = {a, -b, x - (a - b) * half, b, a, y - (b + a) * half};
    Matrix matrix;
    std::copy(values, values + 6, matrix.m);
    matrices.push_back(matrix);
  }
  return matrices;
}

cudaTextureObject_t texture(void* data, size_t pitch, cudaChannelFormatDesc format, bool filtered) {
  cudaResourceDesc resource = {};
  resource.resType = cudaResourceTypePitch2D;
  resource.res.pitch2D.devPtr = data;
  resource.res.pitch2D.desc = format;
  resource.res.pitch2D.width = kWidth;
  resource.res.pitch2D.height = kHeight;
  resource.res.pitch2D.pitchInBytes = pitch;
  cudaTextureDesc how = {};
  how.addressMode[0] = how.addressMode[1] = cudaAddressModeClamp;
  how.filterMode = filtered ? cudaFilterModeLinear : cudaFilterModePoint;
  how.readMode = filtered ? cudaReadModeNormalizedFloat : cudaReadModeElementType;
  cudaTextureObject_t made = 0;
  CHECK(cudaCreateTextureObject(&made, &resource, &how, nullptr));
  return made;
}

template <class Pixel>
class Case {
 public:
  Case(const char* color, const uint8_t* frame, size_t pitch, cudaTextureObject_t point, cudaTextureObject_t filtered)
      : color_(color), plain_{frame, pitch}, point_{point}, filtered_{filtered} {
    CHECK(cudaEventCreate(&start_));
    CHECK(cudaEventCreate(&end_));
  }

  // One object of the list; false when plain loads and point sampling differ.
  bool run(int count, int size, int taps, bool first) {
    const std::vector<Matrix> matrices = faces(count, size);
    const size_t values = static_cast<size_t>(count) * Traits<Pixel>::kChannels * size * size;
    Matrix* table = nullptr;
    float* out = nullptr;
    CHECK(cudaMalloc(&table, count * sizeof(Matrix)));
    CHECK(cudaMemcpy(table, matrices.data(), count * sizeof(Matrix), cudaMemcpyHostToDevice));
    CHECK(cudaMalloc(&out, values * sizeof(float)));
    std::vector<float> results[3];
    double seconds[3] = {1e9, 1e9, 1e9};
    for (int row = 0; row < kRows; ++row) {  // in turns, so that a change of clocks meets all
      time(plain_, table, count, size, taps, out, &seconds[0], &results[0], values);
      time(point_, table, count, size, taps, out, &seconds[1], &results[1], values);
      time(filtered_, table, count, size, taps, out, &seconds[2], &results[2], values);
    }
    CHECK(cudaFree(table));
    CHECK(cudaFree(out));
    float difference = 0;
    for (size_t i = 0; i < values; ++i) {
      difference = std::max(difference, std::fabs(results[0][i] - results[2][i]) * kGreyLevels);
    }
    std::printf(
        "%s\n{\"color\": \"%s\", \"crops\": %d, \"size\": %d, \"taps\": %d, \"plain\": %.9f, \"texture\": %.9f, "
        "\"filtered\": %.9f, \"difference\": %.4f}",
        first ? "" : ",", color_, count, size, taps, seconds[0], seconds[1], seconds[2], difference);
    return results[0] == results[1];
  }

 private:
  template <class Source>
  void time(const Source& source, const Matrix* table, int count, int size, int taps, float* out, double* least,
            std::vector<float>* result, size_t values) {
    const dim3 block(32, 8), grid((size + 31) / 32, (size + 7) / 8, count);
    CHECK(cudaMemset(out, 0, values * sizeof(float)));
    crop<Pixel><<<grid, block>>>(source, table, size, taps, out);  // the warm-up, and what is compared
    CHECK(cudaGetLastError());
    result->resize(values);
    CHECK(cudaMemcpy(result->data(), out, values * sizeof(float), cudaMemcpyDeviceToHost));
    CHECK(cudaEventRecord(start_));
    for (int n = 0; n < kLaunches; ++n) crop<Pixel><<<grid, block>>>(source, table, size, taps, out);
    CHECK(cudaEventRecord(end_));
    CHECK(cudaEventSynchronize(end_));
    float milliseconds = 0;
    CHECK(cudaEventElapsedTime(&milliseconds, start_, end_));
    *least = std::min(*least, milliseconds / 1e3 / kLaunches);
  }

  const char* color_;
  Plain<Pixel> plain_;
  Point<Pixel> point_;
  Filtered<Pixel> filtered_;
  cudaEvent_t start_, end_;
};

template <class Pixel>
bool measure(const char* color, bool first) {
  std::vector<uint8_t> noise(sizeof(Pixel) * kWidth * kHeight);
  std::mt19937 random(1);
  for (uint8_t& value : noise) value = static_cast<uint8_t>(random());
  void* frame = nullptr;
  size_t pitch = 0;
  const size_t row = sizeof(Pixel) * kWidth;
  CHECK(cudaMallocPitch(&frame, &pitch, row, kHeight));
  CHECK(cudaMemcpy2D(frame, pitch, noise.data(), row, row, kHeight, cudaMemcpyHostToDevice));
  const cudaChannelFormatDesc format = cudaCreateChannelDesc<Pixel>();
  Case<Pixel> one(color, static_cast<const uint8_t*>(frame), pitch, texture(frame, pitch, format, false),
                  texture(frame, pitch, format, true));
  bool same = true;
  for (int count : {8, 64}) {
    for (int size : {112, 224}) {
      for (int taps : {1, 2}) {
        same &= one.run(count, size, taps, first);
        first = false;
      }
    }
  }
  CHECK(cudaFree(frame));
  return same;
}

}  // namespace

int main() {
  std::printf("[");
  const bool gray = measure<unsigned char>("gray", true), bgra = measure<uchar4>("bgra", false);
  std::printf("\n]\n");
  if (gray && bgra) return 0;
  std::fprintf(stderr, "plain loads and point-sampled textures differ\n");
  return 1;
}
