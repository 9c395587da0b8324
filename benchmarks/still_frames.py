"""What a picture that does not change costs, and whether its answers stay: `python -m benchmarks.still_frames`.

A drawn face in frames of 640 x 480 moves for ten frames and then stands for five seconds, twice, at 30 frames a second.
Milliseconds are least and median of the whole frames of the last second that it stands; differences are the largest
between reading every frame and not reading what has not changed.
"""

from __future__ import annotations

import numpy as np

from edgeaffect import Pipeline, Result, native
from edgeaffect.bench.frames import synthetic
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles

_FPS, _SIZE = 30, (640, 480)


def run(*, cues: bool, skip_unchanged: bool) -> list[Result]:
    """Results of all frames."""
    clip = synthetic(_SIZE, 1, 10)
    frames = [*clip, *[clip[3]] * 150, *clip, *[clip[5]] * 150]
    with Pipeline(device="cpu", cues=cues, skip_unchanged=skip_unchanged) as pipeline:
        return [pipeline.process(frame, index / _FPS) for index, frame in enumerate(frames)]


def main() -> None:
    """Print the table."""
    print(f"{hardware.cpu(SystemFiles()).name}, {native.VARIANT} {native.simd()}\n")
    print("| | every frame read: least, median ms | unchanged ones not | readings saved | probabilities differ by |")
    print("| --- | --- | --- | --- | --- |")
    for cues in (False, True):
        read, skipped = (run(cues=cues, skip_unchanged=skip) for skip in (False, True))
        cells = []
        for results in (read, skipped):
            totals = [result.timings_ms["total"] for result in results[-30:]]
            cells.append(f"{min(totals):.2f}, {np.median(totals):.2f}")
        saved = sum("affect" not in result.timings_ms for result in skipped)
        pairs = [(a.faces[0].raw, b.faces[0].raw) for a, b in zip(read, skipped, strict=True)]
        apart = max(float(np.abs(a.probabilities - b.probabilities).max()) for a, b in pairs if a and b)
        name = "with cues" if cues else "defaults"
        print(f"| {name} | {cells[0]} | {cells[1]} | {saved} of {len(read)} | {apart:.5f} |")


if __name__ == "__main__":
    main()
