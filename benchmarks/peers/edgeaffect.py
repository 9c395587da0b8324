"""This project."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

import numpy as np

import edgeaffect
from edgeaffect import FaceAffect, FaceCues, FaceDetector, Faces, Pipeline, native
from edgeaffect.models import DEFAULTS, bundled


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    stills, clip, still_index, clip_index = (
        frames["stills"],
        frames["clip"],
        cycle(range(len(frames["stills"]))),
        count(),
    )
    detectors = {side: FaceDetector(max_side=side, device="cpu") for side in (320, 640)}
    kinds = {"affect": FaceAffect, "cues": FaceCues}
    readers = {m.name: kinds[m.spec.task](m.path, device="cpu") for m in bundled() if m.spec.task in kinds}
    faces = [
        Faces(frames["boxes"][i : i + 1], frames["scores"][i : i + 1], frames["points"][i : i + 1])
        for i in range(len(stills))
    ]
    pipelines = {
        "frame": Pipeline(detect_interval=0.0, device="cpu"),
        "frame_defaults": Pipeline(device="cpu"),
        "frame_cues": Pipeline(detect_interval=0.0, affect=False, cues=True, device="cpu"),
    }
    times = {name: count() for name in pipelines}

    spec = detectors[320].model.spec.image
    box = detectors[320].letterbox(*stills.shape[2:0:-1])
    out = np.empty((1, spec.channels, *box.size[::-1]), spec.dtype)

    def prepare() -> Any:
        native.crop_normalize(
            stills[next(still_index)], box.matrix[None], box.size, color="bgr", to=spec.color, scale=spec.scale,
            mean=spec.mean, std=spec.std, layout=spec.layout, dtype=spec.dtype, border="constant", out=out,
        )  # fmt: skip

    def detect(side: Any) -> Any:
        return lambda: detectors[side].detect(stills[next(still_index)])

    def read(reader: Any) -> Any:
        def call() -> Any:
            i = next(still_index)
            reader.predict(stills[i], faces[i])

        return call

    def frame(name: Any) -> Any:
        def call() -> Any:
            pipelines[name].process(clip[next(clip_index) % len(clip)], next(times[name]) / 30)

        return call

    found = sum(len(detectors[320].detect(s)) for s in stills)
    tasks = {
        "prepare": prepare,
        "detect_320": detect(320),
        "detect_640": detect(640),
        **{name: frame(name) for name in pipelines},
    }
    questions = {"affect": "expression", "cues": "cues"}
    for name, reader in readers.items():
        task = reader.model.spec.task
        tasks[questions[task] if name == DEFAULTS[task] else f"{questions[task]}:{name}"] = read(reader)
    return tasks, {"versions": {"edgeaffect": edgeaffect.__version__}, "faces_found": found}
