"""Whether a picture's file holds several moments: an animated GIF, PNG, WebP or AVIF is a film."""

from __future__ import annotations

import os
from typing import BinaryIO

FFMPEG_FORMS = ("gif", "png")
"""Formats of animations that `VideoFile` plays."""

_SOME_FRAMES = 2


def is_animated(file: BinaryIO, form: str) -> bool:
    """Whether a GIF, PNG, WebP or AVIF, read from its beginning, holds several moments."""
    file.seek(0)
    if form == "gif":
        return _gif_frames(file) >= _SOME_FRAMES
    if form == "png":
        return _png_frames(file) >= _SOME_FRAMES
    if form == "webp":
        return _webp_frames(file) >= _SOME_FRAMES
    return form == "avif" and file.read(12)[8:] == b"avis"


def _gif_frames(file: BinaryIO) -> int:
    """Images of a GIF, at most two (GIF89a, CompuServe 1990)."""
    head, count = file.read(13), 0
    if len(head) == 13 and head[10] & 0x80:
        file.seek(3 << (head[10] & 7) + 1, os.SEEK_CUR)
    while count < _SOME_FRAMES:
        kind = file.read(1)
        if kind == b"!":
            file.read(1)
        elif kind == b",":
            count += 1
            flags = file.read(9)[8:]
            if flags and flags[0] & 0x80:
                file.seek(3 << (flags[0] & 7) + 1, os.SEEK_CUR)
            file.read(1)
        else:
            break
        while size := file.read(1)[:1].ljust(1, b"\0")[0]:  # blocks of up to 255 bytes until an empty one
            file.seek(size, os.SEEK_CUR)
    return count


def _png_frames(file: BinaryIO) -> int:
    """Frames that a PNG announces before its pixels."""
    file.seek(8)
    while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":
        if head[4:] == b"acTL":
            return int.from_bytes(file.read(4), "big")
        file.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
    return 1


def _webp_frames(file: BinaryIO) -> int:
    """Frames of a WebP, at most two."""
    file.seek(12)
    count = 0
    while count < _SOME_FRAMES and len(head := file.read(8)) == 8:
        count += head[:4] == b"ANMF"
        size = int.from_bytes(head[4:], "little")
        file.seek(size + size % 2, os.SEEK_CUR)
    return count
