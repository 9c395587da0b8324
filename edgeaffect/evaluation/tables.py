"""Tables of predictions and ratings: CSV, or Parquet where pyarrow is installed (`edgeaffect[table]`)."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._files import read_bounded
from .._lazy import require

Floats = NDArray[np.float64]

MAX_BYTES = 2 << 30
_MISSING = frozenset(("", "nan", "na", "n/a", "null", "none"))
_PARQUET = (".parquet", ".pq")


class _Columns(Mapping[str, NDArray[np.str_]]):
    """Columns that are made when they are asked for: a table of a recording has hundreds."""

    def __init__(self, names: Sequence[str], read: Callable[[str], NDArray[np.str_]]) -> None:
        self._names, self._read = tuple(names), read
        self._made: dict[str, NDArray[np.str_]] = {}

    def __getitem__(self, name: str) -> NDArray[np.str_]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._read(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


@dataclass(frozen=True)
class Table:
    """Columns of cells as text; an empty cell is a missing value."""

    path: Path
    columns: Mapping[str, NDArray[np.str_]]
    """Each [rows]."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def texts(self, name: str) -> NDArray[np.str_]:
        """A column [rows].

        Raises:
            ValueError: no such column; the message lists those that are there.
        """
        if name not in self.columns:
            raise ValueError(f"{self.path} has no column {show(name)}; it has {', '.join(list(self.columns)[:40])}")
        return self.columns[name]

    def numbers(self, name: str) -> Floats:
        """A column [rows] as numbers, NaN where the cell is missing (empty, nan, na, null, none).

        Raises:
            ValueError: as `texts`, or a cell is no number; the message names the row.
        """
        cells = self.texts(name)
        try:
            values = cells.astype(np.float64)  # all cells are numbers: the common case, and fast
        except ValueError:
            values = np.array([self._number(name, row, cell) for row, cell in enumerate(cells.tolist())], np.float64)
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise ValueError(
                f"{self.path}, row {row + 1}: {name} is infinite: leave the cell empty where it is unknown"
            )
        return values

    def _number(self, name: str, row: int, cell: str) -> float:
        if cell.strip().lower() in _MISSING:
            return float("nan")
        try:
            return float(cell)
        except ValueError:
            raise ValueError(
                f"{self.path}, row {row + 1}: {name} is no number: {show(cell)}; leave it empty where it is unknown"
            ) from None

    def take(self, rows: NDArray[Any]) -> Table:
        """A table of some rows (numbers or a mask)."""
        return Table(self.path, _Columns(tuple(self.columns), lambda name: self.columns[name][rows]))

    def keys(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """[rows] cells of several columns."""
        return list(zip(*(self.texts(name).tolist() for name in names), strict=True)) if names else [()] * len(self)


def is_missing(cells: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Mask of the cells that count as missing."""
    return np.array([cell.strip().lower() in _MISSING for cell in cells.tolist()], bool)


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a table: `.parquet` or `.pq` by pyarrow, everything else as CSV with a header (UTF-8).

    Of a folder, such as `tables/` of `edgeaffect batch`, all its Parquet files are read as one table; all its CSV files
    where it has no Parquet.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not such a table, two columns of one name, a row that lacks cells, or no rows.
        DependencyError: Parquet without pyarrow.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise FileNotFoundError(f"no such table: {path}")
    read: Callable[[Path], Mapping[str, NDArray[np.str_]]] = _parquet if path.suffix.lower() in _PARQUET else _csv
    columns = read(path)
    if not columns or not len(next(iter(columns.values()))):
        raise ValueError(f"{path} holds no rows: it needs a header and rows below it")
    return Table(path, columns)


def _folder(path: Path) -> Table:
    files = [p for p in sorted(path.iterdir()) if p.suffix.lower() in _PARQUET] or sorted(path.glob("*.csv"))
    if not files:
        raise ValueError(f"{path} holds neither .parquet nor .csv tables")
    tables = [read_table(file) for file in files]
    for table in tables[1:]:
        if set(table.columns) != set(tables[0].columns):
            unlike = sorted(set(table.columns) ^ set(tables[0].columns))[:5]
            raise ValueError(f"{table.path} has other columns than {tables[0].path}: {', '.join(unlike)}")
    return Table(
        path, _Columns(tuple(tables[0].columns), lambda name: np.concatenate([t.columns[name] for t in tables]))
    )


def _csv(path: Path) -> dict[str, NDArray[np.str_]]:
    try:
        text = read_bounded(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8 text: save it as CSV in UTF-8, or as .parquet") from error
    try:
        rows = [cells for cells in csv.reader(text.splitlines()) if cells]
    except csv.Error as error:
        raise ValueError(f"{path} is no table: {error}") from error
    header = [name.strip() for name in rows[0]] if rows else []
    if len(set(header)) != len(header):
        double = next(name for name in header if header.count(name) > 1)
        raise ValueError(f"{path} has two columns {show(double)}: rename one")
    for number, cells in enumerate(rows[1:], 1):
        if len(cells) != len(header):
            raise ValueError(f"{path}, row {number}: {len(cells)} cells for {len(header)} columns: quote commas")
    content = np.array(rows[1:], np.str_).reshape(-1, len(header))
    return {name: content[:, i] for i, name in enumerate(header)}


def _parquet(path: Path) -> Mapping[str, NDArray[np.str_]]:
    require("pyarrow")
    parquet = require("pyarrow.parquet")
    try:
        table = parquet.read_table(path)
    except Exception as error:  # pyarrow raises its own kinds for every kind of damage
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"{path} is no readable Parquet file: {reason}") from error
    return _Columns(table.column_names, lambda name: _as_text(table.column(name)))


def _as_text(column: Any) -> NDArray[np.str_]:
    # Through Python's own repr: a float that is read back is the float that was written.
    return np.array(["" if v is None or v != v else str(v) for v in column.to_pylist()], np.str_)
