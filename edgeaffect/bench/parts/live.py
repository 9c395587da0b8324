"""Live input: frames that arrive whether we are ready or not. How many are lost, and how old a result is."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...sources import PacedSource
from ..context import Bench, frame_size
from ..report.model import LiveRun
from ..stats.samples import summary
from ..stats.timing import collector_off

FRAME_RATES = (15.0, 30.0, 60.0)


def measure(bench: Bench, seconds: float, progress: Callable[[float], None]) -> tuple[LiveRun, ...]:
    """One run per frame rate.

    Args:
        bench: under test.
        seconds: per frame rate.
        progress: told after each frame rate how many seconds went by.
    """
    clip = bench.clip()
    runs = []
    for fps in FRAME_RATES:
        # Two frames at least: one has no distribution.
        source = PacedSource(clip.frames, fps=fps, seconds=max(seconds, 2 / fps), color=clip.color)
        ages, captures = [], []
        with bench.pipeline() as pipeline, collector_off():
            pipeline.warmup(frame_size(clip), clip.color)
            for result in pipeline.stream(source):
                ages.append(time.monotonic() - result.timestamp)
                captures.append(result.timings_ms["capture"] * 1e-3)
        runs.append(
            LiveRun(
                fps=fps, seconds=seconds, produced=source.length or 0, processed=len(ages), dropped=source.dropped,
                latency=summary(ages), capture=summary(captures),
            )
        )  # fmt: skip
        progress(seconds)
    return tuple(runs)
