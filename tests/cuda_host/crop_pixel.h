// What the threads of crop_kernel do for one output pixel, one after the other.
#pragma once

#include "cuda/crop_normalize_body.h"

namespace edgeaffect::cuda {

template <PixelFormat kFormat, class T>
void crop_pixel(const CropTask& task, int n, int x, int y) {
  const CropItem& item = task.items[n];
  if (item.frame < 0) return;
  const int log2 = parts_log2(task, item), parts = 1 << log2;
  float samples[3] = {};
  for (int part = 0; part < parts; ++part) {
    float share[3] = {};
    sample_frame<kFormat>(task, item, task.frames[item.frame], x, y, {part, log2}, share);
    for (int c = 0; c < 3; ++c) samples[c] += share[c];
  }
  T* out = static_cast<T*>(task.out) + n * image_size(task);
  for (int part = 0; part < parts; ++part) write_pixel(task, out, x, y, {part, log2}, samples);
}

}  // namespace edgeaffect::cuda
