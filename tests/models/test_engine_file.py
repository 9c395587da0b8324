"""The container of an engine file and the cache that keeps it, without any TensorRT: the plan is a stand-in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import struct
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgeaffect.cli import main
from edgeaffect.models import find
from edgeaffect.models.engine_file import MAGIC, EngineFileError, EngineHeader, read_engine, write_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime.tensorrt import BuildOptions, EngineCache
from edgeaffect.runtime.tensorrt import build as build_module
from edgeaffect.runtime.tensorrt import request as request_module
from edgeaffect.runtime.tensorrt.builder import SerializedEngine
from edgeaffect.runtime.tensorrt.variants import Variant

PAYLOAD = bytes(range(256)) * 3
STAND_IN = Variant("tensorrt_rtx", "9.9.0", SimpleNamespace(ComputeCapability=object))  # type: ignore[arg-type]


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
        (b'"probabilities": 0.7366', b'"probabilities": 0.1366'),
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


# --- the cache, with a stand-in for the builder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were built."""
    names: list[str] = []

    def plan(path: Path, *_: Any, **__: Any) -> SerializedEngine:
        names.append(path.name)
        shapes = {"image": ((1, 1, 48, 48), (2, 1, 48, 48), (4, 1, 48, 48))}
        return SerializedEngine(PAYLOAD, STAND_IN, "fp32", shapes, (), 0.0)

    monkeypatch.setattr(build_module, "build_plan", plan)
    monkeypatch.setattr(request_module, "find_variant", lambda _: STAND_IN)
    return names


def test_the_cache_builds_once_and_again_when_something_differs(
    model: ModelFile, tmp_path: Path, built: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    cache = EngineCache(tmp_path)
    first = cache.get(model)
    assert cache.get(model).path == first.path and len(built) == 1
    assert first.header.self_test["shapes"] == {"image": [2, 1, 48, 48]} and first.payload() == PAYLOAD
    first.path.write_bytes(first.path.read_bytes().replace(b'"anger"', b'"angel"', 1))
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        again = cache.get(model)
    assert len(built) == 2 and "its header was altered" in caplog.text and again.header.spec == model.spec
    cache.get(model, BuildOptions(max_batch=4))
    assert len(built) == 3 and "profile was" in caplog.records[-1].message
    assert len(cache.clean()) == 2 and not list(tmp_path.glob("*.engine"))


def test_a_miss_hashes_and_reads_the_file_once(
    model: ModelFile, tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    for name in ("file_sha256", "read_precision"):
        real = getattr(request_module, name)
        monkeypatch.setattr(request_module, name, lambda p, n=name, f=real: (reads.append(n), f(p))[1])
    EngineCache(tmp_path).get(model)
    assert sorted(reads) == ["file_sha256", "read_precision"] and built == [model.path.name]


def test_threads_that_want_the_same_engine_build_it_once(model: ModelFile, tmp_path: Path, built: list[str]) -> None:
    threads = [threading.Thread(target=EngineCache(tmp_path).get, args=(model,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [model.path.name]
