"""Summaries of per-call times and block-bootstrap intervals. NumPy only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

PERCENTILES = (50, 90, 95, 99)

Samples = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Figures of many calls, in the shape that optimum-benchmark gives them, with min, max, jitter and outliers."""

    unit: str = "s"
    count: int
    total: float
    mean: float
    stdev: float
    min: float
    max: float
    jitter: float
    """Mean absolute difference of consecutive calls (RFC 3550 section 6.4.1 without its filter)."""
    p50: float
    p90: float
    p95: float
    p99: float
    outliers: int
    """Calls above `outlier_limit`; they are in all figures."""
    values: tuple[float, ...] = ()
    """One per call, in call order; empty where they were left out to save space."""

    def figure(self, name: str) -> float:
        """One of the figures by its name, such as `p50`."""
        return float(getattr(self, name))


def summary(seconds: ArrayLike) -> Latency:
    """Figures of calls, rounded to the clock's nanoseconds. No sample is dropped.

    Percentiles are linear between order statistics.

    Args:
        seconds: [n] one duration per call, in call order, n >= 1.
    """
    values = np.asarray(seconds, np.float64)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"a summary needs a list of at least one duration, got shape {values.shape}")
    p50, p90, p95, p99 = (round(float(v), 9) for v in np.percentile(values, PERCENTILES))
    return Latency(
        count=int(values.size),
        total=round(float(values.sum()), 9),
        mean=round(float(values.mean()), 9),
        stdev=round(float(values.std(ddof=1)), 9) if values.size > 1 else 0.0,
        min=round(float(values.min()), 9),
        max=round(float(values.max()), 9),
        jitter=round(float(np.abs(np.diff(values)).mean()), 9) if values.size > 1 else 0.0,
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        outliers=int((values > outlier_limit(values)).sum()),
        values=tuple(values.round(9).tolist()),
    )


def outlier_limit(values: Samples) -> float:
    """Tukey's upper outer fence, q3 + 3 (q3 - q1): calls above it are counted and shown, never removed."""
    q1, q3 = np.percentile(values, (25, 75))
    return float(q3 + 3 * (q3 - q1))


def block_length(values: Samples) -> int:
    """Length of bootstrap blocks that span the correlation of consecutive calls.

    Neighbouring calls share clock frequency, cache and neighbours' load, so that resampling single calls would give
    intervals that are too narrow. The correlation time tau = 1 + 2 sum rho(k) is summed up to the first negative
    autocorrelation; blocks are 4 tau long (a block bootstrap's variance falls short by about tau / length), at least
    n^(1/3) and at most n / 8, so that at least eight blocks are drawn.
    """
    n = values.size
    if n < 16:
        return 1
    centred = values - values.mean()
    power = float(centred @ centred)
    tau = 1.0
    if power > 0:
        for lag in range(1, n // 4):
            rho = float(centred[:-lag] @ centred[lag:]) / power
            if rho <= 0:
                break
            tau += 2 * rho
    return int(min(max(math.ceil(4 * tau), round(n ** (1 / 3))), n // 8))


def resample(values: Samples, count: int, rng: np.random.Generator) -> Samples:
    """[count, n] circular moving-block bootstrap replicates (Politis and Romano 1992)."""
    n = values.size
    length = block_length(values)
    starts = rng.integers(0, n, (count, math.ceil(n / length)))
    rows = (starts[:, :, None] + np.arange(length)) % n
    replicates: Samples = values[rows.reshape(count, -1)[:, :n]]
    return replicates


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float

    def union(self, other: Interval | None) -> Interval:
        """The smallest interval that covers both, with this one's estimate."""
        return self if other is None else Interval(self.value, min(self.low, other.low), max(self.high, other.high))

    def stretched(self, factor: float) -> Interval:
        """Both ends `factor` times as far from the estimate."""
        low, high = (self.value + factor * (end - self.value) for end in (self.low, self.high))
        return Interval(self.value, low, high)


def difference(
    old: Samples,
    new: Samples,
    statistic: Callable[..., Any] = np.median,
    *,
    confidence: float = 0.99,
    replicates: int = 2000,
    seed: int = 0,
) -> Interval:
    """Relative difference statistic(new) / statistic(old) - 1 with a percentile block-bootstrap interval."""
    rng = np.random.default_rng(seed)
    before = np.asarray(statistic(resample(old, replicates, rng), axis=1))
    after = np.asarray(statistic(resample(new, replicates, rng), axis=1))
    tail = 50 * (1 - confidence)
    low, high = np.percentile(after / before - 1, (tail, 100 - tail))
    return Interval(float(statistic(new) / statistic(old) - 1), float(low), float(high))


def between_rounds(
    old: Samples,
    old_rounds: Sequence[int],
    new: Samples,
    new_rounds: Sequence[int],
    statistic: Callable[..., Any],
    *,
    confidence: float = 0.99,
) -> Interval | None:
    """Interval of the relative difference from how `statistic` varies between whole rounds; None with one round.

    Student's t with pooled variance of the logarithms of each round's statistic.

    Args:
        old: [n] seconds, round after round.
        old_rounds: number of samples of each round, in sum n.
        new: likewise.
        new_rounds: likewise.
        statistic: of one round, such as `np.median`.
        confidence: of the interval.
    """
    a, b = (
        np.log([max(1e-9, float(statistic(part))) for part in np.split(values, np.cumsum(rounds)[:-1]) if part.size])
        for values, rounds in ((old, old_rounds or (len(old),)), (new, new_rounds or (len(new),)))
    )
    freedom = a.size + b.size - 2
    if min(a.size, b.size) < 2:
        return None
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    error = math.sqrt(squares / freedom * (1 / a.size + 1 / b.size))
    shift, reach = float(b.mean() - a.mean()), student(freedom, (1 - confidence) / 2) * error
    return Interval(*(math.expm1(min(shift + k * reach, _LARGEST_LOG)) for k in (0, -1, 1)))


_LARGEST_LOG = 50.0


@functools.cache
def student(freedom: int, tail: float) -> float:
    """The point above which Student's t has probability `tail`: bisection on the integral of its density."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    # t = sqrt(freedom) tan(angle) maps the whole line to a finite range, on which the density is scale cos^(freedom-1).
    nodes, weights = np.polynomial.legendre.leggauss(64)

    def above(t: float) -> float:
        low, high = math.atan(t / math.sqrt(freedom)), math.pi / 2
        angles = (high - low) / 2 * nodes + (high + low) / 2
        density = scale * math.sqrt(freedom) * np.cos(angles) ** (freedom - 1)
        return float((high - low) / 2 * (weights @ density))

    low, high = 0.0, 1.0
    while above(high) > tail:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) > tail else (low, middle)
    return high
