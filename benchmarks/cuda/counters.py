"""Hardware counters of the kernels, by Nsight Compute around one launch of each."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from typing import Any

from benchmarks.cuda.bench import ROOT, Bench
from benchmarks.cuda.kernels import crop_launches, decode_launches

# Column of the table, and what its unit is in ncu's base units (nanoseconds, bytes). Such as cards with memory of their
# own count: one that a GPU does not know ends ncu, which then is the section's error.
METRICS = {
    "gpu__time_duration.sum": ("us", 1e-3),
    "smsp__inst_executed.sum": ("million warp instructions", 1e-6),
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": ("SM %", 1.0),
    "l1tex__throughput.avg.pct_of_peak_sustained_active": ("L1 %", 1.0),
    "l1tex__data_pipe_lsu_wavefronts.avg.pct_of_peak_sustained_elapsed": ("L1 loads and stores %", 1.0),
    "lts__t_bytes.sum": ("L2 MB", 1e-6),
    "dram__bytes.sum": ("DRAM MB", 1e-6),
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": ("DRAM %", 1.0),
    "sm__warps_active.avg.pct_of_peak_sustained_active": ("occupancy %", 1.0),
    "launch__registers_per_thread": ("registers", 1.0),
}


def counters(bench: Bench) -> list[dict[str, str]]:
    """One row per launch, in the order of `crops` and `decode`."""
    ncu = shutil.which("ncu")
    if ncu is None:
        raise FileNotFoundError("Nsight Compute (ncu) is not installed")
    command = [
        *(ncu, "--csv", "--page", "raw", "--print-units", "base", "--metrics", ",".join(METRICS)),
        # Clocks and caches as the timed launches find them: frames lie in L2 where they fit.
        *("--clock-control", "none", "--cache-control", "none", "--target-processes", "all"),
        *("--kernel-name", "regex:crop_kernel|decode_kernel"),
        *(sys.executable, "-m", "benchmarks.cuda", "--section", "once"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=900)
    rows = parse(done.stdout)
    if not rows:
        # Most often: counters are for administrators only (ERR_NVGPUCTRPERM).
        raise RuntimeError("ncu measured nothing: " + " ".join((done.stdout + done.stderr).split())[-400:])
    names = [_name(facts) for facts, _ in (*crop_launches(bench), *decode_launches(bench))]
    return [{"launch": name, **row} for name, row in zip(names, rows, strict=False)]


def once(bench: Bench) -> list[str]:
    """One launch of each kind, for a profiler to look at."""
    done = []
    for facts, launch in (*crop_launches(bench), *decode_launches(bench)):
        launch()
        bench.stream.synchronize()
        done.append(_name(facts))
    return done


def _name(facts: dict[str, Any]) -> str:
    size = "x".join(map(str, facts["size"]))
    if "candidates" in facts:
        return f"decode {size}, {facts['candidates']:.1%}"
    return f"{facts['crops']} {facts['what']} {facts['color']} {size}"


def parse(text: str) -> list[dict[str, str]]:
    """Rows of ncu's raw page as CSV: lines of its own chatter, a head, units, then one line per launch."""
    lines = [line for line in text.splitlines() if line.startswith('"')]
    return [
        {name: _cell(row[metric], factor) for metric, (name, factor) in METRICS.items() if metric in row}
        for row in csv.DictReader(io.StringIO("\n".join(lines)))
        if row.get("ID")
    ]


def _cell(text: str, factor: float) -> str:
    try:
        return f"{float(text.replace(',', '')) * factor:.4g}"
    except ValueError:  # what this GPU does not count
        return text
