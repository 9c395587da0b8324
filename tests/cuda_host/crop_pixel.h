// What the threads of crop_kernel do for one output pixel, one after the other.
#pragma once

#include "cuda/crop_normalize_body.h"

namespace edgeaffect::cuda {

template <PixelFormat kFormat, class T>
void crop_pixel(const CropTask& task, int n, int x, int y) {
  const CropItem& item = task.items[n];
  if (item.frame < 0) return;
  const int parts = 1 << parts_log2(task, item);
  float samples[3] = {};
  for (int part = 0; part < parts; ++part) {
    float share[3] = {};
    sample_frame<kFormat>(task, item, x, y, {part, parts}, share);
    for (int c = 0; c < 3; ++c) samples[c] += share[c];
  }
  for (int part = 0; part < parts; ++part) write_pixel<T>(task, n, x, y, {part, parts}, samples);
}

}  // namespace edgeaffect::cuda
