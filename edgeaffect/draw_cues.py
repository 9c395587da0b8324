"""Layers of cues on a picture: landmarks, head axes, gaze arrow, bars of action units, running events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._draw_text import DARK, LIGHT, Color, fill, put_text, text_height, text_size
from ._lazy import require
from .cues import Cues, Gaze, HeadPose
from .image import Frame
from .results import Face

# iBUG's 68 points as lines: (first, last, closed).
_LINES = (
    (0, 16, False), (17, 21, False), (22, 26, False), (27, 30, False), (31, 35, False), (36, 41, True), (42, 47, True),
    (48, 59, True), (60, 67, True),
)  # fmt: skip
# BGR of the axes to the head's left, up and ahead.
_AXES = ((78, 78, 240), (104, 186, 104), (232, 150, 84))
_GAZE = (255, 230, 40)  # cyan: none of the expressions and axes has it
_BARS = {1: "brow in", 2: "brow out", 4: "brow down", 6: "cheek", 7: "lid", 9: "nose", 12: "smile", 15: "corner down",
         17: "chin", 20: "stretch", 24: "press", 26: "jaw", 43: "eyes shut"}  # fmt: skip
_EMPTY, _FULL = (110, 110, 110), (64, 200, 255)
# Faces narrower than this, in pixels, get no bars: the letters would be larger than the face.
_LEAST_FOR_BARS = 48
# Faces smaller than this get lines without a dark rim, which would hide what they show.
_LEAST_FOR_RIMS = 96
_LEAST_LETTERS = 7


def draw_landmarks(image: Frame, face: Face, cues: Cues) -> None:
    """The 68 points as thin lines."""
    cv2 = require("cv2")
    width = max(1, round(_side(face) / 160))
    points = np.round(cues.landmarks68 * 8).astype(np.int32)  # three fractional bits
    for first, last, closed in _LINES:
        line = points[first : last + 1].reshape(-1, 1, 2)
        if _side(face) >= _LEAST_FOR_RIMS:
            cv2.polylines(image, [line], closed, DARK, width + 1, cv2.LINE_AA, 3)
        cv2.polylines(image, [line], closed, LIGHT, width, cv2.LINE_AA, 3)


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
    """Strongest action units as bars beside the box, as many as its height has rows for.

    None on small faces, and none where neither side has room: they would hide the face.
    """
    x0, y0, x1, y1 = (round(float(value)) for value in face.box)
    if min(x1 - x0, y1 - y0) < _LEAST_FOR_BARS:
        return
    room = max(x0, image.shape[1] - x1)
    letters = max(_LEAST_LETTERS, round(0.7 * text_height(image, x1 - x0)))
    letters = max(_LEAST_LETTERS, min(letters, letters * room // _bars_width(letters)))
    row, pad = round(1.7 * letters), max(2, letters // 2)
    rows = max(1, min((y1 - y0) // row, len(_BARS)))
    strongest = sorted(_BARS, key=lambda number: -cues.action_units[number])[:rows]
    width = _bars_width(letters) - 2 * pad
    left = x1 + pad if x1 + width + pad <= image.shape[1] else x0 - pad - width
    if left < 0:
        return
    fill(image, (left, y0, left + width, y0 + rows * row), DARK, 0.7)
    start = left + width - pad - 5 * letters
    for i, number in enumerate(sorted(strongest)):
        top = y0 + i * row
        share = min(max(cues.action_units[number], 0.0), 1.0)
        put_text(image, _BARS[number], (left + pad, top + (row + letters) // 2), letters, LIGHT)
        middle, thick = top + row // 2, max(1, letters // 4)
        fill(image, (start, middle - thick, start + 5 * letters, middle + thick), _EMPTY, 1)
        fill(image, (start, middle - thick, start + round(5 * letters * share), middle + thick), _FULL, 1)


def _bars_width(letters: int) -> int:
    """Pixels that names, bars five letters long and the room around them take."""
    return max(text_size(name, letters)[0] for name in _BARS.values()) + 5 * letters + 5 * max(2, letters // 2)


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
    """Running events as chips along the lower edge, in as many rows as they need."""
    letters = max(_LEAST_LETTERS, round(11 * min(image.shape[:2]) / 480))
    pad = max(2, letters // 2)
    height = letters + 2 * pad
    x, y = pad, image.shape[0] - pad - height
    for name in names:
        width = text_size(name, letters)[0] + 2 * pad
        if x + width > image.shape[1] and x > pad:
            x, y = pad, y - height - pad
        fill(image, (x, y, x + width, y + height), DARK, 0.85)
        put_text(image, name, (x + pad, y + pad + letters), letters, LIGHT)
        x += width + pad


def _side(face: Face) -> float:
    return float(np.sqrt(max((face.box[2] - face.box[0]) * (face.box[3] - face.box[1]), 1)))


def _arrow(image: Frame, start: NDArray[Any], end: NDArray[Any], color: Color, face: Face) -> None:
    cv2 = require("cv2")
    a, b = ((round(float(p[0])), round(float(p[1]))) for p in (start, end))
    width = max(1, round(_side(face) / 60))
    if _side(face) >= _LEAST_FOR_RIMS:
        cv2.arrowedLine(image, a, b, DARK, width + 2, cv2.LINE_AA, tipLength=0.25)
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
