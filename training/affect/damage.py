"""What hides a face: covers, wrong framing, blur, darkness and the like, at any strength, for gray 48 px crops.

A training that meets these learns how much a crop still tells. `training.affect.guard_report` measures with kinds of
its own, some of which no training ever shows.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from training.affect.alignment import read_template
from training.data import FACE_SIZE

Floats = NDArray[np.float32]
Damage = Callable[[Floats, Floats, float, np.random.Generator], Floats]
"""Crop [48, 48] in 0..1, place of each pixel in the template crop [48, 48, 2], strength 0..1 -> damaged crop."""

_EYES = read_template()[:2]
_NOSE = read_template()[2]
_MOUTH = read_template()[3:]


def _filling(x: Floats, random: np.random.Generator) -> Floats:
    """What a cover looks like: one tone, a gradient, noise, or the picture itself upside down."""
    kind = random.integers(4)
    tone = random.uniform(0, 1)
    if kind == 0:
        return np.full_like(x, tone)
    if kind == 1:
        ramp = np.linspace(-0.3, 0.3, FACE_SIZE, dtype=np.float32)
        return np.clip(tone + (ramp[:, None] if random.random() < 0.5 else ramp[None]) + np.zeros_like(x), 0, 1)
    if kind == 2:
        side = int(random.integers(3, FACE_SIZE))
        return cv2.resize(random.uniform(0, 1, (side, side)).astype(np.float32), (FACE_SIZE, FACE_SIZE))
    return np.ascontiguousarray(np.rot90(x, 2))


def _hidden(x: Floats, inside: NDArray[np.bool_], random: np.random.Generator) -> Floats:
    return np.where(inside, _filling(x, random), x).astype(np.float32)


def _box(places: Floats, centre: NDArray[np.float64], half: tuple[float, float], round_: bool) -> NDArray[np.bool_]:
    dx, dy = np.abs(places[..., 0] - centre[0]) / half[0], np.abs(places[..., 1] - centre[1]) / half[1]
    return np.asarray(dx**2 + dy**2 < 1 if round_ else np.maximum(dx, dy) < 1)


def cover_mouth(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """A hand, cup, microphone or mask over the mouth: a third of it at the least, all of the lower face at the most."""
    centre = _MOUTH.mean(0) + random.normal(0, 1.5, 2)
    half = (5 + 16 * strength, 4 + 8 * strength)
    return _hidden(x, _box(places, centre, half, random.random() < 0.5), random)


def cover_eyes(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Hair, a cap or a bar over the eyes; sometimes over one of them."""
    centre = _EYES.mean(0) if random.random() < 0.7 else _EYES[random.integers(2)]
    half = (8 + 16 * strength, 3 + 6 * strength)
    return _hidden(x, _box(places, centre + random.normal(0, 1.5, 2), half, random.random() < 0.5), random)


def cover_anywhere(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Something before any part of the face."""
    centre = _NOSE + random.uniform(-16, 16, 2)
    half = tuple(random.uniform(4, 6 + 16 * strength, 2))
    return _hidden(x, _box(places, centre, (half[0], half[1]), random.random() < 0.5), random)


def cut(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """The border of the picture runs through the crop: beyond it lies one tone, or its last row again and again."""
    lost = round((0.1 + 0.6 * strength) * FACE_SIZE)
    quarter = int(random.integers(4))
    turned = np.rot90(x, quarter).copy()
    turned[-lost:] = turned[-lost - 1] if random.random() < 0.5 else random.uniform(0, 1)
    return np.ascontiguousarray(np.rot90(turned, -quarter))


def turn(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """The points did not follow the turn of the head: any angle up to 180 degrees."""
    angle = random.choice((-1, 1)) * (15 + 165 * strength * random.uniform(0.5, 1))
    return _framed(x, angle, 1.0, np.zeros(2))


def misframe(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """The detector's points are off: shifted, too large or too small."""
    shift = random.normal(0, 1, 2)
    shift *= (3 + 14 * strength) / max(float(np.hypot(*shift)), 1e-6)
    zoom = float(np.exp(random.choice((-1, 1)) * random.uniform(0, 0.15 + 0.5 * strength)))
    return _framed(x, random.normal(0, 8), zoom, shift)


def _framed(x: Floats, angle: float, zoom: float, shift: NDArray[np.float64]) -> Floats:
    middle = (FACE_SIZE - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), angle, zoom)
    matrix[:, 2] += shift
    border = cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(x, matrix, (FACE_SIZE, FACE_SIZE), borderMode=border), np.float32)


def blur(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Out of focus: sigma of 0.8 to 6 crop pixels."""
    return np.asarray(cv2.GaussianBlur(x, (0, 0), 0.8 * 7.5**strength), np.float32)


def tiny(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """A face of 32 to 5 pixels, enlarged."""
    side = max(4, round(32 * (5 / 32) ** strength))
    small = cv2.resize(x, (side, side), interpolation=cv2.INTER_AREA)
    ways = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    return np.clip(cv2.resize(small, (FACE_SIZE, FACE_SIZE), interpolation=ways[random.integers(2)]), 0, 1)


def noise(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Sensor noise of 0.03 to 0.4 of the range."""
    return np.clip(x + random.normal(0, 0.03 * 13**strength, x.shape), 0, 1).astype(np.float32)


def dark(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Too little light: gain of 0.5 to 0.03, read noise of a few steps, and steps of eight bits."""
    low = x * 0.5 * 0.06**strength + random.normal(0, random.uniform(0.004, 0.02), x.shape)
    return (np.round(np.clip(low, 0, 1) * 255) / 255).astype(np.float32)


def glare(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """Too much light: most of the face is white."""
    return np.clip(x * (1.3 + 3 * strength) + 0.25 * strength * random.random(), 0, 1).astype(np.float32)


def jpeg(x: Floats, places: Floats, strength: float, random: np.random.Generator) -> Floats:
    """A few bytes are left: quality 40 to 1."""
    quality = max(1, round(40 * (1 - strength)))
    _, code = cv2.imencode(".jpg", (x * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)


KINDS: dict[str, Damage] = {
    function.__name__: function
    for function in (
        cover_mouth, cover_eyes, cover_anywhere, cut, turn, misframe, blur, tiny, noise, dark, glare, jpeg,
    )
}  # fmt: skip


def damaged(x: Floats, places: Floats, random: np.random.Generator, *, second: float = 0.25) -> Floats:
    """One kind at a random strength, and another on top of it in a share `second` of the cases.

    Args:
        x: crop [48, 48] in 0..1.
        places: [48, 48, 2], where each pixel lies in the template crop (x, y).
        random: source of all random numbers.
        second: share of crops that are damaged twice.
    """
    names = list(KINDS)
    for _ in range(2 if random.random() < second else 1):
        x = KINDS[names[random.integers(len(names))]](x, places, float(random.uniform(0, 1)), random)
    return x
