"""MCAP files (https://mcap.dev/spec), whole or cut off, with every size checked before memory is taken.

`rosbags` refuses a recording without its end, which is what a power cut leaves, and unpacks chunks of any size.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .._lazy import require
from ..errors import SourceError

MAGIC = b"\x89MCAP0\r\n"
MAX_RECORD = 1 << 30
"""Bytes of one record, packed or not."""
MAX_NAMES = 1 << 16
"""Schemas and channels of one file."""
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _STATISTICS = 0x03, 0x04, 0x05, 0x06, 0x0B
_FRAME = struct.Struct("<BQ")  # opcode and length of a record
_CHUNK_HEAD = struct.Struct("<QQQI")  # first and last time, unpacked size, CRC
_MESSAGE_HEAD = struct.Struct("<HIQQ")  # channel, sequence, time of recording and of publication
_FOOTER = struct.Struct("<BQQQI")


@dataclass(frozen=True)
class Recorded:
    """One message of a recording."""

    topic: str
    type: str
    time_ns: int
    """When it was recorded."""
    data: bytes
    """CDR."""


@dataclass
class _Facts:
    """What was learnt of the file so far."""

    types: dict[int, str] = field(default_factory=dict)
    channels: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Channel -> topic, type; only those in CDR."""
    counts: Counter[int] = field(default_factory=Counter)
    is_counted: bool = False


