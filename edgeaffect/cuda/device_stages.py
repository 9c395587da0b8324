"""The halves of a `GpuPipeline` as stages of a `Pipeline`, for one camera or several."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..image import Frame
from ..results import Affect, Faces
from .device_frame import DeviceFrame
from .luma import Luma

if TYPE_CHECKING:
    from .context import GpuPipeline


class GpuDetector:
    """A `stages.DetectStage` on the GPU. Frames of one call may differ in size and colour: each kind is one batch."""

    warmup_calls = 2
    """The second one records."""

    def __init__(self, gpu: GpuPipeline) -> None:
        self._gpu = gpu
        self.model = gpu.detector.model

    def detect(self, frame: Any, color: str = "bgr") -> Faces:
        return self._gpu.find_many([(frame, color)])[0]

    def detect_many(self, frames: Sequence[tuple[Any, str]]) -> list[Faces]:
        """`detect` for (frame, colour) of several cameras."""
        return self._gpu.find_many(frames)

    def look(self, frame: Any, color: str) -> Frame | DeviceFrame:
        """See `GpuPipeline.look`."""
        return self._gpu.look(frame, color)

    def luma(self) -> Luma:
        """See `GpuPipeline.luma`."""
        return self._gpu.luma()

    def held(self) -> AbstractContextManager[None]:
        """See `GpuPipeline.held`."""
        return self._gpu.held()

    def describe(self) -> dict[str, Any]:
        return {**self._gpu.detector.describe(), **self._gpu.place(), "plans": self._gpu.plans()}

    def close(self) -> None:
        """Close the detector too; `GpuPipeline.close` alone leaves it open."""
        self._gpu.close()
        self._gpu.detector.close()


class GpuAffect:
    """A `stages.AffectStage` on the GPU."""

    def __init__(self, gpu: GpuPipeline) -> None:
        assert gpu.affect is not None
        self._gpu, self._stage = gpu, gpu.affect
        self.model = gpu.affect.model

    def predict(self, frame: Any, faces: Faces, color: str = "bgr") -> list[Affect]:
        return self._gpu.predict_many([(frame, faces, color)])[0]

    def predict_many(self, frames: Sequence[tuple[Any, Faces, str]]) -> list[list[Affect]]:
        """`predict` for (frame, faces, colour) of several cameras."""
        return self._gpu.predict_many(frames)

    def describe(self) -> dict[str, Any]:
        return {**self._stage.describe(), **self._gpu.place()}

    def close(self) -> None:
        """Close the model too."""
        self._gpu.close()
        self._stage.close()
