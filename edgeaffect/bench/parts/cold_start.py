"""Cold start and memory, each in a process of its own: this process has loaded too much already."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Error
from ..context import Bench
from ..host import nvml
from ..report.model import ColdStart, Memory

_TIMEOUT = 120
_KEYS = ("numpy_seconds", "import_seconds", "load_seconds", "first_result_seconds", "process_seconds")

# Runs in a fresh interpreter; argv: JSON of {models, place, frame, color, frames}.
_CHILD = """
import json, sys, time
start = time.perf_counter()
task = json.loads(sys.argv[1])
import numpy
numpy_done = time.perf_counter()
from edgeaffect import Pipeline
imported = time.perf_counter()
frame = numpy.load(task["frame"])
read = time.perf_counter()
pipeline = Pipeline(detect=task["models"]["face-detector"], affect=task["models"]["affect"], **task["place"])
loaded = time.perf_counter()
pipeline.process(frame, 0.0, task["color"])
first = time.perf_counter()
print("FIRST", flush=True)
for index in range(1, task["frames"]):
    pipeline.process(frame, index / 30, task["color"])
status = open("/proc/self/status").read() if sys.platform == "linux" else ""
from edgeaffect.bench.host import nvml
gpu = nvml.state()
print(json.dumps({"numpy_seconds": numpy_done - start, "import_seconds": imported - numpy_done,
                  "load_seconds": loaded - read, "first_result_seconds": first - loaded, "status": status,
                  "gpu_bytes": gpu and gpu.memory_used_bytes}))
"""


def measure(bench: Bench, runs: int = 3, frames: int = 60) -> tuple[ColdStart, Memory | None]:
    """Start `runs` fresh processes, one after the other.

    Args:
        bench: under test.
        runs: processes; the report gives medians and every run.
        frames: frames each processes before its memory is read.

    Returns:
        times, and memory (None where /proc is absent).

    Raises:
        Error: the process failed.
    """
    clip = bench.clip()
    path = bench.folder / "cold.npy"
    np.save(path, clip.frames[0])
    task = json.dumps(
        {"models": bench.models, "place": bench.place, "frame": str(path), "color": clip.color, "frames": frames}
    )
    gpu = nvml.state()
    idle = gpu.memory_used_bytes if gpu else None
    children = [_run(task) for _ in range(runs)]
    runs_seconds = tuple({key: round(child[key], 6) for key in _KEYS} for child in children)
    medians = {key: round(statistics.median(child[key] for child in children), 6) for key in _KEYS}
    cold = ColdStart(runs=runs_seconds, **medians)
    memory = [m for child in children if (m := parse_status(child["status"]))]
    if not memory:
        return cold, None
    used = [child["gpu_bytes"] for child in children if child["gpu_bytes"] is not None]
    return cold, Memory(
        resident_bytes=int(statistics.median(m.resident_bytes for m in memory)),
        peak_bytes=int(statistics.median(m.peak_bytes for m in memory)),
        gpu_bytes=int(statistics.median(used)) - idle if idle is not None and used else None,
    )


def parse_status(text: str) -> Memory | None:
    """VmRSS and VmHWM of /proc/PID/status (proc(5))."""
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", text, re.M))
    if len(found) != 2:
        return None
    return Memory(int(found["VmRSS"]) * 1024, int(found["VmHWM"]) * 1024)


def _run(task: str) -> dict[str, Any]:
    root = str(Path(__file__).resolve().parents[3])
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, task], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        first = time.perf_counter() - begin
        try:
            rest, errors = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    if line.strip() != "FIRST" or process.returncode:
        raise Error(f"the process for cold start and memory failed: {(errors or line).strip()[-500:]}")
    return {**json.loads(rest), "process_seconds": first}
