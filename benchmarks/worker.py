"""Runs one peer in its own process; imports nothing but NumPy and the peer.

    python worker.py peers/NAME.py FRAMES.npz ASSETS.json

Writes one JSON line about itself, then for every line `TASK CALLS` on standard input one JSON line with the
nanoseconds of each call by the clock and of CPU time, and when input ends, its memory. Bound to one CPU core by the
caller's environment.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

CORE = "EDGEAFFECT_BENCH_CORE"


def main(peer_file: str, frames_file: str, assets_file: str) -> None:
    if CORE in os.environ and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(os.environ[CORE])})
    import numpy as np

    # Libraries chat on standard output, which is ours: give them standard error.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    begin = time.perf_counter()
    spec = importlib.util.spec_from_file_location("peer", peer_file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(frames_file) as archive:
        frames = {name: archive[name] for name in archive.files}
    assets = json.loads(Path(assets_file).read_text("utf-8"))
    tasks, about = module.setup(frames, assets)
    about = {**about, "setup_seconds": time.perf_counter() - begin, "tasks": list(tasks)}
    print(json.dumps(about), file=answers)
    for line in sys.stdin:
        task, calls = line.split()
        print(json.dumps(measure(tasks[task], int(calls))), file=answers)
    print(json.dumps(memory()), file=answers)


def measure(call: Any, calls: int) -> dict[str, list[int]]:
    """Nanoseconds of each call, garbage collector off: `wall`, and `cpu` of all threads of this process."""
    gc.collect()
    gc.disable()
    clock, busy = time.perf_counter_ns, time.process_time_ns
    readings: dict[str, list[int]] = {"wall": [], "cpu": []}
    for _ in range(calls):
        begin = busy()
        start = clock()
        call()
        stop = clock()
        readings["cpu"].append(busy() - begin)
        readings["wall"].append(stop - start)
    gc.enable()
    return readings


def memory() -> dict[str, int]:
    """VmRSS and VmHWM in bytes (proc(5))."""
    found = re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"), re.M)
    return {name: int(value) * 1024 for name, value in found}


if __name__ == "__main__":
    main(*sys.argv[1:])
