"""`FrameViewer`: frames as a pipeline takes them, checked: pixels on the host, or where they lie on the GPU."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..image import Frame, check_frame, check_shape
from .stages import DetectStage


@dataclass(frozen=True, eq=False)
class FrameView:
    """One frame on its way."""

    frame: Any
    """What the models take."""
    color: str
    size: tuple[int, int]
    """Width, height."""
    pixels: Frame | None
    """What scene watch and tracker look at; None where they do not."""
    pixels_color: str


class FrameViewer:
    """Belongs to one camera.

    Args:
        detector: one on the GPU (`cuda.stages.GpuDetector`) also takes frames that lie there.
        watches: the CPU looks at pixels too, for cuts or tracks; of a frame on the GPU it then needs a copy.
    """

    def __init__(self, detector: DetectStage, watches: bool) -> None:
        self._look = getattr(detector, "look", None)
        luma = getattr(detector, "luma", None)
        self._luma = luma() if watches and luma else None

    def check(self, image: Any, color: str) -> Any:
        """The frame as the models take it: an array on the host, or a `cuda.DeviceFrame`.

        Raises:
            TypeError, ValueError: it is not what `color` says.
        """
        return check_frame(image, color)[0] if self._look is None else self._look(image, color)

    def see(self, image: Any, color: str) -> FrameView:
        """`check`, and what the CPU looks at besides."""
        frame = self.check(image, color)
        if isinstance(frame, np.ndarray):
            return FrameView(frame, color, check_shape(frame.shape, color), frame, color)
        pixels = None if self._luma is None else self._luma.read(frame)
        return FrameView(frame, frame.color, (frame.width, frame.height), pixels, "gray")


def held(detector: Any) -> contextlib.AbstractContextManager[Any]:
    """Tells a detector on the GPU that frames keep their pixels meanwhile: each is uploaded once."""
    return detector.held() if hasattr(detector, "held") else contextlib.nullcontext()
