"""The report's charts as HTML: drawn by `edgeaffect.plot`, in the colours of the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...plot import charts
from ...plot.inline import inline_svg, page_theme
from .text_report import duration

_THEME, _VARIABLES = page_theme()


def _html(figure: Any, title: str) -> str:
    """On a phone a chart is scrolled sideways, as tables are: its letters must stay readable."""
    return f'<div class="wide chart">{inline_svg(figure, title, _VARIABLES)}</div>'


def strips(rows: Sequence[tuple[str, ArrayLike]], title: str) -> str:
    """See `charts.strips`; labels tell the median and the largest value."""
    labelled = [
        (f"{label}: median {duration(float(np.median(values)))}, max {duration(float(np.max(values)))}", values)
        for label, values in ((label, np.asarray(values, np.float64)) for label, values in rows)
    ]
    return _html(charts.strips(labelled, theme=_THEME), title)


def waterfall(parts: Sequence[tuple[str, float, int]], title: str) -> str:
    """See `charts.waterfall`; labels tell the time and its share."""
    total = sum(value for _, value, _ in parts) or 1e-9
    labelled = [
        (f"{label}: {duration(value)}, {100 * value / total:.0f} %", value, color) for label, value, color in parts
    ]
    return _html(charts.waterfall(labelled, theme=_THEME), title)


def forest(rows: Sequence[tuple[str, float, float, float, str]], title: str) -> str:
    """See `charts.forest`."""
    return _html(charts.forest(rows, theme=_THEME), title)


def lines(
    series: Sequence[tuple[str, ArrayLike, ArrayLike]],
    x_label: str,
    y_label: str,
    title: str,
    *,
    zero: bool = True,
    scatter: Sequence[tuple[float, float]] = (),
) -> str:
    """See `charts.lines`."""
    return _html(charts.lines(series, x_label, y_label, zero=zero, scatter=scatter, theme=_THEME), title)
