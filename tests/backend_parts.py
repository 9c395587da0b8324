"""A tiny model, and a stand-in for the CUDA driver whose device memory is host memory, for tests of the backends."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import cuda_driver

pytest.importorskip("onnx")
from fixture_nets import tiny_affect

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return tiny_affect(tmp_path_factory.mktemp("net") / "tiny.onnx")


def picture(count: int = 3) -> np.ndarray:
    return np.random.RandomState(1).randn(count, 1, 16, 16).astype(np.float32)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler for the stand-in driver")
    path = tmp_path_factory.mktemp("cuda") / "libfakecuda.so"
    flags = ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", str(path), str(HERE / "fake_cuda.c")], check=True)
    return str(path)


@pytest.fixture
def fake_driver(library: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ctypes.CDLL]:
    monkeypatch.setattr(cuda_driver, "LIBRARY", library)
    cuda_driver.driver.cache_clear()
    yield ctypes.CDLL(library)
    cuda_driver.driver.cache_clear()


def counters(fake: ctypes.CDLL) -> tuple[int, int, int]:
    return fake.fake_allocations(), fake.fake_streams(), fake.fake_retained()
