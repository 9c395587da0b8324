"""`DeviceFrame`: a camera frame that lies in GPU memory, whoever owns it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import DeviceError
from ..image import check_shape

# DLPack: dlpack.h, DLDeviceType and DLDataTypeCode.
_DLPACK_CUDA = (2, 13)  # kDLCUDA, kDLCUDAManaged
_DLPACK_UINT = 1
# CUDA Array Interface, version 3: handles that stand for the default streams.
LEGACY_STREAM = 1


class _DLTensor(ctypes.Structure):
    """DLTensor of dlpack.h; a DLManagedTensor begins with one."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("states", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


@dataclass(frozen=True)
class DeviceFrame:
    """Where a frame lies. Made by `DeviceFrame.of`; or by hand, for memory that no Python object owns.

    The memory is read, never written, and must stay as it is until the result is there.
    """

    address: int
    """The first pixel (nv12: of the luma plane)."""
    width: int
    height: int
    stride: int
    """Bytes from row to row; may be negative."""
    format: str
    """Pixel format, as `color` of `Pipeline.process`."""
    uv_address: int = 0
    """nv12: the first byte of the chroma plane."""
    uv_stride: int = 0
    device: int | None = None
    """GPU number, where known."""
    wait_for: int | None = None
    """Handle of the stream that still writes the frame; None where it is written already."""
    still: bool = False
    """See `Image.still`."""
    roll: int = 0
    """See `Image.roll`."""
    owner: Any = field(default=None, repr=False, compare=False)
    """Kept alive with the frame."""

    @property
    def size(self) -> tuple[int, int]:
        """Width, height in pixels."""
        return self.width, self.height

    @classmethod
    def of(cls, array: Any, format: str = "bgr", *, stream: int) -> DeviceFrame:
        """Look at an array on the GPU without copying it: CuPy, PyTorch, Numba, PyCUDA.

        DLPack is used where offered, since it makes `stream` wait for whatever still writes the array; else
        `__cuda_array_interface__`, whose `stream` entry says what to wait for.

        Args:
            array: uint8, of the shape that `format` has in `image.check_frame`; rows may have any stride.
            format: of the pixels.
            stream: handle of the CUDA stream that will read the frame.

        Raises:
            TypeError: neither interface, or not uint8.
            ValueError: wrong shape, or the pixels of a row are not adjacent.
            DeviceError: the array is not in GPU memory.
        """
        if hasattr(array, "__dlpack__") and hasattr(array, "__dlpack_device__"):
            device_type, _ = array.__dlpack_device__()
            if int(device_type) not in _DLPACK_CUDA:
                raise DeviceError(
                    f"the {type(array).__name__} is not in GPU memory (DLPack device {int(device_type)}): give its "
                    "NumPy array, or move it to the GPU"
                )
            return cls.from_capsule(array.__dlpack__(stream=stream), format)
        interface = getattr(array, "__cuda_array_interface__", None)
        if interface is None:
            raise TypeError(
                "a frame is a NumPy array, a DeviceFrame, or has __cuda_array_interface__ or __dlpack__; "
                f"got {type(array).__name__}"
            )
        if np.dtype(interface["typestr"]) != np.uint8:
            raise TypeError(_wrong_type(np.dtype(interface["typestr"]).name))
        if interface.get("mask") is not None:
            raise TypeError("a frame has no mask: give the array without it")
        address, shape, strides = int(interface["data"][0]), tuple(interface["shape"]), interface.get("strides")
        return _place(address, shape, strides, format, None, _awaited(interface), array)

    @classmethod
    def from_capsule(cls, capsule: Any, format: str) -> DeviceFrame:
        """From a DLPack capsule, which is kept, not consumed: its own destructor frees the array's hold."""
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
        tensor = _DLTensor.from_address(pointer(capsule, b"dltensor"))
        if (tensor.code, tensor.bits, tensor.states) != (_DLPACK_UINT, 8, 1):
            raise TypeError(_wrong_type(f"DLPack type {tensor.code}, {tensor.bits} bits, {tensor.states} states"))
        shape = tuple(tensor.shape[: tensor.ndim])
        strides = tuple(tensor.strides[: tensor.ndim]) if tensor.strides else None  # elements, which are bytes here
        return _place(tensor.data + tensor.byte_offset, shape, strides, format, tensor.device_id, None, capsule)


def _wrong_type(found: str) -> str:
    return f"a frame holds uint8 values 0..255, got {found}; convert it, for example with (x * 255).to(torch.uint8)"


def _awaited(interface: dict[str, Any]) -> int | None:
    """Stream to wait for: version 3 says it (None: nothing); before, whoever wrote did so on the default stream."""
    if interface.get("version", 0) < 3:
        return LEGACY_STREAM
    stream = interface.get("stream")
    if stream == 0:
        raise ValueError(
            "__cuda_array_interface__ says stream 0, which it forbids as ambiguous: 1 is the legacy default stream, 2 "
            "the per-thread one"
        )
    return None if stream is None else int(stream)


def _place(
    address: int,
    shape: Sequence[int],
    strides: Sequence[int] | None,
    format: str,
    device: int | None,
    wait_for: int | None,
    owner: Any,
) -> DeviceFrame:
    width, height = check_shape(shape, format)
    packed = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    strides = list(strides) if strides is not None else packed
    if any(n > 1 and got != wanted for n, got, wanted in zip(shape[1:], strides[1:], packed[1:], strict=True)):
        raise ValueError(
            f"the pixels of a row must be adjacent; got strides {strides} for shape {list(shape)}: make a contiguous "
            "copy (cupy.ascontiguousarray, tensor.contiguous())"
        )
    chroma = (address + strides[0] * height, strides[0]) if format == "nv12" else (0, 0)
    return DeviceFrame(address, width, height, strides[0], format, *chroma, device, wait_for, owner=owner)
