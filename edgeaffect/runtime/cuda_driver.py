"""The few calls of the CUDA driver that a TensorRT session needs, by ctypes on `libcuda.so.1`.

Why the driver and not the runtime library: `libcuda.so.1` comes with every driver, on a Jetson and on a desktop, with
one stable C interface; `libcudart` differs per toolkit and is often not installed. The device's primary context is
used, which is the one that TensorRT, ONNX Runtime, PyTorch and CuPy share, so pointers and streams pass between them.
Signatures: CUDA Driver API, cuda.h (the `_v2` names are the current 64-bit ones).
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DeviceError

LIBRARY = "libcuda.so.1"

_REMEDY = "install NVIDIA's driver (a Jetson has it with JetPack), pass the GPU into the container, or use device='cpu'"
_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76  # CUdevice_attribute

_pointer = ctypes.POINTER
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "cuInit": (ctypes.c_uint,),
    "cuDriverGetVersion": (_pointer(ctypes.c_int),),
    "cuDeviceGetCount": (_pointer(ctypes.c_int),),
    "cuDeviceGet": (_pointer(ctypes.c_int), ctypes.c_int),
    "cuDeviceGetName": (ctypes.c_char_p, ctypes.c_int, ctypes.c_int),
    "cuDeviceGetAttribute": (_pointer(ctypes.c_int), ctypes.c_int, ctypes.c_int),
    "cuDevicePrimaryCtxRetain": (_pointer(ctypes.c_void_p), ctypes.c_int),
    "cuDevicePrimaryCtxRelease_v2": (ctypes.c_int,),
    "cuCtxSetCurrent": (ctypes.c_void_p,),
    "cuMemAlloc_v2": (_pointer(ctypes.c_uint64), ctypes.c_size_t),
    "cuMemFree_v2": (ctypes.c_uint64,),
    "cuMemcpyHtoDAsync_v2": (ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
    "cuMemcpyDtoHAsync_v2": (ctypes.c_void_p, ctypes.c_uint64, ctypes.c_size_t, ctypes.c_void_p),
    "cuStreamCreate": (_pointer(ctypes.c_void_p), ctypes.c_uint),
    "cuStreamSynchronize": (ctypes.c_void_p,),
    "cuStreamDestroy_v2": (ctypes.c_void_p,),
    "cuStreamWaitEvent": (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint),
    "cuEventCreate": (_pointer(ctypes.c_void_p), ctypes.c_uint),
    "cuEventRecord": (ctypes.c_void_p, ctypes.c_void_p),
    "cuEventSynchronize": (ctypes.c_void_p,),
    "cuEventElapsedTime": (_pointer(ctypes.c_float), ctypes.c_void_p, ctypes.c_void_p),
    "cuEventDestroy_v2": (ctypes.c_void_p,),
    "cuGetErrorName": (ctypes.c_int, _pointer(ctypes.c_char_p)),
}
_STREAM_NON_BLOCKING = 1
_EVENT_DISABLE_TIMING = 2


@dataclass(frozen=True)
class Gpu:
    """One GPU and its driver."""

    index: int
    name: str
    capability: tuple[int, int]
    cuda_version: int
    """Newest CUDA the driver speaks: 1000 * major + 10 * minor."""
    driver: str
    """Version of the kernel module, or of the Jetson's L4T release."""

    @property
    def sm(self) -> str:
        """Compute capability as TensorRT writes it: `SM86`."""
        return f"SM{self.capability[0]}{self.capability[1]}"


class CudaDriver:
    """The driver library, initialised."""

    def __init__(self, library: str | None = None) -> None:
        """Load and initialise.

        Raises:
            DeviceError: no driver, or it finds no GPU; the message says what to do.
        """
        try:
            self._library = ctypes.CDLL(library or LIBRARY)
        except OSError as error:
            raise DeviceError(f"no CUDA driver here ({error}): {_REMEDY}") from error
        for name, arguments in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.argtypes, function.restype = arguments, ctypes.c_int
        self.call("cuInit", 0)

    def call(self, name: str, *arguments: Any) -> None:
        """One driver call.

        Raises:
            DeviceError: it did not return CUDA_SUCCESS.
        """
        status = getattr(self._library, name)(*arguments)
        if status:
            text = ctypes.c_char_p()
            self._library.cuGetErrorName(status, ctypes.byref(text))
            raise DeviceError(f"{name} failed: {(text.value or b'?').decode()} ({status}); {_REMEDY}")

    def gpu(self, index: int) -> Gpu:
        """What GPU number `index` is.

        Raises:
            DeviceError: there is no such GPU.
        """
        count, device, value = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        self.call("cuDeviceGetCount", ctypes.byref(count))
        if not 0 <= index < count.value:
            raise DeviceError(f"there is no cuda:{index}, only {count.value} GPU(s), counted from 0")
        self.call("cuDeviceGet", ctypes.byref(device), index)
        name = ctypes.create_string_buffer(256)
        self.call("cuDeviceGetName", name, len(name), device)
        capability = []
        for attribute in (_CAPABILITY_MAJOR, _CAPABILITY_MINOR):
            self.call("cuDeviceGetAttribute", ctypes.byref(value), attribute, device)
            capability.append(value.value)
        self.call("cuDriverGetVersion", ctypes.byref(value))
        return Gpu(index, name.value.decode(), (capability[0], capability[1]), value.value, _driver_release())


@functools.cache
def driver() -> CudaDriver:
    """The driver of this machine; raises `DeviceError` where there is none."""
    return CudaDriver()


