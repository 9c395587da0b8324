"""Finds the faces of the picture pools with the SDK's own detector: input of `label.py`.

`python -m training.cues.boxes --data DIR --out DIR` writes `OUT/boxes.npz`: per picture `pool/file` an array of boxes
(xyxy, pixels of the picture as it lies in its archive).
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from pathlib import Path

import cv2
import numpy as np

from training.cues.sdk import FaceDetector
from training.data import data_folder

FILES = {
    "webmorph": ("faces_webmorph.zip", "labels.csv"),
    "omi": ("faces_omi_rated.zip", "labels.csv"),
    "multi": ("faces_multi.zip", "labels.csv"),
    "photos": ("photos_unlabelled.zip", "list.csv"),
}
# Pictures whose longest side is below this are enlarged twice before detection.
SMALL = 300


def find(data: Path, path: Path) -> Path:
    """Writes `path` unless it is there, and returns it."""
    if path.exists():
        return path
    boxes: dict[str, np.ndarray] = {}
    with FaceDetector() as detector:
        for pool, (file, table) in FILES.items():
            with zipfile.ZipFile(data / file) as archive:
                names = dict.fromkeys(r["file"] for r in csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8")))
                for name in names:
                    image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR))
                    factor = 2 if max(image.shape) < SMALL else 1
                    if factor > 1:
                        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
                    boxes[f"{pool}/{name}"] = np.asarray(detector.detect(image).boxes, np.float64) / factor
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        keys=np.array(list(boxes)),
        counts=np.array([len(b) for b in boxes.values()]),
        boxes=np.concatenate([b.reshape(-1, 4) for b in boxes.values()]),
    )
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(find(data_folder(arguments.data), arguments.out / "boxes.npz"))


if __name__ == "__main__":
    main()
