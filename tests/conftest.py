"""Fixtures that several test files share."""

from __future__ import annotations

from types import ModuleType

import pytest
from cuda_kernels import DEVICES, Kernels, device_module


@pytest.fixture(scope="session", params=DEVICES)
def cuda(request: pytest.FixtureRequest) -> ModuleType:
    """The CUDA module: on a GPU, and as host loops of the same source."""
    cache = request.config.cache
    assert cache is not None
    return device_module(request.param, cache.mkdir("cuda_host"))


@pytest.fixture(scope="session")
def kernels(cuda: ModuleType) -> Kernels:
    return Kernels(cuda)
