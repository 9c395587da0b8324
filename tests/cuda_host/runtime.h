// csrc/cuda/runtime.h on the CPU, for tests where there is no GPU. Same names, same exceptions on misuse that CUDA would
// refuse, and as unkind as a GPU may be:
// - What is put on a stream runs only when somebody waits for it, so that whoever reads a result, or writes what is
//   still to be read, without waiting gets the wrong bytes.
// - Work checks, when it runs, that all memory it names is still there: also work of a graph that was recorded long ago.
#ifndef EDGEAFFECT_CUDA_RUNTIME_H
#define EDGEAFFECT_CUDA_RUNTIME_H

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace edgeaffect::cuda {

using Work = std::function<void()>;

struct HostStream {
  bool capturing = false;
  bool running = false;
  std::vector<Work> recorded;
  std::deque<Work> waiting;
};
using StreamHandle = HostStream*;

// 1 and 2 are CUDA's handles of the default streams.
inline bool is_default(StreamHandle stream) { return reinterpret_cast<uintptr_t>(stream) <= 2; }

inline void enqueue(StreamHandle stream, Work work) {
  if (is_default(stream)) {
    work();
  } else if (stream->capturing) {
    stream->recorded.push_back(std::move(work));
  } else {
    stream->waiting.push_back(std::move(work));
  }
}

// Runs what waits on a stream. From work that is part of it: nothing, its turn has come already.
inline void drain(StreamHandle stream) {
  if (is_default(stream) || stream->running) return;
  if (stream->capturing) throw std::runtime_error("cudaErrorStreamCaptureUnsupported: waiting during a capture");
  stream->running = true;
  try {
    while (!stream->waiting.empty()) {
      const Work work = std::move(stream->waiting.front());
      stream->waiting.pop_front();
      work();
    }
  } catch (...) {
    stream->running = false;
    throw;
  }
  stream->running = false;
}

// First byte -> length of all memory there is.
inline std::map<uintptr_t, size_t>& allocations() {
  static std::map<uintptr_t, size_t> all;
  return all;
}

// As an illegal address on a GPU: memory that was freed, or never allocated.
inline void check_memory(const void* data, size_t bytes) {
  const auto first = reinterpret_cast<uintptr_t>(data);
  auto found = allocations().upper_bound(first);
  if (found == allocations().begin() || first + bytes > (--found)->first + found->second) {
    throw std::runtime_error("cudaErrorIllegalAddress: " + std::to_string(bytes) + " bytes that are not there");
  }
}

class DeviceScope {
 public:
  explicit DeviceScope(int) {}
  ~DeviceScope() {}
};

class Bytes {
 public:
  explicit Bytes(size_t bytes) : data_(std::calloc(bytes + 1, 1)), bytes_(bytes) {
    allocations()[reinterpret_cast<uintptr_t>(data_)] = bytes;
  }
  ~Bytes() {
    allocations().erase(reinterpret_cast<uintptr_t>(data_));
    std::free(data_);
  }
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
  PinnedBuffer(size_t bytes, bool mapped, int) : Bytes(bytes), mapped_(mapped) { all().insert(this); }
  ~PinnedBuffer() { all().erase(this); }
  void* device_data() const { return mapped_ ? data() : nullptr; }

  static bool owns(const void* address) {
    const auto* byte = static_cast<const uint8_t*>(address);
    return std::any_of(all().begin(), all().end(), [&](const PinnedBuffer* one) {
      const auto* first = static_cast<const uint8_t*>(one->data());
      return byte >= first && byte < first + one->bytes();
    });
  }

 private:
  static std::set<const PinnedBuffer*>& all() {
    static std::set<const PinnedBuffer*> buffers;
    return buffers;
  }

  bool mapped_;
};

class Event {
 public:
  explicit Event(int, bool = true) {}
  void record(StreamHandle stream) {
    stream_ = stream;
    enqueue(stream, [time = time_] { *time = std::chrono::steady_clock::now(); });
  }
  void synchronize() const { drain(stream_); }
  float milliseconds_since(const Event& start) const {
    return std::chrono::duration<float, std::milli>(*time_ - *start.time_).count();
  }

 private:
  std::shared_ptr<std::chrono::steady_clock::time_point> time_ =
      std::make_shared<std::chrono::steady_clock::time_point>();
  StreamHandle stream_ = nullptr;
};

class Graph {
 public:
  explicit Graph(std::vector<Work> recorded) : recorded_(std::move(recorded)) {}
  void launch(StreamHandle stream) {
    for (const Work& work : recorded_) enqueue(stream, work);
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
  void synchronize() const { drain(state_.get()); }
  void wait_for(StreamHandle other) const {
    enqueue(state_.get(), [other] { drain(other); });
  }
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
  enqueue(stream, [=] {
    check_memory(to, bytes);
    check_memory(from, bytes);
    std::memcpy(to, from, bytes);
  });
}

inline void clear_async(void* to, size_t bytes, StreamHandle stream) {
  enqueue(stream, [=] {
    check_memory(to, bytes);
    std::memset(to, 0, bytes);
  });
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
inline const void* pinned_on_device(const void* address) { return PinnedBuffer::owns(address) ? address : nullptr; }
inline std::string device_name(int) { return "cpu"; }
inline int runtime_version() { return 0; }
inline std::string version_text(int) { return "host loops"; }

}  // namespace edgeaffect::cuda

#endif  // EDGEAFFECT_CUDA_RUNTIME_H
