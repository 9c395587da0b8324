"""`FrameRing`: the last seconds of a sound as frames, in one piece of memory that is never allocated again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class FrameRing:
    """Log-mel frames, speech and energy of the last `frames` frames at least; any stretch of them is contiguous.

    The memory holds more than is asked for: when it is full the newest `frames` go to its front, once in as many
    frames as there is room.

    Args:
        frames: how many must be kept.
        bands: of a log-mel frame.
    """

    def __init__(self, frames: int, bands: int) -> None:
        self._kept, self._room = frames, 3 * frames
        self._log_mel = np.empty((self._room, bands), np.float32)
        self._speech = np.empty(self._room, np.float32)
        self._energy = np.empty(self._room, np.float64)
        self.reset()

    def reset(self) -> None:
        """Forget every frame."""
        self._first = self._filled = 0
        """Number of the frame at the front, and frames in memory."""

    @property
    def end(self) -> int:
        """Number of frames so far."""
        return self._first + self._filled

    @property
    def start(self) -> int:
        """Number of the oldest frame at hand."""
        return self._first

    def append(self, log_mel: NDArray[np.float32], speech: NDArray[np.float32], energy: NDArray[np.float64]) -> None:
        """Take over frames, at most as many as are kept.

        Args:
            log_mel: [n, bands].
            speech: [n] probability.
            energy: [n] mean square of the samples.
        """
        n = len(log_mel)
        if self._filled + n > self._room:
            for memory in (self._log_mel, self._speech, self._energy):
                memory[: self._kept] = memory[self._filled - self._kept : self._filled]
            self._first += self._filled - self._kept
            self._filled = self._kept
        place = slice(self._filled, self._filled + n)
        self._log_mel[place], self._speech[place], self._energy[place] = log_mel, speech, energy
        self._filled += n

    def log_mel(self, start: int, end: int) -> NDArray[np.float32]:
        """[end - start, bands], a view that is valid until the next `append`."""
        return self._log_mel[start - self._first : end - self._first]

    def speech(self, start: int, end: int) -> NDArray[np.float32]:
        """[end - start] probability of speech, a view."""
        return self._speech[start - self._first : end - self._first]

    def energy(self, start: int, end: int) -> NDArray[np.float64]:
        """[end - start] mean square of the samples, a view."""
        return self._energy[start - self._first : end - self._first]