class McapFile:
    """Reads one file.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        SourceError: not an MCAP file, or a record that claims more than there is.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        facts = self._summary()
        if facts is None:  # the end is missing: count what is there
            facts = _Facts()
            for channel, _, _ in self._messages(facts):
                facts.counts[channel] += 1
        self.topics = {facts.channels[one]: count for one, count in facts.counts.items() if one in facts.channels}
        """(topic, type) -> number of messages."""

    def messages(self, topic: str) -> Iterator[Recorded]:
        """Messages of a topic in the order of the file, as far as it is whole.

        Raises:
            SourceError: a record that is damaged, with others behind it.
        """
        facts = _Facts()
        for channel, time_ns, data in self._messages(facts):
            known = facts.channels.get(channel)
            if known is not None and known[0] == topic:
                yield Recorded(*known, time_ns, bytes(data))

    # ---- parts of the file ----

    def _summary(self) -> _Facts | None:
        """Channels and counts by the section at the end; None where that is missing or does not tell."""
        with self._open() as file:
            size = file.seek(0, os.SEEK_END)
            ends = _FOOTER.size + len(MAGIC)
            if size < len(MAGIC) + ends:
                return None
            file.seek(size - ends)
            opcode, length, start, _, _ = _FOOTER.unpack(file.read(_FOOTER.size))
            if (opcode, length) != (0x02, 20) or file.read() != MAGIC or not len(MAGIC) < start < size - ends:
                return None
            file.seek(start)
            facts = _Facts()
            for opcode, body in self._records(file, size - ends):
                self._learn(facts, opcode, body)
            return facts if facts.is_counted and set(facts.counts) <= set(facts.channels) else None

    def _messages(self, facts: _Facts) -> Iterator[tuple[int, int, memoryview]]:
        """Channel, time and data of every message; names go to `facts` on the way."""
        with self._open() as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(len(MAGIC))
            for opcode, body in self._records(file, size):
                inner = self._inside(self._unpacked(body)) if opcode == _CHUNK else [(opcode, body)]
                for kind, record in inner:
                    if kind == _MESSAGE:
                        channel, _, time_ns, _ = self._take(_MESSAGE_HEAD, record)
                        yield channel, time_ns, record[_MESSAGE_HEAD.size :]
                    else:
                        self._learn(facts, kind, record)

    def _open(self) -> BinaryIO:
        file = open(self._path, "rb")  # noqa: SIM115  (the caller's `with`)
        if file.read(len(MAGIC)) != MAGIC:
            file.close()
            raise SourceError(f"{self._name} is no MCAP file")
        return file

    def _records(self, file: BinaryIO, end: int) -> Iterator[tuple[int, memoryview]]:
        """Records from here on; one that is cut off by the end of the file ends it."""
        wanted = (_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _STATISTICS)
        while file.tell() + _FRAME.size <= end:
            opcode, length = _FRAME.unpack(file.read(_FRAME.size))
            if length > end - file.tell():
                return
            if opcode not in wanted:
                file.seek(length, os.SEEK_CUR)
                continue
            self._check_size(length)
            yield opcode, memoryview(file.read(length))

    def _inside(self, data: memoryview) -> Iterator[tuple[int, memoryview]]:
        """Records of an unpacked chunk."""
        at = 0
        while at + _FRAME.size <= len(data):
            opcode, length = _FRAME.unpack_from(data, at)
            at += _FRAME.size
            if length > len(data) - at:
                raise self._damage("a record leaves its chunk")
            yield opcode, data[at : at + length]
            at += length

    def _unpacked(self, body: memoryview) -> memoryview:
        _, _, size, crc = self._take(_CHUNK_HEAD, body)
        self._check_size(size)
        method, at = self._text(body, _CHUNK_HEAD.size)
        (packed_size,) = self._take(struct.Struct("<Q"), body, at)
        packed = body[at + 8 :]
        if packed_size > len(packed):
            raise self._damage("a chunk is shorter than it says")
        packed = packed[:packed_size]
        if method == "":
            raw = bytes(packed)
        elif method == "zstd":
            raw = _unzstd(packed, size)
        elif method == "lz4":
            raw = _unlz4(packed, size)
        else:
            raise self._damage(f"a chunk is packed by {method!r}; zstd and lz4 are read")
        if len(raw) != size or (crc and zlib.crc32(raw) != crc):
            raise self._damage("a chunk is not what its checksum says")
        return memoryview(raw)

    def _learn(self, facts: _Facts, opcode: int, body: memoryview) -> None:
        if opcode == _SCHEMA:
            (number,) = self._take(struct.Struct("<H"), body)
            facts.types[number] = self._text(body, 2)[0]
        elif opcode == _CHANNEL:
            number, schema = self._take(struct.Struct("<HH"), body)
            topic, at = self._text(body, 4)
            encoding, _ = self._text(body, at)
            if encoding == "cdr":
                facts.channels[number] = topic, facts.types.get(schema, "")
        elif opcode == _STATISTICS:
            (length,) = self._take(struct.Struct("<I"), body, 42)
            pairs = body[46 : 46 + min(length, 10 * MAX_NAMES)]
            facts.counts.update(dict(struct.iter_unpack("<HQ", pairs[: len(pairs) // 10 * 10])))
            facts.is_counted = True

    # ---- values ----

    def _text(self, body: memoryview, at: int) -> tuple[str, int]:
        """A text at a place, and where it ends."""
        (length,) = self._take(struct.Struct("<I"), body, at)
        end = at + 4 + length
        if end > len(body):
            raise self._damage("a text leaves its record")
        return bytes(body[at + 4 : end]).decode("utf-8", "replace"), end

    def _take(self, form: struct.Struct, body: memoryview, at: int = 0) -> tuple[Any, ...]:
        if at + form.size > len(body):
            raise self._damage("a record is too short")
        return form.unpack_from(body, at)

    def _check_size(self, size: int) -> None:
        if size > MAX_RECORD:
            raise self._damage(f"a record claims {size} bytes, more than {MAX_RECORD}")

    def _damage(self, what: str) -> SourceError:
        return SourceError(f"{self._name} is damaged: {what}")


def _unzstd(packed: memoryview, size: int) -> bytes:
    zstandard = require("zstandard")
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(packed) as reader:
            return bytes(reader.read(size + 1))
    except zstandard.ZstdError:
        return b""


def _unlz4(packed: memoryview, size: int) -> bytes:
    lz4 = require("lz4.frame")
    try:
        return bytes(lz4.LZ4FrameDecompressor().decompress(packed, max_length=size + 1))
    except (RuntimeError, EOFError):
        return b""
