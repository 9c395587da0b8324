"""Tables on disk, column by column: `TableFile` writes Parquet and CSV, `read_table` reads them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ._files import atomic_writer, open_binary
from ._lazy import require
from .errors import Error

_ROWS = 4096
"""Rows that are held before they are written: a group of rows of the Parquet file."""
_KEY = b"edgeaffect"


class TableError(Error, ValueError):
    """A table cannot be read, or lacks a column."""


class ColumnFacts(Protocol):
    """What a table says of one of its columns."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """`text`, `whole`, `flag`, `float` (32 bits) or `seconds` (64 bits)."""

    @property
    def unit(self) -> str:
        """Its unit; may be empty."""

    @property
    def text(self) -> str:
        """What it means."""


class TableFile:
    """One table that appears under its names whole, or not at all; to be used as a context.

    Args:
        folder: where; must be there.
        name: of the files, without their endings.
        columns: of the table.
        formats: `parquet`, `csv` or both.
        facts: of the whole table, plain values; they stand in the Parquet file's metadata.

    Raises:
        DependencyError: Parquet without pyarrow.
    """

    def __init__(
        self, folder: Path, name: str, columns: Sequence[ColumnFacts], formats: Sequence[str], facts: Mapping[str, Any]
    ) -> None:
        self._columns, self._rows = columns, list[list[Any]]()
        self.count = 0
        """Rows so far."""
        with contextlib.ExitStack() as stack:
            self._writers: list[_Csv | _Parquet] = []
            for ending in formats:
                stream = stack.enter_context(atomic_writer(folder / f"{name}.{ending}"))
                kind = _Parquet if ending == "parquet" else _Csv
                self._writers.append(kind(stream, columns, facts))
            self._stack = stack.pop_all()

    def add(self, row: list[Any]) -> None:
        """One row, in the order of the columns; None is missing."""
        self._rows.append(row)
        self.count += 1
        if len(self._rows) == _ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            for writer in self._writers:
                writer.write(self._rows)
            self._rows = []

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush()
                for writer in self._writers:
                    writer.close()
            else:
                for writer in self._writers:
                    writer.drop()
        except BaseException as failure:
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._stack.__exit__(kind, error, trace)


class _Csv:
    def __init__(self, stream: Any, columns: Sequence[ColumnFacts], facts: Mapping[str, Any]) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._kinds = [column.kind for column in columns]
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: list[list[Any]]) -> None:
        for row in rows:
            self._writer.writerow([_cell(value, kind) for value, kind in zip(row, self._kinds, strict=True)])

    def close(self) -> None:
        self._text.detach()

    drop = close


def _cell(value: Any, kind: str) -> Any:
    if value is None:
        return ""
    if kind == "flag":
        return int(value)
    return f"{value:.6f}" if kind == "seconds" else f"{value:.7g}" if kind == "float" else value


class _Parquet:
    def __init__(self, stream: Any, columns: Sequence[ColumnFacts], facts: Mapping[str, Any]) -> None:
        arrow = self._arrow = require("pyarrow")
        types = {
            "text": arrow.string(), "whole": arrow.int64(), "flag": arrow.bool_(), "float": arrow.float32(),
            "seconds": arrow.float64(),
        }  # fmt: skip
        fields = [arrow.field(c.name, types[c.kind], metadata={"unit": c.unit, "description": c.text}) for c in columns]
        self._schema = arrow.schema(fields, metadata={_KEY: json.dumps(dict(facts), sort_keys=True)})
        self._writer = require("pyarrow.parquet").ParquetWriter(stream, self._schema, compression="zstd")

    def write(self, rows: list[list[Any]]) -> None:
        arrays = [
            self._arrow.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()

    def drop(self) -> None:
        self._writer.is_open = False  # or its finaliser would write the end of a file that is closed by then


class Table(Mapping[str, NDArray[Any]]):
    """Columns by name, as NumPy arrays of one length.

    Numbers and flags with missing values are float64 with NaN, text is of dtype object with None: what pandas does, so
    that `pandas.DataFrame(dict(table))` holds the same.

    Args:
        columns: name -> values.
        units: name -> unit, where the file says it.
        descriptions: likewise, what a column means.
        facts: what the file says of itself.
    """

    def __init__(
        self,
        columns: Mapping[str, NDArray[Any]],
        *,
        units: Mapping[str, str] | None = None,
        descriptions: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._columns = dict(columns)
        self.units, self.descriptions = dict(units or {}), dict(descriptions or {})
        self.facts = dict(facts or {})

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def __repr__(self) -> str:
        return f"Table({self.rows} rows, {len(self)} columns)"


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a table that a job wrote, or any Parquet or CSV file with a header.

    Raises:
        TableError: neither, or damaged.
        FileNotFoundError: it is not there.
        DependencyError: Parquet without pyarrow.
    """
    with open_binary(path) as stream:
        is_parquet = stream.read(4) == b"PAR1"
    return _read_parquet(path) if is_parquet else _read_csv(path)


def _read_parquet(path: str | os.PathLike[str]) -> Table:
    arrow, parquet = require("pyarrow"), require("pyarrow.parquet")
    try:
        table = parquet.read_table(os.fspath(path))
    except (arrow.ArrowException, OSError) as error:
        raise TableError(f"{os.fspath(path)} is no Parquet file that can be read: {error}") from error
    columns = {field.name: _numpy(arrow, table.column(i)) for i, field in enumerate(table.schema)}
    said = {field.name: field.metadata or {} for field in table.schema}
    facts = (table.schema.metadata or {}).get(_KEY)
    return Table(
        columns,
        units={name: facts[b"unit"].decode() for name, facts in said.items() if b"unit" in facts},
        descriptions={name: facts[b"description"].decode() for name, facts in said.items() if b"description" in facts},
        facts=json.loads(facts) if facts else None,
    )


def _numpy(arrow: Any, column: Any) -> NDArray[Any]:
    if arrow.types.is_boolean(column.type) and column.null_count:
        column = column.cast(arrow.int8())
    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.null_count and not arrow.types.is_string(column.type) and not arrow.types.is_large_string(column.type):
        column = column.cast(arrow.float64())
    values: NDArray[Any] = column.to_numpy()
    return values.astype(np.float64) if values.dtype == np.float32 else values


def _read_csv(path: str | os.PathLike[str]) -> Table:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            names = next(reader, [])
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{os.fspath(path)} is no table: neither Parquet nor CSV in UTF-8 ({error})") from error
    if not names or len(set(names)) != len(names):
        raise TableError(f"{os.fspath(path)} has no header whose names differ: the first line must name the columns")
    for number, row in enumerate(rows, 2):
        if len(row) != len(names):
            raise TableError(f"{os.fspath(path)}: line {number} has {len(row)} cells, the header {len(names)}")
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return Table({name: _typed(values) for name, values in zip(names, cells, strict=True)})


def _typed(cells: Sequence[str]) -> NDArray[Any]:
    """Whole numbers where all are, else numbers where all are, with NaN for empty cells; else text."""
    known = [cell for cell in cells if cell]
    for kind in (int, float):
        try:
            values = [kind(cell) for cell in known]
        except ValueError:
            continue
        if kind is int and len(known) == len(cells) and all(abs(value) < 2**63 for value in values):
            return np.array(values, np.int64)
        return np.array([float(cell) if cell else np.nan for cell in cells], np.float64)
    return np.array([cell or None for cell in cells], object)
