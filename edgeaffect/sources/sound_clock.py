"""`SampleClock`: when samples were captured, by their numbers and by the times at which their blocks arrived."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 5.0
"""Blocks this far back are looked at: long enough to hold some that nothing delayed, so short that the clock of a
device, which may be wrong by 100 millionths, goes off by half a millisecond at most."""
SLEW = 0.05
"""The clock is corrected by at most this share of the time that passes: chunks never overlap."""
_JUMP_SECONDS = 0.2
"""A delay that lasts for the whole window and is longer than this is sound that the device lost without a word."""


class SampleClock:
    """Seconds of each sample on the clock of the computer, without drift and nearly without jitter.

    A block arrives when its last sample has been captured, or later: the scheduler delays, it never hastens. So the
    smallest of `arrival - end / sample_rate` over the last seconds is the moment of sample 0 by our clock, up
    to the constant delay of the device (some milliseconds, unknown); see csrc/audio/ring.h. The sample rate of the
    device need not be exact.

    Args:
        sample_rate: nominal, Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._sample_rate = sample_rate
        self._smallest: deque[tuple[float, float]] = deque()  # (place in seconds, origin), both growing
        self._origin: float | None = None
        self._last = 0.0

    def time_of(self, first: int, frames: int, origin: float, *, gap: bool = False) -> tuple[float, int]:
        """Time of a run's first sample, and how many samples the device must have lost before it.

        Args:
            first: its number.
            frames: length of the run.
            origin: what the ring says of the run, seconds.
            gap: the device said that it lost sound before the run.
        """
        place = first / self._sample_rate
        end = place + frames / self._sample_rate
        if gap:
            self._smallest.clear()
        while self._smallest and self._smallest[0][0] < end - WINDOW_SECONDS:
            self._smallest.popleft()
        while self._smallest and self._smallest[-1][1] >= origin:
            self._smallest.pop()
        self._smallest.append((end, origin))
        target = self._smallest[0][1]
        lost = 0
        if self._origin is None:
            self._origin = target
        elif target - self._origin > (0 if gap else _JUMP_SECONDS):
            lost = round((target - self._origin) * self._sample_rate)
            self._origin = target
        else:
            most = SLEW * max(0.0, end - self._last)
            self._origin += min(max(target - self._origin, -most), most)
        self._last = end
        return self._origin + place, lost
