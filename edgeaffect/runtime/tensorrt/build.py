"""From a request to an engine file: the plan, what it was built from and for, and its self-test."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from ..._version import __version__
from ...models.engine_file import EngineFile, EngineHeader, write_engine
from ...models.file import ModelFile
from .builder import Bounds, BuildOptions, ProgressCallback, build_plan
from .request import BuildRequest
from .selftest import make_self_test


def build_engine(
    model: ModelFile | str | os.PathLike[str],
    target: str | os.PathLike[str],
    options: BuildOptions | None = None,
    *,
    profile: Mapping[str, Bounds] | None = None,
    device_index: int = 0,
    tolerance: float | None = None,
    progress: ProgressCallback | None = None,
) -> EngineFile:
    """Build an engine file beside or away from its ONNX file.

    Args:
        model: an ONNX file that carries a `ModelSpec`.
        target: where the engine file goes.
        options: None is all defaults.
        profile: shapes of inputs with free axes, else from `options`.
        device_index: TensorRT: the GPU to build for. TensorRT for RTX needs none.
        tolerance: of the self-test; None takes the one of the graph's precision.
        progress: see `build_plan`.

    Raises:
        DependencyError, Error, ValueError: see `build_plan`.
        DeviceError: this TensorRT builds for the GPU at hand, and there is none.
    """
    request = BuildRequest.of(model, options, profile=profile, device_index=device_index)
    return build_requested(request, target, tolerance=tolerance, progress=progress)


def build_requested(
    request: BuildRequest,
    target: str | os.PathLike[str],
    *,
    tolerance: float | None = None,
    progress: ProgressCallback | None = None,
) -> EngineFile:
    """Build what was requested; see `build_engine`."""
    model, key = request.model, request.key
    plan = build_plan(
        model.path, request.options, profile=request.profile, precision=request.precision, progress=progress
    )
    opt_shapes = {name: bounds[1] for name, bounds in plan.profile.items()}
    header = EngineHeader(
        spec=model.spec,
        variant=request.variant.name,
        version=request.variant.version,
        target=key["target"],
        precision=plan.precision,
        profile={name: [list(s) for s in bounds] for name, bounds in plan.profile.items()},
        flags=tuple(key["flags"]),
        onnx_sha256=request.onnx_sha256,
        key=key,
        self_test=make_self_test(model, plan.precision, opt_shapes, tolerance=tolerance),
        payload_bytes=len(plan.data),
        payload_sha256=hashlib.sha256(plan.data).hexdigest(),
        edgeaffect=__version__,
    )
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    return write_engine(target, header, plan.data)
