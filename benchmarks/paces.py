"""Wall times of frames, back to back and at the pace of a camera, and the table that shows them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from edgeaffect import Pipeline
from edgeaffect.bench.codec import to_dict
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.stats.timing import collector_off

PACES = {"back to back": 0.0, "30 a second": 1 / 30}
"""Name -> seconds from one frame to the next."""


def times_of(pipeline: Pipeline, pictures: Iterator[np.ndarray], pace: float, seconds: float) -> list[float]:
    """Milliseconds of each frame; one that is late is followed by the next at once."""
    found = []
    with collector_off():
        begin = due = time.perf_counter()
        while due - begin < seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            start = time.perf_counter()
            pipeline.process(next(pictures))
            found.append((time.perf_counter() - start) * 1000)
            due = max(due + pace, time.perf_counter())
    return found


def row(times: Sequence[float], **what: Any) -> dict[str, Any]:
    """`what` was measured, with the number of frames, their median and 99th percentile in milliseconds."""
    shares = {name: round(float(np.quantile(times, share)), 3) for name, share in (("p50", 0.5), ("p99", 0.99))}
    return {**what, "frames": len(times), **shares}


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of one shape as Markdown."""
    cells = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(value) for value in one.values()] for one in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def write(path: str, rows: Sequence[Mapping[str, Any]], **facts: Any) -> None:
    """The rows as JSON, with the commit, the machine and further facts about the run."""
    about = {"commit": hardware.commit(), "machine": to_dict(hardware.identity(SystemFiles())), **facts}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**about, "rows": rows}, file, indent=1)
