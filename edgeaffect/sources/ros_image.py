"""Frames out of ROS messages: `sensor_msgs/Image` and `CompressedImage`, of ROS 2, of a bag, or anything alike.

Encodings are those of `sensor_msgs/image_encodings`, and the names that camera drivers write for NV12 and YUYV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import SourceError
from ..image import FORMATS, Frame, check_shape
from .decode import MAX_PIXELS, decode_picture

VIEWED = {
    "bgr8": "bgr", "8UC3": "bgr", "rgb8": "rgb", "bgra8": "bgra", "8UC4": "bgra", "mono8": "gray", "8UC1": "gray",
    "nv12": "nv12", "yuv422_yuy2": "yuyv", "yuyv": "yuyv",
}  # fmt: skip
"""Encodings whose pixels are looked at where they lie -> our name of the format."""
COPIED = {"rgba8": "bgra", "uyvy": "yuyv", "yuv422": "yuyv"}
"""Encodings whose bytes have to change places first."""
ENCODINGS = (*VIEWED, *COPIED)
_SWAPS = {"rgba8": [2, 1, 0, 3], "uyvy": [1, 0], "yuv422": [1, 0]}
_REMEDIES = {
    "bayer": "run image_proc's debayer node before it",
    "16": "it holds 16 bits, often depth: give the colour image",
    "32F": "it holds floating-point values, often depth: give the colour image",
}


@dataclass(frozen=True)
class RosFrame:
    """Pixels out of a message."""

    pixels: Frame
    """uint8, as `image.Image.of` takes it; where `encoding` is one of `VIEWED`, the message's own memory."""
    color: str


def frame_of(message: Any, *, max_pixels: int = MAX_PIXELS) -> RosFrame:
    """The pixels of a message.

    Args:
        message: has the fields of `sensor_msgs/Image` (height, width, encoding, step, data) or `CompressedImage`
            (format, data); data is bytes, an array of them, or a list of numbers.
        max_pixels: larger ones are refused; compressed ones before memory is taken for them.

    Raises:
        SourceError: an encoding that is not among `ENCODINGS`, too little data, or a picture that cannot be decoded.
    """
    if hasattr(message, "encoding"):
        return _raw(message, max_pixels)
    if not hasattr(message, "format"):
        raise SourceError(f"{type(message).__name__} is no image: give sensor_msgs/Image or CompressedImage")
    kind = str(message.format)
    if "compressedDepth" in kind:
        raise SourceError(f"a CompressedImage of format {kind!r} holds depth: give the colour image")
    data = _bytes(message.data)
    return RosFrame(
        decode_picture(data.tobytes(), f"a CompressedImage of format {kind!r}", max_pixels=max_pixels), "bgr"
    )


def _raw(message: Any, max_pixels: int) -> RosFrame:
    encoding, width, height, step = str(message.encoding), int(message.width), int(message.height), int(message.step)
    key = encoding if encoding in ENCODINGS else encoding.lower()
    color = VIEWED.get(key) or COPIED.get(key)
    if color is None:
        remedy = next((f"; {text}" for part, text in _REMEDIES.items() if part in encoding), "")
        raise SourceError(f"images of encoding {encoding!r} are not read, {', '.join(ENCODINGS)} are{remedy}")
    if width * height > max_pixels:
        raise SourceError(f"the image is {width}x{height} pixels, more than max_pixels={max_pixels}: scale it down")
    known = FORMATS[color]
    rows = height * 3 // 2 if known.is_planar else height
    wide = width * known.bytes_per_pixel
    step = step or wide
    data = _bytes(message.data)
    if step < wide or len(data) < (rows - 1) * step + wide or not rows or not wide:
        raise SourceError(
            f"a {encoding} image of {width}x{height} pixels has rows of at least {wide} bytes and {rows} of them; got "
            f"step {step} and {len(data)} bytes"
        )
    # Rows may be padded, the last one need not be.
    shape = (rows, width, known.bytes_per_pixel) if known.axes == 3 else (rows, width)
    strides = (step, known.bytes_per_pixel, 1) if known.axes == 3 else (step, 1)
    pixels = np.ndarray(shape, np.uint8, data, strides=strides)
    try:
        check_shape(pixels.shape, color)
    except ValueError as error:
        raise SourceError(f"image of encoding {encoding!r}: {error}") from None
    return RosFrame(np.ascontiguousarray(pixels[..., _SWAPS[key]]) if key in COPIED else pixels, color)


def _bytes(data: Any) -> Frame:
    """One row of bytes over the memory of `data`, where it has one."""
    if isinstance(data, np.ndarray):
        return data.view(np.uint8).reshape(-1)
    try:
        return np.frombuffer(data, np.uint8)
    except TypeError:  # a list of numbers
        return np.array(data, np.uint8)
    except ValueError:  # empty
        return np.zeros(0, np.uint8)
