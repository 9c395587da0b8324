// Small arrays that the host writes and the device reads: a pinned copy, a device copy, and `upload` between them.
// A captured upload reads the pinned copy anew at every launch of the graph, which is how the addresses and matrices
// of a new frame enter a graph that was recorded for another.
#pragma once

#include <string>

#include "cuda/checks.h"
#include "cuda/runtime.h"

namespace edgeaffect::cuda {

template <class T>
class Table {
 public:
  Table(int capacity, int device)
      : capacity_(capacity), gpu_(device), pinned_(bytes(capacity), false, device), device_(bytes(capacity), device) {}

  int capacity() const { return capacity_; }
  int gpu() const { return gpu_; }
  T* host() { return static_cast<T*>(pinned_.data()); }
  T* device() const { return static_cast<T*>(device_.data()); }
  void upload(StreamHandle stream) { copy_async(device_.data(), pinned_.data(), device_.bytes(), stream); }

 protected:
  T& row(int index) {
    require(index >= 0 && index < capacity_,
            "row must be in 0.." + std::to_string(capacity_ - 1) + "; got " + std::to_string(index));
    return host()[index];
  }

 private:
  static size_t bytes(int capacity) {
    require(capacity >= 1, "a table has at least one row; got " + std::to_string(capacity));
    return sizeof(T) * static_cast<size_t>(capacity);
  }

  int capacity_;
  int gpu_;
  PinnedBuffer pinned_;
  DeviceBuffer device_;
};

// Where the frames of a batch lie. All have one format.
class FrameTable : public Table<Frame> {
 public:
  // `pattern` gives format, YUV matrix and range.
  FrameTable(int capacity, const Frame& pattern, int device) : Table(capacity, device), pattern_(pattern) {}

  const Frame& pattern() const { return pattern_; }

  void set(int index, const Frame& place) {
    Frame& f = row(index);
    require(place.data != nullptr && place.width >= 1 && place.height >= 1 && place.width <= kMaxFrameSide &&
                place.height <= kMaxFrameSide,
            "frame " + std::to_string(index) + " is empty or too large: " + std::to_string(place.width) + "x" +
                std::to_string(place.height));
    require(pattern_.format != PixelFormat::kNv12 || place.uv != nullptr, "an nv12 frame needs its chroma plane");
    f = place;
    f.format = pattern_.format;
    f.yuv_matrix = pattern_.yuv_matrix;
    f.yuv_range = pattern_.yuv_range;
  }

 private:
  Frame pattern_;
};

// Crops to make, given as matrices.
class CropTable : public Table<CropItem> {
 public:
  CropTable(int capacity, PixelFormat format, int device) : Table(capacity, device), format_(format) {
    for (int i = 0; i < capacity; ++i) host()[i].frame = -1;
  }

  PixelFormat format() const { return format_; }

  // A negative frame empties the row.
  void set(int index, const float* matrix, int frame) {
    CropItem& item = row(index);
    if (frame < 0) {
      item.frame = -1;
      return;
    }
    require(plan_item(matrix, frame, format_, &item),
            "matrix " + std::to_string(index) + " is not finite, is singular, or shrinks the frame by more than " +
                std::to_string(kMaxTaps));
  }

 private:
  PixelFormat format_;
};

}  // namespace edgeaffect::cuda
