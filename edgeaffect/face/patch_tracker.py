"""`PatchTracker`: where faces went, from their pixels.

Between two detections a face hardly changes but for shift, zoom and roll. Its patch at the detection is the template;
in a later frame the same template is found again by Lucas-Kanade alignment in its inverse compositional form (Baker &
Matthews 2004). The native core does both, one call each: csrc/track/patch_tracker.h tells how.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..image import Image

Complex = NDArray[np.complex128]


class PatchTracker:
    """Remembers how faces looked at their last detection and finds them again. Keyed by track id."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self.reset()

    def remember(self, image: Image, ids: list[int], boxes: NDArray[np.float64]) -> None:
        """Take the faces at `boxes` [n, 4] as templates, and forget all others."""
        self._ids = list(ids)
        self._patches, self._solvers, self._poses = native.take_patches(image.pixels, boxes, color=image.format)

    def follow(self, image: Image, ids: list[int], boxes: NDArray[np.float64]) -> tuple[NDArray[np.bool_], Complex]:
        """Find faces near their predicted `boxes` [n, 4].

        Returns:
            Mask [n] of the faces that were found; and for all of them the motion [n, 2] since their template was taken,
            turn and shift of a map of frame coordinates: x + iy -> turn * (x + iy) + shift.
        """
        if ids == self._ids:
            return native.follow_patches(
                image.pixels, self._patches, self._solvers, self._poses, boxes, color=image.format
            )
        found, motions = np.zeros(len(ids), bool), np.tile(np.array([1, 0], np.complex128), (len(ids), 1))
        row_of = {track: row for row, track in enumerate(self._ids)}
        known = [i for i, track in enumerate(ids) if track in row_of]
        if known:
            rows = [row_of[ids[i]] for i in known]
            found[known], motions[known] = native.follow_patches(
                image.pixels, self._patches[rows], self._solvers[rows], self._poses[rows], boxes[known],
                color=image.format,
            )  # fmt: skip
        return found, motions

    def reset(self) -> None:
        """Forget every face."""
        self._ids = []
        self._patches = np.empty((0, 24, 24), np.float32)
        self._solvers = np.empty((0, 4, 576), np.float32)
        self._poses = np.empty((0, 2), np.complex128)


def moved(motions: Complex, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points [n, k, 2] under the map of `follow`, one per face."""
    z = points[..., 0] + 1j * points[..., 1]
    z = motions[:, :1] * z + motions[:, 1:]
    return np.stack([z.real, z.imag], -1)
