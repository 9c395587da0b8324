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
from training.explain.features import Seen

PRESENT_PRECISION, FALSE_ALARMS, ABSENT_PRECISION = 0.95, 0.01, 0.97
_LOW, _HIGH = 0.4, 0.5
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
        # Views with a fact are drawn far more often than it comes.
        model = LogisticRegression(C=10.0, class_weight="balanced" if truth[known].mean() > 0.3 else None).fit(
            logit[known, None], truth[known]
        )
        scale, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
        p = 1 / (1 + np.exp(-(logit * scale + bias)))
        at = np.linspace(0.01, 0.99, 99)
        hi = next(
            (
                t
                for t in at
                if t >= _HIGH and _is_precise(p, truth, known, t) and _is_quiet(p, truth, known & seen.plain, t)
            ),
            0.99,
        )
        low = [
            t
            for t in at
            if t <= _LOW and (~truth[known & (p <= t)]).sum() >= ABSENT_PRECISION * max((known & (p <= t)).sum(), 1)
        ]
        lo = max(low, default=0.02)
        told = known & (p >= hi)
        rows[name] = {
            "bias": round(bias, 4), "scale": round(scale, 4), "hi": round(float(hi), 3), "lo": round(float(lo), 3),
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


def _is_precise(p: np.ndarray, truth: np.ndarray, known: np.ndarray, t: float) -> bool:
    called = known & (p >= t)
    return bool(called.any() and truth[called].mean() >= PRESENT_PRECISION)


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
