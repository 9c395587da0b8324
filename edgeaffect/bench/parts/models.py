"""Detector, expression and cue model by themselves, split into their parts."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...face.affect import FaceAffect
from ...face.cues import FaceCues
from ...face.detector import FaceDetector
from ..context import Bench, frame_size
from ..stats.measurement import Measurement, Parameter, record
from ..stats.timing import TimingPlan, measure

BATCHES = (1, 4, 8)


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """All models on the clip's first frame, those that read faces also with more faces at once."""
    clip = bench.clip()
    frame, color = clip.frames[0], clip.color
    width, height = frame_size(clip)
    with contextlib.ExitStack() as stack:
        detector = stack.enter_context(FaceDetector(bench.models["face-detector"], **bench.place))
        readers: dict[str, FaceAffect | FaceCues] = {
            "affect": stack.enter_context(FaceAffect(bench.models["affect"], **bench.place)),
            "cues": stack.enter_context(FaceCues(bench.models["cues"], **bench.place)),
        }
        faces = detector.detect(frame, color)
        entries = _split("detect", detector, partial(detector.detect, frame, color), plan, size=f"{width}x{height}")
        if not len(faces):
            bench.note("no face in the first frame: the models that read faces were not measured by themselves")
            return entries
        for name, reader in readers.items():
            for batch in BATCHES:
                many = faces[np.zeros(batch, np.int64)]
                entries += _split(name, reader, partial(reader.predict, frame, many, color), plan, faces=batch)
        return entries


def _split(name: str, stage: Any, call: Callable[[], Any], plan: TimingPlan, **params: Parameter) -> list[Measurement]:
    calls: list[dict[str, float]] = []

    def timed() -> None:
        stage.timer.reset()
        call()
        calls.append(stage.timer.parts)

    timing = measure(timed, plan)
    calls = calls[-len(timing.seconds) :]
    entries = [record(name, "models", timing, **params)]
    for part in calls[0]:
        seconds = np.array([parts[part] for parts in calls]) * 1e-3
        entries.append(record(f"{name}.{part}", "models", dataclasses.replace(timing, seconds=seconds), **params))
    return entries
