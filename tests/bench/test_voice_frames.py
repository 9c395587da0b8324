"""Frames with and without a voice, in turns: every way is measured, and a frame that is due waits for its time."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

if not (Path(__file__).parents[2] / "benchmarks").is_dir():
    pytest.skip("benchmarks live in the source tree only", allow_module_level=True)

from benchmarks.paces import PACES, table, times_of
from benchmarks.voice_frames import WAYS, measure
from edgeaffect import Pipeline
from edgeaffect.bench import frames


def test_every_way_and_pace_is_measured() -> None:
    rows = measure(1, 0.1, cues=False)
    assert [(row["pace"], row["way"]) for row in rows] == [(pace, way) for pace in PACES for way in WAYS]
    assert all(row["frames"] >= 1 and 0 < row["p50"] <= row["p99"] for row in rows)


def test_rows_of_one_shape_make_a_table() -> None:
    rows = [
        {"way": "quiet", "cues": True, "frames": 3, "p50": 1.5},
        {"way": "loud", "cues": False, "frames": 9, "p50": 2.0},
    ]
    assert table(rows).splitlines() == [
        "| way | cues | frames | p50 |",
        "| --- | --- | --- | --- |",
        "| quiet | yes | 3 | 1.500 |",
        "| loud | no | 9 | 2.000 |",
    ]


def test_frames_come_when_they_are_due() -> None:
    pictures = itertools.cycle(frames.synthetic((160, 120), 0, 2))
    with Pipeline(device="cpu") as pipeline:
        start = time.perf_counter()
        found = times_of(pipeline, pictures, 0.05, 0.2)
        # A crowded machine may be late, never early: at most one frame each 50 ms.
        assert 1 <= len(found) <= (time.perf_counter() - start) / 0.05 + 1
