"""A sustained run: latency, temperature and clock over time, and the energy of it all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..context import Bench, Feed
from ..host import hardware, power, tegrastats
from ..host.facts import Energy
from ..host.system_files import SystemFiles
from ..report.model import Sustained, Window
from ..stats.timing import collector_off

WINDOWS = 20
_EDGE = 3  # windows that make up the beginning and the end


def measure(
    bench: Bench, seconds: float, files: SystemFiles, progress: Callable[[float], None]
) -> tuple[Sustained, Energy | None]:
    """Back-to-back frames for a while.

    Args:
        bench: under test.
        seconds: how long.
        files: where temperatures, clocks and energy are read.
        progress: told after each window how many seconds went by.

    Returns:
        latency over time, and the energy (None when nothing here tells it).
    """
    windows: list[Window] = []
    length = seconds / WINDOWS
    sources = power.meters(files)
    with bench.pipeline() as pipeline:
        feed = Feed(pipeline, bench.clip())
        for _ in range(10):
            feed()
        with tegrastats.recording(files) as board, collector_off():
            for meter in sources:
                meter.start()
            begin = time.perf_counter()
            for index in range(WINDOWS):
                values = _feed_until(feed, begin + (index + 1) * length)
                windows.append(_window(index * length, values, files))
                progress(length)
            elapsed = time.perf_counter() - begin
            readings = {meter.name: meter.stop() for meter in sources}
    result = Sustained(
        seconds=round(elapsed, 6),
        window_seconds=length,
        windows=tuple(windows),
        slowdown=round(_slowdown([w.p10 for w in windows]), 4),
        mean_slowdown=round(_slowdown([w.mean for w in windows]), 4),
        tegrastats=board.summary(),
    )
    frames = sum(window.count for window in windows)
    return result, power.energy(readings, frames, elapsed) if readings else None


def _feed_until(feed: Feed, until: float) -> list[float]:
    """Seconds of each frame; at least one."""
    values = []
    while True:
        start = time.perf_counter()
        feed()
        stop = time.perf_counter()
        values.append(stop - start)
        if stop >= until:
            break
    feed.timer.clear()
    return values


def _window(start: float, values: Sequence[float], files: SystemFiles) -> Window:
    p10, p50, p95 = (float(v) for v in np.percentile(values, (10, 50, 95)))
    celsius, clocks = hardware.temperatures(files), hardware.clocks(files)
    return Window(
        start=round(start, 6), count=len(values), mean=float(np.mean(values)), p10=p10, p50=p50, p95=p95,
        max=max(values), celsius=max(celsius.values()) if celsius else None, mhz=max(clocks) if clocks else None,
    )  # fmt: skip


def _slowdown(figures: Sequence[float]) -> float:
    """End over beginning. Heat slows the fast frames too; a disturbance from outside only the mean."""
    return float(np.median(figures[-_EDGE:]) / np.median(figures[:_EDGE]))
