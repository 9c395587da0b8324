"""Read and write the key/value metadata of an ONNX file without the `onnx` package.

A `ModelProto` is a flat list of protobuf fields; metadata is field 14 (`metadata_props`, one
`StringStringEntryProto {1: key, 2: value}` each). Walking the top level skips over the graph by its length, so
reading costs two seeks whatever the model's size. (Field numbers: onnx/onnx.proto, stable since IR version 1.)
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .._files import atomic_writer, open_binary
from ..errors import SpecError

MAX_MEGABYTES = 1024
"""Largest model file that is opened, unless EDGEAFFECT_MAX_MODEL_MB says otherwise."""
MAX_ENTRY = 1 << 20
"""Most bytes of one entry of metadata."""

_MAX_METADATA = 8 << 20
_MAX_FIELDS = 100_000
_METADATA_FIELD = 14
_KEY, _VALUE = 1, 2
BYTES = 2
"""Wire type of texts, bytes and messages."""
_VARINT, _FIXED64, _FIXED32 = 0, 1, 5


def _read_varint(stream: BinaryIO) -> int | None:
    """Next varint, or None at the end of the stream."""
    value = shift = 0
    while True:
        byte = stream.read(1)
        if not byte:
            if shift:
                raise SpecError("truncated protobuf: the file ends inside a number")
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
        if shift > 63:
            raise SpecError("not a protobuf: a number is longer than 64 bits")


def walk(stream: BinaryIO, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Fields of a message: (number, wire type, start of the field, end of it); the stream stands at the payload."""
    for _ in range(_MAX_FIELDS):
        start = stream.tell()
        tag = _read_varint(stream)
        if tag is None:
            return
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            _read_varint(stream)
            end = stream.tell()
        elif wire in (_FIXED32, _FIXED64):
            end = stream.tell() + (4 if wire == _FIXED32 else 8)
        elif wire == BYTES:
            length = _read_varint(stream) or 0
            end = stream.tell() + length
        else:
            raise SpecError(f"not a protobuf: wire type {wire} at byte {start}")
        if number == 0 or end > size:
            raise SpecError(f"truncated or corrupt protobuf: field {number} at byte {start} ends past the file")
        yield number, wire, start, end
        stream.seek(end)
    raise SpecError(f"not an ONNX model: it has more than {_MAX_FIELDS} fields")


def _entry(data: bytes) -> tuple[str, str]:
    stream = io.BytesIO(data)
    parts = {_KEY: b"", _VALUE: b""}
    for number, _, _, end in walk(stream, len(data)):
        if number in parts:
            parts[number] = stream.read(end - stream.tell())
    return parts[_KEY].decode("utf-8"), parts[_VALUE].decode("utf-8")


def encode_varint(value: int) -> bytes:
    """A protobuf varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_bytes(number: int, data: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return encode_varint(number << 3 | BYTES) + encode_varint(len(data)) + data


def read(path: str | os.PathLike[str]) -> dict[str, str]:
    """Metadata of an ONNX file.

    Raises:
        SpecError: the file is not a protobuf, or is cut off.
    """
    result = {}
    total = 0
    with open_binary(path) as stream:
        size = checked_size(path)
        try:
            for number, wire, _, end in walk(stream, size):
                if number == _METADATA_FIELD and wire == BYTES:
                    length = end - stream.tell()
                    total += length
                    if length > MAX_ENTRY or total > _MAX_METADATA:
                        raise SpecError(
                            f"its metadata takes {max(total, length)} bytes: {MAX_ENTRY} per entry and "
                            f"{_MAX_METADATA} in all are the most that is read"
                        )
                    key, value = _entry(stream.read(length))
                    result[key] = value
        except (SpecError, UnicodeDecodeError) as error:
            raise SpecError(f"{path} is not a readable ONNX model: {error}") from error
    return result


def checked_size(path: str | os.PathLike[str]) -> int:
    """Length of a model file that may be opened.

    Raises:
        SpecError: it is empty, or larger than EDGEAFFECT_MAX_MODEL_MB allows.
    """
    size = os.path.getsize(path)
    if size == 0:
        raise SpecError(f"{path} is empty, not a model")
    if size > (limit := max_model_bytes()):
        raise SpecError(
            f"{path} has {size} bytes, more than {limit >> 20} MB: set EDGEAFFECT_MAX_MODEL_MB to open larger models"
        )
    return size


def max_model_bytes() -> int:
    """Largest model file that is opened.

    Raises:
        SpecError: EDGEAFFECT_MAX_MODEL_MB is no number of megabytes.
    """
    text = os.environ.get("EDGEAFFECT_MAX_MODEL_MB") or str(MAX_MEGABYTES)
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise SpecError(f"EDGEAFFECT_MAX_MODEL_MB must be a whole number of megabytes; got {text[:40]!r}")
    return int(text) << 20


def write(path: str | os.PathLike[str], key: str, value: str) -> None:
    """Set one metadata key of an ONNX file in place (by an atomic rename); everything else stays byte for byte."""
    path = Path(path)
    size = path.stat().st_size
    with open(path, "rb") as source, atomic_writer(path) as target:
        for number, wire, start, end in walk(source, size):
            payload = source.tell()
            if number == _METADATA_FIELD and wire == BYTES and _entry(source.read(end - payload))[0] == key:
                continue
            source.seek(start)
            target.write(source.read(end - start))
        entry = encode_bytes(_KEY, key.encode()) + encode_bytes(_VALUE, value.encode())
        target.write(encode_bytes(_METADATA_FIELD, entry))