def _driver_release() -> str:
    """Version of the installed driver. On a Jetson it is the L4T release, which stands for the JetPack."""
    for path in ("/etc/nv_tegra_release", "/sys/module/nvidia/version"):
        try:
            return Path(path).read_text("utf-8").splitlines()[0].strip()
        except (OSError, IndexError):
            continue
    return "unknown"


class CudaStream:
    """A device's primary context, a stream in it and buffers that grow; freed by `close`."""

    def __init__(self, index: int, library: CudaDriver | None = None) -> None:
        self._driver = library or driver()
        device = ctypes.c_int()
        self._driver.call("cuDeviceGet", ctypes.byref(device), index)
        self._device = device.value
        self._context = ctypes.c_void_p()
        self._driver.call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), self._device)
        self._stream = ctypes.c_void_p()
        self._event = ctypes.c_void_p()
        self._buffers: dict[str, tuple[int, int]] = {}
        self.make_current()
        self._driver.call("cuStreamCreate", ctypes.byref(self._stream), _STREAM_NON_BLOCKING)
        self._driver.call("cuEventCreate", ctypes.byref(self._event), _EVENT_DISABLE_TIMING)

    @property
    def handle(self) -> int:
        """The stream, as an integer."""
        return self._stream.value or 0

    def make_current(self) -> None:
        """Make the context current in the calling thread; others may have switched it since."""
        if self._context:
            self._driver.call("cuCtxSetCurrent", self._context)

    def buffer(self, name: str, size: int) -> int:
        """Address of device memory of at least `size` bytes that keeps its place until it must grow."""
        address, capacity = self._buffers.get(name, (0, 0))
        if capacity < max(size, 1):
            if address:
                del self._buffers[name]
                self.free(address)
            address = self.allocate(size)
            self._buffers[name] = (address, max(size, 1))
        return address

    def allocate(self, size: int) -> int:
        """Address of device memory, which the caller frees."""
        fresh = ctypes.c_uint64()
        self._driver.call("cuMemAlloc_v2", ctypes.byref(fresh), max(size, 1))
        return fresh.value

    def free(self, address: int) -> None:
        """Free memory of `allocate`; waits for whatever the device still does."""
        self._driver.call("cuMemFree_v2", address)

    def follow(self, other: int) -> None:
        """Later work of this stream starts after what stream `other` (a handle; 0 is the default one) holds now.

        Does not wait. Inside a graph capture of `other` this stream becomes part of the recording.
        """
        self._order(ctypes.c_void_p(other), self._stream)

    def lead(self, other: int) -> None:
        """Later work of stream `other` starts after what this stream holds now. Does not wait."""
        self._order(self._stream, ctypes.c_void_p(other))

    def _order(self, first: ctypes.c_void_p, second: ctypes.c_void_p) -> None:
        # One event for all: a wait refers to the record before it, whatever is recorded afterwards.
        self._driver.call("cuEventRecord", self._event, first)
        self._driver.call("cuStreamWaitEvent", second, self._event, 0)

    def upload(self, address: int, host: int, size: int) -> None:
        """Host to device on this stream; `host` must stay until `wait`."""
        self._driver.call("cuMemcpyHtoDAsync_v2", address, host, size, self._stream)

    def download(self, host: int, address: int, size: int) -> None:
        """Device to host on this stream; valid after `wait`."""
        self._driver.call("cuMemcpyDtoHAsync_v2", host, address, size, self._stream)

    def wait(self) -> None:
        """Block until everything on this stream is done."""
        self._driver.call("cuStreamSynchronize", self._stream)

    def close(self) -> None:
        """Free buffers, stream and the hold on the context; again is allowed."""
        if not self._context:
            return
        self.make_current()
        for address, _ in self._buffers.values():
            self.free(address)
        self._buffers.clear()
        self._driver.call("cuEventDestroy_v2", self._event)
        self._driver.call("cuStreamDestroy_v2", self._stream)
        self._driver.call("cuDevicePrimaryCtxRelease_v2", self._device)
        self._context = ctypes.c_void_p()


class EventTimer:
    """Measures the time between two points of one stream, to about half a microsecond.

    Args:
        stream: handle of the stream; its context must be current in this thread.
        library: the driver; that of this machine by default.
    """

    def __init__(self, stream: int, library: CudaDriver | None = None) -> None:
        self._driver = library or driver()
        self._stream = ctypes.c_void_p(stream)
        self._events = (ctypes.c_void_p(), ctypes.c_void_p())
        for event in self._events:
            self._driver.call("cuEventCreate", ctypes.byref(event), 0)

    def start(self) -> None:
        """Mark the beginning."""
        self._driver.call("cuEventRecord", self._events[0], self._stream)

    def stop(self) -> float:
        """Wait for the stream; returns seconds on it since `start`."""
        milliseconds = ctypes.c_float()
        self._driver.call("cuEventRecord", self._events[1], self._stream)
        self._driver.call("cuEventSynchronize", self._events[1])
        self._driver.call("cuEventElapsedTime", ctypes.byref(milliseconds), *self._events)
        return milliseconds.value * 1e-3

    def close(self) -> None:
        """Free both events."""
        for event in self._events:
            self._driver.call("cuEventDestroy_v2", event)


def wait_for(stream: int, index: int) -> None:
    """Block until everything on a foreign stream of GPU `index` (its handle; 0 is the default stream) is done."""
    driver().call("cuCtxSetCurrent", _primary_context(index))
    driver().call("cuStreamSynchronize", stream)


@functools.cache
def _primary_context(index: int) -> int | None:
    """The context that everything on that GPU shares; held until the process ends."""
    device, context = ctypes.c_int(), ctypes.c_void_p()
    driver().call("cuDeviceGet", ctypes.byref(device), index)
    driver().call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
    return context.value
