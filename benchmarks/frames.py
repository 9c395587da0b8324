"""The frames every peer gets: 640x480 BGR, one face each, from files in the data folder.

`stills` are different people; `clip` is one of them moving through the frame, as a camera would show. Boxes and five
points come from the data's 68 landmarks, so that the expression task does not depend on any detector.
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (640, 480)
COUNT = 24


def load(data: Path) -> dict[str, NDArray[Any]]:
    """Arrays `stills` [n, 480, 640, 3], `clip` [m, 480, 640, 3], `boxes` [n, 4] xyxy, `points` [n, 5, 2], `scores`."""
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        table = next(name for name in archive.namelist() if name.endswith(".csv"))
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open(table), "utf-8")))
        by_clip = {row["clip"]: row for row in rows}
        names = sorted(by_clip)
        chosen = [by_clip[names[i]] for i in np.linspace(0, len(names) - 1, COUNT).astype(int)]
        stills, points = zip(*(_still(archive, row) for row in chosen), strict=True)
    landmarks = np.stack(points)
    return {
        "stills": np.stack(stills), "clip": _clip(stills[0]), "boxes": _boxes(landmarks), "points": _five(landmarks),
        "scores": np.ones(len(stills), np.float32),
    }  # fmt: skip


def _still(archive: zipfile.ZipFile, row: dict[str, str]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    image = cv2.imdecode(np.frombuffer(archive.read(row["file"]), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{row['file']} in faces_68points.zip is no picture")
    height, width = image.shape[:2]
    scale = min(SIZE[0] / width, SIZE[1] / height)
    shift = ((SIZE[0] - width * scale) / 2, (SIZE[1] - height * scale) / 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    frame = cv2.warpAffine(image, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    landmarks = np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(68)]) * scale + shift
    return np.asarray(frame, np.uint8), landmarks.astype(np.float32)


def _clip(still: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two seconds of 30 fps: the picture sways by 12 pixels and back."""
    phases = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    moves = [np.array([[1, 0, 12 * np.sin(p)], [0, 1, 6 * np.sin(2 * p)]]) for p in phases]
    return np.stack([cv2.warpAffine(still, m, SIZE, borderMode=cv2.BORDER_REPLICATE) for m in moves])


def _boxes(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Forehead to chin: the landmarks begin at the brows, a third of the height is added above."""
    low, high = landmarks.min(1), landmarks.max(1)
    low[:, 1] -= (high[:, 1] - low[:, 1]) / 3
    return np.concatenate([low.clip(0), np.minimum(high, SIZE)], 1).astype(np.float32)


def _five(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Image-left eye, image-right eye, nose tip, mouth corners (iBUG 68 order)."""
    eyes = [landmarks[:, 36:42].mean(1), landmarks[:, 42:48].mean(1)]
    return np.stack([*eyes, landmarks[:, 30], landmarks[:, 48], landmarks[:, 54]], 1)
