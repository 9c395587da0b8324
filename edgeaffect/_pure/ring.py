"""The ring of samples in NumPy: same contract and messages as csrc/audio/ring.h."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._pure.arguments import require

Floats = NDArray[np.float32]

_MAX_CAPACITY, _MAX_CHANNELS, _BLOCKS = 1 << 24, 64, 4096


class SampleRing:
    """Ring of samples between one writing and one reading thread; contract in csrc/audio/ring.h.

    Python's deque, whose two ends may be used by two threads, takes the place of the shared counters.
    """

    def __init__(self, *, capacity: int, channels: int, sample_rate: float) -> None:
        require(1 <= capacity <= _MAX_CAPACITY, f"capacity must be in 1..{_MAX_CAPACITY}; got {capacity}")
        require(1 <= channels <= _MAX_CHANNELS, f"channels must be in 1..{_MAX_CHANNELS}; got {channels}")
        require(1000 <= sample_rate <= 384_000, f"sample_rate must be in 1000..384000; got {sample_rate:f}")
        self._capacity, self._channels, self._sample_rate = 1 << (capacity - 1).bit_length(), channels, sample_rate
        self._blocks: deque[tuple[int, Floats, float, bool]] = deque()
        self._written = self._read = self._lost = self._gaps = self._next = self._used = 0

    def write(self, data: Any, time: float, gap: bool) -> bool:
        """Takes one block as it came from the device; False when it did not fit."""
        view = memoryview(data)
        is_float = view.itemsize == 4 and view.format == "f"
        require(
            is_float or view.itemsize == 1, f"data must be float32, or its bytes; got items of format '{view.format}'"
        )
        require(view.c_contiguous, "data must be contiguous; use numpy.ascontiguousarray(data)")
        frame = 4 * self._channels
        require(view.nbytes % frame == 0, f"data must hold whole frames of {frame} bytes; got {view.nbytes} bytes")
        require(math.isfinite(time), "time must be finite")
        if not view.nbytes:
            return True
        samples = np.frombuffer(data, np.float32).reshape(-1, self._channels)
        first = self._next
        self._next += len(samples)
        self._gaps += gap
        if len(samples) > self._capacity - self.available() or len(self._blocks) == _BLOCKS:
            self._lost += len(samples)
            return False
        mono = samples.sum(axis=1, dtype=np.float32) * np.float32(1 / self._channels)
        self._blocks.append((first, mono, time, gap))
        self._written += len(samples)
        return True

    def read(self, limit: int) -> tuple[Floats, int, bool, float] | None:
        """At most `limit` frames of consecutive numbers; None while nothing waits."""
        require(limit >= 1, f"limit must be 1 or more; got {limit}")
        parts: list[Floats] = []
        start, count, lost_before, origin = 0, 0, False, math.inf
        while self._blocks and count < limit:
            first, samples, time, gap = self._blocks[0]
            if not parts:
                start, lost_before = first + self._used, gap and not self._used
            elif gap or first != start + count:
                break
            origin = min(origin, time - (first + len(samples)) / self._sample_rate)
            part = samples[self._used : self._used + limit - count]
            parts.append(part)
            count += len(part)
            self._used += len(part)
            if self._used < len(samples):
                break
            self._blocks.popleft()
            self._used = 0
        self._read += count
        return (np.concatenate(parts), start, lost_before, origin) if parts else None

    def available(self) -> int:
        """Frames that wait now."""
        return self._written - self._read

    def lost(self) -> int:
        """Frames that did not fit, since the start."""
        return self._lost

    def gaps(self) -> int:
        """Blocks with a gap before them, since the start."""
        return self._gaps

    def portaudio_callback(self) -> tuple[int, int] | None:
        """None: Python must write."""
        return None
