"""What the picture track of a Matroska or WebM file says: size and orientation (RFC 9559; EBML, RFC 8794).

Only newer versions of FFmpeg read the orientation, and OpenCV never mirrors.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from typing import BinaryIO

from .film import Film
from .geometry import Turn

_SEGMENT, _CLUSTER, _INFO, _TRACKS, _ENTRY = 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE
_DURATION, _TICK = 0x4489, 0x2AD7B1
_KIND, _VIDEO, _WIDTH, _HEIGHT = 0x83, 0xE0, 0xB0, 0xBA
_PROJECTION, _SHAPE, _YAW, _PITCH, _ROLL = 0x7670, 0x7671, 0x7673, 0x7674, 0x7675
_PICTURES = 1
_USUAL_TICK = 1_000_000  # nanoseconds
_LARGEST_HEAD = 1 << 26
"""Bytes before the first cluster that are walked over: attachments may come first."""
_NEARLY = 1.0  # degrees


def read_film(file: BinaryIO) -> Film | None:
    """The first film of a Matroska or WebM file; None where its tracks cannot be read."""
    end = file.seek(0, 2)
    seconds = None
    for kind, start, stop in _elements(file, 0, end):
        if kind != _SEGMENT:
            continue
        for part, begin, until in _elements(file, start, stop):
            if part == _CLUSTER:
                return None
            if part == _INFO:
                seconds = _seconds(file, begin, until)
            elif part == _TRACKS:
                return _film(file, begin, until, seconds)
    return None


def _seconds(file: BinaryIO, start: int, stop: int) -> float | None:
    parts = {part: (at, until) for part, at, until in _elements(file, start, stop)}
    ticks = _real(file, parts.get(_DURATION))
    return ticks * (_whole(file, parts.get(_TICK)) or _USUAL_TICK) / 1e9 or None


def _film(file: BinaryIO, start: int, stop: int, seconds: float | None) -> Film | None:
    count = 0
    for kind, begin, end in _elements(file, start, stop):
        if kind != _ENTRY:
            continue
        count += 1
        parts = {part: (at, until) for part, at, until in _elements(file, begin, end)}
        if _VIDEO in parts and _whole(file, parts.get(_KIND)) == _PICTURES:
            return dataclasses.replace(_pictures(file, *parts[_VIDEO]), seconds=seconds)
    return Film(has_pictures=False) if count else None


def _pictures(file: BinaryIO, start: int, stop: int) -> Film:
    parts = {part: (at, until) for part, at, until in _elements(file, start, stop)}
    size = _whole(file, parts.get(_WIDTH)), _whole(file, parts.get(_HEIGHT))
    turn = Turn()
    if _PROJECTION in parts:
        pose = {part: (at, until) for part, at, until in _elements(file, *parts[_PROJECTION])}
        if _whole(file, pose.get(_SHAPE)) == 0:  # flat, not a sphere
            turn = _turn(*(_real(file, pose.get(angle)) for angle in (_YAW, _PITCH, _ROLL)))
    return Film(True, turn, size if all(size) else None)


def _turn(yaw: float, pitch: float, roll: float) -> Turn:
    """The turn of a flat picture's pose in degrees: rolls are counterclockwise, half a turn of yaw mirrors."""
    quarters = round(roll / 90)
    is_mirrored = abs(abs(yaw) - 180) < _NEARLY
    if abs(pitch) > _NEARLY or not (is_mirrored or abs(yaw) < _NEARLY) or abs(roll - 90 * quarters) > _NEARLY:
        return Turn()
    return Turn((90 if is_mirrored else -90) * quarters % 360, is_mirrored)


def _elements(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Kind, begin and end of what each element between two places holds."""
    for _ in range(10_000):  # a damaged file must not keep us for ever
        if start >= min(stop, _LARGEST_HEAD):
            return
        file.seek(start)
        head = file.read(12)
        width = _width(head[:1], 4)
        length = _width(head[width : width + 1], 8) if width else 0
        if not length or len(head) < width + length:
            return
        kind = int.from_bytes(head[:width], "big")
        size = int.from_bytes(head[width : width + length], "big") & ((1 << 7 * length) - 1)
        begin = start + width + length
        if size == (1 << 7 * length) - 1:  # not known, as in a stream
            size = stop - begin
        yield kind, begin, min(begin + size, stop)
        start = begin + size


def _width(first: bytes, most: int) -> int:
    """Bytes of a number whose first byte tells them by its leading zeros; 0: it is none."""
    width = 9 - first[0].bit_length() if first else 0
    return width if width <= most else 0


def _whole(file: BinaryIO, place: tuple[int, int] | None) -> int:
    return int.from_bytes(_read(file, place), "big")


def _real(file: BinaryIO, place: tuple[int, int] | None) -> float:
    data = _read(file, place)
    return float(struct.unpack({4: ">f", 8: ">d"}[len(data)], data)[0]) if len(data) in (4, 8) else 0.0


def _read(file: BinaryIO, place: tuple[int, int] | None) -> bytes:
    if place is None or place[1] - place[0] > 8:
        return b""
    file.seek(place[0])
    return file.read(place[1] - place[0])
