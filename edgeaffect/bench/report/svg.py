"""Charts as SVG text: strips of samples, stacked bars, intervals, lines.

Colours are CSS classes, so they follow the theme.

Note [Percent]
    A chart is as wide as its column: x is given in percent and y in pixels, without a viewBox. So a phone, a screen and
    paper show the same letters, and only the distances between points shrink.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .text_report import duration

_MOST_POINTS = 250
_AXIS = 22  # pixels below the plot for its ticks
_LABEL = 20  # pixels above each row's marks for its text
_LEAST, _MOST = 1.0, 98.5  # percent of the width that data use, so that marks at the ends are not cut


def _open(height: int, title: str) -> list[str]:
    return [f'<svg width="100%" height="{height}" role="img" aria-label="{escape(title, quote=True)}">']


def _percent(share: float) -> str:
    return f"{_LEAST + share * (_MOST - _LEAST):.2f}%"


def _x_tick(share: float, height: int, text: str, css: str = "grid") -> str:
    """A vertical line through the plot with its value below; values at the edges are kept inside."""
    anchor = "start" if share < 0.05 else "end" if share > 0.95 else "middle"
    x = _percent(share)
    return (
        f'<line class="{css}" x1="{x}" x2="{x}" y1="0" y2="{height - _AXIS}"/>'
        f'<text class="tick" x="{x}" y="{height - 7}" text-anchor="{anchor}">{text}</text>'
    )


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values within low..high, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Round values between 10^low and 10^high: 1-2-5 over a short span, 1-3 or powers of ten over a long one."""
    multiples = (1, 2, 5) if high - low < 1.2 else (1, 3) if high - low < 2.2 else (1,)
    values = [m * 10.0**d for d in range(math.floor(low), math.ceil(high) + 1) for m in multiples]
    return [v for v in values if low <= math.log10(v) <= high]


def _short(seconds: float) -> str:
    return f"{seconds * 1e6:g} us" if seconds < 1e-3 else f"{seconds * 1e3:g} ms" if seconds < 1 else f"{seconds:g} s"


def strips(rows: Sequence[tuple[str, ArrayLike]], title: str) -> str:
    """One row per measurement on a logarithmic time axis: every sample as a dot, a bar from p5 to p95, the median.

    Args:
        rows: (label, seconds [n]).
        title: for screen readers.
    """
    row_height = 44
    height = len(rows) * row_height + _AXIS
    data = [(label, np.maximum(np.asarray(v, np.float64), 1e-9)) for label, v in rows]
    low = math.log10(min(v.min() for _, v in data)) - 0.05
    high = math.log10(max(v.max() for _, v in data)) + 0.05

    def share(value: float) -> float:
        return (math.log10(value) - low) / (high - low)

    out = _open(height, title)
    out += [_x_tick(share(value), height, _short(value)) for value in _log_ticks(low, high)]
    rng = np.random.default_rng(0)
    for index, (label, values) in enumerate(data):
        top = index * row_height
        middle = top + _LABEL + (row_height - _LABEL) / 2 - 1
        p5, p50, p95 = np.percentile(values, (5, 50, 95))
        text = f"{label}: median {duration(p50)}, max {duration(values.max())}"
        out.append(f'<text class="label" x="2" y="{top + 15}">{escape(text)}</text>')
        x, width = _percent(share(p5)), max(0.3, (share(p95) - share(p5)) * (_MOST - _LEAST))
        out.append(f'<rect class="range" x="{x}" width="{width:.2f}%" y="{middle - 7:g}" height="14" rx="3"/>')
        jitter = rng.uniform(-5, 5, len(values))
        out += [
            f'<circle class="dot" cx="{_percent(share(values[i]))}" cy="{middle + jitter[i]:.1f}" r="1.4"/>'
            for i in _thinned(values)
        ]
        x = _percent(share(p50))
        out.append(f'<line class="median" x1="{x}" x2="{x}" y1="{middle - 9:g}" y2="{middle + 9:g}"/>')
    return "".join([*out, "</svg>"])


