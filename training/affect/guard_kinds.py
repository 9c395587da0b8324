"""What hides a face, at five strengths each, for the report on the guard: deterministic kinds on 48 px gray crops.

The training (`training.affect.damage`) meets the kinds of `SEEN`, drawn by other code at random strengths, and none of
`UNSEEN`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from training.affect.alignment import read_template
from training.affect.corruptions import blur, jpeg, low_light, noise
from training.data import FACE_SIZE

Image = np.ndarray
Kind = Callable[[Image, float, np.random.Generator], Image]

RESULTS_FILE = Path(__file__).with_name("GUARD.json")
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the faces, best first, at which the report tells the risk."""

_EYES, _MOUTH = read_template()[:2], read_template()[3:]
SKIN_TONES = (60, 190)


def _hide(image: Image, box: tuple[float, float, float, float], random: np.random.Generator) -> Image:
    """A flat rectangle (x0, y0, x1, y1) in pixels, in some tone of gray."""
    hidden = image.copy()
    x0, y0, x1, y1 = (round(float(np.clip(v, 0, FACE_SIZE))) for v in box)
    hidden[y0:y1, x0:x1] = int(random.integers(*SKIN_TONES))
    return hidden


def mouth_covered(image: Image, share: float, random: np.random.Generator) -> Image:
    """A rectangle over the mouth; at a share of 1 it hides everything below the nose."""
    x, y = _MOUTH.mean(0)
    return _hide(image, (x - 20 * share, y - 8 * share, x + 20 * share, y + 12 * share), random)


def eyes_covered(image: Image, share: float, random: np.random.Generator) -> Image:
    """A bar over both eyes; at a share of 1 it hides brows and eyes from side to side."""
    x, y = _EYES.mean(0)
    return _hide(image, (x - 24 * share, y - 9 * share, x + 24 * share, y + 7 * share), random)


def cut_off(image: Image, share: float, random: np.random.Generator) -> Image:
    """The picture ends inside the face: so much of one side is black."""
    lost = round(share * FACE_SIZE)
    quarter = int(random.integers(4))
    turned = np.rot90(image, quarter).copy()
    turned[-lost:] = 0
    return np.ascontiguousarray(np.rot90(turned, -quarter))


def turned(image: Image, degrees: float, random: np.random.Generator) -> Image:
    """The points did not follow the turn of the head."""
    middle = (FACE_SIZE - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), degrees * random.choice((-1.0, 1.0)), 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, image.shape, borderMode=cv2.BORDER_REFLECT))


def tiny(image: Image, side: float, _: np.random.Generator) -> Image:
    small = cv2.resize(image, (int(side), int(side)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape, interpolation=cv2.INTER_LINEAR))


def over_exposed(image: Image, gain: float, _: np.random.Generator) -> Image:
    return np.clip(image * gain, 0, 255).astype(np.uint8)


def motion_blur(image: Image, length: float, random: np.random.Generator) -> Image:
    """The camera or the head moved so many pixels while the picture was taken."""
    size = int(length) | 1
    kernel = np.zeros((size, size), np.float32)
    angle = random.uniform(0, np.pi)
    centre = size // 2
    for t in np.linspace(-length / 2, length / 2, 4 * size):
        kernel[round(centre + t * np.sin(angle)) % size, round(centre + t * np.cos(angle)) % size] += 1
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def pixelated(image: Image, side: float, _: np.random.Generator) -> Image:
    """Made unrecognisable on purpose: so many squares along a side."""
    small = cv2.resize(image, (int(side), int(side)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape, interpolation=cv2.INTER_NEAREST))


def fence(image: Image, share: float, random: np.random.Generator) -> Image:
    """Bars before the face that hide so much of it."""
    period = int(random.integers(8, 17))
    bars = (np.arange(FACE_SIZE) + int(random.integers(period))) % period < share * period
    hidden = image.copy()
    if random.random() < 0.5:
        hidden[bars] = int(random.integers(20, 235))
    else:
        hidden[:, bars] = int(random.integers(20, 235))
    return hidden


