"""Pictures of faces with labels, as users keep them: a folder per label, or a table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from .._files import read_bounded
from ..circumplex import EMOTIONS
from ..labels import canonical
from ..sources import Images
from .usage import UsageError

TABLE = "labels.csv"
_MAX_TABLE = 64 << 20  # bytes
_MAX_ROWS = 1_000_000


@dataclass(frozen=True)
class LabelledFace:
    """A picture, the emotion that people saw in its face, and whose face it is."""

    path: Path
    label: str
    """One of `EMOTIONS`."""
    person: str | None
    """None where nobody said."""


def read_labelled_faces(place: Path) -> list[LabelledFace]:
    """Labelled pictures of a folder or a table.

    Args:
        place: a CSV file with the columns `file` (relative to the table), `label` and optionally `person`; a folder
            that holds such a `labels.csv`; or a folder with a sub-folder of pictures per label (`happiness/`, `sad/`).

    Raises:
        UsageError: nothing of this, an unknown label, no such picture, or a row that lacks something; the message
            names the place.
    """
    if place.is_dir():
        table = place / TABLE
        return _read_table(table) if table.is_file() else _read_folders(place)
    if not place.is_file():
        raise UsageError(f"no such file or folder: {place}")
    return _read_table(place)


def _read_folders(place: Path) -> list[LabelledFace]:
    folders = sorted(entry for entry in place.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not folders:
        raise UsageError(f"{place} holds neither {TABLE} nor a folder per label, such as {place / 'happiness'}")
    return [
        LabelledFace(path, label, None)
        for folder in folders
        for label in [_label(folder.name, str(folder))]
        for path in Images(folder).paths
    ]


def _read_table(table: Path) -> list[LabelledFace]:
    try:
        text = read_bounded(table, _MAX_TABLE).decode("utf-8-sig")
    except ValueError as error:
        raise UsageError(f"{table} is no table of labels: {error}") from error
    rows = csv.DictReader(text.splitlines())
    columns = rows.fieldnames or []
    if not {"file", "label"} <= set(columns):
        shown = ", ".join(columns[:10]) or "none"
        raise UsageError(f"{table} needs the columns file and label, and may have person; its columns are {shown}")
    faces = []
    for number, row in enumerate(rows, 2):
        if number > _MAX_ROWS:
            raise UsageError(f"{table} has more than {_MAX_ROWS} rows: split it")
        if not row["file"] or not row["label"] or ("person" in columns and not row["person"]):
            raise UsageError(f"{table}, line {number}: file, label or person is empty")
        path = table.parent / row["file"]
        if not path.is_file():
            raise UsageError(f"{table}, line {number}: no such picture: {path}")
        faces.append(LabelledFace(path, _label(row["label"], f"{table}, line {number}"), row.get("person")))
    if not faces:
        raise UsageError(f"{table} names no picture: it needs rows below its header")
    return faces


def _label(text: str, where: str) -> str:
    label = canonical(text)
    if label not in EMOTIONS:
        raise UsageError(f"{where}: {text!r} is no label; there are {', '.join(EMOTIONS)}")
    return label
