#include "detect/detect_decode.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace edgeaffect {
namespace {

constexpr int kLandmarkValues = 10;

struct Candidate {
  float logit;
  int map;
  int cell;
};

float area(const float* box) { return std::max(box[2] - box[0], 0.0f) * std::max(box[3] - box[1], 0.0f); }

float intersection_over_union(const float* a, const float* b) {
  const float width = std::min(a[2], b[2]) - std::max(a[0], b[0]);
  const float height = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / (area(a) + area(b) - both);
}

// Greedy suppression over boxes that come in order of falling score; box_at(i) is the i-th box.
template <class BoxAt>
std::vector<size_t> suppress(size_t count, float iou_threshold, size_t limit, BoxAt box_at) {
  std::vector<size_t> kept;
  for (size_t i = 0; i < count && kept.size() < limit; ++i) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](size_t k) {
      return intersection_over_union(box_at(k), box_at(i)) > iou_threshold;
    });
    if (!overlaps) kept.push_back(i);
  }
  return kept;
}

std::string place(const Candidate& c, const StrideMap& map) {
  return "stride " + std::to_string(static_cast<int>(map.stride)) + ", row " + std::to_string(c.cell / map.width) +
         ", column " + std::to_string(c.cell % map.width);
}

Detection decode(const Candidate& c, const StrideMap& map) {
  const size_t plane = static_cast<size_t>(map.height) * map.width;
  const float* values = map.data + c.cell;
  const float cx = (static_cast<float>(c.cell % map.width) + 0.5f) * map.stride;
  const float cy = (static_cast<float>(c.cell / map.width) + 0.5f) * map.stride;
  Detection d{};
  d.score = 1.0f / (1.0f + std::exp(-c.logit));
  for (int k = 0; k < 4; ++k) {
    const float distance = values[(1 + k) * plane] * map.stride;
    const float centre = k % 2 == 0 ? cx : cy;
    d.box[k] = k < 2 ? centre - distance : centre + distance;
    if (!std::isfinite(d.box[k])) throw std::invalid_argument("a box value is not finite at " + place(c, map));
  }
  for (int k = 0; k < kLandmarkValues; ++k) {
    d.landmarks[k] = (k % 2 == 0 ? cx : cy) + values[(5 + k) * plane] * map.stride;
    if (!std::isfinite(d.landmarks[k])) {
      throw std::invalid_argument("a landmark value is not finite at " + place(c, map));
    }
  }
  return d;
}

}  // namespace

std::vector<Detection> decode_faces(const std::vector<StrideMap>& maps, const DecodeParams& params) {
  const float threshold = std::log(params.score_threshold / (1.0f - params.score_threshold));
  std::vector<Candidate> candidates;
  for (size_t m = 0; m < maps.size(); ++m) {
    const int cells = maps[m].height * maps[m].width;
    for (int cell = 0; cell < cells; ++cell) {
      const float logit = maps[m].data[cell];
      if (logit < threshold) continue;
      const Candidate c{logit, static_cast<int>(m), cell};
      if (!std::isfinite(logit)) {
        throw std::invalid_argument("the score logit is not finite at " + place(c, maps[m]));
      }
      candidates.push_back(c);
    }
  }
  // Candidates arrive in the order map, row, column: a stable sort keeps that order among ties.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.logit > b.logit; });
  if (candidates.size() > static_cast<size_t>(params.top_k)) candidates.resize(params.top_k);

  std::vector<Detection> decoded;
  decoded.reserve(candidates.size());
  for (const Candidate& c : candidates) decoded.push_back(decode(c, maps[c.map]));
  const auto kept = suppress(decoded.size(), params.iou_threshold, static_cast<size_t>(params.max_faces),
                             [&](size_t i) { return decoded[i].box; });
  std::vector<Detection> faces;
  faces.reserve(kept.size());
  for (size_t i : kept) faces.push_back(decoded[i]);
  return faces;
}

std::vector<size_t> nms(const float* boxes, const float* scores, size_t count, float iou_threshold) {
  for (size_t i = 0; i < count; ++i) {
    if (!std::isfinite(scores[i]) ||
        !std::all_of(boxes + 4 * i, boxes + 4 * i + 4, [](float v) { return std::isfinite(v); })) {
      throw std::invalid_argument("boxes and scores must be finite; entry " + std::to_string(i) + " is not");
    }
  }
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<size_t> kept = suppress(count, iou_threshold, count, [&](size_t i) { return boxes + 4 * order[i]; });
  for (size_t& i : kept) i = order[i];
  return kept;
}

}  // namespace edgeaffect
