"""The pipeline as a user runs it: whole frames with their stages, live input, a sustained run, energy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..frames import Frame
from ..sources import Source, SourceFrame
from ..sources.mailbox import Mailbox
from . import hardware, power
from .context import Bench, Feed
from .method import Plan, collector_off, measure, record
from .stats import summary
from .tree import Tree

MODES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "detection on every frame": {"detect_interval": 0.0},
}
LIVE_FPS = (15.0, 30.0, 60.0)
WINDOWS = 20


def measurements(bench: Bench, plan: Plan) -> list[dict[str, Any]]:
    """Frame in to result out, and every stage of it, in each mode."""
    clip, color = bench.clip()
    width, height = _size(clip[0], color)
    entries = []
    for mode, overrides in MODES.items():
        with bench.pipeline(**overrides) as pipeline:
            feed = Feed(pipeline, clip, color)
            timing = measure(feed, plan)
            params = {"mode": mode, "size": f"{width}x{height}", "faces": round(feed.mean_faces, 2)}
            entries.append(record("pipeline", "pipeline", timing, **params))
            laps = feed.results[-len(timing.seconds) :]
        entries += [_stage(name, timing, laps, params) for name in _stage_names(laps)]
    if bench.settings.source is None and abs(entries[0]["params"]["faces"] - bench.settings.faces) > 0.05:
        bench.notes.append(
            f"the detector finds {entries[0]['params']['faces']:g} of {bench.settings.faces} drawn faces"
        )
    return entries


def _stage_names(laps: list[dict[str, float]]) -> list[str]:
    seen = dict.fromkeys(name for lap in laps for name in lap)
    order = ("capture", "convert", "detect", "track", "crop", "affect", "smooth", "copy")
    return sorted((n for n in seen if n != "total"), key=lambda n: order.index(n) if n in order else len(order))


def _stage(name: str, whole: Any, laps: list[dict[str, float]], params: dict[str, Any]) -> dict[str, Any]:
    """One stage; a frame in which it did not run counts as zero in the mean, and not at all in the percentiles."""
    values = np.array([lap[name] for lap in laps if name in lap]) * 1e-3
    entry = record(f"pipeline.{name}", "pipeline", whole, **params)
    entry["latency"] = summary(values)
    entry["throughput"]["value"] = round(len(values) / max(values.sum(), 1e-12), 3)
    entry["share_of_frames"] = round(len(values) / len(laps), 4)
    return entry


def _size(frame: Frame, color: str) -> tuple[int, int]:
    height, width = frame.shape[:2]
    return width, height * 2 // 3 if color == "nv12" else height


class PacedSource(Source):
    """A camera made of frames in memory: a thread publishes them on a clock into a mailbox of one."""

    live = True

    def __init__(self, clip: list[Frame], color: str, fps: float, seconds: float) -> None:
        super().__init__()
        self.name, self.fps = f"paced {fps:g} fps", fps
        self.length = max(2, round(fps * seconds))
        self._clip, self._color = clip, color
        self.dropped = 0

    def __iter__(self) -> Iterator[SourceFrame]:
        mailbox: Mailbox[dict[str, Any]] = Mailbox(({}, {}, {}))
        threading.Thread(target=self._produce, args=(mailbox,), name=self.name, daemon=True).start()
        while (slot := mailbox.take()) is not None:
            self.dropped = mailbox.dropped
            yield SourceFrame(
                slot["image"], slot["index"], slot["timestamp"], "monotonic", self.name, time.time(),
                color=self._color, dropped=mailbox.dropped,
            )  # fmt: skip
        self.dropped = mailbox.dropped

    def _produce(self, mailbox: Mailbox[dict[str, Any]]) -> None:
        start = time.monotonic()
        assert self.fps is not None and self.length is not None
        for index in range(self.length):
            due = start + index / self.fps
            time.sleep(max(0.0, due - time.monotonic()))
            # The time stamp is the moment the frame was due: a late thread must not make the age look small.
            mailbox.writing.update(image=self._clip[index % len(self._clip)], index=index, timestamp=due)
            mailbox.publish()
        mailbox.end()


def live(bench: Bench, seconds: float, progress: Callable[[float], None]) -> list[dict[str, Any]]:
    """Frames that arrive whether we are ready or not: how many are lost, and how old a result is.

    Args:
        bench: under test.
        seconds: per frame rate.
        progress: told after each frame rate how many seconds went by.
    """
    clip, color = bench.clip()
    entries = []
    for fps in LIVE_FPS:
        source = PacedSource(clip, color, fps, seconds)
        ages = []
        with bench.pipeline() as pipeline, collector_off():
            pipeline.warmup(_size(clip[0], color), color)
            for result in pipeline.stream(source):
                ages.append(time.monotonic() - result.timestamp)
        entries.append({
            "fps": fps, "seconds": seconds, "produced": source.length, "processed": len(ages),
            "dropped": source.dropped, "latency": summary(ages),
        })  # fmt: skip
        progress(seconds)
    return entries


def sustained(
    bench: Bench, seconds: float, tree: Tree, progress: Callable[[float], None]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Back-to-back frames for a while: latency, temperature and clock per window, and the energy of it all.

    Returns:
        the report's `sustained` and `energy` (None when nothing here tells it).
    """
    clip, color = bench.clip()
    windows: list[dict[str, Any]] = []
    length = seconds / WINDOWS
    sources = power.meters(tree)
    with bench.pipeline() as pipeline:
        feed = Feed(pipeline, clip, color)
        for _ in range(10):
            feed()
        frames = 0
        for meter in sources:
            meter.start()
        begin = time.perf_counter()
        with collector_off():
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
        "slowdown": round(_mean(windows[-3:]) / _mean(windows[:3]), 4),
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
    feed.results.clear()
    p50, p95 = np.percentile(values, (50, 95))
    return {
        "count": len(values),
        "mean": float(np.mean(values)),
        "p50": float(p50),
        "p95": float(p95),
        "max": max(values),
    }


def _mean(windows: list[dict[str, Any]]) -> float:
    return sum(w["mean"] for w in windows) / len(windows)


def _thermal(tree: Tree) -> dict[str, float | None]:
    celsius = hardware.temperatures(tree)
    clocks = hardware.state(tree)["cpu_mhz"]
    return {"celsius": max(celsius.values()) if celsius else None, "mhz": max(clocks) if clocks else None}
