"""How cost grows with faces, pixels and cameras: fitted slopes, and whether anything is worse than linear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .context import Bench, Feed
from .method import Plan, measure
from .stats import growth

FACES = (1, 2, 4, 8, 16, 32)
SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
CAMERAS = (1, 2, 4, 8)
FACES_SIZE = (1280, 960)
# Fits carry noise: only beyond this exponent is growth called worse than linear.
LINEAR_LIMIT = 1.15


def measurements(bench: Bench, plan: Plan, progress: Callable[[float], None]) -> list[dict[str, Any]]:
    """Three curves of the 10th percentile, with detection on every frame so that no frame is cheaper than another."""
    curves = [
        ("faces", "face", "Latency against number of faces", _faces(bench, plan, progress)),
        ("pixels", "megapixel", "Latency against frame size", _sizes(bench, plan, progress)),
        ("cameras", "camera", "One frame of every camera, one after the other", _cameras(bench, plan, progress)),
    ]
    entries = []
    for name, unit, title, points in curves:
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


def _faces(bench: Bench, plan: Plan, progress: Callable[[float], None]) -> list[dict[str, float]]:
    points = []
    for number in FACES:
        clip, color = bench.clip(FACES_SIZE, number, 4)
        with bench.pipeline(detect_interval=0.0, max_faces=max(FACES)) as pipeline:
            feed = Feed(pipeline, clip, color)
            timing = measure(feed, plan)
            points.append(_point(feed.mean_faces, timing.quiet))
        progress(plan.seconds)
    return _ascending(points)


def _sizes(bench: Bench, plan: Plan, progress: Callable[[float], None]) -> list[dict[str, float]]:
    points = []
    for width, height in SIZES:
        clip, color = bench.clip((width, height), 1, 2)
        with bench.pipeline(detect_interval=0.0) as pipeline:
            points.append(_point(width * height / 1e6, measure(Feed(pipeline, clip, color), plan).quiet))
        progress(plan.seconds)
    return points


def _cameras(bench: Bench, plan: Plan, progress: Callable[[float], None]) -> list[dict[str, float]]:
    points = []
    clip, color = bench.clip((640, 480), 1, 4)
    for number in CAMERAS:
        pipelines = [bench.pipeline(detect_interval=0.0) for _ in range(number)]
        feeds = [Feed(pipeline, clip, color) for pipeline in pipelines]

        def one_round(feeds: list[Feed] = feeds) -> None:
            for feed in feeds:
                feed()

        points.append(_point(number, measure(one_round, plan).quiet))
        for pipeline in pipelines:
            pipeline.close()
        progress(plan.seconds)
    return points
