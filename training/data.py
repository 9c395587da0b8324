"""Reading of the training sets; the formats are described in the README beside the data."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.evaluation.affect_metrics import clean_votes

FACE_SIZE = 48
DEVELOPMENT_SHARE = 0.1
SPLIT_SEED = 0

_TILES = 20  # a page of the archive holds 20 x 20 faces


@dataclass(frozen=True)
class FerPlus:
    """Faces with the votes of about ten people each.

    Attributes:
        images: uint8 [N, 48, 48].
        votes: float32 [N, 10], single votes removed (FER+ clean-up), not normalised; the last two
            columns are "unknown" and "not a face". A row may be all zero.
        split: [N] of "fit", "development" (both from the published `train`) and "valid".
    """

    images: np.ndarray
    votes: np.ndarray
    split: np.ndarray

    def part(self, name: str) -> FerPlus:
        """The faces of one split; raises ValueError on an unknown name."""
        if name not in ("fit", "development", "valid"):
            raise ValueError(f"split {name!r} is none of 'fit', 'development', 'valid'")
        keep = self.split == name
        return FerPlus(self.images[keep], self.votes[keep], self.split[keep])

    def take(self, index: np.ndarray) -> FerPlus:
        """The faces at `index` (integers or a boolean mask)."""
        return FerPlus(self.images[index], self.votes[index], self.split[index])


def data_folder(explicit: str | Path | None = None) -> Path:
    """The folder of the data sets: the argument, else `EDGEAFFECT_DATA`, else `../shared/data`."""
    folder = Path(explicit or os.environ.get("EDGEAFFECT_DATA", "") or _default_folder())
    if not folder.is_dir():
        raise FileNotFoundError(f"no data folder at {folder}: pass --data or set EDGEAFFECT_DATA")
    return folder


def _default_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "shared" / "data"


def read_ferplus(folder: str | Path) -> FerPlus:
    """Reads `ferplus_train_valid.zip` and splits `train` into fit and development by a seeded permutation."""
    with zipfile.ZipFile(Path(folder) / "ferplus_train_valid.zip") as archive:
        meta = np.load(io.BytesIO(archive.read("votes.npz")))
        pages = [
            np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE))
            for name in sorted(archive.namelist())
            if name.startswith("page_")
        ]
    tile = (_TILES, FACE_SIZE, _TILES, FACE_SIZE)
    faces = [page.reshape(tile).swapaxes(1, 2).reshape(-1, FACE_SIZE, FACE_SIZE) for page in pages]
    votes = clean_votes(meta["votes"]).astype(np.float32)
    images = np.concatenate(faces)[: len(votes)]

    split = meta["split"].astype("<U11")
    train = np.flatnonzero(split == "train")
    order = np.random.default_rng(SPLIT_SEED).permutation(train)
    development = round(DEVELOPMENT_SHARE * len(train))
    split[order[:development]] = "development"
    split[order[development:]] = "fit"
    return FerPlus(images, votes, split)


def soft_targets(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ten-way distribution [N, 10] and a mask [N] of the rows that hold any vote at all."""
    total = votes.sum(1, keepdims=True)
    return votes / np.maximum(total, 1), total[:, 0] > 0
