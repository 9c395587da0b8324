"""The native module `edgeaffect._cuda`: whether it is there, and which GPUs it finds."""

from __future__ import annotations

from types import ModuleType

from .._version import __version__
from ..errors import DependencyError, DeviceError

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
