"""Which square of a frame the landmark network sees, and where its points lie in the frame.

MediaPipe cuts a square with replicated border, turned so that the line of the eyes is level, 1.5 times as wide as the
face. On the first frame "the face" is the box of its own detector (BlazeFace, a square), while it tracks it is the
upright box around all 478 points of the frame before (`face_detector_graph.cc`, `face_landmarks_detector_graph.cc`).
YuNet's box is wider and sits higher than both; its five points give the square better, see `from_five`.

Frame coordinates are pixels with centres at +0.5. Angles are radians, clockwise in the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.permissive.points import EYE_LINE

SCALE = 1.5
"""Side of the square over the longer side of the face's box."""
SIDE = 256
"""Pixels of the network's picture along a side."""

# Where YuNet's five points lie in the network's picture when MediaPipe's canonical face (`geometry_pipeline_metadata`
# of the task file, 468 vertices seen from the front) fills it as `from_landmarks` asks: middles of the corners of each
# eye, tip of the nose (the foremost vertex), corners of the mouth. `canonical.template` computes them; a test compares.
TEMPLATE = ((97.56, 97.13), (158.44, 97.13), (128.0, 126.96), (104.27, 164.44), (151.73, 164.44))


@dataclass(frozen=True)
class Square:
    """A turned square of a frame.

    Attributes:
        centre: x, y in frame pixels.
        side: length of a side in frame pixels.
        angle: roll of the face, which the cut removes.
    """

    centre: tuple[float, float]
    side: float
    angle: float

    @property
    def matrix(self) -> np.ndarray:
        """float64 [2, 3]: pixel of the network's picture (centres at +0.5) -> pixel of the frame."""
        step = self.side / SIDE
        cos, sin = step * np.cos(self.angle), step * np.sin(self.angle)
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.column_stack([linear, self.centre - linear @ (SIDE / 2, SIDE / 2)])

    def to_frame(self, points: np.ndarray) -> np.ndarray:
        """Network's points [478, 3] in pixels of its picture -> frame; z keeps its meaning, in frame pixels."""
        matrix = self.matrix
        flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        return np.column_stack([flat, points[:, 2] * self.side / SIDE])


def _angle(left: np.ndarray, right: np.ndarray) -> float:
    across = right - left
    return float(np.arctan2(across[1], across[0]))


def from_box(box: np.ndarray, eyes: np.ndarray) -> Square:
    """The square around a detected box [x0, y0, x1, y1]; `eyes` [2, 2] are image-left and image-right.

    The runtime's own alignment of kind "box" with square, expand 1.5 and rotate gives the same matrix.
    """
    box = np.asarray(box, np.float64)
    side = SCALE * float((box[2:] - box[:2]).max())
    centre = (box[:2] + box[2:]) / 2
    return Square((float(centre[0]), float(centre[1])), side, _angle(*np.asarray(eyes, np.float64)))


def from_five(points: np.ndarray) -> Square:
    """The square from the five points [5, 2] of a detected face: eyes, nose, mouth corners, image-left first.

    The least-squares turn, size and shift (Umeyama 1991, without reflection) that brings `TEMPLATE` onto the points.
    The runtime's own alignment of kind "landmarks5" with this template gives the same matrix.
    """
    # As complex numbers a turn with a size is one factor: sum conj(t) p / sum |t|^2 of the centred points.
    given, wanted = (np.asarray(rows, np.float64) @ (1, 1j) for rows in (points, TEMPLATE))
    t = wanted - wanted.mean()
    factor = (t.conj() * (given - given.mean())).sum() / (abs(t) ** 2).sum()
    centre = given.mean() + factor * (SIDE / 2 * (1 + 1j) - wanted.mean())
    return Square((float(centre.real), float(centre.imag)), float(abs(factor)) * SIDE, float(np.angle(factor)))


def from_landmarks(points: np.ndarray) -> Square:
    """The square for the next frame from the 478 points [478, 2 or 3] of this one, as MediaPipe tracks."""
    flat = np.asarray(points, np.float64)[:, :2]
    low, high = flat.min(0), flat.max(0)
    return from_box(np.concatenate([low, high]), flat[list(EYE_LINE)])
