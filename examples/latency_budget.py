"""Keeps a frame within a budget of milliseconds: `python examples/latency_budget.py SOURCE --budget 3`.

Tries settings from the finest to the coarsest on the first seconds of the source, and takes the first whose 95th
percentile of the whole frame stays within the budget. The same frames go through every setting.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from typing import Any

import numpy as np

from edgeaffect import Pipeline
from edgeaffect.sources import Arrays, open_source

SETTINGS: tuple[dict[str, Any], ...] = (
    {"detect_interval": 0.0, "max_side": 640, "cues": True},
    {"detect_interval": 0.1, "max_side": 320, "cues": True},
    {"detect_interval": 0.2, "max_side": 320, "cues": True, "affect_interval": 0.1, "cues_interval": 0.1},
    {"detect_interval": 0.2, "max_side": 320, "affect_interval": 0.1},
    {"detect_interval": 0.5, "max_side": 160, "affect_interval": 0.2, "affect": "affect-nano"},
)


def frame_times(frames: list[np.ndarray], color: str, fps: float, setting: dict[str, Any]) -> np.ndarray:
    """Milliseconds of each frame after the first ones, which warm up."""
    with Pipeline(**setting) as pipeline:
        results = pipeline.stream(Arrays(frames, fps=fps, color=color))
        return np.array([result.timings_ms["total"] for result in results])[len(frames) // 10 :]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--budget", type=float, default=5.0, help="milliseconds of a frame, 95th percentile")
    parser.add_argument("--frames", type=int, default=100)
    arguments = parser.parse_args()
    with open_source(arguments.source) as source:  # sources reuse their buffers: what must stay is copied
        taken = [(frame.image.copy(), frame.color) for frame in itertools.islice(source, arguments.frames)]
    frames, color = [pixels for pixels, _ in taken], taken[0][1]
    for setting in SETTINGS:
        times = frame_times(frames, color, source.fps or 30.0, setting)
        p50, p95 = np.percentile(times, [50, 95])
        fits = p95 <= arguments.budget
        print(f"{'fits' if fits else 'over'}: p50 {p50:.2f} ms, p95 {p95:.2f} ms with {setting}")
        if fits:
            return 0
    print(f"nothing stays within {arguments.budget:g} ms here: raise the budget, or skip frames with max_fps=")
    return 3


if __name__ == "__main__":
    sys.exit(main())
