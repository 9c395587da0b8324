"""follow_tracks in NumPy. Contract: csrc/track/follow_tracks.h."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import arguments as check
from .patches import check_templates, follow_patches
from .tracks import correct_tracks, move_tracks, predict_tracks, sides_fit

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]


def follow_tracks(
    frame: Any, patches: Floats, solvers: Floats, poses: NDArray[np.complex128], rows: NDArray[np.int64],
    anchor: Doubles, state: Doubles, velocity: Doubles, covariance: Doubles, time: Doubles, seen: Doubles,
    *, color: str, now: float, coast: float, process_noise: float, measurement_noise: float,
) -> None:  # fmt: skip
    """Tracks at a moment without a detection, in place; see `edgeaffect._core.follow_tracks`."""
    check_templates(patches, solvers, poses)
    predicted, boxes = predict_tracks(state, velocity, time, seen, now=now, coast=coast)
    check.check_rows("rows", rows, (len(state),))
    check.check_rows("anchor", anchor, state.shape)
    for row in rows.tolist():
        check.require(row < len(patches), f"row {row} is not one of patches")
    height, width = check.read_planes(frame, color, None, None)[0].pixels.shape[:2]
    known = np.flatnonzero((rows >= 0) & sides_fit(predicted, (width, height)))
    of = rows[known]
    found, motions = follow_patches(frame, patches[of], solvers[of], poses[of], boxes[known], color=color)
    measured, chosen = predicted.copy(), np.zeros(len(state), bool)
    measured[known], chosen[known] = move_tracks(anchor[known], motions), found
    correct_tracks(
        state, velocity, covariance, time, predicted, measured, chosen, now=now, process_noise=process_noise,
        measurement_noise=measurement_noise,
    )  # fmt: skip
