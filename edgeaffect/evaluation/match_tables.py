"""Rows of a table of predictions joined to rows of a table of ratings: by keys alone, or by keys and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .tables import Table
from .time_alignment import Lag, checked_times, estimate_lag, resample

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
ESTIMATE = "estimate"
_NO_ROW = -1


@dataclass(frozen=True)
class TimeRule:
    """How both tables lie on one time line."""

    column: str
    """Seconds, in both tables."""
    delay: float | str = 0.0
    """Seconds by which ratings come late, or `estimate`."""
    tolerance: float = 0.5
    """See `time_alignment.resample`."""
    max_lag: float = 6.0
    """Bound of an estimated delay."""


@dataclass(frozen=True)
class Match:
    """For every row of the ratings, what was predicted there."""

    predictions: Table
    ratings: Table
    nearest: Rows
    """[rated rows] row of the predictions; -1 where there is none."""
    at: Floats | None
    """[rated rows] seconds at which predictions are read; None where there is no time."""
    parts: dict[tuple[str, ...], tuple[Rows, Rows]]
    """Key -> rows of predictions and of ratings."""
    time: TimeRule | None
    lags: dict[str, Any] = field(default_factory=dict)
    """What an estimated delay is, for the report."""

    def numbers(self, predicted: str, rated: str) -> tuple[Floats, Floats]:
        """A pair of columns [rated rows]; NaN where a side is unknown."""
        return self.predicted(predicted), self.ratings.numbers(rated)

    def predicted(self, name: str) -> Floats:
        """A column of predictions [rated rows], NaN where unknown; with time it is interpolated."""
        values = self.predictions.numbers(name)
        if self.time is None or self.at is None:
            return np.where(self.nearest >= 0, values[self.nearest], np.nan)
        times, found = self.predictions.numbers(self.time.column), np.full(len(self.ratings), np.nan)
        for ours, theirs in self.parts.values():
            found[theirs] = resample(times[ours], values[ours], self.at[theirs], tolerance=self.time.tolerance)
        return found

    def texts(self, predicted: str) -> NDArray[np.str_]:
        """A column of predictions [rated rows], of the row that is nearest; empty where there is none."""
        cells = self.predictions.texts(predicted)
        return np.where(self.nearest >= 0, cells[self.nearest], "")

    def side(self, name: str) -> NDArray[np.str_]:
        """A describing column [rated rows], of the ratings where they have it, else of the predictions."""
        return self.ratings.texts(name) if name in self.ratings.columns else self.texts(name)


def match_tables(
    predictions: Table,
    ratings: Table,
    keys: Sequence[str],
    *,
    time: TimeRule | None = None,
    lag_columns: tuple[str, str] | None = None,
) -> Match:
    """Join two tables.

    Args:
        predictions: with the keys (and the time).
        ratings: with the same.
        keys: columns of one name in both that tell recordings, faces or pictures apart.
        time: None joins by the keys alone, which must then be unique.
        lag_columns: predicted and rated column that an estimated delay is found with.

    Raises:
        ValueError: keys are not unique, times do not increase, no row matches; the message names the row.
    """
    ours, theirs = _rows_by_key(predictions, keys), _rows_by_key(ratings, keys)
    parts = {key: (ours[key], rows) for key, rows in theirs.items() if key in ours}
    if not parts:
        seen = [", ".join("/".join(key) for key in list(side)[:3]) or "nothing" for side in (ours, theirs)]
        raise ValueError(f"no row of both tables has the same {', '.join(keys)}: {show(seen[0])} and {show(seen[1])}")
    nearest = np.full(len(ratings), _NO_ROW, np.intp)
    if time is None:
        _check_unique(predictions, keys, ours)
        _check_unique(ratings, keys, theirs)
        for mine, other in parts.values():
            nearest[other] = mine
        return Match(predictions, ratings, nearest, None, parts, None)
    p_times, r_times = predictions.numbers(time.column), ratings.numbers(time.column)
    for key, (mine, other) in parts.items():
        for table, times in ((predictions, p_times[mine]), (ratings, r_times[other])):
            checked_times(times, f"{table.path}{', ' + '/'.join(key) if key else ''}: {time.column}")
    delays, told = _delays(predictions, ratings, parts, time, lag_columns)
    at = np.full(len(ratings), np.nan)
    for key, (mine, other) in parts.items():
        at[other] = r_times[other] - delays[key]
        nearest[other] = _nearest(p_times[mine], mine, at[other], time.tolerance)
    if (nearest < 0).all():
        raise ValueError(
            f"no prediction lies within {time.tolerance:g} s of a rating: is {time.column} in seconds of one clock?"
        )
    return Match(predictions, ratings, nearest, at, parts, time, told)


def _rows_by_key(table: Table, keys: Sequence[str]) -> dict[tuple[str, ...], Rows]:
    found: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(table.keys(keys)):
        found.setdefault(key, []).append(row)
    return {key: np.array(rows, np.intp) for key, rows in found.items()}


def _check_unique(table: Table, keys: Sequence[str], found: dict[tuple[str, ...], Rows]) -> None:
    for key, rows in found.items():
        if len(rows) > 1:
            what = f"{', '.join(keys)} = {'/'.join(key)}" if keys else "no key"
            raise ValueError(
                f"{table.path}: rows {rows[0] + 1} and {rows[1] + 1} share {what}: name the time column, or more "
                "columns that tell rows apart"
            )


def _nearest(times: Floats, rows: Rows, at: Floats, tolerance: float) -> Rows:
    right = np.searchsorted(times, at).clip(0, len(times) - 1)
    left = (right - 1).clip(0)
    best = np.where(np.abs(at - times[left]) <= np.abs(at - times[right]), left, right)
    return np.where(np.abs(at - times[best]) <= tolerance + 1e-9, rows[best], _NO_ROW)


def _delays(
    predictions: Table,
    ratings: Table,
    parts: dict[tuple[str, ...], tuple[Rows, Rows]],
    time: TimeRule,
    columns: tuple[str, str] | None,
) -> tuple[dict[tuple[str, ...], float], dict[str, Any]]:
    """Delay per recording. An estimated one is the median of the *other* recordings, so that none fits its own."""
    if time.delay != ESTIMATE:
        return dict.fromkeys(parts, float(time.delay)), {"delay": float(time.delay)}
    if columns is None:
        raise ValueError("a delay is estimated from a pair of continuous columns: name one, such as valence")
    p, r = predictions.numbers(columns[0]), ratings.numbers(columns[1])
    p_times, r_times = predictions.numbers(time.column), ratings.numbers(time.column)
    lags: dict[tuple[str, ...], Lag] = {}
    for key, (mine, other) in parts.items():
        try:
            lags[key] = estimate_lag(
                p_times[mine], p[mine], r_times[other], r[other], max_lag=time.max_lag, tolerance=time.tolerance
            )
        except ValueError:
            continue  # too short or constant: it takes the others' delay
    if not lags:
        raise ValueError(f"no recording is long enough, or varies enough, to estimate a delay from {columns[0]}")
    told = {
        "delay": float(np.median([lag.seconds for lag in lags.values()])),
        "estimated_from": columns[0],
        "by_recording": {"/".join(key): lag.seconds for key, lag in lags.items()},
        "at_bound": sum(lag.at_bound for lag in lags.values()),
        "fitted_on_itself": len(lags) == 1,
    }
    result = {}
    for key in parts:
        others = [lag.seconds for other, lag in lags.items() if other != key]
        result[key] = float(np.median(others or [lag.seconds for lag in lags.values()]))
    return result, told
