// csrc/cuda/runtime.h against a CUDA runtime that fails on demand: what its owners free, what they leave behind, and
// which recordings they refuse. Needs the toolkit's headers, no GPU: the runtime's functions stand below.
// Prints "fine", or the line of the first check that does not hold.
#include "cuda/runtime.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>

namespace {

std::string failing;  // name of the function that fails
cudaError_t last_error = cudaSuccess;
int device = 0, graphs = 0, streams = 0;
std::set<void*> device_memory, host_memory;

struct Node {
  cudaGraphNodeType type;
  const void* from = nullptr;
  const void* to = nullptr;
  std::vector<Node> child;
};
std::vector<Node> recording;  // what the next capture ends with

cudaError_t result(const char* name, cudaError_t code = cudaErrorMemoryAllocation) {
  if (failing != name) return cudaSuccess;
  last_error = code;
  return code;
}

#define CHECK(condition)                                  \
  do {                                                    \
    if (!(condition)) {                                   \
      std::printf("line %d: %s\n", __LINE__, #condition); \
      std::exit(1);                                       \
    }                                                     \
  } while (false)

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

extern "C" {
cudaError_t CUDARTAPI cudaGetLastError() {
  const cudaError_t code = last_error;
  last_error = cudaSuccess;
  return code;
}
const char* CUDARTAPI cudaGetErrorName(cudaError_t code) { return code == cudaSuccess ? "success" : "the name"; }
const char* CUDARTAPI cudaGetErrorString(cudaError_t) { return "the text"; }
cudaError_t CUDARTAPI cudaGetDevice(int* current) {
  *current = device;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaSetDevice(int wanted) {
  device = wanted;
  return result("cudaSetDevice");
}
cudaError_t CUDARTAPI cudaMalloc(void** data, size_t bytes) {
  if (const cudaError_t code = result("cudaMalloc")) return code;
  device_memory.insert(*data = std::malloc(bytes));
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaFree(void* data) {
  device_memory.erase(data);
  std::free(data);
  return result("cudaFree");
}
cudaError_t CUDARTAPI cudaMemset(void*, int, size_t) { return result("cudaMemset"); }
cudaError_t CUDARTAPI cudaHostAlloc(void** data, size_t bytes, unsigned) {
  host_memory.insert(*data = std::malloc(bytes));
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaFreeHost(void* data) {
  host_memory.erase(data);
  std::free(data);
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaHostGetDevicePointer(void** to, void* data, unsigned) {
  *to = data;
  return result("cudaHostGetDevicePointer");
}
cudaError_t CUDARTAPI cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  *stream = reinterpret_cast<cudaStream_t>(&streams);
  ++streams;
  return flags == cudaStreamNonBlocking ? cudaSuccess : cudaErrorInvalidValue;
}
cudaError_t CUDARTAPI cudaStreamDestroy(cudaStream_t) {
  --streams;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaStreamSynchronize(cudaStream_t) { return result("cudaStreamSynchronize"); }
cudaError_t CUDARTAPI cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  if (const cudaError_t code = result("cudaStreamEndCapture", cudaErrorStreamCaptureInvalidated)) return code;
  *graph = reinterpret_cast<cudaGraph_t>(&recording);
  ++graphs;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphDestroy(cudaGraph_t) {
  --graphs;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphInstantiateWithFlags(cudaGraphExec_t* ready, cudaGraph_t, unsigned long long) {
  if (const cudaError_t code = result("cudaGraphInstantiateWithFlags")) return code;
  *ready = reinterpret_cast<cudaGraphExec_t>(&graphs);
  ++graphs;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphExecDestroy(cudaGraphExec_t) {
  --graphs;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  auto& all = *reinterpret_cast<std::vector<Node>*>(graph);
  for (size_t i = 0; nodes != nullptr && i < *count; ++i) nodes[i] = reinterpret_cast<cudaGraphNode_t>(&all[i]);
  *count = all.size();
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  *type = reinterpret_cast<Node*>(node)->type;
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphChildGraphNodeGetGraph(cudaGraphNode_t node, cudaGraph_t* child) {
  *child = reinterpret_cast<cudaGraph_t>(&reinterpret_cast<Node*>(node)->child);
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphMemcpyNodeGetParams(cudaGraphNode_t node, cudaMemcpy3DParms* copy) {
  *copy = {};
  copy->srcPtr.ptr = const_cast<void*>(reinterpret_cast<Node*>(node)->from);
  copy->dstPtr.ptr = const_cast<void*>(reinterpret_cast<Node*>(node)->to);
  return cudaSuccess;
}
cudaError_t CUDARTAPI cudaPointerGetAttributes(cudaPointerAttributes* facts, const void* data) {
  *facts = {};
  const bool on_device = device_memory.count(const_cast<void*>(data)) != 0;
  facts->type = on_device ? cudaMemoryTypeDevice : cudaMemoryTypeUnregistered;
  facts->device = on_device ? 2 : -1;
  return cudaSuccess;
}
}

int main() {
  using namespace edgeaffect::cuda;
  const auto idle = [] { return device_memory.empty() && host_memory.empty() && last_error == cudaSuccess; };

  // A call that failed is named, and blames no later launch; a constructor that fails keeps nothing.
  failing = "cudaMalloc";
  const std::string message = error_of([] { DeviceBuffer(8, 0); });
  CHECK(message.find("the name: the text in cudaMalloc(") == 0 && message.find("runtime.h:") != std::string::npos);
  CHECK(message.find("; give it fewer or smaller frames") != std::string::npos);
  CHECK(remedy(cudaErrorNoKernelImageForDevice).find("EDGEAFFECT_CUDA=on") != std::string::npos);
  CHECK(remedy(cudaErrorInvalidValue) == "");
  CHECK(idle());
  for (const char* name : {"cudaMemset", "cudaStreamSynchronize"}) {
    failing = name;
    CHECK(error_of([] { DeviceBuffer(8, 0); }).find(name) != std::string::npos && idle());
  }
  failing = "cudaHostGetDevicePointer";
  CHECK(error_of([] { PinnedBuffer(8, true, 0); }) != "" && idle());
  failing = "cudaFree";  // in a destructor: nobody hears of it, also not the next launch
  {
    DeviceBuffer buffer(8, 0);
  }
  CHECK(idle());
  failing = "";

  {
    DeviceScope scope(3);
    CHECK(device == 3);
  }
  CHECK(device == 0);

  DeviceBuffer on_device(16, 0), other(16, 0);
  PinnedBuffer pinned(16, false, 0);
  char stray[16] = {};
  CHECK(PinnedBuffer::owns(pinned.data()) && PinnedBuffer::owns(static_cast<char*>(pinned.data()) + 15));
  CHECK(!PinnedBuffer::owns(static_cast<char*>(pinned.data()) + 16) && !PinnedBuffer::owns(stray));
  CHECK(device_of(on_device.data()) == 2);
  try {
    device_of(stray);
    CHECK(false);
  } catch (const std::invalid_argument&) {
  }

  const Stream stream(0);
  const auto record = [&](std::vector<Node> nodes) {
    recording = std::move(nodes);
    return error_of([&] { CHECK(Graph(stream.end_capture()).node_count() == recording.size()); });
  };
  const Node kernel{cudaGraphNodeTypeKernel}, callback{cudaGraphNodeTypeHost};
  const Node ours{cudaGraphNodeTypeMemcpy, pinned.data(), on_device.data()};
  const Node inside{cudaGraphNodeTypeMemcpy, other.data(), on_device.data()};
  const Node in{cudaGraphNodeTypeMemcpy, stray, on_device.data()},
      out{cudaGraphNodeTypeMemcpy, on_device.data(), stray};
  CHECK(record({kernel, ours, inside, {cudaGraphNodeTypeGraph, nullptr, nullptr, {kernel, ours}}}) == "");
  CHECK(record({kernel, in}) == "the recording copies host memory that is not ours");
  CHECK(record({ours, out}) == "the recording copies host memory that is not ours");
  CHECK(record({kernel, callback}) == "the recording calls a function on the host");
  CHECK(record({{cudaGraphNodeTypeGraph, nullptr, nullptr, {kernel, in}}}).find("host memory") != std::string::npos);
  failing = "cudaGraphInstantiateWithFlags";
  CHECK(record({kernel}).find("cudaGraphInstantiateWithFlags") != std::string::npos);
  CHECK(graphs == 0 && last_error == cudaSuccess);
  failing = "cudaStreamEndCapture";
  stream.abandon_capture();
  CHECK(graphs == 0 && last_error == cudaSuccess);
  failing = "";
  stream.abandon_capture();  // of a capture that did not fail: what it recorded goes too
  CHECK(graphs == 0);
  std::puts("fine");
}
