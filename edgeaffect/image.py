"""`Image`: a frame's pixels and their format, checked once where it comes in; and the facts of every pixel format."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._checks import show


@dataclass(frozen=True)
class PixelFormat:
    """How the pixels of a frame lie in its array."""

    shape: str
    """In words, for messages."""
    axes: int
    bytes_per_pixel: int
    """Bytes of a row divided by its width; length of the last axis where there are three."""
    is_planar: bool = False
    """Luma rows first, then half as many rows of chroma."""


FORMATS = {
    "bgr": PixelFormat("[height, width, 3]", 3, 3),
    "rgb": PixelFormat("[height, width, 3]", 3, 3),
    "bgra": PixelFormat("[height, width, 4]", 3, 4),
    "gray": PixelFormat("[height, width]", 2, 1),
    "nv12": PixelFormat("[height * 3 / 2, width]", 2, 1, is_planar=True),
    "yuyv": PixelFormat("[height, width, 2]", 3, 2),
}
COLORS: tuple[str, ...] = tuple(FORMATS)

Frame = NDArray[np.uint8]

MAX_SIDE = 32768
"""Pixels: the native core's limit, which keeps its coordinates exact."""


@dataclass(frozen=True, eq=False)
class Image:
    """A checked frame. Make one with `Image.of`; everything behind it trusts it."""

    pixels: Frame
    """uint8, as `native.crop_normalize` takes it: pixels of a row adjacent, rows at any stride."""
    format: str
    size: tuple[int, int]
    """Width, height in pixels."""
    still: bool = False
    """A picture by itself, not a frame of a moving scene."""
    roll: int = 0
    """Degrees by which its camera is turned, clockwise: 0, 90, 180 or 270; see `DetectOptions.camera_roll`."""

    @classmethod
    def of(cls, frame: Any, color: str = "bgr", *, still: bool = False, roll: int = 0) -> Image:
        """Check a frame; an `Image` is returned as it is.

        Args:
            frame: uint8 array: `bgr`, `rgb` [h, w, 3], `bgra` [h, w, 4], `gray` [h, w], `nv12` [h * 3 / 2, w], `yuyv`
                [h, w, 2]. Width of nv12 and yuyv, and height of nv12, must be even. Rows may lie anywhere; a frame
                whose pixels are not adjacent, such as `bgr[..., ::-1]`, is copied once.
            color: format of the frame.
            still: whether it is a picture by itself.
            roll: of its camera, degrees clockwise.

        Raises:
            TypeError: not a NumPy array, or not uint8.
            ValueError: unknown format, wrong shape, or no pixel in it.
        """
        if isinstance(frame, Image):
            return frame
        pixels, size = check_frame(frame, color)
        return cls(pixels, color, size, still, roll)

    @property
    def luma(self) -> Frame:
        """A view of one plane that is close to brightness [h, w]: green, or the frame's own luma."""
        if self.format == "nv12":
            return self.pixels[: self.size[1]]
        if self.format == "yuyv":
            return self.pixels[..., 0]
        return self.pixels if self.format == "gray" else self.pixels[..., 1]


def check_color(color: str) -> None:
    """Raise ValueError unless `color` names a format."""
    if not isinstance(color, str) or color not in FORMATS:
        raise ValueError(f"color must be one of {', '.join(COLORS)}; got {show(color)}")


def is_one_frame(array: NDArray[Any]) -> bool:
    """Whether an array is one frame, not a stack of them: the last axis tells [h, w, channels] from [n, h, w]."""
    return array.ndim < 3 or (array.ndim == 3 and array.shape[2] <= 4)


def check_shape(shape: Sequence[int], color: str) -> tuple[int, int]:
    """(width, height) in pixels of a frame of that array shape.

    Raises:
        ValueError: unknown colour, wrong shape, or no pixel in it.
    """
    check_color(color)
    known = FORMATS[color]
    if len(shape) != known.axes or (known.axes == 3 and shape[2] != known.bytes_per_pixel):
        hint = "; pass color='gray'" if len(shape) == 2 and color in ("bgr", "rgb") else ""
        hint = "; pass color='bgra'" if len(shape) == 3 and shape[2] == 4 and color == "bgr" else hint
        raise ValueError(f"a {color} frame has shape {known.shape}, got {list(shape)}{hint}")
    if 0 in shape:
        raise ValueError(f"the frame is empty: shape {list(shape)}")
    height, width = shape[:2]
    if known.is_planar:
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
    if FORMATS[color].is_planar and height % 2:
        raise ValueError(f"an nv12 frame has an even height, got {height}")
    known = FORMATS[color]
    rows = height * 3 // 2 if known.is_planar else height
    shape = (rows, width, known.bytes_per_pixel) if known.axes == 3 else (rows, width)
    check_shape(shape, color)
    return shape


def check_frame(frame: Any, color: str) -> tuple[Frame, tuple[int, int]]:
    """The frame as `Image.pixels` holds it, and its (width, height). Arguments and errors as for `Image.of`."""
    check_color(color)
    known = FORMATS[color]
    if not isinstance(frame, np.ndarray):
        hint = " (OpenCV's answer to a file or camera that it cannot read)" if frame is None else ""
        if hasattr(frame, "__cuda_array_interface__"):
            hint = "; frames in GPU memory need device='cuda'"
        raise TypeError(f"a frame is a NumPy array {known.shape} of uint8, got {type(frame).__name__}{hint}")
    if frame.dtype != np.uint8:
        raise TypeError(f"a frame holds uint8 values 0..255, got {frame.dtype}{_remedy(frame.dtype)}")
    size = check_shape(frame.shape, color)
    packed = frame.strides[1] == (frame.shape[2] if known.axes == 3 else 1) and (
        known.axes == 2 or frame.strides[2] == 1
    )
    return (frame if packed else np.ascontiguousarray(frame)), size


def _remedy(dtype: np.dtype[Any]) -> str:
    """How frames of the usual other kinds become uint8."""
    if dtype.kind == "f":
        return "; for values in 0..1 use (frame * 255).round().clip(0, 255).astype(numpy.uint8)"
    if dtype == np.uint16:
        return "; for 16-bit values use (frame >> 8).astype(numpy.uint8)"
    return ""
