"""The kernels' bodies under the compiler's sanitizers: what racecheck and memcheck look for, as far as a CPU shows."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "cuda_host"
CSRC = Path(__file__).resolve().parents[2] / "csrc"


def run(folder: Path, source: str, sanitizer: str, *defines: str) -> subprocess.CompletedProcess[str]:
    """Compile one program with a sanitizer and run it."""
    if not CSRC.is_dir():
        pytest.skip("needs the source tree around tests/")
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"no C++ compiler {compiler[0]}")
    program = folder / source.removesuffix(".cpp")
    command = [
        *compiler, "-std=c++17", "-O1", "-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=undefined", "-pthread",
        "-ffp-contract=off", *defines, f"-I{CSRC}", str(HERE / source), "-o", str(program),
    ]  # fmt: skip
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if "cannot find" in built.stderr and "san" in built.stderr:
        pytest.skip(f"this compiler comes without the library of -fsanitize={sanitizer}")
    assert built.returncode == 0, built.stderr
    # ThreadSanitizer cannot live with some address layouts of newer kernels; not every container may choose one.
    fixed = ["setarch", platform.machine(), "-R"]
    if not shutil.which("setarch") or subprocess.run([*fixed, "true"], capture_output=True, check=False).returncode:
        fixed = []
    options = {"TSAN_OPTIONS": "halt_on_error=1", "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run(
        [*fixed, str(program)], capture_output=True, text=True, check=False, env=os.environ | options, timeout=300
    )


def test_the_decode_block_has_no_race(tmp_path: Path) -> None:
    done = run(tmp_path, "race.cpp", "thread")
    assert done.returncode == 0 and done.stdout == "12 faces\n", done.stdout + done.stderr


def test_a_missing_barrier_would_be_seen(tmp_path: Path) -> None:
    done = run(tmp_path, "race.cpp", "thread", "-DDROP_SYNC")
    # A race that is lost badly reads outside of the candidates before it is reported.
    assert done.returncode != 0 and ("data race" in done.stderr or "SEGV" in done.stderr), done.stderr


def test_crops_read_inside_their_frames(tmp_path: Path) -> None:
    done = run(tmp_path, "bounds.cpp", "address,undefined")
    assert done.returncode == 0 and done.stdout == "in bounds\n", done.stderr


def test_a_read_outside_a_frame_would_be_seen(tmp_path: Path) -> None:
    done = run(tmp_path, "bounds.cpp", "address,undefined", "-DWIDER")
    assert done.returncode != 0 and "heap-buffer-overflow" in done.stderr
