"""`FrameBuffers`: memory for frames of the host on their way to the kernels."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from ..image import FORMATS, Frame, Image
from .device_frame import DeviceFrame

# Buffers that nobody uses, kept for the next frames: those of a few cameras, not of a folder of pictures.
_IDLE = 16


class FrameBuffers:
    """Uploads frames. Memory is used again once nobody holds the `DeviceFrame` that lay in it.

    Args:
        cuda: the native module.
        stream: its stream.
        mapped: let kernels read frames in page-locked host memory, without an upload.
    """

    def __init__(self, cuda: ModuleType, stream: Any, *, mapped: bool) -> None:
        self._cuda, self._stream, self._mapped = cuda, stream, mapped
        self._idle: list[_Buffer] = []

    def upload(self, image: Image) -> DeviceFrame:
        """Put the upload of a frame on the stream, or say where kernels may read it.

        The array may change as soon as this returns; page-locked memory must stay as it is until the result of the
        frame is there.
        """
        pixels = image.pixels
        pinned = self._cuda.pinned_on_device(address_of(pixels)) if pixels.flags.c_contiguous else 0
        if pinned and self._mapped:
            return self._frame(pinned, image, pixels)
        buffer = self._take(pixels.nbytes)
        buffer.fill(pixels, pinned=bool(pinned))
        return self._frame(buffer.address, image, _Lease(buffer, self._idle))

    def close(self) -> None:
        """Free what nobody uses; the stream must be idle."""
        self._idle.clear()

    def _take(self, size: int) -> _Buffer:
        for i, buffer in enumerate(self._idle):
            if buffer.bytes == size:
                return self._idle.pop(i)
        while len(self._idle) >= _IDLE:
            self._idle.pop(0).wait()  # freed memory must not be the target of a copy
        return _Buffer(self._cuda, self._stream, size, mapped=self._mapped)

    def _frame(self, address: int, image: Image, owner: Any) -> DeviceFrame:
        """Pixels without padding."""
        (width, height), known = image.size, FORMATS[image.format]
        stride = width * known.bytes_per_pixel
        uv, uv_stride = (address + height * stride, stride) if known.is_planar else (0, 0)
        return DeviceFrame(
            address, width, height, stride, image.format, uv, uv_stride, self._stream.device, still=image.still,
            roll=image.roll, owner=owner,
        )  # fmt: skip


class _Buffer:
    """Where one frame lies, and the page-locked memory it is copied from."""

    def __init__(self, cuda: ModuleType, stream: Any, size: int, *, mapped: bool) -> None:
        self._cuda, self._stream, self.bytes = cuda, stream, size
        self._memory: Any = None
        self._staging: Any = None
        if mapped:
            self._staging = cuda.PinnedBuffer(size, True, stream.device)
            self.address = int(self._staging.device_address)
        else:
            self._memory = cuda.DeviceBuffer(size, stream.device)
            self.address = int(self._memory.address)
        self._uploaded: Any = None if mapped else cuda.Event(stream.device)
        self._source: Any = None

    def fill(self, pixels: Frame, *, pinned: bool) -> None:
        self.wait()
        if pinned:
            source, address = pixels, address_of(pixels)
        else:
            if self._staging is None:
                self._staging = self._cuda.PinnedBuffer(self.bytes, False, self._stream.device)
            source, address = self._staging, self._staging.address
            np.copyto(np.frombuffer(self._staging, np.uint8).reshape(pixels.shape), pixels)
        if self._memory is not None:
            self._cuda.copy(self._memory.address, address, self.bytes, self._stream.handle)
            self._uploaded.record(self._stream)
            self._source = source

    def wait(self) -> None:
        """Until the last upload is done: what it reads may change or go then."""
        if self._source is not None:
            self._uploaded.synchronize()
            self._source = None


class _Lease:
    """Held by a frame; gives its buffer back when the frame goes."""

    def __init__(self, buffer: _Buffer, idle: list[_Buffer]) -> None:
        self._buffer, self._idle = buffer, idle

    def __del__(self) -> None:
        self._idle.append(self._buffer)


def address_of(pixels: Frame) -> int:
    """Address of the first byte."""
    return int(pixels.__array_interface__["data"][0])
