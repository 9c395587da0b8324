"""Decode one picture of any format to upright BGR, or say in one line why not."""

from __future__ import annotations

import logging
import os
from typing import Any

import numpy as np

from .._lazy import require
from ..errors import SourceError
from ..image import Frame, check_shape
from .animated import is_animated
from .base import public_name, quiet_opencv
from .by_pillow import REMEDY, read_picture
from .headers import Bytes, FileBytes, exif_turn, picture_size
from .sniff import HEAD_BYTES, kind_of
from .whole import is_cut_off

logger = logging.getLogger(__name__)

MAX_PIXELS = 256_000_000
"""Pixels of a picture that are decoded by default; 0.8 GB as BGR."""

_MAX_BYTES = 1 << 30

_UNKNOWN_RANGE = ("exr", "hdr", "pfm")
_END_OF_IMAGE = b"\xff\xd9"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_NEUTRAL = 127
"""Gray behind transparent pixels: whatever colour hides under them is not seen."""
_HELD_BITS = (8, 10, 12, 14, 16)
# Formats of which OpenCV reads no more than a part, or that it reads only in some builds.
_BY_PILLOW = ("heic", "avif", "gif")


def decode_picture(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> Frame:
    """BGR picture [h, w, 3], turned upright.

    Args:
        data: a whole file.
        name: what messages call it.
        max_pixels: larger pictures are refused before memory is taken for them.

    Raises:
        SourceError: not a picture, cut off, too large, or of a format that nothing installed reads.
    """
    form = check_header(data, name, max_pixels)
    if is_animated(data, form):
        raise SourceError(f"{name} moves: it is a film, not a picture; give it by itself")
    if is_cut_off(data):
        raise SourceError(f"{name} is cut off: pixels are missing at its end; copy it again")
    image = read_picture(data, name, form, max_pixels) if form in _BY_PILLOW else None
    if image is None:
        image = _by_opencv(data, name, form)
    image = bgr8(image, name)
    try:
        check_shape(image.shape, "bgr")
    except ValueError as error:
        raise SourceError(f"{name}: {error}") from error
    return image


def read_picture_file(path: str | os.PathLike[str], max_pixels: int) -> bytes:
    """A file's bytes, if its header announces a picture that may be decoded: only the header is read before.

    Raises:
        SourceError: it cannot be read, or see `decode_picture`.
    """
    name, reason = public_name(os.fspath(path)), ""
    try:
        with open(path, "rb") as file:
            head = FileBytes(file)
            if len(head) > _MAX_BYTES:
                raise SourceError(f"{name} has {len(head)} bytes; pictures are read up to {_MAX_BYTES}: is it one?")
            check_header(head, name, max_pixels)
            return head[:]
    except SourceError:
        raise
    except OSError as error:
        reason = str(error.strerror or error)
    raise SourceError(f"cannot read {name}: {reason}")


def check_header(data: Bytes, name: str, max_pixels: int) -> str:
    """Format of a picture, if its header announces no more than `max_pixels`.

    Raises:
        SourceError: it announces more, does not tell, or is no picture.
    """
    kind, form = kind_of(data[:HEAD_BYTES])
    if kind != "picture":
        what = {"page": "a web page", "other": form, "sound": "sound without a picture"}.get(kind, f"a {kind}")
        what = f"is {what}, not a picture" if kind != "unknown" else f"is not a picture ({len(data)} bytes)"
        raise SourceError(f"{name} {what}")
    if form in _UNKNOWN_RANGE:
        raise SourceError(f"{name} holds pixels in {form.upper()}, whose range is not known: save it with 8 or 16 bits")
    size = picture_size(data, form)
    if size is None or not all(size):
        raise SourceError(
            f"{name} is a {form.upper()} that does not say how large it is ({len(data)} bytes): copy it again, or save "
            "it as JPEG or PNG"
        )
    if size[0] * size[1] > max_pixels:
        raise SourceError(
            f"{name} announces {size[0]}x{size[1]} pixels, more than max_pixels={max_pixels}: "
            "scale it down, or raise the limit"
        )
    return form


def _imdecode(data: bytes, flags: int) -> Any:
    cv2 = require("cv2")
    with quiet_opencv():
        try:
            return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error:
            return None


def _by_opencv(data: bytes, name: str, form: str) -> Any:
    cv2 = require("cv2")
    if form == "avif" and (b"irot" in data[:65536] or b"imir" in data[:65536]):
        raise SourceError(f"{name} is a turned AVIF, which OpenCV does not turn: {REMEDY}")
    if form == "png" and not data.rstrip(b"\0").endswith(_PNG_END) and b"IEND" not in data:
        data += _PNG_END
    elif form == "jpeg" and _END_OF_IMAGE not in data:
        data += _END_OF_IMAGE
    upright = form in ("jpeg", "png", "webp")
    image = None
    if data and form in ("png", "tiff", "webp", "pnm", "jp2", "bmp"):
        image = _imdecode(data, cv2.IMREAD_UNCHANGED)  # keeps alpha and 16 bits
    if data and image is None:
        image = _imdecode(data, cv2.IMREAD_COLOR | (cv2.IMREAD_IGNORE_ORIENTATION if upright else 0))
    if image is None:
        remedy = f"; {REMEDY}" if form in _BY_PILLOW else ""
        what = f"{form.upper()} " if form else ""
        raise SourceError(f"{name} is not a {what}picture that OpenCV can decode ({len(data)} bytes){remedy}")
    return exif_turn(data, form)(image) if upright else image


def bgr8(image: Any, name: str) -> Frame:
    """Eight bits per channel, three channels, nothing transparent."""
    if image.dtype == np.uint16:
        top = int(image[..., :3].max()) if image.ndim == 3 else int(image.max())
        bits = next(bits for bits in _HELD_BITS if top < 1 << bits)
        if bits < 16:
            logger.warning("%s keeps %d bits in 16; they are scaled to the full range", name, bits)
        scaled = np.right_shift(image, bits - 8).clip(0, 255).astype(np.uint8)
        if image.ndim == 3 and image.shape[2] == 4:
            scaled[..., 3] = image[..., 3] >> 8
        image = scaled
    if image.dtype != np.uint8:
        raise SourceError(f"{name} holds {image.dtype} pixels, whose range is not known: save it with 8 or 16 bits")
    if image.ndim == 2:
        return np.ascontiguousarray(np.repeat(image[..., None], 3, axis=2))
    if image.shape[2] == 4:
        alpha = image[..., 3:].astype(np.uint16)
        if int(alpha.min()) == 255:
            return np.ascontiguousarray(image[..., :3])
        mixed = (image[..., :3] * alpha + _NEUTRAL * (255 - alpha) + 127) // 255
        return np.ascontiguousarray(mixed.astype(np.uint8))
    if image.shape[2] == 1:
        return np.ascontiguousarray(np.repeat(image, 3, axis=2))
    return np.ascontiguousarray(image[..., :3])
