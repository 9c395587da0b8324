"""Detector and expression model by themselves, split into preprocessing, inference and decoding."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from .. import native
from ..affect import FaceAffect
from ..detect import FaceDetector
from .context import Bench
from .method import Plan, Timing, measure, record

BATCHES = (1, 4, 8)


class Trace:
    """Nanoseconds spent in named functions, per call of the whole."""

    def __init__(self) -> None:
        self.calls: list[dict[str, int]] = []
        self._now: dict[str, int] = {}

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter_ns()
            try:
                return function(*args, **kwargs)
            finally:
                self._now[name] = self._now.get(name, 0) + time.perf_counter_ns() - start

        return timed

    def around(self, whole: Callable[[], Any]) -> Callable[[], Any]:
        """`whole`, with what its wrapped parts took appended to `calls` each time."""

        def call() -> None:
            self._now = {}
            whole()
            self.calls.append(self._now)

        return call


@contextlib.contextmanager
def traced(stage: Any, trace: Trace) -> Iterator[None]:
    """Times the native functions and the session that `stage` calls. Nothing else may use them meanwhile."""
    functions = {"crop_normalize": "crop", "decode_faces": "decode"}
    originals = {name: getattr(native, name) for name in functions}
    run = stage.session.run
    try:
        for name, label in functions.items():
            setattr(native, name, trace.wrap(label, originals[name]))
        stage.session.run = trace.wrap("model", run)
        yield
    finally:
        for name, original in originals.items():
            setattr(native, name, original)
        stage.session.run = run


def measurements(bench: Bench, plan: Plan) -> list[dict[str, Any]]:
    """Both models on the clip's first frame, the expression model also with more faces at once."""
    clip, color = bench.clip()
    frame = clip[0]
    detector = FaceDetector(bench.models["face-detector"], **bench.place)
    affect = FaceAffect(bench.models["affect"], **bench.place)
    try:
        faces = detector.detect(frame, color)
        size = f"{frame.shape[1]}x{frame.shape[0]}"
        entries = _split("detect", detector, partial(detector.detect, frame, color), plan, size=size)
        if not len(faces):
            bench.notes.append("no face in the first frame: the expression model was not measured by itself")
            return entries
        for batch in BATCHES:
            many = faces[np.zeros(batch, np.int64)]
            entries += _split("affect", affect, partial(affect.predict, frame, many, color), plan, faces=batch)
        return entries
    finally:
        detector.close()
        affect.close()


def _split(name: str, stage: Any, call: Callable[[], Any], plan: Plan, **params: Any) -> list[dict[str, Any]]:
    trace = Trace()
    with traced(stage, trace):
        timing = measure(trace.around(call), plan)
    calls = trace.calls[-len(timing.seconds) :]
    entries = [record(name, "models", timing, **params)]
    for part in ("crop", "model", "decode"):
        values = np.array([c.get(part, 0) for c in calls]) * 1e-9
        if values.any():
            piece = Timing(values, timing.warmup_count, timing.warmup_seconds, timing.stable)
            entries.append(record(f"{name}.{part}", "models", piece, **params))
    return entries
