"""From a model to an engine file: the plan, what it was built from and for, and its self-test."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..._files import file_sha256
from ..._version import __version__
from ...models.engine_file import EngineFile, EngineHeader, write_engine
from ...models.file import ModelFile
from ...models.precision import graph_precision
from ...models.spec import ModelSpec
from ..cuda_driver import Gpu, driver
from ..onnxruntime import OnnxRuntimeSession
from .builder import BuildOptions, Profile, ProgressCallback, Shape, build_flags, build_plan
from .selftest import make_self_test
from .variants import Variant, find_variant

# TensorRT for RTX runs on these without an engine of their own (its support matrix: Ampere and later, but neither
# the Jetson Orin's 8.7 nor the data-centre 9.0)
_PORTABLE = {"SM80", "SM86", "SM89", "SM120", "SM121"}


def build_engine(
    model: ModelFile | str | os.PathLike[str],
    target: str | os.PathLike[str],
    options: BuildOptions | None = None,
    *,
    profile: Mapping[str, tuple[Shape, Shape, Shape]] | None = None,
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
    options = options or BuildOptions()
    if not isinstance(model, ModelFile):
        model = ModelFile(Path(model), ModelSpec.from_onnx(model))
    variant = find_variant(options.variant)
    key = engine_key(model.path, options, variant, target_of(variant, options, device_index), profile)
    plan = build_plan(model.path, options, profile=profile, progress=progress)
    shape = _self_test_shape(model, plan.profile)
    header = EngineHeader(
        spec=model.spec,
        variant=variant.name,
        version=variant.version,
        target=key["target"],
        precision=plan.precision,
        profile={name: [list(s) for s in bounds] for name, bounds in plan.profile.items()},
        flags=tuple(key["flags"]),
        onnx_sha256=key["onnx_sha256"],
        key=key,
        self_test=make_self_test(model, plan.precision, shape, tolerance=tolerance),
        payload_bytes=len(plan.data),
        payload_sha256=hashlib.sha256(plan.data).hexdigest(),
        edgeaffect=__version__,
    )
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    return write_engine(target, header, plan.data)


def target_of(variant: Variant, options: BuildOptions, device_index: int = 0) -> dict[str, Any]:
    """What an engine built now would run on.

    Raises:
        DeviceError: the variant builds for the GPU at hand, and there is none.
    """
    if variant.builds_without_gpu:
        chosen: Any = sorted(set(options.compute_capabilities)) or "portable"
        return {"compute_capabilities": chosen}
    gpu = driver().gpu(device_index)
    return {"gpu": gpu.name, "sm": gpu.sm, "cuda": gpu.cuda_version, "driver": gpu.driver}


def engine_key(
    onnx_path: str | os.PathLike[str],
    options: BuildOptions,
    variant: Variant,
    target: Mapping[str, Any],
    profile: Mapping[str, tuple[Shape, Shape, Shape]] | None = None,
) -> dict[str, Any]:
    """Everything an engine depends on; any difference means another engine."""
    shapes: dict[str, Any] = {
        "batch": [1, options.opt_batch, options.max_batch],
        "frames": options.max_frames,
        "side": [*options.opt_size, options.max_side],
    }
    if profile:
        shapes["given"] = {name: [list(s) for s in bounds] for name, bounds in sorted(profile.items())}
    return {
        "onnx_sha256": onnx_digest(Path(onnx_path)),
        "variant": variant.name,
        "version": variant.version,
        "precision": graph_precision(onnx_path),
        "profile": shapes,
        "flags": build_flags(options, variant),
        "target": dict(target),
    }


def onnx_digest(path: Path) -> str:
    """sha256 of an ONNX file, and of the weights beside it where the exporter put them there (`x.onnx.data`)."""
    beside = path.with_name(path.name + ".data")
    if not beside.exists():
        return file_sha256(path)
    return hashlib.sha256((file_sha256(path) + file_sha256(beside)).encode()).hexdigest()


def mismatch(header: EngineHeader, variant: Variant, gpu: Gpu) -> str | None:
    """Why this engine cannot run under this TensorRT on this GPU, or None."""
    if (header.variant, header.version) != (variant.name, variant.version):
        return f"built by {header.variant} {header.version}, here is {variant.name} {variant.version}"
    capabilities = header.target.get("compute_capabilities")
    if capabilities == "portable":
        if gpu.sm not in _PORTABLE:
            return f"portable engines run on {', '.join(sorted(_PORTABLE))}; {gpu.name} is {gpu.sm}"
    elif capabilities is not None:
        if gpu.sm not in capabilities:
            return f"built for {', '.join(capabilities)}; {gpu.name} is {gpu.sm}"
    elif (header.target.get("gpu"), header.target.get("sm")) != (gpu.name, gpu.sm):
        return f"built on {header.target.get('gpu')} ({header.target.get('sm')}), here is {gpu.name} ({gpu.sm})"
    return None


def _self_test_shape(model: ModelFile, profile: Profile) -> Shape:
    """The usual shape, or for a fixed input its own."""
    spec = model.spec.image
    if spec.name in profile:
        return profile[spec.name][1]
    session = OnnxRuntimeSession(model)
    try:
        return tuple(n or 1 for n in session.inputs[spec.name].shape)
    finally:
        session.close()
