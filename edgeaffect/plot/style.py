"""Colours, sizes and axes that all figures share. matplotlib's own state (pyplot, rcParams) is left alone."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._lazy import require

# Okabe & Ito (2008), Color Universal Design: told apart with every common kind of colour blindness. Neutral is grey.
EMOTION_COLORS = {
    "neutral": "#bdbdbd", "happiness": "#f0b429", "surprise": "#56b4e9", "sadness": "#0072b2", "anger": "#d55e00",
    "disgust": "#009e73", "fear": "#cc79a7", "contempt": "#4d4d4d",
}  # fmt: skip
VALENCE, AROUSAL, THIRD, FOURTH = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
INK, SOFT, RULE, NO_FACE = "#222222", "#6b6b6b", "#d9d9d9", "#efefef"
HEAT = "cividis"
"""Even steps of lightness, the same with red-green blindness (Nuñez, Anderton & Renslow 2018)."""
PATH, COUNTS = "viridis", "Blues"
"""Likewise: time along a path; counts, of which none is white."""
TEXT, SMALL = 8.0, 7.0
"""Points; at the width of a page of a journal nothing is smaller."""
WIDTH = 7.2
"""Inches: a page of two columns."""

_saving = threading.Lock()


def new_figure(width: float, height: float) -> Any:
    """A figure that belongs to nobody else: no window, no global state. Sizes in inches."""
    figure = require("matplotlib.figure").Figure(figsize=(width, height), facecolor="white", layout="constrained")
    require("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    figure.get_layout_engine().set(h_pad=0.02, w_pad=0.04, hspace=0.02, wspace=0.02)
    return figure


def dress(axes: Any, *, y_label: str = "", x_label: str = "", grid: str = "") -> None:
    """Give an axis its fonts and rules.

    Args:
        axes: of a figure.
        y_label: with unit.
        x_label: with unit.
        grid: `x`, `y`, `both` or none.
    """
    axes.tick_params(labelsize=SMALL, colors=INK, length=2.5, width=0.6, pad=2)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(SOFT)
        spine.set_linewidth(0.6)
    if y_label:
        axes.set_ylabel(y_label, fontsize=TEXT, color=INK)
    if x_label:
        axes.set_xlabel(x_label, fontsize=TEXT, color=INK)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis=grid, color=RULE, linewidth=0.5)


def title(axes: Any, text: str) -> None:
    """A heading at the left, above an axis."""
    axes.set_title(text, fontsize=TEXT, color=INK, loc="left", pad=4, fontweight="bold")


def legend(axes: Any, *, columns: int = 1, beside: bool = True, **how: Any) -> None:
    """Names of the lines: beside the axis, where they cover nothing, or in its best corner."""
    place = {"loc": "center left", "bbox_to_anchor": (1.005, 0.5)} if beside else {"loc": "best"}
    axes.legend(
        **{"fontsize": SMALL, "frameon": False, "handlelength": 1.4, "ncols": columns, "borderaxespad": 0.2,
           "labelspacing": 0.3, **place, **how},
    )  # fmt: skip


@contextlib.contextmanager
def saving() -> Iterator[None]:
    """Meanwhile SVG keeps its text as text and comes out the same every time; one thread at a time."""
    with _saving, require("matplotlib").rc_context({"svg.fonttype": "none", "svg.hashsalt": "edgeaffect"}):
        yield


def save(figure: Any, path: str | os.PathLike[str], *, dpi: int = 200) -> None:
    """Write a figure as what the name's ending says: `.png`, `.svg` or `.pdf`; the same bytes every time.

    Text of an SVG stays text, so that it can be edited and searched.

    Args:
        figure: such as `timeline` gives.
        path: its folder must be there.
        dpi: pixels per inch of a PNG.

    Raises:
        ValueError: another ending.
        OSError: it cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (".png", ".svg", ".pdf"):
        raise ValueError(f"figures are written as .png, .svg or .pdf; got {path.name}")
    metadata = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}, ".pdf": {"CreationDate": None}}
    with saving():
        figure.savefig(path, format=ending[1:], dpi=dpi, metadata=metadata[ending])
