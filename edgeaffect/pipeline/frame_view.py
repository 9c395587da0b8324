"""`FrameView`: one frame as the stages see it, made once at the door of a camera."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..image import Image
from .stages import BatchStage, DeviceImage, DeviceStage


@dataclass(frozen=True, eq=False)
class FrameView:
    """One frame on its way."""

    image: Image | DeviceImage
    """What the models take: pixels on the host, or where they lie on the GPU."""
    size: tuple[int, int]
    """Width, height."""
    host: Image | None
    """What cut detector and tracker look at; None where there are no pixels on the host and nothing needs them."""


class Door:
    """Checks frames of one camera and brings them to where the models run.

    Args:
        stages: of the pipeline; all on the host, or all on one GPU.
        needs_pixels: something on the CPU looks at pixels too, for cuts or tracks.
        roll: of the camera, degrees clockwise.
    """

    def __init__(self, stages: Sequence[BatchStage], needs_pixels: bool, roll: int = 0) -> None:
        self._roll = roll
        self.context = next((stage.context for stage in stages if isinstance(stage, DeviceStage)), None)
        """Where frames lie; None on the host."""
        self._luma = self.context.luma() if self.context is not None and needs_pixels else None

    def check(self, frame: Any, color: str, *, still: bool = False) -> Image | DeviceImage:
        """The frame, checked: an image on the host, or where it lies on the GPU.

        Raises:
            TypeError, ValueError: it is not what `color` says.
            DeviceError: it is on another GPU.
        """
        if self.context is None or isinstance(frame, (np.ndarray, Image)) or frame is None:
            image = Image.of(frame, color, still=still, roll=self._roll)
            return image if image.roll == self._roll else dataclasses.replace(image, roll=self._roll)
        return self.context.locate(frame, color, still=still, roll=self._roll)

    def view(self, frame: Any, color: str, *, still: bool = False) -> FrameView:
        """`check`, and bring the frame to the models."""
        checked = self.check(frame, color, still=still)
        if self.context is None or not isinstance(checked, Image):
            host = checked if isinstance(checked, Image) else self._brightness(checked)
            return FrameView(checked, checked.size, host)
        return FrameView(self.context.upload(checked), checked.size, checked)

    def _brightness(self, frame: DeviceImage) -> Image | None:
        return None if self._luma is None else Image.of(self._luma.read(frame), "gray")
