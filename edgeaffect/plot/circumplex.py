"""`circumplex`: the way of one face through the plane of valence and arousal."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import require
from ..circumplex import ANCHORS
from .data import as_table, check_columns, faces_of, numbers, texts, track_of
from .style import INK, PATH, RULE, SMALL, SOFT, TEXT, VALENCE, dress, new_figure

_MOST_POINTS = 4000
# Where names stand that would cover each other, or what is drawn most often: points to the right and up.
_NAMES = {"fear": (-4, 3), "disgust": (4, -8), "neutral": (4, -9), "happiness": (0, 6), "sadness": (0, -11)}


def circumplex(table: Any, *, face: int | None = None, title: str | None = None, width: float = 3.6) -> Any:
    """Valence (x) and arousal (y) over time, with the anchors of the emotions behind.

    The path's colour is time; points that are not sure are hollow. The cross is the mean, its arms are one standard
    deviation over time.

    Args:
        table: as for `timeline`; of pictures: a point for each face.
        face: its number; None: the one with most rows, of pictures all faces.
        title: above the figure; None: recording and face.
        width: inches.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        TableError: not such a table, or no such face.
        DependencyError: matplotlib is missing.
    """
    data = as_table(table)
    check_columns(data, "time", "face", "valence", "arousal")
    all_times = numbers(data, "time")
    known = all_times[np.isfinite(all_times)]
    is_still = face is None and bool(faces_of(data)) and not np.ptp(known if len(known) else [0.0])
    if is_still:
        rows = np.flatnonzero(np.isfinite(numbers(data, "valence")))
        time, name = all_times[rows], "all faces"
        columns = {key: numbers(data, key)[rows] for key in ("valence", "arousal", "is_sure")}
    else:
        track = track_of(data, face)
        time, name = track.time, f"face {track.face}"
        columns = {key: track.take(numbers(data, key)) for key in ("valence", "arousal", "is_sure")}
    recording = next(iter(filter(None, texts(data, "recording"))), "recording")
    figure = new_figure(width, width * (1.03 if is_still else 1.16))
    figure.get_layout_engine().set(h_pad=0.05)
    axes = figure.subplots()
    _plane(axes)
    _path(figure, axes, time, columns, is_path=not is_still)
    heading = f"{recording}, {name}" if title is None else title
    figure.suptitle(heading, fontsize=TEXT + 1, color=INK, x=0.02, ha="left", fontweight="bold")
    return figure


def _plane(axes: Any) -> None:
    patches, effects = require("matplotlib.patches"), require("matplotlib.patheffects")
    halo = [effects.withStroke(linewidth=2, foreground="white")]
    axes.add_patch(patches.Circle((0, 0), 1, fill=False, edgecolor=RULE, linewidth=0.8))
    axes.axhline(0, color=RULE, linewidth=0.8)
    axes.axvline(0, color=RULE, linewidth=0.8)
    for name, anchor in ANCHORS.items():
        x, y, _ = anchor.mean
        axes.plot(x, y, "+", color=SOFT, markersize=4, markeredgewidth=0.8)
        across, up = _NAMES.get(name, (4, 3))
        axes.annotate(
            name, (x, y), (across, up), textcoords="offset points", fontsize=SMALL, color=SOFT, zorder=6,
            ha="left" if across > 0 else "right" if across < 0 else "center", path_effects=halo,
        )  # fmt: skip
    axes.set_xlim(-1.05, 1.05)
    axes.set_ylim(-1.05, 1.05)
    axes.set_aspect("equal")
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    dress(axes, x_label="valence", y_label="arousal")


def _path(figure: Any, axes: Any, time: Any, columns: dict[str, Any], *, is_path: bool) -> None:
    valence, arousal = columns["valence"], columns["arousal"]
    known = np.isfinite(valence) & np.isfinite(arousal)
    if not known.any():
        axes.text(0, -0.5, "no affect in this table", fontsize=SMALL, color=SOFT, ha="center")
        return
    every = max(1, int(known.sum()) // _MOST_POINTS)
    sure = columns["is_sure"] != 0
    if is_path:
        axes.plot(valence, arousal, color=SOFT, linewidth=0.5, alpha=0.6, zorder=2)
    span = float(np.nanmax(time) - np.nanmin(time)) or 1.0
    shades = require("matplotlib").colormaps[PATH]((time - np.nanmin(time)) / span)
    if not is_path:
        shades = np.tile(require("matplotlib.colors").to_rgba(VALENCE), (len(time), 1))
    for is_sure, size in ((True, 9), (False, 11)):
        rows = np.flatnonzero(known & (sure == is_sure))[::every]
        faces, line = (shades[rows], 0.0) if is_sure else (np.ones((len(rows), 4)), 0.8)
        axes.scatter(
            valence[rows], arousal[rows], s=size, facecolors=faces, edgecolors=shades[rows], linewidths=line, zorder=3
        )
    if is_path:
        first, last = np.flatnonzero(known)[[0, -1]]
        axes.plot(valence[first], arousal[first], "o", mfc="white", mec=INK, ms=5.5, mew=1.1, zorder=5, label="begin")
        axes.plot(valence[last], arousal[last], "s", mfc=INK, mec="white", ms=5.5, mew=0.8, zorder=5, label="end")
        axes.legend(fontsize=SMALL, frameon=False, loc="lower right", handletextpad=0.2, borderaxespad=0.1)
        if np.ptp(time[known]) > 0:
            _time_bar(figure, axes, time[known])
    _spread(axes, valence[known], arousal[known])


def _time_bar(figure: Any, axes: Any, time: Any) -> None:
    colors, mappable = require("matplotlib.colors"), require("matplotlib.cm")
    scale = mappable.ScalarMappable(colors.Normalize(float(time.min()), float(time.max())), PATH)
    bar = figure.colorbar(scale, ax=axes, orientation="horizontal", pad=0.01, fraction=0.035, aspect=32)
    bar.set_label("time, s", fontsize=SMALL, color=INK, labelpad=1)
    bar.ax.tick_params(labelsize=SMALL, length=2, colors=INK)
    bar.outline.set_visible(False)


def _spread(axes: Any, valence: Any, arousal: Any) -> None:
    """Mean and standard deviation."""
    spread = [float(np.std(values, ddof=1)) if len(values) > 1 else 0.0 for values in (valence, arousal)]
    axes.errorbar(
        float(valence.mean()), float(arousal.mean()), spread[1], spread[0], fmt="none", ecolor=INK, elinewidth=1.1,
        capsize=2.5, capthick=1.1, zorder=5,
    )  # fmt: skip
