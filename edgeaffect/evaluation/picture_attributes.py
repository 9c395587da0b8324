"""Brightness and colourfulness of a picture by fixed formulas: the two attributes of EmoSet that need no model."""

from __future__ import annotations

import numpy as np

from .._checks import show
from ..image import Frame

_LUMA = np.array([0.114, 0.587, 0.299])  # BT.601, of BGR


def _bgr(picture: Frame) -> np.ndarray:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise ValueError(
            f"a picture is uint8 [height, width, 3] in BGR with at least one pixel, got {picture.dtype} "
            f"{show(picture.shape)}: convert it, as by cv2.cvtColor"
        )
    return picture.astype(np.float64)


def brightness(picture: Frame) -> float:
    """Mean luma (BT.601) as a share of white, 0 to 1.

    Args:
        picture: uint8 [height, width, 3], BGR.

    Raises:
        ValueError: not such an array.
    """
    return float((_bgr(picture) @ _LUMA).mean() / 255)


def colourfulness(picture: Frame) -> float:
    """Colourfulness M3 of Hasler and Suesstrunk 2003; 0 is gray, above about 80 people call it very colourful.

    With rg = R - G and yb = (R + G) / 2 - B: the length of their standard deviations, plus 0.3 times that of their
    means.

    Args:
        picture: uint8 [height, width, 3], BGR.

    Raises:
        ValueError: not such an array.
    """
    blue, green, red = np.moveaxis(_bgr(picture), 2, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
