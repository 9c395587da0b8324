"""`Tally`: what was done so far, for the page and for Prometheus."""

from __future__ import annotations

import statistics
import time
from collections import Counter, deque
from typing import Any

from .._json import plain
from ..events import Event
from ..results import Result

BUCKETS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.125, 0.25, 0.5, 1.0)
"""Upper bounds in seconds of the latency histogram."""

_RECENT = 240
_SPAN = 3.0


class Tally:
    """Counts of one run; written by the pipeline's thread, read by any."""

    def __init__(self) -> None:
        self.frames = self.faces_seen = self.faces_now = self.dropped = 0
        self._dropped_before = 0
        self.latencies = [0] * (len(BUCKETS) + 1)
        """Frames per bucket of `BUCKETS`, the last one beyond all of them."""
        self.latency_sum = 0.0
        self.events: Counter[str] = Counter()
        """Event name -> starts."""
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)

    def add(self, result: Result, now: float) -> None:
        """One more frame; `now` on the monotonic clock."""
        seconds = result.timings_ms.get("total", 0.0) / 1000
        self.frames += 1
        self.faces_now = len(result.faces)
        self.faces_seen += self.faces_now
        if result.dropped_frames < self.dropped - self._dropped_before:  # a film began again
            self._dropped_before = self.dropped
        self.dropped = self._dropped_before + result.dropped_frames
        bucket = next((i for i, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))
        self.latencies[bucket] += 1
        self.latency_sum += seconds
        self._recent.append((now, seconds))

    def note(self, event: Event) -> None:
        """An event began or ended."""
        if event.phase == "start":
            self.events[event.name] += 1

    def facts(self) -> dict[str, Any]:
        """Plain values: counts, and speed over the last seconds."""
        now = time.monotonic()
        recent = [(at, seconds) for at, seconds in tuple(self._recent) if now - at <= _SPAN]
        span = now - recent[0][0] if recent else 0.0
        fps = len(recent) / span if span > 0.1 else None
        latency = statistics.median(seconds for _, seconds in recent) * 1000 if recent else None
        return {
            "frames": self.frames,
            "dropped": self.dropped,
            "faces": self.faces_now,
            "fps": plain(fps),
            "latency_ms": plain(latency),
        }
