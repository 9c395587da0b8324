"""`Luma`: the brightness of a frame that lies on the GPU, for what looks at pixels on the CPU (cuts, tracking)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import Frame
from .device_frame import DeviceFrame

_IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], np.float32)


class Luma:
    """Keeps the buffers of the kind of frame it saw last.

    Args:
        cuda: the native module.
        stream: its stream.
    """

    def __init__(self, cuda: ModuleType, stream: Any) -> None:
        self._cuda, self._stream = cuda, stream
        self._kind: tuple[Any, ...] = ()

    def read(self, frame: DeviceFrame) -> Frame:
        """Brightness of a frame, as `GpuContext.upload` returns it.

        Returns:
            uint8 [h, w], valid until the next call.
        """
        kind = (frame.width, frame.height, frame.format)
        if kind != self._kind:
            self._prepare(*kind)
            self._kind = kind
        stream = self._stream.handle
        self._frames.set(0, frame.address, frame.width, frame.height, frame.stride, frame.uv_address, frame.uv_stride)
        self._frames.upload(stream)
        self._crops.upload(stream)
        self._kernel.launch(self._frames, self._crops, 1, self._memory.address, stream)
        self._cuda.copy(self._pinned.address, self._memory.address, self._memory.bytes, stream)
        self._stream.synchronize()
        np.bitwise_xor(self._signed, np.uint8(0x80), out=self._plane)
        return self._plane

    def _prepare(self, width: int, height: int, format: str) -> None:
        device = self._stream.device
        self._frames = self._cuda.FrameTable(1, format, device=device)
        self._crops = self._cuda.CropTable(1, format, device=device)
        self._crops.set(0, _IDENTITY, 0)
        # The kernel's bytes are signed: brightness minus 128, which differs from the unsigned byte in one bit.
        self._kernel = self._cuda.CropNormalize(
            format, (width, height), to="gray", scale=1.0, dtype="int8", quant=(1.0, -128), border="replicate"
        )
        self._memory = self._cuda.DeviceBuffer(width * height, device)
        self._pinned = self._cuda.PinnedBuffer(width * height, False, device)
        self._signed: NDArray[np.uint8] = np.frombuffer(self._pinned, np.uint8).reshape(height, width)
        self._plane = np.empty((height, width), np.uint8)
