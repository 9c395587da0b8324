"""Judges two reports of the same machine: faster, slower or within noise, per measurement, by block bootstrap."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from ..stats.method import key
from ..stats.samples import Interval, Samples, between_rounds, difference

SCHEMA = "edgeaffect.bench/2"
DEFAULT_TOLERANCE = 0.05
CONFIDENCE = 0.99
"""Of the intervals that are shown, each for itself."""
FAMILY_ERROR = 0.05
"""Chance that a comparison of the same code finds any regression, where rounds differ like runs."""
_BUSY_CPUS = 0.2


@dataclass(frozen=True)
class Verdict:
    """One measurement in both reports."""

    name: str
    params: Mapping[str, Any]
    verdict: str
    """`faster`, `slower` or `within noise`."""
    regression: bool
    """Slower by more than the tolerance, with all comparisons of the report taken together."""
    median: Interval
    """Relative difference of medians, new / old - 1."""
    mean: Interval
    old_median: float
    new_median: float
    """Seconds."""


@dataclass(frozen=True)
class Comparison:
    """All verdicts of two reports."""

    verdicts: tuple[Verdict, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    tolerance: float
    remarks: tuple[str, ...]
    """What makes the two reports less comparable."""

    @property
    def regressed(self) -> bool:
        return any(v.regression for v in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "confidence": CONFIDENCE, "regressed": self.regressed}


def load(path: str | Path) -> dict[str, Any]:
    """Read a report.

    Raises:
        ValueError: not a report, or of another schema version.
        OSError: cannot be read.
    """
    try:
        report = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    found = report.get("schema") if isinstance(report, dict) else None
    if found != SCHEMA:
        raise ValueError(f"{path} has schema {found!r}, expected {SCHEMA!r}: make it with edgeaffect bench --json")
    return report


def title(measurement: Mapping[str, Any]) -> str:
    """Name and parameters for people."""
    params = ", ".join(f"{k} {v}" for k, v in measurement["params"].items())
    return f"{measurement['name']} ({params})" if params else measurement["name"]


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
    """Of the relative difference; beyond `CONFIDENCE` the bootstrap's is stretched like a normal distribution's."""
    calls = difference(old, new, statistic, confidence=CONFIDENCE)
    wanted, had = (NormalDist().inv_cdf((1 + c) / 2) for c in (confidence, CONFIDENCE))
    rounds = between_rounds(old, old_rounds, new, new_rounds, statistic, confidence=confidence)
    return calls.stretched(wanted / had).union(rounds)


def compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float = DEFAULT_TOLERANCE) -> Comparison:
    """Compare two reports.

    Args:
        old: the earlier report.
        new: the later one.
        tolerance: relative slow-down that is not yet a regression.
    """
    before = {key(m): m for m in old["measurements"]}
    after = {key(m): m for m in new["measurements"]}
    verdicts = []
    for name, measurement in after.items():
        if name not in before:
            continue
        a, b = (np.asarray(m["latency"]["values"]) for m in (before[name], measurement))
        rounds = (m.get("rounds", ()) for m in (before[name], measurement))
        verdict, regression, median, mean = judge(a, b, tolerance, *rounds, among=len(before.keys() & after.keys()))
        verdicts.append(
            Verdict(measurement["name"], measurement["params"], verdict, regression, median, mean,
                    float(np.median(a)), float(np.median(b)))
        )  # fmt: skip
    return Comparison(
        tuple(verdicts),
        tuple(title(m) for k, m in before.items() if k not in after),
        tuple(title(m) for k, m in after.items() if k not in before),
        tolerance,
        tuple(_remarks(old, new)),
    )


def _remarks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found = []
    for what, path in (
        ("CPU", ("hardware", "identity", "cpu", "name")),
        ("board", ("hardware", "identity", "board", "name")),
        ("device", ("settings", "device")),
        ("runtime", ("settings", "runtime")),
        ("threads", ("settings", "threads")),
        ("models", ("settings", "models")),
        ("governor", ("hardware", "before", "governors")),
    ):
        a, b = _at(old, path), _at(new, path)
        if a != b:
            found.append(f"{what} differs: {a} before, {b} now")
    others = [(_at(report, ("contention", "other_cpus")) or 0.0) for report in (old, new)]
    if max(others) > _BUSY_CPUS:
        found.append(
            f"other programs used {others[0]:.1f} CPUs before and {others[1]:.1f} now: a verdict may be theirs; "
            "compare runs of a quiet machine"
        )
    return found


def _at(report: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = report
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
