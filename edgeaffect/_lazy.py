"""Imports of heavy or optional packages, on first use, with a remedy when they are missing."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass
from types import ModuleType

from .errors import DependencyError


@dataclass(frozen=True)
class _Package:
    remedy: str
    probe: str
    """A name that the whole package has, and a ghost or another package of that name has not."""


_PACKAGES = {
    "cv2": _Package("pip install opencv-python (or opencv-python-headless on a machine without a screen)", "imdecode"),
    "onnxruntime": _Package(
        "pip install onnxruntime (on a Jetson: NVIDIA's onnxruntime-gpu wheel for your JetPack)", "InferenceSession"
    ),
    "numba": _Package("pip install numba (or 'edgeaffect[jit]')", "njit"),
    "torch": _Package("pip install 'edgeaffect[export]'", "Tensor"),
    "onnx": _Package("pip install 'edgeaffect[export]'", "ModelProto"),
    "tomli": _Package(
        "pip install 'edgeaffect[toml]' (Python 3.10, as on JetPack 6, has no reader of its own)", "loads"
    ),
    "sounddevice": _Package("pip install 'edgeaffect[audio]'", "RawInputStream"),
    "soundfile": _Package("pip install 'edgeaffect[audio]'", "SoundFile"),
    "av": _Package("pip install 'edgeaffect[video]'", "AudioFrame"),
    "rosbags.rosbag2": _Package("pip install 'edgeaffect[bag]'", "Reader"),
    "starlette": _Package("pip install 'edgeaffect[serve]'", "__version__"),
    "uvicorn": _Package("pip install 'edgeaffect[serve]'", "Server"),
    "websockets": _Package("pip install 'edgeaffect[serve]'", "__version__"),
    "prometheus_client": _Package("pip install 'edgeaffect[serve]'", "CollectorRegistry"),
    "pyarrow": _Package("pip install 'edgeaffect[table]'", "Table"),
    "matplotlib": _Package("pip install 'edgeaffect[plot]'", "rcParams"),
    "ray": _Package("pip install 'edgeaffect[ray]'", "remote"),
    "rosbags.typesys": _Package("pip install 'edgeaffect[bag]'", "get_typestore"),
    "lz4.frame": _Package("pip install 'edgeaffect[bag]'", "LZ4FrameDecompressor"),
    "zstandard": _Package("pip install 'edgeaffect[bag]'", "ZstdDecompressor"),
    "mcap.writer": _Package("pip install 'edgeaffect[bag]'", "Writer"),
    "supervision": _Package("pip install supervision", "Detections"),
    "rclpy": _Package(
        "it comes with ROS 2, not with pip: source /opt/ros/DISTRIBUTION/setup.bash, and make the virtual environment "
        "with --system-site-packages",
        "init",
    ),
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
    "libgomp.so.1": "libgomp1",
    "libopenblas.so.0": "libopenblas0",
    "libportaudio.so.2": "libportaudio2",
    "libsndfile.so.1": "libsndfile1",
}
# what a package says that looks for its library by itself -> (the library, Debian package that holds it)
_SOUGHT = {
    "PortAudio library not found": ("PortAudio", "libportaudio2"),
    "sndfile library not found": ("libsndfile", "libsndfile1"),
}
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
_NUMPY_SIGNS = (
    "_ARRAY_API",
    "numpy.core.multiarray failed to import",
    "numpy.dtype size changed",
    "compiled using NumPy",
)


def require(name: str) -> ModuleType:
    """Import `name`, or raise `DependencyError` that says how to get it.

    Raises:
        DependencyError: the package is missing, half-installed or another one, or it lacks a shared library.
    """
    if name == "onnxruntime":
        _forbid_telemetry()
    try:
        module = importlib.import_module(name)
    # A broken package raises anything: OpenCV an AttributeError where half of it is left.
    except Exception as error:
        raise DependencyError(explain_import_failure(name, error)) from error
    known = _PACKAGES.get(name)
    check_whole(module, known.probe if known else None, _remedy(name))
    return module


def check_whole(module: ModuleType, probe: str | None, remedy: str) -> None:
    """Refuse what only looks like a package.

    `pip uninstall` leaves the folder of a package that two distributions shared; Python imports it as an empty one.

    Args:
        module: what was imported.
        probe: a name that it must have.
        remedy: how to repair it.

    Raises:
        DependencyError: it is an empty folder, or has no such name.
    """
    name = module.__name__
    if getattr(module, "__file__", None) is None and getattr(module, "__spec__", None) is not None:
        folder = next(iter(getattr(module, "__path__", [])), "an unknown folder")
        raise DependencyError(
            f"{name} is half-installed: {folder} holds no package, as `pip uninstall` leaves it behind. Delete that "
            f"folder, then: {_again(remedy)}"
        )
    if probe is not None and not hasattr(module, probe):
        raise DependencyError(
            f"{name} in {module.__file__} is half-installed, or another package of that name: it has no {probe}. "
            f"Remove it, then: {_again(remedy)}"
        )


def _again(remedy: str) -> str:
    return remedy.replace("pip install ", "pip install --force-reinstall ", 1)


def _remedy(name: str) -> str:
    return _PACKAGES[name].remedy if name in _PACKAGES else f"pip install {name}"


def _forbid_telemetry() -> None:
    """Nothing leaves the machine.

    Official builds of ONNX Runtime (1.32 on Linux) keep a device id on disk and send usage events to their maker,
    unless this variable is there when the library is loaded.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def explain_import_failure(name: str, error: BaseException) -> str:
    """One line: what is missing and the command that brings it."""
    text = " ".join(str(error).split()) or type(error).__name__
    for library, package in _DEBIAN.items():
        if library in text:
            return f"{name} is installed but needs {library}: apt-get install {package}"
    for words, (library, package) in _SOUGHT.items():
        if words in text:
            return f"{name} is installed but needs {library}: apt-get install {package}"
    if found := _MISSING_LIBRARY.search(text):
        return f"{name} is installed but needs {found[1]}: install the system package that holds it, or {_remedy(name)}"
    if isinstance(error, ModuleNotFoundError) and error.name in (name, name.split(".")[0]):
        return f"{error.name} is not installed: {_remedy(name)}"
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.split(".")[0] != name:
        package = error.name.split(".")[0]
        return f"{name} is installed but needs the package {package}: pip install {package}"
    if any(sign in text for sign in _NUMPY_SIGNS):
        return (
            f"{name} was built for another version of NumPy ({text}): pip install --upgrade {name_of(name)}, or "
            "pip install 'numpy<2'"
        )
    if "GLIBC" in text:
        return f"{name} was built for a newer system ({text}): install an older version of {name_of(name)}"
    return f"{name} cannot be imported ({text}); reinstall it: {_again(_remedy(name))}"


def name_of(name: str) -> str:
    """What `pip` calls the package that is imported as `name`."""
    return {"cv2": "opencv-python"}.get(name, name)
