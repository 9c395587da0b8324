"""Two series of different clocks and rates on one time line: resampling, the lag between them, annotators' delay.

Sign of every lag: a positive lag means that the rating comes later than what it rates, as people need time to see,
judge and move a joystick: 1 to 6 s (Mariooryad & Busso 2015, who shift by a constant). Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import check_not_negative, check_positive, show
from .agreement import ccc, pearson

Floats = NDArray[np.float64]
MEASURES = {"ccc": ccc, "pearson": pearson}
_LEAST = 8
"""Fewest common samples that a lag is judged by."""


def checked_times(times: ArrayLike, what: str = "times") -> Floats:
    """Finite times [n] in increasing order.

    Raises:
        ValueError: not so; the message names the first place.
    """
    values = np.asarray(times, np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"{what} must be [n] finite seconds, one or more; got shape {list(values.shape)}")
    back = np.flatnonzero(np.diff(values) <= 0)
    if len(back):
        at = int(back[0])
        raise ValueError(
            f"{what} must increase; {values[at + 1]:g} s follows {values[at]:g} s at row {at + 1}: sort them, and name "
            "the columns that tell recordings and faces apart"
        )
    return values


def resample(times: ArrayLike, values: ArrayLike, at: ArrayLike, *, tolerance: float = 0.5) -> Floats:
    """A series read at other times, linearly between its neighbours; NaN where it says nothing.

    Args:
        times: [n] seconds, increasing.
        values: [n]; NaN where unknown. Such a sample is left out before.
        at: [m] seconds.
        tolerance: a place farther than this from the nearest sample is NaN, also inside a gap: a face that was lost
            for a minute is not a straight line.

    Returns:
        [m].
    """
    check_not_negative("tolerance", tolerance, "seconds")
    when, known = checked_times(times), np.asarray(values, np.float64)
    if known.shape != when.shape:
        raise ValueError(f"values must be one per time; got {list(known.shape)} for {len(when)} times")
    wanted = np.asarray(at, np.float64)
    keep = ~np.isnan(known)
    if not keep.any():
        return np.full(wanted.shape, np.nan)
    when, known = when[keep], known[keep]
    right = np.searchsorted(when, wanted).clip(0, len(when) - 1)
    left = (right - 1).clip(0)
    nearest = np.minimum(np.abs(wanted - when[left]), np.abs(wanted - when[right]))
    # The margin forgives rounding of times that are sums of frame periods.
    return np.where(nearest <= tolerance + 1e-9, np.interp(wanted, when, known), np.nan)


@dataclass(frozen=True)
class Lag:
    """Where two series agree best."""

    seconds: float
    """By which the rating is behind the prediction."""
    score: float
    """The measure at that lag."""
    score_at_zero: float
    """The measure without a shift; NaN where it is not defined."""
    at_bound: bool
    """The best lag is the bound itself: the true one may lie outside."""


def estimate_lag(
    times: ArrayLike,
    predicted: ArrayLike,
    rating_times: ArrayLike,
    rated: ArrayLike,
    *,
    max_lag: float = 6.0,
    step: float = 0.1,
    measure: str = "ccc",
    both_ways: bool = False,
    tolerance: float = 0.5,
) -> Lag:
    """The shift of a rating at which it agrees best with a prediction.

    Args:
        times: [n] seconds of the prediction.
        predicted: [n], NaN where unknown.
        rating_times: [m] seconds on the same clock.
        rated: [m], NaN where unknown.
        max_lag: largest shift tried, seconds.
        step: seconds between shifts.
        measure: `ccc` (level counts too) or `pearson` (the peak of the normalised cross-correlation).
        both_ways: also let the rating lead, for two people of whom either may.
        tolerance: see `resample`.

    Raises:
        ValueError: no shift leaves eight common samples with a defined measure, or an argument is out of range.

    A lag found on the data that is scored with it flatters: estimate it on other recordings, or say so.
    """
    check_positive("step", step, " seconds")
    check_not_negative("max_lag", max_lag, "seconds")
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}; got {show(measure)}")
    when, truth = checked_times(rating_times, "rating times"), np.asarray(rated, np.float64)
    count = int(np.floor(max_lag / step + 1e-9))
    shifts = step * np.arange(-count if both_ways else 0, count + 1)
    scores = np.array(
        [_score(MEASURES[measure], resample(times, predicted, when - s, tolerance=tolerance), truth) for s in shifts]
    )
    if np.isnan(scores).all():
        raise ValueError(
            f"no shift up to {max_lag:g} s leaves {_LEAST} common samples that vary: are both on one clock, in seconds?"
        )
    best = int(np.nanargmax(scores))
    zero = float(scores[count if both_ways else 0])
    at_bound = best == len(shifts) - 1 or (both_ways and best == 0)
    return Lag(float(shifts[best]), float(scores[best]), zero, bool(at_bound and len(shifts) > 1))


def _score(measure: object, predicted: Floats, rated: Floats) -> float:
    known = ~(np.isnan(predicted) | np.isnan(rated))
    if known.sum() < _LEAST:
        return float("nan")
    assert callable(measure)
    return float(measure(predicted[known], rated[known]))


def align(
    times: ArrayLike,
    predicted: ArrayLike,
    rating_times: ArrayLike,
    rated: ArrayLike,
    *,
    delay: float = 0.0,
    tolerance: float = 0.5,
) -> tuple[Floats, Floats]:
    """Prediction and rating [m] at the ratings' own times, the annotator's delay taken out.

    A rating given at t is compared with the prediction at t - `delay`. Where one is unknown both are NaN.
    """
    when, truth = checked_times(rating_times, "rating times"), np.asarray(rated, np.float64)
    p = resample(times, predicted, when - delay, tolerance=tolerance)
    unknown = np.isnan(p) | np.isnan(truth)
    return np.where(unknown, np.nan, p), np.where(unknown, np.nan, truth)
