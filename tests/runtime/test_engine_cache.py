"""The engine cache: what it keeps, builds again, shares between processes and cleans."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import hashlib
import logging
import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest

from edgeaffect.errors import Error
from edgeaffect.models import ModelSpec
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime.tensorrt import BuildOptions, EngineCache
from edgeaffect.runtime.tensorrt import build as build_module
from edgeaffect.runtime.tensorrt import request as request_module

pytest.importorskip("onnx")
from backend_parts import model, own_home  # noqa: F401
from engine_parts import STAND_IN, builder, installed, variant_of  # noqa: F401
from fixture_nets import tiny_affect

pytestmark = pytest.mark.usefixtures("builder")


def test_second_time_is_from_the_cache(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        first = EngineCache().get(model)
    assert ["this can take minutes" in r.message for r in caplog.records] == [True]
    caplog.clear()
    stamp = first.path.stat().st_mtime_ns
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        again = EngineCache().get(model)
    assert again.path == first.path and again.path.stat().st_mtime_ns == stamp and not caplog.records


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b[:-10], "truncated"),
        (lambda b: b[:-10] + bytes(10), "altered"),
        (lambda b: b"garbage" + b, "not an edgeaffect engine"),
        (lambda b: b"", "not an edgeaffect engine"),
    ],
)
def test_unsound_engines_are_rebuilt_with_one_line(  # type: ignore[no-untyped-def]
    model: ModelFile, damage, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = EngineCache()
    path = cache.get(model).path
    path.write_bytes(damage(path.read_bytes()))
    caplog.clear()
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        cache.get(model).payload()
    assert [words in r.message and "rebuilding" in r.message for r in caplog.records] == [True]


def test_engine_under_the_name_of_another_is_rebuilt(model: ModelFile, caplog: pytest.LogCaptureFixture) -> None:
    cache = EngineCache()
    small, large = cache.get(model, BuildOptions(max_batch=2)), cache.get(model)
    large.path.write_bytes(small.path.read_bytes())
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        assert cache.get(model).header.profile["image"][2][0] == 16
    assert "another key: profile was" in caplog.records[-1].message


def test_another_variant_version_means_a_rebuild_that_says_so(
    model: ModelFile, builder: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EngineCache()
    first = cache.get(model)
    newer = dataclasses.replace(variant_of(builder), version="99.0")
    monkeypatch.setattr(request_module, "find_variant", lambda _: newer)
    caplog.clear()
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        second = cache.get(model)
    assert second.path != first.path
    assert "version was 1." in caplog.records[0].message and "is 99.0" in caplog.records[0].message


def get_in_process(builder: str, folder: Path, model: Path) -> tuple[str, int]:
    """Digest of the plan, and inode of its file."""
    with installed(builder):
        engine = EngineCache(folder).get(ModelFile(model, ModelSpec.from_onnx(model)))
    return hashlib.sha256(engine.payload()).hexdigest(), engine.path.stat().st_ino


@pytest.mark.parametrize("builder", [STAND_IN], indirect=True)
def test_two_processes_build_once(model: ModelFile, tmp_path: Path, builder: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        results = pool.starmap(get_in_process, [(builder, tmp_path / "shared", model.path)] * 2)
    assert results[0] == results[1]
    assert len(list((tmp_path / "shared").glob("*.engine"))) == 1


def test_unwritable_cache_names_the_remedy(model: ModelFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Error, match="EDGEAFFECT_HOME"):
        EngineCache(tmp_path / "no").get(model)


def test_clean_deletes_one_model_or_all(model: ModelFile, tmp_path: Path) -> None:
    cache = EngineCache()
    cache.get(model)
    longer = tiny_affect(tmp_path / "b.onnx", name="tiny-b")
    cache.get(longer)
    (cache.folder / ".tiny-00000000000000000000.engine.lock").touch()  # a build that was killed
    (cache.folder / ".tiny-00000000000000000000.engine.abc.tmp").touch()
    assert [p.name.startswith("tiny-b-") for p in cache.clean("tiny")] == [False]
    assert [e.path.name.startswith("tiny-b-") for e in cache.entries()] == [True]
    cache.clean()
    assert not list(cache.folder.iterdir())


def test_names_of_strangers_stay_in_the_folder() -> None:
    cache = EngineCache()
    for name in ("../../etc/x", "a/b", "..", "", "x" * 300):
        path = cache.path(name, {})
        assert path.parent == cache.folder and len(path.name) < 120 and not path.name.startswith(".")


@pytest.fixture
def built(builder: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were built."""
    names: list[str] = []
    build = build_module.build_plan

    def counted(path: Path, *given: Any, **named: Any) -> Any:
        names.append(path.name)
        return build(path, *given, **named)

    monkeypatch.setattr(build_module, "build_plan", counted)
    return names


def test_the_cache_builds_once_and_again_when_something_differs(
    model: ModelFile, tmp_path: Path, built: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    cache = EngineCache(tmp_path / "engines")
    first = cache.get(model)
    assert cache.get(model).path == first.path and len(built) == 1
    assert first.header.self_test["shapes"] == {"image": [2, 1, 16, 16]}
    first.path.write_bytes(first.path.read_bytes().replace(b'"anger"', b'"angel"', 1))
    with caplog.at_level(logging.WARNING, "edgeaffect.runtime.tensorrt"):
        again = cache.get(model)
    assert len(built) == 2 and "its header was altered" in caplog.text and again.header.spec == model.spec
    cache.get(model, BuildOptions(max_batch=4))
    assert len(built) == 3 and any("profile was" in record.message for record in caplog.records)
    assert len(cache.clean()) == 2 and not list(cache.folder.glob("*.engine"))


def test_a_miss_hashes_and_reads_the_file_once(
    model: ModelFile, tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    for name in ("file_sha256", "read_precision"):
        real = getattr(request_module, name)
        monkeypatch.setattr(request_module, name, lambda p, n=name, f=real: (reads.append(n), f(p))[1])
    EngineCache(tmp_path / "engines").get(model)
    assert sorted(reads) == ["file_sha256", "read_precision"] and built == [model.path.name]


def test_threads_that_want_the_same_engine_build_it_once(model: ModelFile, tmp_path: Path, built: list[str]) -> None:
    threads = [threading.Thread(target=EngineCache(tmp_path / "engines").get, args=(model,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [model.path.name]
