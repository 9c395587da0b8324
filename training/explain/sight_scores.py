"""How well the eyes see beside cues: visible facts, and how far people would agree about the label."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from edgeaffect.explain.cues import CUES, FACTS
from training.cues.evaluate import auc
from training.explain.decoder import Decoder
from training.explain.held import Held


def facts_auc(held: Held) -> dict[str, Any]:
    """AUC of every fact: drawn covers over unseen people, real masks, and glasses that somebody has looked for."""
    seen = held.all
    rows: dict[str, Any] = {}
    real = {"glasses": seen.plain & (held.pool != "none"), "mouth_covered": seen.plain & (held.pool == "masks")}
    for place, name in enumerate(FACTS):
        logit, truth, known = seen.summary[:, len(CUES) + place], seen.facts[:, place] > 0.5, seen.fact_known[:, place]
        for kind, some in {
            "all": known,
            "altered": known & ~seen.plain,
            "real": known & real.get(name, seen.plain),
        }.items():
            if 4 < truth[some].sum() < some.sum() - 4:
                rows.setdefault(name, {})[kind] = {
                    "auc": round(auc(logit[some], truth[some]), 4),
                    "with": int(truth[some].sum()),
                    "views": int(some.sum()),
                }
    return rows


def confidence(decoder: Decoder, held: Held) -> dict[str, Any]:
    """The encoder's confidence against the share of people's votes for the label, FER+ `valid`."""
    seen = held.all
    rows = np.flatnonzero(seen.plain & ~np.isnan(seen.human[:, 0]))
    with torch.no_grad():
        given = (
            seen.patches[rows].astype(np.float32),
            seen.summary[rows],
            seen.affect[rows],
            np.zeros((len(rows), len(CUES)), np.float32),
        )
        sure = torch.sigmoid(decoder.memory(*(torch.from_numpy(a) for a in given))[2]).numpy()
    share = seen.human[rows, seen.label[rows]]
    result = {}
    for name, p in (("explainer", sure), ("affect_stage", seen.affect[rows, 11])):
        bins = np.clip((p * 10).astype(int), 0, 9)
        ece = sum(
            abs(p[bins == b].mean() - share[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
        result[name] = {
            "soft_ece": round(float(ece), 4),
            "log_score": round(float(-(share * np.log(p + 1e-6) + (1 - share) * np.log(1 - p + 1e-6)).mean()), 4),
        }
    return {"faces": len(rows), **result}
