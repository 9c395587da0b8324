"""`CutDetector`: notices cuts, so that tracks do not outlive the scene they belong to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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

    def changed(self, image: Image | None) -> bool:
        """Whether `image` shows another scene than the one before; unknown without pixels."""
        if self.threshold <= -1 or image is None:
            return False
        pattern = _pattern(image.luma)
        last, self._last = self._last, pattern
        if last is None or last.shape != pattern.shape:
            return last is not None
        a, b = float(np.linalg.norm(last)), float(np.linalg.norm(pattern))
        flat = _FLAT * pattern.size**0.5
        if a < flat or b < flat:
            return bool((a < flat) != (b < flat))
        return bool(float((last * pattern).sum()) < self.threshold * a * b)

    def reset(self) -> None:
        """Forget the picture before."""
        self._last = None


def _pattern(plane: Frame) -> NDArray[np.float32]:
    """Means of a grid of cells, a few taps each, minus their mean; small frames stay as they are."""
    (rows, columns), (h, w) = _GRID, plane.shape
    if h >= rows * _TAPS and w >= columns * _TAPS:
        picked = plane[:: h // (rows * _TAPS), :: w // (columns * _TAPS)][: rows * _TAPS, : columns * _TAPS]
        cells = picked.reshape(rows, _TAPS, columns, _TAPS).mean((1, 3), dtype=np.float32)
    else:
        cells = plane.astype(np.float32)
    pattern: NDArray[np.float32] = cells - cells.mean()
    return pattern
