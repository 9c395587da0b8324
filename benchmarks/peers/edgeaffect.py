"""This project."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

import numpy as np

import edgeaffect
from edgeaffect import FaceAffect, FaceDetector, Faces, Pipeline, native
from edgeaffect.models import DEFAULTS, bundled


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    stills, clip, still_index, clip_index = (
        frames["stills"],
        frames["clip"],
        cycle(range(len(frames["stills"]))),
        count(),
    )
    detectors = {side: FaceDetector(max_side=side, device="cpu") for side in (320, 640)}
    readers = {model.name: FaceAffect(model.path, device="cpu") for model in bundled() if model.spec.task == "affect"}
    faces = [
        Faces(frames["boxes"][i : i + 1], frames["scores"][i : i + 1], frames["points"][i : i + 1])
        for i in range(len(stills))
    ]
    pipelines = {"frame": Pipeline(detect_interval=0.0, device="cpu"), "frame_defaults": Pipeline(device="cpu")}
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

    def expression(reader: Any) -> Any:
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
        "expression": expression(readers[DEFAULTS["affect"]]),
        "frame": frame("frame"),
        "frame_defaults": frame("frame_defaults"),
    }
    tasks |= {f"expression:{name}": expression(r) for name, r in readers.items() if name != DEFAULTS["affect"]}
    return tasks, {"versions": {"edgeaffect": edgeaffect.__version__}, "faces_found": found}
