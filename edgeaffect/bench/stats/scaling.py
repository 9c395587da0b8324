"""How a cost grows with a size: straight line, power law, and how far the noise lets one tell.

Note [Scaling]
    1. Sizes are measured in rounds: in each round every size has a turn, every other round in reverse order. A turn
       counts by its fastest call, because whatever disturbs a call makes it slower; the cost of a size is the median
       of its turns.
    2. The line minimises relative squares, so that small sizes count as much as large ones.
    3. The exponent k is that of cost = fixed + c size^k. The fixed part is searched from 0 to the smallest cost, as
       leaving it out would make any growth look flatter than it is.
    4. The interval comes from a block bootstrap over rounds: a round is drawn with all its sizes, which the
       machine's state affects alike, and together with its successor, which it most likely affects alike too.
    5. Scaling is called worse than linear only if the whole interval lies above `LINEAR_LIMIT`, and linear or better
       only if it lies below; else the run does not decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .samples import Interval, Samples

LINEAR_LIMIT = 1.1
"""An eightfold size may cost 8^1.1 = 9.8 times as much: caches that overflow are no worse algorithm."""
CONFIDENCE = 0.95
_REPLICATES = 1000
_FIXED_SHARES = np.linspace(0, 0.98, 50)


@dataclass(frozen=True)
class ScalingFit:
    """How a cost grows with a size."""

    costs: Samples
    """[k] seconds per size: medians over rounds."""
    intercept: float
    """Seconds at size 0 of the straight line."""
    slope: float
    """Seconds per unit of size."""
    exponent: Interval
    """1 is linear, 2 quadratic."""

    @property
    def verdict(self) -> str:
        """`worse than linear`, `linear or better` or `undecided`."""
        if self.exponent.low > LINEAR_LIMIT:
            return "worse than linear"
        return "linear or better" if self.exponent.high <= LINEAR_LIMIT else "undecided"


def fit_scaling(sizes: Sequence[float], rounds: ArrayLike, *, seed: int = 0) -> ScalingFit:
    """Fit as Note [Scaling] says.

    Args:
        sizes: [k] ascending, three or more.
        rounds: [r, k] seconds, the fastest call of each size's turn in each round.
        seed: of the bootstrap.
    """
    x, turns = np.asarray(sizes, np.float64), np.asarray(rounds, np.float64)
    if x.size < 3 or np.any(np.diff(x) <= 0) or x[0] <= 0 or turns.ndim != 2 or turns.shape[1] != x.size:
        raise ValueError(f"scaling needs three or more ascending sizes and as many columns; got {sizes}, {turns.shape}")
    if not np.all(turns > 0):
        raise ValueError("scaling needs positive times")
    costs = np.median(turns, axis=0)
    design = np.stack([np.ones_like(x), x], 1) / costs[:, None]
    intercept, slope = np.linalg.lstsq(design, np.ones_like(costs), rcond=None)[0]
    replicates = np.median(turns[_drawn(len(turns), np.random.default_rng(seed))], axis=1)
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(_exponents(x, replicates), (tail, 100 - tail))
    value = float(_exponents(x, costs[None])[0])
    exponent = Interval(value, min(value, float(low)), max(value, float(high)))
    return ScalingFit(costs, float(intercept), float(slope), exponent)


def _drawn(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """[replicates, count] rounds, drawn in circular pairs of neighbours."""
    starts = rng.integers(0, count, (_REPLICATES, -(-count // 2)))
    return ((starts[:, :, None] + np.arange(2)) % count).reshape(_REPLICATES, -1)[:, :count]


def _exponents(x: Samples, costs: Samples) -> Samples:
    """[n] exponents of `costs` [n, k] against `x` [k], with the best fixed part of each, searched on a grid."""
    fixed = _FIXED_SHARES[None, :, None] * costs.min(1)[:, None, None]
    rest = np.log(costs[:, None, :] - fixed)
    logs = np.log(x)
    centred = logs - logs.mean()
    exponents = rest @ centred / (centred @ centred)
    offsets = rest.mean(-1) - exponents * logs.mean()
    fitted = fixed + np.exp(offsets[..., None] + exponents[..., None] * logs)
    errors = ((fitted / costs[:, None, :] - 1) ** 2).sum(-1)
    return np.take_along_axis(exponents, errors.argmin(1)[:, None], 1)[:, 0]
