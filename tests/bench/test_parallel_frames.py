"""Frames in turn and at once: every way and pace is measured in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

if not (Path(__file__).parents[2] / "benchmarks").is_dir():
    pytest.skip("benchmarks live in the source tree only", allow_module_level=True)

from benchmarks.paces import PACES
from benchmarks.parallel_frames import WAYS, measure


def test_every_way_and_pace_is_measured() -> None:
    rows = measure(1, 0.05, 1)
    assert [(r["pace"], r["cues"], r["parallel"]) for r in rows] == [(pace, *way) for pace in PACES for way in WAYS]
    assert all(row["frames"] >= 1 and 0 < row["p50"] <= row["p99"] for row in rows)
