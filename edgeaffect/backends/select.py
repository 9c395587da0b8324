"""Device and runtime strings -> an open session. `auto` may choose and logs it; an explicit wish is met or raises."""

from __future__ import annotations

import logging
import re

from ..errors import DeviceError
from ..models.registry import ModelFile
from .base import Session
from .onnxruntime import PROVIDERS, OnnxRuntimeSession, available_providers

log = logging.getLogger("edgeaffect.backends")

RUNTIMES = ("auto", "onnxruntime", "tensorrt")


def parse_device(device: str) -> tuple[str, int]:
    """`auto | cpu | cuda | cuda:N` -> (kind, index)."""
    match = re.fullmatch(r"(auto|cpu|cuda)(?::(\d+))?", device) if isinstance(device, str) else None
    if not match or (match[2] and match[1] != "cuda"):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:N; got {device!r}")
    return match[1], int(match[2] or 0)


def open_session(model: ModelFile, *, device: str = "auto", runtime: str = "auto", threads: int = 1) -> Session:
    """Open a model where it was asked for.

    Args:
        model: from `models.find`.
        device: `auto` (CPU: these models are too small to gain from a GPU round trip unless the frame lives there),
            `cpu`, `cuda`, `cuda:N`.
        runtime: `auto` (ONNX Runtime), `onnxruntime` or `tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        DeviceError: an explicit wish cannot be met here; the message says what to install or to choose.
    """
    kind, index = parse_device(device)
    if runtime not in RUNTIMES:
        raise ValueError(f"runtime must be one of {', '.join(RUNTIMES)}; got {runtime!r}")
    if runtime == "tensorrt":
        raise DeviceError("runtime='tensorrt' is not part of this build; use runtime='onnxruntime'")
    provider = "cuda" if kind == "cuda" else "cpu"
    session = OnnxRuntimeSession(model, provider=provider, device_id=index, threads=threads)
    if kind == "auto" or runtime == "auto":
        chosen = session.describe()
        log.info("%s runs on %s, %s", chosen["model"], chosen["device"], chosen["runtime"])
    return session


def cuda_available() -> bool:
    """Whether this ONNX Runtime was built with the CUDA provider."""
    return PROVIDERS["cuda"] in available_providers()
