"""Labelled data, read straight from its archives.

Formats, told apart by what an archive holds:

* votes on expressions: `page_*` pictures of 20 x 20 tiles, 48 x 48 gray each, and `votes.npz` with `votes` uint8
  [n, 10] (eight emotions in canonical order, unknown, not a face) and optionally `split` [n];
* faces in photographs: `labels.csv` with `file, mask, x0, y0, x1, y1`, one row per face; `mask` = `bad` is a bare face
  and must be found, others are ignored;
* 68 points: `labels.csv` with `file, x0, y0, ..., x67, y67`, one row per picture;
* 5 points: `labels.csv` with `file, x0..x4, y0..y4`, one face crop per row.

Every reader raises `ArchiveError` that names the archive, what in it is wrong, and what to do.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import Frame
from .archives import Archive, ArchiveError, ArchiveLimits, StrPath, UnknownFormatError, printable
from .arrays import read_arrays
from .pictures import read_picture

_TILE, _PER_SIDE, _COLUMNS = 48, 20, 10
_PER_PAGE = _PER_SIDE**2
_NONE = np.zeros((0, 4), np.float32)
_TABLE = "labels.csv"
_BOX = ("x0", "y0", "x1", "y1")
_LARGEST_PLACE = 1e6  # pixels


def holds(path: StrPath, name: str) -> bool:
    """Whether an archive has an entry of that name."""
    with Archive(path) as archive:
        return name in archive.names


@dataclass(frozen=True)
class VotedFaces:
    """Faces with the votes of people."""

    images: NDArray[np.uint8]
    """[n, 48, 48] gray."""
    votes: NDArray[np.float64]
    """[n, 10] counts as published."""
    split: str
    """Name of the part, or `all`."""


def read_votes(path: StrPath, split: str | None = None, *, limits: ArchiveLimits | None = None) -> VotedFaces:
    """Read an archive of faces with votes.

    Args:
        path: the archive.
        split: part to take; None takes `test` or `valid`, the first that is there, else everything.
        limits: what it may ask for.

    Raises:
        ArchiveError: not such an archive, no such part, or more than the limits allow.
    """
    with Archive(path, limits) as archive:
        if "votes.npz" not in archive.names:
            raise UnknownFormatError(f"{path} holds no votes.npz: it is no archive of faces with votes")
        meta = read_arrays(archive, "votes.npz", ("votes", "split"))
        votes = _votes(archive, meta.get("votes", np.zeros(0)))
        names = sorted(name for name in archive.names if name.startswith("page_"))
        if len(names) * _PER_PAGE < len(votes):
            raise ArchiveError(f"{path} has {len(names)} pages, too few for {len(votes)} faces: pack all of them")
        pages = [_page(archive, name) for name in names[: math.ceil(len(votes) / _PER_PAGE)]]
    images = np.concatenate(pages)[: len(votes)]
    if "split" not in meta:
        return VotedFaces(images, votes, "all")
    parts = meta["split"].astype(str)
    if parts.shape != (len(votes),):
        raise ArchiveError(f"{path}: `split` has shape {parts.shape}, and there are {len(votes)} faces: give one each")
    present = sorted(set(parts.tolist()))
    chosen = split or next((name for name in ("test", "valid") if name in present), None)
    if chosen is None:
        return VotedFaces(images, votes, "all")
    if chosen not in present:
        shown = ", ".join(printable(name) for name in present[:20])
        raise ArchiveError(f"{path} has no part {chosen!r}; it has {shown}: name one of these")
    return VotedFaces(images[parts == chosen], votes[parts == chosen], chosen)


def _votes(archive: Archive, votes: NDArray[Any]) -> NDArray[np.float64]:
    """Counts, all of them numbers."""
    shown = f"{archive.path}: votes.npz"
    if votes.ndim != 2 or votes.shape[1] != _COLUMNS or not len(votes):
        raise ArchiveError(f"{shown} needs `votes` [n, {_COLUMNS}] of one face or more; got {votes.shape}")
    if len(votes) > archive.limits.faces:
        raise ArchiveError(
            f"{shown} has {len(votes)} faces; at most {archive.limits.faces} are read: split the archive"
        )
    if votes.dtype.kind not in "iuf":
        raise ArchiveError(f"{shown}: `votes` must hold counts; got {votes.dtype}")
    counts = votes.astype(np.float64)
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise ArchiveError(f"{shown}: `votes` must hold counts; some are negative or no numbers")
    return counts


@dataclass(frozen=True)
class LabelledPicture:
    """A picture and what people marked in it."""

    image: Frame
    targets: NDArray[np.float32]
    """[m, 4] faces that must be found."""
    ignored: NDArray[np.float32]
    points: NDArray[np.float32] | None
    """[5, 2] of its one face, in `Face.landmarks` order."""


@dataclass(frozen=True)
class _Rows:
    """Labels of one picture."""

    bare: list[bool]
    values: list[list[float]]


def read_pictures(path: StrPath, *, limits: ArchiveLimits | None = None) -> tuple[str, int, Iterator[LabelledPicture]]:
    """Kind of the archive (`boxes`, `points68` or `points5`), number of pictures, and the pictures.

    Args:
        path: the archive.
        limits: what it may ask for.

    Raises:
        UnknownFormatError: none of the formats.
        ArchiveError: one of the formats, and something in it is wrong.
    """
    with Archive(path, limits) as archive:
        if _TABLE not in archive.names:
            raise UnknownFormatError(f"{path} holds no {_TABLE}: it is no archive of labelled faces")
        try:
            text = archive.read(_TABLE, archive.limits.table).decode("utf-8")
            kind, rows = _read_table(archive, csv.reader(io.StringIO(text, newline="")))
        except (UnicodeDecodeError, csv.Error) as error:
            raise ArchiveError(f"{path}: {_TABLE} cannot be read ({error}): write it as UTF-8 with commas") from error
    return kind, len(rows), _pictures(path, kind, rows, limits)


def _read_table(archive: Archive, table: Iterator[list[str]]) -> tuple[str, dict[str, _Rows]]:
    shown = f"{archive.path}: {_TABLE}"
    header = next((cells for cells in table if cells), [])
    kind = "boxes" if "mask" in header else "points68" if "x67" in header else "points5" if "x4" in header else ""
    if "file" not in header:
        raise UnknownFormatError(f"{shown} names no picture: it needs a column `file`, and rows")
    if not kind:
        names = ", ".join(printable(name) for name in sorted(header)[:20])
        raise UnknownFormatError(f"{shown} has none of the known formats; columns are {names}")
    count = 68 if kind == "points68" else 5
    wanted = _BOX if kind == "boxes" else [f"{axis}{i}" for i in range(count) for axis in "xy"]
    for name in ("file", *wanted):
        if header.count(name) != 1:
            raise ArchiveError(f"{shown} needs one column {name!r}; it has {header.count(name)}")
    columns = [header.index(name) for name in wanted]
    file, mask = header.index("file"), header.index("mask") if kind == "boxes" else None
    rows: dict[str, _Rows] = {}
    for number, cells in enumerate((cells for cells in table if cells), 1):
        if number > archive.limits.rows:
            raise ArchiveError(f"{shown} has more than {archive.limits.rows} rows: split the archive")
        if len(cells) != len(header):
            _check_width(shown, cells, header, file)
        row = rows.setdefault(cells[file], _Rows([], []))
        row.values.append(_numbers(shown, cells[file], [cells[column] for column in columns]))
        row.bare.append(mask is not None and cells[mask] == "bad")
    if not rows:
        raise ArchiveError(f"{shown} names no picture: it needs rows below its header")
    return kind, rows


def _check_width(shown: str, cells: list[str], header: list[str], file: int) -> None:
    if len(cells) > len(header):
        raise ArchiveError(f"{shown}: a row has {len(cells)} cells, and there are {len(header)} columns: quote commas")
    name = printable(cells[file]) if file < len(cells) else "a row"
    raise ArchiveError(f"{shown}: a label of {name} is no number: the row ends after {len(cells)} cells")


def _numbers(shown: str, name: str, cells: list[str]) -> list[float]:
    try:
        values = [float(cell) for cell in cells]
    except ValueError as error:
        reason = printable(str(error), 90)
        raise ArchiveError(f"{shown}: a label of {printable(name)} is no number ({reason}): correct the row") from error
    if not all(abs(value) <= _LARGEST_PLACE for value in values):  # nor NaN
        raise ArchiveError(f"{shown}: a label of {printable(name)} is no place in a picture: correct the row")
    return values


def _pictures(
    path: StrPath, kind: str, rows: dict[str, _Rows], limits: ArchiveLimits | None
) -> Iterator[LabelledPicture]:
    with Archive(path, limits) as archive:
        present = frozenset(archive.names)
        for name, labels in rows.items():
            if name not in present:
                raise ArchiveError(
                    f"{path}: labels name {printable(name) or 'no file'}, which is not in the archive: pack it again"
                )
            image = read_picture(archive, name)
            values = np.array(labels.values, np.float32)
            if kind == "boxes":
                bare = np.array(labels.bare, bool)
                yield LabelledPicture(image, values[bare], values[~bare], None)
                continue
            points = values[0].reshape(-1, 2)
            five = points if kind == "points5" else five_of_68(points)
            # The points' own box runs from brows to chin: close enough to a face's box for an overlap of 0.4.
            box = np.concatenate([points.min(0), points.max(0)])[None] if kind == "points68" else _NONE
            yield LabelledPicture(image, box, _NONE, five)


def five_of_68(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """68 landmarks [68, 2] to centres of the eyes, tip of the nose and corners of the mouth [5, 2]."""
    return np.stack([points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]])


def _page(archive: Archive, name: str) -> NDArray[np.uint8]:
    """[400, 48, 48] tiles of one page."""
    page = read_picture(archive, name, gray=True)
    side = _PER_SIDE * _TILE
    if page.shape != (side, side):
        raise ArchiveError(
            f"{archive.path}: {printable(name)} must be {side}x{side} pixels; it is {page.shape[1]}x{page.shape[0]}"
        )
    tiles = page.reshape(_PER_SIDE, _TILE, _PER_SIDE, _TILE).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, _TILE, _TILE))
