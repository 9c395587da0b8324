"""Runs one pipeline of `recording_peers/` over one film; imports nothing but the pipeline.

    python recording_worker.py PEER.py FILM ASSETS.json FOLDER

Bound to one core. Writes one JSON line: frames, seconds and CPU seconds of the start (imports) and of the film, and the
peak of resident memory in bytes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any


def load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main(peer: str, film: str, assets: str, folder: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries chat on standard output, which is ours
    # Its own folder is not on the path: a peer called `mediapipe` must not hide the package of that name.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
    place = Path(peer)
    wall, cpu = time.perf_counter(), time.process_time()
    if place.stem == "mediapipe_fer":
        load("mediapipe_landmarks", place.with_name("mediapipe.py"))
    run, about = load("peer", place).setup(json.loads(Path(assets).read_text("utf-8")))
    start = (time.perf_counter() - wall, time.process_time() - cpu)
    wall, cpu = time.perf_counter(), time.process_time()
    frames = run(film, Path(folder))
    film_time = (time.perf_counter() - wall, time.process_time() - cpu)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert peak
    record = {"frames": frames, "start": start, "film": film_time, "peak_bytes": int(peak[1]) * 1024, **about}
    answers.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
