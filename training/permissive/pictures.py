"""Real faces on which the converted networks are held against the originals, cut as MediaPipe cuts them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from training.permissive.roi import SIDE, Square

# Every n-th picture of a set: portraits at 256 px (CC BY 4.0) and video frames of at most 256 px.
SETS = (("faces_webmorph.zip", 4), ("faces_68points.zip", 18))


def pictures(data: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Names and RGB pictures uint8 [h, w, 3], always the same ones in the same order."""
    for file, step in SETS:
        with zipfile.ZipFile(data / file) as archive:
            for name in sorted(n for n in archive.namelist() if n.endswith(".jpg"))[::step]:
                stored = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
                if stored is None:
                    raise ValueError(f"{file}: {name} is not a readable picture")
                yield f"{file}/{name}", cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)


def mediapipe_crop(image: np.ndarray, square: Square) -> np.ndarray:
    """uint8 [256, 256, 3] as MediaPipe's CPU code cuts it: whole-number coordinates are pixel centres."""
    matrix = square.matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
