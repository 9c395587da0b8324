"""Questions to a series of valence over time: what follows an action, what comes next, who follows whom.

Three measures that papers ask of systems which talk with people, kept to what can be computed from a series:

* `replay_reactions`: how the valence of a face changes after what a system did (feedback from reactions, FLR),
* `predict_next`: how well a person's next value is told by their own dynamics, against a moving average,
* `listener_lag`: how far a listener is behind a speaker (OMG-Empathy).

All of them work on what was recorded; nothing here is fed back into a running system.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import check_count, check_positive, check_share
from .time_alignment import Lag, checked_times, estimate_lag, resample

Floats = NDArray[np.float64]
_SURROGATES = 200
_WEIGHTS = np.linspace(0.05, 1, 20)
"""Shares of the new value that a moving average is tried with."""


@dataclass(frozen=True)
class Reaction:
    """Change of valence after the actions of one kind."""

    change: float
    """Mean over actions of (mean after - mean before); NaN when no action could be judged."""
    actions: int
    """Actions with values on both sides."""
    unseen: int
    """Actions without: the face was away."""
    p_value: float
    """Share of random shifts of all actions along the recording that change valence as much; NaN as above."""


def replay_reactions(
    times: ArrayLike,
    valence: ArrayLike,
    actions: ArrayLike,
    *,
    before: float = 2.0,
    after: tuple[float, float] = (0.5, 4.0),
    seed: int = 0,
) -> Reaction:
    """What a face did after the actions of a system.

    Args:
        times: [n] seconds, increasing.
        valence: [n], NaN where no face was seen.
        actions: [m] seconds at which the system acted.
        before: seconds before an action that are averaged.
        after: from when to when after it, seconds; reactions of faces begin after about half a second.
        seed: of the random shifts.

    The null model shifts all actions together around the recording, which keeps their spacing and the slow drift of
    valence. A small p-value tells that valence changed then, not that the action is why.

    Raises:
        ValueError: times do not increase, or a window is empty.
    """
    check_positive("before", before, " seconds")
    if not 0 <= after[0] < after[1]:
        raise ValueError(f"after must be (from, to) in seconds, 0 <= from < to; got {after}")
    when, values = checked_times(times), np.asarray(valence, np.float64)
    at = np.asarray(actions, np.float64)
    sums, counts = _cumulated(values)
    changes = _changes(when, sums, counts, at, before, after)
    seen = ~np.isnan(changes)
    if not seen.any():
        return Reaction(float("nan"), 0, len(at), float("nan"))
    change = float(changes[seen].mean())
    generator = np.random.default_rng(seed)
    span = when[-1] - when[0]
    null: list[float] = []
    for shift in generator.uniform(0, span, _SURROGATES):
        moved = _changes(when, sums, counts, when[0] + (at - when[0] + shift) % span, before, after)
        null.append(float(np.nanmean(moved)) if (~np.isnan(moved)).any() else float("nan"))
    known = np.array(null)[~np.isnan(null)]
    p_value = float((1 + (np.abs(known) >= abs(change)).sum()) / (1 + len(known)))
    return Reaction(change, int(seen.sum()), int((~seen).sum()), p_value)


def _cumulated(values: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(values)
    return (np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))]),
            np.concatenate([[0.0], np.cumsum(known)]))  # fmt: skip


def _changes(
    when: Floats, sums: Floats, counts: Floats, at: Floats, before: float, after: tuple[float, float]
) -> Floats:
    def mean(low: Floats, high: Floats) -> Floats:
        a, b = np.searchsorted(when, low), np.searchsorted(when, high)
        n = counts[b] - counts[a]
        result: Floats = np.divide(sums[b] - sums[a], n, out=np.full(len(at), np.nan), where=n > 0)
        return result

    return mean(at + after[0], at + after[1]) - mean(at - before, at)


@dataclass(frozen=True)
class OneStep:
    """Root mean square errors of the next value on held-out series."""

    dynamics: float
    """Error of the person-independent linear dynamics x' = mean + A (x - mean), fitted to the other series."""
    moving_average: float
    """Error of an exponential moving average with the best weight on the other series."""
    persistence: float
    """Error of "as it is now"."""
    skill: float
    """1 - (dynamics / moving_average)^2: above 0 the dynamics know something that the average does not."""
    steps: int


