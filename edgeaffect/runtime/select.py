"""Device and runtime strings -> an open session. `auto` may choose and logs it; an explicit wish is met or raises."""

from __future__ import annotations

import logging
import re

from ..errors import DependencyError, DeviceError, SpecError
from ..models.engine_file import SUFFIX
from ..models.file import ModelFile
from .onnxruntime import OnnxRuntimeSession
from .session import Session
from .tensorrt.builder import refuse_cpu_integers
from .validate import mismatch

log = logging.getLogger("edgeaffect.runtime")

RUNTIMES = ("auto", "onnxruntime", "tensorrt", "onnxruntime-tensorrt")
"""`onnxruntime-tensorrt` is TensorRT as a provider inside ONNX Runtime, with its own engine cache."""
_GPU_RUNTIMES = ("tensorrt", "onnxruntime-tensorrt")


def parse_device(device: str) -> tuple[str, int]:
    """`auto | cpu | cuda | cuda:N` -> (kind, index)."""
    match = re.fullmatch(r"(auto|cpu|cuda)(?::(\d+))?", device) if isinstance(device, str) else None
    if not match or (match[2] and match[1] != "cuda"):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:N; got {device!r}")
    return match[1], int(match[2] or 0)


def is_gpu(device: str, runtime: str) -> bool:
    """Whether these wishes can only mean a GPU; `auto` is the CPU for the bundled models."""
    return parse_device(device)[0] == "cuda" or runtime in _GPU_RUNTIMES


def open_session(model: ModelFile, *, device: str = "auto", runtime: str = "auto", threads: int = 1) -> Session:
    """Open a model where it was asked for.

    Args:
        model: from `models.find`; an ONNX file or an engine file.
        device: `auto` (CPU for ONNX: these models are too small to gain from a GPU round trip unless the frame lives
            there), `cpu`, `cuda`, `cuda:N`.
        runtime: `auto` (for a GPU that is asked for TensorRT, if it can be imported, since it is faster and can be
            recorded in a CUDA graph; else ONNX Runtime), `onnxruntime`, `tensorrt` (engines from the cache, built at
            first use, which takes seconds to minutes), or `onnxruntime-tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        DeviceError: an explicit wish cannot be met here; the message says what to install or to choose.
        DependencyError: the runtime asked for is not installed.
        SpecError: the file has not what its spec says.
    """
    kind, index = parse_device(device)
    if runtime not in RUNTIMES:
        raise ValueError(f"runtime must be one of {', '.join(RUNTIMES)}; got {runtime!r}")
    chosen = _choose(model, kind, runtime)
    if chosen == "tensorrt":
        from .tensorrt.session import TensorRTSession

        session: Session = TensorRTSession(model, device_id=index)
    else:
        if chosen == "onnxruntime-tensorrt":
            refuse_cpu_integers(model.path)  # its TensorRT would leave such layers to others without a word
        provider = "tensorrt" if chosen == "onnxruntime-tensorrt" else "cuda" if kind == "cuda" else "cpu"
        session = OnnxRuntimeSession(model, provider=provider, device_id=index, threads=threads)
    if complaint := mismatch(session.spec, session.inputs, session.outputs):
        session.close()
        raise SpecError(f"{model.path}: {complaint}")
    if kind == "auto" or runtime == "auto":
        what = session.describe()
        log.info("%s runs on %s, %s", what["model"], what["device"], what["runtime"])
    return session


def _choose(model: ModelFile, kind: str, runtime: str) -> str:
    """The runtime to use; raises where the wishes contradict each other."""
    is_engine = model.path.suffix == SUFFIX
    if is_engine and runtime in ("onnxruntime", "onnxruntime-tensorrt"):
        raise ValueError(f"{model.path.name} is a TensorRT engine: use runtime='tensorrt', or give the ONNX file")
    if kind == "cpu" and (is_engine or runtime in _GPU_RUNTIMES):
        what = model.path.name if is_engine else f"runtime={runtime!r}"
        raise DeviceError(f"{what} needs a GPU, but device='cpu' was asked for: use device='cuda' or an ONNX file")
    if runtime != "auto":
        return runtime
    if is_engine:
        return "tensorrt"
    return "tensorrt" if kind == "cuda" and tensorrt_available() else "onnxruntime"


def tensorrt_available() -> bool:
    """Whether a TensorRT can be imported (a GPU may still be missing)."""
    from .tensorrt.variants import find_variant

    try:
        find_variant()
    except DependencyError:
        return False
    return True
