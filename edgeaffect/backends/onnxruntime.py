"""ONNX Runtime sessions on CPU, CUDA or its TensorRT provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..errors import DeviceError, Error
from ..models.registry import ModelFile
from .base import TensorInfo

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider"}


def available_providers() -> list[str]:
    """Execution providers this build of ONNX Runtime offers (a GPU may still be missing)."""
    return list(require("onnxruntime").get_available_providers())


def _info(node: Any) -> TensorInfo:
    shape = tuple(n if isinstance(n, int) else None for n in node.shape)
    return TensorInfo(node.name, shape, np.dtype(_DTYPES.get(node.type, np.void)))


class OnnxRuntimeSession:
    """One model in ONNX Runtime.

    Args:
        model: file and spec.
        provider: `cpu`, `cuda` or `tensorrt`; exactly that one, never a silent CPU run.
        device_id: which GPU.
        threads: intra-op threads of the CPU provider; no spinning, so that idle threads leave the cores to others.

    Raises:
        DeviceError: the provider is not in this build, or could not start.
        Error: the file is not a model ONNX Runtime can load.
    """

    def __init__(self, model: ModelFile, *, provider: str = "cpu", device_id: int = 0, threads: int = 1) -> None:
        ort = require("onnxruntime")
        name = PROVIDERS[provider]
        if name not in ort.get_available_providers():
            raise DeviceError(
                f"this ONNX Runtime ({ort.__version__}) has no {name}, only {', '.join(ort.get_available_providers())}: "
                "install onnxruntime-gpu (on a Jetson NVIDIA's wheel for your JetPack), or use device='cpu'"
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: a library does not chat on stderr
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = [name] if provider == "cpu" else [(name, {"device_id": str(device_id)})]
        try:
            self._session = ort.InferenceSession(str(model.path), options, providers=providers)
        except Exception as error:  # onnxruntime's exception classes share no public base
            raise Error(f"ONNX Runtime cannot load {model.path}: {error}") from error
        if self._session.get_providers()[0] != name:
            raise DeviceError(
                f"{name} did not start for {model.path} (running: {self._session.get_providers()}): "
                "check the driver and that CUDA and cuDNN match this onnxruntime-gpu, or use device='cpu'"
            )
        self.spec = model.spec
        self.inputs: Mapping[str, TensorInfo] = {n.name: _info(n) for n in self._session.get_inputs()}
        self.outputs: Mapping[str, TensorInfo] = {n.name: _info(n) for n in self._session.get_outputs()}
        self._description = {
            "model": f"{model.spec.name} {model.spec.version}",
            "file": str(model.path),
            "runtime": f"onnxruntime {ort.__version__}",
            "device": "cpu" if provider == "cpu" else f"cuda:{device_id}",
            "provider": name,
            "threads": threads,
        }

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        names = list(self.outputs) if outputs is None else list(outputs)
        return dict(zip(names, self._session.run(names, dict(feeds)), strict=True))

    def describe(self) -> dict[str, Any]:
        return dict(self._description)

    def close(self) -> None:
        self._session = None
