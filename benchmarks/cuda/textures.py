"""Section about textures: the same bilinear crops through plain loads and through textures (textures.cu)."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.cuda.bench import Bench

SOURCE = Path(__file__).with_suffix(".cu")


def textures(bench: Bench) -> list[dict[str, Any]]:
    """One row per kind of launch: seconds of each way, and by how many grey levels filtering in hardware is off."""
    with tempfile.TemporaryDirectory(prefix="edgeaffect-textures-") as folder:
        program = compiled(Path(folder))
        done = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{SOURCE.name} ended with {done.returncode}: {done.stderr.strip()}")
    return list(json.loads(done.stdout))


def compiled(folder: Path, architecture: str = "native") -> Path:
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        raise FileNotFoundError("nvcc is not installed, or not on PATH: it comes with the CUDA toolkit")
    program = folder / "textures"
    command = [nvcc, "-O3", "-std=c++17", f"-arch={architecture}", str(SOURCE), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{SOURCE.name} does not compile: {done.stderr.strip()[-400:]}")
    return program
