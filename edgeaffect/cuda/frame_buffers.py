"""`FrameBuffers`: where the frames of a batch lie for the kernels, uploaded or already on the GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ..image import Frame
from .device_frame import DeviceFrame

_PIXEL_BYTES = {"bgr": 3, "rgb": 3, "bgra": 4, "gray": 1, "nv12": 1, "yuyv": 2}


@dataclass(frozen=True)
class Shape:
    """What the buffers of a batch are made for."""

    count: int
    size: tuple[int, int]
    """Width, height of every frame."""
    color: str
    place: str
    """Where the frames are: on the "GPU"; on the "host", from where they are copied to page-locked memory and uploaded;
    or "pinned": on the host, but page-locked already, and uploaded from where they are."""

    @property
    def resident(self) -> bool:
        return self.place == "GPU"

    @property
    def rows(self) -> int:
        height = self.size[1]
        return height * 3 // 2 if self.color == "nv12" else height

    @property
    def stride(self) -> int:
        """Bytes per row of a frame without padding."""
        return self.size[0] * _PIXEL_BYTES[self.color]

    @property
    def bytes(self) -> int:
        return self.rows * self.stride

    def __str__(self) -> str:
        frames = "frame" if self.count == 1 else "frames"
        place = "in pinned memory" if self.place == "pinned" else f"on the {self.place}"
        return f"{self.count} {self.color} {frames} of {self.size[0]}x{self.size[1]} {place}"


def address_of(frame: Frame) -> int:
    return int(frame.__array_interface__["data"][0])


class FrameBuffers:
    """Takes the frames of one batch after another.

    Args:
        cuda: the native module.
        stream: its stream.
        shape: of the batches to come; `count` may exceed that of a batch in GPU memory.
        mapped: let kernels read frames of the host in page-locked memory, without an upload.
    """

    def __init__(self, cuda: ModuleType, stream: Any, shape: Shape, mapped: bool) -> None:
        self._cuda, self._stream, self.shape = cuda, stream, shape
        self.table = cuda.FrameTable(shape.count, shape.color, device=stream.device)
        self._staging: list[Any] = []
        self._memory: list[Any] = []
        self._places: dict[int, DeviceFrame] = {}
        if shape.place == "host":
            self._staging = [cuda.PinnedBuffer(shape.bytes, mapped, stream.device) for _ in range(shape.count)]
        if shape.place != "GPU" and not mapped:
            self._memory = [cuda.DeviceBuffer(shape.bytes, stream.device) for _ in range(shape.count)]
        fixed = [buffer.address for buffer in self._memory] or [buffer.device_address for buffer in self._staging]
        for row, address in enumerate(fixed):
            self._places[row] = self._place(address, self)
            self._set(row, self._places[row])

    def take(self, frames: Sequence[Frame | DeviceFrame]) -> None:
        """Remember where frames in GPU memory lie and wait for them, start to upload frames in pinned memory, or copy
        frames to where `enqueue` uploads from.

        Nothing that was enqueued for the batch before may still run; frames in pinned memory must stay as they are
        until the stream has been waited for.
        """
        for row, frame in enumerate(frames):
            if isinstance(frame, DeviceFrame):
                self._set(row, frame)
                if frame.wait_for is not None:
                    self._stream.wait_for(frame.wait_for)
            elif self._staging:
                staging = np.frombuffer(self._staging[row], np.uint8)
                np.copyto(staging[: frame.size].reshape(frame.shape), frame)
            elif self._memory:
                # Not in the graph, which would remember the address.
                self._cuda.copy(self._memory[row].address, address_of(frame), frame.nbytes, self._stream.handle)
            else:
                self._places[row] = self._place(self._cuda.pinned_on_device(address_of(frame)), frame)
                self._set(row, self._places[row])

    def enqueue(self) -> None:
        """Upload pixels and places."""
        for staging, memory in zip(self._staging, self._memory, strict=False):  # no memory: read where they are
            self._cuda.copy(memory.address, staging.address, staging.bytes, self._stream.handle)
        self.table.upload(self._stream.handle)

    def uploaded(self, row: int) -> DeviceFrame:
        """Where an uploaded frame lies on the GPU, until the next batch is taken."""
        return self._places[row]

    def _place(self, address: int, owner: Any) -> DeviceFrame:
        """Of contiguous pixels."""
        (width, height), stride, color = self.shape.size, self.shape.stride, self.shape.color
        uv, uv_stride = (address + height * stride, stride) if color == "nv12" else (0, 0)
        return DeviceFrame(address, width, height, stride, color, uv, uv_stride, self._stream.device, owner=owner)

    def _set(self, row: int, frame: DeviceFrame) -> None:
        self.table.set(row, frame.address, frame.width, frame.height, frame.stride, frame.uv_address, frame.uv_stride)
