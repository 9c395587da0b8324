"""Fixtures that several test files share."""

from __future__ import annotations

import one_thread  # noqa: F401

# isort: split
import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from cuda_kernels import DEVICES, Kernels, device_module, wait, without

from edgeaffect import Error, FaceAffect, FaceDetector
from edgeaffect.models.registry import FLOAT_DEFAULTS
from edgeaffect.runtime.onnxruntime import OnnxRuntimeSession

# Some tests import ONNX Runtime by themselves; the package sets this before it does.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

SOURCES = Path(__file__).resolve().parent.parent / "csrc"

# They run scripts of the source tree.
SOURCE_TESTS = [f"cuda/test_cuda_{what}.py" for what in ("build", "build_modes", "sanitize")]
collect_ignore = [] if SOURCES.is_dir() else SOURCE_TESTS


def pytest_configure() -> None:
    """With EDGEAFFECT_EXPECT_INSTALLED=1 (continuous integration) the package under test is an installed wheel."""
    import edgeaffect

    if os.environ.get("EDGEAFFECT_EXPECT_INSTALLED") == "1" and "site-packages" not in edgeaffect.__file__:
        raise pytest.UsageError(f"the tests would run against {edgeaffect.__file__}, not an installed wheel")


@pytest.fixture(scope="session", params=DEVICES)
def cuda(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The CUDA module: on a GPU, and as host loops of the same source, with models on the CPU."""
    if request.param == "cpu" and not SOURCES.is_dir():
        pytest.skip("host loops of the kernels need the source tree around tests/")
    cache = getattr(request.config, "cache", None)  # absent under -p no:cacheprovider
    folder = cache.mkdir("cuda_host") if cache is not None else tmp_path_factory.mktemp("cuda_host")
    module = device_module(request.param, folder)
    run_device = OnnxRuntimeSession.run_device

    def in_order(self: OnnxRuntimeSession, feeds: Any, outputs: Any, stream: int = 0) -> None:
        if stream:
            wait(module, stream)
        run_device(self, feeds, outputs, stream)

    with pytest.MonkeyPatch.context() as patch:
        if request.param == "cpu":
            patch.setattr(OnnxRuntimeSession, "run_device", in_order)
        yield module


@pytest.fixture(scope="session")
def kernels(cuda: ModuleType) -> Kernels:
    return Kernels(cuda)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """BGR picture with one smiling face."""
    return np.ascontiguousarray(pytest.importorskip("skimage.data").astronaut()[:, :, ::-1])


@pytest.fixture(scope="module")
def place(cuda: ModuleType) -> Iterator[str]:
    """`device=` of stages that run where this CUDA module works."""
    device = str(cuda.device_name(0))
    with contextlib.ExitStack() as stack:
        try:
            FaceAffect(device=device).close()
        except Error as error:  # a GPU, and no runtime for models on it
            stack.enter_context(pytorch_sessions(str(error)))
        yield device


def pytorch_sessions(missing: str) -> AbstractContextManager[None]:
    """Meanwhile models on a GPU run in PyTorch; where that cannot be either, `missing` is why there is no test."""
    try:
        import torch

        from benchmarks.cuda import torch_runtime  # of the source tree
    except ImportError:
        without(missing)
    if not torch.cuda.is_available():
        without(missing)
    return torch_runtime.installed()


@pytest.fixture(scope="module")
def stages(place: str) -> tuple[FaceDetector, FaceAffect]:
    """With the affect model that GPUs get: the CPU's own, in integers, answers tiny differences by whole steps."""
    return FaceDetector(device=place), FaceAffect(FLOAT_DEFAULTS["affect"], device=place)
