"""A wheel is installed and tried: natively where its interpreter is, else under qemu-user in Debian's files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from wheel_headers import unpacked

CODE = """
import numpy as np
from edgeaffect import _core, native
assert native.VARIANT == "core"
frame = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
matrix = np.array([[[1.5, 0.2, 8], [-0.2, 1.5, 12]]], np.float32)
crop = native.crop_normalize(frame, matrix, (48, 40), color="bgr", to="rgb", mean=(0.5,), std=(0.25,))
assert crop.shape[0] == 1 and crop.size == 3 * 48 * 40 and np.isfinite(crop).all() and crop.std() > 0.1
maps = np.full((1, 15, 4, 5), -9, np.float32)
maps[0, :, 2, 3] = [9, 1, 2, 3, 4, *([0.5] * 10)]
boxes, *_ = native.decode_faces([maps], [8], score_threshold=0.5, iou_threshold=0.4, top_k=10, max_faces=5)
assert boxes.tolist() == [[20, 4, 52, 52]]
tone = np.sin(2 * np.pi * 1000 * np.arange(4800) / 48000).astype(np.float32)
assert abs(len(native.Resampler(48000, 16000).accept(tone)) - 1600) < 50
# Not the slow path where a faster one is there: "asimd" is NEON. qemu-user may show its host's words.
fast = {"avx2", "asimd"} & set(open("/proc/cpuinfo").read().split())
assert native.simd() != "scalar" or not fast, f"scalar code on a processor with {fast}"
print(_core.__file__.rsplit("/", 1)[1], native.simd())
"""


def try_wheel(wheel: Path, python: str, architecture: str, folder: Path) -> str:
    """In a few words, how it was tried.

    Raises:
        SystemExit: it fails.
    """
    place = folder / f"{python}-{architecture}"
    site = place / "site"
    tag = python.replace(".", "")
    install = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(site)]
    where = [
        "--only-binary",
        ":all:",
        "--no-deps",
        "--python-version",
        python,
        "--implementation",
        "cp",
        "--abi",
        f"cp{tag}",
    ]
    platforms = [f"--platform=manylinux_2_{minor}_{architecture}" for minor in (17, 27, 28)]
    platforms.append(f"--platform=manylinux2014_{architecture}")
    for what in (wheel, "numpy"):
        done = subprocess.run([*install, *where, *platforms, str(what)], capture_output=True, text=True, check=False)
        if done.returncode:
            if what == "numpy":
                return "installed, not run: no NumPy for it"
            sys.exit(f"{wheel.name} cannot be installed: {done.stderr}")
    command = _interpreter(python, architecture, folder.parent / "headers")
    if command is None:
        return f"installed, not run: no CPython {python} for {architecture} here"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    how = {**clean, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    if command[1]:
        how["PYTHONHOME"] = str(command[1])
    done = subprocess.run([*command[0], "-c", CODE], cwd=place, env=how, capture_output=True, text=True, check=False)
    if done.returncode or f"cpython-{tag}-{architecture}" not in done.stdout:
        sys.exit(f"{wheel.name} fails: {done.stdout}{done.stderr}")
    place_of_it = "this machine" if architecture == os.uname().machine else "qemu-user"
    return f"ran on {place_of_it} ({done.stdout.split()[1]})"


def _interpreter(python: str, architecture: str, folder: Path) -> tuple[list[str], Path | None] | None:
    """Words that start it, and its home where it does not find that by itself."""
    native = architecture == os.uname().machine
    if native:
        versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        found = [*versions.glob(f"{python}.*/bin/python{python}"), shutil.which(f"python{python}")]
        if program := next((str(one) for one in found if one), None):
            return [program], None
    root = unpacked(python, architecture, folder)
    if root is None:
        return None
    program = str(root / f"usr/bin/python{python}")
    libraries = f"{root}/usr/lib/{architecture}-linux-gnu:{root}/lib/{architecture}-linux-gnu"
    if native:
        loader = next(iter(root.glob("usr/lib*/ld-linux-*")), None) or next(
            iter(root.glob("usr/lib/*/ld-linux-*")), None
        )
        return None if loader is None else ([str(loader), "--library-path", libraries, program], root / "usr")
    emulator = shutil.which(f"qemu-{architecture}-static") or shutil.which(f"qemu-{architecture}")
    return None if emulator is None else ([emulator, "-L", str(root), program], root / "usr")
