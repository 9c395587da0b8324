"""Corruptions of 48 px gray faces at five strengths each, for the robustness table of the model card."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Image = np.ndarray
Corruption = Callable[[Image, float, np.random.Generator], Image]


def _bytes(x: np.ndarray) -> Image:
    return np.clip(np.rint(x), 0, 255).astype(np.uint8)


def blur(image: Image, sigma: float, _: np.random.Generator) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def noise(image: Image, sigma: float, random: np.random.Generator) -> Image:
    return _bytes(image + random.normal(0, sigma, image.shape))


def jpeg(image: Image, quality: float, _: np.random.Generator) -> Image:
    code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE))


def brightness(image: Image, offset: float, random: np.random.Generator) -> Image:
    return _bytes(image + offset * random.choice((-1.0, 1.0)))


def low_light(image: Image, gain: float, random: np.random.Generator) -> Image:
    """Fewer photons: darker, with shot noise that is constant in the dark image."""
    return _bytes(image * gain + random.normal(0, 3, image.shape))


def scale_down(image: Image, side: float, _: np.random.Generator) -> Image:
    small = cv2.resize(image, (int(side), int(side)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR)


def roll(image: Image, degrees: float, random: np.random.Generator) -> Image:
    h, w = image.shape
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), degrees * random.choice((-1.0, 1.0)), 1.0)
    return cv2.warpAffine(image, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)


def occlusion(image: Image, side: float, random: np.random.Generator) -> Image:
    """A gray square anywhere inside the face crop."""
    result = image.copy()
    y, x = (int(random.integers(0, n - int(side) + 1)) for n in image.shape)
    result[y : y + int(side), x : x + int(side)] = 128
    return result


CORRUPTIONS: dict[str, tuple[Corruption, tuple[float, ...]]] = {
    "blur (sigma, px)": (blur, (0.5, 1.0, 1.5, 2.0, 2.5)),
    "noise (sigma, of 255)": (noise, (4, 8, 14, 22, 32)),
    "JPEG (quality)": (jpeg, (60, 40, 25, 15, 8)),
    "brightness (offset, of 255)": (brightness, (20, 40, 60, 80, 100)),
    "low light (gain)": (low_light, (0.6, 0.4, 0.25, 0.15, 0.1)),
    "scale down (px)": (scale_down, (40, 36, 32, 28, 24)),
    "roll (degrees)": (roll, (6, 12, 18, 24, 30)),
    "occlusion (side, px)": (occlusion, (8, 12, 16, 20, 24)),
}


def corrupt(images: np.ndarray, name: str, strength: float, seed: int = 0) -> np.ndarray:
    """uint8 faces [N, 48, 48] with one corruption; the same seed gives every model the same pictures."""
    function, _ = CORRUPTIONS[name]
    random = np.random.default_rng(seed)
    return np.stack([function(image, strength, random) for image in images])
