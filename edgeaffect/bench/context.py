"""What a benchmark runs on: settings, models (bundled, given or random), frames, pipelines."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from ..errors import ModelNotFoundError
from ..models import find
from ..options import DetectOptions
from ..pipeline import Pipeline
from . import frames, random_models
from .frames import Frame
from .precision import converted

INPUT_FPS = 30.0
"""Frame rate that gives synthetic frames their timestamps: `detect_interval` counts in seconds."""

TASKS = ("face-detector", "affect")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user chose."""

    parts: tuple[str, ...] = ("pipeline", "models", "preprocess", "export")
    device: str = "auto"
    runtime: str = "auto"
    precision: str = "as-is"
    """`as-is` runs the model files as they are; `fp16` and `int8` convert them first."""
    threads: int = 1
    size: tuple[int, int] | None = None
    """(width, height); None is 640x480, or the source's own size."""
    faces: int = 1
    source: str | None = None
    duration: float = 60.0
    """About how many seconds all measurements together may take."""
    random_weights: bool = False

    def __post_init__(self) -> None:
        if self.duration <= 0 or self.faces < 0 or self.threads < 1:
            raise ValueError(
                f"duration must be positive, faces 0 or more, threads 1 or more; got {self.duration}, {self.faces}, "
                f"{self.threads}"
            )

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.size or (640, 480)


@dataclass
class Bench:
    """Settings with what they resolved to."""

    settings: Settings
    folder: Path
    """Scratch folder for model files made on the way."""
    models: dict[str, str] = field(default_factory=dict)
    """Task -> path of the model file."""
    names: dict[str, str] = field(default_factory=dict)
    """Task -> name and version."""
    random: set[str] = field(default_factory=set)
    """Tasks that run with random weights."""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        stand_in: dict[str, Path] = {}
        for task in TASKS:
            try:
                model = None if self.settings.random_weights else find(None, task)
            except ModelNotFoundError:
                model = None
            if model is None:
                stand_in = stand_in or random_models.write(self.folder)
                model = find(stand_in[task], task)
                self.random.add(task)
            marker = self.marker((320, 256)) if task == "face-detector" else 0.0
            model = converted(model, self.settings.precision, self.settings.runtime, self.folder, marker=marker)
            self.models[task] = str(model.path)
            self.names[task] = f"{model.name} {model.spec.version}"
        if self.random:
            self.notes.append(
                f"random weights of the bundled models' shape for {', '.join(sorted(self.random))}: times hold, "
                "results mean nothing"
            )

    @property
    def place(self) -> dict[str, Any]:
        s = self.settings
        return {"device": s.device, "runtime": s.runtime, "threads": s.threads}

    @functools.cached_property
    def one_cpu_thread(self) -> bool:
        """Whether both models really run on the CPU in the calling thread."""
        with self.pipeline() as pipeline:
            stages = [s for s in pipeline.describe()["stages"].values() if "device" in s]
        return self.settings.threads == 1 and all(stage["device"] == "cpu" for stage in stages)

    def pipeline(self, **overrides: Any) -> Pipeline:
        """A pipeline with the models under test; `overrides` as `Pipeline` takes them."""
        return Pipeline(detect=self.models["face-detector"], affect=self.models["affect"], **self.place, **overrides)

    def clip(
        self, size: tuple[int, int] | None = None, faces: int | None = None, count: int = 16
    ) -> tuple[list[Frame], str]:
        """Frames to measure on and their colour: the user's source, or drawn ones of `size` with `faces` faces."""
        settings = self.settings
        if settings.source is not None and size is None and faces is None:
            return frames.from_source(settings.source, settings.size)
        size = size or settings.frame_size
        number = settings.faces if faces is None else faces
        return frames.synthetic(size, number, count, marker=self.marker(size)), "bgr"

    def marker(self, size: tuple[int, int]) -> float:
        """Side of the patch that a detector with random weights answers to; 0 for a real one."""
        if "face-detector" not in self.random:
            return 0.0
        return random_models.marker_side(size, DetectOptions().max_side)


class Feed:
    """Feeds a clip to a pipeline over and over, at the timestamps of a camera of `INPUT_FPS`."""

    def __init__(self, pipeline: Pipeline, clip: list[Frame], color: str) -> None:
        self._pipeline, self._color = pipeline, color
        self._frames: Iterator[Frame] = cycle(clip)
        self._index = 0
        self.faces = 0
        """Faces summed over all frames so far."""
        self.results: list[dict[str, float]] = []
        """`Result.timings_ms` of every frame so far."""

    @property
    def mean_faces(self) -> float:
        return self.faces / max(1, self._index)

    def __call__(self) -> None:
        result = self._pipeline.process(next(self._frames), self._index / INPUT_FPS, self._color)
        self._index += 1
        self.faces += len(result.faces)
        self.results.append(dict(result.timings_ms))
