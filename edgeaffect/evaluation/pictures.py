"""Pictures of archives: their size is read from their header before a decoder takes memory for them."""

from __future__ import annotations

import struct

import numpy as np

from .._lazy import require
from ..image import Frame
from .archives import Archive, ArchiveError, printable

# Markers of a JPEG that start a frame and hold its size: all SOFn but DHT, JPG and DAC.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_picture(archive: Archive, name: str, *, gray: bool = False) -> Frame:
    """One picture of an archive: BGR, or gray.

    Raises:
        ArchiveError: missing, damaged, of an unknown format, or larger than the archive's limits allow.
    """
    data = archive.read(name, archive.limits.picture)
    shown = f"{archive.path}: {printable(name)}"
    size = picture_size(data)
    if size is None:
        raise ArchiveError(f"{shown} is not a readable picture: save it as PNG, JPEG, WebP or BMP")
    width, height = size
    if width * height > archive.limits.pixels:
        raise ArchiveError(f"{shown} is {width}x{height} pixels; at most {archive.limits.pixels} pixels are decoded")
    cv2 = require("cv2")
    try:
        image: Frame | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR
        )
    except cv2.error:
        image = None
    if image is None:
        raise ArchiveError(f"{shown} is not a readable picture: it is damaged, pack it again")
    return image


def picture_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in the header of a PNG, JPEG, WebP or BMP file; None for anything else."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            return struct.unpack_from(">II", data, 16)
        if data.startswith(b"\xff\xd8"):
            return _jpeg_size(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", data, 18)
            return abs(width), abs(height)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walk the segments; the size stands in the first frame header."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if marker == 0xDA:  # the picture begins without a frame header
            return None
        at += 2 if 0xD0 <= marker <= 0xD9 or marker == 0x01 else 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if len(data) < 30:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
