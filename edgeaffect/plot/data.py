"""Tables of any make as NumPy columns, and the rows of one face with its gaps."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._table_files import Table, TableError, read_table

Array = NDArray[np.float64]

_GAP_STEPS = 3.0
"""Where the next row of a face is so many usual steps away, the face was not there in between ..."""
_LEAST_GAP = 0.3
"""... nor for less than so many seconds: a lost frame is no gap."""


def as_table(table: Any) -> Table:
    """Columns of a path, `Table`, mapping of arrays, or data frame of pandas, polars or pyarrow.

    Raises:
        TypeError: none of these.
        TableError: a file that is no table.
    """
    if isinstance(table, Table):
        return table
    if isinstance(table, (str, os.PathLike)):
        return read_table(table)
    if isinstance(table, Mapping):
        return Table({str(name): np.asarray(values) for name, values in table.items()})
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if names is None or not hasattr(table, "__getitem__"):
        raise TypeError(f"a table is a path, a mapping of columns or a data frame; got {show(table)}")
    return Table({str(name): np.asarray(table[name].to_numpy()) for name in names})


def numbers(table: Table, name: str) -> Array:
    """A column as float64; what is missing is NaN. A column that is not there is all NaN."""
    if name not in table:
        return np.full(table.rows, np.nan)
    values = table[name]
    if values.dtype == object:
        return np.array([np.nan if value is None else float(value) for value in values], np.float64)
    return values.astype(np.float64)


def texts(table: Table, name: str) -> list[str]:
    """A column as text; what is missing is empty."""
    if name not in table:
        return [""] * table.rows
    return ["" if value is None or value != value else str(value) for value in table[name]]


def check_columns(table: Table, *names: str) -> None:
    """Refuse a table that lacks what a figure is about.

    Raises:
        TableError: it does; the message names the columns.
    """
    missing = [name for name in names if name not in table]
    if missing:
        raise TableError(
            f"the table has no column {', '.join(missing)}: figures are made of tables by `edgeaffect batch`, "
            "without the columns of other tools"
        )


def faces_of(table: Table) -> list[int]:
    """Numbers of the faces, those with most rows first."""
    face = numbers(table, "face")
    counts = Counter(face[np.isfinite(face)].astype(int).tolist())
    return sorted(counts, key=lambda number: (-counts[number], number))


@dataclass(frozen=True)
class Track:
    """The rows of one face, with a row of NaN in each gap, so that no line is drawn across."""

    face: int
    time: Array
    """[n] seconds, ascending."""
    rows: NDArray[np.intp]
    """[n] rows of the table; -1 in a gap."""
    gaps: tuple[tuple[float, float], ...]
    """When the recording went on without this face, seconds."""

    def take(self, values: Array) -> Array:
        """A column of the table for this face, NaN in gaps."""
        taken: Array = np.where(self.rows >= 0, values[self.rows], np.nan)
        return taken

    def spans(self, is_on: NDArray[np.bool_]) -> list[tuple[float, float]]:
        """Begins and ends of the stretches where something holds, half a step wider on both sides."""
        step = usual_step(self.time)
        found: list[tuple[float, float]] = []
        for time, on in zip(self.time, is_on, strict=True):
            if not on:
                continue
            if found and time - found[-1][1] <= step * 1.01:
                found[-1] = (found[-1][0], time + step / 2)
            else:
                found.append((time - step / 2, time + step / 2))
        return found


def usual_step(time: Array) -> float:
    """Seconds from row to row, as a rule; 0 where there is one row."""
    steps = np.diff(np.unique(time[np.isfinite(time)]))
    return float(np.median(steps)) if len(steps) else 0.0


def track_of(table: Table, face: int | None) -> Track:
    """The rows of a face; None: the one with most rows.

    Raises:
        TableError: there is no face, or none of that number; the message lists them.
    """
    check_columns(table, "time", "face")
    known = faces_of(table)
    if not known:
        raise TableError("the table has no row with a face")
    chosen = known[0] if face is None else face
    if chosen not in known:
        raise TableError(f"no face {chosen} in the table: there are {', '.join(map(str, sorted(known)))}")
    time = numbers(table, "time")
    rows = np.flatnonzero(numbers(table, "face") == chosen)
    rows = rows[np.argsort(time[rows], kind="stable")]
    step = usual_step(time)
    limit = max(_LEAST_GAP, _GAP_STEPS * step)
    own = time[rows]
    edges = np.concatenate([[np.nanmin(time) - step], own, [np.nanmax(time) + step]])
    gaps = [(edges[i], edges[i + 1]) for i in np.flatnonzero(np.diff(edges) > limit)]
    breaks = np.flatnonzero(np.diff(own) > limit) + 1
    return Track(
        int(chosen),
        np.insert(own, breaks, (own[breaks - 1] + own[breaks]) / 2) if len(breaks) else own,
        np.insert(rows, breaks, -1) if len(breaks) else rows,
        tuple((float(begin + step / 2), float(end - step / 2)) for begin, end in gaps),
    )
