"""`GpuContext`: what the stages on one GPU share: the native module, a stream, uploads, and programs kept ready."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._process_bound import ProcessBound
from ..errors import DeviceError
from ..image import Image
from . import module
from .cut import cut
from .device_frame import DeviceFrame
from .frame_buffers import FrameBuffers
from .luma import Luma
from .programs import Program

P = TypeVar("P", bound=Program)

# Programs whose buffers and graphs are kept; a camera changes its size seldom, a folder of pictures often.
_PROGRAMS = 16


class GpuContext(ProcessBound):
    """One GPU as a pipeline uses it. Belongs to one thread.

        context = GpuContext()
        detector = DeviceDetector(context, FaceDetector(device=context.place))
        affect = DeviceFaceModel(context, FaceAffect(device=context.place))
        frame = context.upload(Image.of(pixels))
        [faces] = detector.run_many([frame])
        [affects] = affect.run_many([(frame, faces)])

    `Pipeline(device="cuda")` makes one by itself, and follows and smooths faces over time. Everything runs on one
    stream. Per shape of batch the first run of a program launches its work piece by piece, the second records a CUDA
    graph and proves it, later runs launch the graph; `programs` tells which.

    Args:
        device: GPU number.
        mapped: let kernels read frames of the host in page-locked memory instead of copying them to the GPU; None does
            so where CPU and GPU share their memory (a Jetson).
        graphs: False keeps to plain launches, to measure what graphs gain or to look into a fault.
        cuda: the native module; None is edgeaffect's own.

    Raises:
        DeviceError: there is no such GPU.
        DependencyError: edgeaffect was built without CUDA.
    """

    def __init__(
        self, device: int = 0, *, mapped: bool | None = None, graphs: bool = True, cuda: ModuleType | None = None
    ) -> None:
        self.cuda: ModuleType = module.load_for(device) if cuda is None else cuda
        info = self.cuda.device_info(device)
        self.stream: Any = self.cuda.Stream(device)
        """Everything runs on it."""
        self.place = str(self.cuda.device_name(device))
        """The device's name, as models are opened on it: `cuda:N`."""
        self.mapped = bool(info.integrated) if mapped is None else mapped
        self.graphs = graphs
        self._name = f"{info.name} ({self.place})"
        self._buffers = FrameBuffers(self.cuda, self.stream, mapped=self.mapped)
        self._programs: OrderedDict[Hashable, Program] = OrderedDict()

    def upload(self, image: Image) -> DeviceFrame:
        """Put the upload of a frame on the stream; its memory is used again once nobody holds the result.

        The pixels may change as soon as this returns, unless they are page-locked: those must stay as they are until
        the result of the frame is there.
        """
        return self._buffers.upload(image)

    def locate(self, array: Any, format: str = "bgr", *, still: bool = False, roll: int = 0) -> DeviceFrame:
        """A frame that is on the GPU already, as the stages take it; what still writes it is waited for on the stream.

        Args:
            array: a `DeviceFrame`, or an array with `__dlpack__` or `__cuda_array_interface__`. It must stay as it is
                until the result of the frame is there.
            format: of the pixels; a `DeviceFrame` has its own.
            still: whether it is a picture by itself.
            roll: of its camera, degrees clockwise.

        Raises:
            TypeError, ValueError: the array is not what `format` says.
            DeviceError: it is on another GPU.
        """
        handle = int(self.stream.handle)
        frame = array if isinstance(array, DeviceFrame) else DeviceFrame.of(array, format, stream=handle)
        device = self.cuda.device_of(frame.address) if frame.device is None else frame.device
        if device not in (-1, self.stream.device):  # -1: pinned memory of the host, which every GPU may read
            raise DeviceError(f"the frame is on cuda:{device}, but the models run on {self.place}: copy it there")
        if frame.wait_for is not None:
            self.stream.wait_for(frame.wait_for)
        return dataclasses.replace(frame, wait_for=None, still=still, roll=roll)

    def luma(self) -> Luma:
        """A reader of the brightness of frames on the GPU, for one camera."""
        return Luma(self.cuda, self.stream)

    def cut(self, frame: DeviceFrame, matrices: NDArray[np.floating[Any]], side: int) -> NDArray[np.uint8]:
        """Small pictures of parts of a frame, copied to the host.

        Args:
            frame: as `upload` and `locate` return it.
            matrices: [n, 2, 3], from crop to frame pixels.
            side: width and height of a crop.

        Returns:
            BGR [n, side, side, 3]; the border of the frame is repeated beyond it.
        """
        return cut(self.cuda, self.stream, frame, matrices, (side, side), "bgr")

    def program(self, key: Hashable, make: Callable[[], P]) -> P:
        """The program kept under a key, made where there is none."""
        if key in self._programs:
            self._programs.move_to_end(key)
        else:
            while len(self._programs) >= _PROGRAMS:
                self._programs.popitem(last=False)[1].close()
            self._programs[key] = make()
        return self._programs[key]  # type: ignore[return-value]

    def check_model(self, what: str, device: str) -> None:
        """Refuse a model that runs elsewhere.

        Raises:
            DeviceError: `device` is not this one.
        """
        if device != self.place:
            raise DeviceError(f"the {what} runs on {device}: open it with device={self.place!r} to use it here")

    def programs(self) -> list[dict[str, Any]]:
        """What is kept ready, and how it runs: plain launches or one CUDA graph, and why."""
        return [program.describe() for program in self._programs.values()]

    def describe(self) -> dict[str, Any]:
        """Where preprocessing runs, in words."""
        return {"preprocessing": self._name, "mapped_upload": self.mapped}

    def close(self) -> None:
        """Free buffers and graphs; models stay open. Again is allowed."""
        self.stream.synchronize()
        while self._programs:
            self._programs.popitem()[1].close()
        self._buffers.close()


def power_of_two(count: int) -> int:
    """The smallest that is not below `count`."""
    return 1 << (count - 1).bit_length()
