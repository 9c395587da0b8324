// The launchers of csrc/*.cu as loops over grid and block. See Note [Bodies] and Note [Blocks] in csrc/cuda/hd.h.
#include "cuda/launch.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "cuda/checks.h"
#include "crop_pixel.h"

namespace edgeaffect::cuda {
namespace {

std::vector<int> thread_order(int seed) {
  std::vector<int> order(kDecodeThreads);
  std::iota(order.begin(), order.end(), 0);
  if (seed != 0) std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  return order;
}

std::vector<int> order = thread_order(0);

constexpr int64_t kThreads = 256;  // so that among the crops of the tests some are shared out and some are not

struct HostBlock {
  template <class F>
  void each(F f) {
    for (int thread : order) f(thread);
  }
  void sync() {}
};

template <PixelFormat kFormat, class T>
void loop(const CropTask& task) {
  for (int n = 0; n < task.count; ++n) {
    for (int y = 0; y < task.height; ++y) {
      for (int x = 0; x < task.width; ++x) crop_pixel<kFormat, T>(task, n, x, y);
    }
  }
}

template <PixelFormat kFormat>
void launch(const CropTask& task) {
  switch (task.element) {
    case Element::kFloat32:
      return loop<kFormat, float>(task);
    case Element::kFloat16:
      return loop<kFormat, uint16_t>(task);
    case Element::kInt8:
      return loop<kFormat, int8_t>(task);
  }
}

// All that a launch of the kernel would read and write.
void check_memory_of(const CropTask& task) {
  const size_t element = task.element == Element::kFloat32 ? 4 : task.element == Element::kFloat16 ? 2 : 1;
  check_memory(task.items, task.count * sizeof(CropItem));
  check_memory(task.out, element * task.count * task.channels * task.width * task.height);
  for (int n = 0; n < task.count; ++n) {
    if (task.items[n].frame < 0) continue;
    const Frame& f = task.frames[task.items[n].frame];
    check_memory(&f, sizeof(Frame));
    constexpr int kBytes[] = {3, 3, 4, 1, 1, 2};  // per pixel of the first plane, by PixelFormat
    for (int y : {0, f.height - 1}) check_memory(f.data + y * f.stride, f.width * kBytes[static_cast<int>(f.format)]);
    if (f.format != PixelFormat::kNv12) continue;
    for (int y : {0, f.height / 2 - 1}) check_memory(f.uv + y * f.uv_stride, f.width);
  }
}

void check_memory_of(const DecodeTask& task) {
  const size_t frames = task.frame_count;
  for (int m = 0; m < task.map_count; ++m) {
    check_memory(task.maps[m].data, frames * kMapChannels * task.maps[m].height * task.maps[m].width * sizeof(float));
  }
  check_memory(task.letterboxes, frames * sizeof(CropItem));
  check_memory(task.faces, frames * task.max_faces * kFaceValues * sizeof(float));
  check_memory(task.counts, frames * sizeof(int));
}

void launch(const CropTask& task) {
  check_memory_of(task);
  switch (task.format) {
    case PixelFormat::kBgr:
    case PixelFormat::kRgb:
      return launch<PixelFormat::kBgr>(task);
    case PixelFormat::kBgra:
      return launch<PixelFormat::kBgra>(task);
    case PixelFormat::kGray:
      return launch<PixelFormat::kGray>(task);
    case PixelFormat::kNv12:
      return launch<PixelFormat::kNv12>(task);
    case PixelFormat::kYuyv:
      return launch<PixelFormat::kYuyv>(task);
  }
}

}  // namespace

void crop_normalize(const CropTask& checked, StreamHandle stream) {
  check_task(checked);
  CropTask task = checked;
  task.spare_log2 = spare_log2(task, kThreads);
  enqueue(stream, [task] { launch(task); });
}

void decode_faces(const DecodeTask& task, StreamHandle stream) {
  check_task(task);
  enqueue(stream, [task] {
    check_memory_of(task);
    for (int frame = 0; frame < task.frame_count; ++frame) {
      auto shared = std::make_unique<DecodeShared>();
      // Shared memory starts with anything in it.
      std::memset(static_cast<void*>(shared.get()), 0xa5, sizeof(DecodeShared));
      HostBlock block;
      decode_frame(block, *shared, task, frame);
    }
  });
}

}  // namespace edgeaffect::cuda

// For the tests, through ctypes.
extern "C" {

// Order in which a block's threads run between two barriers: 0 is ascending, anything else shuffles.
__attribute__((visibility("default"))) void edgeaffect_set_thread_order(int seed) {
  edgeaffect::cuda::order = edgeaffect::cuda::thread_order(seed);
}

// Waits for a stream, as a session that works elsewhere must before it reads; 1 when that is forbidden.
__attribute__((visibility("default"))) int edgeaffect_drain(void* stream) {
  try {
    edgeaffect::cuda::drain(static_cast<edgeaffect::cuda::StreamHandle>(stream));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}

// Enqueues a function, as a session that works on the stream would enqueue its kernels.
__attribute__((visibility("default"))) void edgeaffect_enqueue(void* stream, void (*work)()) {
  edgeaffect::cuda::enqueue(static_cast<edgeaffect::cuda::StreamHandle>(stream), work);
}
}
