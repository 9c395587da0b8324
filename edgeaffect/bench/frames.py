"""Frames to measure on, without a camera and without data: drawn faces that face detectors accept, or a source's own.

A drawn face is a few soft ellipses (head, hair, eyes, brows, nose, mouth) with shading and sensor noise. It moves
from frame to frame so that tracking and smoothing have work to do.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._lazy import require

Frame = NDArray[np.uint8]

COLORS = ("bgr", "gray", "nv12", "yuyv")


@dataclass
class Clip:
    """Frames in memory."""

    frames: list[Frame]
    color: str
    capture_seconds: list[float] = field(default_factory=list)
    """What the source spent on each frame; empty for drawn ones."""


# (centre x, centre y, half width, half height, edge softness, opacity, BGR): in sides of the head, y downwards.
# "skin" is the tone of the face times the number that follows.
_PARTS: tuple[tuple[float, float, float, float, float, float, Any], ...] = (
    (0, 1.25, 0.95, 0.55, 0.05, 1.0, (90, 70, 60)),  # shoulders
    (0, 0.62, 0.25, 0.35, 0.05, 1.0, 0.75),  # neck
    (0, -0.12, 0.55, 0.68, 0.05, 1.0, (30, 40, 50)),  # hair
    (0, 0.05, 0.44, 0.58, 0.04, 1.0, 1.0),  # face
    (0, 0.05, 0.045, 0.14, 0.4, 0.35, 1.2),  # bridge of the nose
    (0, 0.175, 0.09, 0.03, 0.4, 0.4, 0.5),  # shadow below it
    (0, 0.32, 0.16, 0.045, 0.15, 0.85, (90, 90, 170)),  # lips
    (0, 0.318, 0.15, 0.01, 0.3, 0.8, (40, 40, 90)),  # line between them
    (0, 0.40, 0.12, 0.03, 0.4, 0.25, 0.5),  # chin
)
_EYE_PARTS: tuple[tuple[float, float, float, float, float, float, Any], ...] = (
    (0.18, -0.06, 0.12, 0.07, 0.3, 0.5, 0.55),  # socket
    (0.18, -0.06, 0.085, 0.04, 0.1, 1.0, (235, 235, 235)),
    (0.18, -0.06, 0.038, 0.04, 0.1, 1.0, (40, 50, 60)),
    (0.18, -0.16, 0.12, 0.022, 0.3, 0.9, (35, 45, 55)),  # brow
    (0.05, 0.16, 0.035, 0.02, 0.3, 0.35, 0.3),  # nostril
)
_SKIN = np.array((140, 170, 215), np.float32)
_DRAWN_SIDE = 200
"""Larger faces are drawn at this size and scaled: they are smooth."""


def draw_face(frame: Frame, x: float, y: float, side: float) -> None:
    """Draw one face in place, at the nearest whole pixel.

    Args:
        frame: BGR [h, w, 3].
        x: centre of the head, pixels.
        y: centre of the head, pixels.
        side: about the height of the head with hair, pixels.
    """
    color, opacity = _patch(round(side))
    reach = color.shape[1] // 2
    left, top = round(x) - reach, round(y) - reach
    rows = slice(max(0, -top), max(0, min(color.shape[0], frame.shape[0] - top)))
    columns = slice(max(0, -left), max(0, min(color.shape[1], frame.shape[1] - left)))
    view = frame[max(0, top) : top + rows.stop, max(0, left) : left + columns.stop]
    view[...] = view * (1 - opacity[rows, columns]) + color[rows, columns]


@functools.lru_cache(maxsize=64)
def _patch(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colour times opacity [h, w, 3] and opacity [h, w, 1] of a face, centre of the head at (w // 2, w // 2)."""
    drawn = min(side, _DRAWN_SIDE)
    u = ((np.arange(-drawn, drawn + 1, dtype=np.float32) + 0.5) / drawn)[None, :]
    v = ((np.arange(-drawn, round(1.2 * drawn) + 1, dtype=np.float32) + 0.5) / drawn)[:, None]
    color = np.zeros((*np.broadcast_shapes(u.shape, v.shape), 3), np.float32)
    opacity = np.zeros((*color.shape[:2], 1), np.float32)
    shade = np.clip(1.05 - 0.55 * np.abs(u) - 0.12 * v, 0.5, 1.2)[..., None]
    mirrored = [(sign * part[0], *part[1:]) for part in _EYE_PARTS for sign in (-1, 1)]
    for cx, cy, a, b, soft, strength, paint in (*_PARTS, *mirrored):
        distance = np.hypot((u - cx) / a, (v - cy) / b) - 1
        mask = (strength / (1 + np.exp(np.clip(distance / soft, -30, 30))))[..., None]
        tone = np.asarray(paint, np.float32) if isinstance(paint, tuple) else np.minimum(_SKIN * paint, 255)
        color += mask * ((tone * shade if paint == 1.0 else tone) - color)
        opacity += mask * (1 - opacity)
    if side > drawn:
        scale = side / drawn
        color, opacity = (require("cv2").resize(a, None, fx=scale, fy=scale) for a in (color, opacity))
        opacity = opacity[..., None]
    return color, opacity


