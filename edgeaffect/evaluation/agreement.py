"""How well a continuous prediction agrees with a continuous rating. NumPy only.

Every function takes two arrays [n] of one length. A missing value (NaN) is an error unless the caller drops it first
with `paired`; infinity is always one. A number that is not defined (a correlation with a constant) is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import show

Floats = NDArray[np.float64]

ICC_FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
"""Shrout & Fleiss 1979. 1: raters differ per target; 2: raters are a sample, absolute agreement; 3: raters are these,
consistency. `1`: of one rater, `k`: of the mean of all."""
_ROUNDING = 1e-12


def paired(predicted: ArrayLike, rated: ArrayLike, *, missing: str = "raise") -> tuple[Floats, Floats]:
    """Both as float64 [n], without pairs that lack a value when `missing` is `drop`.

    Args:
        predicted: [n].
        rated: [n].
        missing: `raise` or `drop`.

    Raises:
        ValueError: lengths differ, a value is infinite, a value is missing and may not be, or nothing is left.
    """
    if missing not in ("raise", "drop"):
        raise ValueError(f"missing must be 'raise' or 'drop'; got {show(missing)}")
    p, r = np.asarray(predicted, np.float64), np.asarray(rated, np.float64)
    if p.ndim != 1 or p.shape != r.shape:
        raise ValueError(f"predictions and ratings must be [n] of one length; got {list(p.shape)} and {list(r.shape)}")
    if np.isinf(p).any() or np.isinf(r).any():
        raise ValueError("predictions and ratings must be finite; some are infinite")
    known = ~(np.isnan(p) | np.isnan(r))
    if missing == "raise" and not known.all():
        raise ValueError(f"{int((~known).sum())} of {len(p)} pairs lack a value: fill them, or pass missing='drop'")
    if not known.any():
        raise ValueError(f"none of {len(p)} pairs has both values: nothing to measure")
    return p[known], r[known]


def pearson(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Pearson's product-moment correlation; NaN where one side is constant."""
    p, r = paired(predicted, rated)
    p, r = p - p.mean(), r - r.mean()
    below = float(np.sqrt((p * p).sum() * (r * r).sum()))
    return float((p * r).sum()) / below if below > _ROUNDING * len(p) else float("nan")


def ccc(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Concordance correlation coefficient, 2 cov / (var + var + (difference of means)^2) (Lin 1989).

    Moments divide by n, as Lin's and the challenges' (AVEC, Aff-Wild2, MuSe) do. A constant prediction scores 0; two
    equal constants agree perfectly and yet have no variance: NaN.
    """
    p, r = paired(predicted, rated)
    shift = p.mean() - r.mean()
    covariance = float(((p - p.mean()) * (r - r.mean())).mean())
    below = float(p.var() + r.var() + shift * shift)
    return 2 * covariance / below if below > _ROUNDING else float("nan")


def rmse(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Root mean square error, in the unit of the ratings."""
    p, r = paired(predicted, rated)
    return float(np.sqrt(((p - r) ** 2).mean()))


def mae(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Mean absolute error, in the unit of the ratings."""
    p, r = paired(predicted, rated)
    return float(np.abs(p - r).mean())


def sagr(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Sign agreement (Nicolaou, Gunes & Pantic 2011): share of pairs of one sign; zero has a sign of its own."""
    p, r = paired(predicted, rated)
    return float((np.sign(p) == np.sign(r)).mean())


def icc(ratings: ArrayLike, form: str = "ICC(3,1)") -> float:
    """Intraclass correlation of several raters, from a two-way table without repetition (Shrout & Fleiss 1979).

    Of a prediction and a rating, give the columns [prediction, rating] and `ICC(3,1)`, as DISFA and the action unit
    challenges (FERA) do.

    Args:
        ratings: [targets, raters], two or more of each, no value missing.
        form: one of `ICC_FORMS`.

    Returns:
        At most 1; NaN where nothing varies.
    """
    table = np.asarray(ratings, np.float64)
    if form not in ICC_FORMS:
        raise ValueError(f"form must be one of {', '.join(ICC_FORMS)}; got {show(form)}")
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise ValueError(
            f"ICC needs [targets, raters], 2 or more of each and all of them numbers; got {list(table.shape)}: leave "
            "targets out that a rater missed"
        )
    n, k = table.shape
    total = ((table - table.mean()) ** 2).sum()
    between = k * ((table.mean(1) - table.mean()) ** 2).sum()
    raters = n * ((table.mean(0) - table.mean()) ** 2).sum()
    bms, jms = between / (n - 1), raters / (k - 1)
    wms, ems = (total - between) / (n * (k - 1)), (total - between - raters) / ((n - 1) * (k - 1))
    above, below = {
        "ICC(1,1)": (bms - wms, bms + (k - 1) * wms),
        "ICC(2,1)": (bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n),
        "ICC(3,1)": (bms - ems, bms + (k - 1) * ems),
        "ICC(1,k)": (bms - wms, bms),
        "ICC(2,k)": (bms - ems, bms + (jms - ems) / n),
        "ICC(3,k)": (bms - ems, bms),
    }[form]
    return float(above / below) if abs(below) > _ROUNDING else float("nan")
