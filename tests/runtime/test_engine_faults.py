"""A build that is killed, at any place, leaves a cache that the next one uses as if nothing had been."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeaffect.models import ModelSpec
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime.tensorrt import EngineCache
from edgeaffect.runtime.tensorrt import build as build_module

pytest.importorskip("onnx")
from engine_parts import STAND_IN, installed, stand_in_plan
from fixture_nets import tiny_affect


def _say_and_hang(note: Path) -> None:
    note.touch()
    time.sleep(60)


def _build(where: str, model: Path, cache: Path, note: Path) -> None:
    """In a process of its own: hangs while it builds, or with the engine written and not yet named."""
    with installed(STAND_IN), pytest.MonkeyPatch.context() as patch:
        if where == "build":

            def slow(*arguments: Any, **options: Any) -> Any:
                _say_and_hang(note)
                return stand_in_plan(*arguments, **options)

            patch.setattr(build_module, "build_plan", slow)
        else:
            patch.setattr(os, "replace", lambda *_: _say_and_hang(note))
        EngineCache(cache).get(ModelFile(model, ModelSpec.from_onnx(model)))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelFile]:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    with installed(STAND_IN):
        yield tiny_affect(tmp_path / "tiny.onnx", name="tiny")


@pytest.mark.parametrize("where", ["build", "write"])
def test_kill_9_during_a_build(where: str, tiny: ModelFile, tmp_path: Path) -> None:
    cache, note = tmp_path / "cache", tmp_path / "note"
    process = multiprocessing.get_context("spawn").Process(target=_build, args=(where, tiny.path, cache, note))
    process.start()
    deadline = time.monotonic() + 60
    while not note.exists() and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert note.exists() and process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert not list(cache.glob("*.engine"))  # nothing that could be taken for one
    begin = time.monotonic()
    engine = EngineCache(cache).get(tiny)
    assert engine.payload().startswith(b"vtrt") and time.monotonic() - begin < 30  # no lock is left behind
    EngineCache(cache).clean()
    assert not list(cache.iterdir())