def background(size: tuple[int, int]) -> Frame:
    """A smooth, dim BGR scene of (width, height)."""
    width, height = size
    y = np.arange(height, dtype=np.float32)[:, None] / height
    x = np.arange(width, dtype=np.float32)[None, :] / width
    scene = np.empty((height, width, 3), np.uint8)
    scene[..., 0] = (120 + 40 * np.sin(7 * x) + 20 * np.cos(7 * y)).astype(np.uint8)
    scene[..., 1] = (130 + 30 * np.sin(4 * y + 1)).astype(np.uint8)
    scene[..., 2] = (125 + 25 * np.cos(4 * x)).astype(np.uint8)
    return scene


def synthetic(size: tuple[int, int], faces: int, count: int = 16, *, seed: int = 0) -> list[Frame]:
    """A looped clip: `faces` drawn faces that sway about fixed places.

    Args:
        size: (width, height) of the frames.
        faces: how many, laid out on a grid; 0 gives an empty scene.
        count: frames in the loop.
        seed: of the sensor noise.

    Returns:
        `count` BGR frames.
    """
    rng = np.random.default_rng(seed)
    width, height = size
    scene = background(size)
    rows = max(1, round(math.sqrt(faces * height / width)))
    columns = max(1, math.ceil(faces / rows))
    cell = (width / columns, height / max(1, math.ceil(faces / columns)))
    side = 0.42 * min(cell[0] * 1.1, cell[1])
    frames = []
    for index in range(count):
        phase = 2 * math.pi * index / count
        frame = scene.copy()
        for face in range(faces):
            row, column = divmod(face, columns)
            x = (column + 0.5) * cell[0] + 0.06 * side * math.sin(phase + face)
            y = (row + 0.45) * cell[1] + 0.04 * side * math.cos(phase + 2 * face)
            draw_face(frame, x, y, side)
        noise = rng.integers(-6, 7, (256, 256, 1), np.int16)
        for top in range(0, height, 256):
            for left in range(0, width, 256):
                tile = frame[top : top + 256, left : left + 256]
                tile[...] = np.clip(tile + noise[: tile.shape[0], : tile.shape[1]], 0, 255)
        frames.append(frame)
    return frames


def convert(frame: Frame, color: str) -> Frame:
    """A BGR frame in another camera format (BT.601 limited range for YUV). Sides must be even for nv12 and yuyv."""
    if color == "bgr":
        return frame
    cv2 = require("cv2")
    if color == "gray":
        gray: Frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        return gray
    height, width = frame.shape[:2]
    planar = cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420)
    luma = planar[:height]
    quarter = height * width // 4
    u = planar.reshape(-1)[height * width :][:quarter].reshape(height // 2, width // 2)
    v = planar.reshape(-1)[height * width + quarter :].reshape(height // 2, width // 2)
    if color == "nv12":
        return np.concatenate([luma, np.stack([u, v], -1).reshape(height // 2, width)])
    if color == "yuyv":
        packed = np.empty((height, width, 2), np.uint8)
        packed[..., 0] = luma
        packed[:, 0::2, 1] = np.repeat(u, 2, 0)
        packed[:, 1::2, 1] = np.repeat(v, 2, 0)
        return packed
    raise ValueError(f"color must be one of {', '.join(COLORS)}; got {color!r}")


def from_source(source: str, size: tuple[int, int] | None, count: int = 64) -> Clip:
    """The first frames of anything `edgeaffect.sources.open_source` opens.

    Args:
        source: picture, folder, video, camera index or URL.
        size: (width, height) to scale BGR frames to; None keeps them.
        count: frames to take.

    Raises:
        SourceError: the source cannot be opened or has no frame.
        ValueError: `size` is given for frames that are not BGR.
    """
    from ..errors import SourceError
    from ..sources import open_source

    clip = Clip([], "bgr")
    with open_source(source) as opened:
        for item in opened:
            clip.color = item.color
            clip.frames.append(_fit(item.image, item.color, size))
            if item.capture_seconds is not None:
                clip.capture_seconds.append(item.capture_seconds)
            if len(clip.frames) == count:
                break
    if not clip.frames:
        raise SourceError(
            f"no frame in {show(source)}: give a picture, a folder of pictures, a video or a camera index"
        )
    return clip


def _fit(image: Frame, color: str, size: tuple[int, int] | None) -> Frame:
    if size is None or image.shape[1::-1] == size:
        copied: Frame = image.copy()  # sources reuse their buffers
        return copied
    if color != "bgr":
        raise ValueError(f"--size scales BGR frames only; this source delivers {color}: leave --size out")
    cv2 = require("cv2")
    scaled: Frame = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return scaled
