// decode_faces and nms with any maps, boxes and thresholds: kept faces are finite, sorted, above the threshold and no more than
// was asked for; what they keep overlaps no better one.
#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

#include "detect/detect_decode.h"
#include "fuzz/fuzz.h"

namespace {

constexpr int kChannels = 15;

float value(FuzzedDataProvider& data) {
  if (data.ConsumeIntegralInRange(0, 15) == 0) return data.ConsumeFloatingPoint<float>();  // any bits
  return static_cast<float>(data.ConsumeIntegral<int8_t>()) / 8;
}

double overlap(const float* a, const float* b) {
  const double width = static_cast<double>(std::min(a[2], b[2])) - std::max(a[0], b[0]);
  const double height = static_cast<double>(std::min(a[3], b[3])) - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const auto area = [](const float* box) {
    return std::max(0.0, static_cast<double>(box[2]) - box[0]) * std::max(0.0, static_cast<double>(box[3]) - box[1]);
  };
  return width * height / (area(a) + area(b) - width * height);
}

void decode(FuzzedDataProvider& data) {
  std::vector<std::unique_ptr<float[]>> planes;
  std::vector<edgeaffect::StrideMap> maps;
  for (int n = data.ConsumeIntegralInRange(0, 3); n > 0; --n) {
    const int height = data.ConsumeIntegralInRange(0, 5), width = data.ConsumeIntegralInRange(0, 5);
    const size_t size = static_cast<size_t>(kChannels) * height * width;
    planes.push_back(std::make_unique<float[]>(size));
    for (size_t i = 0; i < size; ++i) planes.back()[i] = data.remaining_bytes() ? value(data) : 0;
    maps.push_back({planes.back().get(), height, width,
                    static_cast<float>(data.ConsumeIntegralInRange(1, edgeaffect::kMaxStride))});
  }
  const edgeaffect::DecodeParams params{
      data.ConsumeFloatingPointInRange<float>(0, 1), data.ConsumeFloatingPointInRange<float>(0, 1),
      data.ConsumeIntegralInRange(1, data.ConsumeBool() ? 8 : edgeaffect::kMaxCandidates),
      data.ConsumeIntegralInRange(1, data.ConsumeBool() ? 4 : 1 << 30)};
  std::vector<edgeaffect::Detection> faces;
  try {
    faces = edgeaffect::decode_faces(maps, params);
  } catch (const std::invalid_argument&) {
    return;
  }
  FUZZ_CHECK(faces.size() <= static_cast<size_t>(params.max_faces) &&
             faces.size() <= static_cast<size_t>(params.top_k));
  for (size_t i = 0; i < faces.size(); ++i) {
    const edgeaffect::Detection& face = faces[i];
    FUZZ_CHECK(std::isfinite(face.score) && face.score >= 0 && face.score <= 1);
    // The comparison is made in the logit domain; 1e-6 is a rounding of either side.
    FUZZ_CHECK(face.score >= params.score_threshold - 1e-6F);
    FUZZ_CHECK(i == 0 || faces[i - 1].score >= face.score);
  }
}

void suppress(FuzzedDataProvider& data) {
  const size_t count = data.ConsumeIntegralInRange<size_t>(0, 40);
  const auto boxes = std::make_unique<float[]>(4 * count);
  const auto scores = std::make_unique<float[]>(count);
  bool plain = true;  // areas that float32 holds exactly
  for (size_t i = 0; i < 4 * count; ++i) {
    boxes[i] = value(data);
    plain = plain && std::abs(boxes[i]) <= 16;
  }
  for (size_t i = 0; i < count; ++i) scores[i] = static_cast<float>(data.ConsumeIntegral<int8_t>());
  const float iou = data.ConsumeFloatingPointInRange<float>(0, 1);
  std::vector<size_t> kept;
  try {
    kept = edgeaffect::nms(boxes.get(), scores.get(), count, iou);
  } catch (const std::invalid_argument&) {
    return;
  }
  FUZZ_CHECK(kept.size() <= count && (count == 0 || !kept.empty()));
  std::vector<bool> seen(count, false);
  for (size_t i = 0; i < kept.size(); ++i) {
    FUZZ_CHECK(kept[i] < count && !seen[kept[i]]);
    seen[kept[i]] = true;
    FUZZ_CHECK(i == 0 || scores[kept[i - 1]] >= scores[kept[i]]);
    for (size_t j = 0; plain && j < i; ++j) {
      FUZZ_CHECK(overlap(boxes.get() + 4 * kept[i], boxes.get() + 4 * kept[j]) <= iou + 1e-5);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  FuzzedDataProvider data(bytes, length);
  if (data.ConsumeBool()) {
    decode(data);
  } else {
    suppress(data);
  }
  return 0;
}
