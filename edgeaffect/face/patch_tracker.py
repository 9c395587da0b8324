"""`PatchTracker`: where faces went, from their pixels.

Between two detections a face hardly changes but for shift, zoom and roll. Its patch at the detection is the template;
in a later frame the same template is found again by Lucas-Kanade alignment in its inverse compositional form (Baker &
Matthews 2004). The native core does both: csrc/track/patch_tracker.h tells how.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..image import Image

Templates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.complex128]]


class PatchTracker:
    """Remembers how faces looked at their last detection, for `native.follow_tracks`. Keyed by track id."""

    templates: Templates
    """Patches, solvers and poses, as `native.take_patches` gives them."""

    def __init__(self) -> None:
        self.reset()

    def remember(self, image: Image, ids: list[int], boxes: NDArray[np.float64]) -> None:
        """Take the faces at `boxes` [n, 4] as templates, and forget all others."""
        self._row_of: dict[int, int] = {track: row for row, track in enumerate(ids)}
        self.templates = native.take_patches(image.pixels, boxes, color=image.format)

    def rows(self, ids: list[int]) -> NDArray[np.int64]:
        """[n] row of each track in `templates`, -1 for one that is not known."""
        return np.array([self._row_of.get(track, -1) for track in ids], np.int64)

    def reset(self) -> None:
        """Forget every face."""
        self._row_of = {}
        self.templates = (
            np.empty((0, 24, 24), np.float32), np.empty((0, 4, 576), np.float32), np.empty((0, 2), np.complex128)
        )  # fmt: skip
