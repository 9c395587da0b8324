"""Sections that test: the CUDA suite on this GPU, and compute-sanitizer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from benchmarks.cuda.bench import ROOT, Bench


def tests(bench: Bench) -> str:
    """Last line of pytest with the tests of the CUDA path, and the names of those that failed.

    None may be skipped for want of a GPU.
    """
    files = [str(ROOT / "tests" / "cuda")]
    command = [sys.executable, "-m", "pytest", "-q", *files]
    done = _run(command, os.environ | {"FAIL_WITHOUT_CUDA": "1"})
    if done.returncode not in (0, 1):  # pytest's own: 1 is that some failed
        raise RuntimeError(_end(done))
    return outcome(done.stdout)


def outcome(text: str) -> str:
    """What matters in pytest's output: last line, and names of tests that failed or could not be set up."""
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+\.py\S*)", text, re.MULTILINE)
    last = text.strip().splitlines()[-1]
    return f"{last}; failed: {', '.join(failed)}" if failed else last


def sanitizers(bench: Bench) -> str:
    """Last line of the script that runs memcheck, racecheck, initcheck and synccheck."""
    if shutil.which("compute-sanitizer") is None:
        raise FileNotFoundError("compute-sanitizer is not installed (package cuda-sanitizer of the CUDA toolkit)")
    done = _run([str(ROOT / ".ci" / "cuda_sanitize"), sys.executable], dict(os.environ))
    if done.returncode:
        raise RuntimeError(_end(done))
    return _end(done, 1)


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


def _end(done: subprocess.CompletedProcess[str], lines: int = 6) -> str:
    """The last lines of what a command printed."""
    return " / ".join(((done.stdout + done.stderr).strip().splitlines() or ["no output"])[-lines:])
