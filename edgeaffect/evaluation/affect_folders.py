"""Folders of labelled faces as AffectNet and RAF-DB are distributed, and a table of one's own.

| layout | known by | labels | groups |
| --- | --- | --- | --- |
| `affectnet` | `val_set/images` and `val_set/annotations` (the release of 8 labels, cropped) | `N_exp.npy`, `N_val.npy`, `N_aro.npy`; 68 points in `N_lnd.npy` | |
| `affectnet-csv` | `validation.csv` beside the folder of pictures (the whole release) | columns `expression`, `valence`, `arousal`; box and points | |
| `raf-db` | `EmoLabel/list_patition_label.txt` (or in `basic/`), `Image/aligned` or `Image/original` | number after the name; five points, gender, race and age in `Annotation/manual` | gender, race, age |
| `table` | `labels.csv` with `file`, `label` and perhaps `valence`, `arousal`, `person` | as written | any other column |

Nothing of these sets is distributed with this package.
"""  # noqa: E501  (rows of a table)

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._files import read_bounded
from ..circumplex import EMOTIONS
from ..labels import canonical
from .archives import ArchiveError
from .arrays import parse_npy
from .datasets import five_of_68

Points = NDArray[np.float32]

AFFECTNET = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
"""Numbers 0 to 7; 8 none, 9 uncertain and 10 no face are no expressions."""
RAF_DB = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
"""Numbers 1 to 7."""
_UNRATED = -2.0
"""AffectNet's valence and arousal where there is no expression."""
_GENDER, _RACE = ("male", "female", "unsure"), ("Caucasian", "African-American", "Asian")
_AGE = ("0-3", "4-19", "20-39", "40-69", "70+")
_MAX_TEXT, _MAX_SMALL, _MAX_ROWS = 256 << 20, 1 << 20, 2_000_000
_OWN_COLUMNS = ("file", "label", "valence", "arousal", "person", "split")


@dataclass(frozen=True, eq=False)
class FolderFace:
    """One labelled picture."""

    path: Path
    label: str
    """One of `EMOTIONS`."""
    valence: float = float("nan")
    arousal: float = float("nan")
    points: Points | None = None
    """[5, 2] in pixels of the picture, in `Face.landmarks` order, where the set tells them."""
    person: str | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FolderData:
    """A folder's faces."""

    layout: str
    faces: list[FolderFace]
    classes: tuple[str, ...]
    """Emotions of the set, in canonical order: the model's answer is taken among these."""
    left_out: Mapping[str, int]
    """Rows without an expression, and why."""


def find_layout(folder: Path) -> str | None:
    """Name of the layout that a folder has; None when it has none of them."""
    if _affectnet_part(folder, None):
        return "affectnet"
    if (folder / "validation.csv").is_file() or (folder / "training.csv").is_file():
        return "affectnet-csv"
    if _raf_root(folder):
        return "raf-db"
    return "table" if (folder / "labels.csv").is_file() else None


def read_folder(folder: Path, *, split: str | None = None, contempt: bool = True, aligned: bool = True) -> FolderData:
    """Read the labels of a folder; pictures are not opened.

    Args:
        folder: with one of the layouts.
        split: `val` or `train` of AffectNet, `test` or `train` of RAF-DB, a value of the column `split` of a table.
            None: `val`, `test`, everything.
        contempt: False leaves contempt out: AffectNet's protocol of 7 classes.
        aligned: RAF-DB: its aligned crops; False takes the original photographs, with its five points.

    Raises:
        ArchiveError: not such a folder, or something in it is wrong; the message names the place.
    """
    layout = find_layout(folder)
    if layout is None:
        raise ArchiveError(
            f"{folder} has none of the layouts that are known: AffectNet (val_set/images, or validation.csv), RAF-DB "
            "(EmoLabel/list_patition_label.txt), or labels.csv with file and label; see docs/protocols.md"
        )
    readers: dict[str, Callable[[], tuple[list[FolderFace], dict[str, int]]]] = {
        "affectnet": lambda: _affectnet(folder, split or "val"),
        "affectnet-csv": lambda: _affectnet_csv(folder, split or "val"),
        "raf-db": lambda: _raf_db(folder, split or "test", aligned=aligned),
        "table": lambda: _table(folder / "labels.csv", split),
    }
    faces, left_out = readers[layout]()
    if not contempt:
        left_out["contempt"] = sum(face.label == "contempt" for face in faces)
        faces = [face for face in faces if face.label != "contempt"]
    if not faces:
        raise ArchiveError(f"{folder}: no face has one of the eight emotions ({left_out or 'no rows'})")
    present = {face.label for face in faces}
    whole = {"affectnet": set(AFFECTNET), "affectnet-csv": set(AFFECTNET), "raf-db": set(RAF_DB)}.get(layout, present)
    classes = tuple(name for name in EMOTIONS if name in whole and (contempt or name != "contempt"))
    return FolderData(layout, faces, classes, left_out)


