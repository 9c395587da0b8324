"""A sustained run: latency, temperature and clock over time, and the energy of it all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..context import Bench, Feed
from ..host import hardware, power, tegrastats
from ..host.tree import Tree
from ..stats.method import collector_off

WINDOWS = 20
_EDGE = 3  # windows that make up the beginning and the end


def sustained(
    bench: Bench, seconds: float, tree: Tree, progress: Callable[[float], None]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Back-to-back frames for a while.

    Args:
        bench: under test.
        seconds: how long.
        tree: where temperatures, clocks and energy are read.
        progress: told after each window how many seconds went by.

    Returns:
        the report's `sustained` and `energy` (None when nothing here tells it).
    """
    windows: list[dict[str, Any]] = []
    length = seconds / WINDOWS
    sources = power.meters(tree)
    with bench.pipeline() as pipeline:
        feed = Feed(pipeline, bench.clip())
        for _ in range(10):
            feed()
        frames = 0
        with tegrastats.recording(tree) as board, collector_off():
            for meter in sources:
                meter.start()
            begin = time.perf_counter()
            for index in range(WINDOWS):
                window = _window(feed, begin + (index + 1) * length)
                frames += window["count"]
                windows.append({"start": round(index * length, 6), **window, **_thermal(tree)})
                progress(length)
            elapsed = time.perf_counter() - begin
            readings = {meter.name: meter.stop() for meter in sources}
    result = {
        "seconds": round(elapsed, 6),
        "window_seconds": length,
        "windows": windows,
        "slowdown": round(_growth(windows, "p10"), 4),
        "mean_slowdown": round(_growth(windows, "mean"), 4),
        "tegrastats": board.summary(),
    }
    return result, power.energy(readings, frames, elapsed) if readings else None


def _window(feed: Feed, until: float) -> dict[str, Any]:
    values = []
    while True:
        start = time.perf_counter()
        feed()
        stop = time.perf_counter()
        values.append(stop - start)
        if stop >= until:
            break
    feed.timer.clear()
    p10, p50, p95 = np.percentile(values, (10, 50, 95))
    return {
        "count": len(values),
        "mean": float(np.mean(values)),
        "p10": float(p10),
        "p50": float(p50),
        "p95": float(p95),
        "max": max(values),
    }


def _growth(windows: Sequence[dict[str, Any]], figure: str) -> float:
    """End over beginning. Heat slows the fast frames too; a disturbance from outside only the mean."""
    return float(np.median([w[figure] for w in windows[-_EDGE:]]) / np.median([w[figure] for w in windows[:_EDGE]]))


def _thermal(tree: Tree) -> dict[str, float | None]:
    celsius, clocks = hardware.temperatures(tree), hardware.clocks(tree)
    return {"celsius": max(celsius.values()) if celsius else None, "mhz": max(clocks) if clocks else None}
