"""The protocol that every inference runtime meets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import DeviceError
from ..models.spec import ModelSpec


@dataclass(frozen=True)
class TensorInfo:
    """One input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where the length is free."""
    dtype: np.dtype[Any]
    max_batch: int | None = None
    """Most rows of one run, where the first length is free and the runtime has a limit."""


@dataclass(frozen=True)
class DevicePointer:
    """C-contiguous memory on a device, owned by somebody else, who keeps it alive while a run uses it."""

    address: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    device: str = "cuda:0"
    """`cuda:N`, or `cpu` for host memory."""

    @property
    def nbytes(self) -> int:
        """Length in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    @classmethod
    def of(cls, array: Any, device: str = "cuda:0") -> DevicePointer:
        """Look at an array without copying it.

        Args:
            array: a NumPy array (host memory), or any object with `__cuda_array_interface__`: CuPy, PyTorch, Numba,
                PyCUDA.
            device: where a CUDA array lies; the interface itself does not say.

        Raises:
            TypeError: neither of these.
            ValueError: it is not C-contiguous.
        """
        if isinstance(array, np.ndarray):
            interface, device = array.__array_interface__, "cpu"
        elif hasattr(array, "__cuda_array_interface__"):
            interface = array.__cuda_array_interface__
        else:
            raise TypeError(f"a device array has __cuda_array_interface__; {type(array).__name__} has not")
        shape, dtype = tuple(interface["shape"]), np.dtype(interface["typestr"])
        strides = interface.get("strides")
        if strides is not None and math.prod(shape) > 0 and tuple(strides) != _packed_strides(shape, dtype.itemsize):
            raise ValueError(f"a device array must be C-contiguous; got strides {strides} for shape {shape}")
        return cls(int(interface["data"][0]), shape, dtype, device)


def _packed_strides(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    return tuple(math.prod(shape[axis + 1 :]) * itemsize for axis in range(len(shape)))


class Session(Protocol):
    """A loaded model, ready to run. Belongs to one thread."""

    spec: ModelSpec
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """Run once and wait.

        Args:
            feeds: input name -> C-contiguous array of the input's dtype and shape.
            outputs: names wanted; None is all of them.
        """

    def run_device(
        self, feeds: Mapping[str, DevicePointer], outputs: Mapping[str, DevicePointer], stream: int = 0
    ) -> None:
        """Run once on memory that is already on the session's device.

        Args:
            feeds: input name -> memory that holds it once the work on `stream` is done.
            outputs: output name -> memory that gets it. Outputs not named are not kept.
            stream: handle of a CUDA stream (`cudaStream_t`); 0 is the default one. Work put on it afterwards sees the
                outputs; the call itself may return before they are there.

        Raises:
            DeviceError: the memory is not on this session's device.
            ValueError: a name, dtype or shape does not fit.
        """

    def new_context(self) -> Session:
        """The same model for work of one shape that may be recorded as a CUDA graph.

        Runs of other shapes, here or in other contexts, leave alone what its runs bound. May be the session itself.
        Close it before the session.
        """

    def refusal(self, stream: int) -> str:
        """Why `run_device` on that stream cannot be recorded as a CUDA graph; empty where nothing is known against it.

        Args:
            stream: handle of a CUDA stream.
        """

    def describe(self) -> dict[str, Any]:
        """What really runs: file, runtime, version, device, provider, threads."""

    def close(self) -> None:
        """Free the model; further calls are an error."""


def check_pointers(
    infos: Mapping[str, TensorInfo], given: Mapping[str, DevicePointer], device: str, *, every: bool
) -> None:
    """Names, dtypes, shapes and devices of what `run_device` got.

    Args:
        infos: tensors of the model.
        given: what was handed in.
        device: where the session runs.
        every: whether each tensor in `infos` must be there.
    """
    missing = sorted(set(infos) - set(given)) if every else []
    unknown = sorted(set(given) - set(infos))
    if missing or unknown:
        raise ValueError(f"tensors are {', '.join(infos)}; missing: {missing or 'none'}, unknown: {unknown or 'none'}")
    for name, pointer in given.items():
        info = infos[name]
        if pointer.device != device:
            raise DeviceError(f"{name!r} lies on {pointer.device}, but the session runs on {device}: copy it there, or "
                              f"open the session with device={pointer.device!r}")  # fmt: skip
        fits = len(pointer.shape) == len(info.shape) and all(
            n is None or n == m for n, m in zip(info.shape, pointer.shape, strict=True)
        )
        if not fits or pointer.dtype != info.dtype:
            raise ValueError(
                f"{name!r} must be {info.dtype} {list(info.shape)}, got {pointer.dtype} {list(pointer.shape)}"
            )
