"""Decode one picture of any format to upright BGR, or say in one line why not."""

from __future__ import annotations

import io
import logging
import zlib
from typing import Any

import numpy as np

from .._lazy import require
from ..errors import SourceError
from ..image import Frame, check_shape
from .base import quiet_opencv
from .headers import exif_turn, picture_size
from .sniff import HEAD_BYTES, kind_of

logger = logging.getLogger(__name__)

MAX_PIXELS = 256_000_000
"""Pixels of a picture that are decoded by default; 0.8 GB as BGR."""

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
    kind, form = kind_of(data[:HEAD_BYTES])
    if kind not in ("picture", "unknown"):
        what = {"page": "a web page", "other": form, "sound": "sound without a picture"}.get(kind, f"a {kind}")
        raise SourceError(f"{name} is {what}, not a picture")
    size = picture_size(data, form)
    if size and size[0] * size[1] > max_pixels:
        raise SourceError(
            f"{name} announces {size[0]}x{size[1]} pixels, more than max_pixels={max_pixels}: "
            "scale it down, or raise the limit"
        )
    if is_cut_off(data):
        raise SourceError(f"{name} is cut off: pixels are missing at its end; copy it again")
    image = _by_pillow(data, name, form, max_pixels) if form in _BY_PILLOW else None
    if image is None:
        image = _by_opencv(data, name, form)
    image = _bgr8(image, name)
    try:
        check_shape(image.shape, "bgr")
    except ValueError as error:
        raise SourceError(f"{name}: {error}") from error
    return image


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG lacks pixels. OpenCV 4 fills up what is missing with gray and calls it a success.

    A missing end marker, or data behind it, costs no pixel.
    """
    kind = kind_of(data[:HEAD_BYTES])[1]
    if kind == "png":
        return _is_png_cut_off(data)
    return kind == "jpeg" and _is_jpeg_cut_off(data)


def _is_jpeg_cut_off(data: bytes) -> bool:
    position = 2
    while position + 4 <= len(data):
        marker = data[position + 1]
        if data[position] != 0xFF:
            return False  # not as the standard has it: the decoder may know better
        if marker == 0xDA:
            return data.find(_END_OF_IMAGE, position) < 0 and not _is_jpeg_whole(data)
        position += 1 if marker == 0xFF else 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return True


def _is_jpeg_whole(data: bytes) -> bool:
    """Whether all pixels are there though the end marker is not: then no bytes put behind them change a pixel.

    Pillow tells, without a word on standard error; where it is missing such a file counts as cut off.
    """
    try:
        from PIL import Image as Pillow
    except ImportError:
        return False
    data = data.rstrip(b"\xff")
    seen = []
    for filling in (b"", b"\x55" * 64, b"\xaa" * 64, b"\x0f" * 64):
        try:
            with Pillow.open(io.BytesIO(data + filling + _END_OF_IMAGE)) as picture:
                seen.append(np.asarray(picture.convert("L")))
        except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
            return False
    return all(np.array_equal(seen[0], other) for other in seen[1:])


def _is_png_cut_off(data: bytes) -> bool:
    at, pixels = 8, zlib.decompressobj()
    chunks: list[tuple[int, int]] = []
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"IEND":
            return False
        if kind == b"IDAT":
            chunks.append((at + 8, min(at + 8 + size, len(data))))
        at += 12 + size
    try:
        for begin, end in chunks:
            rest = data[begin:end]
            while rest and not pixels.eof:
                pixels.decompress(rest, 1 << 20)
                rest = pixels.unconsumed_tail
    except zlib.error:
        return True
    return not pixels.eof


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
        raise SourceError(f"{name} is a turned AVIF, which OpenCV does not turn: {_REMEDY}")
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
        remedy = f"; {_REMEDY}" if form in _BY_PILLOW else ""
        what = f"{form.upper()} " if form else ""
        raise SourceError(f"{name} is not a {what}picture that OpenCV can decode ({len(data)} bytes){remedy}")
    return exif_turn(data, form)(image) if upright else image


_REMEDY = 'install the readers of phone pictures with: pip install "edgeaffect[images]"'


def _by_pillow(data: bytes, name: str, form: str, max_pixels: int) -> Any:
    """The picture by Pillow, upright; None where it is missing and OpenCV may try."""
    try:
        from PIL import Image as Pillow
        from PIL import ImageOps

        if form == "heic":
            import pillow_heif

            pillow_heif.register_heif_opener()
    except ImportError:
        if form == "heic":
            raise SourceError(f"{name} is a HEIC picture, which OpenCV reads only in part: {_REMEDY}") from None
        return None
    try:
        with Pillow.open(io.BytesIO(data)) as picture:
            if picture.size[0] * picture.size[1] > max_pixels:
                raise SourceError(f"{name} has {picture.size} pixels, more than max_pixels={max_pixels}")
            turned = ImageOps.exif_transpose(picture)
            return np.asarray(turned.convert("RGBA"))[..., [2, 1, 0, 3]]
    except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError) as error:
        if form == "avif" and "identify" in str(error):
            return None  # a Pillow without AVIF
        raise SourceError(f"cannot decode {name}: {str(error).splitlines()[0] if str(error) else error!r}") from None


def _bgr8(image: Any, name: str) -> Frame:
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
