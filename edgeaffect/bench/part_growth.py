"""How cost grows with faces, pixels and cameras: fitted slopes, and whether anything is worse than linear."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

from .context import Bench, Feed
from .method import Plan, Timing, measure
from .stats import growth

FACES = (1, 2, 4, 8, 16, 32)
SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
CAMERAS = (1, 2, 4, 8)
FACES_SIZE = (1280, 960)
# Fits carry noise: only beyond this exponent is growth called worse than linear.
LINEAR_LIMIT = 1.15
TURNS = 5

# a size, or a function that tells it after the calls, and what to time
Sized = tuple[float | Callable[[], float], Callable[[], object]]


def measurements(bench: Bench, plan: Plan, progress: Callable[[float], None]) -> list[dict[str, Any]]:
    """Three curves of the 10th percentile, with detection on every frame so that no frame is cheaper than another."""
    curves = [
        ("faces", "face", "Latency against number of faces", _faces, len(FACES)),
        ("pixels", "megapixel", "Latency against frame size", _sizes, len(SIZES)),
        ("cameras", "camera", "One frame of every camera, one after the other", _cameras, len(CAMERAS)),
    ]
    entries = []
    for name, unit, title, curve, count in curves:
        points = curve(bench, plan)
        progress(count * plan.seconds)
        fit = growth([p["size"] for p in points], [p["seconds"] for p in points])
        entries.append({
            "name": name, "unit": unit, "title": title, "points": points, "intercept": fit.intercept,
            "slope": fit.slope, "exponent": round(fit.exponent, 4), "worse_than_linear": fit.exponent > LINEAR_LIMIT,
        })  # fmt: skip
    return entries


def _point(size: float, seconds: float) -> dict[str, float]:
    return {"size": round(size, 4), "seconds": round(seconds, 9)}


def _ascending(points: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Points whose size really grew (a detector that misses faces may stand still)."""
    kept: list[dict[str, float]] = []
    for point in points:
        if point["size"] > 0 and (not kept or point["size"] > kept[-1]["size"]):
            kept.append(point)
    return kept


def _in_turns(calls: Sequence[Sized], plan: Plan) -> list[dict[str, float]]:
    """Points (size, 10th percentile) of calls that take turns, so that a disturbance hits all sizes alike.

    Args:
        calls: size, or a function that tells it afterwards, and what to time.
        plan: of one call, all turns together.
    """
    turn = dataclasses.replace(plan.scaled(1 / TURNS), warmup_count=2, warmup_seconds=0.0, count=2)
    readings: list[list[Timing]] = [[] for _ in calls]
    for _ in range(TURNS):
        for (_, call), found in zip(calls, readings, strict=True):
            found.append(measure(call, turn))
    return [
        _point(size() if callable(size) else size, float(np.percentile(np.concatenate([t.seconds for t in found]), 10)))
        for (size, _), found in zip(calls, readings, strict=True)
    ]


def _faces(bench: Bench, plan: Plan) -> list[dict[str, float]]:
    calls = []
    with ExitStack() as stack:
        for number in FACES:
            pipeline = stack.enter_context(bench.pipeline(detect_interval=0.0, max_faces=max(FACES)))
            feed = Feed(pipeline, *bench.clip(FACES_SIZE, number, 4))
            calls.append((partial(getattr, feed, "mean_faces"), feed))
        return _ascending(_in_turns(calls, plan))


def _sizes(bench: Bench, plan: Plan) -> list[dict[str, float]]:
    calls = []
    with ExitStack() as stack:
        for size in SIZES:
            pipeline = stack.enter_context(bench.pipeline(detect_interval=0.0))
            calls.append((size[0] * size[1] / 1e6, Feed(pipeline, *bench.clip(size, 1, 2))))
        return _in_turns(calls, plan)


def _cameras(bench: Bench, plan: Plan) -> list[dict[str, float]]:
    clip, color = bench.clip((640, 480), 1, 4)
    with ExitStack() as stack:
        feeds = [
            Feed(stack.enter_context(bench.pipeline(detect_interval=0.0)), clip, color) for _ in range(max(CAMERAS))
        ]

        def one_round(number: int) -> None:
            for feed in feeds[:number]:
                feed()

        return _in_turns([(number, partial(one_round, number)) for number in CAMERAS], plan)