def fog(image: Image, density: float, _: np.random.Generator) -> Image:
    """So much of every pixel is white."""
    return np.rint(image * (1 - density) + 235 * density).astype(np.uint8)


def dropped_pixels(image: Image, share: float, random: np.random.Generator) -> Image:
    """So many pixels are black or white."""
    lost = random.random(image.shape) < share
    return np.where(lost, 255 * random.integers(0, 2, image.shape), image).astype(np.uint8)


def half_hidden(image: Image, share: float, random: np.random.Generator) -> Image:
    """Somebody else's head covers so much of one side, in this face's own tones."""
    lost = round(share * FACE_SIZE)
    other = cv2.GaussianBlur(image[::-1], (0, 0), 6)
    hidden = image.copy()
    if random.random() < 0.5:
        hidden[:, :lost] = other[:, :lost]
    else:
        hidden[:, FACE_SIZE - lost :] = other[:, FACE_SIZE - lost :]
    return hidden


def squeezed(image: Image, factor: float, random: np.random.Generator) -> Image:
    """A picture with the wrong aspect."""
    scale = (factor, 1.0) if random.random() < 0.5 else (1.0, factor)
    matrix = np.diag([*(1 / v for v in scale)]) @ np.eye(2, 3)
    middle = (FACE_SIZE - 1) / 2
    matrix[:, 2] = middle - matrix[:, :2] @ [middle, middle]
    return np.asarray(cv2.warpAffine(image, matrix, image.shape, borderMode=cv2.BORDER_REPLICATE))


SEEN: dict[str, tuple[Kind, tuple[float, ...]]] = {
    "mouth covered (share)": (mouth_covered, (0.3, 0.5, 0.7, 0.85, 1.0)),
    "eyes covered (share)": (eyes_covered, (0.3, 0.5, 0.7, 0.85, 1.0)),
    "cut off (share)": (cut_off, (0.15, 0.25, 0.35, 0.5, 0.65)),
    "turned (degrees)": (turned, (25, 50, 90, 135, 180)),
    "blur (sigma, px)": (blur, (0.7, 1.2, 2.0, 3.2, 5.0)),
    "tiny (px)": (tiny, (32, 20, 14, 10, 7)),
    "dark (gain)": (low_light, (0.5, 0.3, 0.15, 0.08, 0.04)),
    "over-exposed (gain)": (over_exposed, (1.4, 1.8, 2.5, 3.5, 5.0)),
    "noise (sigma, of 255)": (noise, (6, 14, 28, 50, 80)),
    "JPEG (quality)": (jpeg, (50, 30, 15, 7, 2)),
}
UNSEEN: dict[str, tuple[Kind, tuple[float, ...]]] = {
    "motion blur (px)": (motion_blur, (3, 5, 9, 13, 19)),
    "pixelated (squares)": (pixelated, (28, 20, 14, 10, 7)),
    "fence (share)": (fence, (0.1, 0.2, 0.35, 0.5, 0.65)),
    "fog (density)": (fog, (0.3, 0.5, 0.7, 0.85, 0.95)),
    "dropped pixels (share)": (dropped_pixels, (0.02, 0.05, 0.12, 0.25, 0.5)),
    "half hidden (share)": (half_hidden, (0.2, 0.3, 0.4, 0.5, 0.65)),
    "squeezed (factor)": (squeezed, (1.2, 1.4, 1.7, 2.0, 2.5)),
}
KINDS = SEEN | UNSEEN


def hide(images: np.ndarray, name: str, strength: float, seed: int = 0) -> np.ndarray:
    """uint8 faces [N, 48, 48] with one kind; the same seed gives every model the same pictures."""
    function, _ = KINDS[name]
    random = np.random.default_rng(seed)
    return np.stack([function(image, strength, random) for image in images])
