"""Frames in page-locked host memory, which a GPU fetches without a copy on the CPU first."""

from __future__ import annotations

import math

import numpy as np

from ..image import Frame, array_shape
from . import module


def pinned_frame(size: tuple[int, int], color: str = "bgr", *, device: int = 0) -> Frame:
    """A black frame in page-locked memory: the GPU fetches it from there, without the copy that others take first.

    For whoever fills frames anyway: `capture.read(frame)` of OpenCV, a camera's buffer, a ring of a few frames. Memory
    that PyTorch, CuPy or Numba have page-locked does as well, as a contiguous NumPy array.

    Args:
        size: width, height in pixels.
        color: pixel format, as for `Pipeline.process`.
        device: GPU number.

    Returns:
        uint8, of the shape that `color` has; freed with its last reference.

    Raises:
        ValueError: such a frame cannot be.
        DependencyError, DeviceError: there is no CUDA or no such GPU here.
    """
    shape = array_shape(size, color)
    buffer = module.load_for(device).PinnedBuffer(math.prod(shape), True, device)
    return np.frombuffer(buffer, np.uint8).reshape(shape)
