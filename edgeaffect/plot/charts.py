"""Charts of measurements: strips of samples, stages one after the other, intervals, lines.

The benchmark's report is made of them. Colours are those of a `Theme`, so that a page may put its own in their place
(`inline_svg`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._lazy import require
from .style import new_figure

_MOST_POINTS = 250
_WIDTH = 8.4  # inches
_TEXT, _SMALL = 9.0, 8.0
_LEAST = 1e-9


@dataclass(frozen=True)
class Theme:
    """Colours by what they stand for."""

    ink: str = "#1d2026"
    soft: str = "#666d78"
    line: str = "#e2e0da"
    accent: str = "#c2410c"
    dot: str = "#2f6f8f"
    good: str = "#2e7d32"
    bad: str = "#b3261e"
    series: tuple[str, ...] = ("#2f6f8f", "#c2410c", "#5b8c3e", "#8a5a9e", "#b08a1e", "#5f6b7a")


PAPER = Theme()


def _axes(theme: Theme, height: float) -> tuple[Any, Any]:
    figure = new_figure(_WIDTH, height)
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=_SMALL, colors=theme.soft, length=0, pad=3)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=theme.line, linewidth=0.8)
    return figure, axes


def _rows(axes: Any, labels: Sequence[str], theme: Theme) -> None:
    """One row each: its label at the left, above its marks, which begin 0.5 below the row's top."""
    axes.set_ylim(len(labels), 0)
    axes.set_yticks([])
    place = axes.get_yaxis_transform()
    for row, label in enumerate(labels):
        axes.text(0.002, row + 0.12, label, fontsize=_TEXT, color=theme.ink, va="top", transform=place)


def short_time(seconds: float, _: object = None) -> str:
    """Seconds with the unit that fits."""
    if not seconds:
        return "0"
    return f"{seconds * 1e6:g} us" if seconds < 1e-3 else f"{seconds * 1e3:g} ms" if seconds < 1 else f"{seconds:g} s"


def log_ticks(low: float, high: float) -> list[float]:
    """Round values between 10^low and 10^high: 1-2-5 over a short span, 1-3 or powers of ten over a long one."""
    multiples = (1, 2, 5) if high - low < 1.2 else (1, 3) if high - low < 2.2 else (1,)
    values = [m * 10.0**d for d in range(math.floor(low), math.ceil(high) + 1) for m in multiples]
    return [v for v in values if low <= math.log10(v) <= high]


def strips(rows: Sequence[tuple[str, ArrayLike]], *, theme: Theme = PAPER) -> Any:
    """One row per measurement on a logarithmic time axis: every sample as a dot, a bar from p5 to p95, the median.

    Args:
        rows: (label, seconds [n]).
        theme: colours.
    """
    figure, axes = _axes(theme, 0.3 + 0.46 * len(rows))
    data = [np.maximum(np.asarray(values, np.float64), _LEAST) for _, values in rows]
    low = math.log10(min(values.min() for values in data)) - 0.05
    high = math.log10(max(values.max() for values in data)) + 0.05
    axes.set_xscale("log")
    axes.set_xlim(10**low, 10**high)
    ticks = log_ticks(low, high)
    axes.set_xticks(ticks, [short_time(value) for value in ticks])
    axes.minorticks_off()
    rng = np.random.default_rng(0)
    for row, values in enumerate(data):
        p5, p50, p95 = np.percentile(values, (5, 50, 95))
        axes.broken_barh([(p5, max(p95 - p5, p5 * 1e-3))], (row + 0.5, 0.36), color=theme.dot, alpha=0.2, linewidth=0)
        jitter = rng.uniform(-0.12, 0.12, len(values))
        shown = _thinned(values)
        axes.plot(values[shown], row + 0.68 + jitter[shown], ".", color=theme.dot, alpha=0.45, markersize=4, mew=0)
        axes.plot([p50, p50], [row + 0.46, row + 0.9], color=theme.accent, linewidth=1.8, solid_capstyle="butt")
    _rows(axes, [label for label, _ in rows], theme)
    return figure


