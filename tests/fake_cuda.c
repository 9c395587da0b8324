// A CUDA driver whose device memory is host memory, with the signatures of cuda.h. It lets the sessions' own logic run
// where there is no GPU; it says nothing about a real device.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct {
  int live;
} Handle;
typedef Handle* CUcontext;
typedef Handle* CUstream;

static Handle context, stream;
static int allocations, streams, retained, minor_capability = 6;

CUresult cuInit(unsigned flags) { return flags ? 1 : 0; }
CUresult cuDriverGetVersion(int* version) {
  *version = 12040;
  return 0;
}
CUresult cuDeviceGetCount(int* count) {
  *count = 1;
  return 0;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = ordinal;
  return ordinal ? 101 : 0;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  (void)device;
  strncpy(name, "Fake GPU", (size_t)length);
  return 0;
}
CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  (void)device;
  *value = attribute == 75 ? 8 : attribute == 76 ? minor_capability : -1;
  return 0;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* result, CUdevice device) {
  (void)device;
  retained++;
  *result = &context;
  return 0;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  (void)device;
  retained--;
  return 0;
}
CUresult cuCtxSetCurrent(CUcontext given) { return given == &context ? 0 : 201; }
CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t size) {
  void* memory = size > ((size_t)1 << 40) ? NULL : malloc(size);
  if (!memory) return 2;
  allocations++;
  *pointer = (CUdeviceptr)(uintptr_t)memory;
  return 0;
}
CUresult cuMemFree_v2(CUdeviceptr pointer) {
  free((void*)(uintptr_t)pointer);
  allocations--;
  return 0;
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t size, CUstream on) {
  if (on != &stream) return 400;
  memcpy((void*)(uintptr_t)to, from, size);
  return 0;
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t size, CUstream on) {
  if (on != &stream) return 400;
  memcpy(to, (void*)(uintptr_t)from, size);
  return 0;
}
CUresult cuStreamCreate(CUstream* result, unsigned flags) {
  streams++;
  *result = &stream;
  return flags == 1 ? 0 : 1;
}
CUresult cuStreamSynchronize(CUstream on) { return on == &stream || !on ? 0 : 400; }
CUresult cuStreamDestroy_v2(CUstream on) {
  streams--;
  return on == &stream ? 0 : 400;
}
// The order that streams were put in: 'r' + 'w' with '0' for the default stream and '1' for ours, as it happened.
static char order[64];
static void note(char what, CUstream on) {
  size_t length = strlen(order);
  if (length + 3 > sizeof order) return;
  order[length] = what;
  order[length + 1] = on ? '1' : '0';
  order[length + 2] = 0;
}
// Events without timing are all `context`; those with timing remember the host's time at which they were recorded.
static Handle timers[8];
static double recorded[8];
static int timer_of(const Handle* event) {
  for (int i = 0; i < 8; i++)
    if (event == &timers[i]) return i;
  return -1;
}
CUresult cuEventCreate(Handle** event, unsigned flags) {
  streams++;
  *event = &context;
  if (flags) return flags == 2 ? 0 : 1;
  for (int i = 0; i < 8; i++) {
    if (timers[i].live) continue;
    timers[i].live = 1;
    *event = &timers[i];
    return 0;
  }
  return 2;
}
CUresult cuEventDestroy_v2(Handle* event) {
  int timer = timer_of(event);
  streams--;
  if (timer >= 0) timers[timer].live = 0;
  return timer >= 0 || event == &context ? 0 : 400;
}
CUresult cuEventRecord(Handle* event, CUstream on) {
  int timer = timer_of(event);
  if ((timer < 0 && event != &context) || (on && on != &stream)) return 400;
  if (timer >= 0) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    recorded[timer] = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
  } else {
    note('r', on);
  }
  return 0;
}
CUresult cuEventSynchronize(Handle* event) { return timer_of(event) >= 0 ? 0 : 400; }
CUresult cuEventElapsedTime(float* milliseconds, Handle* start, Handle* stop) {
  int first = timer_of(start), last = timer_of(stop);
  if (first < 0 || last < 0) return 400;
  *milliseconds = (float)((recorded[last] - recorded[first]) * 1e3);
  return 0;
}
CUresult cuStreamWaitEvent(CUstream on, Handle* event, unsigned flags) {
  if (event != &context || (on && on != &stream) || flags) return 400;
  note('w', on);
  return 0;
}
const char* fake_order(void) { return order; }
void fake_forget_order(void) { order[0] = 0; }
CUresult cuGetErrorName(CUresult error, const char** name) {
  *name = error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : error == 101 ? "CUDA_ERROR_INVALID_DEVICE" : "CUDA_ERROR";
  return 0;
}

int fake_allocations(void) { return allocations; }
int fake_streams(void) { return streams; }
int fake_retained(void) { return retained; }
void fake_set_minor_capability(int minor) { minor_capability = minor; }
