"""What is installed here, what would be used, and why not the rest."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import __version__
from ._lazy import require
from ._paths import home
from .errors import Error

# Everything else is imported where it is looked at: any of it may be what is broken.

# Spent on timing the native part.
_TIMED_SECONDS = 0.02

# what we use a package for -> names under which it is distributed
_PACKAGES = {
    "numpy": ("numpy",),
    "OpenCV": ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "ONNX Runtime": ("onnxruntime", "onnxruntime-gpu"),
    "Numba (pure build)": ("numba",),
    "PyTorch (export)": ("torch",),
    "TensorRT": ("tensorrt",),
    "TensorRT for RTX": ("tensorrt-rtx", "tensorrt-rtx-cu13-bindings"),
    "PyAV (saved video, sound tracks)": ("av",),
    "sounddevice (microphones)": ("sounddevice",),
    "soundfile (sound files)": ("soundfile",),
    "Pillow (pictures)": ("pillow",),
    "pillow-heif (HEIC)": ("pillow-heif",),
    "rosbags (recordings of ROS 2)": ("rosbags",),
    "pyarrow (Parquet tables)": ("pyarrow",),
    "matplotlib (plots)": ("matplotlib",),
    "Ray (clusters)": ("ray",),
}


def examine() -> dict[str, Any]:
    """Everything as plain JSON values; nothing raises.

    `problems` are texts: something that everybody needs is broken here. `hints` say what may become a problem.
    """
    problems: list[str] = []
    hints: list[str] = []
    facts = {
        "edgeaffect": {"version": __version__, "place": str(Path(__file__).parent), "home": _home()},
        "system": _try("the system", _system, problems, {}),
        "native": _native(problems),
        "packages": _packages(),
        "opencv": _try("OpenCV", _opencv, problems),
        "cameras": sorted(str(path) for path in Path("/dev").glob("video*")),
        "microphones": _microphones(),
        "models": _try("the bundled models", lambda: _models(problems), problems, []),
        "runtimes": _try("the runtimes", lambda: _runtimes(problems), problems, []),
        "problems": problems,
        "hints": hints,
    }
    _shared_folders(problems, hints)
    return facts


def _try(what: str, look: Callable[[], Any], problems: list[str], otherwise: Any = None) -> Any:
    """What `look` finds. A broken installation raises anything, and a report that ends there helps nobody."""
    try:
        return look()
    except Exception as error:
        reason = _reason(error)
        problems.append(reason if isinstance(error, Error) else f"{what} cannot be examined: {reason}")
    return otherwise


def _native(problems: list[str]) -> dict[str, Any]:
    """The native core, imported and made to compute: a library that loads may still be the wrong one."""
    facts: dict[str, Any] = {
        "variant": "none", "simd": "none", "works": False, "crop_ms": None, "cuda": "unknown",
    }  # fmt: skip

    def look() -> None:
        from . import native

        facts.update(variant=native.VARIANT, simd=native.simd())
        if complaint := _self_test(native):
            raise Error(f"the native part ({native.VARIANT}, {native.simd()}) {complaint}: reinstall edgeaffect")
        facts["works"] = True
        facts["crop_ms"] = _crop_milliseconds(native)

    def look_for_cuda() -> None:
        from . import cuda

        facts["cuda"] = cuda.status()

    _try("the native part", look, problems)
    if facts["works"]:
        _try("the CUDA part", look_for_cuda, problems)
    return facts


def _self_test(native: ModuleType) -> str | None:
    """What is wrong with the answers of the native core, or None."""
    frame = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    matrix = np.array([[[1.0, 0, 1], [0, 1, 1]]])
    crop = native.crop_normalize(frame, matrix, (3, 2), to="bgr", scale=1.0)
    if not np.allclose(crop[0], frame[1:3, 1:4].transpose(2, 0, 1), atol=0.1):
        return "computes wrong pixels"
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], np.float32)
    if native.nms(boxes, np.array([0.5, 0.9, 0.7], np.float32), 0.4).tolist() != [1, 2]:
        return "keeps the wrong boxes"
    maps = np.zeros((1, 15, 2, 2), np.float32)
    maps[0, 0] = -9.0
    maps[0, 0, 1, 1] = 9.0
    found = native.decode_faces([maps], [8], score_threshold=0.5, iou_threshold=0.5, top_k=10, max_faces=5)
    return None if len(found[1]) == 1 and found[1][0] > 0.99 else "decodes the wrong faces"


def _crop_milliseconds(native: ModuleType) -> float:
    """Milliseconds for a frame of 640x480 to the detector's input of 320x240: what the path in use costs here.

    The least of some calls, which other work on the machine makes no longer.
    """
    frame, matrix = np.zeros((480, 640, 3), np.uint8), np.array([[[2.0, 0, 0], [0, 2, 0]]])
    out = np.empty((1, 3, 240, 320), np.float32)
    least, end = math.inf, time.perf_counter() + _TIMED_SECONDS
    while True:
        began = time.perf_counter()
        native.crop_normalize(frame, matrix, (320, 240), out=out)
        now = time.perf_counter()
        least = min(least, now - began)
        if now > end:
            return round(1000 * least, 3)


def _shared_folders(problems: list[str], hints: list[str]) -> None:
    """Distributions that write into one folder: the later one overwrites the earlier, and removing one breaks both."""
    for names in (_PACKAGES["OpenCV"], _PACKAGES["ONNX Runtime"]):
        here = {name: version for name in names if (version := _version(name))}
        if len(here) < 2:
            continue
        shown = " and ".join(f"{name} {version}" for name, version in here.items())
        text = f"{shown} are installed into the same folder: pip uninstall {' '.join(here)}, and install one of them"
        (problems if len(set(here.values())) > 1 else hints).append(text)


def _home() -> str:
    try:
        return str(home())
    except Error as error:
        return f"none: {error}"


def _system() -> dict[str, Any]:
    names = re.findall(r"^(?:model name|Model)\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    jetson = _read("/etc/nv_tegra_release").strip().split("\n")[0]
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {platform.libc_ver()[0]} {platform.libc_ver()[1]}",
        "processor": names[0] if names else platform.processor() or "unknown",
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "jetson": jetson or None,
    }


def _packages() -> dict[str, str | None]:
    """What `pip` knows of; whether a package can be used stands elsewhere."""
    found: dict[str, str | None] = {}
    for purpose, names in _PACKAGES.items():
        present = [f"{name} {version}" for name in names if (version := _version(name))]
        found[purpose] = ", ".join(present) or None
    return found


def _version(name: str) -> str | None:
    try:
        # None where only an empty folder of the metadata is left.
        return importlib.metadata.version(name) or None
    except Exception:
        return None


def _opencv() -> dict[str, Any] | None:
    cv2 = require("cv2")
    facts = dict(re.findall(r"^[ \t]+([\w/ ]+?):[ \t]+(\S.*)$", cv2.getBuildInformation(), re.MULTILINE))
    return {
        "version": cv2.__version__,
        "windows (--show)": facts.get("GUI", "NONE") != "NONE",
        "FFmpeg (video, RTSP)": facts.get("FFMPEG", "NO").startswith("YES"),
        "V4L2 (cameras)": facts.get("v4l/v4l2", "NO").startswith("YES"),
        "GStreamer": facts.get("GStreamer", "NO").startswith("YES"),
    }


def _microphones() -> dict[str, Any]:
    """What PortAudio sees: `version` and `devices`; where there is none, `why`. Nobody needs one for faces alone."""
    facts: dict[str, Any] = {"version": None, "devices": [], "why": None}
    try:
        from .sources import portaudio

        facts["version"] = portaudio.version()
        facts["devices"] = list(portaudio.each_line(portaudio.input_devices()))
        if not facts["devices"]:
            facts["why"] = "PortAudio finds no device that delivers sound"
    except Exception as error:
        facts["why"] = _reason(error)
    return facts


def _models(problems: list[str]) -> list[dict[str, Any]]:
    from .models import bundled, verify

    rows = []
    for model in bundled():
        complaint = verify(model)
        if complaint:
            problems.append(complaint)
        licence = model.spec.licence
        rows.append({"name": model.name, "version": model.spec.version, "task": model.spec.task,
                     "bytes": model.size_bytes, "licence": licence, "intact": complaint is None})  # fmt: skip
    return rows


def _runtimes(problems: list[str]) -> list[dict[str, Any]]:
    """Each way to run a model, in the order of choice: whether it works here, else why not."""
    # Opened for real: whether a provider is listed says little about whether it starts.
    rows = [_attempt("cpu"), _attempt("cuda"), _tensorrt()]
    first = next((row for row in rows if row["works"]), None)
    for row in rows:
        row["used by auto"] = row is first
    if first is None:
        problems.append(f"no runtime works: {rows[0]['why']}")
    return rows


def _attempt(device: str) -> dict[str, Any]:
    row: dict[str, Any] = {"device": device, "runtime": "onnxruntime", "works": True, "why": ""}
    try:
        from .models import DEFAULTS, find
        from .runtime import Placement, open_session

        model = find(None, next(iter(DEFAULTS)), float32=device == "cuda")
        session = open_session(model, Placement(device, "onnxruntime"))
        row["runs"] = session.describe()
        session.close()
    except Exception as error:
        row.update(works=False, why=_reason(error))
    return row


def _tensorrt() -> dict[str, Any]:
    """Importable and with a driver; no engine is built, which takes minutes."""
    row: dict[str, Any] = {"device": "cuda", "runtime": "tensorrt", "works": True, "why": ""}
    try:
        from .runtime.cuda_driver import driver
        from .runtime.tensorrt import find_variant

        variant = find_variant()
        gpu = driver().gpu(0)
        row["runs"] = {"runtime": f"{variant.name} {variant.version}", "device": f"{gpu.name} ({gpu.sm})"}
    except Exception as error:
        row.update(works=False, why=_reason(error))
    return row


def _reason(error: Exception) -> str:
    """Our own errors speak for themselves."""
    return str(error) if isinstance(error, (Error, OSError)) else f"{type(error).__name__}: {error}"


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
