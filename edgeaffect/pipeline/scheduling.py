"""Who is looked at next: turns of faces within a bounded cost per frame, and frames within a bounded rate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

# Cameras jitter: a frame that comes this share of the interval too early is taken for the one that was due.
_EARLY = 0.05


def is_due(elapsed: float, interval: float) -> bool:
    """Whether `interval` seconds are over, give or take a camera's jitter."""
    return elapsed >= interval * (1 - _EARLY)


class RoundRobin:
    """Round-robin over faces: each is analysed once per `interval`, the longest-waiting first.

    Analyses are spread over frames: with n faces, a frame that comes dt seconds after the last one takes at most
    ceil(n dt / interval) of them. Faces never analysed go first.

    Args:
        interval: seconds between two analyses of one face; 0 = every face in every frame.
    """

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._last: dict[int, float] = {}
        self._frame = -math.inf
        self._before = self._last, self._frame

    def choose(self, track_ids: Sequence[int], timestamp: float) -> list[int]:
        """Positions in `track_ids` to analyse now, ascending; they count as analysed."""
        self._before = self._last, self._frame
        elapsed = timestamp - self._frame
        self._frame = timestamp
        if not self.interval:
            return list(range(len(track_ids)))
        waited = {i: timestamp - self._last.get(track, -math.inf) for i, track in enumerate(track_ids)}
        due = sorted((i for i, wait in waited.items() if is_due(wait, self.interval)), key=lambda i: -waited[i])
        budget = len(due) if math.isinf(elapsed) else math.ceil(len(track_ids) * elapsed / self.interval)
        chosen = due[:budget]
        self._last = {**self._last, **{track_ids[i]: timestamp for i in chosen}}
        return sorted(chosen)

    def put_back(self) -> None:
        """The last `choose` never was."""
        self._last, self._frame = self._before

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._last = {key: value for key, value in self._last.items() if key in ids}

    def reset(self) -> None:
        """Forget every face."""
        self._last = {}
        self._frame = -math.inf


class RateLimiter:
    """Lets at most `fps` frames per second through; 0 = all.

    Args:
        fps: the limit.
        on_jump: as for `Clock`. With `drop` a frame whose time goes back is one too many; else it goes through, for the
            clock to see, and the rate counts from there.
    """

    def __init__(self, fps: float, on_jump: str = "raise") -> None:
        self._drops = on_jump == "drop"
        self._period = 1 / fps if fps else 0.0
        self._due = self._last = -math.inf

    def admits(self, timestamp: float) -> bool:
        """Whether a frame of that time goes through; it counts as gone through."""
        if not self._period:
            return True
        if timestamp < self._last and not self._drops:
            self._due = timestamp
        elif timestamp < self._due - _EARLY * self._period:
            return False
        self._last = timestamp
        # Counting from the time it was due, not from the frame's own, keeps the mean rate at `fps`; not after a gap.
        late = timestamp - self._due
        self._due = (self._due if late < self._period else timestamp) + self._period
        return True
