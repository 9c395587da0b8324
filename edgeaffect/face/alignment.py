"""Affine maps from model-input pixels to frame pixels.

Every matrix here is float32 [2, 3] and maps *output to source*: a point (x, y) of the model input, pixel centres at
+0.5, lands at M (x, y, 1) in the frame, pixel centres at +0.5. That is the form `crop_normalize` takes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import native
from ..models.spec import Alignment

Matrix = NDArray[np.float32]


def whole_matrix(source: tuple[int, int], size: tuple[int, int]) -> Matrix:
    """The whole source (w, h) onto the whole input `size` (w, h); aspect ratio is not kept."""
    return np.array([[source[0] / size[0], 0, 0], [0, source[1] / size[1], 0]], np.float32)


# roll -> its cosine and sine, exact
_QUARTERS = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


def letterbox_matrix(scale: float, region: tuple[float, ...] = (0.0, 0.0), roll: int = 0) -> Matrix:
    """Part of a source, turned clockwise by `roll` and scaled by `scale`, its corner at the corner of the input.

    Args:
        scale: input pixels per source pixel.
        region: x0, y0, x1, y1 of the part; without a turn x0, y0 are enough.
        roll: 0, 90, 180 or 270 degrees.
    """
    cos, sin = _QUARTERS[roll]
    # The source's corner that comes to lie top left: each quarter turn takes the next one, counter-clockwise.
    x0, y0, x1, y1 = (*region, *region)[:4]
    x, y = {0: (x0, y0), 90: (x0, y1), 180: (x1, y1), 270: (x1, y0)}[roll]
    s = 1 / scale
    return np.array([[cos * s, sin * s, x], [-sin * s, cos * s, y]], np.float32)


def similarity_matrix(landmarks: ArrayLike, template: ArrayLike, *, rotate: bool = True) -> NDArray[np.float64]:
    """Least-squares similarity from template points to landmarks (Umeyama 1991, without reflection).

    Args:
        landmarks: [n, k, 2] points in the frame.
        template: [k, 2] the same points in the model input.
        rotate: False keeps the axes parallel (scale and shift only).

    Returns:
        float64 [n, 2, 3].
    """
    points, target = np.ascontiguousarray(landmarks, np.float64), np.ascontiguousarray(template, np.float64)
    return native.align_points(points, target, rotate=rotate)


def box_matrix(
    boxes: ArrayLike,
    size: tuple[int, int],
    *,
    square: bool = True,
    expand: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    roll: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Boxes onto the model input.

    Args:
        boxes: [n, 4] xyxy in frame pixels.
        size: (w, h) of the model input.
        square: use the longer side for both.
        expand: side of the crop over side of the box.
        shift: displacement of the centre in sides of the box, along the (rotated) axes.
        roll: [n] radians, clockwise in the image, to be removed.

    Returns:
        float64 [n, 2, 3].
    """
    b = np.asarray(boxes, np.float64).reshape(-1, 4)
    sides = b[:, 2:] - b[:, :2]
    if square:
        sides = np.repeat(sides.max(1, keepdims=True), 2, 1)
    angle = np.zeros(len(b)) if roll is None else np.asarray(roll, np.float64)
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    center = (b[:, :2] + b[:, 2:]) / 2 + np.einsum("nij,nj->ni", rotation, sides * np.asarray(shift))
    linear = rotation * (sides * expand / np.asarray(size, np.float64))[:, None, :]
    matrix = np.empty((len(b), 2, 3))
    matrix[:, :, :2] = linear
    matrix[:, :, 2] = center - linear @ (np.asarray(size, np.float64) / 2)
    return matrix


def eye_line_roll(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Angle [n] of the line from the image-left to the image-right eye, radians, clockwise in the image."""
    points = np.asarray(landmarks, np.float64)
    across = points[:, 1] - points[:, 0]
    return np.arctan2(across[:, 1], across[:, 0])


def alignment_matrices(
    alignment: Alignment, size: tuple[int, int], frame: tuple[int, int], boxes: ArrayLike, landmarks: ArrayLike
) -> Matrix:
    """One matrix per face, as the model's own `alignment` asks.

    Args:
        alignment: from the model's spec.
        size: (w, h) of the model input.
        frame: (w, h) of the frame.
        boxes: [n, 4] xyxy in frame pixels.
        landmarks: [n, 5, 2] in frame pixels; NaN where unknown is an error for alignments that need them.

    Returns:
        float32 [n, 2, 3].
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    points = np.asarray(landmarks, np.float64).reshape(-1, 5, 2)
    if alignment.kind == "whole":
        return np.repeat(whole_matrix(frame, size)[None], len(boxes), 0)
    if alignment.kind == "landmarks5":
        matrix = similarity_matrix(points, alignment.template or (), rotate=alignment.rotate)
    else:
        roll = eye_line_roll(points) if alignment.rotate else None
        matrix = box_matrix(
            boxes, size, square=alignment.square, expand=alignment.expand, shift=alignment.shift, roll=roll
        )
    area = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
    if not (math.isfinite(matrix.sum()) and area.all()):
        _check_usable(np.isfinite(matrix).all((1, 2)) & (area != 0), alignment, boxes, points)
    return matrix.astype(np.float32)


def _check_usable(
    usable: NDArray[np.bool_], alignment: Alignment, boxes: NDArray[np.float64], points: NDArray[np.float64]
) -> None:
    if not usable.all():
        face = int(np.argmin(usable))
        values = f"box {boxes[face].round(2).tolist()}, landmarks {points[face].round(2).tolist()}"
        raise ValueError(f"face {face} has no finite place and size for alignment {alignment.kind!r}: {values}")
