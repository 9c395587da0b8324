"""ONNX Runtime sessions on CPU, CUDA or its TensorRT provider."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from .._paths import onnxruntime_engines_folder
from .._process_bound import ProcessBound
from ..errors import DeviceError, ModelError
from ..models.file import ModelFile
from .cuda_driver import CudaStream, wait_for
from .session import DevicePointer, TensorInfo, check_pointers

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


def _info(node: Any) -> TensorInfo:
    # Sequences and maps, which classic machine learning exports, have no shape: their dtype here is void.
    shape = tuple(n if isinstance(n, int) and n >= 0 else None for n in node.shape or ())
    return TensorInfo(node.name, shape, np.dtype(_DTYPES.get(node.type, np.void)))


def _reason(error: Exception) -> str:
    """What ONNX Runtime says, in one line without its prefixes."""
    text = " ".join(str(error).split())
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : ", "", text)
    return text if len(text) <= 300 else f"{text[:297]}..."


# Since this release the Python package takes a stream to work on (microsoft/onnxruntime, pull request 19229).
_TAKES_STREAM = (1, 18)


def _takes_stream(version: str) -> bool:
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and tuple(map(int, found.groups())) >= _TAKES_STREAM


def _providers(provider: str, device_id: int, stream: int) -> list[Any]:
    """Exactly the one asked for. The TensorRT provider needs CUDA's beside it for what TensorRT cannot take.

    Args:
        provider: `cpu`, `cuda` or `tensorrt`.
        device_id: which GPU.
        stream: handle of the CUDA stream to work on; 0 leaves that to ONNX Runtime.
    """
    if provider == "cpu":
        return [PROVIDERS["cpu"]]
    place = {"device_id": str(device_id)} | ({"user_compute_stream": str(stream)} if stream else {})
    cuda = (PROVIDERS["cuda"], place)
    if provider == "cuda":
        return [cuda]
    folder = onnxruntime_engines_folder()
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        **place,
        "trt_engine_cache_enable": "True",  # ONNX Runtime's own engines: without this every start takes minutes
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "True",
        "trt_timing_cache_path": str(folder),
    }
    return [(PROVIDERS["tensorrt"], options), cuda]


class OnnxRuntimeSession(ProcessBound):
    """One model in ONNX Runtime.

    Args:
        model: file and spec.
        provider: `cpu`, `cuda` or `tensorrt`; exactly that one, never a silent CPU run.
        device_id: which GPU.
        threads: intra-op threads of the CPU provider; no spinning, so that idle threads leave the cores to others.

    Raises:
        DeviceError: the provider is not in this build, or could not start.
        ModelError: the file is not a model ONNX Runtime can load.
    """

    def __init__(self, model: ModelFile, *, provider: str = "cpu", device_id: int = 0, threads: int = 1) -> None:
        ort = require("onnxruntime")
        if provider not in PROVIDERS:
            raise ValueError(f"provider must be one of {', '.join(PROVIDERS)}; got {provider!r}")
        if not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads must be 1 or more; got {threads!r}")
        name = PROVIDERS[provider]
        offered = ort.get_available_providers()
        if name not in offered:
            raise DeviceError(
                f"this ONNX Runtime ({ort.__version__}) has no {name}, only {', '.join(offered)}: "
                "install onnxruntime-gpu (on a Jetson NVIDIA's wheel for your JetPack), or use device='cpu'"
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: a library does not chat on stderr
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A stream that we know can be put in order with others on the device, without the CPU waiting in between.
        self._stream = CudaStream(device_id) if provider != "cpu" and _takes_stream(ort.__version__) else None
        try:
            providers = _providers(provider, device_id, self._stream.handle if self._stream else 0)
            self._session = ort.InferenceSession(str(model.path), options, providers=providers)
        except Exception as error:  # onnxruntime's exception classes share no public base
            self.close()
            raise ModelError(
                f"ONNX Runtime {ort.__version__} cannot load {model.path}: {_reason(error)}; fetch or export the file "
                "again, for operators that this release knows"
            ) from error
        # None where there is nothing to say: release 1.32 spends a tenth of a millisecond on reading empty options.
        self._run_options = None if self._stream is None else ort.RunOptions()
        if self._run_options is not None:
            self._run_options.add_run_config_entry("disable_synchronize_execution_providers", "1")
        if self._session.get_providers()[0] != name:
            self.close()
            raise DeviceError(
                f"{name} did not start for {model.path}: "
                "check the driver and that CUDA and cuDNN match this onnxruntime-gpu, or use device='cpu'"
            )
        self.spec = model.spec
        self.inputs: Mapping[str, TensorInfo] = {n.name: _info(n) for n in self._session.get_inputs()}
        self.outputs: Mapping[str, TensorInfo] = {n.name: _info(n) for n in self._session.get_outputs()}
        self._kind, self._device_id = ("cpu", 0) if provider == "cpu" else ("cuda", device_id)
        self._device = "cpu" if provider == "cpu" else f"cuda:{device_id}"
        self._description = {
            "model": f"{model.spec.name} {model.spec.version}",
            "file": str(model.path),
            "runtime": f"onnxruntime {ort.__version__}",
            "device": self._device,
            "provider": name,
            "threads": threads,
        }

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """See `Session.run`."""
        if self._session is None:
            raise RuntimeError(f"{self._description['model']} is closed: make a new stage")
        names = list(self.outputs) if outputs is None else list(outputs)
        try:
            return dict(zip(names, self._session.run(names, dict(feeds)), strict=True))
        except Exception as error:  # onnxruntime's exception classes share no public base
            raise self._run_error(feeds, error) from error

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        """See `Session.run_device`.

        On the CPU it takes `DevicePointer(device="cpu")`: results land in memory that is already there.

        ONNX Runtime works on a stream of this session's, which is put between what `stream` holds and what comes after;
        before release 1.18 on one of its own: then this waits for `stream` and for the run.
        """
        check_pointers(self.inputs, feeds, self._device, every=True)
        check_pointers(self.outputs, outputs, self._device, every=False)
        binding = self._session.io_binding()
        for name, p in feeds.items():
            binding.bind_input(name, self._kind, self._device_id, p.dtype.type, p.shape, p.address)
        for name, p in outputs.items():
            binding.bind_output(name, self._kind, self._device_id, p.dtype.type, p.shape, p.address)
        if self._stream is not None:
            self._stream.make_current()
            self._stream.follow(stream)
        elif self._kind == "cuda":
            wait_for(stream, self._device_id)
        try:
            self._session.run_with_iobinding(binding, self._run_options)
        except Exception as error:  # onnxruntime's exception classes share no public base
            raise self._run_error(feeds, error) from error
        if self._stream is not None:
            self._stream.lead(stream)

    def _run_error(self, feeds: Mapping[str, Any], error: Exception) -> ModelError:
        file = self._description["file"]
        given = ", ".join(f"{name} {value.dtype} {list(value.shape)}" for name, value in feeds.items())
        return ModelError(
            f"ONNX Runtime could not run {file} on {given}: {_reason(error)}; check the file with: edgeaffect models "
            f"verify {file}"
        )

    def new_context(self) -> OnnxRuntimeSession:
        """Itself: every run brings its own bindings, and intermediate memory is never given back."""
        return self

    def refusal(self, stream: int) -> str:
        """See `Session.refusal`."""
        if self._kind == "cuda" and self._stream is None:
            return f"{self._description['runtime']} makes the CPU wait in every run: install 1.18 or later"
        return ""

    def describe(self) -> dict[str, Any]:
        """See `Session.describe`."""
        return dict(self._description)

    def close(self) -> None:
        """See `Session.close`."""
        if self._stream is not None:
            self._stream.wait()
        self._session = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None
