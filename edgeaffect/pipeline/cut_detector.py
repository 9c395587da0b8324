"""`CutDetector`: notices cuts, so that tracks do not outlive the scene they belong to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..image import Frame, Image

_GRID = (12, 16)
_TAPS = 4
# Standard deviation of a thumbnail (pixel values) under which it is flat and has no pattern to compare.
_FLAT = 2.0


class CutDetector:
    """Compares coarse brightness patterns of frames in a row; costs microseconds, whatever the frame's size.

    Correlation does not react to exposure; a cut to another picture usually brings it under 0.4, motion of a camera by
    a tenth of the picture leaves it above.

    Args:
        threshold: correlation under which the scene has changed; -1 = never.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._last: NDArray[np.float32] | None = None
        self._squares = 0.0

    def changed(self, image: Image | None) -> bool:
        """Whether `image` shows another scene than the one before; unknown without pixels."""
        if self.threshold <= -1 or image is None:
            return False
        pattern = _pattern(image.luma)
        last, self._last = self._last, pattern
        squares = float(np.vdot(pattern, pattern))
        last_squares, self._squares = self._squares, squares
        if last is None or last.shape != pattern.shape:
            return last is not None
        flat = _FLAT * _FLAT * pattern.size
        if last_squares < flat or squares < flat:
            return (last_squares < flat) != (squares < flat)
        return float(np.vdot(last, pattern)) < self.threshold * math.sqrt(last_squares * squares)

    def reset(self) -> None:
        """Forget the picture before."""
        self._last = None


def _pattern(plane: Frame) -> NDArray[np.float32]:
    """Means of a grid of cells, a few taps each, minus their mean; small frames stay as they are."""
    (rows, columns), (h, w) = _GRID, plane.shape
    if h >= rows * _TAPS and w >= columns * _TAPS:
        return native.scene_pattern(plane, rows=rows, columns=columns, taps=_TAPS)
    cells = plane.astype(np.float32)
    pattern: NDArray[np.float32] = cells - cells.mean()
    return pattern
