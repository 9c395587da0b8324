"""`Clock`: the time of one camera's frames; refuses what cannot be seconds, and times that do not go on."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Any

from .._checks import show

# Seconds since 1970 pass this value in the year 5138; larger stamps count something smaller.
_LARGEST = 1e11
_UNITS = ((1e17, "nanoseconds", 1e9), (1e14, "microseconds", 1e6), (_LARGEST, "milliseconds", 1e3))
# Frames this far apart, twice in a row and evenly, are milliseconds more likely than a scene that moves.
_LONG_STEP = 5.0
_EVEN = 1.5


@dataclass(frozen=True)
class Step:
    """What one more frame means."""

    now: float
    """Seconds."""
    is_jump: bool = False
    """Time went back and `reset` was asked for: nothing before counts."""
    is_dropped: bool = False
    """Time did not go on and `drop` was asked for."""


def seconds(timestamp: Any) -> float:
    """A stamp of a frame or a sound as a number of seconds.

    Raises:
        TypeError: not a number.
        ValueError: not finite, or so large that it counts milliseconds or less.
    """
    value = None
    # `float` reads text and truth values too, which are no stamps; its messages repeat what was given.
    if not isinstance(timestamp, (str, bytes, bytearray, bool)):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            value = float(timestamp)
    if value is None:
        raise TypeError(f"timestamp must be a number of seconds; got {show(timestamp)}")
    if not math.isfinite(value):
        raise ValueError(f"timestamp must be a finite number of seconds; got {timestamp!r}")
    for limit, unit, per_second in _UNITS:
        if abs(value) >= limit:
            raise ValueError(f"timestamp {timestamp!r} is in {unit}, not seconds: divide it by {per_second:g}")
    return value


class Clock:
    """Follows the stamps of one camera.

    Args:
        on_jump: what to do with a stamp that is not later than the last one: `raise`, `reset` or `drop`.
        max_age: `track.max_age`; whoever sets it above the distance of two frames knows that they are far apart.
    """

    def __init__(self, on_jump: str, max_age: float) -> None:
        self._on_jump, self._max_age = on_jump, max_age
        self.reset()

    def reset(self) -> None:
        """Forget all stamps."""
        self._now, self._name = -math.inf, ""
        self._step = 0.0

    def seconds(self, timestamp: Any) -> float:
        """A stamp as a number of seconds; errors as for the function `seconds`."""
        return seconds(timestamp)

    def advance(self, timestamp: Any, name: str) -> Step:
        """Take the stamp of the next frame.

        Raises:
            TypeError, ValueError: see `seconds`; or time came from another clock, does not go on, or goes on as if in
                milliseconds.
        """
        now = self.seconds(timestamp)
        if self._name and name != self._name:
            raise ValueError(
                f"time came from the {self._name!r} clock and now comes from {name!r}: give every frame a timestamp, "
                "or none, and call reset() in between"
            )
        if now <= self._now:
            return self._went_back(now, name)
        step = now - self._now
        if name == "user" and self._is_milliseconds(step):
            raise ValueError(
                f"timestamps go on by {step:g} s from frame to frame: if they are milliseconds, divide them by 1000; "
                f"if frames are that far apart, say so with max_age={2 * step:g}, or call reset() between them"
            )
        self._now, self._name, self._step = now, name, step
        return Step(now)

    def _is_milliseconds(self, step: float) -> bool:
        last = self._step
        if not (_LONG_STEP <= step < math.inf and _LONG_STEP <= last < math.inf) or self._max_age >= step:
            return False
        return 1 / _EVEN <= step / last <= _EVEN

    def _went_back(self, now: float, name: str) -> Step:
        if self._on_jump == "raise":
            raise ValueError(
                f"timestamps must increase: got {now} after {self._now}; for a new scene call reset(), or choose "
                "on_time_jump='reset' or 'drop'"
            )
        if self._on_jump == "drop":
            return Step(self._now, is_dropped=True)
        self._now, self._name, self._step = now, name, 0.0
        return Step(now, is_jump=True)
