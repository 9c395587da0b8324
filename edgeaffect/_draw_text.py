"""Letters and filled boxes for overlays, in place on BGR pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._lazy import require
from .image import Frame

Color = tuple[int, int, int]
"""B, G, R."""

DARK: Color = (32, 28, 26)
LIGHT: Color = (245, 245, 245)

# Capitals of FONT_HERSHEY_DUPLEX at scale 1 are so many pixels high.
_CAPITALS = 22
_LEAST_HEIGHT = 7


def text_height(image: Frame, face_width: float) -> int:
    """Pixels of the capitals beside a face: they grow with it, within what the picture bears, and stay legible."""
    unit = min(image.shape[:2]) / 480
    return int(np.clip(face_width / 7, 11 * unit, 20 * unit).round().clip(_LEAST_HEIGHT))


def fill(image: Frame, box: Sequence[int], color: Color, alpha: float) -> None:
    """Fill x0, y0, x1, y1, as far as it lies in the picture; `alpha` 1 hides what is below."""
    x0, y0, x1, y1 = np.clip(box, 0, [image.shape[1], image.shape[0]] * 2)
    region = image[y0:y1, x0:x1]
    region[:] = region * (1 - alpha) + np.array(color) * alpha


def text_size(text: str, height: int) -> tuple[int, int]:
    """Width and depth below the baseline of a text whose capitals are `height` pixels high."""
    cv2 = require("cv2")
    (width, _), baseline = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, height / _CAPITALS, _thickness(height))
    return width, baseline


def put_text(image: Frame, text: str, origin: tuple[int, int], height: int, color: Color) -> None:
    """Write from the left end of the baseline, with capitals `height` pixels high."""
    cv2 = require("cv2")
    font = cv2.FONT_HERSHEY_DUPLEX
    cv2.putText(image, text, origin, font, height / _CAPITALS, color, _thickness(height), cv2.LINE_AA)


def _thickness(height: int) -> int:
    return max(1, round(height / 16))
