"""Models in PyTorch behind the `Session` protocol, on the CPU or on a stream of ours: for GPUs without TensorRT.

The nets are arithmetic with known answers, not trained: what is tested is the path to and from them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgeaffect.backends.base import DevicePointer, TensorInfo, check_pointers
from edgeaffect.models.spec import ModelSpec


class RedSquares(nn.Module):
    """A detector's maps in which a cell's score is how red its surroundings are; boxes and points are fixed."""

    def __init__(self, strides: tuple[int, ...]) -> None:
        super().__init__()
        self.strides = strides
        # A buffer: a copy from the host inside `forward` could not be recorded in a graph.
        self.register_buffer("rest", torch.tensor([2.0] * 4 + [-0.6, -0.5, 0.6, -0.5, 0, 0, -0.5, 0.7, 0.5, 0.7]))

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        image = (image - image.amin()) / (image.amax() - image.amin() + 1e-6)
        red = image[:, :1] - image[:, 1:2].maximum(image[:, 2:3])
        red = red.maximum(image[:, 2:3] - image[:, 1:2].maximum(image[:, :1]))  # whichever end red is at
        maps = []
        for stride in self.strides:
            share = nn.functional.avg_pool2d(red, stride)
            n, _, h, w = share.shape
            # A slope over the frame: no two cells score the same, so that rounding cannot change their order.
            slope = torch.linspace(0, 1, h * w, device=image.device).reshape(1, 1, h, w)
            logit = 12 * share - 6 + slope
            maps.append(torch.cat([logit, self.rest.reshape(1, -1, 1, 1).expand(n, -1, h, w)], 1))
        return maps


class Shades(nn.Module):
    """Affect outputs that depend smoothly on where a crop is bright."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.shapes = dict(shapes)

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        outputs = []
        for name, shape in self.shapes.items():
            count = int(np.prod(shape))
            cells = nn.functional.adaptive_avg_pool2d(image.mean(1, keepdim=True), (1, count)).flatten(1)
            if name in ("probabilities", "votes"):
                cells = cells.softmax(1)
            outputs.append(cells.reshape(-1, *shape))
        return outputs


class TorchSession:
    """`net` as a session.

    Args:
        spec: of the model it stands for.
        net: input tensor -> outputs in the order of `outputs`.
        outputs: name -> shape of one row; None where it is free.
        device: cpu or cuda:N.
    """

    supports_device_pointers = True
    before: Callable[[int], None] = staticmethod(lambda stream: None)
    """Called with the stream before each run on memory: a net on the CPU must wait there."""

    def __init__(
        self, spec: ModelSpec, net: nn.Module, outputs: Mapping[str, tuple[int | None, ...]], device: str
    ) -> None:
        self.spec, self._net, self._device = spec, net.to(device).eval(), device
        (w, h), c = spec.input.size, spec.input.channels
        shape = (None, c, h or None, w or None)
        self.inputs = {spec.input.name: TensorInfo(spec.input.name, shape, np.dtype(np.float32))}
        self.outputs = {name: TensorInfo(name, (None, *row), np.dtype(np.float32)) for name, row in outputs.items()}

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Any = None) -> dict[str, NDArray[Any]]:
        (value,) = feeds.values()
        with torch.no_grad():
            results = self._net(torch.from_numpy(value).to(self._device))
        return {name: result.cpu().numpy() for name, result in zip(self.outputs, results, strict=True)}

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        check_pointers(self.inputs, feeds, self._device, every=True)
        check_pointers(self.outputs, outputs, self._device, every=False)
        self.before(stream)
        (source,) = feeds.values()
        ours = torch.cuda.ExternalStream(stream) if self._device != "cpu" else None
        with torch.no_grad(), torch.cuda.stream(ours):
            results = dict(zip(self.outputs, self._net(_tensor(source)), strict=True))
            for name, pointer in outputs.items():
                _tensor(pointer).copy_(results[name])

    def fork(self) -> TorchSession:
        return self

    def describe(self) -> dict[str, Any]:
        return {"model": self.spec.name, "runtime": f"torch {torch.__version__}", "device": self._device}

    def close(self) -> None:
        pass


def _tensor(pointer: DevicePointer) -> torch.Tensor:
    """The memory as a tensor, without a copy."""
    if pointer.device == "cpu":
        memory = (ctypes.c_uint8 * pointer.nbytes).from_address(pointer.address)
        return torch.from_numpy(np.frombuffer(memory, pointer.dtype).reshape(pointer.shape))
    interface = {"data": (pointer.address, False), "shape": pointer.shape, "typestr": pointer.dtype.str, "version": 3}
    return torch.as_tensor(SimpleNamespace(__cuda_array_interface__=interface), device=pointer.device)
