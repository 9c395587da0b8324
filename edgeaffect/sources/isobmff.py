"""Boxes of ISO files (ISO/IEC 14496-12): the film of an MP4 or MOV, the properties of a HEIC or AVIF.

OpenCV's versions turn films differently and none mirrors them, so their matrices are read here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from .film import Film
from .geometry import Turn

_LARGEST_BOX = 1 << 20
"""Bytes of a box that are looked at; those that matter are a few hundred."""
_Place = tuple[int, int]


def read_film(file: BinaryIO) -> Film | None:
    """The first film of an MP4 or MOV; None where no index can be read, as in a damaged file."""
    movie = _find(file, (0, file.seek(0, 2)), b"moov")
    if movie is None:
        return None
    tracks = [place for kind, *place in _boxes(file, movie) if kind == b"trak"]
    header = _held(file, movie, b"mvhd")
    for begin, end in tracks:
        if _held(file, (begin, end), b"mdia", b"hdlr")[8:12] == b"vide":
            in_fragments = _find(file, movie, b"mvex") is not None
            return _film(file, (begin, end), header, in_fragments)
    return Film(has_pictures=False) if tracks else None


def item_properties(file: BinaryIO) -> set[bytes]:
    """Kinds of the properties that a HEIC or AVIF gives its pictures (`irot`, `imir`, `ispe`, ...)."""
    meta = _find(file, (0, file.seek(0, 2)), b"meta")
    place = meta and _find(file, (meta[0] + 4, meta[1]), b"iprp", b"ipco")
    return {kind for kind, *_ in _boxes(file, place)} if place else set()


def _film(file: BinaryIO, track: _Place, movie: bytes, in_fragments: bool) -> Film:
    header = _held(file, track, b"tkhd")
    own = _matrix(header, 52 if header[:1] == b"\x01" else 40)
    outer = _matrix(movie, 48 if movie[:1] == b"\x01" else 36)
    table = _find(file, track, b"mdia", b"minf", b"stbl")
    entry = _held(file, table, b"stsd")[8:] if table else b""
    size = struct.unpack_from(">2H", entry, 32) if len(entry) >= 36 else None
    frames = seconds = None
    if table and not in_fragments:
        ticks = _number(header, 28, 8) if header[:1] == b"\x01" else _number(header, 20)
        seconds = ticks / max(_clock(movie)[0], 1) or None
        if _plays_whole(file, track, table, movie):
            frames = _number(_held(file, table, b"stsz"), 8) or None
    return Film(True, _TURNS.get(_product(own, outer), Turn()), size, frames, seconds)


# Signs of a, b, c, d in a matrix that takes (x, y) to (a x + c y, b x + d y), y downwards.
_TURNS = {
    (1, 0, 0, 1): Turn(),
    (0, 1, -1, 0): Turn(90),
    (-1, 0, 0, -1): Turn(180),
    (0, -1, 1, 0): Turn(270),
    (-1, 0, 0, 1): Turn(0, True),
    (0, 1, 1, 0): Turn(90, True),
    (1, 0, 0, -1): Turn(180, True),
    (0, -1, -1, 0): Turn(270, True),
}
_UPRIGHT = (1, 0, 0, 1)


def _matrix(header: bytes, at: int) -> tuple[int, int, int, int]:
    """Signs of a header's matrix, whose numbers have 16.16 bits; 0 where one is less than a half."""
    if len(header) < at + 20:
        return _UPRIGHT
    a, b, _, c, d = (_sign(value, 0x8000) for value in struct.unpack_from(">5i", header, at))
    return a, b, c, d


def _sign(value: int, least: int = 0) -> int:
    return (value > least) - (value < -least)


def _product(first: tuple[int, int, int, int], then: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Signs of both matrices, one after the other."""
    (a, b, c, d), (e, f, g, h) = first, then
    return _sign(a * e + b * g), _sign(a * f + b * h), _sign(c * e + d * g), _sign(c * f + d * h)


def _plays_whole(file: BinaryIO, track: _Place, table: _Place, movie: bytes) -> bool:
    """Whether an edit list leaves every frame in, or there is none."""
    edits = _held(file, track, b"edts", b"elst")
    if not edits:
        return True
    width, form = (20, ">Qq") if edits[:1] == b"\x01" else (12, ">Ii")
    count = min(_number(edits, 4), (len(edits) - 8) // width)
    shown = [one for one in (struct.unpack_from(form, edits, 8 + i * width) for i in range(count)) if one[1] >= 0]
    media = _held(file, track, b"mdia", b"mdhd")
    (clock, length), (movie_clock, _) = _clock(media), _clock(movie)
    if len(shown) != 1 or not clock or not movie_clock:
        return False
    first = _number(_held(file, table, b"ctts"), 12)  # frames come later than decoded where some refer to later ones
    frame = length / max(_number(_held(file, table, b"stsz"), 8), 1)
    played, start = shown[0][0] * clock / movie_clock, shown[0][1]
    return start - first < frame / 2 and played > length - frame / 2 - clock / movie_clock


def _clock(header: bytes) -> tuple[int, int]:
    """Ticks a second and length in ticks of a movie or media header."""
    return (_number(header, 20), _number(header, 24, 8)) if header[:1] == b"\x01" else (
        _number(header, 12), _number(header, 16)
    )  # fmt: skip


def _number(data: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(data[at : at + length], "big")


def _find(file: BinaryIO, place: _Place, *path: bytes) -> _Place | None:
    """Where the content of a box lies, down a path of kinds."""
    for wanted in path:
        found = next(((begin, end) for kind, begin, end in _boxes(file, place) if kind == wanted), None)
        if found is None:
            return None
        place = found
    return place


def _held(file: BinaryIO, place: _Place, *path: bytes) -> bytes:
    """What that box holds; empty where it is missing."""
    found = _find(file, place, *path)
    if found is None:
        return b""
    file.seek(found[0])
    return file.read(min(found[1] - found[0], _LARGEST_BOX))


def _boxes(file: BinaryIO, place: _Place) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of what each box between two places holds."""
    start, stop = place
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
