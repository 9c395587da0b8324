// The body of the detector's decode kernel: one thread block per frame does everything from logits to faces.
// Contract: detect/detect_decode.h, with top_k limited to kMaxTopK, and then
// 5. Points go from detector-input to frame pixels by the letterbox's matrix.
// 6. A face whose centre lies outside the region that was looked at (in the letterbox's padding) is marked kOutside.
// See Note [Blocks] in hd.h.
#pragma once

#include <cmath>

#include "cuda/crop_normalize_body.h"

namespace edgeaffect::cuda {

constexpr int kMaxMaps = 4;
constexpr int kMaxTopK = 1024;
constexpr int kDecodeThreads = 1024;
constexpr int kMapChannels = 15;  // logit, distances to four sides, five landmarks x y
constexpr int kFaceValues = 16;   // box x0 y0 x1 y1, score, five landmarks x y, state
constexpr int kState = 15;        // index of the state among the values of a face:
constexpr float kOutside = 0;     // not centred in the region, to be dropped
constexpr float kGood = 1;
constexpr int kBroken = -1;      // count of a frame whose maps held NaN or infinity

struct DetectMap {
  const float* data;  // device, [frames, kMapChannels, height, width]
  int height;
  int width;
  float stride;
};

struct DecodeTask {
  DetectMap maps[kMaxMaps];
  int map_count;
  int frame_count;
  float logit_threshold;
  float iou_threshold;
  int top_k;
  int max_faces;
  float region[4];              // x0, y0, x1, y1 in frame pixels
  const CropItem* letterboxes;  // device, [frame_count]: what the detector's input was cropped with
  float* faces;                 // device, [frame_count, max_faces, kFaceValues], zero beyond the count
  int* counts;                  // device, [frame_count], or kBroken
};

// Shared memory of one block.
struct DecodeShared {
  uint64_t keys[2 * kMaxTopK];  // see candidate_key; the best kMaxTopK stay while the maps are walked
  float boxes[kMaxTopK][4];     // detector-input pixels
  uint32_t alive[kMaxTopK / 32];
  int kept[kMaxTopK];
  int count;
  int broken;
};

// Falls with the logit, and among equal logits with the cell's index over all maps; never 0.
EDGEAFFECT_HD uint64_t candidate_key(float logit, uint32_t cell) {
  const uint32_t bits = float_bits(logit + 0.0f);  // -0 and 0 tie
  const uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return static_cast<uint64_t>(ordered) << 32 | (0xffffffffu - cell);
}

EDGEAFFECT_HD float overlap(const float* a, const float* b) {
  const float width = fminf(a[2], b[2]) - fmaxf(a[0], b[0]), height = fminf(a[3], b[3]) - fmaxf(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  const float area_a = fmaxf(a[2] - a[0], 0.0f) * fmaxf(a[3] - a[1], 0.0f);
  const float area_b = fmaxf(b[2] - b[0], 0.0f) * fmaxf(b[3] - b[1], 0.0f);
  return both / (area_a + area_b - both);
}

struct Cell {
  const float* values;  // channel 0; the next channel lies `plane` floats further
  size_t plane;
  float x, y;  // centre
  float stride;
  float logit;
};

EDGEAFFECT_HD Cell find_cell(const DecodeTask& t, int frame, uint64_t key) {
  int cell = static_cast<int>(0xffffffffu - static_cast<uint32_t>(key));
  int m = 0;
  for (; cell >= t.maps[m].height * t.maps[m].width; ++m) cell -= t.maps[m].height * t.maps[m].width;
  const DetectMap& map = t.maps[m];
  const size_t plane = static_cast<size_t>(map.height) * map.width;
  const float* values = map.data + static_cast<size_t>(frame) * kMapChannels * plane + cell;
  return {values,
          plane,
          (static_cast<float>(cell % map.width) + 0.5f) * map.stride,
          (static_cast<float>(cell / map.width) + 0.5f) * map.stride,
          map.stride,
          values[0]};
}

EDGEAFFECT_HD float box_value(const Cell& cell, int k) {
  const float distance = cell.values[(1 + k) * cell.plane] * cell.stride;
  const float center = k % 2 == 0 ? cell.x : cell.y;
  return k < 2 ? center - distance : center + distance;
}

EDGEAFFECT_HD float landmark_value(const Cell& cell, int k) {
  return (k % 2 == 0 ? cell.x : cell.y) + cell.values[(5 + k) * cell.plane] * cell.stride;
}

// Sorts the first s.count keys, highest first (bitonic), and drops what exceeds `limit`.
template <class Block>
EDGEAFFECT_HD void sort_keys(Block& block, DecodeShared& s, int limit) {
  const int count = s.count;
  block.sync();
  int size = 2;
  while (size < count) size *= 2;
  block.each([&](int thread) {
    for (int i = count + thread; i < size; i += kDecodeThreads) s.keys[i] = 0;
    if (thread == 0 && count > limit) s.count = limit;
  });
  for (int run = 2; run <= size; run *= 2) {
    for (int gap = run / 2; gap > 0; gap /= 2) {
      block.each([&](int thread) {
        if (thread >= size / 2) return;
        const int i = 2 * thread - (thread & (gap - 1)), j = i + gap;
        const bool falling = (i & run) == 0;
        const uint64_t a = s.keys[i], b = s.keys[j];
        if ((a < b) == falling) {
          s.keys[i] = b;
          s.keys[j] = a;
        }
      });
    }
  }
}

// Calls f(cell, logit) for this thread's cells of one frame, which are numbered over all maps.
template <class F>
EDGEAFFECT_HD void each_cell(const DecodeTask& t, int frame, int thread, F f) {
  int before = 0;
  for (int m = 0; m < t.map_count; ++m) {
    const int cells = t.maps[m].height * t.maps[m].width;
    const float* logits = t.maps[m].data + static_cast<size_t>(frame) * kMapChannels * cells;
    EDGEAFFECT_UNROLL(4)  // loads in flight
    for (int cell = thread; cell < cells; cell += kDecodeThreads) f(before + cell, logits[cell]);
    before += cells;
  }
}

// Steps 1 and 2 where all candidates fit into s.keys, as they nearly always do: one walk without a stop. Leaves the sorted
// candidates in s.keys and their number in s.count; false when there are more, and then s.broken alone holds.
template <class Block>
EDGEAFFECT_HD bool collect_few(Block& block, DecodeShared& s, const DecodeTask& t, int frame) {
  block.each([&](int thread) {
    if (thread == 0) s.count = s.broken = 0;
  });
  block.each([&](int thread) {
    each_cell(t, frame, thread, [&](int cell, float logit) {
      if (!is_finite(logit)) return raise_flag(&s.broken);
      if (logit < t.logit_threshold) return;
      const int place = fetch_add(&s.count);
      if (place < 2 * kMaxTopK) s.keys[place] = candidate_key(logit, static_cast<uint32_t>(cell));
    });
  });
  if (s.count > 2 * kMaxTopK) return false;
  sort_keys(block, s, t.top_k);
  return true;
}

// The same for any number: the best kMaxTopK stay while the maps are walked.
template <class Block>
EDGEAFFECT_HD void collect_many(Block& block, DecodeShared& s, const DecodeTask& t, int frame) {
  block.sync();  // between what others read of s.count and the next write to it
  block.each([&](int thread) {
    if (thread == 0) s.count = s.broken = 0;
  });
  int before = 0;
  for (int m = 0; m < t.map_count; ++m) {
    const DetectMap& map = t.maps[m];
    const int cells = map.height * map.width;
    const float* logits = map.data + static_cast<size_t>(frame) * kMapChannels * cells;
    for (int begin = 0; begin < cells; begin += kDecodeThreads) {
      block.each([&](int thread) {
        const int cell = begin + thread;
        if (cell >= cells) return;
        const float logit = logits[cell];
        if (!is_finite(logit)) return raise_flag(&s.broken);
        if (logit < t.logit_threshold) return;
        s.keys[fetch_add(&s.count)] = candidate_key(logit, static_cast<uint32_t>(before + cell));
      });
      const bool full = s.count > kMaxTopK;  // the next round may add kDecodeThreads
      block.sync();
      if (full) sort_keys(block, s, kMaxTopK);
    }
    before += cells;
  }
  sort_keys(block, s, t.top_k);
}

// Step 3: s.kept[0 .. result) are the survivors. Greedy, one round per face that is kept: with a fixed, small
// max_faces that is less work than the all-pairs bitmask.
template <class Block>
EDGEAFFECT_HD int suppress(Block& block, DecodeShared& s, const DecodeTask& t) {
  const int count = s.count;
  block.each([&](int thread) {
    if (thread >= kMaxTopK / 32) return;
    const int left = count - 32 * thread;
    s.alive[thread] = left >= 32 ? 0xffffffffu : (left > 0 ? (1u << left) - 1 : 0u);
  });
  int kept = 0;
  for (int word = 0; 32 * word < count && kept < t.max_faces;) {
    const uint32_t bits = s.alive[word];
    block.sync();
    if (bits == 0) {
      ++word;
      continue;
    }
    const int best = 32 * word + lowest_bit(bits);
    block.each([&](int thread) {
      if (thread == best) {
        s.kept[kept] = best;
        clear_bits(&s.alive[thread / 32], 1u << thread % 32);
      } else if (thread > best && thread < count && overlap(s.boxes[best], s.boxes[thread]) > t.iou_threshold) {
        clear_bits(&s.alive[thread / 32], 1u << thread % 32);
      }
    });
    ++kept;
  }
  return kept;
}

EDGEAFFECT_HD bool in_region(const DecodeTask& t, const float* box) {
  const float x = 0.5f * (box[0] + box[2]), y = 0.5f * (box[1] + box[3]);
  return x >= t.region[0] && y >= t.region[1] && x <= t.region[2] && y <= t.region[3];
}

// Steps 4 to 6 for one face, which becomes row `row` of its frame.
EDGEAFFECT_HD void emit_face(const DecodeTask& t, const DecodeShared& s, int frame, int rank, int row) {
  const Cell cell = find_cell(t, frame, s.keys[rank]);
  const float* m = t.letterboxes[frame].matrix;
  float* face = t.faces + (static_cast<size_t>(frame) * t.max_faces + row) * kFaceValues;
  for (int k = 0; k < 4; k += 2) {
    const float x = s.boxes[rank][k], y = s.boxes[rank][k + 1];
    face[k] = m[0] * x + m[1] * y + m[2];
    face[k + 1] = m[3] * x + m[4] * y + m[5];
  }
  face[4] = 1.0f / (1.0f + expf(-cell.logit));
  for (int k = 0; k < 10; k += 2) {
    const float x = landmark_value(cell, k), y = landmark_value(cell, k + 1);
    face[5 + k] = m[0] * x + m[1] * y + m[2];
    face[6 + k] = m[3] * x + m[4] * y + m[5];
  }
  face[kState] = in_region(t, face) ? kGood : kOutside;
}

template <class Block>
EDGEAFFECT_HD void decode_frame(Block& block, DecodeShared& s, const DecodeTask& t, int frame) {
  if (!collect_few(block, s, t, frame)) collect_many(block, s, t, frame);
  block.each([&](int thread) {
    if (thread >= s.count) return;
    const Cell cell = find_cell(t, frame, s.keys[thread]);
    bool finite = true;
    for (int k = 0; k < 4; ++k) finite &= is_finite(s.boxes[thread][k] = box_value(cell, k));
    for (int k = 0; k < 10; ++k) finite &= is_finite(landmark_value(cell, k));
    if (!finite) raise_flag(&s.broken);
  });
  const bool broken = s.broken != 0;  // nothing writes it any more
  const int kept = broken ? 0 : suppress(block, s, t);
  block.each([&](int thread) {
    if (thread == 0) t.counts[frame] = broken ? kBroken : kept;
    if (thread >= t.max_faces) return;
    if (thread < kept) return emit_face(t, s, frame, s.kept[thread], thread);
    float* face = t.faces + (static_cast<size_t>(frame) * t.max_faces + thread) * kFaceValues;
    for (int k = 0; k < kFaceValues; ++k) face[k] = 0;
  });
}

}  // namespace edgeaffect::cuda
