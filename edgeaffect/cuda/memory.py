"""Named arrays in one piece of device memory, with or without a pinned copy on the host."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..runtime.session import DevicePointer

# What TensorRT asks of the addresses it is given; also whole memory transactions.
_ALIGNMENT = 256

Layout = Mapping[str, tuple[tuple[int, ...], Any]]


class Arena:
    """Arrays of fixed shapes in one device buffer, so that one copy moves and one call clears them all.

    Args:
        cuda: the native module.
        layout: name -> (shape, dtype).
        device: GPU number.
    """

    def __init__(self, cuda: ModuleType, layout: Layout, device: int) -> None:
        self._cuda = cuda
        self._offsets: dict[str, int] = {}
        self._layout = {name: (shape, np.dtype(dtype)) for name, (shape, dtype) in layout.items()}
        size = 0
        for name, (shape, dtype) in self._layout.items():
            self._offsets[name] = size
            size += -(-math.prod(shape) * dtype.itemsize // _ALIGNMENT) * _ALIGNMENT
        self.bytes = size
        self._device = device
        self._memory = cuda.DeviceBuffer(size, device)
        self._pinned: Any = None
        self._place = cuda.device_name(device)
        self.host: dict[str, NDArray[Any]] = {}
        """Views of the pinned copy, which the first `download` makes; valid after it and a synchronisation."""

    def address(self, name: str) -> int:
        """Where an array begins."""
        return int(self._memory.address) + self._offsets[name]

    def pointer(self, name: str, rows: slice | None = None) -> DevicePointer:
        """One array, or some rows of it, as sessions take it."""
        shape, dtype = self._layout[name]
        first, last, _ = (rows or slice(None)).indices(shape[0])
        row = math.prod(shape[1:]) * dtype.itemsize
        return DevicePointer(self.address(name) + first * row, (last - first, *shape[1:]), dtype, self._place)

    def download(self, stream: int) -> None:
        """Enqueue one copy of everything to `host`."""
        if self._pinned is None:
            self._pinned = self._cuda.PinnedBuffer(self.bytes, False, self._device)
            self.host = {
                name: np.frombuffer(self._pinned, dtype, math.prod(shape), self._offsets[name]).reshape(shape)
                for name, (shape, dtype) in self._layout.items()
            }
        self._cuda.copy(self._pinned.address, self._memory.address, self.bytes, stream)

    def drop_host(self) -> None:
        """Free the pinned copy; not while a recorded graph fills it."""
        self.host, self._pinned = {}, None

    def clear(self, stream: int) -> None:
        """Enqueue zeroing of everything."""
        self._cuda.clear(self._memory.address, self.bytes, stream)

    def numbers(self) -> NDArray[np.float32]:
        """A copy of everything on the host side, as one vector."""
        return np.concatenate([array.reshape(-1).astype(np.float32) for array in self.host.values()])
