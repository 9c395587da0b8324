"""Imports of heavy or optional packages, on first use, with a remedy when they are missing."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from .errors import DependencyError

# package -> how a user gets it. `python3-opencv`-like system libraries are named from the linker's message below.
_REMEDY = {
    "cv2": "pip install opencv-python (or opencv-python-headless on a machine without a screen)",
    "onnxruntime": "pip install onnxruntime (on a Jetson: NVIDIA's onnxruntime-gpu wheel for your JetPack)",
    "numba": "pip install 'edgeaffect[jit]'",
    "sounddevice": "pip install 'edgeaffect[audio]' and apt-get install libportaudio2",
    "soundfile": "pip install 'edgeaffect[audio]'",
    "torch": "pip install 'edgeaffect[export]'",
    "onnx": "pip install 'edgeaffect[export]'",
    "timm": "pip install 'edgeaffect[export]'",
    "torchvision": "pip install 'edgeaffect[export]'",
}

# shared library that the dynamic linker misses -> Debian package that holds it
_DEBIAN = {
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libxcb.so.1": "libxcb1",
    "libportaudio.so.2": "libportaudio2",
    "libsndfile.so.1": "libsndfile1",
    "libgomp.so.1": "libgomp1",
}


def require(name: str) -> ModuleType:
    """Import `name`, or raise `DependencyError` that says how to get it.

    Raises:
        DependencyError: the package is missing, or one of its shared libraries is.
    """
    if name == "onnxruntime":
        _forbid_telemetry()
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:  # sounddevice raises OSError without libportaudio
        raise DependencyError(explain_import_failure(name, error)) from error


def _forbid_telemetry() -> None:
    """Official builds of ONNX Runtime (1.32 on Linux) keep a device id on disk and send usage events to their maker,
    unless this variable is there when the library is loaded. With us nothing leaves the machine."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def explain_import_failure(name: str, error: BaseException) -> str:
    """One line: what is missing and the command that brings it."""
    text = str(error)
    if name == "sounddevice" and "PortAudio" in text:
        text += " (libportaudio.so.2)"
    for library, package in _DEBIAN.items():
        if library in text:
            return f"{name} is installed but needs {library}: apt-get install {package}"
    if isinstance(error, ModuleNotFoundError) and error.name == name:
        return f"{name} is not installed: {_REMEDY.get(name, f'pip install {name}')}"
    return f"{name} cannot be imported ({text}); reinstall it: {_REMEDY.get(name, f'pip install {name}')}"
