"""A frame to the detector's input beside OpenCV + NumPy, by frame size and format: `python -m benchmarks.letterbox`.

Calls in turns in one process, CPU time of the calling thread, one thread each; least and median of one run.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np

from benchmarks.preprocess import readings
from edgeaffect import native
from edgeaffect.bench import frames
from edgeaffect.bench.parts.preprocess import FORMATS, opencv_chain
from edgeaffect.face.alignment import letterbox_matrix
from training.provenance import provenance

SIZES = ((640, 480), (1280, 720), (1920, 1080))
SIDE = 320
SECONDS = 1.0


def row(size: tuple[int, int], color: str) -> str:
    """One row of the table."""
    scale = SIDE / max(size)
    target = (SIDE, -(-round(size[1] * scale) // 32) * 32)
    pixels = frames.convert(frames.synthetic(size, 1, 1)[0], color)
    out, matrix = np.empty((1, 3, target[1], target[0]), np.float32), letterbox_matrix(scale)[None]

    def fused() -> None:
        native.crop_normalize(pixels, matrix, target, color=color, to="bgr", scale=1.0, out=out)

    chain = opencv_chain(pixels, color, "bgr", scale, target, 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    ours, theirs = readings([fused, chain], SECONDS)
    cells = [f"{color} {size[0]}x{size[1]}"]
    for pick in (min, statistics.median):
        a, b = pick(ours), pick(theirs)
        cells += [f"{a * 1e6:.0f} us", f"{b * 1e6:.0f} us", f"{b / a:.1f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    record = provenance(Path(__file__).parent)
    print(f"{record['processor']}, native part {native.simd()}, commit {record['commit']}\n")
    print("| from | least | OpenCV | times faster | median | OpenCV | times faster |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        for color in FORMATS:
            print(row(size, color))


if __name__ == "__main__":
    main()
