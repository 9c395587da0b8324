""".ci/cuda_sanitize without a GPU: stand-ins for compute-sanitizer and Python play what those would say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "cuda_sanitize"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

# `python -c` looks for a GPU; `python -m pytest ...` prints what $SAYS holds for the tool around it.
PYTHON = """#!/bin/bash
if [[ $1 == -c ]]; then exit ${NO_GPU:-0}; fi
echo "$TOOL ${@: -1}" >> "$PLAYED"
if [[ $TOOL == ${DIES:-none} ]]; then exit 0; fi
echo "5 passed, 1 skipped in 0.10s"
"""
# compute-sanitizer --tool NAME options... PYTHON arguments...
SANITIZER = """#!/bin/bash
TOOL=$2 "${@:7}" || exit
if [[ $2 == ${FINDS:-none} ]]; then echo "ERROR SUMMARY: 1 error"; exit 86; fi
if [[ $2 != ${DIES:-none} ]]; then echo "ERROR SUMMARY: 0 errors"; fi
"""


@pytest.fixture
def played(tmp_path: Path) -> Path:
    for name, text in (("python", PYTHON), ("compute-sanitizer", SANITIZER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path / "played"


def run(played: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    folder = played.parent
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return subprocess.run(
        ["bash", str(SCRIPT), str(folder / "python")], capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"PATH": path, "PLAYED": str(played), **environment},
    )  # fmt: skip


def test_every_tool_runs_over_files_that_exist(played: Path) -> None:
    done = run(played)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("memcheck, racecheck, initcheck and synccheck found nothing\n")
    jobs = sorted(line.split() for line in played.read_text().splitlines())
    assert [tool for tool, _ in jobs] == ["initcheck", "memcheck", "memcheck", "racecheck", "synccheck"]
    for _, file in jobs:
        assert (ROOT / file).is_file(), file


def test_a_finding_is_a_failure_with_its_log(played: Path) -> None:
    done = run(played, FINDS="racecheck")
    assert done.returncode == 1
    assert "== racecheck: status 86" in done.stdout and "ERROR SUMMARY: 1 error" in done.stdout
    assert done.stdout.endswith("findings, or failed tests, under: racecheck\n")


def test_a_job_that_dies_without_a_word_is_a_failure(played: Path) -> None:
    done = run(played, DIES="memcheck")
    assert done.returncode == 1
    assert re.search(r"== memcheck with PyTorch: status 87, no summary of pytest", done.stdout)


def test_without_a_gpu_or_the_tool_it_cannot_run(played: Path) -> None:
    assert run(played, NO_GPU="1").returncode == 2
    (played.parent / "compute-sanitizer").unlink()
    done = run(played)
    assert done.returncode == 2 and "compute-sanitizer is not installed" in done.stderr
