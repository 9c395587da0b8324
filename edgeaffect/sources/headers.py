"""What a picture's header says: its size, and the EXIF orientation that turns it upright."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from .geometry import Turn


class Bytes(Protocol):
    """What headers are read from: bytes, or a file that gives them where they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: slice) -> bytes: ...


class FileBytes:
    """A file as bytes, of which only those are read that are sliced."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._length = file, file.seek(0, 2)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: slice) -> bytes:
        start, stop, _ = place.indices(self._length)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))


_LONGEST_HEADER = 1 << 20
# Files of strangers may hold millions of empty parts; real ones have pixels in parts of some kilobytes.
_MOST_SEGMENTS, _MOST_CHUNKS, _LONGEST_FILLING = 10_000, 1 << 17, 4096
START_OF_SCAN = 0xDA
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION = 0x0112
EXIF_TURNS = {
    1: Turn(),
    2: Turn(0, True),
    3: Turn(180),
    4: Turn(180, True),
    5: Turn(90, True),
    6: Turn(90),
    7: Turn(270, True),
    8: Turn(270),
}
"""What turns a picture upright, by its EXIF orientation."""


def exif_turn(data: Bytes, kind: str) -> Turn:
    """What turns a JPEG, PNG or WebP upright."""
    found = {"jpeg": _jpeg_exif, "png": _png_exif, "webp": _webp_exif}.get(kind)
    tiff = found(data) if found else b""
    return EXIF_TURNS.get(_tiff_value(tiff, _ORIENTATION), Turn())


def picture_size(data: Bytes, kind: str) -> tuple[int, int] | None:
    """(width, height) that a header announces, before a byte is decoded; None where it cannot be told."""
    if kind == "jpeg":
        return _jpeg_size(data)
    if kind == "png":
        return _big(data, 16), _big(data, 20)
    if kind == "gif":
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if kind == "bmp":
        if data[14:15] == b"\x0c":
            return int.from_bytes(data[18:20], "little"), int.from_bytes(data[20:22], "little")
        width, height = (int.from_bytes(data[at : at + 4], "little", signed=True) for at in (18, 22))
        return abs(width), abs(height)
    if kind == "webp":
        return _webp_size(data)
    if kind == "tiff":
        return _tiff_value(data, 256), _tiff_value(data, 257)
    if kind == "pnm":
        return _pnm_size(data)
    if kind == "jp2":
        at = data[:_LONGEST_HEADER].find(b"\xff\x4f\xff\x51")
        return (_big(data, at + 8), _big(data, at + 12)) if at >= 0 else None
    if kind in ("heic", "avif"):
        return _largest_extent(data)
    return None


def _big(data: Bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(data[at : at + length], "big")


def jpeg_segments(data: Bytes, at: int = 2) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of a JPEG's segments from a marker on, up to and with the next head of a scan."""
    for _ in range(_MOST_SEGMENTS):
        run = data[at : at + _LONGEST_FILLING]
        filling = len(run) - len(run.lstrip(b"\xff"))
        size = _big(data, at + filling + 1, 2)
        if not 0 < filling < len(run) or size < 2:
            return
        at += filling + 1 + size
        yield run[filling], at - size + 2, at
        if run[filling] == START_OF_SCAN:
            return


def _jpeg_exif(data: Bytes) -> bytes:
    for marker, begin, end in jpeg_segments(data):
        if marker == 0xE1 and data[begin : begin + 6] == b"Exif\0\0":
            return data[begin + 6 : end]
    return b""


def _jpeg_size(data: Bytes) -> tuple[int, int] | None:
    for marker, begin, _ in jpeg_segments(data):
        if marker in _START_OF_FRAME:
            return _big(data, begin + 3, 2), _big(data, begin + 1, 2)
    return None


def png_chunks(data: Bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of a PNG's chunks; of a damaged file they may end behind it."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        head = data[at : at + 8]
        if len(head) < 8:
            return
        size = _big(head, 0)
        yield head[4:], at + 8, at + 8 + size
        at += 12 + size


def riff_chunks(data: Bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the chunks of a RIFF file, such as a WebP."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        head = data[at : at + 8]
        if len(head) < 8:
            return
        size = int.from_bytes(head[4:], "little")
        yield head[:4], at + 8, at + 8 + size
        at += 8 + size + size % 2


def _png_exif(data: Bytes) -> bytes:
    return next((data[begin:end] for kind, begin, end in png_chunks(data) if kind == b"eXIf"), b"")


def _webp_exif(data: Bytes) -> bytes:
    held = next((data[begin:end] for kind, begin, end in riff_chunks(data) if kind == b"EXIF"), b"")
    return held.removeprefix(b"Exif\0\0")


def _webp_size(data: Bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8 ":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return width, height
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def _pnm_size(data: Bytes) -> tuple[int, int] | None:
    words = [word for line in data[:1024].split(b"\n") for word in line.partition(b"#")[0].split()]
    sizes = words[1:3]
    if words[:1] == [b"P7"]:
        values = dict(zip(words[1::2], words[2::2], strict=False))
        sizes = [values.get(b"WIDTH", b""), values.get(b"HEIGHT", b"")]
    return (int(sizes[0]), int(sizes[1])) if len(sizes) == 2 and all(w.isdigit() for w in sizes) else None


def _largest_extent(data: Bytes) -> tuple[int, int] | None:
    """The largest size that an ISO picture's items announce."""
    head, at, largest = data[:_LONGEST_HEADER], 0, (0, 0)
    while (at := head.find(b"ispe", at)) >= 0:
        size = _big(head, at + 8), _big(head, at + 12)
        largest = max(largest, size, key=lambda one: one[0] * one[1])
        at += 4
    return largest if largest[0] else None


def _tiff_value(tiff: Bytes, wanted: int) -> int:
    """First value of a tag of the first directory; 0 if there is none."""
    order: str = {b"II": "little", b"MM": "big"}.get(tiff[:2], "")
    if not order or len(tiff) < 8:
        return 0

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], "little" if order == "little" else "big")

    at = number(4, 4)
    for entry in range(at + 2, at + 2 + 12 * min(number(at, 2), 1000), 12):
        if number(entry, 2) == wanted:
            return number(entry + 8, 2 if number(entry + 2, 2) == 3 else 4)
    return 0
