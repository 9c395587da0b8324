"""What the tracks of an MP4 or MOV say: whether there is a film, and how players turn it.

OpenCV's versions turn such films differently, and none mirrors them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from .geometry import Turn

_LONGEST_TRACK = 1 << 20
"""Bytes of a header that are looked at; those that matter are a few hundred."""


def read_tracks(path: str) -> tuple[bool, Turn] | None:
    """Whether a file holds a film, and what turns its first one upright.

    None: the file has no readable index, as one in fragments or a damaged one.
    """
    with open(path, "rb") as file:
        end = file.seek(0, 2)
        for kind, start, stop in _boxes(file, 0, end):
            if kind == b"moov":
                return _film(file, start, stop)
    return None


def _film(file: BinaryIO, start: int, stop: int) -> tuple[bool, Turn] | None:
    tracks = 0
    for kind, begin, end in _boxes(file, start, stop):
        if kind != b"trak":
            continue
        tracks += 1
        turn, handler = Turn(), b""
        for part, at, until in _boxes(file, begin, end):
            if part == b"tkhd":
                turn = _turn(_read(file, at, until))
            elif part == b"mdia":
                for inner, first, last in _boxes(file, at, until):
                    if inner == b"hdlr":
                        handler = _read(file, first, last)[8:12]
        if handler == b"vide":
            return True, turn
    return (False, Turn()) if tracks else None


def _turn(header: bytes) -> Turn:
    """The turn of a track header's matrix, where it is one by quarters of a circle."""
    at = 52 if header[:1] == b"\x01" else 40
    if len(header) < at + 20:
        return Turn()
    a, b, _, c, d = struct.unpack_from(">5i", header, at)
    signs = _sign(a), _sign(b), _sign(c), _sign(d)
    return {
        (1, 0, 0, 1): Turn(),
        (0, 1, -1, 0): Turn(90),
        (-1, 0, 0, -1): Turn(180),
        (0, -1, 1, 0): Turn(270),
        (-1, 0, 0, 1): Turn(0, True),
        (0, -1, -1, 0): Turn(90, True),
        (1, 0, 0, -1): Turn(180, True),
        (0, 1, 1, 0): Turn(270, True),
    }.get(signs, Turn())


def _sign(value: int) -> int:
    """Sign of a number in 16.16 bits; 0 where it is less than a half."""
    return (value > 0x8000) - (value < -0x8000)


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of what each box between two places holds."""
    for _ in range(10_000):  # a damaged file must not keep us for ever
        file.seek(start)
        header = file.read(16)
        if len(header) < 8 or start + 8 > stop:
            return
        size, kind, held = int.from_bytes(header[:4], "big"), header[4:8], 8
        if size == 1:
            size, held = int.from_bytes(header[8:16], "big"), 16
        elif size == 0:
            size = stop - start
        if size < held:
            return
        yield kind, start + held, min(start + size, stop)
        start += size


def _read(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(min(stop - start, _LONGEST_TRACK))
