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

METRICS = {
    "gpu__time_duration.sum": "time",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": "DRAM %",
    "l1tex__throughput.avg.pct_of_peak_sustained_active": "L1 %",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": "SM %",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "occupancy %",
    "launch__registers_per_thread": "registers",
}


def counters(bench: Bench) -> list[dict[str, str]]:
    """One row per launch, in the order of `crops` and `decode`."""
    ncu = shutil.which("ncu")
    if ncu is None:
        raise FileNotFoundError("Nsight Compute (ncu) is not installed")
    command = [
        *(ncu, "--csv", "--page", "raw", "--metrics", ",".join(METRICS)),
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
    table = list(csv.DictReader(io.StringIO("\n".join(lines))))
    units = table[0] if table and not table[0].get("ID") else {}

    def cell(row: dict[str, str], metric: str) -> str:
        return f"{row[metric]} {units.get(metric) or ''}".replace("%", "").strip()

    return [
        {name: cell(row, metric) for metric, name in METRICS.items() if metric in row}
        for row in table
        if row.get("ID")
    ]
