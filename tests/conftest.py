"""Fixtures that several test files share."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest
from cuda_kernels import DEVICES, Kernels, device_module

# Some tests import ONNX Runtime by themselves; the package sets this before it does.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

SOURCES = Path(__file__).resolve().parent.parent / "csrc"

# It runs a script of the source tree.
collect_ignore = [] if SOURCES.is_dir() else ["test_cuda_build.py"]


def pytest_configure() -> None:
    """With EDGEAFFECT_EXPECT_INSTALLED=1 (continuous integration) the package under test is an installed wheel."""
    import edgeaffect

    if os.environ.get("EDGEAFFECT_EXPECT_INSTALLED") == "1" and "site-packages" not in edgeaffect.__file__:
        raise pytest.UsageError(f"the tests would run against {edgeaffect.__file__}, not an installed wheel")


@pytest.fixture(scope="session", params=DEVICES)
def cuda(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The CUDA module: on a GPU, and as host loops of the same source."""
    if request.param == "cpu" and not SOURCES.is_dir():
        pytest.skip("host loops of the kernels need the source tree around tests/")
    cache = getattr(request.config, "cache", None)  # absent under -p no:cacheprovider
    folder = cache.mkdir("cuda_host") if cache is not None else tmp_path_factory.mktemp("cuda_host")
    return device_module(request.param, folder)


@pytest.fixture(scope="session")
def kernels(cuda: ModuleType) -> Kernels:
    return Kernels(cuda)
