// What a task must meet before it is launched; shared by the kernels' entries and their host loops.
#pragma once

#include <stdexcept>
#include <string>

#include "cuda/detect_decode_body.h"

namespace edgeaffect::cuda {

// std::invalid_argument, which pybind11 turns into ValueError.
constexpr int kMaxItems = 65535;  // of a launch: the third dimension of a grid

inline void require(bool met, const std::string& message) {
  if (!met) throw std::invalid_argument(message);
}

inline void check_task(const CropTask& t) {
  require(t.count >= 0 && t.count <= kMaxItems,
          "a launch takes 0.." + std::to_string(kMaxItems) + " crops; got " + std::to_string(t.count));
  require(t.width >= 1 && t.height >= 1 && t.width <= kMaxFrameSide && t.height <= kMaxFrameSide,
          "size is " + std::to_string(t.width) + "x" + std::to_string(t.height) + "; each side must be 1.." +
              std::to_string(kMaxFrameSide));
  require(t.count == 0 || (t.frames && t.items && t.out), "a launch needs a frame table, items and an output");
}

// `spare_log2` on a GPU that holds so many threads at a time; see Note [Parts]. A few times as many as it holds: some
// faces have a hundred times the taps of others, and small pieces fill the gaps.
inline int spare_log2(const CropTask& t, int64_t threads) {
  int log2 = 0;
  while (log2 < kMostPartsLog2 && int64_t{t.count} * t.width * t.height << (log2 + 1) <= 4 * threads) ++log2;
  return log2;
}

inline void check_task(const DecodeTask& t) {
  require(t.map_count >= 1 && t.map_count <= kMaxMaps,
          "a detector has 1.." + std::to_string(kMaxMaps) + " strides; got " + std::to_string(t.map_count));
  require(t.top_k >= 1 && t.top_k <= kMaxTopK,
          "on a GPU top_k must be 1.." + std::to_string(kMaxTopK) + "; got " + std::to_string(t.top_k));
  require(t.max_faces >= 1 && t.max_faces <= t.top_k,
          "max_faces must be 1..top_k (" + std::to_string(t.top_k) + "); got " + std::to_string(t.max_faces));
  require(t.frame_count >= 1 && t.letterboxes && t.faces && t.counts,
          "decoding needs at least one frame, its letterbox and an output");
  for (int m = 0; m < t.map_count; ++m) {
    require(t.maps[m].data && t.maps[m].height >= 1 && t.maps[m].width >= 1 && t.maps[m].stride > 0,
            "detector map " + std::to_string(m) + " is empty");
  }
}

}  // namespace edgeaffect::cuda
