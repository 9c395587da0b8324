// One block of the decode kernel as 1024 real threads with a real barrier, for ThreadSanitizer. See Note [Blocks] in
// csrc/cuda/hd.h. Built with -DDROP_SYNC every sync() is left out: then a race must be found.
//
// Prints the number of faces; ends with 1 when the result differs from that of a serial loop.
#include <pthread.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "cuda/detect_decode_body.h"

using namespace edgeaffect::cuda;

namespace {

pthread_barrier_t barrier;

struct ThreadBlock {
  int thread;
  template <class F>
  void each(F f) {
    f(thread);
    pthread_barrier_wait(&barrier);
  }
  void sync() {
#ifndef DROP_SYNC
    pthread_barrier_wait(&barrier);
#endif
  }
};

struct SerialBlock {
  template <class F>
  void each(F f) {
    for (int thread = 0; thread < kDecodeThreads; ++thread) f(thread);
  }
  void sync() {}
};

// Random maps in which every cell of the first is a candidate, more than fit at once.
std::vector<std::vector<float>> random_maps(const int (&sides)[3]) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> maps;
  for (int side : sides) {
    std::vector<float> map(static_cast<size_t>(kMapChannels) * side * side);
    for (float& value : map) value = normal(random);
    for (int i = 0; i < side * side; ++i) {
      map[i] += 3;
      for (int k = 1; k < 5; ++k) map[static_cast<size_t>(k) * side * side + i] = 1 + 0.5f * k;
    }
    maps.push_back(map);
  }
  return maps;
}

}  // namespace

int main() {
  const int sides[3] = {40, 20, 10}, strides[3] = {8, 16, 32};
  const auto maps = random_maps(sides);
  constexpr int kFaces = 12;
  CropItem letterbox{};
  const float identity[6] = {1, 0, 0, 0, 1, 0};
  plan_item(identity, 0, edgeaffect::PixelFormat::kBgr, &letterbox);
  DecodeTask task{};
  task.map_count = 3;
  for (int m = 0; m < 3; ++m) task.maps[m] = {maps[m].data(), sides[m], sides[m], static_cast<float>(strides[m])};
  task.frame_count = 1;
  task.iou_threshold = 0.4f;
  task.top_k = 400;
  task.max_faces = kFaces;
  task.region[2] = task.region[3] = 320;
  task.letterboxes = &letterbox;

  std::vector<float> faces[2];
  int counts[2] = {};
  for (int run = 0; run < 2; ++run) {
    faces[run].assign(kFaces * kFaceValues, -7);
    DecodeTask mine = task;
    mine.faces = faces[run].data();
    mine.counts = &counts[run];
    auto shared = std::make_unique<DecodeShared>();
    std::memset(static_cast<void*>(shared.get()), 0xa5, sizeof(DecodeShared));
    if (run == 0) {
      SerialBlock block;
      decode_frame(block, *shared, mine, 0);
      continue;
    }
    pthread_barrier_init(&barrier, nullptr, kDecodeThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kDecodeThreads; ++t) {
      threads.emplace_back([&, t] {
        ThreadBlock block{t};
        decode_frame(block, *shared, mine, 0);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::printf("%d faces\n", counts[1]);
  const bool same = counts[0] == counts[1] && faces[0] == faces[1];
  return same && counts[0] == kFaces ? 0 : 1;
}
