"""Whether a picture's file holds several moments: an animated GIF, PNG, WebP or AVIF is a film."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from .headers import Bytes, png_chunks, riff_chunks

FFMPEG_FORM = "gif"
"""Format of animations that `VideoFile` plays: FFmpeg knows the others not at all, or without their alpha."""

_MOST_BLOCKS = 1 << 17
"""Blocks of a GIF, of up to 255 bytes, among which a second image is looked for."""
_MOST_HEADERS = 1000


def is_animated(data: Bytes, form: str) -> bool:
    """Whether a whole GIF, PNG, WebP or AVIF holds several moments; only its headers are looked at."""
    if form == "gif":
        return len(list(islice(_gif_images(data), 2))) > 1
    if form == "png":
        return _png_frames(data) > 1
    if form == "webp":
        return [kind for kind, *_ in islice(riff_chunks(data), _MOST_HEADERS)].count(b"ANMF") > 1
    return form == "avif" and data[8:12] == b"avis"


def _png_frames(data: Bytes) -> int:
    """Frames that a PNG announces before its pixels."""
    for kind, begin, _ in islice(png_chunks(data), _MOST_HEADERS):
        if kind == b"IDAT":
            break
        if kind == b"acTL":
            return int.from_bytes(data[begin : begin + 4], "big")
    return 1


def _gif_images(data: Bytes) -> Iterator[int]:
    """Where the images of a GIF begin (GIF89a, CompuServe 1990)."""
    at, is_inside = 13 + _color_table(data, 10), False
    for _ in range(_MOST_BLOCKS):
        first = data[at : at + 1]
        if is_inside:  # blocks that tell their lengths, until an empty one
            is_inside = first not in (b"", b"\0")
            at += 1 + int.from_bytes(first, "big")
        elif first in (b",", b"!"):
            is_inside = True
            if first == b",":
                yield at
            at += 11 + _color_table(data, at + 9) if first == b"," else 2
        else:
            return


def _color_table(data: Bytes, at: int) -> int:
    """Bytes of the colour table that the flags at this place announce."""
    flags = int.from_bytes(data[at : at + 1], "big")
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
