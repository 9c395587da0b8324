"""The bundled ONNX graphs run by PyTorch on a stream of ours: test and benchmark only, never part of the product.

Where neither TensorRT nor ONNX Runtime's CUDA provider can run, the CUDA path would otherwise be proven and timed by
nobody. PyTorch puts the same graphs on our stream, kernel by kernel, so that everything around the models is what it is
with TensorRT; the models' own times are not TensorRT's.

What makes a recording of it sound: PyTorch's caching allocator keeps the freed blocks of a stream for that stream. So
the addresses of intermediates that a CUDA graph holds are written only by work of the same stream, which is in order,
and a graph reads none that it has not written before. Nobody may call `torch.cuda.empty_cache` meanwhile.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import edgeaffect.face.detector
import edgeaffect.face.face_model
from benchmarks.cuda.onnx_net import OnnxNet
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import ModelSpec
from edgeaffect.runtime import Placement, Session, open_session
from edgeaffect.runtime.session import DevicePointer, TensorInfo, check_pointers


class TorchSession:
    """`net` as a session.

    Args:
        spec: of the model it stands for.
        net: input tensor -> outputs in the order of `outputs`.
        inputs: the one input.
        outputs: what a run gives.
        device: cpu or cuda:N.
    """

    before: Callable[[int], None] = staticmethod(lambda stream: None)
    """Called with the stream before each run on memory: a net on the CPU must wait there."""

    def __init__(
        self,
        spec: ModelSpec,
        net: nn.Module,
        inputs: Mapping[str, TensorInfo],
        outputs: Mapping[str, TensorInfo],
        device: str,
    ) -> None:
        self.spec = spec
        self.inputs: Mapping[str, TensorInfo] = dict(inputs)
        self.outputs: Mapping[str, TensorInfo] = dict(outputs)
        self._net, self._device = net.to(device).eval(), device
        self._views: dict[DevicePointer, torch.Tensor] = {}
        self._description = {
            "model": f"{spec.name} {spec.version}", "runtime": f"torch {torch.__version__} (test only)",
            "device": device, "provider": "PyTorch",
        }  # fmt: skip

    @classmethod
    def of(cls, model: ModelFile, device: str) -> TorchSession:
        """The graph in a model's file. Turns TF32 off for the whole process: results are to be those of float32."""
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        net = OnnxNet(model.path)
        session = cls(model.spec, net, net.inputs, net.outputs, device)
        session._description["file"] = str(model.path)
        return session

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        (value,) = feeds.values()
        with torch.no_grad():
            results = self._net(torch.from_numpy(value).to(self._device))
        found = dict(zip(self.outputs, results, strict=True))
        return {name: found[name].cpu().numpy() for name in (self.outputs if outputs is None else outputs)}

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        check_pointers(self.inputs, feeds, self._device, every=True)
        check_pointers(self.outputs, outputs, self._device, every=False)
        self.before(stream)
        (source,) = feeds.values()
        with torch.no_grad(), torch.cuda.stream(_stream(stream, self._device)):
            results = dict(zip(self.outputs, self._net(self._view(source)), strict=True))
            for name, pointer in outputs.items():
                self._view(pointer).copy_(results[name])

    def new_context(self) -> TorchSession:
        """Itself: nothing is bound between runs."""
        return self

    def refusal(self, stream: int) -> str:
        """Nothing is known against recording: PyTorch works on the stream it is given."""
        return ""

    def describe(self) -> dict[str, Any]:
        return dict(self._description)

    def close(self) -> None:
        self._views.clear()

    def _view(self, pointer: DevicePointer) -> torch.Tensor:
        """Kept, since making one asks the driver about the address, which is no business of a recording."""
        if pointer not in self._views:
            self._views[pointer] = _tensor(pointer)
        return self._views[pointer]


def _stream(handle: int, device: str) -> torch.cuda.Stream | None:
    """A stream of somebody else's; None, which changes nothing, for the CPU."""
    if device == "cpu":
        return None
    return torch.cuda.ExternalStream(handle, device=device) if handle else torch.cuda.default_stream(device)


def _tensor(pointer: DevicePointer) -> torch.Tensor:
    """The memory as a tensor, without a copy."""
    if pointer.device == "cpu":
        memory = (ctypes.c_uint8 * pointer.nbytes).from_address(pointer.address)
        return torch.from_numpy(np.frombuffer(memoryview(memory), pointer.dtype).reshape(pointer.shape))
    interface = {"data": (pointer.address, False), "shape": pointer.shape, "typestr": pointer.dtype.str, "version": 3}
    return torch.as_tensor(SimpleNamespace(__cuda_array_interface__=interface), device=pointer.device)


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Stages opened meanwhile on a GPU, with no wish for a runtime, run their graphs in PyTorch.

    This replaces `open_session` where the stages look for it, the one seam where a runtime is chosen: the product must
    not know this runtime, and all else must be the product. Stages on the CPU are opened as always.
    """

    def open_here(model: ModelFile, placement: Placement | None = None) -> Session:
        placement = placement or Placement()
        if placement.kind == "cuda" and placement.runtime == "auto":
            return TorchSession.of(model, f"cuda:{placement.index}")
        return open_session(model, placement)

    modules: tuple[Any, ...] = (edgeaffect.face.detector, edgeaffect.face.face_model)
    before = [module.open_session for module in modules]
    for module in modules:
        module.open_session = open_here
    try:
        yield
    finally:
        for module, function in zip(modules, before, strict=True):
            module.open_session = function
