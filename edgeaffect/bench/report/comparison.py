"""Judges two reports of the same machine: faster, slower or within noise, per measurement, by block bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from ..stats.samples import Interval, Samples, between_rounds, difference
from .model import Comparison, Report, Verdict

DEFAULT_TOLERANCE = 0.05
CONFIDENCE = 0.99
"""Confidence of each interval that is shown."""
FAMILY_ERROR = 0.05
"""Chance that a comparison of the same code finds any regression, where rounds differ like runs."""
_BUSY_CPUS = 0.2


def judge(
    old: Samples,
    new: Samples,
    tolerance: float,
    old_rounds: Sequence[int] = (),
    new_rounds: Sequence[int] = (),
    *,
    among: int = 1,
) -> tuple[str, bool, Interval, Interval]:
    """(verdict, regression, difference of medians, difference of means).

    Slower (faster): the interval of the medians' or of the means' relative difference lies wholly above (below) 0,
    and the two do not contradict each other. An interval covers both what single calls vary (block bootstrap) and what
    whole rounds vary (`stats.between_rounds`).

    A regression is a slow-down beyond the tolerance that is still there when the intervals are widened for all
    comparisons at once (Bonferroni): of fifty measurements of the same code some always look slower, and an exit code
    must not come from those. The tolerance stands for what changes between two runs and no interval of one run can know
    (heat, neighbours).

    Args:
        old: [n] seconds, in order.
        new: likewise.
        tolerance: relative slow-down that is not yet a regression.
        old_rounds: samples of each round, in sum n; one round only if it is empty.
        new_rounds: likewise.
        among: measurements that are compared in all.
    """
    median, mean = (_interval(old, new, statistic, old_rounds, new_rounds) for statistic in (np.median, np.mean))
    slower = [i for i in (median, mean) if i.low > 0]
    faster = [i for i in (median, mean) if i.high < 0]
    if faster and not slower:
        return "faster", False, median, mean
    if not slower or faster:
        return "within noise", False, median, mean
    strict = 1 - FAMILY_ERROR / (2 * among)
    regression = any(
        loose.value > tolerance and _interval(old, new, statistic, old_rounds, new_rounds, strict).low > 0
        for statistic, loose in ((np.median, median), (np.mean, mean))
    )
    return "slower", regression, median, mean


def _interval(
    old: Samples,
    new: Samples,
    statistic: Callable[..., Any],
    old_rounds: Sequence[int],
    new_rounds: Sequence[int],
    confidence: float = CONFIDENCE,
) -> Interval:
    """Interval of the relative difference; beyond `CONFIDENCE` it is stretched like a normal distribution's."""
    calls = difference(old, new, statistic, confidence=CONFIDENCE)
    wanted, had = (NormalDist().inv_cdf((1 + c) / 2) for c in (confidence, CONFIDENCE))
    rounds = between_rounds(old, old_rounds, new, new_rounds, statistic, confidence=confidence)
    return calls.stretched(wanted / had).union(rounds)


def compare(old: Report, new: Report, tolerance: float = DEFAULT_TOLERANCE) -> Comparison:
    """Compare two reports.

    Args:
        old: the earlier report.
        new: the later one.
        tolerance: relative slow-down that is not yet a regression.
    """
    before = {m.key: m for m in old.measurements}
    after = {m.key: m for m in new.measurements}
    common = [key for key in after if key in before]
    verdicts = []
    for key in common:
        a, b = (np.asarray(m.latency.values) for m in (before[key], after[key]))
        rounds = before[key].rounds, after[key].rounds
        verdict, regression, median, mean = judge(a, b, tolerance, *rounds, among=len(common))
        verdicts.append(
            Verdict(after[key].name, after[key].params, verdict, regression, median, mean,
                    float(np.median(a)), float(np.median(b)))
        )  # fmt: skip
    return Comparison(
        verdicts=tuple(verdicts),
        only_old=tuple(m.title for key, m in before.items() if key not in after),
        only_new=tuple(m.title for key, m in after.items() if key not in before),
        tolerance=tolerance,
        remarks=tuple(_remarks(old, new)),
        confidence=CONFIDENCE,
        regressed=any(v.regression for v in verdicts),
    )


def _remarks(old: Report, new: Report) -> list[str]:
    facts: dict[str, Callable[[Report], object]] = {
        "CPU": lambda r: r.hardware.identity.cpu.name,
        "board": lambda r: r.hardware.identity.board.name,
        "device": lambda r: r.settings.device,
        "runtime": lambda r: r.settings.runtime,
        "threads": lambda r: r.settings.threads,
        "models": lambda r: dict(r.settings.models),
        "governor": lambda r: ", ".join(r.hardware.before.governors),
    }
    found = [
        f"{what} differs: {fact(old)} before, {fact(new)} now" for what, fact in facts.items() if fact(old) != fact(new)
    ]
    others = [report.contention.other_cpus if report.contention else 0.0 for report in (old, new)]
    if max(others) > _BUSY_CPUS:
        found.append(
            f"other programs used {others[0]:.1f} CPUs before and {others[1]:.1f} now: a verdict may be theirs; "
            "compare runs of a quiet machine"
        )
    return found
