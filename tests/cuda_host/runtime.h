// csrc/cuda/runtime.h on the CPU, for tests where there is no GPU: device memory is host memory, a stream runs what is
// enqueued at once, a capture keeps it for later. Same names, same exceptions on misuse that CUDA would refuse.
#ifndef EDGEAFFECT_CUDA_RUNTIME_H
#define EDGEAFFECT_CUDA_RUNTIME_H

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace edgeaffect::cuda {

using Work = std::function<void()>;

struct HostStream {
  bool capturing = false;
  std::vector<Work> recorded;
};
using StreamHandle = HostStream*;

// 1 and 2 are CUDA's handles of the default streams.
inline bool is_default(StreamHandle stream) { return reinterpret_cast<uintptr_t>(stream) <= 2; }

inline void enqueue(StreamHandle stream, Work work) {
  if (!is_default(stream) && stream->capturing) {
    stream->recorded.push_back(std::move(work));
  } else {
    work();
  }
}

class DeviceScope {
 public:
  explicit DeviceScope(int) {}
  ~DeviceScope() {}
};

class Bytes {
 public:
  explicit Bytes(size_t bytes) : data_(std::calloc(bytes + 1, 1)), bytes_(bytes) {}
  ~Bytes() { std::free(data_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  void* data_;
  size_t bytes_;
};

class DeviceBuffer : public Bytes {
 public:
  DeviceBuffer(size_t bytes, int) : Bytes(bytes) {}
};

class PinnedBuffer : public Bytes {
 public:
  PinnedBuffer(size_t bytes, bool mapped, int) : Bytes(bytes), mapped_(mapped) {}
  void* device_data() const { return mapped_ ? data() : nullptr; }

 private:
  bool mapped_;
};

class Event {
 public:
  explicit Event(int, bool = true) {}
  void record(StreamHandle) { time_ = std::chrono::steady_clock::now(); }
  void synchronize() const {}
  float milliseconds_since(const Event& start) const {
    return std::chrono::duration<float, std::milli>(time_ - start.time_).count();
  }

 private:
  std::chrono::steady_clock::time_point time_;
};

class Graph {
 public:
  explicit Graph(std::vector<Work> recorded) : recorded_(std::move(recorded)) {}
  void launch(StreamHandle) {
    for (const Work& work : recorded_) work();
  }
  size_t node_count() const { return recorded_.size(); }

 private:
  std::vector<Work> recorded_;
};

class Stream {
 public:
  explicit Stream(int device) : device_(device) {}
  StreamHandle handle() const { return state_.get(); }
  int device() const { return device_; }
  void synchronize() const {
    if (state_->capturing) throw std::runtime_error("cudaErrorStreamCaptureUnsupported: synchronize during a capture");
  }
  void wait_for(StreamHandle) const {}  // what another stream holds has run already
  void begin_capture() const {
    state_->capturing = true;
    state_->recorded.clear();
  }
  std::vector<Work> end_capture() const {
    state_->capturing = false;
    return std::move(state_->recorded);
  }
  void abandon_capture() const { state_->capturing = false; }

 private:
  std::unique_ptr<HostStream> state_ = std::make_unique<HostStream>();
  int device_;
};

inline void copy_async(void* to, const void* from, size_t bytes, StreamHandle stream) {
  enqueue(stream, [=] { std::memcpy(to, from, bytes); });
}

inline void clear_async(void* to, size_t bytes, StreamHandle stream) {
  enqueue(stream, [=] { std::memset(to, 0, bytes); });
}

struct DeviceInfo {
  std::string name;
  int major, minor, multiprocessors;
  size_t total_memory;
  bool integrated;
};

inline DeviceInfo device_info(int) { return {"host loop", 0, 0, 1, 0, false}; }
inline std::pair<int, std::string> device_count() { return {1, ""}; }
inline int device_of(const void*) { return 0; }
inline std::string device_name(int) { return "cpu"; }
inline int runtime_version() { return 0; }
inline std::string version_text(int) { return "host loops"; }

}  // namespace edgeaffect::cuda

#endif  // EDGEAFFECT_CUDA_RUNTIME_H
