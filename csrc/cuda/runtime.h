// Owners of CUDA objects. Every class releases what it holds; none may be copied. All calls name what failed:
// see EDGEAFFECT_CUDA_CHECK.
//
// tests/cuda_host/runtime.h offers the same names on the CPU, so that everything above this file can be tested there;
// it takes this file's place by defining this guard.
#ifndef EDGEAFFECT_CUDA_RUNTIME_H
#define EDGEAFFECT_CUDA_RUNTIME_H

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace edgeaffect::cuda {

using StreamHandle = cudaStream_t;

// What to do about an error of the CUDA runtime; empty where the code does not tell.
inline std::string remedy(cudaError_t code) {
  switch (code) {
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return "; this build has no code for this GPU: build edgeaffect on this machine with EDGEAFFECT_CUDA=on";
    case cudaErrorMemoryAllocation:
      return "; give it fewer or smaller frames, or free memory that others hold";
    default:
      return "";
  }
}

class Failure : public std::runtime_error {
 public:
  Failure(cudaError_t code, const char* statement, const char* file, int line)
      : std::runtime_error(std::string(cudaGetErrorName(code)) + ": " + cudaGetErrorString(code) + " in " + statement +
                           " (" + file + ":" + std::to_string(line) + ")" + remedy(code)) {}
};

// The failure of a call also stays behind as the thread's "last error", where the next kernel launch, which has no
// result of its own, would find it and be blamed: it is taken away here. (Errors of a broken context come back anyway.)
#define EDGEAFFECT_CUDA_CHECK(statement)                                        \
  do {                                                                          \
    const cudaError_t code_ = (statement);                                      \
    if (code_ != cudaSuccess) {                                                 \
      cudaGetLastError();                                                       \
      throw ::edgeaffect::cuda::Failure(code_, #statement, __FILE__, __LINE__); \
    }                                                                           \
  } while (false)

// For destructors, which cannot report.
inline void forgive(cudaError_t code) {
  if (code != cudaSuccess) cudaGetLastError();
}

// Makes a device current for a scope.
class DeviceScope {
 public:
  explicit DeviceScope(int device) {
    EDGEAFFECT_CUDA_CHECK(cudaGetDevice(&before_));
    if (device != before_) EDGEAFFECT_CUDA_CHECK(cudaSetDevice(device));
  }
  ~DeviceScope() { forgive(cudaSetDevice(before_)); }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int before_ = 0;
};

// Bytes on a device, zeroed.
class DeviceBuffer {
 public:
  DeviceBuffer(size_t bytes, int device) : bytes_(bytes) {
    DeviceScope scope(device);
    void* data = nullptr;
    EDGEAFFECT_CUDA_CHECK(cudaMalloc(&data, bytes ? bytes : 1));
    data_.reset(data);
    // cudaMemset returns before it is done, on a stream that ours do not wait for.
    EDGEAFFECT_CUDA_CHECK(cudaMemset(data, 0, bytes));
    EDGEAFFECT_CUDA_CHECK(cudaStreamSynchronize(cudaStreamLegacy));
  }

  void* data() const { return data_.get(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(void* data) const { forgive(cudaFree(data)); }
  };
  std::unique_ptr<void, Free> data_;
  size_t bytes_;
};

// Page-locked host bytes, zeroed. With `mapped` the device reads and writes them in place: on a Jetson, where
// both share one memory, that saves the copy; on a card every access crosses the bus.
class PinnedBuffer {
 public:
  PinnedBuffer(size_t bytes, bool mapped, int device) : bytes_(bytes) {
    DeviceScope scope(device);
    const unsigned flags = mapped ? cudaHostAllocMapped | cudaHostAllocPortable : cudaHostAllocPortable;
    void* data = nullptr;
    EDGEAFFECT_CUDA_CHECK(cudaHostAlloc(&data, bytes ? bytes : 1, flags));
    data_.reset(data);
    Register::instance().add(data, bytes);
    std::fill_n(static_cast<uint8_t*>(data), bytes, uint8_t{0});
    if (mapped) EDGEAFFECT_CUDA_CHECK(cudaHostGetDevicePointer(&device_data_, data, 0));
  }

  void* data() const { return data_.get(); }
  void* device_data() const { return device_data_; }  // null unless mapped
  size_t bytes() const { return bytes_; }

  // Whether host memory belongs to any of these buffers.
  static bool owns(const void* data) { return Register::instance().holds(data); }

 private:
  class Register {
   public:
    static Register& instance() {
      static Register one;
      return one;
    }
    void add(void* data, size_t bytes) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ranges_[static_cast<uint8_t*>(data)] = bytes;
    }
    void remove(void* data) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ranges_.erase(static_cast<uint8_t*>(data));
    }
    bool holds(const void* data) {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto* byte = static_cast<const uint8_t*>(data);
      auto next = ranges_.upper_bound(byte);
      return next != ranges_.begin() && byte < (--next)->first + next->second;
    }

   private:
    std::mutex mutex_;
    std::map<const uint8_t*, size_t> ranges_;
  };

  struct Free {
    void operator()(void* data) const {
      Register::instance().remove(data);
      forgive(cudaFreeHost(data));
    }
  };
  std::unique_ptr<void, Free> data_;
  void* device_data_ = nullptr;
  size_t bytes_;
};

class Event {
 public:
  // Only a timed event can be asked for milliseconds; one that is not costs the device less.
  explicit Event(int device, bool timed = true) {
    DeviceScope scope(device);
    EDGEAFFECT_CUDA_CHECK(cudaEventCreateWithFlags(&handle_, timed ? cudaEventDefault : cudaEventDisableTiming));
  }
  ~Event() { forgive(cudaEventDestroy(handle_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(StreamHandle stream) { EDGEAFFECT_CUDA_CHECK(cudaEventRecord(handle_, stream)); }
  void synchronize() const { EDGEAFFECT_CUDA_CHECK(cudaEventSynchronize(handle_)); }
  float milliseconds_since(const Event& start) const {
    float ms = 0;
    EDGEAFFECT_CUDA_CHECK(cudaEventElapsedTime(&ms, start.handle_, handle_));
    return ms;
  }
  cudaEvent_t handle() const { return handle_; }

 private:
  cudaEvent_t handle_ = nullptr;
};

// Note [Host memory in graphs]
// A recording keeps addresses. A runtime that copies from a buffer of its own on the host, or asks to be called back when
// such a copy is done so that it can take the buffer back, records both: launched again, the copy reads whatever lies
// there by then, and the buffer is given back twice. On the first launch all is still well, so no comparison of results
// shows it. Hence: the only host memory in a graph is ours, and nothing in it calls the host.

// What in a recording breaks that rule; empty when nothing does.
inline std::string foreign_host_work(cudaGraph_t graph) {
  size_t count = 0;
  EDGEAFFECT_CUDA_CHECK(cudaGraphGetNodes(graph, nullptr, &count));
  std::vector<cudaGraphNode_t> nodes(count);
  EDGEAFFECT_CUDA_CHECK(cudaGraphGetNodes(graph, nodes.data(), &count));
  for (cudaGraphNode_t node : nodes) {
    cudaGraphNodeType type;
    EDGEAFFECT_CUDA_CHECK(cudaGraphNodeGetType(node, &type));
    if (type == cudaGraphNodeTypeHost) return "calls a function on the host";
    if (type == cudaGraphNodeTypeGraph) {
      cudaGraph_t child = nullptr;
      EDGEAFFECT_CUDA_CHECK(cudaGraphChildGraphNodeGetGraph(node, &child));
      if (std::string found = foreign_host_work(child); !found.empty()) return found;
    }
    if (type != cudaGraphNodeTypeMemcpy) continue;
    cudaMemcpy3DParms copy{};
    EDGEAFFECT_CUDA_CHECK(cudaGraphMemcpyNodeGetParams(node, &copy));
    for (const void* end : {copy.srcPtr.ptr, copy.dstPtr.ptr}) {
      if (end == nullptr) continue;  // an array
      cudaPointerAttributes facts{};
      EDGEAFFECT_CUDA_CHECK(cudaPointerGetAttributes(&facts, end));
      const bool on_host = facts.type == cudaMemoryTypeHost || facts.type == cudaMemoryTypeUnregistered;
      if (on_host && !PinnedBuffer::owns(end)) return "copies host memory that is not ours";
    }
  }
  return "";
}

// Work recorded from a stream, ready to be launched again and again. Throws std::runtime_error for work that cannot be:
// see Note [Host memory in graphs].
class Graph {
 public:
  explicit Graph(cudaGraph_t recorded) : recorded_(recorded) {
    if (const std::string found = foreign_host_work(recorded_); !found.empty()) {
      forgive(cudaGraphDestroy(recorded_));
      throw std::runtime_error("the recording " + found);
    }
    const cudaError_t code = cudaGraphInstantiateWithFlags(&ready_, recorded_, 0);
    if (code != cudaSuccess) {
      cudaGetLastError();
      forgive(cudaGraphDestroy(recorded_));
      throw Failure(code, "cudaGraphInstantiateWithFlags", __FILE__, __LINE__);
    }
  }
  ~Graph() {
    forgive(cudaGraphExecDestroy(ready_));
    forgive(cudaGraphDestroy(recorded_));
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch(StreamHandle stream) { EDGEAFFECT_CUDA_CHECK(cudaGraphLaunch(ready_, stream)); }
  size_t node_count() const {
    size_t count = 0;
    EDGEAFFECT_CUDA_CHECK(cudaGraphGetNodes(recorded_, nullptr, &count));
    return count;
  }

 private:
  cudaGraph_t recorded_;
  cudaGraphExec_t ready_ = nullptr;
};

class Stream {
 public:
  explicit Stream(int device) : device_(device) {
    DeviceScope scope(device);
    // Non-blocking: work on the legacy default stream neither waits for us nor makes us wait.
    EDGEAFFECT_CUDA_CHECK(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking));
  }
  ~Stream() { forgive(cudaStreamDestroy(handle_)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  StreamHandle handle() const { return handle_; }
  int device() const { return device_; }
  void synchronize() const { EDGEAFFECT_CUDA_CHECK(cudaStreamSynchronize(handle_)); }

  // Work enqueued from now on starts after what `other` holds now. `other` may be one of CUDA's special handles:
  // 1 is the legacy default stream, 2 the per-thread default stream.
  void wait_for(StreamHandle other) const {
    DeviceScope scope(device_);
    Event event(device_, false);
    event.record(other);
    EDGEAFFECT_CUDA_CHECK(cudaStreamWaitEvent(handle_, event.handle(), 0));
  }

  // Relaxed: neither another thread that allocates nor Python's garbage collector that frees a buffer in the middle
  // spoils the capture. What a runtime must not do on the stream meanwhile (wait for it) still ends it.
  void begin_capture() const { EDGEAFFECT_CUDA_CHECK(cudaStreamBeginCapture(handle_, cudaStreamCaptureModeRelaxed)); }

  cudaGraph_t end_capture() const {
    cudaGraph_t graph = nullptr;
    EDGEAFFECT_CUDA_CHECK(cudaStreamEndCapture(handle_, &graph));
    return graph;
  }

  // Ends a capture that failed half-way, whatever state it is in.
  void abandon_capture() const {
    cudaGraph_t graph = nullptr;
    forgive(cudaStreamEndCapture(handle_, &graph));
    if (graph != nullptr) forgive(cudaGraphDestroy(graph));
  }

 private:
  StreamHandle handle_ = nullptr;
  int device_;
};

// Any direction; host memory must be pinned for the call to return before the copy is done.
inline void copy_async(void* to, const void* from, size_t bytes, StreamHandle stream) {
  EDGEAFFECT_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream));
}

inline void clear_async(void* to, size_t bytes, StreamHandle stream) {
  EDGEAFFECT_CUDA_CHECK(cudaMemsetAsync(to, 0, bytes, stream));
}

struct DeviceInfo {
  std::string name;
  int major, minor, multiprocessors;
  size_t total_memory;
  bool integrated;  // shares its memory with the CPU, as a Jetson does
};

inline DeviceInfo device_info(int device) {
  cudaDeviceProp p{};
  EDGEAFFECT_CUDA_CHECK(cudaGetDeviceProperties(&p, device));
  return {p.name, p.major, p.minor, p.multiProcessorCount, p.totalGlobalMem, p.integrated != 0};
}

inline std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Number of devices, and why when there is none.
inline std::pair<int, std::string> device_count() {
  int count = 0, driver = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count > 0) return {count, ""};
  cudaGetLastError();
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) return {0, "no NVIDIA driver is installed"};
  if (code == cudaErrorInsufficientDriver) return {0, "the driver speaks only CUDA " + version_text(driver)};
  return {0, code == cudaSuccess ? "the driver reports none" : cudaGetErrorString(code)};
}

// Number of the GPU whose kernels may read at `address`, -1 where any may (pinned host memory); throws for memory that
// CUDA does not know.
inline int device_of(const void* address) {
  cudaPointerAttributes facts{};
  EDGEAFFECT_CUDA_CHECK(cudaPointerGetAttributes(&facts, address));
  if (facts.type == cudaMemoryTypeUnregistered) {
    throw std::invalid_argument("the address belongs to no memory that CUDA knows");
  }
  return facts.type == cudaMemoryTypeDevice ? facts.device : -1;
}

// Where the device finds host memory; null unless it is page-locked. Such memory can be copied from where it is.
inline const void* pinned_on_device(const void* address) {
  cudaPointerAttributes facts{};
  EDGEAFFECT_CUDA_CHECK(cudaPointerGetAttributes(&facts, address));
  return facts.type == cudaMemoryTypeHost ? facts.devicePointer : nullptr;
}

inline std::string device_name(int device) { return "cuda:" + std::to_string(device); }

inline int runtime_version() { return CUDART_VERSION; }

}  // namespace edgeaffect::cuda

#endif  // EDGEAFFECT_CUDA_RUNTIME_H
