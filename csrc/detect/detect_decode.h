// Anchor-free face detector outputs -> boxes, scores, landmarks; greedy non-maximum suppression.
//
// Contract. Each output map is [15, height, width], contiguous float32, of one stride s. The cell (row i, column j)
// has its centre at ((j + 0.5) s, (i + 0.5) s) in detector-input pixels (pixel centres at +0.5). Channels:
//   0       score logit; score = 1 / (1 + exp(-logit))
//   1..4    distances left, top, right, bottom from the centre to the box, in strides
//   5..14   five landmarks, dx then dy from the centre, in strides
// 1. Cells with score >= score_threshold are candidates (compared in the logit domain).
// 2. The top_k candidates of highest score are kept, ties by order: map, row, column.
// 3. Greedy NMS: by falling score, a box is dropped when its IoU with a kept one is > iou_threshold. A box
//    of zero area has IoU 0 with everything.
// 4. At most max_faces are returned, by falling score.
#pragma once

#include <cstddef>
#include <vector>

namespace edgeaffect {

// Suppression compares pairs: more boxes would take hours, which nothing can interrupt.
constexpr int kMaxCandidates = 100'000;
constexpr int kMaxStride = 1 << 16;
constexpr int kMaxMapCells = 1 << 26;

struct StrideMap {
  const float* data;  // [15, height, width]
  int height;
  int width;
  float stride;  // detector-input pixels per cell
};

struct DecodeParams {
  float score_threshold;  // in (0, 1)
  float iou_threshold;    // in [0, 1]
  int top_k;  // at most kMaxCandidates
  int max_faces;
};

struct Detection {
  float score;
  float box[4];         // x0, y0, x1, y1 in detector-input pixels
  float landmarks[10];  // x, y of five points, likewise
};

// Throws std::invalid_argument when a score logit, or a value of a candidate, is NaN or infinite.
std::vector<Detection> decode_faces(const std::vector<StrideMap>& maps, const DecodeParams& params);

// Indices of the kept boxes by falling score (ties: lower index first). `boxes` is [count, 4], count at most
// kMaxCandidates.
std::vector<size_t> nms(const float* boxes, const float* scores, size_t count, float iou_threshold);

}  // namespace edgeaffect
