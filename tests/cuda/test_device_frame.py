"""`DeviceFrame`: what arrays on a GPU say about themselves."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgeaffect import DeviceError
from edgeaffect.cuda import DeviceFrame
from edgeaffect.cuda import device_frame as frame_module


def interface(**changes: Any) -> Any:
    facts = {"data": (4096, False), "shape": (4, 6, 3), "typestr": "|u1", "version": 3, **changes}
    return SimpleNamespace(__cuda_array_interface__=facts)


def test_what_a_cuda_array_must_be() -> None:
    frame = DeviceFrame.of(interface(strides=(32, 3, 1), stream=7), "bgr", stream=99)
    assert (frame.address, frame.width, frame.height, frame.stride, frame.wait_for) == (4096, 6, 4, 32, 7)
    assert DeviceFrame.of(interface(version=2), stream=99).wait_for == frame_module.LEGACY_STREAM
    assert DeviceFrame.of(interface(stream=None), stream=99).wait_for is None
    with pytest.raises(TypeError, match=r"uint8 values 0\.\.255, got float32; convert it"):
        DeviceFrame.of(interface(typestr="<f4"), stream=99)
    with pytest.raises(ValueError, match="pixels of a row must be adjacent"):
        DeviceFrame.of(interface(strides=(36, 6, 1)), stream=99)
    with pytest.raises(ValueError, match="a gray frame has shape"):
        DeviceFrame.of(interface(), "gray", stream=99)
    with pytest.raises(ValueError, match="stream 0"):
        DeviceFrame.of(interface(stream=0), stream=99)
    with pytest.raises(TypeError, match="mask"):
        DeviceFrame.of(interface(mask=object()), stream=99)
    with pytest.raises(TypeError, match="got list"):
        DeviceFrame.of([1, 2], stream=99)


def test_dlpack() -> None:
    array = np.arange(5 * 8 * 3, dtype=np.uint8).reshape(5, 8, 3)[1:, 2:6]
    frame = DeviceFrame.from_capsule(array.__dlpack__(), "bgr")
    assert (frame.width, frame.height, frame.stride, frame.device) == (4, 4, 24, 0)
    assert ctypes.c_uint8.from_address(frame.address + frame.stride).value == array[1, 0, 0]
    with pytest.raises(TypeError, match=r"uint8 values 0\.\.255, got DLPack type 2, 32 bits"):
        DeviceFrame.from_capsule(np.zeros((4, 4, 3), np.float32).__dlpack__(), "bgr")
    with pytest.raises(DeviceError, match="not in GPU memory"):
        DeviceFrame.of(array, stream=99)

    asked = []

    class Torchlike:
        def __dlpack_device__(self) -> tuple[int, int]:
            return 2, 0

        def __dlpack__(self, *, stream: int) -> Any:
            asked.append(stream)
            return array.__dlpack__()

    assert DeviceFrame.of(Torchlike(), stream=99).address == frame.address
    assert asked == [99]  # the array was told who will read it
