"""`TimeGaps`: what the times of a film's frames say of missing ones, where its container does not count them."""

from __future__ import annotations

import math
from collections import Counter

_STEADY = 0.9
"""Least share of equal distances in a film of constant rate; others have pauses of their own."""
_LIKE, _TICK = 0.2, 0.0011
"""Distances this near to the usual one are equal: as a share of it, or in seconds (many containers count in ms)."""
_LEAST = 10


class TimeGaps:
    """Counts the frames that are missing between others, by their times."""

    def __init__(self) -> None:
        self._distances: Counter[float] = Counter()
        self.last = math.nan
        """Time of the last frame in seconds; NaN before the first."""

    def add(self, timestamp: float) -> None:
        """Take the next frame's time in seconds."""
        if not math.isnan(self.last):
            self._distances[round(timestamp - self.last, 4)] += 1
        self.last = timestamp

    @property
    def longest(self) -> float:
        """Longest time in seconds between two frames."""
        return max(self._distances, default=0.0)

    def missing(self) -> int:
        """Frames that a constant rate asks for and that are not there; 0 for a film of variable rate."""
        total = self._distances.total()
        if total < _LEAST:
            return 0
        mode = self._distances.most_common(1)[0][0]
        like = max(_LIKE * mode, _TICK)
        equal = {distance: count for distance, count in self._distances.items() if abs(distance - mode) <= like}
        if sum(equal.values()) < _STEADY * total:
            return 0
        usual = sum(distance * count for distance, count in equal.items()) / sum(equal.values())
        long = {distance: count for distance, count in self._distances.items() if distance > 1.5 * usual + _TICK}
        return sum((round(distance / usual) - 1) * count for distance, count in long.items())
