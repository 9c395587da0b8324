"""From which probability on a fact is told: `python -m training.explain.fact_limits --out DIR`, on development views.

Per fact a bias and a scale on the eyes' logit (Platt), and two thresholds: `hi` keeps the precision on altered views
and raises hardly any false alarm on pictures as they are; `lo` keeps the precision of its absence. Writes
`DIR/fact_limits.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from edgeaffect.explain.cues import CUES, FACTS
from training.cues.evaluate import auc
from training.explain import features
from training.explain.evidence import lean
from training.explain.features import Seen

PRESENT_PRECISION, FALSE_ALARMS, ABSENT_PRECISION = 0.95, 0.01, 0.95
_LOW, _HIGH = 0.4, 0.5
STRATA = (120, 700)
# Fewer pictures without a fact were chosen for being hard, and say nothing of how often an alarm is false.
_ENOUGH_QUIET = 1000


def limits(seen: Seen) -> dict[str, Any]:
    """Bias, scale, hi, lo of every fact, and what they reach on these views."""
    rows: dict[str, Any] = {}
    for place, name in enumerate(FACTS):
        logit = seen.summary[:, len(CUES) + place].astype(np.float64)
        known = seen.fact_known[:, place]
        truth = seen.facts[:, place] > 0.5
        if min(truth[known].sum(), (~truth[known]).sum()) < 10:
            rows[name] = {"bias": 0.0, "scale": 1.0, "hi": 0.9, "lo": 0.3}
            continue
        weight = natural(logit, known, seen.plain)
        model = LogisticRegression(C=10.0).fit(logit[known, None], truth[known], weight[known])
        scale, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
        p = 1 / (1 + np.exp(-(logit * scale + bias)))
        at = np.linspace(0.01, 0.99, 99)
        loud = [t for t in at if t >= _HIGH and is_precise(p >= t, truth, weight, PRESENT_PRECISION)]
        hi = next((t for t in loud if _is_quiet(p, truth, known & seen.plain, t)), 0.99)
        lo = max((t for t in at if t <= _LOW and is_precise(p <= t, ~truth, weight, ABSENT_PRECISION)), default=0.02)
        told = known & (p >= hi)
        rows[name] = {
            "bias": round(bias, 4), "scale": round(scale, 4), "hi": round(float(hi), 3), "lo": round(float(lo), 3),
            "lean": round(lean(p[known], truth[known], lo, hi), 3),
            "development": {
                "views": int(known.sum()), "share": round(float(truth[known].mean()), 4),
                "auc": round(auc(p[known], truth[known]), 4),
                "precision": round(float(truth[told].mean()), 4) if told.any() else None,
                "recall": round(float((p[known & truth] >= hi).mean()), 4),
            },
        }  # fmt: skip
    return rows


def look_for_glasses(seen: Seen, keys: list[str]) -> None:
    """Fills in what somebody has seen of the development faces."""
    told = json.loads(Path(__file__).with_name("glasses.json").read_text())["dev"]
    place = FACTS.index("glasses")
    for row, key in enumerate(keys):
        if seen.plain[row] and key.split("#")[0] in told:
            seen.facts[row, place], seen.fact_known[row, place] = told[key.split("#")[0]], True


def natural(logit: np.ndarray, known: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Weights of views [n]: 1 of known ones, unless few pictures as they are have been looked at (glasses).

    Then only these count, each for as many pictures as it stands for: all of the first 120 in the order of the logit
    were looked at, 80 of the next 580, and 80 of the rest.
    """
    looked = known & plain
    if looked.sum() >= 0.5 * plain.sum():
        return known.astype(float)
    rank = np.empty(plain.sum(), int)
    rank[np.argsort(-logit[plain])] = np.arange(plain.sum())
    stratum = np.full(len(logit), -1)
    stratum[plain] = np.digitize(rank, STRATA)
    weight = np.zeros(len(logit))
    for number in range(len(STRATA) + 1):
        rows = looked & (stratum == number)
        weight[rows] = (stratum == number).sum() / max(int(rows.sum()), 1)
    return weight


def is_precise(called: np.ndarray, right: np.ndarray, weight: np.ndarray, least: float) -> bool:
    """Whether at least that share of what is called is right."""
    total = (weight * called).sum()
    return bool(total > 0 and (weight * (called & right)).sum() >= least * total)


def _is_quiet(p: np.ndarray, truth: np.ndarray, known: np.ndarray, t: float) -> bool:
    quiet = known & ~truth
    return quiet.sum() < _ENOUGH_QUIET or float((p[quiet] >= t).mean()) <= FALSE_ALARMS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    out = parser.parse_args().out
    seen = features.read(out / "seen-dev.npz")
    with np.load(out / "seen-dev.npz") as file:
        look_for_glasses(seen, file["keys"].tolist())
    found = limits(seen)
    (out / "fact_limits.json").write_text(json.dumps(found, indent=1) + "\n")
    for name, row in found.items():
        print(name, row)


if __name__ == "__main__":
    main()
