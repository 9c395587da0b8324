"""Intervals that respect people: a bootstrap that draws people, not rows (cluster bootstrap, Field & Welsh 2007).

Rows of one person are no independent witnesses; an interval over rows would be too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Statistic = Callable[[NDArray[np.intp]], float]
SAMPLES = 1000
LEAST_PEOPLE = 2


@dataclass(frozen=True)
class Estimate:
    """A number, and where it lies for other people drawn as these were."""

    value: float
    interval: tuple[float, float] | None
    """None where fewer than two people, or too few defined draws, say nothing about others."""
    rows: int
    people: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; NaN is None."""
        return {
            "value": None if math.isnan(self.value) else self.value,
            "interval": None if self.interval is None else list(self.interval),
            "rows": self.rows,
            "people": self.people,
        }


def cluster_bootstrap(
    statistic: Statistic,
    people: ArrayLike | Sequence[str],
    *,
    samples: int = SAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """A statistic with its percentile interval over people.

    Args:
        statistic: takes row numbers (with repetition) and gives a number; NaN or a ValueError where it is not defined.
        people: [n] whose each row is.
        samples: draws of as many people as there are; 0 gives no interval.
        level: share of the draws inside.
        seed: of the draws.

    Returns:
        The statistic of all rows (NaN where not defined) with its interval. A draw on which it is not defined is left
        out; where that is more than one in ten, there is no interval.

    Raises:
        ValueError: no rows, or `level` or `samples` out of range.
    """
    owners = np.unique(np.asarray(people), return_inverse=True)[1].reshape(-1)
    if not len(owners) or not 0 < level < 1 or samples < 0:
        raise ValueError(
            f"need rows, a level between 0 and 1 and samples of 0 or more; got {len(owners)}, {level}, {samples}"
        )
    count = int(owners.max()) + 1
    value = _value(statistic, np.arange(len(owners)))
    if count < LEAST_PEOPLE or not samples or math.isnan(value):
        return Estimate(value, None, len(owners), count)
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners)
    starts = np.cumsum(counts) - counts
    generator = np.random.default_rng(seed)

    def draw() -> NDArray[np.intp]:
        """Rows of as many people as there are, drawn with repetition."""
        chosen = generator.integers(0, count, count)
        lengths = counts[chosen]
        ends = np.cumsum(lengths)
        rows: NDArray[np.intp] = order[np.arange(ends[-1]) + np.repeat(starts[chosen] - (ends - lengths), lengths)]
        return rows

    drawn = np.array([_value(statistic, draw()) for _ in range(samples)])
    known = drawn[~np.isnan(drawn)]
    if len(known) < 0.9 * samples:
        return Estimate(value, None, len(owners), count)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return Estimate(value, (float(low), float(high)), len(owners), count)


def _value(statistic: Statistic, rows: NDArray[np.intp]) -> float:
    try:
        return float(statistic(rows))
    except ValueError:
        return float("nan")
