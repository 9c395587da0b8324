"""Where the time of a frame goes outside the networks: every stage, and the functions within it, on this machine.

    python -m benchmarks.frame_profile [--frames 600] [--json FILE]

A drawn face sways in frames of 640 x 480 at 30 frames a second; the pipeline has its defaults. Stages are those of
`Result.timings_ms`; functions are timed from outside, inclusive of what they call, and counted per frame in which they
ran. `rest` is everything but the sessions of the networks and the pixels of their inputs: cut detection, tracking,
read-out, smoothing, building of the result, and the plumbing between them.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect import Pipeline, native
from edgeaffect.bench.frames import synthetic
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.face import affect, face_model, patch_tracker, postprocess, smoother, tracker
from edgeaffect.pipeline import camera_state, cut_detector, face_reader, frame_view
from edgeaffect.runtime import onnxruntime

_FPS, _SIZE = 30, (640, 480)
_WARM = 30
# What a network and the pixels of its input take: all else is the rest.
_NETWORK = ("detect", "turn", "crop", "affect.model", "cues.model")
# Owner of the function, its name, and how deep it is shown.
_WATCHED: tuple[tuple[Any, str, int], ...] = (
    (frame_view.Door, "view", 0),
    (cut_detector.CutDetector, "changed", 0),
    (tracker.Tracker, "predict", 0),
    (native, "follow_tracks", 1),
    (tracker.Tracker, "update", 0),
    (patch_tracker.PatchTracker, "remember", 1),
    (face_reader.FaceReader, "choose", 0),
    (face_model.FaceModel, "align", 0),
    (face_model.FaceModel, "_fill", 0),
    (onnxruntime.OnnxRuntimeSession, "run", 0),
    (affect.FaceAffect, "read", 0),
    (postprocess.AffectPostprocess, "_read_vad", 1),
    (smoother.Smoother, "update", 0),
    (camera_state, "Result", 0),
)


class Watch:
    """Seconds that each function took, one sum per frame."""

    def __init__(self) -> None:
        self.frame: dict[str, float] = defaultdict(float)
        self.sums: dict[str, list[float]] = defaultdict(list)

    def close_frame(self) -> None:
        """Take over the sums of one frame."""
        for name, seconds in self.frame.items():
            self.sums[name].append(seconds)
        self.frame.clear()

    @contextmanager
    def over(self, owner: Any, name: str) -> Iterator[None]:
        """Time one function of a class or module as long as this lasts."""
        plain: Callable[..., Any] = getattr(owner, name)
        label = f"{owner.__name__.rpartition('.')[2]}.{name}"

        @functools.wraps(plain)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return plain(*args, **kwargs)
            finally:
                self.frame[label] += time.perf_counter() - start

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, plain)


def profile(frames: int, *, functions: bool) -> dict[str, list[float]]:
    """Milliseconds of every stage (and function) in every frame in which it ran."""
    clip = synthetic(_SIZE, 1, 32)
    watch = Watch()
    rows: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        pipeline = stack.enter_context(Pipeline(device="cpu"))
        if functions:
            for owner, name, _ in _WATCHED:
                stack.enter_context(watch.over(owner, name))
        gc.disable()
        stack.callback(gc.enable)
        for index in range(frames + _WARM):
            result = pipeline.process(clip[index % len(clip)], index / _FPS)
            if index < _WARM:
                watch.frame.clear()
                continue
            if len(result.faces) != 1:
                raise RuntimeError(f"frame {index}: {len(result.faces)} faces instead of one")
            timings = result.timings_ms
            for name, value in timings.items():
                rows[name].append(value)
            spent = sum(timings.get(name, 0.0) for name in _NETWORK)
            rows["rest"].append(timings["total"] - spent)
            rows["rest, frames with detection" if "detect" in timings else "rest, frames between"].append(
                rows["rest"][-1]
            )
            watch.close_frame()
    return {**rows, **{name: [1000 * s for s in seconds] for name, seconds in watch.sums.items()}}


def table(rows: dict[str, list[float]]) -> str:
    """As Markdown: least, median, mean in milliseconds."""
    depth = {f"{owner.__name__.rpartition('.')[2]}.{name}": d for owner, name, d in _WATCHED}
    lines = ["| part | frames | least | p50 | mean |", "| --- | --- | --- | --- | --- |"]
    for name, values in rows.items():
        label = "- " * depth.get(name, 0) + name
        lines.append(
            f"| {label} | {len(values)} | {min(values):.3f} | {np.median(values):.3f} | {np.mean(values):.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table; with --json also write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--json", type=Path, help="file for the same figures")
    arguments = parser.parse_args()
    stages = profile(arguments.frames, functions=False)
    inside = profile(arguments.frames, functions=True)
    rows = {**stages, **{name: values for name, values in inside.items() if name not in stages}}
    print(f"{hardware.cpu(SystemFiles()).name}, {native.VARIANT} {native.simd()}; milliseconds\n\n{table(rows)}")
    if arguments.json:
        figures = {
            name: {"frames": len(v), "least": min(v), "p50": float(np.median(v)), "mean": float(np.mean(v))}
            for name, v in rows.items()
        }
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
