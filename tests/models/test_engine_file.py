"""The container of an engine file, without any TensorRT: what is altered, too large or of strangers is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from edgeaffect.cli import main
from edgeaffect.models import find
from edgeaffect.models.engine_file import MAGIC, EngineFileError, EngineHeader, read_engine, write_engine
from edgeaffect.models.file import ModelFile

PAYLOAD = bytes(range(256)) * 3


@pytest.fixture
def model() -> ModelFile:
    return find("affect-nano", "affect")


@pytest.fixture
def engine(model: ModelFile, tmp_path: Path) -> Path:
    header = EngineHeader(
        model.spec, "tensorrt_rtx", "9.9.0", {"compute_capabilities": "portable"}, "fp32",
        {"image": [[1, 1, 48, 48], [2, 1, 48, 48], [16, 1, 48, 48]]}, ("strongly-typed",), "0" * 64, {"a": 1},
        {"seed": 1, "outputs": {}}, len(PAYLOAD), hashlib.sha256(PAYLOAD).hexdigest(), "0.1.0",
    )  # fmt: skip
    return write_engine(tmp_path / "e.engine", header, PAYLOAD).path


def test_what_is_written_is_read(engine: Path, model: ModelFile) -> None:
    found = read_engine(engine)
    assert found.header.spec == model.spec and found.payload() == PAYLOAD
    data, (length,) = engine.read_bytes(), struct.unpack("<I", engine.read_bytes()[6:10])
    assert data[10:42] == hashlib.sha256(data[42 : 42 + length]).digest() and data[-len(PAYLOAD) :] == PAYLOAD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"happiness"', b'"unhappily"'),
        (b'"anger"', b'"angel"'),
        (b'"probabilities": 0.7094', b'"probabilities": 0.1094'),
        (b'"seed": 1', b'"seed": 2'),
        (b'"std": [0.25]', b'"std": [0.26]'),
    ],
)
def test_an_altered_header_is_refused(engine: Path, old: bytes, new: bytes) -> None:
    data = engine.read_bytes()
    assert old in data
    engine.write_bytes(data.replace(old, new, 1))
    with pytest.raises(EngineFileError, match=r"e\.engine: its header was altered.*build it again"):
        read_engine(engine)


def test_an_altered_or_longer_plan_is_refused(engine: Path) -> None:
    data = engine.read_bytes()
    engine.write_bytes(data[:-1] + b"\x00")
    with pytest.raises(EngineFileError, match="altered"):
        read_engine(engine).payload()
    engine.write_bytes(data + b"\x00")
    with pytest.raises(EngineFileError, match="tail"):
        read_engine(engine).payload()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profile": {"image": [[1], [2]]}}, "wrong type"),
        ({"profile": {"image": [[1], [2, 2], [3]]}}, "wrong type"),
        ({"profile": {"image": [[1.5], [2], [3]]}}, "wrong type"),
        ({"version": "1\x1b[2J"}, "wrong type"),
        ({"target": {"gpu": {"a": 1}}}, "wrong type"),
        ({"payload_bytes": True}, "wrong type"),
        ({"flags": [1]}, "wrong type"),
        ({"spec": {"name": "x"}}, "model spec lacks"),
        ({"spec": 7}, "JSON object"),
        ({"more": 1}, "another version"),
    ],
)
def test_headers_of_strangers_with_a_right_digest(engine: Path, change: dict[str, Any], message: str) -> None:
    data = {**json.loads(read_engine(engine).header.to_json()), **change}
    text = json.dumps(data).encode()
    engine.write_bytes(MAGIC + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text)
    with pytest.raises(EngineFileError, match=message) as caught:
        read_engine(engine)
    assert "e.engine" in str(caught.value) and str(caught.value).isprintable()


@pytest.mark.parametrize("text", [b"[" * 200_000, b"9" * 5000, b"NaN", b"\xff", b"7"])
def test_documents_of_strangers(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "s.engine"
    path.write_bytes(MAGIC + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text)
    with pytest.raises(EngineFileError, match=r"s\.engine"):
        read_engine(path)


def test_a_huge_engine_is_refused_before_it_is_read(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = dataclasses.replace(read_engine(engine).header, payload_bytes=3 << 20)
    text = header.to_json().encode()
    with engine.open("wb") as stream:
        stream.write(MAGIC + struct.pack("<I", len(text)) + hashlib.sha256(text).digest() + text)
        stream.truncate(-(-(42 + len(text)) // 64) * 64 + (3 << 20))
    monkeypatch.setenv("EDGEAFFECT_MAX_MODEL_MB", "2")
    with pytest.raises(EngineFileError, match="EDGEAFFECT_MAX_MODEL_MB"):
        read_engine(engine).payload()


def test_list_names_what_is_no_engine(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "engines"
    folder.mkdir(parents=True)
    (folder / "good.engine").write_bytes(engine.read_bytes())
    (folder / "bad.engine").write_bytes(b"EAENG\x01" + bytes(60))
    assert main(["engines", "list"]) == 2
    said = capfd.readouterr().out
    assert "good.engine  affect-nano" in said and "an edgeaffect engine of version 1" in said
