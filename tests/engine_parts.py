"""Engines of a tiny model for tests: TensorRT for RTX builds them where it is installed, a stand-in everywhere.

The stand-in's plan is the ONNX file itself. What is around the plan (file, header, key, cache, self-test) is the
product's own in both cases.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgeaffect.models import ModelSpec
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import read_precision
from edgeaffect.runtime.tensorrt import BuildOptions, build_engine, find_variant
from edgeaffect.runtime.tensorrt import build as build_module
from edgeaffect.runtime.tensorrt import request as request_module
from edgeaffect.runtime.tensorrt.builder import SerializedEngine
from edgeaffect.runtime.tensorrt.variants import Variant

STAND_IN = "stand-in"
_API = SimpleNamespace(ComputeCapability=object, BuilderFlag=SimpleNamespace())
_MISSING = importlib.util.find_spec("tensorrt_rtx_bindings") is None
BUILDERS = [
    STAND_IN,
    pytest.param("tensorrt_rtx", marks=pytest.mark.skipif(_MISSING, reason="TensorRT for RTX is not installed")),
]


def stand_in_plan(path: str | os.PathLike[str], options: BuildOptions | None = None, **_: Any) -> SerializedEngine:
    """What `build_plan` gives, without building anything."""
    options, image = options or BuildOptions(), ModelSpec.from_onnx(path).image
    batches = (1, min(options.opt_batch, options.max_batch), options.max_batch)
    least, best, most = (image.shape(count) for count in batches)
    data = b"vtrt" + Path(path).read_bytes()
    profile = {image.name: (least, best, most)}
    return SerializedEngine(data, variant_of(STAND_IN), read_precision(Path(path)).name, profile, (), 0.0)


def variant_of(builder: str) -> Variant:
    """The TensorRT that a builder stands for."""
    if builder == STAND_IN:
        return Variant("tensorrt_rtx", "1.9.0", _API)  # type: ignore[arg-type]
    return find_variant("tensorrt_rtx")


@contextlib.contextmanager
def installed(builder: str) -> Iterator[None]:
    """Meanwhile engines are built by that builder."""
    with pytest.MonkeyPatch.context() as patch:
        if builder == STAND_IN:
            patch.setattr(build_module, "build_plan", stand_in_plan)
            patch.setattr(request_module, "find_variant", lambda _: variant_of(STAND_IN))
        yield


@pytest.fixture(scope="module", params=BUILDERS)
def builder(request: pytest.FixtureRequest) -> Iterator[str]:
    with installed(request.param):
        yield request.param


@pytest.fixture(scope="module")
def engine_bytes(builder: str, model: ModelFile, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("engine") / "tiny.engine"
    build_engine(model, path)
    return path.read_bytes()


@pytest.fixture
def engine_path(engine_bytes: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.engine"
    path.write_bytes(engine_bytes)
    return path
