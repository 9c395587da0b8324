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
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace edgeaffect::cuda {

using StreamHandle = cudaStream_t;

class Failure : public std::runtime_error {
 public:
  Failure(cudaError_t code, const char* statement, const char* file, int line)
      : std::runtime_error(std::string(cudaGetErrorName(code)) + ": " + cudaGetErrorString(code) + " in " + statement +
                           " (" + file + ":" + std::to_string(line) + ")") {}
};

#define EDGEAFFECT_CUDA_CHECK(statement)                                                         \
  do {                                                                                           \
    const cudaError_t code_ = (statement);                                                       \
    if (code_ != cudaSuccess) throw ::edgeaffect::cuda::Failure(code_, #statement, __FILE__, __LINE__); \
  } while (false)

// Makes a device current for a scope.
class DeviceScope {
 public:
  explicit DeviceScope(int device) {
    EDGEAFFECT_CUDA_CHECK(cudaGetDevice(&before_));
    if (device != before_) EDGEAFFECT_CUDA_CHECK(cudaSetDevice(device));
  }
  ~DeviceScope() { cudaSetDevice(before_); }
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
    EDGEAFFECT_CUDA_CHECK(cudaMalloc(&data_, bytes ? bytes : 1));
    // cudaMemset returns before it is done, on a stream that ours do not wait for.
    EDGEAFFECT_CUDA_CHECK(cudaMemset(data_, 0, bytes));
    EDGEAFFECT_CUDA_CHECK(cudaStreamSynchronize(cudaStreamLegacy));
  }
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  size_t bytes_;
};

// Page-locked host bytes, zeroed. With `mapped` the device reads and writes them in place: on a Jetson, where
// both share one memory, that saves the copy; on a card every access crosses the bus.
class PinnedBuffer {
 public:
  PinnedBuffer(size_t bytes, bool mapped, int device) : bytes_(bytes) {
    DeviceScope scope(device);
    const unsigned flags = mapped ? cudaHostAllocMapped | cudaHostAllocPortable : cudaHostAllocPortable;
    EDGEAFFECT_CUDA_CHECK(cudaHostAlloc(&data_, bytes ? bytes : 1, flags));
    std::fill_n(static_cast<uint8_t*>(data_), bytes, uint8_t{0});
    if (mapped) EDGEAFFECT_CUDA_CHECK(cudaHostGetDevicePointer(&device_data_, data_, 0));
  }
  ~PinnedBuffer() { cudaFreeHost(data_); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  void* data() const { return data_; }
  void* device_data() const { return device_data_; }  // null unless mapped
  size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  void* device_data_ = nullptr;
  size_t bytes_;
};

class Event {
 public:
  explicit Event(int device) {
    DeviceScope scope(device);
    EDGEAFFECT_CUDA_CHECK(cudaEventCreate(&handle_));
  }
  ~Event() { cudaEventDestroy(handle_); }
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

// Work recorded from a stream, ready to be launched again and again.
class Graph {
 public:
  explicit Graph(cudaGraph_t recorded) : recorded_(recorded) {
    const cudaError_t code = cudaGraphInstantiateWithFlags(&ready_, recorded_, 0);
    if (code != cudaSuccess) {
      cudaGraphDestroy(recorded_);
      throw Failure(code, "cudaGraphInstantiateWithFlags", __FILE__, __LINE__);
    }
  }
  ~Graph() {
    cudaGraphExecDestroy(ready_);
    cudaGraphDestroy(recorded_);
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
  ~Stream() { cudaStreamDestroy(handle_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  StreamHandle handle() const { return handle_; }
  int device() const { return device_; }
  void synchronize() const { EDGEAFFECT_CUDA_CHECK(cudaStreamSynchronize(handle_)); }

  // Work enqueued from now on starts after what `other` holds now. `other` may be one of CUDA's special handles:
  // 1 is the legacy default stream, 2 the per-thread default stream.
  void wait_for(StreamHandle other) const {
    DeviceScope scope(device_);
    Event event(device_);
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
    cudaStreamEndCapture(handle_, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
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

inline std::string device_name(int device) { return "cuda:" + std::to_string(device); }

inline int runtime_version() { return CUDART_VERSION; }

}  // namespace edgeaffect::cuda

#endif  // EDGEAFFECT_CUDA_RUNTIME_H
