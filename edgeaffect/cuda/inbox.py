"""`Inbox`: where the frames of a batch lie for the kernels, uploaded or already on the GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ..frames import Frame
from .frame import DeviceFrame

_PIXEL_BYTES = {"bgr": 3, "rgb": 3, "bgra": 4, "gray": 1, "nv12": 1, "yuyv": 2}


@dataclass(frozen=True)
class Shape:
    """What the buffers of a batch are made for."""

    count: int
    size: tuple[int, int]
    """Width, height of every frame."""
    color: str
    resident: bool
    """The frames are in GPU memory; else they are uploaded."""

    @property
    def place(self) -> str:
        return "GPU" if self.resident else "host"

    @property
    def rows(self) -> int:
        height = self.size[1]
        return height * 3 // 2 if self.color == "nv12" else height

    @property
    def stride(self) -> int:
        """Bytes per row of an uploaded frame."""
        return self.size[0] * _PIXEL_BYTES[self.color]

    def __str__(self) -> str:
        frames = "frame" if self.count == 1 else "frames"
        return f"{self.count} {self.color} {frames} of {self.size[0]}x{self.size[1]} on the {self.place}"


class Inbox:
    """Takes the frames of one batch after another.

    Args:
        cuda: the native module.
        stream: its stream.
        shape: of the batches to come; `count` may exceed that of a batch in GPU memory.
        mapped: let kernels read uploaded frames in pinned host memory, without a copy.
    """

    def __init__(self, cuda: ModuleType, stream: Any, shape: Shape, mapped: bool) -> None:
        self._cuda, self._stream, self.shape = cuda, stream, shape
        self.table = cuda.FrameTable(shape.count, shape.color, device=stream.device)
        self._staging: list[tuple[Any, Any]] = []
        self._places: list[DeviceFrame] = []
        if not shape.resident:
            size, (width, height), stride = shape.rows * shape.stride, shape.size, shape.stride
            for row in range(shape.count):
                pinned = cuda.PinnedBuffer(size, mapped, stream.device)
                memory = None if mapped else cuda.DeviceBuffer(size, stream.device)
                address = pinned.device_address if memory is None else memory.address
                uv, uv_stride = (address + height * stride, stride) if shape.color == "nv12" else (0, 0)
                self._staging.append((pinned, memory))
                self._places.append(
                    DeviceFrame(address, width, height, stride, shape.color, uv, uv_stride, stream.device, owner=self)
                )
                self._set(row, self._places[row])

    def take(self, frames: Sequence[Frame | DeviceFrame]) -> None:
        """Remember where frames in GPU memory lie and wait for them, or copy frames to where `enqueue` uploads from.

        Nothing that was enqueued for the batch before may still run.
        """
        for row, frame in enumerate(frames):
            if isinstance(frame, DeviceFrame):
                self._set(row, frame)
                if frame.wait_for is not None:
                    self._stream.wait_for(frame.wait_for)
            else:
                staging = np.frombuffer(self._staging[row][0], np.uint8)
                np.copyto(staging[: frame.size].reshape(frame.shape), frame)

    def enqueue(self) -> None:
        """Upload pixels and places."""
        for pinned, memory in self._staging:
            if memory is not None:
                self._cuda.copy(memory.address, pinned.address, pinned.bytes, self._stream.handle)
        self.table.upload(self._stream.handle)

    def uploaded(self, row: int) -> DeviceFrame:
        """Where an uploaded frame lies on the GPU, until the next batch is taken."""
        return self._places[row]

    def _set(self, row: int, frame: DeviceFrame) -> None:
        self.table.set(
            row, frame.address, frame.width, frame.height, frame.stride, frame.uv_address, frame.uv_stride
        )
