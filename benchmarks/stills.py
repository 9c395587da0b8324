"""What a picture costs, and which faces are found, by the detector's resolution: `python -m benchmarks.stills`.

The group photograph is made: the head of a public-domain portrait, 60 times on a canvas of 2560x1440 pixels, each row
smaller than the one before. Columns: longest side of the detector's input (`max_side`), size of that input, faces
found, median milliseconds of finding them, and of the whole picture with affect.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import results
from edgeaffect import FaceDetector, Pipeline, native
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.sources import Arrays

SIZE = (2560, 1440)
# Row by row: sides of a face in pixels, from the front of a group to its back.
FACES = (150, 110, 80, 56, 40, 28)
PER_ROW = 10
SIDES: tuple[int | None, ...] = (320, 640, None, 0)


@dataclass(frozen=True)
class Row:
    """One resolution."""

    side: int
    input_size: tuple[int, int]
    faces: int
    detect_ms: float
    total_ms: float


def group(portrait: np.ndarray) -> np.ndarray:
    """uint8 [1440, 2560, 3] with a head in every cell of a grid, in the middle of it."""
    x0, y0, x1, y1 = FaceDetector(max_side=0).detect(portrait).boxes[0].tolist()
    face, margin = x1 - x0, 0.5 * (x1 - x0)
    head = portrait[max(0, round(y0 - margin)) : round(y1 + margin), max(0, round(x0 - margin)) : round(x1 + margin)]
    canvas = np.full((SIZE[1], SIZE[0], 3), 127, np.uint8)
    cell_w, cell_h = SIZE[0] // PER_ROW, SIZE[1] // len(FACES)
    for row, side in enumerate(FACES):
        small = cv2.resize(head, None, fx=side / face, fy=side / face, interpolation=cv2.INTER_AREA)[:cell_h, :cell_w]
        h, w = small.shape[:2]
        for column in range(PER_ROW):
            x, y = column * cell_w + (cell_w - w) // 2, row * cell_h + (cell_h - h) // 2
            canvas[y : y + h, x : x + w] = small
    return canvas


def measure(picture: np.ndarray, side: int | None, repeats: int) -> Row:
    """Median times of one resolution, after one picture that is not counted."""
    with Pipeline(max_side=side, device="cpu") as pipeline:
        seen = [next(iter(pipeline.stream(Arrays([picture], still=True)))) for _ in range(repeats + 1)][1:]
        letterbox = FaceDetector(max_side=side).letterbox(*SIZE, still=True)
        return Row(
            pipeline.options.detect.side(still=True),
            letterbox.size,
            len(seen[0].faces),
            statistics.median(result.timings_ms["detect"] for result in seen),
            statistics.median(result.timings_ms["total"] for result in seen),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=15, help="pictures per row")
    arguments = parser.parse_args()
    from skimage import data

    picture = group(np.ascontiguousarray(data.astronaut()[..., ::-1]))
    cpu = hardware.cpu(SystemFiles())
    print(f"{cpu.name}, one thread, {native.simd()}; commit {results.commit()[:7]}")
    print(f"{len(FACES) * PER_ROW} faces on {SIZE[0]}x{SIZE[1]} pixels; median of {arguments.repeats}")
    print(f"{'max_side':>9} {'input':>10} {'faces':>6} {'detect ms':>10} {'total ms':>9}")
    for side in SIDES:
        row = measure(picture, side, arguments.repeats)
        width, height = row.input_size
        default = "  (default)" if side is None else ""
        print(f"{row.side:9} {width:>5}x{height:<4} {row.faces:6} {row.detect_ms:10.1f} {row.total_ms:9.1f}{default}")


if __name__ == "__main__":
    main()
