"""Labelled data, read straight from its archives.

Formats, told apart by what an archive holds:

* votes on expressions: `page_*` pictures of 20 x 20 tiles, 48 x 48 gray each, and `votes.npz` with `votes` uint8
  [n, 10] (eight emotions in canonical order, unknown, not a face) and optionally `split` [n];
* faces in photographs: `labels.csv` with `file, mask, x0, y0, x1, y1`, one row per face; `mask` = `bad` is a bare face
  and must be found, others are ignored;
* 68 points: `labels.csv` with `file, x0, y0, ..., x67, y67`, one row per picture;
* 5 points: `labels.csv` with `file, x0..x4, y0..y4`, one face crop per row.

Every reader raises `SourceError` that names the archive, and what in it is wrong.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..errors import SourceError
from ..image import Frame

_TILE, _PER_SIDE, _COLUMNS = 48, 20, 10
_NONE = np.zeros((0, 4), np.float32)

StrPath = str | os.PathLike[str]


def holds(path: StrPath, name: str) -> bool:
    """Whether an archive has an entry of that name."""
    with _archive(path) as archive:
        return name in archive.namelist()


@dataclass(frozen=True)
class VotedFaces:
    """Faces with the votes of people."""

    images: NDArray[np.uint8]
    """[n, 48, 48] gray."""
    votes: NDArray[np.float64]
    """[n, 10] counts as published."""
    split: str
    """Name of the part, or `all`."""


def read_votes(path: StrPath, split: str | None = None) -> VotedFaces:
    """Read an archive of faces with votes.

    Args:
        split: part to take; None takes `test` or `valid`, the first that is there, else everything.

    Raises:
        SourceError: not such an archive, or no such part.
    """
    with _archive(path) as archive:
        if "votes.npz" not in archive.namelist():
            raise SourceError(f"{path} holds no votes.npz: it is no archive of faces with votes")
        meta = _arrays(path, archive.read("votes.npz"))
        pages = [_page(archive, name) for name in sorted(archive.namelist()) if name.startswith("page_")]
    votes = meta.get("votes", np.zeros(0))
    if votes.ndim != 2 or votes.shape[1] != _COLUMNS or not len(votes):
        raise SourceError(f"{path}: votes.npz needs `votes` [n, {_COLUMNS}] of one face or more; got {votes.shape}")
    if len(pages) * _PER_SIDE**2 < len(votes):
        raise SourceError(f"{path} has {len(pages)} pages, too few for {len(votes)} faces")
    votes = votes.astype(np.float64)
    images = np.concatenate(pages)[: len(votes)]
    if "split" not in meta:
        return VotedFaces(images, votes, "all")
    parts = meta["split"].astype(str)
    if parts.shape != (len(votes),):
        raise SourceError(f"{path}: `split` has shape {parts.shape}, and there are {len(votes)} faces")
    names = sorted(set(parts.tolist()))
    chosen = split or next((name for name in ("test", "valid") if name in names), None)
    if chosen is None:
        return VotedFaces(images, votes, "all")
    if chosen not in names:
        raise SourceError(f"{path} has no part {chosen!r}; it has {', '.join(names)}")
    return VotedFaces(images[parts == chosen], votes[parts == chosen], chosen)


@dataclass(frozen=True)
class LabelledPicture:
    image: Frame
    targets: NDArray[np.float32]
    """[m, 4] faces that must be found."""
    ignored: NDArray[np.float32]
    points: NDArray[np.float32] | None
    """[5, 2] of its one face, in `Face.landmarks` order."""


def read_pictures(path: StrPath) -> tuple[str, int, Iterator[LabelledPicture]]:
    """Kind of the archive (`boxes`, `points68` or `points5`), number of pictures, and the pictures.

    Raises:
        SourceError: none of the formats.
    """
    with _archive(path) as archive:
        if "labels.csv" not in archive.namelist():
            raise SourceError(f"{path} holds no labels.csv: it is no archive of labelled faces")
        try:
            table = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"), newline="")))
        except (UnicodeDecodeError, csv.Error) as error:
            raise SourceError(f"{path}: labels.csv cannot be read: {error}") from error
    columns = set(table[0]) if table else set()
    if "file" not in columns:
        raise SourceError(f"{path}: labels.csv names no picture: it needs a column `file`, and rows")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in table:
        rows.setdefault(row["file"], []).append(row)
    kind = "boxes" if "mask" in columns else "points68" if "x67" in columns else "points5" if "x4" in columns else ""
    if not kind:
        raise SourceError(f"{path}: labels.csv has none of the known formats; columns are {', '.join(sorted(columns))}")
    return kind, len(rows), _pictures(path, kind, rows)


def _pictures(path: StrPath, kind: str, rows: dict[str, list[dict[str, str]]]) -> Iterator[LabelledPicture]:
    with _archive(path) as archive:
        for name, labels in rows.items():
            image = _decode(archive, name)
            if kind == "boxes":
                boxes = _numbers(archive, labels, ["x0", "y0", "x1", "y1"])
                bare = np.array([row["mask"] == "bad" for row in labels], bool)
                yield LabelledPicture(image, boxes[bare], boxes[~bare], None)
                continue
            count = 68 if kind == "points68" else 5
            columns = [f"{axis}{i}" for i in range(count) for axis in "xy"]
            points = _numbers(archive, labels[:1], columns).reshape(count, 2)
            five = points if count == 5 else five_of_68(points)
            # The points' own box runs from brows to chin: close enough to a face's box for an overlap of 0.4.
            box = np.concatenate([points.min(0), points.max(0)])[None] if count == 68 else _NONE
            yield LabelledPicture(image, box, _NONE, five)


def five_of_68(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """68 landmarks [68, 2] to centres of the eyes, tip of the nose and corners of the mouth [5, 2]."""
    return np.stack([points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]])


def _archive(path: StrPath) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceError(f"no such file: {path}") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path} is not a zip archive ({error})") from error


def _decode(archive: zipfile.ZipFile, name: str, *, gray: bool = False) -> Frame:
    cv2 = require("cv2")
    try:
        data = np.frombuffer(archive.read(name), np.uint8)
    except KeyError as error:
        raise SourceError(f"{archive.filename}: labels name {name}, which is not in the archive") from error
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"{archive.filename}: {name} is not a readable picture")
    return image


def _page(archive: zipfile.ZipFile, name: str) -> NDArray[np.uint8]:
    """[400, 48, 48] tiles of one page."""
    page = _decode(archive, name, gray=True)
    side = _PER_SIDE * _TILE
    if page.shape != (side, side):
        raise SourceError(f"{archive.filename}: {name} must be {side}x{side} pixels; it is {page.shape[1::-1]}")
    return page.reshape(_PER_SIDE, _TILE, _PER_SIDE, _TILE).swapaxes(1, 2).reshape(-1, _TILE, _TILE)


def _arrays(path: StrPath, data: bytes) -> dict[str, NDArray[Any]]:
    try:
        with np.load(io.BytesIO(data)) as entries:
            return {name: entries[name] for name in entries.files}
    except (ValueError, OSError, AttributeError) as error:  # among others: pickled objects, which are not loaded
        raise SourceError(f"{path}: votes.npz is no archive of plain NumPy arrays") from error


def _numbers(archive: zipfile.ZipFile, rows: list[dict[str, str]], columns: list[str]) -> NDArray[np.float32]:
    """[rows, columns] of a table of texts."""
    try:
        return np.array([[float(row[column]) for column in columns] for row in rows], np.float32)
    except (TypeError, ValueError) as error:
        raise SourceError(f"{archive.filename}: a label of {rows[0]['file']} is no number ({error})") from error
