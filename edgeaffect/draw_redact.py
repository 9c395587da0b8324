"""Faces made unknowable in pictures: blurred, pixelated or blocked.

Every picture of somebody that is saved or served goes through `redact_boxes`. A blurred or pixelated face keeps some
forty numbers of what was there; whoever must rule out that a person is told from these takes `block`, which keeps
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._lazy import require
from .image import Frame

METHODS = ("blur", "pixelate", "block")
"""Ways to redact."""

MARGIN = 0.35
"""Share of a box's size that is redacted beyond it on each side: ears, chin, hair, and predictions that are off."""

_CELLS = 4  # of a face, per axis: detectors find faces of six cells and more
_BLOCK = (48, 42, 38)


def check_method(method: object) -> str:
    """The method, if it is one.

    Raises:
        ValueError: it is none.
    """
    if method not in METHODS:
        raise ValueError(f"redact must be one of {', '.join(METHODS)}; got {method!r}")
    return str(method)


def redact_boxes(image: Frame, boxes: Sequence[Any] | NDArray[Any], method: str, margin: float = MARGIN) -> None:
    """Redact every box of a BGR image, in place.

    Args:
        image: uint8 [h, w, 3].
        boxes: [n, 4] xyxy, pixels; parts outside of the image are left out.
        method: one of `METHODS`.
        margin: share of a box's width and height that is redacted beyond it on each side.

    Raises:
        ValueError: no such method.
    """
    check_method(method)
    height, width = image.shape[:2]
    for box in np.asarray(boxes, np.float64).reshape(-1, 4):
        if not np.isfinite(box).all():
            continue
        grow = np.array([-1, -1, 1, 1]) * margin * np.tile(np.maximum(box[2:] - box[:2], 0), 2)
        x0, y0, x1, y1 = box + grow
        left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
        right, bottom = min(width, int(np.ceil(x1))), min(height, int(np.ceil(y1)))
        if left < right and top < bottom:
            _hide(image[top:bottom, left:right], method)


def _hide(region: Frame, method: str) -> None:
    if method == "block":
        region[:] = _BLOCK
        return
    cv2 = require("cv2")
    height, width = region.shape[:2]
    cells = cv2.resize(region, (min(_CELLS, width), min(_CELLS, height)), interpolation=cv2.INTER_AREA)
    way = cv2.INTER_NEAREST if method == "pixelate" else cv2.INTER_CUBIC
    region[:] = cv2.resize(cells, (width, height), interpolation=way)