def predict_next(series: Sequence[ArrayLike], *, ridge: float = 1e-3) -> OneStep:
    """One-step prediction of valence (and arousal, dominance), each series held out once.

    Args:
        series: two or more arrays [n] or [n, d] at one constant rate, one per person, three steps or more, no NaN;
            `time_alignment.resample` brings others to a rate.
        ridge: of the fit, per step.

    Raises:
        ValueError: fewer than two series, different widths, too short, or a value that is not finite.
    """
    given = [np.asarray(one, np.float64).reshape(len(one), -1) for one in map(np.asarray, series)]
    if len(given) < 2 or len({one.shape[1] for one in given}) != 1:
        raise ValueError(f"need two or more series of one width; got {[list(one.shape) for one in given]}")
    if any(len(one) < 3 or not np.isfinite(one).all() for one in given):
        raise ValueError("each series needs three steps or more, all of them finite: resample and cut at gaps first")
    averages = np.stack([_average_errors(one) for one in given])
    errors = np.zeros(3)
    steps = 0
    for i, held in enumerate(given):
        rest = given[:i] + given[i + 1 :]
        mean, matrix = _fit_dynamics(rest, ridge)
        errors[0] += (((held[:-1] - mean) @ matrix + mean - held[1:]) ** 2).sum()
        errors[1] += averages[i, (averages.sum(0) - averages[i]).argmin()]
        errors[2] += ((held[1:] - held[:-1]) ** 2).sum()
        steps += held[1:].size
    dynamics, average, same = np.sqrt(errors / steps)
    skill = 1 - errors[0] / errors[1] if errors[1] > 0 else 0.0
    return OneStep(float(dynamics), float(average), float(same), float(skill), steps)


def _fit_dynamics(series: Sequence[Floats], ridge: float) -> tuple[Floats, Floats]:
    mean = np.concatenate(series).mean(0)
    now = np.concatenate([one[:-1] for one in series]) - mean
    after = np.concatenate([one[1:] for one in series]) - mean
    matrix = np.linalg.solve(now.T @ now + ridge * len(now) * np.eye(now.shape[1]), now.T @ after)
    return mean, matrix


def _average_errors(one: Floats) -> Floats:
    """Sum of squared errors of the moving average with each of `_WEIGHTS`."""
    average, total = np.repeat(one[:1], len(_WEIGHTS), 0), np.zeros(len(_WEIGHTS))
    for value, after in itertools.pairwise(one):
        average = average + _WEIGHTS[:, None] * (value - average)
        total += ((average - after) ** 2).sum(1)
    return total


@dataclass(frozen=True)
class ListenerLag:
    """How one person's series follows another's."""

    lag: Lag
    """Positive: the listener follows; see `estimate_lag`. Its score is Pearson's correlation."""
    p_value: float
    """Share of listeners shifted around in time by more than the largest lag that agree as well somewhere."""


def listener_lag(
    times: ArrayLike,
    speaker: ArrayLike,
    listener: ArrayLike,
    *,
    max_lag: float = 6.0,
    step: float = 0.2,
    surrogates: int = 99,
    min_overlap: float = 0.5,
    seed: int = 0,
) -> ListenerLag:
    """By how much a listener's valence follows the speaker's, and whether it does at all.

    Args:
        times: [n] seconds, increasing, of both.
        speaker: [n], NaN where unknown.
        listener: [n], NaN where unknown.
        max_lag: largest lag either way, seconds; a listener may lead (negative) who expects what comes.
        step: seconds between lags.
        surrogates: random shifts for the p-value. Smooth series correlate by chance; the p-value is what tells.
        min_overlap: least share of rows that both know.
        seed: of the shifts.

    Raises:
        ValueError: as `estimate_lag`; too little overlap; or a recording shorter than four times the largest lag.
    """
    check_count("surrogates", surrogates)
    check_share("min_overlap", min_overlap)
    when = checked_times(times)
    a, b = np.asarray(speaker, np.float64), np.asarray(listener, np.float64)
    span = float(when[-1] - when[0])
    if span < 4 * max_lag:
        raise ValueError(f"a recording of {span:.1f} s is too short for lags up to {max_lag:g} s: lower max_lag")
    both = ~(np.isnan(a) | np.isnan(b))
    if both.mean() < min_overlap:
        raise ValueError(f"both people are known in {both.mean():.0%} of the rows; at least {min_overlap:.0%} needed")
    options = {"max_lag": max_lag, "step": step, "measure": "pearson", "both_ways": True}
    found = estimate_lag(when, a, when, b, **options)  # type: ignore[arg-type]
    generator = np.random.default_rng(seed)
    at_least = 1
    for shift in generator.uniform(2 * max_lag, span - 2 * max_lag, surrogates):
        turned = resample(when, b, when[0] + (when - when[0] + shift) % span)
        try:
            other = estimate_lag(when, a, when, turned, **options).score  # type: ignore[arg-type]
        except ValueError:
            continue
        at_least += other >= found.score
    return ListenerLag(found, at_least / (1 + surrogates))
