"""Compiles edgeaffect's CUDA module for the CPU: the kernels' bodies in loops, everything above them unchanged."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
CSRC = HERE.parent.parent / "csrc"
SOURCES = (CSRC / "cuda" / "bindings.cpp", CSRC / "crop" / "color_map.cpp", HERE / "launch.cpp")
NAME = "edgeaffect_cuda_host"


def build(cache: Path) -> ModuleType:
    """Build (once per state of the sources) into `cache` and import."""
    watched = sorted({*CSRC.rglob("*.h"), *CSRC.glob("cuda/*"), *HERE.glob("*.[ch]*"), *SOURCES})
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in watched) + sys.version.encode()).hexdigest()[:16]
    target = cache / digest / f"{NAME}{sysconfig.get_config_var('EXT_SUFFIX')}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.with_suffix(".lock"), "w") as lock:  # a worker of pytest-xdist waits while another compiles
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            compile_to(target)
    spec = importlib.util.spec_from_file_location(NAME, target)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_to(target: Path) -> None:
    import pybind11

    scratch = target.with_suffix(f".{os.getpid()}")
    includes = (CSRC, sysconfig.get_path("include"), pybind11.get_include())
    command = [
        *shlex.split(os.environ.get("CXX", "c++")), "-std=c++17", "-O1", "-shared", "-fPIC", "-fvisibility=hidden",
        "-Wall", "-Wextra", "-Werror", "-ffp-contract=off",
        f"-DEDGEAFFECT_CUDA_MODULE={NAME}", '-DEDGEAFFECT_VERSION="host"', "-include", str(HERE / "runtime.h"),
        *(f"-I{path}" for path in includes), *map(str, SOURCES), "-o", str(scratch),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)} failed:\n{done.stderr[-6000:]}")
    scratch.replace(target)
