"""What is installed here, what would be used, and why not the rest."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from . import __version__, cuda, native
from ._lazy import require
from ._paths import home
from .errors import Error
from .models import DEFAULTS, bundled, find, verify

# what we use a package for -> names under which it is distributed
_PACKAGES = {
    "numpy": ("numpy",),
    "OpenCV": ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "ONNX Runtime": ("onnxruntime", "onnxruntime-gpu"),
    "Numba (pure build)": ("numba",),
    "PyTorch (export)": ("torch",),
    "TensorRT": ("tensorrt",),
    "TensorRT for RTX": ("tensorrt-rtx", "tensorrt-rtx-cu13-bindings"),
    "sounddevice (microphone)": ("sounddevice",),
}


def examine() -> dict[str, Any]:
    """Everything as plain JSON values; nothing raises, problems are texts under `problems`."""
    problems: list[str] = []
    return {
        "edgeaffect": {"version": __version__, "place": str(Path(__file__).parent), "home": _home()},
        "system": _system(),
        "native": {"variant": native.VARIANT, "simd": native.simd(), "cuda": cuda.status()},
        "packages": _packages(),
        "opencv": _opencv(problems),
        "cameras": sorted(str(path) for path in Path("/dev").glob("video*")),
        "models": _models(problems),
        "runtimes": _runtimes(problems),
        "problems": problems,
    }


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
    found: dict[str, str | None] = {}
    for purpose, names in _PACKAGES.items():
        found[purpose] = None
        for name in names:
            try:
                found[purpose] = f"{name} {importlib.metadata.version(name)}"
            except importlib.metadata.PackageNotFoundError:
                continue
            break
    return found


def _opencv(problems: list[str]) -> dict[str, Any] | None:
    try:
        cv2 = require("cv2")
    except Error as error:
        problems.append(str(error))
        return None
    facts = dict(re.findall(r"^[ \t]+([\w/ ]+?):[ \t]+(\S.*)$", cv2.getBuildInformation(), re.MULTILINE))
    return {
        "version": cv2.__version__,
        "windows (--show)": facts.get("GUI", "NONE") != "NONE",
        "FFmpeg (video, RTSP)": facts.get("FFMPEG", "NO").startswith("YES"),
        "V4L2 (cameras)": facts.get("v4l/v4l2", "NO").startswith("YES"),
        "GStreamer": facts.get("GStreamer", "NO").startswith("YES"),
    }


def _models(problems: list[str]) -> list[dict[str, Any]]:
    rows = []
    try:
        for model in bundled():
            complaint = verify(model)
            if complaint:
                problems.append(complaint)
            licence = model.spec.licence
            rows.append({"name": model.name, "version": model.spec.version, "task": model.spec.task,
                         "bytes": model.size_bytes, "licence": licence, "intact": complaint is None})  # fmt: skip
    except (Error, OSError) as error:
        problems.append(f"the bundled models cannot be read: {error}")
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
    from .runtime import Placement, open_session

    row: dict[str, Any] = {"device": device, "runtime": "onnxruntime", "works": True, "why": ""}
    try:
        model = find(None, next(iter(DEFAULTS)), float32=device == "cuda")
        session = open_session(model, Placement(device, "onnxruntime"))
        row["runs"] = session.describe()
        session.close()
    except (Error, OSError) as error:
        row.update(works=False, why=str(error))
    return row


def _tensorrt() -> dict[str, Any]:
    """Importable and with a driver; no engine is built, which takes minutes."""
    from .runtime.cuda_driver import driver
    from .runtime.tensorrt import find_variant

    row: dict[str, Any] = {"device": "cuda", "runtime": "tensorrt", "works": True, "why": ""}
    try:
        variant = find_variant()
        gpu = driver().gpu(0)
        row["runs"] = {"runtime": f"{variant.name} {variant.version}", "device": f"{gpu.name} ({gpu.sm})"}
    except Error as error:
        row.update(works=False, why=str(error))
    return row


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
