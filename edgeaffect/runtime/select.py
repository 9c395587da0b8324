"""A model and a `Placement` -> an open session. `auto` may choose and logs it; an explicit wish is met or raises."""

from __future__ import annotations

import logging

from ..errors import DependencyError, DeviceError
from ..models.engine_file import SUFFIX
from ..models.file import ModelFile
from ..models.precision import refuse_cpu_integers
from .onnxruntime import OnnxRuntimeSession
from .placement import GPU_RUNTIMES, Placement
from .session import Session
from .tensorrt.session import TensorRTSession
from .tensorrt.variants import find_variant
from .validate import check_session

log = logging.getLogger("edgeaffect.runtime")


def open_session(model: ModelFile, placement: Placement | None = None) -> Session:
    """Open a model where it was asked for.

    Args:
        model: from `models.find`; an ONNX file or an engine file.
        placement: None is all defaults: ONNX Runtime on one thread of the CPU, since these models are too small to
            gain from a GPU round trip unless the frame lives there. With `runtime="tensorrt"` engines come from the
            cache, and are built at first use, which takes seconds to minutes.

    Raises:
        DeviceError: an explicit wish cannot be met here; the message says what to install or to choose.
        DependencyError: the runtime asked for is not installed.
        SpecError: the file has not what its spec says, or not what its task needs.
        ModelError: the file cannot be loaded or run.
    """
    placement = placement or Placement()
    chosen = _choose(model, placement)
    if chosen == "tensorrt":
        session: Session = TensorRTSession(model, device_id=placement.index)
    else:
        if chosen == "onnxruntime-tensorrt":
            refuse_cpu_integers(model.path)  # its TensorRT would leave such layers to others without a word
        on_gpu = "cuda" if placement.kind == "cuda" else "cpu"
        provider = "tensorrt" if chosen == "onnxruntime-tensorrt" else on_gpu
        session = OnnxRuntimeSession(model, provider=provider, device_id=placement.index, threads=placement.threads)
    try:
        # Engines ran their self-test; ONNX Runtime's TensorRT would spend minutes on an engine for the blank input.
        check_session(session, run=chosen == "onnxruntime")
    except BaseException:
        session.close()
        raise
    if "auto" in (placement.device, placement.runtime):
        what = session.describe()
        log.info("%s runs on %s, %s", what["model"], what["device"], what["runtime"])
    return session


def _choose(model: ModelFile, placement: Placement) -> str:
    """The runtime to use; raises where the wishes contradict each other."""
    kind, runtime = placement.kind, placement.runtime
    is_engine = model.path.suffix == SUFFIX
    if is_engine and runtime in ("onnxruntime", "onnxruntime-tensorrt"):
        raise ValueError(f"{model.path.name} is a TensorRT engine: use runtime='tensorrt', or give the ONNX file")
    if kind == "cpu" and (is_engine or runtime in GPU_RUNTIMES):
        what = model.path.name if is_engine else f"runtime={runtime!r}"
        raise DeviceError(f"{what} needs a GPU, but device='cpu' was asked for: use device='cuda' or an ONNX file")
    if runtime != "auto":
        return runtime
    if is_engine:
        return "tensorrt"
    return "tensorrt" if kind == "cuda" and tensorrt_available() else "onnxruntime"


def tensorrt_available() -> bool:
    """Whether a TensorRT can be imported (a GPU may still be missing)."""
    try:
        find_variant()
    except DependencyError:
        return False
    return True
