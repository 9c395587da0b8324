// The crop kernel's body on frames that end where their memory ends, for AddressSanitizer and UBSan: every format and
// element, sizes down to one pixel, positive and negative strides, matrices that look far outside or shrink a lot.
// Built with -DWIDER the frames claim one more column than they have: then a read out of bounds must be found.
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>

#include "crop_pixel.h"

using edgeaffect::Element;
using edgeaffect::Frame;
using edgeaffect::PixelFormat;
using namespace edgeaffect::cuda;

namespace {

constexpr int kBytes[] = {3, 3, 4, 1, 1, 2};  // per pixel of the first plane, by PixelFormat

template <PixelFormat kFormat, class T>
void crop(const Frame& frame, const float* matrix, int width, int height, bool nhwc, bool replicate) {
  CropItem item{};
  if (!plan_item(matrix, 0, kFormat, &item)) return;
  CropTask task{};
  task.frames = &frame;
  task.items = &item;
  task.count = 1;
  task.width = width;
  task.height = height;
  task.channels = 3;
  task.format = kFormat;
  task.nhwc = nhwc;
  task.replicate = replicate;
  task.spare_log2 = width % 4;
  for (int c = 0; c < 3; ++c) task.color.a[c][c] = 1;
  const std::unique_ptr<T[]> out(new T[3 * static_cast<size_t>(width) * height]);
  task.out = out.get();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) crop_pixel<kFormat, T>(task, 0, x, y);
  }
}

template <PixelFormat kFormat>
void round(std::mt19937& random) {
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  const bool even_x = kFormat == PixelFormat::kNv12 || kFormat == PixelFormat::kYuyv;
  Frame frame;
  frame.format = kFormat;
  frame.width = even_x ? 2 * pick(1, 9) : pick(1, 17);
  frame.height = kFormat == PixelFormat::kNv12 ? 2 * pick(1, 9) : pick(1, 17);
  const ptrdiff_t row = static_cast<ptrdiff_t>(frame.width) * kBytes[static_cast<int>(kFormat)];
  frame.stride = row + pick(0, 5);
  const std::unique_ptr<uint8_t[]> data(new uint8_t[frame.stride * (frame.height - 1) + row]());
  frame.data = data.get();
  if (pick(0, 1)) {
    frame.data += frame.stride * (frame.height - 1);
    frame.stride = -frame.stride;
  }
  std::unique_ptr<uint8_t[]> uv;
  if (kFormat == PixelFormat::kNv12) {
    frame.uv_stride = frame.width + pick(0, 3);
    uv.reset(new uint8_t[frame.uv_stride * (frame.height / 2 - 1) + frame.width]());
    frame.uv = uv.get();
  }
#ifdef WIDER
  frame.width += even_x ? 2 : 1;
#endif
  std::uniform_real_distribution<float> real(-1, 1);
  const float zoom = std::exp2(6 * real(random)), far = pick(0, 4) ? 30.0f : 1e30f;
  const float matrix[6] = {zoom * real(random), zoom * real(random), far * real(random),
                           zoom * real(random), zoom * real(random), far * real(random)};
  const int width = pick(1, 9), height = pick(1, 9);
  const float upright[6] = {static_cast<float>(frame.width) / width,
                            0,
                            0.1f * real(random),
                            0,
                            static_cast<float>(frame.height) / height,
                            0.1f * real(random)};
  crop<kFormat, float>(frame, upright, width, height, pick(0, 1), pick(0, 1));
  crop<kFormat, float>(frame, matrix, width, height, pick(0, 1), pick(0, 1));
  crop<kFormat, uint16_t>(frame, matrix, width, height, pick(0, 1), pick(0, 1));
  crop<kFormat, int8_t>(frame, matrix, width, height, pick(0, 1), pick(0, 1));
}

}  // namespace

int main() {
  std::mt19937 random(3);
  for (int i = 0; i < 150; ++i) {
    round<PixelFormat::kBgr>(random);
    round<PixelFormat::kBgra>(random);
    round<PixelFormat::kGray>(random);
    round<PixelFormat::kNv12>(random);
    round<PixelFormat::kYuyv>(random);
  }
  std::puts("in bounds");
}
