"""`KeptCrops`: a small picture of each face at its last analysis, to look at after its frame is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import Image
from ..models.inputs import ImageInput
from ..models.preprocess import crop_to_input
from ..results import Faces
from .frame_view import FrameView
from .stages import DeviceImage

EXPAND = 1.6
"""Side of a kept crop over the longer side of the face's box."""


@dataclass(frozen=True, eq=False)
class KeptCrop:
    """A face as it was at its last analysis."""

    pixels: NDArray[np.uint8]
    """[side, side, 3] BGR; a square of 1.6 times the box, not rotated, its border repeated beyond the frame."""
    matrix: NDArray[np.float32]
    """[2, 3] from crop pixels to frame pixels, pixel centres at +0.5 in both."""
    timestamp: float
    """Seconds, clock of the results."""
    track_id: int


class KeptCrops:
    """The crops of one camera; each track has one buffer, which is filled again at every analysis.

    Args:
        side: width and height of a crop in pixels.
        cut: reads crops of a frame in GPU memory; None where frames are on the host.
    """

    def __init__(self, side: int, cut: Callable[[Any, NDArray[np.float32], int], NDArray[np.uint8]] | None) -> None:
        self.side, self._cut = side, cut
        self._input = ImageInput("crop", (side, side), color="bgr", layout="nhwc", dtype="uint8", scale=1.0)
        self._crops: dict[int, KeptCrop] = {}

    def keep(self, view: FrameView, faces: Faces, rows: Iterable[int], timestamp: float) -> None:
        """Take crops of the faces at `rows` of a tracked frame."""
        assert faces.track_ids is not None  # only tracked faces are kept
        for row in rows:
            track_id = int(faces.track_ids[row])
            matrix = crop_matrix(faces.boxes[row], self.side)
            known = self._crops.get(track_id)
            pixels = np.empty((self.side, self.side, 3), np.uint8) if known is None else known.pixels
            self._fill(view.image, matrix, pixels)
            self._crops[track_id] = KeptCrop(pixels, matrix, timestamp, track_id)

    def get(self, track_id: int) -> KeptCrop | None:
        """A copy that stays as it is while the face is analysed again; None for a face that is not known."""
        crop = self._crops.get(track_id)
        return None if crop is None else KeptCrop(crop.pixels.copy(), crop.matrix, crop.timestamp, track_id)

    def forget_except(self, track_ids: set[int]) -> None:
        """Forget every face that is not among these."""
        self._crops = {key: value for key, value in self._crops.items() if key in track_ids}

    def _fill(self, image: Image | DeviceImage, matrix: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
        if isinstance(image, Image):
            crop_to_input(
                self._input, image.pixels, matrix[None], color=image.format, border="replicate", out=out[None]
            )
        elif self._cut is not None:
            out[...] = self._cut(image, matrix[None], self.side)[0]


def crop_matrix(box: NDArray[np.floating[Any]], side: int) -> NDArray[np.float32]:
    """[2, 3] from a crop of `side` pixels to the square of 1.6 times the longer side of a box [4], same centre."""
    x0, y0, x1, y1 = (float(value) for value in box)
    scale = EXPAND * max(x1 - x0, y1 - y0) / side
    return np.array(
        [[scale, 0, (x0 + x1) / 2 - scale * side / 2], [0, scale, (y0 + y1) / 2 - scale * side / 2]], np.float32
    )