def _thinned(values: np.ndarray) -> np.ndarray:
    """Indices to draw: all, or every k-th of the sorted values with the slowest ten always kept."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    order = np.argsort(values)
    return np.concatenate([order[: -10 : len(values) // _MOST_POINTS + 1], order[-10:]])


def waterfall(parts: Sequence[tuple[str, float, int]], title: str) -> str:
    """Stages one after the other, each bar beginning where the one before ends.

    Args:
        parts: (label, seconds, number of the colour), in order of time.
        title: for screen readers.
    """
    row_height = 36
    height = len(parts) * row_height + _AXIS
    total = sum(value for _, value, _ in parts) or 1e-9
    out = _open(height, title)
    out += [_x_tick(value / total, height, _short(value) if value else "0") for value in ticks(0, total, 4)]
    start = 0.0
    for index, (label, value, color) in enumerate(parts):
        top = index * row_height
        text = f"{label}: {duration(value)}, {100 * value / total:.0f} %"
        out.append(f'<text class="label" x="2" y="{top + 14}">{escape(text)}</text>')
        width = max(0.4, value / total * (_MOST - _LEAST))
        out.append(
            f'<rect class="s{color % 6}" x="{_percent(start / total)}" width="{width:.2f}%" y="{top + 19}" height="12" '
            'rx="2"/>'
        )
        start += value
    return "".join([*out, "</svg>"])


def forest(rows: Sequence[tuple[str, float, float, float, str]], title: str) -> str:
    """Intervals about zero, one row each.

    Args:
        rows: (label, low, estimate, high, CSS class), relative differences.
        title: for screen readers.
    """
    row_height = 38
    height = len(rows) * row_height + _AXIS
    # Half of the intervals fit in whole: a few wide ones must not flatten all others; they run into the edge.
    reach = 1.3 * float(np.median([max(abs(low), abs(high)) for _, low, _, high, _ in rows])) if rows else 0.1
    reach = max(reach, 1.1 * max((abs(value) for _, _, value, _, _ in rows), default=0), 0.02)

    def x(value: float) -> str:
        return _percent((min(max(value, -reach), reach) + reach) / (2 * reach))

    out = _open(height, title)
    for value in ticks(-reach, reach, 4):
        css = "zero" if abs(value) < 1e-12 else "grid"
        out.append(_x_tick((value + reach) / (2 * reach), height, f"{100 * value:+g} %" if value else "0", css))
    for index, (label, low, value, high, css) in enumerate(rows):
        top = index * row_height
        y = top + 26
        out.append(f'<text class="label" x="2" y="{top + 15}">{escape(f"{label}: {100 * value:+.1f} %")}</text>')
        out.append(f'<line class="interval {css}" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>')
        out.append(f'<circle class="estimate {css}" cx="{x(value)}" cy="{y}" r="4.5"/>')
    return "".join([*out, "</svg>"])


def lines(
    series: Sequence[tuple[str, ArrayLike, ArrayLike]],
    x_label: str,
    y_label: str,
    title: str,
    *,
    zero: bool = True,
    scatter: Sequence[tuple[float, float]] = (),
) -> str:
    """Lines with points over linear axes.

    Args:
        series: (label, x [n], y [n]).
        x_label: with unit.
        y_label: with unit.
        title: for screen readers.
        zero: let the y axis begin at 0.
        scatter: single readings (x, y) behind the lines; those above the picture are left at its upper edge.
    """
    top, plot = 26, 200  # pixels: the key above, the height of the plot
    height = top + plot + _AXIS + 16
    data = [(label, np.asarray(x, np.float64), np.asarray(y, np.float64)) for label, x, y in series]
    x0, x1 = min(x.min() for _, x, _ in data), max(x.max() for _, x, _ in data)
    y0, y1 = 0.0 if zero else min(y.min() for *_, y in data), max(y.max() for *_, y in data) * 1.08
    x1, y1 = (x1 if x1 > x0 else x0 + 1), (y1 if y1 > y0 else y0 + 1)

    def px(value: float) -> str:
        return _percent((value - x0) / (x1 - x0))

    def py(value: float) -> str:
        return f"{top + plot - (value - y0) / (y1 - y0) * plot:.1f}"

    out = _open(height, title)
    out.append(f'<text class="tick" x="2" y="12">{escape(y_label)}</text>')
    for value in ticks(y0, y1):
        out.append(f'<line class="grid" x1="0" x2="100%" y1="{py(value)}" y2="{py(value)}"/>')
    for value in ticks(x0, x1, 5):
        share = (value - x0) / (x1 - x0)
        anchor = "start" if share < 0.05 else "end" if share > 0.95 else "middle"
        x = px(value)
        out.append(f'<text class="tick" x="{x}" y="{top + plot + 15}" text-anchor="{anchor}">{value:g}</text>')
    out.append(f'<text class="tick" x="50%" y="{height - 6}" text-anchor="middle">{escape(x_label)}</text>')
    out += [f'<circle class="dot" cx="{px(a)}" cy="{py(min(b, y1))}" r="1.8"/>' for a, b in scatter]
    for index, (label, xs, ys) in enumerate(data):
        points = [(px(a), py(b)) for a, b in zip(xs, ys, strict=True)]
        out += [
            f'<line class="line s{index % 6}" x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}"/>'
            for a, b in pairwise(points)
        ]
        if len(points) <= 40:
            out += [f'<circle class="s{index % 6}" cx="{x}" cy="{y}" r="3"/>' for x, y in points]
        if label:
            out.append(f'<text class="s{index % 6}" x="{90 + 80 * index}" y="12">{escape(label)}</text>')
    # The values stand on their grid lines, above the data, so that the plot needs no margin.
    out += [f'<text class="tick over" x="2" y="{float(py(v)) - 3:.1f}">{v:g}</text>' for v in ticks(y0, y1) if v]
    return "".join([*out, "</svg>"])
