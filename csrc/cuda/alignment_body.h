// A detected face -> the matrix that crops it, on the device. Same formulas as edgeaffect/geometry.py, where their
// derivation stands; float instead of double (error about 2^-22 of the largest coordinate).
#pragma once

#include <cmath>

#include "cuda/hd.h"

namespace edgeaffect::cuda {

enum class AlignmentKind { kLandmarks5, kBox, kWhole };

struct Alignment {
  AlignmentKind kind;
  bool square;
  bool rotate;
  float expand;
  float shift[2];
  float template_points[10];  // x, y of five points in output pixels
  int width;                  // output pixels
  int height;
};

// Least-squares similarity from template to landmarks, without reflection.
EDGEAFFECT_HD void similarity_matrix(const Alignment& f, const float* landmarks, float* m) {
  float tx = 0, ty = 0, px = 0, py = 0;
  for (int k = 0; k < 5; ++k) {
    tx += 0.2f * f.template_points[2 * k];
    ty += 0.2f * f.template_points[2 * k + 1];
    px += 0.2f * landmarks[2 * k];
    py += 0.2f * landmarks[2 * k + 1];
  }
  float a = 0, b = 0, norm = 0;
  for (int k = 0; k < 5; ++k) {
    const float x = f.template_points[2 * k] - tx, y = f.template_points[2 * k + 1] - ty;
    const float u = landmarks[2 * k] - px, v = landmarks[2 * k + 1] - py;
    a += x * u + y * v;
    b += x * v - y * u;
    norm += x * x + y * y;
  }
  a /= norm;
  b = f.rotate ? b / norm : 0.0f;
  m[0] = m[4] = a;
  m[1] = -b;
  m[3] = b;
  m[2] = px - (a * tx - b * ty);
  m[5] = py - (b * tx + a * ty);
}

EDGEAFFECT_HD void box_matrix(const Alignment& f, const float* box, const float* landmarks, float* m) {
  float side_x = box[2] - box[0], side_y = box[3] - box[1];
  if (f.square) side_x = side_y = fmaxf(side_x, side_y);
  float cos = 1, sin = 0;
  if (f.rotate) {
    const float across = landmarks[2] - landmarks[0], down = landmarks[3] - landmarks[1];
    const float length = sqrtf(across * across + down * down);
    if (length > 0) {
      cos = across / length;
      sin = down / length;
    }
  }
  const float shift_x = side_x * f.shift[0], shift_y = side_y * f.shift[1];
  const float center_x = 0.5f * (box[0] + box[2]) + cos * shift_x - sin * shift_y;
  const float center_y = 0.5f * (box[1] + box[3]) + sin * shift_x + cos * shift_y;
  const float scale_x = side_x * f.expand / static_cast<float>(f.width);
  const float scale_y = side_y * f.expand / static_cast<float>(f.height);
  m[0] = cos * scale_x;
  m[1] = -sin * scale_y;
  m[3] = sin * scale_x;
  m[4] = cos * scale_y;
  m[2] = center_x - 0.5f * (m[0] * static_cast<float>(f.width) + m[1] * static_cast<float>(f.height));
  m[5] = center_y - 0.5f * (m[3] * static_cast<float>(f.width) + m[4] * static_cast<float>(f.height));
}

// `box` and `landmarks` in pixels of a frame of frame_width x frame_height.
EDGEAFFECT_HD void alignment_matrix(const Alignment& f, const float* box, const float* landmarks, int frame_width,
                                  int frame_height, float* m) {
  switch (f.kind) {
    case AlignmentKind::kLandmarks5:
      return similarity_matrix(f, landmarks, m);
    case AlignmentKind::kBox:
      return box_matrix(f, box, landmarks, m);
    case AlignmentKind::kWhole:
      m[0] = static_cast<float>(frame_width) / static_cast<float>(f.width);
      m[4] = static_cast<float>(frame_height) / static_cast<float>(f.height);
      m[1] = m[2] = m[3] = m[5] = 0;
  }
}

}  // namespace edgeaffect::cuda
