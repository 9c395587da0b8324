"""The pipeline as a user runs it: whole frames, and every stage of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..context import Bench, Feed, frame_size
from ..report.model import LiveRun, Stage
from ..stats.measurement import Measurement, Parameter, record, stage_record
from ..stats.timing import Timing, TimingPlan, measure
from .voice import Sound

MODES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "defaults with voice": {"voice": True},
    "detection on every frame": {"detect_interval": 0.0},
    "detection and cues on every frame": {"detect_interval": 0.0, "cues": True},
}
STAGES = ("capture", "convert", "detect", "track", "crop", "affect", "cues", "smooth", "voice", "copy")
"""In the order in which a frame passes them."""


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """Frame in to result out, and every stage of it, in each mode."""
    clip = bench.clip()
    entries = []
    for mode, overrides in MODES.items():
        with bench.pipeline(**overrides) as pipeline, Sound(pipeline) as sound:
            feed = Feed(pipeline, clip, sound.frame)
            timing = measure(feed, plan)
        width, height = frame_size(clip)
        params: dict[str, Parameter] = {"mode": mode, "size": f"{width}x{height}"}
        if bench.settings.source is None:
            params["faces"] = bench.settings.faces
        found = round(feed.mean_faces, 2)
        whole = record("pipeline", "pipeline", timing, **params)
        entries.append(dataclasses.replace(whole, facts={"faces_found": found}))
        entries += _stages(feed.timer[-len(timing.seconds) :], timing, params)
        if bench.settings.source is None and abs(found - bench.settings.faces) > 0.05:
            bench.note(f"the detector finds {found:g} of {bench.settings.faces} drawn faces")
    return entries


def _stages(frames: Sequence[Mapping[str, float]], whole: Timing, params: Mapping[str, Parameter]) -> list[Measurement]:
    """Every stage and part of one; a frame in which it did not run is not in its figures."""
    seen = dict.fromkeys(name for times in frames for name in times if name != "total")
    seconds = {name: np.array([times[name] for times in frames if name in times]) * 1e-3 for name in seen}
    seconds = {name: np.array([times[name] for times in frames if name in times]) * 1e-3 for name in seen}
    return [
        stage_record(f"pipeline.{name}", "pipeline", seconds[name], len(frames), whole, **params)
        for name in sorted(seen, key=_order)
    ]


def _order(name: str) -> tuple[int, bool]:
    """A stage comes before its parts, which keep their own order."""
    stage, _, part = name.partition(".")
    return STAGES.index(stage) if stage in STAGES else len(STAGES), bool(part)


def stages(bench: Bench, measured: Sequence[Measurement], live: Sequence[LiveRun]) -> dict[str, Stage]:
    """What became of each of `STAGES`: measured, or why there is nothing to measure.

    Args:
        bench: what ran.
        measured: the report's measurements.
        live: the report's live runs.
    """
    names = {m.name for m in measured if m.group == "pipeline"}
    found = {name: Stage("measured", f"pipeline.{name}") for name in STAGES if f"pipeline.{name}" in names}
    if "capture" not in found and live:
        found["capture"] = Stage(
            "stand-in", "copying a frame from memory, in live input; --source measures a real camera, file or stream"
        )  # fmt: skip
    found["convert"] = Stage(
        "fused", "into detect.crop and crop, one pass; what it adds: the formats of the preprocessing part"
    )  # fmt: skip
    if bench.on_gpu:
        found["copy"] = Stage("inside", "detect, affect and cues, which copy to the GPU and back themselves")
        found.setdefault("crop", Stage("inside", "affect, which crops on the GPU"))
    else:
        found["copy"] = Stage("none", "the models read the very buffer that crop wrote")
    absent = Stage("not measured", "no such stage ran: no face was found, or the pipeline was not measured")
    return {name: found.get(name, absent) for name in STAGES}
