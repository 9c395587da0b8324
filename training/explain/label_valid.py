"""Asks MediaPipe's Face Landmarker about `valid` of FER+.

`python training/explain/label_valid.py --data DIR --out DIR`

Runs, like `training/cues/label.py` whose code it uses, in an environment of its own with `mediapipe==0.10.21`, and
writes `OUT/labels-valid-0-of-1.npz`. These faces are for judging only.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cues"))
import label  # type: ignore[import-not-found]

POOL = "valid"


def read_valid(data: Path, pool: str, shard: int, shards: int, boxes: object) -> Iterator[label.Face]:
    """Every face of FER+ `valid`; its key ends in its place in the archive."""
    with zipfile.ZipFile(data / "ferplus_train_valid.zip") as archive:
        meta = np.load(io.BytesIO(archive.read("votes.npz")))
        names = sorted(k for k in archive.namelist() if k.startswith("page_"))
        pages = [cv2.imdecode(np.frombuffer(archive.read(k), np.uint8), cv2.IMREAD_GRAYSCALE) for k in names]
    tiles = [np.asarray(p).reshape(20, 48, 20, 48).swapaxes(1, 2).reshape(400, 48, 48) for p in pages]
    images = np.concatenate(tiles)
    for index in np.flatnonzero(meta["split"] == "valid")[shard::shards].tolist():
        crop = cv2.copyMakeBorder(images[index], 12, 12, 12, 12, cv2.BORDER_REPLICATE)
        yield label.Face(f"{POOL}/{index}#0", f"ferplus{index}", cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    label.read_faces = read_valid
    label.POOLS = (*label.POOLS, POOL)
    teacher = label.Teacher(arguments.data / "teachers" / "face_landmarker.task")
    path = arguments.out / f"labels-{POOL}-0-of-1.npz"
    print(label.label_pool(arguments.data, POOL, 0, 1, {}, teacher, path), path)


if __name__ == "__main__":
    main()
