"""One check of what a caller hands in as a frame, shared by every entry."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# colour -> (shape in words, number of axes, length of the last axis when there are three)
_SHAPES = {
    "bgr": ("[height, width, 3]", 3, 3),
    "rgb": ("[height, width, 3]", 3, 3),
    "bgra": ("[height, width, 4]", 3, 4),
    "gray": ("[height, width]", 2, None),
    "nv12": ("[height * 3 / 2, width]", 2, None),
    "yuyv": ("[height, width, 2]", 3, 2),
}
COLORS: tuple[str, ...] = tuple(_SHAPES)

Frame = NDArray[np.uint8]

MAX_SIDE = 32768
"""Pixels: the native core's limit, which keeps its coordinates exact."""


def check_color(color: str) -> None:
    if not isinstance(color, str) or color not in _SHAPES:
        raise ValueError(f"color must be one of {', '.join(COLORS)}; got {color!r}")


def is_one_frame(array: NDArray[Any]) -> bool:
    """Whether an array is one frame, not a stack of them: the last axis tells [h, w, channels] from [n, h, w]."""
    return array.ndim < 3 or (array.ndim == 3 and array.shape[2] <= 4)


def check_shape(shape: Sequence[int], color: str) -> tuple[int, int]:
    """(width, height) in pixels of a frame of that array shape.

    Raises:
        ValueError: unknown colour, wrong shape, or no pixel in it.
    """
    check_color(color)
    words, axes, last = _SHAPES[color]
    if len(shape) != axes or (last is not None and shape[2] != last):
        hint = "; pass color='gray'" if len(shape) == 2 and color in ("bgr", "rgb") else ""
        hint = "; pass color='bgra'" if len(shape) == 3 and shape[2] == 4 and color == "bgr" else hint
        raise ValueError(f"a {color} frame has shape {words}, got {list(shape)}{hint}")
    if 0 in shape:
        raise ValueError(f"the frame is empty: shape {list(shape)}")
    height, width = shape[:2]
    if color == "nv12":
        if height % 3 or (height * 2 // 3) % 2:
            raise ValueError(f"an nv12 frame has height * 3 / 2 rows with an even height, got {height} rows")
        height = height * 2 // 3
    if color in ("nv12", "yuyv") and width % 2:
        raise ValueError(f"a {color} frame has an even width, got {width}")
    if max(width, height) > MAX_SIDE:
        raise ValueError(f"the frame is {width}x{height} pixels; each side must be at most {MAX_SIDE}: scale it down")
    return width, height


def array_shape(size: tuple[int, int], color: str) -> tuple[int, ...]:
    """Shape of the array of a frame of (width, height) pixels; the inverse of `check_shape`.

    Raises:
        ValueError: not a size in whole pixels, or one that this colour cannot have.
    """
    try:
        width, height = map(operator.index, size)
    except (TypeError, ValueError):
        raise ValueError(f"size must be (width, height) in whole pixels; got {size!r}") from None
    check_color(color)
    if color == "nv12" and height % 2:
        raise ValueError(f"an nv12 frame has an even height, got {height}")
    last = _SHAPES[color][2]
    shape = (height * 3 // 2 if color == "nv12" else height, width, *(() if last is None else (last,)))
    check_shape(shape, color)
    return shape


def check_frame(frame: Any, color: str) -> tuple[Frame, tuple[int, int]]:
    """The frame, ready for `native.crop_normalize`, and its (width, height) in pixels.

    Rows may lie anywhere (any stride, also negative); a frame whose pixels are not adjacent, such as `bgr[..., ::-1]`
    or `frame[:, ::2]`, is copied once to make them so.

    Args:
        frame: uint8 array; `bgr`, `rgb` [h, w, 3], `bgra` [h, w, 4], `gray` [h, w], `nv12` [h * 3 / 2, w],
            `yuyv` [h, w, 2]. Width of nv12 and yuyv, and height of nv12, must be even.

    Raises:
        TypeError: not a NumPy array, or not uint8.
        ValueError: unknown colour, wrong shape, or no pixel in it.
    """
    check_color(color)
    shape_words, axes, _ = _SHAPES[color]
    if not isinstance(frame, np.ndarray):
        hint = " (OpenCV's answer to a file or camera that it cannot read)" if frame is None else ""
        if hasattr(frame, "__cuda_array_interface__"):
            hint = "; frames in GPU memory need device='cuda'"
        raise TypeError(f"a frame is a NumPy array {shape_words} of uint8, got {type(frame).__name__}{hint}")
    if frame.dtype != np.uint8:
        raise TypeError(f"a frame holds uint8 values 0..255, got {frame.dtype}{_remedy(frame.dtype)}")
    size = check_shape(frame.shape, color)
    packed = frame.strides[1] == (frame.shape[2] if axes == 3 else 1) and (axes == 2 or frame.strides[2] == 1)
    return (frame if packed else np.ascontiguousarray(frame)), size


def _remedy(dtype: np.dtype[Any]) -> str:
    """How frames of the usual other kinds become uint8."""
    if dtype.kind == "f":
        return "; for values in 0..1 use (frame * 255).round().clip(0, 255).astype(numpy.uint8)"
    if dtype == np.uint16:
        return "; for 16-bit values use (frame >> 8).astype(numpy.uint8)"
    return ""
