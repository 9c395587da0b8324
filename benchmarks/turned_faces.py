"""Points and labels of faces at every roll: `python -m benchmarks.turned_faces FOLDER_OR_ZIP [--every N]`.

Portraits, one upright face each, are turned in steps of 15 degrees on a grey frame of 640x480. Columns, with and
without `check_turn`: faces found; those whose five points are off by less than a tenth of the face's side, and by more
than a fifth; those that are sure of another label than the upright face's. Thresholds were chosen on the portraits of
`--first 0` and `--first 1` with `--every 6`; the default takes others.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect import Face, Pipeline, native
from training.provenance import provenance

FRAME = (640, 480)
ROLLS = range(0, 360, 15)
_GOOD, _BAD = 0.1, 0.2

Array = NDArray[np.float64]


def portraits(place: Path, first: int, every: int) -> Iterator[NDArray[np.uint8]]:
    """Every so many of the pictures of a folder or zip file, by name."""
    if place.is_dir():
        for path in sorted(place.glob("*.jpg"))[first::every]:
            yield np.asarray(cv2.imread(str(path)), np.uint8)
        return
    with ZipFile(place) as archive:
        for name in sorted(name for name in archive.namelist() if name.endswith(".jpg"))[first::every]:
            yield np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR), np.uint8)


def turned(picture: NDArray[np.uint8], degrees: float) -> tuple[NDArray[np.uint8], Array]:
    """The picture turned clockwise in the middle of a frame, and the matrix [2, 3] from its pixels to the frame's."""
    h, w = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), -degrees, 1.0)
    matrix[:, 2] += ((FRAME[0] - w) / 2, (FRAME[1] - h) / 2)
    frame = cv2.warpAffine(picture, matrix, FRAME, borderValue=(128, 128, 128))
    return np.asarray(frame, np.uint8), np.asarray(matrix, np.float64)


def face_of(pipeline: Pipeline, frame: NDArray[np.uint8]) -> Face | None:
    """The best face of a frame by itself."""
    pipeline.reset()
    faces = pipeline.process(frame, 0.0).faces
    return max(faces, key=lambda face: face.score) if faces else None


def count(pipeline: Pipeline, pictures: list[NDArray[np.uint8]]) -> dict[int, list[int]]:
    """Roll -> found, good, bad, sure of another label."""
    table = {roll: [0, 0, 0, 0] for roll in ROLLS}
    for picture in pictures:
        frame, first = turned(picture, 0)
        upright = face_of(pipeline, frame)
        if upright is None or upright.affect is None:
            continue
        side = float(np.sqrt(np.prod(upright.box[2:] - upright.box[:2])))
        for roll in ROLLS:
            frame, matrix = turned(picture, roll)
            face = face_of(pipeline, frame)
            if face is None or face.affect is None:
                continue
            wanted = (upright.landmarks - first[:, 2]) @ matrix[:, :2].T + matrix[:, 2]
            error = float(np.linalg.norm(face.landmarks - wanted, axis=1).mean()) / side
            other = face.affect.is_sure and face.affect.label != upright.affect.label
            table[roll] = [a + b for a, b in zip(table[roll], (1, error < _GOOD, error > _BAD, other), strict=True)]
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", type=Path)
    parser.add_argument("--first", type=int, default=4)
    parser.add_argument("--every", type=int, default=6)
    arguments = parser.parse_args()
    pictures = list(portraits(arguments.place, arguments.first, arguments.every))
    record = provenance(Path(__file__).parent)
    print(f"{len(pictures)} portraits; {record['processor']}, native part {native.simd()}, commit {record['commit']}\n")
    tables = []
    for checked in (False, True):
        with Pipeline(device="cpu", detect_interval=0.0, check_turn=checked) as pipeline:
            tables.append(count(pipeline, pictures))
    print("| roll | found | points good | points bad | sure of another label | checked: good | bad | sure of another |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = [(str(roll), *(table[roll] for table in tables)) for roll in ROLLS]
    rows.append(("all", *([sum(row) for row in zip(*table.values(), strict=True)] for table in tables)))
    for name, plain, again in rows:
        print(f"| {name} | {' | '.join(map(str, plain))} | {' | '.join(map(str, again[1:]))} |")


if __name__ == "__main__":
    main()
