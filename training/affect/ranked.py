"""Ranked emotions and compounds beside people's votes: `python -m training.affect.ranked --data DIR`.

FER+ `valid`, crops as they are, the default model. `top k`: share of faces whose majority label is among the k most
probable; `voted set`: mean share of the emotions with two votes or more that are among the k largest `votes`.
`compounds`: area under the ROC curve of `compound_scores` of the votes, as a face that at least two people call the one
and two the other part, against all others (the best that can be had without faces labelled with compounds). Intervals
are 95 %, over faces. Writes RANKED.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect import FaceAffect
from edgeaffect.circumplex import COMPOUNDS, EMOTIONS, compound_scores
from edgeaffect.evaluation.affect_metrics import bootstrap_interval, majority_labels
from edgeaffect.evaluation.binary_metrics import roc_auc
from training.data import data_folder, read_ferplus
from training.provenance import provenance

RESULTS = Path(__file__).with_name("RANKED.json")
LEAST_FACES = 20


def share(hits: np.ndarray) -> dict[str, Any]:
    """Mean of per-face values with its interval."""
    low, high = bootstrap_interval(hits)
    return {"value": round(float(hits.mean()), 4), "interval": [round(low, 4), round(high, 4)], "faces": len(hits)}


def area(scores: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """AUC with its interval."""
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(200):
        rows = random.integers(0, len(truth), len(truth))
        if 0 < truth[rows].sum() < len(rows):
            drawn.append(roc_auc(scores[rows], truth[rows]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    value = round(roc_auc(scores, truth), 4)
    return {"value": value, "interval": [round(float(low), 4), round(float(high), 4)], "faces": int(truth.sum())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    arguments = parser.parse_args()
    faces = read_ferplus(data_folder(arguments.data)).part("valid")
    with FaceAffect() as stage:
        read = stage.predict_crops(list(faces.images), color="gray")
    p = np.stack([one.probabilities for one in read])
    votes = np.stack([one.votes for one in read])
    labels, kept = majority_labels(faces.votes)
    rank = np.argsort(-p[kept], 1)
    record: dict[str, Any] = provenance(Path(__file__).parent)
    for k in (1, 2, 3):
        record[f"top {k}"] = share((rank[:, :k] == labels[kept][:, None]).any(1).astype(float))
    there = faces.votes[:, : len(EMOTIONS)] >= 2
    some = there.any(1)
    order = np.argsort(-votes, 1)
    for k in (2, 3):
        first = np.zeros_like(there)
        np.put_along_axis(first, order[:, :k], True, 1)
        record[f"voted set, top {k}"] = share((first & there)[some].sum(1) / there[some].sum(1))
    scores = [compound_scores(row) for row in votes]
    for name, (a, b) in COMPOUNDS.items():
        truth = there[:, EMOTIONS.index(a)] & there[:, EMOTIONS.index(b)]
        if truth.sum() >= LEAST_FACES:
            record.setdefault("compounds", {})[name] = area(np.array([row[name] for row in scores]), truth)
        else:
            record.setdefault("too few", {})[name] = int(truth.sum())
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
