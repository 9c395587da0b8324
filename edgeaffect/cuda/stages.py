"""The halves of a `GpuPipeline` as stages of a `Pipeline`, for one camera or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..frames import Frame
from ..results import Affect, Faces

if TYPE_CHECKING:
    from .pipeline import GpuPipeline


class GpuDetector:
    """A `stages.DetectStage` on the GPU. Frames of one call may differ in size and colour: each kind is one batch."""

    def __init__(self, gpu: GpuPipeline) -> None:
        self._gpu = gpu
        self.model = gpu.detector.model

    def detect(self, frame: Frame, color: str = "bgr") -> Faces:
        return self._gpu.find_many([(frame, color)])[0]

    def detect_many(self, frames: Sequence[tuple[Frame, str]]) -> list[Faces]:
        """`detect` for (frame, colour) of several cameras."""
        found: dict[int, Faces] = {}
        for rows in _alike(frames):
            found.update(zip(rows, self._gpu.find_many([frames[i] for i in rows]), strict=True))
        return [found[i] for i in range(len(frames))]

    def describe(self) -> dict[str, Any]:
        return self._gpu.describe()


class GpuAffect:
    """A `stages.AffectStage` on the GPU."""

    def __init__(self, gpu: GpuPipeline) -> None:
        self._gpu = gpu
        self.model = gpu.affect.model

    def predict(self, frame: Frame, faces: Faces, color: str = "bgr") -> list[Affect]:
        return self._gpu.predict_many([(frame, faces, color)])[0]

    def predict_many(self, frames: Sequence[tuple[Frame, Faces, str]]) -> list[list[Affect]]:
        """`predict` for (frame, faces, colour) of several cameras."""
        found: dict[int, list[Affect]] = {}
        for rows in _alike([(frame, color) for frame, _, color in frames]):
            found.update(zip(rows, self._gpu.predict_many([frames[i] for i in rows]), strict=True))
        return [found[i] for i in range(len(frames))]

    def describe(self) -> dict[str, Any]:
        return self._gpu.describe()


def _alike(frames: Sequence[tuple[Frame, str]]) -> list[list[int]]:
    """Positions of frames of one shape and colour, group by group."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, (frame, color) in enumerate(frames):
        groups.setdefault((frame.shape, color), []).append(i)
    return list(groups.values())
