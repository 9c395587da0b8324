"""Pieces of text that the parts of MODEL_CARD.md share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f} %"


def interval(low_high: Sequence[float]) -> str:
    return f"{100 * low_high[0]:.1f} to {100 * low_high[1]:.1f}"


def load(path: Path) -> dict[str, Any]:
    """A record file; empty when that room has not been evaluated."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
