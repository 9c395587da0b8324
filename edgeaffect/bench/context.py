"""What a benchmark runs on: settings, models, frames, pipelines."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from ..image import check_shape
from ..models import find
from ..pipeline.pipeline import Pipeline
from ..results import Result
from ..runtime import Placement
from ..sources import SourceFrame
from . import frames
from .conversion import converted
from .frames import Clip

INPUT_FPS = 30.0
"""Frame rate that gives synthetic frames their timestamps: `detect_interval` counts in seconds."""

LONGEST = 86_400.0
"""Seconds that all measurements may take at most."""

TASKS = ("face-detector", "affect", "cues")


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
    detector: str | None = None
    """Name or path of the face detector; None is the bundled one."""
    affect: str | None = None
    """Name or path of the affect model; None is the bundled one."""
    cues: str | None = None
    """Name or path of the cue model; None is the bundled one."""

    def __post_init__(self) -> None:
        if not 0 < self.duration <= LONGEST or self.faces < 0 or self.threads < 1:
            raise ValueError(
                f"duration must be positive, at most {LONGEST:g}, faces 0 or more, threads 1 or more; got "
                f"{self.duration}, {self.faces}, {self.threads}"
            )
        Placement(self.device)
        if self.precision == "fp16" and self.runtime != "tensorrt":
            raise ValueError("--precision fp16 needs --runtime tensorrt: ONNX Runtime computes in float32 on a CPU")

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) of drawn frames."""
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
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        given = dict(zip(TASKS, (self.settings.detector, self.settings.affect, self.settings.cues), strict=True))
        for task in TASKS:
            model = find(given[task], task, float32=self.wants_float32)
            model = converted(model, self.settings.precision, self.settings.runtime, self.folder)
            self.models[task] = str(model.path)
            self.names[task] = f"{model.name} {model.spec.version}"

    @property
    def wants_float32(self) -> bool:
        """Whether the models begin as float32: for a GPU, or because they are converted here."""
        return self.settings.precision != "as-is" or Placement(self.settings.device, self.settings.runtime).is_gpu

    @property
    def place(self) -> dict[str, Any]:
        """Where models run, as keyword arguments of stages and pipelines."""
        s = self.settings
        return {"device": s.device, "runtime": s.runtime, "threads": s.threads}

    def note(self, text: str) -> None:
        """Tell something once, however often it is found."""
        if text not in self.notes:
            self.notes.append(text)

    @functools.cached_property
    def devices(self) -> set[str]:
        """Where the models really run."""
        with self.pipeline() as pipeline:
            return {str(s["device"]) for s in pipeline.describe()["stages"].values() if "device" in s}

    @property
    def on_gpu(self) -> bool:
        """Whether any model runs on a GPU."""
        return any(device.startswith("cuda") for device in self.devices)

    @property
    def one_cpu_thread(self) -> bool:
        """Whether all models run on the CPU in the calling thread."""
        return self.settings.threads == 1 and self.devices == {"cpu"}

    def pipeline(self, *, cues: bool = False, **overrides: Any) -> Pipeline:
        """A pipeline with the models under test; `overrides` as `Pipeline` takes them."""
        detect, affect = self.models["face-detector"], self.models["affect"]
        return Pipeline(
            detect=detect, affect=affect, cues=self.models["cues"] if cues else False, **self.place, **overrides
        )

    def clip(self, size: tuple[int, int] | None = None, faces: int | None = None, count: int = 16) -> Clip:
        """Frames to measure on: the user's source, or drawn ones of `size` with `faces` faces."""
        settings = self.settings
        if settings.source is not None and size is None and faces is None:
            return self._given
        size = size or settings.frame_size
        number = settings.faces if faces is None else faces
        return Clip(frames.synthetic(size, number, count), "bgr")

    @functools.cached_property
    def _given(self) -> Clip:
        """The source's frames, read once: a camera would show something else each time."""
        assert self.settings.source is not None
        return frames.from_source(self.settings.source, self.settings.size)


def frame_size(clip: Clip) -> tuple[int, int]:
    """(width, height) of a clip's first frame."""
    return check_shape(clip.frames[0].shape, clip.color)


class Feed:
    """Feeds a clip to a pipeline over and over, at the timestamps of a camera of `INPUT_FPS`."""

    def __init__(self, pipeline: Pipeline, clip: Clip, before: Callable[[int], object] | None = None) -> None:
        """Prepare.

        Args:
            pipeline: gets the frames.
            clip: the frames.
            before: told the number of each frame before it is processed.
        """
        self._pipeline, self._color, self._before = pipeline, clip.color, before
        captures: list[float | None] = [*clip.capture_seconds] or [None] * len(clip.frames)
        self._frames = cycle(zip(clip.frames, captures, strict=True))
        self._index = 0
        self.newest: Result | None = None
        """The last frame's; None before the first."""
        self.faces = 0
        """Faces summed over all frames so far."""
        self.timer: list[dict[str, float]] = []
        """`Result.timings_ms` of every frame so far."""

    @property
    def mean_faces(self) -> float:
        """Faces per frame so far."""
        return self.faces / max(1, self._index)

    def __call__(self) -> None:
        """Process the next frame."""
        image, capture = next(self._frames)
        if self._before is not None:
            self._before(self._index)
        moment = self._index / INPUT_FPS
        frame = SourceFrame(image, self._index, moment, "user", "bench", 0.0, self._color, capture_seconds=capture)
        result = self._pipeline.process_frame(frame)
        self._index += 1
        self.newest = result
        self.faces += len(result.faces)
        self.timer.append(dict(result.timings_ms))
