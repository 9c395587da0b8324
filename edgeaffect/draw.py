"""Overlay: boxes, ids, labels and valence/arousal bars on a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._draw_text import DARK, LIGHT, Color, fill, put_text, text_height, text_size
from ._lazy import require
from .draw_cues import draw_cues, draw_events
from .image import Frame, check_frame
from .results import Affect, Face, Result

# BGR; hues after the usual wheel: warm for anger and joy, blue for sadness, green for disgust, violet for fear.
_COLORS: dict[str, Color] = {
    "neutral": (196, 188, 178),
    "happiness": (64, 200, 255),
    "surprise": (92, 160, 255),
    "sadness": (232, 150, 84),
    "anger": (78, 78, 240),
    "disgust": (104, 186, 104),
    "fear": (214, 122, 178),
    "contempt": (150, 120, 150),
}
_OTHER: Color = (200, 200, 120)
_UNSURE: Color = (150, 150, 150)


def to_bgr(frame: Frame, color: str = "bgr") -> Frame:
    """A BGR copy [h, w, 3] of a frame in any layout."""
    cv2 = require("cv2")
    frame, _ = check_frame(frame, color)
    codes = {
        "rgb": cv2.COLOR_RGB2BGR,
        "bgra": cv2.COLOR_BGRA2BGR,
        "gray": cv2.COLOR_GRAY2BGR,
        "nv12": cv2.COLOR_YUV2BGR_NV12,
        "yuyv": cv2.COLOR_YUV2BGR_YUY2,
    }
    if color == "bgr":
        copied: Frame = frame.copy()
        return copied
    converted: Frame = cv2.cvtColor(np.ascontiguousarray(frame), codes[color])
    return converted


def annotate(
    frame: Frame, result: Result, *, color: str = "bgr", layers: Sequence[str] = (), events: Sequence[str] = ()
) -> Frame:
    """A BGR copy of the frame with everything in `result` drawn on it.

    Faces of which the model is unsure are gray and their label carries a question mark.

    Args:
        frame: the frame that `result` belongs to, in the layout that `color` names.
        result: what was perceived in it.
        color: layout of the frame.
        layers: of cues, by the names of `draw_cues.LAYERS`: `landmarks`, `pose`, `gaze`, `cues`.
        events: names of running events.

    Raises:
        ValueError: no such layer.
    """
    image = to_bgr(frame, color)
    for face in result.faces:
        draw_cues(image, face, layers)
        draw_face(image, face)
    draw_events(image, events)
    return image


def draw_face(image: Frame, face: Face) -> None:
    """Draw one face into a BGR image, in place; sizes follow the image's and the face's."""
    cv2 = require("cv2")
    unit = min(image.shape[:2]) / 480
    x0, y0, x1, y1 = (round(float(v)) for v in face.box)
    color = _color(face.affect)
    line = max(1, round(1.5 * unit))
    _corners(image, (x0, y0, x1, y1), color, line)
    for x, y in face.landmarks:
        if np.isfinite(x) and np.isfinite(y):
            cv2.circle(image, (round(float(x)), round(float(y))), line, color, -1, cv2.LINE_AA)
    height = text_height(image, x1 - x0)
    top = _chip(image, _title(face), (x0, y0), height, color)
    if face.affect is not None:
        _bars(image, face.affect, (x0, top, x1, y1), height, color)


def _color(affect: Affect | None) -> Color:
    if affect is None or not affect.is_sure:
        return _UNSURE
    return _COLORS.get(affect.label, _OTHER)


def _title(face: Face) -> str:
    parts = [] if face.track_id is None else [f"#{face.track_id}"]
    if face.affect is None:
        parts.append("face")
    else:
        doubt = "" if face.affect.is_sure else "?"
        parts.append(f"{face.affect.label}{doubt} {face.affect.confidence:.0%}")
    return " ".join(parts)


def _corners(image: Frame, box: tuple[int, int, int, int], color: Color, line: int) -> None:
    """A thin rectangle with strong corners."""
    cv2 = require("cv2")
    x0, y0, x1, y1 = box
    cv2.rectangle(image, (x0, y0), (x1, y1), color, line, cv2.LINE_AA)
    arm = max(2, min(x1 - x0, y1 - y0) // 6)
    for x, y, dx, dy in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
        cv2.line(image, (x, y), (x + dx * arm, y), color, 2 * line + 1, cv2.LINE_AA)
        cv2.line(image, (x, y), (x, y + dy * arm), color, 2 * line + 1, cv2.LINE_AA)


def _chip(image: Frame, text: str, corner: tuple[int, int], height: int, color: Color) -> int:
    """Text on a filled label above `corner`, or below it where there is no room; returns its top."""
    width, baseline = text_size(text, height)
    if width > image.shape[1]:  # a small picture: better small letters than half the words
        height = max(5, height * image.shape[1] // width)
        width, baseline = text_size(text, height)
    pad = max(2, height // 3)
    box_height = height + 2 * pad
    x = int(np.clip(corner[0], 0, max(0, image.shape[1] - width - 2 * pad)))
    y = corner[1] - box_height if corner[1] >= box_height else max(0, corner[1])
    fill(image, (x, y, x + width + 2 * pad, y + box_height), color, 0.9)
    bright = 0.114 * color[0] + 0.587 * color[1] + 0.299 * color[2] > 120
    put_text(image, text, (x + pad, y + pad + height - baseline // 4), height, DARK if bright else LIGHT)
    return y


def _bars(image: Frame, affect: Affect, box: tuple[int, int, int, int], height: int, color: Color) -> None:
    """Valence and arousal from -1 to 1, a thin line over one standard deviation; below the face if there is room."""
    cv2 = require("cv2")
    x0, _, x1, y1 = box
    row, pad = round(height * 1.15), max(2, height // 3)
    panel_height = 2 * row + pad
    width = max(x1 - x0, 9 * height)
    x0 = int(np.clip(x0, 0, max(0, image.shape[1] - width)))
    top = (
        y1 + pad if y1 + pad + panel_height <= image.shape[0] else max(0, min(y1, image.shape[0]) - panel_height - pad)
    )
    fill(image, (x0, top, x0 + width, top + panel_height), DARK, 0.6)
    small = round(height * 0.8)
    letter, number = text_size("V", small)[0], text_size("+0.00", small)[0]
    left, right = x0 + letter + 2 * pad, x0 + width - number - 2 * pad
    values = (("V", affect.valence, affect.valence_std), ("A", affect.arousal, affect.arousal_std))
    for index, (name, value, std) in enumerate(values):
        middle = top + pad // 2 + index * row + row // 2
        put_text(image, name, (x0 + pad, middle + height // 3), small, LIGHT)
        fill(image, (left, middle - height // 4, right, middle + height // 4), (110, 110, 110), 0.5)
        if not np.isfinite(value):
            continue

        def at(v: float, left: int = left, right: int = right) -> int:
            return round(left + (right - left) * (float(np.clip(v, -1, 1)) + 1) / 2)

        put_text(image, f"{value:+.2f}", (right + pad, middle + height // 3), small, LIGHT)
        zero, end = at(0), at(value)
        fill(image, (min(zero, end), middle - height // 4, max(zero, end) + 1, middle + height // 4), color, 1)
        if np.isfinite(std):
            cv2.line(image, (at(value - std), middle), (at(value + std), middle), LIGHT, 1, cv2.LINE_AA)
        cv2.line(image, (zero, middle - height // 3), (zero, middle + height // 3), LIGHT, 1)
