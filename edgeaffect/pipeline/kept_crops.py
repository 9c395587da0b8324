"""`KeptCrops`: a small picture of each face at its last analysis, to look at after its frame is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Error
from ..face.alignment import letterbox_matrix
from ..image import Image
from ..models.inputs import ImageInput
from ..models.preprocess import crop_to_input
from ..results import Faces
from .frame_view import FrameView
from .stages import DeviceImage

EXPAND = 1.6
"""Side of a kept crop over the longer side of the face's box."""

# Filling crops takes well under a millisecond: whoever cannot copy one in so many tries never will.
_TRIES, _PAUSE = 2000, 1e-4


@dataclass(frozen=True, eq=False)
class KeptCrop:
    """A face as it was at its last analysis."""

    pixels: NDArray[np.uint8]
    """[side, side, 3] BGR; a square of 1.6 times the box, turned only by `camera_roll`, its border repeated beyond the
    frame."""
    matrix: NDArray[np.float32]
    """[2, 3] from crop pixels to frame pixels, pixel centres at +0.5 in both."""
    timestamp: float
    """Seconds, clock of the results."""
    track_id: int


class KeptCrops:
    """The crops of one camera; each track has one buffer, which is filled again at every analysis.

    Any thread may `get` a crop while that of the pipeline fills others: `_version` is odd while it does, and a copy
    counts only when the version was even and is the same afterwards. Nobody waits for a lock.

    Args:
        side: width and height of a crop in pixels.
        cut: reads crops of a frame in GPU memory; None where frames are on the host.
        roll: of the camera, degrees clockwise; crops are turned by as much.
    """

    def __init__(
        self, side: int, cut: Callable[[Any, NDArray[np.float32], int], NDArray[np.uint8]] | None, roll: int = 0
    ) -> None:
        self.side, self._cut, self._roll = side, cut, roll
        self._input = ImageInput("crop", (side, side), color="bgr", layout="nhwc", dtype="uint8", scale=1.0)
        self._crops: dict[int, KeptCrop] = {}
        self._version = 0

    def keep(self, view: FrameView, faces: Faces, rows: Iterable[int], timestamp: float) -> None:
        """Take crops of the faces at `rows` of a tracked frame."""
        assert faces.track_ids is not None  # only tracked faces are kept
        self._version |= 1
        try:
            self._keep(view, faces, faces.track_ids, rows, timestamp)
        finally:
            self._version += 1

    def _keep(
        self, view: FrameView, faces: Faces, ids: NDArray[np.int64], rows: Iterable[int], timestamp: float
    ) -> None:
        for row in rows:
            track_id = int(ids[row])
            matrix = crop_matrix(faces.boxes[row], self.side, self._roll)
            known = self._crops.get(track_id)
            pixels = np.empty((self.side, self.side, 3), np.uint8) if known is None else known.pixels
            self._fill(view.image, matrix, pixels)
            self._crops[track_id] = KeptCrop(pixels, matrix, timestamp, track_id)

    def get(self, track_id: int) -> KeptCrop | None:
        """A copy that stays as it is while the face is analysed again; None for a face that is not known.

        Raises:
            Error: another thread fills crops without a pause.
        """
        for _ in range(_TRIES):
            version = self._version
            crop = self._crops.get(track_id)
            if crop is None:
                return None
            pixels = crop.pixels.copy()
            if not version & 1 and self._version == version:
                return KeptCrop(pixels, crop.matrix, crop.timestamp, track_id)
            time.sleep(_PAUSE)
        raise Error(f"no crop of face {track_id} can be copied: the pipeline fills crops without a pause")

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


def crop_matrix(box: NDArray[np.floating[Any]], side: int, roll: int = 0) -> NDArray[np.float32]:
    """[2, 3] from a crop of `side` pixels to the square of 1.6 times the longer side of a box [4], same centre.

    `roll` turns the crop clockwise, by 0, 90, 180 or 270 degrees.
    """
    x0, y0, x1, y1 = (float(value) for value in box)
    scale = side / (EXPAND * max(x1 - x0, y1 - y0))
    half = side / 2 / scale
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return letterbox_matrix(scale, (x - half, y - half, x + half, y + half), roll)
