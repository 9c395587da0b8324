"""`summary`: the recordings of a session, or the faces of one, side by side."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .._checks import check_count
from .._table_files import Table, TableError
from ..circumplex import EMOTIONS
from .data import as_table, check_columns, numbers, texts
from .style import (
    AROUSAL,
    COUNTS,
    EMOTION_COLORS,
    INK,
    RULE,
    SMALL,
    SOFT,
    TEXT,
    THIRD,
    VALENCE,
    WIDTH,
    dress,
    new_figure,
    title,
)

ROWS = 30
"""Rows of one figure."""
_ROW = 0.22  # inches


def summary(
    table: Any, *, recording: str | None = None, first: int = 0, count: int = ROWS, width: float = WIDTH
) -> Any:
    """Mean probabilities, valence and arousal, time spent looking and speaking, and events; a row each.

    Args:
        table: the summary of a job: a path, `read_table(...)`, a mapping of columns or a data frame.
        recording: one of its recordings, whose faces are the rows; None: the recordings are.
        first: row to begin with.
        count: most rows.
        width: inches.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        TableError: not such a table, or no such recording.
        DependencyError: matplotlib is missing.
    """
    check_count("count", count)
    data = as_table(table)
    rows, labels = rows_of(data, recording)
    rows, labels = rows[first : first + count], labels[first : first + count]
    if not rows:
        raise TableError(f"the summary has no row from {first} on")
    events = [json.loads(text) if text else {} for text in texts(data, "events")]
    names = sorted({name for row in rows for name in events[row]})
    ratios = [3.0, 1.7, 1.7, *([0.28 * len(names) + 0.3] if names else [])]
    figure = new_figure(width, 1.35 + _ROW * len(rows))
    grid = figure.subplots(1, len(ratios), sharey=True, squeeze=False, gridspec_kw={"width_ratios": ratios})[0]
    _emotions(grid[0], data, rows)
    _affect(grid[1], data, rows)
    _shares(grid[2], data, rows)
    if names:
        _events(grid[3], [[events[row].get(name, 0) for name in names] for row in rows], names)
    grid[0].set_ylim(len(rows) - 0.5, -0.5)
    grid[0].set_yticks(range(len(rows)), labels)
    for axes in grid:
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    figure.get_layout_engine().set(h_pad=0.05)
    for axes, columns in zip(grid[:3], (4, 1, 1), strict=True):
        _legend_below(axes, columns, len(rows))
    return figure


def _legend_below(axes: Any, columns: int, rows: int) -> None:
    """Names under the axis and its label, which take 0.42 inches whatever the number of rows."""
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.42 / (_ROW * rows)), ncols=columns, fontsize=SMALL, frameon=False,
        handlelength=1.0, handletextpad=0.4, columnspacing=0.7, borderaxespad=0, labelspacing=0.3,
    )  # fmt: skip


def rows_of(data: Table, recording: str | None) -> tuple[list[int], list[str]]:
    """Rows to draw, and what to call them.

    Raises:
        TableError: no such recording, or no summary.
    """
    check_columns(data, "recording", "face", "valence_mean", "arousal_mean", "p_neutral")
    names, face = texts(data, "recording"), numbers(data, "face")
    if recording is None:
        chosen = [i for i in range(data.rows) if np.isnan(face[i])]
        return chosen, [_short(names[i]) for i in chosen]
    if recording not in names:
        raise TableError(f"no recording {recording!r} in the summary: there are {', '.join(dict.fromkeys(names))}")
    chosen = [i for i in range(data.rows) if names[i] == recording and np.isfinite(face[i])]
    return chosen, [f"face {int(face[i])}" for i in chosen]


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:13]}…{name[-8:]}"


def _emotions(axes: Any, data: Table, rows: list[int]) -> None:
    left = np.zeros(len(rows))
    for name in EMOTIONS:
        share = np.nan_to_num(numbers(data, f"p_{name}")[rows])
        axes.barh(range(len(rows)), share, left=left, height=0.72, color=EMOTION_COLORS[name], label=name, linewidth=0)
        left += share
    for row in np.flatnonzero(left == 0):
        axes.text(0.5, row, "no face", fontsize=SMALL, color=SOFT, ha="center", va="center")
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1])
    dress(axes, x_label="mean probability")
    title(axes, "expression")


def _affect(axes: Any, data: Table, rows: list[int]) -> None:
    place = np.arange(len(rows))
    for name, color, marker, shift in (("valence", VALENCE, "o", -0.16), ("arousal", AROUSAL, "D", 0.16)):
        mean, spread = numbers(data, f"{name}_mean")[rows], np.nan_to_num(numbers(data, f"{name}_sd")[rows])
        axes.errorbar(
            mean, place + shift, xerr=spread, fmt=marker, color=color, markersize=3.4, elinewidth=0.9, label=name
        )
    axes.axvline(0, color=SOFT, linewidth=0.5)
    axes.set_xlim(-1, 1)
    axes.set_xticks([-1, 0, 1])
    dress(axes, x_label="mean ± SD over time", grid="x")
    title(axes, "affect")


def _shares(axes: Any, data: Table, rows: list[int]) -> None:
    place = np.arange(len(rows))
    bars = (("face_share", "face in view", RULE, 0.0, 0.8), ("looking_share", "looks at camera", VALENCE, -0.17, 0.26),
            ("speaking_share", "mouth speaks", THIRD, 0.17, 0.26))  # fmt: skip
    for name, label, color, shift, height in bars:
        values = numbers(data, name)[rows]
        if np.isfinite(values).any():
            axes.barh(place + shift, np.nan_to_num(values), height=height, color=color, label=label, linewidth=0)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1])
    dress(axes, x_label="share of rows")
    title(axes, "behaviour")


def _events(axes: Any, counts: list[list[int]], names: list[str]) -> None:
    image = np.array(counts, np.float64)
    top = max(1.0, float(image.max()))
    axes.imshow(np.log1p(image), aspect="auto", cmap=COUNTS, vmin=0, vmax=np.log1p(top), interpolation="nearest")
    for (row, column), value in np.ndenumerate(image):
        dark = np.log1p(value) > 0.6 * np.log1p(top)
        axes.text(
            column, row, f"{int(value)}" if value else "·", fontsize=SMALL, ha="center", va="center",
            color="white" if dark else INK,
        )  # fmt: skip
    axes.set_xticks(range(len(names)), [name.replace("_", " ") for name in names], rotation=60, ha="right")
    dress(axes)
    axes.tick_params(axis="x", length=0, labelsize=SMALL)
    for label in axes.get_xticklabels():
        label.set_rotation_mode("anchor")
    title(axes, "events")
    axes.title.set_fontsize(TEXT)
