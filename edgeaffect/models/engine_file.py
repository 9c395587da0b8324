"""The engine file: a TensorRT plan with everything needed to trust it.

    offset 0   b"EAENG\\x01"
           6   u32, little-endian: length of the header
          10   header, UTF-8 JSON
           .   zeros up to the next multiple of 64
           .   payload: the plan, as TensorRT serialised it

The payload's length and sha256 stand in the header, so that a cut or altered file is found before TensorRT sees it.
They prove integrity, not origin: take engine files, like any program, only from where you trust.
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

from .._files import write_atomically
from ..errors import Error, SpecError
from .spec import ModelSpec

MAGIC = b"EAENG\x01"
ALIGNMENT = 64
_LENGTH = struct.Struct("<I")
_MAX_HEADER = 16 << 20

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
    """Input name -> [least, usual, greatest] shape."""
    flags: tuple[str, ...]
    onnx_sha256: str
    key: Mapping[str, Any]
    """The cache key's parts, in the clear."""
    self_test: Mapping[str, Any]
    payload_bytes: int
    payload_sha256: str
    edgeaffect: str

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "spec": self.spec.to_dict()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> EngineHeader:
        data = json.loads(text)
        if not isinstance(data, dict):
            raise EngineFileError(f"its header is a JSON {type(data).__name__}, not an object")
        names = {f.name for f in fields(cls)}
        if set(data) != names:
            odd = ", ".join(sorted(set(data) ^ names))
            raise EngineFileError(f"its header is of another version (missing or unknown: {odd})")
        texts = ("variant", "version", "precision", "onnx_sha256", "payload_sha256", "edgeaffect")
        objects = ("target", "profile", "key", "self_test")
        right = (
            all(isinstance(data[name], str) for name in texts)
            and all(isinstance(data[name], dict) for name in objects)
            and isinstance(data["payload_bytes"], int)
            and isinstance(data["flags"], list)
        )
        if not right:
            raise EngineFileError("its header has a value of the wrong type")
        return cls(**{**data, "spec": ModelSpec.from_dict(data["spec"]), "flags": tuple(data["flags"])})


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
        with open(self.path, "rb") as stream:
            stream.seek(self.payload_offset)
            data = stream.read()
        if len(data) != self.header.payload_bytes:
            raise EngineFileError(
                f"{self.path} is truncated or has a tail: {len(data)} bytes of plan, not {self.header.payload_bytes}"
            )
        if hashlib.sha256(data).hexdigest() != self.header.payload_sha256:
            raise EngineFileError(f"{self.path} was altered: the plan's sha256 is not the one in the header")
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
    with open(path, "rb") as stream:
        try:
            header, end = _read_header(stream)
        except EngineFileError as error:
            raise EngineFileError(f"{path}: {error}") from error
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, SpecError) as error:
            raise EngineFileError(f"{path}: its header is damaged: {error}") from error
    return EngineFile(path, header, -(-end // ALIGNMENT) * ALIGNMENT)


def _read_header(stream: BinaryIO) -> tuple[EngineHeader, int]:
    """Header and the offset of its end."""
    start = stream.read(len(MAGIC) + _LENGTH.size)
    if not start.startswith(MAGIC):
        hint = "; a bare plan of TensorRT runs only with trtexec" if start[:4] in (b"ptrt", b"ftrt", b"vtrt") else ""
        raise EngineFileError(f"not an edgeaffect engine: it begins with {start[:6]!r}, not {MAGIC!r}{hint}")
    if len(start) < len(MAGIC) + _LENGTH.size:
        raise EngineFileError("truncated inside its first ten bytes")
    (length,) = _LENGTH.unpack(start[len(MAGIC) :])
    if length > _MAX_HEADER:
        raise EngineFileError(f"its header claims {length} bytes; {_MAX_HEADER} is the most")
    text = stream.read(length)
    if len(text) < length:
        raise EngineFileError("truncated inside its header")
    return EngineHeader.from_json(text.decode("utf-8")), len(start) + length


def write_engine(path: str | os.PathLike[str], header: EngineHeader, payload: bytes) -> EngineFile:
    """Write an engine file by an atomic rename.

    Args:
        header: `payload_bytes` and `payload_sha256` must be those of `payload`.
    """
    if (header.payload_bytes, header.payload_sha256) != (len(payload), hashlib.sha256(payload).hexdigest()):
        raise ValueError("header.payload_bytes and header.payload_sha256 are not those of the payload")
    text = header.to_json().encode("utf-8")
    if len(text) > _MAX_HEADER:
        raise ValueError(f"the header takes {len(text)} bytes; {_MAX_HEADER} is the most")
    start = MAGIC + _LENGTH.pack(len(text)) + text
    offset = -(-len(start) // ALIGNMENT) * ALIGNMENT
    write_atomically(Path(path), start.ljust(offset, b"\0") + payload)
    return EngineFile(Path(path), header, offset)
