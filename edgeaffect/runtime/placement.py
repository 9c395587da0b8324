"""`Placement`: where a model runs, with which runtime, on how many threads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._checks import check_threads, show

RUNTIMES = ("auto", "onnxruntime", "tensorrt", "onnxruntime-tensorrt")
"""`onnxruntime-tensorrt` is TensorRT as a provider inside ONNX Runtime, with its own engine cache."""
GPU_RUNTIMES = ("tensorrt", "onnxruntime-tensorrt")

_DEVICE = re.compile(r"(auto|cpu|cuda)(?::(\d{1,4}))?")


@dataclass(frozen=True)
class Placement:
    """Where a model is to run; `Session.describe` tells where it does run.

    Raises:
        ValueError: a value that is not among those allowed.
    """

    device: str = "auto"
    """`auto` (the CPU for ONNX files), `cpu`, `cuda` (the first GPU) or `cuda:N`."""
    runtime: str = "auto"
    """One of `RUNTIMES`. `auto` is ONNX Runtime on a CPU; on a GPU it is TensorRT if that can be imported."""
    threads: int = 1
    """Intra-op threads on a CPU."""

    def __post_init__(self) -> None:
        match = _DEVICE.fullmatch(self.device) if isinstance(self.device, str) else None
        if not match or (match[2] and match[1] != "cuda"):
            raise ValueError(f"device must be auto, cpu, cuda or cuda:N; got {show(self.device)}")
        if self.runtime not in RUNTIMES:
            raise ValueError(f"runtime must be one of {', '.join(RUNTIMES)}; got {show(self.runtime)}")
        check_threads("threads", self.threads)

    @property
    def kind(self) -> str:
        """`auto`, `cpu` or `cuda`."""
        return self.device.partition(":")[0]

    @property
    def index(self) -> int:
        """Number of the GPU; 0 where none is named."""
        return int(self.device.partition(":")[2] or 0)

    @property
    def is_gpu(self) -> bool:
        """Whether this can only mean a GPU; `auto` is the CPU for the bundled models."""
        return self.kind == "cuda" or self.runtime in GPU_RUNTIMES
