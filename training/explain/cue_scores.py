"""What texts say about cues, against what is there: F1, false claims, false absences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from edgeaffect.explain.cues import CUES
from edgeaffect.explain.meaning import Claim
from training.explain.held import Held

RESAMPLES = 500


def cue_claims(claims: Iterable[Claim]) -> dict[str, str]:
    """Cue -> present or absent, of what a text says about cues."""
    return {c.name: c.state for c in claims if c.kind == "cue" and c.state in ("present", "absent")}


def scores_of(said: Sequence[dict[str, str]], held: Held, rows: np.ndarray | None = None) -> dict[str, Any]:
    """F1 of present cues, how many claims are false, and intervals over faces (bootstrap)."""
    truth, told = (a if rows is None else a[rows] for a in (held.truth, held.told))
    hit, claimed, there = np.zeros((3, len(said)))
    absent, false_absent = np.zeros((2, len(said)))
    for i, claims in enumerate(said):
        yes = np.array([claims.get(name) == "present" for name in CUES]) & told[i]
        no = np.array([claims.get(name) == "absent" for name in CUES]) & told[i]
        hit[i], claimed[i], there[i] = (yes & truth[i]).sum(), yes.sum(), (truth[i] & told[i]).sum()
        absent[i], false_absent[i] = no.sum(), (no & truth[i]).sum()

    def f1(w: np.ndarray) -> float:
        return float(2 * (hit * w).sum() / max((claimed * w).sum() + (there * w).sum(), 1e-9))

    def wrong(w: np.ndarray) -> float:
        return float(1 - (hit * w).sum() / max((claimed * w).sum(), 1e-9))

    ones = np.ones(len(said))
    return {
        "f1": interval(f1, len(said)), "precision": round(1 - wrong(ones), 4),
        "recall": round(float(hit.sum() / max(there.sum(), 1)), 4), "hallucination": interval(wrong, len(said)),
        "claims": int(claimed.sum()), "false_absence": round(float(false_absent.sum() / max(absent.sum(), 1)), 4),
        "absent_claims": int(absent.sum()),
    }  # fmt: skip


def interval(value: Callable[[np.ndarray], float], count: int) -> dict[str, Any]:
    """A value and its 95 % interval over resampled faces; `value` takes weights of faces."""
    random = np.random.default_rng(0)
    draws = [value(np.bincount(random.integers(0, count, count), minlength=count)) for _ in range(RESAMPLES)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"value": round(value(np.ones(count)), 4), "interval": [round(float(low), 4), round(float(high), 4)]}
