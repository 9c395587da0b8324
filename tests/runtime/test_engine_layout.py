"""Engine files as the builder writes them: layout, header, damage."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.models import find
from edgeaffect.models.engine_file import ALIGNMENT, MAGIC, read_engine, write_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime.tensorrt import EngineFileError
from edgeaffect.runtime.tensorrt.request import onnx_digest

pytest.importorskip("onnx")
from backend_parts import model, own_home  # noqa: F401
from engine_parts import builder, engine_bytes, engine_path, variant_of  # noqa: F401


def begun(text: bytes) -> bytes:
    """The beginning of an engine file with that header."""
    return MAGIC + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text


def test_layout_is_the_documented_one(engine_bytes: bytes, engine_path: Path) -> None:
    assert engine_bytes[:6] == b"EAENG\x02"
    (length,) = struct.unpack("<I", engine_bytes[6:10])
    text = engine_bytes[42 : 42 + length]
    assert engine_bytes[10:42] == hashlib.sha256(text).digest()
    header = json.loads(text)
    offset = -(-(42 + length) // 64) * 64
    assert set(engine_bytes[42 + length : offset]) <= {0}
    payload = engine_bytes[offset:]
    assert header["payload_bytes"] == len(payload)
    assert header["payload_sha256"] == hashlib.sha256(payload).hexdigest()
    assert read_engine(engine_path).payload() == payload
    assert payload[:4] == b"vtrt"  # as TensorRT for RTX writes it


def test_header_tells_everything(model: ModelFile, engine_path: Path, builder: str) -> None:
    header = read_engine(engine_path).header
    variant = variant_of(builder)
    assert (header.variant, header.version, header.precision) == ("tensorrt_rtx", variant.version, "fp32")
    assert header.spec == model.spec
    assert header.profile == {"image": [[1, 1, 16, 16], [2, 1, 16, 16], [16, 1, 16, 16]]}
    assert header.target == {"compute_capabilities": "portable"}
    own_memory = ("own-memory",) if hasattr(variant.api.BuilderFlag, "REQUIRE_USER_ALLOCATION") else ()
    assert header.onnx_sha256 == onnx_digest(model.path) and header.flags == ("strongly-typed", *own_memory)


def test_every_truncation_is_found(engine_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.engine"
    for length in (0, 3, 6, 9, 10, 200, len(engine_bytes) // 2, len(engine_bytes) - 1):
        path.write_bytes(engine_bytes[:length])
        with pytest.raises(EngineFileError, match=r"truncated|not an edgeaffect"):
            read_engine(path).payload()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_goes_unseen_or_crashes(engine_bytes: bytes, tmp_path_factory, data) -> None:  # type: ignore[no-untyped-def]
    position = data.draw(st.integers(0, len(engine_bytes) - 1))
    changed = bytearray(engine_bytes)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("flip") / "x.engine"
    path.write_bytes(changed)
    try:
        engine = read_engine(path)
        payload = engine.payload()
    except EngineFileError:
        return
    # Only the zeros between header and plan mean nothing.
    assert hashlib.sha256(payload).hexdigest() == engine.header.payload_sha256
    assert engine.payload_offset - ALIGNMENT < position < engine.payload_offset


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"vtrt" + bytes(100),
        MAGIC + struct.pack("<I", 2**31) + b"{}",
        begun(b"[]"),
        begun(b"{}"),
        begun(b"\xff\xfe\x00\x01"),
        begun(b"[" * 40_000),
        MAGIC[:5] + b"\x01" + bytes(100),
    ],
)
def test_files_of_strangers(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "strange.engine"
    path.write_bytes(content)
    with pytest.raises(EngineFileError, match=r"strange\.engine"):
        read_engine(path)


def test_header_values_of_the_wrong_type(engine_path: Path) -> None:
    engine = read_engine(engine_path)
    data = json.loads(engine.header.to_json())
    for name in data:
        wrong = {**data, name: 7 if not isinstance(data[name], int) else "7"}
        text = json.dumps(wrong).encode()
        engine_path.write_bytes(begun(text))
        with pytest.raises(EngineFileError):
            read_engine(engine_path)


def test_writer_refuses_a_header_of_another_payload(engine_path: Path, tmp_path: Path) -> None:
    header = read_engine(engine_path).header
    with pytest.raises(ValueError, match="payload"):
        write_engine(tmp_path / "x.engine", header, b"other")
    assert not (tmp_path / "x.engine").exists()


def test_payload_is_aligned_whatever_the_header(engine_path: Path, tmp_path: Path) -> None:
    engine = read_engine(engine_path)
    for extra in range(0, 70, 7):
        header = dataclasses.replace(engine.header, edgeaffect="x" * extra)
        written = write_engine(tmp_path / "x.engine", header, engine.payload())
        assert written.payload_offset % ALIGNMENT == 0
        assert read_engine(tmp_path / "x.engine").payload() == engine.payload()


def test_an_engine_is_a_model_file(engine_path: Path, model: ModelFile) -> None:
    assert find(engine_path, "affect").spec == model.spec
