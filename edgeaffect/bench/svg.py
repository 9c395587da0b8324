"""Charts as SVG text: strips of samples, stacked bars, lines. Colours are CSS classes, so they follow the theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from .report_text import duration

_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 14, 12, 30
_MOST_POINTS = 600


def _open(width: int, height: int, title: str) -> list[str]:
    return [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">']


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values that cover low..high, about `count` of them."""
    span = (high - low) or abs(high) or 1.0
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def strips(rows: Sequence[tuple[str, ArrayLike]], title: str) -> str:
    """One row per measurement on a logarithmic time axis: every sample as a dot, a bar from p5 to p95, the median.

    Args:
        rows: (label, seconds [n]).
        title: for screen readers.
    """
    width, label_height, row_height = 720, 20, 44
    height = len(rows) * row_height + _BOTTOM
    data = [(label, np.maximum(np.asarray(v, np.float64), 1e-9)) for label, v in rows]
    low = min(v.min() for _, v in data)
    high = max(v.max() for _, v in data)
    low, high = math.log10(low) - 0.05, math.log10(high) + 0.05

    def x(value: float) -> float:
        return 8 + (math.log10(value) - low) / (high - low) * (width - 16)

    out = _open(width, height, title)
    for decade in range(math.floor(low), math.ceil(high) + 1):
        for multiple in (1, 2, 5):
            value = multiple * 10.0**decade
            if low <= math.log10(value) <= high:
                px = x(value)
                out.append(f'<line class="grid" x1="{px:.1f}" x2="{px:.1f}" y1="0" y2="{height - _BOTTOM}"/>')
                out.append(
                    f'<text class="tick" x="{px:.1f}" y="{height - 12}" text-anchor="middle">{_short(value)}</text>'
                )
    rng = np.random.default_rng(0)
    for index, (label, values) in enumerate(data):
        top = index * row_height
        middle = top + label_height + (row_height - label_height) / 2
        p5, p50, p95 = np.percentile(values, (5, 50, 95))
        text = f"{label}: median {duration(p50)}, max {duration(values.max())}"
        out.append(f'<text class="label" x="8" y="{top + 15}">{escape(text)}</text>')
        span = f'x="{x(p5):.1f}" width="{max(1.0, x(p95) - x(p5)):.1f}"'
        out.append(f'<rect class="range" {span} y="{middle - 7:.1f}" height="14" rx="3"/>')
        jitter = rng.uniform(-5, 5, len(values))
        for i in _thinned(values):
            out.append(f'<circle class="dot" cx="{x(values[i]):.1f}" cy="{middle + jitter[i]:.1f}" r="1.4"/>')
        out.append(
            f'<line class="median" x1="{x(p50):.1f}" x2="{x(p50):.1f}" y1="{middle - 9:.1f}" y2="{middle + 9:.1f}"/>'
        )
    return "".join([*out, "</svg>"])


def _thinned(values: np.ndarray) -> np.ndarray:
    """Indices to draw: all, or every k-th of the sorted values with the slowest ten always kept."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    order = np.argsort(values)
    return np.concatenate([order[:: len(values) // _MOST_POINTS + 1], order[-10:]])


def _short(seconds: float) -> str:
    return f"{seconds * 1e6:g} us" if seconds < 1e-3 else f"{seconds * 1e3:g} ms" if seconds < 1 else f"{seconds:g} s"


def waterfall(parts: Sequence[tuple[str, float]], title: str) -> str:
    """Stages one after the other, each bar beginning where the one before ends.

    Args:
        parts: (label, seconds), in order of time.
        title: for screen readers.
    """
    width, row_height = 720, 30
    height = len(parts) * row_height + _BOTTOM
    total = sum(value for _, value in parts) or 1e-9
    scale = (width - 16) / total
    out = _open(width, height, title)
    for value in ticks(0, total):
        px = 8 + value * scale
        out.append(f'<line class="grid" x1="{px:.1f}" x2="{px:.1f}" y1="0" y2="{height - _BOTTOM}"/>')
        text = _short(value) if value else "0"
        out.append(f'<text class="tick" x="{px:.1f}" y="{height - 12}" text-anchor="middle">{text}</text>')
    start = 0.0
    for index, (label, value) in enumerate(parts):
        y, x0, bar = index * row_height + 4, 8 + start * scale, max(1.5, value * scale)
        out.append(
            f'<rect class="bar s{index % 6}" x="{x0:.1f}" y="{y}" width="{bar:.1f}" height="{row_height - 8}" rx="3"/>'
        )
        text = f"{label} {duration(value)} ({100 * value / total:.0f} %)"
        right = x0 + bar + 6 + 6.6 * len(text) < width
        anchor, px = ("start", x0 + bar + 6) if right else ("end", x0 - 6)
        if not right and px < 6.6 * len(text):
            anchor, px = "start", x0 + 6
        out.append(f'<text class="label" x="{px:.1f}" y="{y + 15}" text-anchor="{anchor}">{escape(text)}</text>')
        start += value
    return "".join([*out, "</svg>"])


def lines(
    series: Sequence[tuple[str, ArrayLike, ArrayLike]], x_label: str, y_label: str, title: str, *, zero: bool = True
) -> str:
    """Lines with points over linear axes.

    Args:
        series: (label, x [n], y [n]).
        x_label: with unit.
        y_label: with unit.
        title: for screen readers.
        zero: let the y axis begin at 0.
    """
    width, height = 720, 260
    data = [(label, np.asarray(x, np.float64), np.asarray(y, np.float64)) for label, x, y in series]
    x0, x1 = min(x.min() for _, x, _ in data), max(x.max() for _, x, _ in data)
    y0, y1 = 0.0 if zero else min(y.min() for *_, y in data), max(y.max() for *_, y in data) * 1.08
    x1, y1 = (x1 if x1 > x0 else x0 + 1), (y1 if y1 > y0 else y0 + 1)

    def px(value: float) -> float:
        return _LEFT + (value - x0) / (x1 - x0) * (width - _LEFT - _RIGHT)

    def py(value: float) -> float:
        return height - _BOTTOM - 12 - (value - y0) / (y1 - y0) * (height - _BOTTOM - 12 - _TOP - 14)

    out = _open(width, height, title)
    out.append(f'<text class="tick" x="4" y="12">{escape(y_label)}</text>')
    for value in ticks(y0, y1):
        out.append(f'<line class="grid" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{py(value):.1f}" y2="{py(value):.1f}"/>')
        out.append(f'<text class="tick" x="{_LEFT - 6}" y="{py(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in ticks(x0, x1, 7):
        out.append(
            f'<text class="tick" x="{px(value):.1f}" y="{height - _BOTTOM + 4}" text-anchor="middle">{value:g}</text>'
        )
    out.append(f'<text class="tick" x="{width / 2}" y="{height - 6}" text-anchor="middle">{escape(x_label)}</text>')
    for index, (label, xs, ys) in enumerate(data):
        points = " ".join(f"{px(a):.1f},{py(b):.1f}" for a, b in zip(xs, ys, strict=True))
        out.append(f'<polyline class="line s{index % 6}" points="{points}"/>')
        if len(xs) <= 40:
            out += [
                f'<circle class="point s{index % 6}" cx="{px(a):.1f}" cy="{py(b):.1f}" r="3"/>'
                for a, b in zip(xs, ys, strict=True)
            ]
        if label:
            out.append(f'<text class="key s{index % 6}" x="{_LEFT + 90 + 110 * index}" y="12">{escape(label)}</text>')
    return "".join([*out, "</svg>"])
