"""Sections that test: the CUDA suite on this GPU, and compute-sanitizer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from benchmarks.cuda.bench import ROOT, Bench


def tests(bench: Bench) -> str:
    """Last line of pytest with the tests of the CUDA path, none of which may be skipped for want of a GPU."""
    files = sorted(str(path) for path in (ROOT / "tests").glob("test_cuda_*.py"))
    command = [sys.executable, "-m", "pytest", "-q", *files]
    return _last_line(command, os.environ | {"FAIL_WITHOUT_CUDA": "1"})


def sanitizers(bench: Bench) -> str:
    """Last line of the script that runs memcheck, racecheck and initcheck."""
    if shutil.which("compute-sanitizer") is None:
        raise FileNotFoundError("compute-sanitizer is not installed (package cuda-sanitizer of the CUDA toolkit)")
    return _last_line([str(ROOT / ".ci" / "cuda_sanitize"), sys.executable], dict(os.environ))


def _last_line(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    lines = (done.stdout + done.stderr).strip().splitlines() or ["no output"]
    if done.returncode:
        raise RuntimeError(" / ".join(lines[-6:]))
    return lines[-1]
