"""`timeline`: one face over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._table_files import Table
from ..action_units import ACTION_UNITS
from ..circumplex import EMOTIONS
from .data import Track, as_table, check_columns, numbers, texts, track_of, usual_step
from .style import (
    AROUSAL,
    EMOTION_COLORS,
    FOURTH,
    HEAT,
    INK,
    NO_FACE,
    SMALL,
    SOFT,
    TEXT,
    THIRD,
    VALENCE,
    WIDTH,
    dress,
    legend,
    new_figure,
)

_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 24, 26)
_ROW = 0.15  # inches of a row of the heat map and of the events
_MOST_COLUMNS = 1200
_UNSURE = {"facecolor": "none", "edgecolor": "white", "hatch": "/////", "linewidth": 0.0}


def timeline(
    table: Any, events: Any = None, *, face: int | None = None, title: str | None = None, width: float = WIDTH
) -> Any:
    """Probabilities, valence and arousal with their spread, cues, events and voice of one face.

    Grey is where the face is not there; hatched where its affect is not sure (`is_sure`).

    Args:
        table: of one recording: a path, `read_table(...)`, `tabulate(...)`, a mapping of columns or a data frame.
        events: likewise, the table of its events; None: they are not drawn.
        face: its number; None: the one with most rows.
        title: above the figure; None: recording and face.
        width: inches.

    Returns:
        `matplotlib.figure.Figure`, which a notebook shows.

    Raises:
        TableError: not such a table, or no such face.
        DependencyError: matplotlib is missing.
    """
    data = as_table(table)
    check_columns(data, "time", "face", "label", "valence", "arousal")
    track = track_of(data, face)
    heat = _heat_rows(data)
    names, spans = _event_spans(None if events is None else as_table(events), track.face)
    has_voice = bool(np.isfinite(numbers(data, "voice_level")).any())
    has_pose = bool(np.isfinite(numbers(data, "head_yaw")).any())
    panels = [("probabilities", 1.15), ("affect", 1.1)]
    panels += [("heat", 0.35 + _ROW * len(heat))] if heat else []
    panels += [("pose", 0.85)] if has_pose else []
    panels += [("events", 0.3 + _ROW * len(names))] if names else []
    panels += [("voice", 0.95)] if has_voice else []
    figure = new_figure(width, 0.55 + sum(height for _, height in panels))
    grid = figure.subplots(
        len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [height for _, height in panels]}
    )
    axes = {name: grid[i, 0] for i, (name, _) in enumerate(panels)}
    _probabilities(axes["probabilities"], data, track)
    _affect(axes["affect"], data, track)
    if heat:
        _heat(figure, axes["heat"], heat, track)
    if has_pose:
        _pose(axes["pose"], data, track)
    if names:
        _events(axes["events"], names, spans)
    if has_voice:
        _voice(axes["voice"], data)
    for one in (one for name, one in axes.items() if name != "voice"):  # which is the recording's, not the face's
        for begin, end in track.gaps:
            one.axvspan(begin, end, color=NO_FACE, linewidth=0, zorder=0)
    _finish(figure, grid[:, 0], data, track, title)
    return figure


def _finish(figure: Any, axes: Any, data: Table, track: Track, title: str | None) -> None:
    time = numbers(data, "time")
    step = usual_step(time)
    axes[-1].set_xlim(np.nanmin(time) - step / 2, np.nanmax(time) + step / 2 or 1)
    axes[-1].set_xlabel("time, s", fontsize=TEXT, color=INK)
    for one in axes[:-1]:
        one.tick_params(labelbottom=False)
    first = track.gaps[0] if track.gaps else None
    if first is not None and first[1] - first[0] > 0.06 * (np.nanmax(time) - np.nanmin(time)):
        axes[0].text(sum(first) / 2, 0.5, "no face", fontsize=SMALL, color=SOFT, ha="center", va="center")
    name = next(iter(filter(None, texts(data, "recording"))), "recording")
    heading = f"{name}, face {track.face}" if title is None else title
    figure.suptitle(heading, fontsize=TEXT + 1, color=INK, x=0.01, ha="left", fontweight="bold")


def _probabilities(axes: Any, data: Table, track: Track) -> None:
    shares = np.stack([track.take(numbers(data, f"p_{name}")) for name in EMOTIONS])
    axes.stackplot(
        track.time, np.nan_to_num(shares), colors=[EMOTION_COLORS[name] for name in EMOTIONS], linewidth=0,
        labels=EMOTIONS, step=None,
    )  # fmt: skip
    # A stack cannot hold gaps: what was interpolated across one is covered.
    for begin, end in track.gaps:
        axes.axvspan(begin, end, color=NO_FACE, linewidth=0, zorder=3)
    unsure = track.take(numbers(data, "is_sure")) == 0
    for begin, end in track.spans(unsure):
        axes.axvspan(begin, end, zorder=4, **_UNSURE)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
    dress(axes, y_label="probability")
    handles, labels = axes.get_legend_handles_labels()
    if unsure.any():
        patch = _patch(facecolor="#999999", edgecolor="white", hatch="/////", linewidth=0)
        handles, labels = [*handles, patch], [*labels, "not sure"]
    legend(axes, handles=handles, labels=labels)


def _patch(**how: Any) -> Any:
    from .._lazy import require

    return require("matplotlib.patches").Patch(**how)


def _affect(axes: Any, data: Table, track: Track) -> None:
    sure = track.take(numbers(data, "is_sure")) != 0
    for name, color, dash in (("valence", VALENCE, "-"), ("arousal", AROUSAL, (0, (4, 1.2)))):
        mean, spread = track.take(numbers(data, name)), track.take(numbers(data, f"{name}_std"))
        axes.fill_between(track.time, mean - spread, mean + spread, color=color, alpha=0.16, linewidth=0)
        axes.plot(track.time, mean, color=color, linewidth=0.6, alpha=0.55, linestyle=dash)
        axes.plot(track.time, np.where(sure, mean, np.nan), color=color, linewidth=1.3, linestyle=dash, label=name)
        _single_points(axes, track.time, mean, color)
    axes.axhline(0, color=SOFT, linewidth=0.5)
    axes.set_ylim(-1, 1)
    axes.set_yticks([-1, 0, 1])
    dress(axes, y_label="affect, ± 1 SD", grid="y")
    legend(axes)


def _single_points(axes: Any, time: Any, values: Any, color: str) -> None:
    """A row between two gaps makes no line: it is a dot."""
    known = np.isfinite(values)
    alone = known & ~np.concatenate([[False], known[:-1]]) & ~np.concatenate([known[1:], [False]])
    axes.plot(time[alone], values[alone], ".", color=color, markersize=2.5)


def _heat_rows(data: Table) -> list[tuple[str, Any]]:
    """(label, column) of the rows of the heat map that are known."""
    wanted = [("looks at camera", "looking_at_camera"), ("mouth speaks", "speaking"), ("eyes open", "eyes_open")]
    by_number = {unit.number: unit.name for unit in ACTION_UNITS}
    wanted += [(f"{by_number[number]} AU{number}", f"AU{number}") for number in _UNITS]
    return [(label, numbers(data, name)) for label, name in wanted if np.isfinite(numbers(data, name)).any()]


def _heat(figure: Any, axes: Any, rows: list[tuple[str, Any]], track: Track) -> None:
    """Rows over time as colours; time is cut into even steps, of which each shows the largest value in it."""
    step = usual_step(track.time) or 1.0
    begin, end = track.time[0] - step / 2, track.time[-1] + step / 2
    count = int(min(_MOST_COLUMNS, max(1, round((end - begin) / step))))
    place = np.clip(((track.time - begin) / (end - begin) * count).astype(int), 0, count - 1)
    image = np.full((len(rows), count), np.nan)
    for i, (_, column) in enumerate(rows):
        values = track.take(column)
        known = np.isfinite(values)
        np.fmax.at(image[i], place[known], values[known])
    shown = axes.imshow(
        np.ma.masked_invalid(image), aspect="auto", cmap=HEAT, vmin=0, vmax=1, interpolation="nearest",
        extent=(begin, end, len(rows), 0),
    )  # fmt: skip
    axes.set_yticks(np.arange(len(rows)) + 0.5, [label for label, _ in rows])
    dress(axes)
    axes.tick_params(axis="y", length=0, labelsize=SMALL - 0.5)
    axes.hlines(np.arange(1, len(rows)), begin, end, color="white", linewidth=0.4)
    bar = figure.colorbar(shown, cax=axes.inset_axes((1.015, 0.2, 0.012, 0.6)))
    bar.ax.tick_params(labelsize=SMALL, length=2, colors=INK)
    bar.outline.set_visible(False)
    bar.set_ticks([0, 0.5, 1])


def _pose(axes: Any, data: Table, track: Track) -> None:
    lines = (("head_yaw", "head yaw", VALENCE, "-"), ("head_pitch", "head pitch", AROUSAL, "-"),
             ("gaze_yaw", "gaze yaw", VALENCE, (0, (1.2, 1.2))),
             ("gaze_pitch", "gaze pitch", AROUSAL, (0, (1.2, 1.2))))  # fmt: skip
    for name, label, color, dash in lines:
        values = track.take(numbers(data, name))
        axes.plot(track.time, values, color=color, linewidth=1.0, linestyle=dash, label=label)
    axes.axhline(0, color=SOFT, linewidth=0.5)
    dress(axes, y_label="degrees", grid="y")
    legend(axes)


def _event_spans(events: Table | None, face: int) -> tuple[list[str], dict[str, list[tuple[float, float]]]]:
    """Names in the order of their first event, and the spans of each."""
    if events is None:
        return [], {}
    check_columns(events, "event", "face", "start", "end")
    spans: dict[str, list[tuple[float, float]]] = {}
    start, end, of = (numbers(events, name) for name in ("start", "end", "face"))
    for i, name in enumerate(texts(events, "event")):
        if of[i] == face:
            spans.setdefault(name, []).append((start[i], end[i]))
    return list(spans), spans


def _events(axes: Any, names: list[str], spans: dict[str, list[tuple[float, float]]]) -> None:
    for row, name in enumerate(names):
        bars = [(begin, max(end - begin, 0.0)) for begin, end in spans[name]]
        axes.broken_barh(bars, (row + 0.2, 0.6), color=INK, linewidth=0)
        axes.plot(
            [begin for begin, _ in bars], [row + 0.5] * len(bars), "|", color=INK, markersize=5, markeredgewidth=1
        )
    axes.set_ylim(len(names), 0)
    axes.set_yticks(np.arange(len(names)) + 0.5, [name.replace("_", " ") for name in names])
    dress(axes, grid="x")
    axes.tick_params(axis="y", length=0)


def _voice(axes: Any, data: Table) -> None:
    """Level and speech, which belong to the recording and not to a face, and the affect of the voice."""
    time = numbers(data, "time")
    order = np.unique(time, return_index=True)[1]
    time = time[order]
    speech = numbers(data, "voice_speech")[order] == 1
    step = usual_step(time)
    whole = Track(0, time, order, ())
    label = "speech"
    for begin, end in whole.spans(speech):
        axes.axvspan(max(begin, time[0] - step / 2), end, color=THIRD, alpha=0.18, linewidth=0, label=label)
        label = ""
    for name, color, dash in (("voice_valence", VALENCE, "-"), ("voice_arousal", AROUSAL, (0, (4, 1.2)))):
        values = numbers(data, name)[order]
        if np.isfinite(values).any():
            axes.plot(time, values, color=color, linewidth=1.2, linestyle=dash, label=name.replace("_", " "))
    agreement = numbers(data, "agreement")[order]
    if np.isfinite(agreement).any():
        axes.plot(time, agreement, color=FOURTH, linewidth=1.2, label="agreement")
    axes.set_ylim(-1, 1)
    axes.set_yticks([-1, 0, 1])
    dress(axes, y_label="voice", grid="y")
    right = axes.twinx()
    right.plot(time, numbers(data, "voice_level")[order], color=SOFT, linewidth=0.8, label="level, dBFS")
    right.set_ylim(-125, 0)
    right.set_yticks([-100, -50, 0])
    right.tick_params(labelsize=SMALL, colors=SOFT, length=2.5, width=0.6, pad=2)
    for side, spine in right.spines.items():
        spine.set_visible(side == "right")
        spine.set_color(SOFT)
        spine.set_linewidth(0.6)
    handles, labels = axes.get_legend_handles_labels()
    more, names = right.get_legend_handles_labels()
    legend(axes, handles=handles + more, labels=labels + names, bbox_to_anchor=(1.075, 0.5))
