"""`CsvTable`: one row per face and frame, for spreadsheets and statistics."""

from __future__ import annotations

import csv
from typing import Any

from .._names import text_name
from ..circumplex import EMOTIONS
from ..results import Face, Result
from .base import TakenFrame
from .lines import LineFile

_FACE = ("track_id", "x0", "y0", "x1", "y1", "score")
_AFFECT = (
    "label", "probability", "is_sure", "valence", "valence_std", "arousal", "arousal_std", "dominance", "dominance_std",
    "quality",
)  # fmt: skip
COLUMNS = ("source", "frame", "time", *_FACE, *_AFFECT, *(f"p_{name}" for name in EMOTIONS))
"""`time` in seconds, box in pixels of the frame; a frame without a face is a row whose other columns are empty."""


class CsvTable:
    """Writes a table with a header (RFC 4180).

    Args:
        target: path, or `-` for standard output.

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str) -> None:
        self._file = LineFile(target, newline="")
        self._writer = csv.writer(self._file.stream)
        self._writer.writerow(COLUMNS)

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write the faces of one frame."""
        head = [text_name(result.source), result.frame_index, f"{result.timestamp:.6f}"]
        rows = [_row(face) for face in result.faces] or [[""] * (len(COLUMNS) - 3)]
        with self._file.writing(len(rows)):
            self._writer.writerows(head + row for row in rows)
        return True

    def close(self) -> str:
        """Close the file."""
        return self._file.close("row")


def _row(face: Face) -> list[Any]:
    box = [f"{float(value):.2f}" for value in face.box]
    values: list[Any] = ["" if face.track_id is None else face.track_id, *box, f"{face.score:.4f}"]
    affect = face.affect
    if affect is None:
        return values + [""] * (len(COLUMNS) - 3 - len(values))
    numbers = (
        affect.valence, affect.valence_std, affect.arousal, affect.arousal_std, affect.dominance, affect.dominance_std,
        affect.quality,
    )  # fmt: skip
    return [
        *values, affect.label, f"{affect.confidence:.4f}", int(affect.is_sure), *map(_number, numbers),
        *(f"{p:.4f}" for p in affect.probabilities.tolist()),
    ]  # fmt: skip


def _number(value: float) -> str:
    return "" if value != value else f"{value:.4f}"
