"""Layers of cues on a picture: landmarks, head axes, gaze arrow, bars of action units, running events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._lazy import require
from .cues import Cues, Gaze, HeadPose
from .image import Frame
from .results import Face

# iBUG's 68 points as lines: (first, last, closed).
_LINES = (
    (0, 16, False), (17, 21, False), (22, 26, False), (27, 30, False), (31, 35, False), (36, 41, True), (42, 47, True),
    (48, 59, True), (60, 67, True),
)  # fmt: skip
_WHITE, _DARK = (245, 245, 245), (32, 28, 26)
# BGR of the axes to the head's left, up and ahead.
_AXES = ((78, 78, 240), (104, 186, 104), (232, 150, 84))
_GAZE = (64, 220, 255)
_BARS = {1: "brow in", 2: "brow out", 4: "brow down", 6: "cheek", 7: "lid", 9: "nose", 12: "smile", 15: "corner down",
         17: "chin", 20: "stretch", 24: "press", 26: "jaw", 43: "eyes shut"}  # fmt: skip
# Faces narrower than this, in pixels, get no bars: they would cover the face.
_LEAST_FOR_BARS = 48


def draw_landmarks(image: Frame, face: Face, cues: Cues) -> None:
    """The 68 points as thin lines."""
    cv2 = require("cv2")
    width = max(1, round(_side(face) / 160))
    points = np.round(cues.landmarks68 * 8).astype(np.int32)  # three fractional bits
    for first, last, closed in _LINES:
        line = points[first : last + 1].reshape(-1, 1, 2)
        cv2.polylines(image, [line], closed, _DARK, width + 1, cv2.LINE_AA, 3)
        cv2.polylines(image, [line], closed, _WHITE, width, cv2.LINE_AA, 3)


def draw_pose(image: Frame, face: Face, cues: Cues) -> None:
    """Three axes from the tip of the nose: to the head's own left (red), up (green) and ahead (blue)."""
    origin, length = cues.landmarks68[30], 0.55 * _side(face)
    for axis, color in zip(_projected_axes(cues.head_pose), _AXES, strict=True):
        _arrow(image, origin, origin + length * axis, color, face)


def draw_gaze(image: Frame, face: Face, cues: Cues) -> None:
    """One arrow from between the eyes along the look."""
    origin = cues.landmarks68[36:48].mean(0)
    _arrow(image, origin, origin + 0.9 * _side(face) * _projected_look(cues.gaze), _GAZE, face)


def draw_bars(image: Frame, face: Face, cues: Cues) -> None:
    """Action units as bars at the side of the box where there is room; none on small faces."""
    cv2 = require("cv2")
    side = _side(face)
    if side < _LEAST_FOR_BARS:
        return
    height = int(np.clip(side / len(_BARS), 8, 18))
    width = int(np.clip(side * 0.6, 40, 120))
    x0, y0, x1, _ = (round(float(value)) for value in face.box)
    left = x1 + 6 if x1 + 6 + width <= image.shape[1] else max(0, x0 - 6 - width)
    for row, (number, name) in enumerate(_BARS.items()):
        top = y0 + row * height
        share = min(max(cues.action_units[number], 0.0), 1.0)
        cv2.rectangle(image, (left, top), (left + width, top + height - 2), _DARK, -1)
        cv2.rectangle(image, (left, top), (left + round(width * share), top + height - 2), (120, 110, 70), -1)
        scale = (height - 3) / 26
        cv2.putText(image, name, (left + 3, top + height - 4), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, 1, cv2.LINE_AA)


LAYERS: Mapping[str, Callable[[Frame, Face, Cues], None]] = {
    "landmarks": draw_landmarks,
    "pose": draw_pose,
    "gaze": draw_gaze,
    "cues": draw_bars,
}
"""Optional layers of `draw.annotate`."""


def draw_cues(image: Frame, face: Face, layers: Iterable[str]) -> None:
    """Draw the named layers of one face into a BGR image, in place; a face without cues gets none.

    Raises:
        ValueError: no such layer; the message lists them.
    """
    for name in layers:
        if name not in LAYERS:
            raise ValueError(f"no layer {name!r} to draw: choose {', '.join(LAYERS)}")
        if face.cues is not None:
            LAYERS[name](image, face, face.cues)


def draw_events(image: Frame, names: Sequence[str]) -> None:
    """Running events as chips along the lower edge."""
    cv2 = require("cv2")
    unit = min(image.shape[:2]) / 480
    scale, x, y = 0.5 * unit, round(8 * unit), image.shape[0] - round(10 * unit)
    for name in names:
        (width, height), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        pad = max(2, round(4 * unit))
        cv2.rectangle(image, (x - pad, y - height - pad), (x + width + pad, y + pad), _DARK, -1)
        cv2.putText(image, name, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, 1, cv2.LINE_AA)
        x += width + 4 * pad


def _side(face: Face) -> float:
    return float(np.sqrt(max((face.box[2] - face.box[0]) * (face.box[3] - face.box[1]), 1)))


def _arrow(image: Frame, start: NDArray[Any], end: NDArray[Any], color: tuple[int, int, int], face: Face) -> None:
    cv2 = require("cv2")
    a, b = ((round(float(p[0])), round(float(p[1]))) for p in (start, end))
    width = max(1, round(_side(face) / 60))
    cv2.arrowedLine(image, a, b, _DARK, width + 2, cv2.LINE_AA, tipLength=0.25)
    cv2.arrowedLine(image, a, b, color, width, cv2.LINE_AA, tipLength=0.25)


def _projected_axes(pose: HeadPose) -> NDArray[np.float64]:
    """[3, 2] image directions of the head's own left, up and ahead (towards the camera when it looks there)."""
    yaw, pitch, roll = (np.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn = (
        np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        @ np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    )
    axes = np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]])
    return np.asarray((axes @ turn.T)[:, :2])


def _projected_look(gaze: Gaze) -> NDArray[np.float64]:
    return np.asarray(_projected_axes(HeadPose(gaze.yaw, gaze.pitch, 0.0))[2])
