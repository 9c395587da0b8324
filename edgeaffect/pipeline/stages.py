"""What a stage must offer to stand in a `Pipeline`; any object with these methods will do.

A detector or affect stage that also has an attribute `timer` (`StageTimer`) tells in `Result.timings_ms` what its time
went into. What a stage may offer besides: `detect_many` and `predict_many` for several cameras at once, `describe`,
`close`, and what makes frames in GPU memory possible (`cuda.stages.GpuDetector`): `look`, `luma`, `held`,
`warmup_calls`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from numpy import bool_
from numpy.typing import NDArray

from ..image import Frame
from ..results import Affect, Faces


@runtime_checkable
class DetectStage(Protocol):
    def detect(self, frame: Frame, color: str = "bgr") -> Faces:
        """Faces of one frame, best score first."""


@runtime_checkable
class AffectStage(Protocol):
    def predict(self, frame: Frame, faces: Faces, color: str = "bgr") -> list[Affect]:
        """One `Affect` per face, in their order."""


@runtime_checkable
class TrackStage(Protocol):
    missed: NDArray[bool_]
    """Of the faces returned last: True where the newest detection did not find this face."""

    def update(
        self, faces: Faces, timestamp: float, size: tuple[int, int], frame: Frame | None = None, color: str = "bgr"
    ) -> Faces:
        """Take over a detection; faces to report now, with `track_ids`. `frame`: the pixels, already checked."""

    def predict(self, timestamp: float, size: tuple[int, int], frame: Frame | None = None, color: str = "bgr") -> Faces:
        """Faces to report at a moment without a detection."""

    def alive(self) -> set[int]:
        """Ids that may still come back."""

    def reset(self) -> None: ...


@runtime_checkable
class SmoothStage(Protocol):
    def update(self, track_id: int, affect: Affect, timestamp: float) -> Affect:
        """The smoothed counterpart of one new output."""

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""

    def reset(self) -> None: ...
