"""Frames on the GPU to results in one graph launch: `GpuPipeline`; frames that are already there: `DeviceFrame`.

`edgeaffect.Pipeline(device="cuda")` works on these by itself.

The work is done by the native module `edgeaffect._cuda`, which is there when edgeaffect was built with CUDA. `status`
says what there is, without raising.
"""

from __future__ import annotations

import contextlib
import math
from types import ModuleType
from typing import Literal

import numpy as np

from .._version import __version__
from ..errors import DependencyError, DeviceError
from ..face.affect import FaceAffect
from ..face.detector import FaceDetector
from ..image import Frame, array_shape
from ..options import PipelineOptions
from ..runtime import Placement
from .context import GpuPipeline
from .device_frame import DeviceFrame
from .device_stages import GpuAffect, GpuDetector

__all__ = ["DeviceFrame", "GpuPipeline", "available", "load", "pinned_frame", "status"]

_REMEDY = (
    "build edgeaffect where nvcc (CUDA 12.2 or newer) is installed: EDGEAFFECT_CUDA=on pip install . in the source tree"
)


def load() -> ModuleType:
    """The native module, with or without a GPU.

    Raises:
        DependencyError: edgeaffect was built without CUDA.
    """
    try:
        from .. import _cuda
    except ImportError as error:
        raise DependencyError(f"edgeaffect was built without CUDA ({error}): {_REMEDY}") from error
    if _cuda.__version__ != __version__:
        raise DependencyError(f"edgeaffect {__version__} found a CUDA module of version {_cuda.__version__}: {_REMEDY}")
    return _cuda


def load_for(device: int) -> ModuleType:
    """The native module, for work on GPU number `device`.

    Raises:
        DependencyError: edgeaffect was built without CUDA.
        DeviceError: there is no such GPU.
    """
    cuda = load()
    if not 0 <= device < cuda.device_count():
        raise DeviceError(f"there is no cuda:{device} here ({cuda.status()}); use device='cpu'")
    return cuda


def open_stages(options: PipelineOptions, *, affect: bool = True) -> tuple[GpuDetector, GpuAffect | Literal[False]]:
    """What a `Pipeline` with `device="cuda"` consists of; closing the stages frees everything.

    Args:
        options: `device` names the GPU.
        affect: False finds faces only.

    Raises:
        DependencyError: edgeaffect was built without CUDA.
        DeviceError: there is no such GPU, or no runtime that works on it.
    """
    index = Placement(options.device).index
    cuda = load_for(index)
    with contextlib.ExitStack() as stack:
        place = {"device": str(cuda.device_name(index)), "runtime": options.runtime, "threads": options.threads}
        detector = FaceDetector(options=options.detect, **place)  # type: ignore[arg-type]
        stack.callback(detector.close)
        reader = FaceAffect(options=options.affect, **place) if affect else None  # type: ignore[arg-type]
        if reader is not None:
            stack.callback(reader.close)
        mapped = {"auto": None, "copy": False, "mapped": True}[options.gpu.upload]
        gpu = GpuPipeline(detector, reader, mapped=mapped, graphs=options.gpu.graphs, cuda=cuda)
        found, read = gpu.stages()
        stack.pop_all()
    return found, read or False


def pinned_frame(size: tuple[int, int], color: str = "bgr", *, device: int = 0) -> Frame:
    """A black frame in page-locked memory: the GPU fetches it from there, without the copy that others take first.

    For whoever fills frames anyway: `capture.read(frame)` of OpenCV, a camera's buffer, a ring of a few frames. Memory
    that PyTorch, CuPy or Numba have page-locked does as well, as a contiguous NumPy array.

    Args:
        size: width, height in pixels.
        color: as for `Pipeline.process`.
        device: GPU number.

    Returns:
        uint8, of the shape that `color` has; freed with its last reference.

    Raises:
        ValueError: such a frame cannot be.
        DependencyError, DeviceError: there is no CUDA or no such GPU here.
    """
    shape = array_shape(size, color)
    buffer = load_for(device).PinnedBuffer(math.prod(shape), True, device)
    return np.frombuffer(buffer, np.uint8).reshape(shape)


def status() -> str:
    """One line: the CUDA this was built with and the GPUs there are, or why there are none."""
    try:
        return str(load().status())
    except DependencyError as error:
        return str(error)


def available() -> bool:
    """Whether there is a GPU that this build can use."""
    try:
        return bool(load().device_count())
    except DependencyError:
        return False
