r"""The engine file: a TensorRT plan with everything needed to trust it.

    offset 0   b"EAENG\x02"
           6   u32, little-endian: length of the header
          10   sha256 of the header, 32 bytes
          42   header, UTF-8 JSON
           .   zeros up to the next multiple of 64
           .   payload: the plan, as TensorRT serialised it

The header's sha256 covers labels, temperatures and the self-test; the payload's length and sha256 stand in the header.
So a cut or altered file is found before TensorRT sees it. Digests prove integrity, not origin: take engine files, like
any program, only from where you trust.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from .._checks import is_whole
from .._files import open_binary, write_atomically
from .._json import load_json
from ..errors import Error, SpecError
from .metadata import checked_size
from .spec import ModelSpec

MAGIC = b"EAENG\x02"
ALIGNMENT = 64
_LENGTH = struct.Struct("<I")
_DIGEST = 32
_START = len(MAGIC) + _LENGTH.size + _DIGEST
_MAX_HEADER = 16 << 20
_MAX_TEXT = 512

SUFFIX = ".engine"


class EngineFileError(Error, ValueError):
    """Not an engine file, or one that is cut, altered or of another version."""


@dataclass(frozen=True)
class EngineHeader:
    """What an engine file says about its payload."""

    spec: ModelSpec
    variant: str
    version: str
    """Full version of the TensorRT that built it, and the only one that can run it."""
    target: Mapping[str, Any]
    """TensorRT for RTX: `compute_capabilities`. TensorRT: `gpu`, `sm`, `cuda`, `driver`."""
    precision: str
    profile: Mapping[str, Any]
    """Input name -> [min, opt, max] shape."""
    flags: tuple[str, ...]
    onnx_sha256: str
    key: Mapping[str, Any]
    """The cache key's parts, in the clear."""
    self_test: Mapping[str, Any]
    payload_bytes: int
    payload_sha256: str
    edgeaffect: str

    def to_json(self) -> str:
        """The header as a JSON text."""
        return json.dumps({**asdict(self), "spec": self.spec.to_dict()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> EngineHeader:
        """Read a header that `to_json` wrote.

        Raises:
            EngineFileError: it is of another version, or has a value of the wrong type.
            SpecError: the model spec inside is wrong.
            ValueError: it is not JSON.
        """
        data = load_json(text, limit=_MAX_HEADER)
        if not isinstance(data, dict):
            raise EngineFileError(f"its header is a JSON {type(data).__name__}, not an object")
        names = {f.name for f in fields(cls)}
        if set(data) != names:
            odd = ", ".join(sorted(set(data) ^ names))
            raise EngineFileError(f"its header is of another version (missing or unknown: {odd})")
        texts = ("variant", "version", "precision", "onnx_sha256", "payload_sha256", "edgeaffect")
        objects = ("target", "profile", "key", "self_test")
        right = (
            all(_is_text(data[name]) for name in texts)
            and all(isinstance(data[name], dict) for name in objects)
            and is_whole(data["payload_bytes"])
            and isinstance(data["flags"], list)
            and all(_is_text(flag) for flag in data["flags"])
            and all(_is_bounds(bounds) for bounds in data["profile"].values())
            and all(_is_target(value) for value in data["target"].values())
        )
        if not right:
            raise EngineFileError("its header has a value of the wrong type")
        return cls(**{**data, "spec": ModelSpec.from_dict(data["spec"]), "flags": tuple(data["flags"])})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_TEXT and value.isprintable()


def _is_bounds(value: object) -> bool:
    """Three shapes of the same number of axes."""
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(shape, list) for shape in value):
        return False
    whole = all(is_whole(n) and 0 <= n < 2**31 for shape in value for n in shape)
    return whole and len({len(shape) for shape in value}) == 1


def _is_target(value: object) -> bool:
    return _is_text(value) or is_whole(value) or (isinstance(value, list) and all(_is_text(v) for v in value))


@dataclass(frozen=True)
class EngineFile:
    """An engine file on disk whose header has been read."""

    path: Path
    header: EngineHeader
    payload_offset: int

    def payload(self) -> bytes:
        """The plan, checked against the header.

        Raises:
            EngineFileError: it is cut or altered.
        """
        length = _file_size(self.path) - self.payload_offset
        if length != self.header.payload_bytes:
            raise EngineFileError(
                f"{self.path} is truncated or has a tail: {max(length, 0)} bytes of plan, not "
                f"{self.header.payload_bytes}: build it again"
            )
        with open(self.path, "rb") as stream:
            stream.seek(self.payload_offset)
            data = stream.read(length)
        if hashlib.sha256(data).hexdigest() != self.header.payload_sha256:
            raise EngineFileError(
                f"{self.path} was altered: the plan's sha256 is not the one in the header: build it again"
            )
        return data

    def extract(self, target: str | os.PathLike[str]) -> None:
        """Write the bare plan, for trtexec and other tools."""
        write_atomically(Path(target), self.payload())


def read_engine(path: str | os.PathLike[str]) -> EngineFile:
    """Open an engine file: its header, not yet its payload.

    Raises:
        FileNotFoundError: no such file.
        EngineFileError: it is no engine file, or cut, or of another version.
    """
    path = Path(path)
    with open_binary(path) as stream:
        try:
            header, end = _read_header(stream)
        except EngineFileError as error:
            raise EngineFileError(f"{path}: {error}") from error
        except ValueError as error:  # also what ModelSpec finds wrong
            raise EngineFileError(f"{path}: its header is damaged: {error}: build it again") from error
    return EngineFile(path, header, -(-end // ALIGNMENT) * ALIGNMENT)


def _read_header(stream: BinaryIO) -> tuple[EngineHeader, int]:
    """Header and the offset of its end."""
    start = stream.read(_START)
    if len(start) >= len(MAGIC) and start.startswith(MAGIC[:-1]) and not start.startswith(MAGIC):
        raise EngineFileError(
            f"an edgeaffect engine of version {start[5]}, this release reads {MAGIC[5]}: build it again"
        )
    if not start.startswith(MAGIC):
        hint = "; a bare plan of TensorRT runs only with trtexec" if start[:4] in (b"ptrt", b"ftrt", b"vtrt") else ""
        raise EngineFileError(f"not an edgeaffect engine: it begins with {start[:6]!r}, not {MAGIC!r}{hint}")
    if len(start) < _START:
        raise EngineFileError(f"truncated inside its first {_START} bytes")
    (length,) = _LENGTH.unpack(start[len(MAGIC) : len(MAGIC) + _LENGTH.size])
    if length > _MAX_HEADER:
        raise EngineFileError(f"its header claims {length} bytes; {_MAX_HEADER} is the most")
    text = stream.read(length)
    if len(text) < length:
        raise EngineFileError("truncated inside its header")
    if hashlib.sha256(text).digest() != start[-_DIGEST:]:
        raise EngineFileError("its header was altered: it is not the one that its sha256 belongs to: build it again")
    return EngineHeader.from_json(text), len(start) + length


def _file_size(path: Path) -> int:
    try:
        return checked_size(path)
    except SpecError as error:
        raise EngineFileError(str(error)) from error


def write_engine(path: str | os.PathLike[str], header: EngineHeader, payload: bytes) -> EngineFile:
    """Write an engine file by an atomic rename.

    Args:
        path: where it goes.
        payload: the plan.
        header: `payload_bytes` and `payload_sha256` must be those of `payload`.
    """
    if (header.payload_bytes, header.payload_sha256) != (len(payload), hashlib.sha256(payload).hexdigest()):
        raise ValueError("header.payload_bytes and header.payload_sha256 are not those of the payload")
    text = header.to_json().encode("utf-8")
    if len(text) > _MAX_HEADER:
        raise ValueError(f"the header takes {len(text)} bytes; {_MAX_HEADER} is the most")
    start = MAGIC + _LENGTH.pack(len(text)) + hashlib.sha256(text).digest() + text
    offset = -(-len(start) // ALIGNMENT) * ALIGNMENT
    write_atomically(Path(path), start.ljust(offset, b"\0") + payload)
    return EngineFile(Path(path), header, offset)