def _affectnet_part(folder: Path, split: str | None) -> Path | None:
    names = [f"{split}_set"] if split else ["val_set", "train_set"]
    for part in (folder / name for name in names):
        if (part / "images").is_dir() and (part / "annotations").is_dir():
            return part
    return None


def _affectnet(folder: Path, split: str) -> tuple[list[FolderFace], dict[str, int]]:
    part = _affectnet_part(folder, split)
    if part is None:
        raise ArchiveError(f"{folder} has no {split}_set/images and {split}_set/annotations")
    faces, left_out = [], {"no_expression": 0}
    pictures = sorted((p for p in (part / "images").iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png")),
                      key=lambda p: (len(p.stem), p.stem))  # fmt: skip
    for picture in pictures:
        number = _npy(part / "annotations" / f"{picture.stem}_exp.npy", 1)[0]
        if not 0 <= number < len(AFFECTNET):
            left_out["no_expression"] += 1
            continue
        valence, arousal = (
            _rated(_npy(part / "annotations" / f"{picture.stem}_{name}.npy", 1)[0]) for name in ("val", "aro")
        )
        mark = part / "annotations" / f"{picture.stem}_lnd.npy"
        points = five_of_68(_npy(mark, 136).astype(np.float32).reshape(68, 2)) if mark.is_file() else None
        faces.append(FolderFace(picture, AFFECTNET[int(number)], valence, arousal, points))
    return faces, left_out


def _npy(path: Path, count: int) -> NDArray[np.float64]:
    """Numbers of a small .npy file; AffectNet writes them as text."""
    try:
        values = parse_npy(read_bounded(path, _MAX_SMALL)).reshape(-1)
        numbers = values.astype(np.float64)
    except FileNotFoundError:
        raise ArchiveError(f"no annotation {path}: copy the whole folder of annotations") from None
    except (ValueError, TypeError) as error:
        raise ArchiveError(f"{path} is no NumPy file of {count} numbers ({error}): copy it again") from error
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ArchiveError(f"{path} holds {len(numbers)} values; {count} finite ones are needed")
    return numbers


def _rated(value: np.floating[Any] | float) -> float:
    return float("nan") if value == _UNRATED else float(value)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(read_bounded(path, _MAX_TEXT).decode("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ArchiveError(f"{path} cannot be read ({error}): save it as CSV in UTF-8") from error
    if not rows or len(rows) > _MAX_ROWS:
        raise ArchiveError(f"{path} has {len(rows)} rows; 1 to {_MAX_ROWS} are read")
    return rows


def _number(path: Path, line: int, row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except (KeyError, ValueError, TypeError):
        raise ArchiveError(
            f"{path}, line {line}: {column} is no number: {show(row.get(column))}; correct the row"
        ) from None


def _affectnet_csv(folder: Path, split: str) -> tuple[list[FolderFace], dict[str, int]]:
    table = folder / {"val": "validation.csv", "train": "training.csv"}.get(split, f"{split}.csv")
    if not table.is_file():
        raise ArchiveError(f"{folder} has no {table.name}: splits are val and train")
    places = [folder, *(folder / name for name in ("Manually_Annotated_Images", "Manually_Annotated/"
                                                   "Manually_Annotated_Images", "images"))]  # fmt: skip
    faces, left_out = [], {"no_expression": 0}
    for line, row in enumerate(_rows(table), 2):
        number = _number(table, line, row, "expression")
        if not 0 <= number < len(AFFECTNET):
            left_out["no_expression"] += 1
            continue
        name = row.get("subDirectory_filePath") or ""
        path = next((p / name for p in places if name and (p / name).is_file()), None)
        if path is None:
            raise ArchiveError(
                f"{table}, line {line}: no picture {show(name)} in {folder} or Manually_Annotated_Images"
            )
        try:
            marks = [float(v) for v in (row.get("facial_landmarks") or "").split(";") if v]
        except ValueError as error:
            raise ArchiveError(f"{table}, line {line}: facial_landmarks are no numbers ({error})") from error
        points = five_of_68(np.array(marks, np.float32).reshape(68, 2)) if len(marks) == 136 else None
        valence, arousal = (_rated(_number(table, line, row, name)) for name in ("valence", "arousal"))
        faces.append(FolderFace(path, AFFECTNET[int(number)], valence, arousal, points))
    return faces, left_out


def _raf_root(folder: Path) -> Path | None:
    for root in (folder, folder / "basic"):
        if (root / "EmoLabel" / "list_patition_label.txt").is_file():
            return root
    return None


def _raf_db(folder: Path, split: str, *, aligned: bool) -> tuple[list[FolderFace], dict[str, int]]:
    root = _raf_root(folder)
    assert root is not None  # the layout was found by it
    listing = root / "EmoLabel" / "list_patition_label.txt"
    pictures = root / "Image" / ("aligned" if aligned else "original")
    if not pictures.is_dir():
        raise ArchiveError(f"{root} has no Image/{pictures.name}: unpack that archive of RAF-DB there")
    faces = []
    for line, text in enumerate(read_bounded(listing, _MAX_TEXT).decode("utf-8", "replace").splitlines(), 1):
        if not text.strip():
            continue
        name, _, number = text.strip().partition(" ")
        if not number.strip().isdigit() or not 1 <= int(number) <= len(RAF_DB):
            raise ArchiveError(f"{listing}, line {line}: {show(text)} is not a file and a number from 1 to 7")
        if not name.startswith(f"{split}_"):
            continue
        stem = Path(name).stem
        path = pictures / (f"{stem}_aligned.jpg" if aligned else name)
        if not path.is_file():
            raise ArchiveError(f"{listing}, line {line}: no picture {path}")
        points, groups = _raf_attributes(root / "Annotation" / "manual" / f"{stem}_manu_attri.txt")
        faces.append(FolderFace(path, RAF_DB[int(number) - 1], points=None if aligned else points, groups=groups))
    if not faces:
        raise ArchiveError(f"{listing} names no picture of the part {show(split)}: parts are test and train")
    return faces, {}


def _raf_attributes(path: Path) -> tuple[Points | None, dict[str, str]]:
    """Five points, and gender, race and age as RAF-DB's annotators saw them; nothing where there is no such file."""
    if not path.is_file():
        return None, {}
    content = read_bounded(path, _MAX_SMALL).decode("utf-8", "replace").splitlines()
    lines = [line.split() for line in content if line.strip()]
    try:
        points = np.array([[float(v) for v in line] for line in lines[:5]], np.float32).reshape(5, 2)
        numbers = [int(line[0]) for line in lines[5:8]]
        names = {key: words[number] for key, words, number in
                 zip(("gender", "race", "age"), (_GENDER, _RACE, _AGE), numbers, strict=True)}  # fmt: skip
    except (ValueError, IndexError) as error:
        raise ArchiveError(f"{path} is not five points, gender, race and age ({error}): copy it again") from error
    return points, names


def _table(table: Path, split: str | None) -> tuple[list[FolderFace], dict[str, int]]:
    rows = _rows(table)
    if not {"file", "label"} <= set(rows[0]):
        raise ArchiveError(f"{table} needs the columns file and label; it has {', '.join(map(str, rows[0]))}")
    if split is not None and "split" not in rows[0]:
        raise ArchiveError(f"{table} has no column split, and {show(split)} was asked for")
    faces, left_out = [], {"other_label": 0}
    for line, row in enumerate(rows, 2):
        if split is not None and row["split"] != split:
            continue
        path, label = table.parent / (row["file"] or ""), canonical(row["label"] or "")
        if label not in EMOTIONS:
            left_out["other_label"] += 1
            continue
        if not row["file"] or not path.is_file():
            raise ArchiveError(f"{table}, line {line}: no such picture: {path}")
        valence, arousal = (
            _number(table, line, row, name) if row.get(name) else float("nan") for name in ("valence", "arousal")
        )
        groups = {key: value for key, value in row.items() if key and key not in _OWN_COLUMNS and value}
        faces.append(FolderFace(path, label, valence, arousal, person=row.get("person") or None, groups=groups))
    return faces, left_out
