"""Reads the face data sets and assigns every picture to `train`, `dev` or `test`.

Pictures that show the same person or clip share a *group*, and a group never crosses a split:
68-point frames are grouped by clip, 80 px crops by the person or source picture in their name, all others
by file. The split of a group is a hash of its name, so it depends on nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.evaluation.evaluate import five_of_68

# Shares of (test, dev); the rest trains. `dev` picks thresholds and checkpoints, `test` is only reported.
SPLITS = {
    "multi": (0.20, 0.06),
    "points68": (0.15, 0.05),
    "crops80": (0.10, 0.03),
    "photos": (0.0, 0.05),
    "scenes": (0.30, 0.10),
}
FILES = {
    "multi": "faces_multi.zip",
    "points68": "faces_68points.zip",
    "crops80": "faces_80px_5points.zip",
    "photos": "photos_unlabelled.zip",
    "scenes": "scenes_oasis.zip",
}
# Pictures of which almost the same one trains (found by comparing 16x16 gradient signs): they train too.
NEAR_COPIES = {f"multi_{number:04}.jpg" for number in (46, 116, 186, 371, 424, 599, 628)}


@dataclass
class Picture:
    """One picture with what its data set says about it (all in its own pixels).

    Attributes:
        key: `set/file`.
        image: uint8 [H, W, 3] BGR.
        boxes: float32 [n, 4] xyxy.
        tags: one word per box (`bad`, `good`, `none` in the multi-face set).
        points: float32 [n, 5, 2] eyes, nose, mouth corners; image-left first; may be fewer rows than boxes.
        category: the pool or theme, where the set names one.
    """

    key: str
    image: np.ndarray
    split: str
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    tags: tuple[str, ...] = ()
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 5, 2), np.float32))
    category: str = ""

    @property
    def dataset(self) -> str:
        return self.key.split("/", 1)[0]


def split_of(dataset: str, group: str, seed: int = 0) -> str:
    """Returns `train`, `dev` or `test` for a group of pictures."""
    digest = hashlib.sha1(f"{seed}:{dataset}:{group}".encode()).digest()
    position = int.from_bytes(digest[:4], "big") / 2**32
    test, dev = SPLITS[dataset]
    return "test" if position < test else "dev" if position < test + dev else "train"


def is_empty_scene(picture: Picture) -> bool:
    """A scene that its data set files under things, animals or scenery."""
    return picture.dataset == "scenes" and picture.category != "Person"


def read_pictures(folder: Path, datasets: tuple[str, ...] = tuple(FILES)) -> Iterator[Picture]:
    """Yields all pictures of the named data sets in a fixed order."""
    for dataset in datasets:
        with zipfile.ZipFile(folder / FILES[dataset]) as archive:
            table = "list.csv" if dataset == "photos" else "labels.csv"
            rows: dict[str, list[dict[str, str]]] = {}
            for row in csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8")):
                rows.setdefault(row["file"], []).append(row)
            for name, labels in rows.items():
                image = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
                if image is None:
                    raise ValueError(f"{FILES[dataset]}: {name} is not a readable picture")
                yield _picture(dataset, name, image, labels)


def _picture(dataset: str, name: str, image: np.ndarray, rows: list[dict[str, str]]) -> Picture:
    first = rows[0]
    split = "train" if name in NEAR_COPIES else split_of(dataset, _group(dataset, name, first))
    picture = Picture(f"{dataset}/{name}", image, split)
    if dataset == "multi":
        picture.boxes = np.array([[float(row[k]) for k in ("x0", "y0", "x1", "y1")] for row in rows], np.float32)
        picture.tags = tuple(row["mask"] for row in rows)
    elif dataset == "points68":
        points = np.array([[float(first[f"x{i}"]), float(first[f"y{i}"])] for i in range(68)], np.float32)
        picture.points = five_of_68(points)[None]
    elif dataset == "crops80":
        picture.points = np.array([[[float(first[f"x{i}"]), float(first[f"y{i}"])] for i in range(5)]], np.float32)
    else:
        picture.category = first.get("pool") or first.get("category", "")
    return picture


def _group(dataset: str, name: str, row: dict[str, str]) -> str:
    if dataset == "points68":
        return row["clip"]
    if dataset == "crops80" and name.startswith("lfw_"):
        return name.removesuffix(".jpg").rsplit("_", 1)[0]
    return name