def _thinned(values: np.ndarray) -> np.ndarray:
    """Indices to draw: all, or every k-th of the sorted values with the slowest ten always kept."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    order = np.argsort(values)
    return np.concatenate([order[: -10 : len(values) // _MOST_POINTS + 1], order[-10:]])


def waterfall(parts: Sequence[tuple[str, float, int]], *, theme: Theme = PAPER) -> Any:
    """Stages one after the other, each bar beginning where the one before ends.

    Args:
        parts: (label, seconds, number of the colour), in order of time.
        theme: colours.
    """
    figure, axes = _axes(theme, 0.3 + 0.38 * len(parts))
    total = sum(value for _, value, _ in parts) or _LEAST
    start = 0.0
    for row, (_, value, color) in enumerate(parts):
        width = max(value, 0.004 * total)
        axes.broken_barh(
            [(start, width)], (row + 0.56, 0.32), color=theme.series[color % len(theme.series)], linewidth=0
        )
        start += value
    axes.set_xlim(0, total * 1.01)
    axes.xaxis.set_major_locator(require("matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(short_time)
    _rows(axes, [label for label, _, _ in parts], theme)
    return figure


def forest(rows: Sequence[tuple[str, float, float, float, str]], *, theme: Theme = PAPER) -> Any:
    """Intervals about zero, one row each.

    Args:
        rows: (label, low, estimate, high, `good`, `bad` or nothing), relative differences.
        theme: colours.
    """
    figure, axes = _axes(theme, 0.3 + 0.4 * len(rows))
    # Half of the intervals fit in whole: a few wide ones must not flatten all others; they run into the edge.
    reach = 1.3 * float(np.median([max(abs(low), abs(high)) for _, low, _, high, _ in rows])) if rows else 0.1
    reach = max(reach, 1.1 * max((abs(value) for _, _, value, _, _ in rows), default=0), 0.02)
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color=theme.soft, linewidth=1)
    for row, (_, low, value, high, kind) in enumerate(rows):
        color = {"good": theme.good, "bad": theme.bad}.get(kind, theme.soft)
        ends = np.clip([low, high], -reach, reach)
        axes.plot(ends, [row + 0.72] * 2, color=color, linewidth=2.4, solid_capstyle="round")
        axes.plot([value], [row + 0.72], "o", color=color, markersize=5.5, mew=0)
    axes.xaxis.set_major_locator(require("matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+g} %" if abs(value) > 1e-12 else "0")
    _rows(axes, [f"{label}: {100 * value:+.1f} %" for label, _, value, _, _ in rows], theme)
    return figure


def lines(
    series: Sequence[tuple[str, ArrayLike, ArrayLike]],
    x_label: str,
    y_label: str,
    *,
    zero: bool = True,
    scatter: Sequence[tuple[float, float]] = (),
    theme: Theme = PAPER,
) -> Any:
    """Lines with points over linear axes.

    Args:
        series: (label, x [n], y [n]).
        x_label: with unit.
        y_label: with unit.
        zero: let the y axis begin at 0.
        scatter: single readings (x, y) behind the lines; those above the picture are left at its upper edge.
        theme: colours.
    """
    figure, axes = _axes(theme, 2.7)
    data = [(label, np.asarray(x, np.float64), np.asarray(y, np.float64)) for label, x, y in series]
    top = max(y.max() for *_, y in data) * 1.08
    low = 0.0 if zero else min(y.min() for *_, y in data)
    axes.set_ylim(low, top if top > low else low + 1)
    axes.grid(axis="y", color=theme.line, linewidth=0.8)
    if scatter:
        x, y = np.array(scatter, np.float64).T
        axes.plot(x, np.minimum(y, top), ".", color=theme.dot, alpha=0.45, markersize=5, mew=0)
    dashes = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
    for index, (label, x, y) in enumerate(data):
        axes.plot(
            x, y, color=theme.series[index % len(theme.series)], linewidth=1.6, label=label or None,
            linestyle=dashes[index % len(dashes)], marker="o" if len(x) <= 40 else None, markersize=4, mew=0,
        )  # fmt: skip
    axes.set_xlabel(x_label, fontsize=_SMALL, color=theme.soft)
    axes.set_ylabel(y_label, fontsize=_SMALL, color=theme.soft)
    if any(label for label, _, _ in data):
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=len(data), fontsize=_SMALL, frameon=False,
            labelcolor=theme.ink, borderaxespad=0.1,
        )  # fmt: skip
    return figure
