"""Whether a picture's file holds all of its pixels."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

import numpy as np

from .headers import START_OF_SCAN, jpeg_segments, png_chunks
from .sniff import HEAD_BYTES, kind_of

_END_OF_IMAGE, _PROGRESSIVE = b"\xff\xd9", 0xC2
_RESTARTS = range(0xD0, 0xD8)
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""What follows pixels: 0xff among them is followed by zero, and restarts are 0xd0 to 0xd7."""


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG lacks pixels. OpenCV 4 fills up what is missing with gray and calls it a success.

    A missing end marker, or data behind it, costs no pixel.
    """
    kind = kind_of(data[:HEAD_BYTES])[1]
    if kind == "png":
        return _is_png_cut_off(data)
    return kind == "jpeg" and _is_jpeg_cut_off(data)


def _is_jpeg_cut_off(data: bytes) -> bool:
    marker, begin, end = 0, 0, 2
    for marker, begin, end in jpeg_segments(data):  # noqa: B007  (the last one is looked at)
        pass
    if marker != START_OF_SCAN:
        return end + 4 > len(data)  # else not as the standard has it: the decoder may know better
    return data.find(_END_OF_IMAGE, begin) < 0 and not (_has_all_scans(data) and _has_all_pixels(data))


def _has_all_scans(data: bytes) -> bool:
    """Whether the scans of a progressive JPEG bring every coefficient to its last bit (ITU-T T.81, annex G)."""
    components: set[int] = set()
    done: set[tuple[int, int]] = set()
    for marker, held in _segments_and_scans(data):
        if marker == _PROGRESSIVE:
            components = set(held[6::3])
        elif marker == START_OF_SCAN and len(held) > 3 and not held[-1] & 15:
            done |= {(one, place) for one in held[1:-3:2] for place in range(held[-3], min(held[-2], 63) + 1)}
    return all((one, place) in done for one in components for place in range(64))


def _segments_and_scans(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of all whole segments, those between scans too."""
    at = 2
    while True:
        before = at
        for marker, begin, end in jpeg_segments(data, at):
            if end > len(data):
                return
            yield marker, data[begin:end]
            at = end
        found = _MARKER.search(data, at)
        if at == before or found is None:
            return
        at = found.start()


def _has_all_pixels(data: bytes) -> bool:
    """Whether all pixels are there though the end marker is not: then no bytes put behind them change a pixel.

    Pillow tells, without a word on standard error; where it is missing such a file counts as cut off.
    """
    try:
        from PIL import Image as Pillow
    except ImportError:
        return False
    data = data.rstrip(b"\xff")
    scan = data.rfind(bytes([0xFF, START_OF_SCAN]))
    places = {data.rfind(bytes([0xFF, marker]), scan): marker for marker in _RESTARTS}
    last = places[max(places)] if max(places) >= 0 else _RESTARTS[-1]
    restart = bytes([0xFF, _RESTARTS[0] | (last + 1) & 7])  # the only one that may bring pixels after the last
    seen = []
    for filling in (b"", b"\x55" * 64, b"\xaa" * 64, b"\x0f" * 64, restart + b"\x55" * 64):
        try:
            with Pillow.open(io.BytesIO(data + filling + _END_OF_IMAGE)) as picture:
                seen.append(np.asarray(picture))
        except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
            return False
    return all(np.array_equal(seen[0], other) for other in seen[1:])


def _is_png_cut_off(data: bytes) -> bool:
    pixels = zlib.decompressobj()
    try:
        for kind, begin, end in png_chunks(data):
            if kind == b"IEND":
                return False
            rest = data[begin:end] if kind == b"IDAT" else b""
            while rest and not pixels.eof:
                pixels.decompress(rest, 1 << 20)
                rest = pixels.unconsumed_tail
    except zlib.error:
        return True
    return not pixels.eof
