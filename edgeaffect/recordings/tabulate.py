"""`tabulate`: results in memory as the table that a job would write, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._table_files import Table
from ..errors import PictureError
from ..results import Result
from .analyst import subjects_of
from .columns import Column, columns_of, groups_of, row_of


def tabulate(
    results: Iterable[Result | PictureError], *, recording: str = "recording", extra: Sequence[str] = ()
) -> Table:
    """A row per face and frame.

    Args:
        results: such as `Pipeline.stream` gives; pictures that could not be read are left out.
        recording: name for the column of that name.
        extra: groups of columns beside the usual ones, see `RecordingOptions.extra`.
    """
    groups = groups_of(extra, cues=True, sound=True)
    columns = columns_of(groups)
    rows = [
        row_of(groups, subject)
        for result in results
        if isinstance(result, Result)
        for subject in subjects_of(recording, result)
    ]
    cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return Table(
        {column.name: _array(column, values) for column, values in zip(columns, cells, strict=True)},
        units={column.name: column.unit for column in columns},
        descriptions={column.name: column.text for column in columns},
        facts={"recording": recording},
    )


def _array(column: Column, values: Iterable[Any]) -> NDArray[Any]:
    values = list(values)
    if column.kind == "text":
        return np.array(values, object)
    if column.kind in ("whole", "flag") and None not in values:
        return np.array(values, np.int64 if column.kind == "whole" else bool)
    return np.array([np.nan if value is None else value for value in values], np.float64)
