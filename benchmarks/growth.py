"""Which stage of a frame grows with its pixels, and how far from the memory's own pace: `python -m benchmarks.growth`.

One face, detection on every frame, frames of 640x480 to 3840x2880 (the detector's input stays the same size), two
frames in turns, so that large ones come from memory and small ones from a cache. Columns are the least time of a stage
over the frames of a size, in milliseconds. `reading` is what this machine needs to read the same bytes once (NumPy's
maximum of 64-bit words, in turns with the pipeline); `GB/s` are those of the letterbox and of that reading.

The last lines fit cost ~ pixels^exponent to what a size costs beyond the smallest one: least squares of logarithms.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeaffect import Pipeline, native
from edgeaffect.bench import frames
from edgeaffect.bench.parts.scaling import SIZES
from edgeaffect.bench.stats.timing import collector_off
from training.provenance import provenance

STAGES = ("detect.crop", "detect.model", "detect.decode", "track", "crop", "affect", "total")


def read(frame: NDArray[np.uint8]) -> float:
    """Milliseconds to read a frame once."""
    words = frame.reshape(-1).view(np.uint64)
    start = time.thread_time_ns()
    words.max()
    return (time.thread_time_ns() - start) * 1e-6


def measure(size: tuple[int, int], seconds: float) -> dict[str, float]:
    """Least milliseconds of each stage, and of reading."""
    clip = frames.synthetic(size, 1, 2)
    least: dict[str, float] = defaultdict(lambda: np.inf)
    with Pipeline(device="cpu", detect_interval=0.0) as pipeline, collector_off():
        end = time.perf_counter() + seconds
        count = 0
        while count < 10 or time.perf_counter() < end:
            result = pipeline.process(clip[count % 2], count / 30)
            for stage, milliseconds in result.timings_ms.items():
                least[stage] = min(least[stage], milliseconds)
            least["reading"] = min(least["reading"], read(clip[1 - count % 2]))
            count += 1
    return least


def exponent(pixels: list[int], costs: list[float]) -> float:
    """Of what sizes cost beyond the smallest, against the pixels they have beyond it."""
    x = np.log(np.array(pixels[1:]) - pixels[0])
    y = np.log(np.maximum(np.array(costs[1:]) - costs[0], 1e-9))
    return float(np.polyfit(x, y, 1)[0])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="per size (default %(default)s)")
    options = parser.parse_args()
    rows = [measure(size, options.seconds) for size in SIZES]
    record = provenance(Path(__file__).parent)
    print(f"{record['processor']}, native part {native.simd()}, commit {record['commit']}\n")
    print(f"| frame | MB | {' | '.join(STAGES)} | reading | GB/s letterbox | GB/s reading |")
    print("| " + "--- | " * (len(STAGES) + 5))
    for (width, height), row in zip(SIZES, rows, strict=True):
        megabytes = width * height * 3e-6
        cells = [f"{row[stage]:.3f}" for stage in (*STAGES, "reading")]
        cells += [f"{megabytes / row[stage]:.1f}" for stage in ("detect.crop", "reading")]
        print(f"| {width}x{height} | {megabytes:.1f} | {' | '.join(cells)} |")
    pixels = [width * height for width, height in SIZES]
    print()
    for stage in ("detect.crop", "crop", "track", "total", "reading"):
        print(f"{stage}: pixels^{exponent(pixels, [row[stage] for row in rows]):.2f}")


if __name__ == "__main__":
    main()
