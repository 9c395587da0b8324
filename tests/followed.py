"""How faces moved between two frames, told by `follow_tracks`, which nothing but tracks comes out of."""

from __future__ import annotations

from typing import Any

import numpy as np

NOW, SEEN = 10.0, 9.9
RULES = {"now": NOW, "coast": 0.25, "process_noise": 8.0}
_COVARIANCE = (4e-4, 0.0, 4.0)
# Points of a state right of, below, left of and above its centre, on its box; the last one is the centre.
_CROSS = (0.5, 0, 0, 0.5, -0.5, 0, 0, -0.5, 0, 0)


def states_at(boxes: Any) -> np.ndarray:
    """States [n, 14] of faces at boxes [n, 4], whose first landmark lies on the right side."""
    corners = np.asarray(boxes, np.float64)
    center, sides = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    return np.hstack([center, np.log(sides), np.tile(_CROSS, (len(corners), 1))])


def follow(core: Any, frame: Any, templates: Any, rows: Any, anchor: Any, state: Any, velocity: Any = 0.0,
           *, color: str = "gray", measurement_noise: float = 0.0) -> tuple[np.ndarray, ...]:  # fmt: skip
    """State, velocity, covariance and time of tracks after `core.follow_tracks`.

    With a `measurement_noise` of 0 the gain is 1: the state of a face that is found is what was measured, its anchor
    moved as the frame was. Its time is `NOW` then, of another one `SEEN`.
    """
    count = len(state)
    tracks = np.array(state), np.zeros((count, 14)) + velocity, np.tile(_COVARIANCE, (count, 1)), np.full(count, SEEN)
    core.follow_tracks(
        frame, *templates, np.array(rows, np.int64), anchor, *tracks, np.full(count, SEEN), color=color,
        measurement_noise=measurement_noise, **RULES,
    )  # fmt: skip
    return tracks


def followed(
    core: Any, frame: Any, templates: Any, rows: Any, boxes: Any, *, color: str = "gray"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which faces that stood at `boxes` are found again, and how the frame moved each: x + iy -> turn (x + iy) + shift.

    Returns:
        found bool [n], turn and shift complex [n]: 1 and 0 of a face that is not found.
    """
    before = states_at(boxes)
    after, _, _, time = follow(core, frame, templates, rows, before, before, color=color)
    (old, right), (new, moved) = ((s[:, 0] + 1j * s[:, 1], np.exp(s[:, 2]) * s[:, 4] + 1j * np.exp(s[:, 3]) * s[:, 5])
                                  for s in (before, after))  # fmt: skip
    turn = moved / right
    return time == NOW, turn, new - turn * old
