"""What every source of sound is, and what it yields."""

from __future__ import annotations

import abc
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import check, check_positive, is_whole
from ..errors import SourceError

BLOCK_SECONDS = 0.05
"""Sound of one chunk by default."""
LEAST_RATE, MOST_RATE = 1000, 384_000
"""Sample rates in Hz that everything behind the sources takes."""
MAX_CHANNELS = 64
LOUDEST = 100.0
"""Samples beyond 40 dB above full scale are integers that nobody scaled; `edgeaffect.voice` refuses them."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, repr=False)
class SoundChunk:
    """A short piece of sound with its place in time."""

    samples: Samples
    """float32 [n], one channel, full scale at -1 and 1; the receiver owns them."""
    sample_rate: int
    """Hz; the same for all chunks of a source."""
    timestamp: float
    """Time of the first sample, seconds on `clock`."""
    clock: str
    """`monotonic` or `media`, as for frames: sound and pictures of one place or film share it."""
    lost: int = 0
    """Samples that are missing between the chunk before and this one."""
    source: str = ""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.sample_rate

    @property
    def end(self) -> float:
        """Seconds on `clock` at which it ends."""
        return self.timestamp + self.seconds

    def __repr__(self) -> str:
        lost = f", {self.lost} lost before it" if self.lost else ""
        return f"SoundChunk({self.source} t={self.timestamp:.3f}s, {self.seconds:.3f}s at {self.sample_rate} Hz{lost})"


class SoundSource(abc.ABC):
    """Base of all sources of sound: an iterator of chunks that can also be polled, and closed.

    One thread at a time reads it. Chunks come in the order of time and never overlap.
    """

    name: str
    sample_rate: int
    clock: str
    live: bool = False
    """The world does not wait: what nobody reads in time is lost, and counted."""

    def __init__(self) -> None:
        self.errors: list[SourceError] = []
        """What was damaged while the rest was read."""
        self.lost = 0
        """Samples that are missing so far, at `sample_rate`."""
        self.ended = False
        """Nothing more will come."""
        self._ahead: SoundChunk | None = None

    def __iter__(self) -> Iterator[SoundChunk]:
        """Chunks to the end of the sound; waits for a live one.

        Raises:
            SourceError: the sound was lost for good, or cannot be read.
        """
        while (chunk := self._next()) is not None or not self.ended:
            if chunk is not None:
                yield chunk
            else:
                time.sleep(self._wait())

    def poll(self) -> SoundChunk | None:
        """The next chunk if there is one now, else None: nothing has come yet, or `ended`. Does not wait for a device.

        Raises:
            SourceError: as for iterating.
        """
        return self._next()

    def until(self, timestamp: float) -> Iterator[SoundChunk]:
        """The next chunks that begin before a time; stops where nothing has come yet. Does not wait for a device.

        So a loop over frames takes the sound that belongs to each: `for chunk in sound.until(frame.timestamp)`.

        Args:
            timestamp: seconds on `clock`.

        Raises:
            SourceError: as for iterating.
        """
        while (chunk := self._next()) is not None:
            if chunk.timestamp >= timestamp:
                self._ahead = chunk
                return
            yield chunk

    def _next(self) -> SoundChunk | None:
        if (ahead := self._ahead) is not None:
            self._ahead = None
            return ahead
        chunk = self._take()
        if chunk is not None:
            self.lost += chunk.lost
        return chunk

    @abc.abstractmethod
    def _take(self) -> SoundChunk | None:
        """The next chunk; None: not yet, or `ended`."""

    def _wait(self) -> float:
        """Seconds to sleep when nothing has come yet."""
        return 0.01

    def close(self) -> None:  # noqa: B027  (some hold nothing)
        """Release the device or file; safe to call twice."""

    def __enter__(self) -> SoundSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RecordedSound(SoundSource):
    """Base of sound that is read as fast as it is taken: files, films, pipes.

    Args:
        block: seconds of each chunk.
    """

    clock = "media"

    def __init__(self, block: float) -> None:
        super().__init__()
        check_positive("block", block, unit=" seconds", most=60)
        self._block = block
        self._chunks: Iterator[SoundChunk] = iter(())

    def _take(self) -> SoundChunk | None:
        chunk = None if self.ended else next(self._chunks, None)
        self.ended = chunk is None
        if self.ended:
            self.close()
        return chunk

    def _frames(self) -> int:
        """Frames of one chunk."""
        return max(1, round(self._block * self.sample_rate))


def check_sample_rate(name: str, value: Any) -> int:
    """A sample rate in Hz as a whole number.

    Raises:
        ValueError: outside of what everything behind the sources takes.
    """
    is_right = is_whole(value) and LEAST_RATE <= value <= MOST_RATE
    check(is_right, name, value, f"a whole number of Hz from {LEAST_RATE} to {MOST_RATE}")
    return int(value)


def refuse_pipe(path: str, name: str) -> None:
    """Refuse what would wait for a writer, or never end; sound from pipes is for `PcmStream`.

    Raises:
        SourceError: a named pipe, device or socket.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise SourceError(f"{name} is a pipe or device, no file: save it first, or send bare samples (PcmStream)")


def finite(samples: Samples, name: str, at: int) -> Samples:
    """The samples of a file, if all are numbers; `at` is the place of the first.

    Raises:
        SourceError: NaN or infinity among them, or what is no sound of full scale at -1 and 1.
    """
    good = np.isfinite(samples)
    if not good.all():
        raise SourceError(f"{name} is damaged: sample {at + int(np.argmin(good))} is not a finite number")
    if len(samples) and (peak := float(np.abs(samples).max())) > LOUDEST:
        raise SourceError(
            f"{name} holds floating-point samples up to {peak:g}, whose full scale is 1: its samples were not scaled "
            "(divide 16 bits by 32768), or it is damaged"
        )
    return samples
