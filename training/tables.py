"""Markdown tables and percentages of the model card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def percent(value: float, digits: int = 1) -> str:
    """A share as people read it."""
    return f"{100 * value:.{digits}f} %"


def interval(low_high: Sequence[float]) -> str:
    """Both ends of an interval of shares, in percent."""
    return f"{100 * low_high[0]:.1f} to {100 * low_high[1]:.1f}"
