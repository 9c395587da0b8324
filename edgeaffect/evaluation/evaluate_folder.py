"""Scores of labelled faces as a whole, per group and per condition: blur, size, pose and brightness.

Conditions are measured on the pictures, the same for every model, by the edges in `CONDITIONS`; blur has no scale of
its own and is cut into thirds of the set, whose edges are reported.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..circumplex import EMOTIONS
from ..image import Frame
from . import affect_metrics, agreement, class_metrics
from .intervals import SAMPLES, cluster_bootstrap

Floats = NDArray[np.float64]

CONDITIONS: Mapping[str, tuple[float, ...]] = {
    "size": (32, 64, 128), "yaw": (15, 30), "pitch": (15, 30), "brightness": (64, 128, 192), "sharpness": (),
}  # fmt: skip
"""Edges. `size`: side of the face in pixels of its picture; `yaw`, `pitch`: degrees away from the camera, by the
cues; `brightness`: mean luma of the face, 0 to 255; `sharpness`: see `sharpness`; thirds of the set."""
_UNITS = {"size": " px", "yaw": " deg", "pitch": " deg", "brightness": "", "sharpness": ""}
_SHARP_SIDE = 48
_LEAST_ROWS = 20
"""Smaller parts get counts and no scores."""
_MAX_GROUPS = 30


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model said of n faces, and what is known of them."""

    probabilities: Floats
    """[n, 8] in `EMOTIONS` order; NaN rows are faces that were not found."""
    labels: Sequence[str]
    is_sure: NDArray[np.bool_]
    va: Floats
    """[n, 2] valence and arousal of the model."""
    rated: Floats
    """[n, 2] of people, NaN where nobody rated."""
    people: Sequence[str]
    """Whose face; a picture is a person where nobody said."""
    groups: Sequence[Mapping[str, str]]
    conditions: Mapping[str, Floats]
    """Of `CONDITIONS`, [n]; NaN where unknown."""


def sharpness(crop: Frame) -> float:
    """Variance of the Laplacian of a gray crop at 48 x 48, over the variance of its gray levels: lower is blurrier.

    The common measure of focus (Pech-Pacheco et al. 2000), made independent of size and contrast.
    """
    cv2 = require("cv2")
    gray = crop if crop.ndim == 2 else cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    gray = cv2.resize(gray, (_SHARP_SIDE, _SHARP_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(cv2.Laplacian(gray, cv2.CV_32F).var() / max(float(gray.var()), 1.0))


def brightness(crop: Frame) -> float:
    """Mean luma, 0 to 255 (BT.601)."""
    return float(crop.mean() if crop.ndim == 2 else (crop.reshape(-1, 3).mean(0) @ (0.114, 0.587, 0.299)))


def score_folder(judged: Judged, classes: Sequence[str], *, samples: int = SAMPLES) -> dict[str, Any]:
    """Scores of all faces, per group and per condition, with intervals over people.

    The model's probabilities are taken among the set's classes and made to sum to 1: a set of seven classes cannot
    be answered by the eighth.

    Args:
        judged: predictions.
        classes: of the set, in canonical order.
        samples: draws of each interval.

    Raises:
        ValueError: no face was found in any picture.
    """
    columns = [EMOTIONS.index(name) for name in classes]
    p = judged.probabilities[:, columns]
    found = np.asarray(np.isfinite(p).all(axis=1))
    if not found.any():
        raise ValueError(
            f"no face was found in {len(p)} pictures: are they faces? --crops whole takes them as they are"
        )
    p = p / np.maximum(p.sum(1, keepdims=True), 1e-9)
    y = np.array([classes.index(label) for label in judged.labels], np.int64)
    scorer = _Scorer(p, y, judged, len(classes), samples)
    report: dict[str, Any] = {"pictures": len(p), "not_found": int((~found).sum()), **scorer.scores(found)}
    said = p[found].argmax(1)
    # Whoever counts a face that was not found as wrong gets this one.
    report["accuracy_of_all_pictures"] = float((said == y[found]).sum() / len(p))
    confusion = affect_metrics.confusion_matrix(y[found], said, len(classes))
    recall = affect_metrics.per_class_recall(confusion)
    report |= {
        "classes": list(classes),
        "recall": {name: None if np.isnan(r) else float(r) for name, r in zip(classes, recall, strict=True)},
        "confusion": confusion.tolist(),
        "ece": affect_metrics.hard_ece(p[found], y[found]),
        "valence_arousal": scorer.va_scores(found),
        "groups": {},
        "conditions": {},
    }
    for name in sorted({key for one in judged.groups for key in one}):
        cells = np.array([one.get(name, "") for one in judged.groups])
        values = sorted(set(cells[cells != ""].tolist()))
        if len(values) <= _MAX_GROUPS:
            report["groups"][name] = {value: scorer.scores(found & (cells == value)) for value in values}
    for name, measured in judged.conditions.items():
        report["conditions"][name] = {key: scorer.scores(found & rows) for key, rows in buckets(name, measured)}
    return report


def buckets(name: str, values: Floats) -> list[tuple[str, NDArray[np.bool_]]]:
    """Names and masks [n] of the parts of a condition; a face of which it is unknown is in none."""
    known = np.asarray(~np.isnan(values))
    edges = CONDITIONS[name] or tuple(
        np.quantile(values[known], (1 / 3, 2 / 3)).round(3).tolist() if known.any() else ()
    )
    unit = _UNITS[name]
    limits = [-np.inf, *edges, np.inf]
    parts = []
    for low, high in itertools.pairwise(limits):
        label = f"below {high:g}{unit}" if low == -np.inf else f"{low:g}{unit} and more" if high == np.inf else (
            f"{low:g} to {high:g}{unit}")  # fmt: skip
        parts.append((label, known & (values >= low) & (values < high)))
    return parts


class _Scorer:
    def __init__(self, p: Floats, y: NDArray[np.int64], judged: Judged, classes: int, samples: int) -> None:
        self._p, self._y, self._judged, self._k, self._samples = p, y, judged, classes, samples
        self._people = np.asarray(judged.people)

    def scores(self, rows: NDArray[np.bool_]) -> dict[str, Any]:
        """Of some faces: how many of how many people, accuracy, UAR, and what `is_sure` is worth."""
        y, people = self._y[rows], self._people[rows]
        told: dict[str, Any] = {"faces": len(y), "people": len(set(people.tolist()))}
        if len(y) < _LEAST_ROWS:
            return told
        said, sure = self._p[rows].argmax(1), self._judged.is_sure[rows]
        right = said == y
        told["accuracy"] = self._over_people(lambda at: right[at].mean(), people)
        told["uar"] = self._over_people(lambda at: class_metrics.uar(said[at], y[at], self._k), people)
        told["sure"] = float(sure.mean())
        told["wrong_of_sure"] = float((~right[sure]).mean()) if sure.any() else None
        return told

    def va_scores(self, found: NDArray[np.bool_]) -> dict[str, Any]:
        """CCC, Pearson, RMSE and SAGR of valence and arousal, where people rated them."""
        told: dict[str, Any] = {}
        metrics = {"ccc": agreement.ccc, "pearson": agreement.pearson, "rmse": agreement.rmse, "sagr": agreement.sagr}
        for i, name in enumerate(("valence", "arousal")):
            p, r = self._judged.va[:, i], self._judged.rated[:, i]
            rows = found & ~np.isnan(p) & ~np.isnan(r)
            if rows.sum() < _LEAST_ROWS:
                continue
            p, r, people = p[rows], r[rows], self._people[rows]
            told[name] = {"faces": len(p)} | {
                key: self._over_people(lambda at, m=metric, p=p, r=r: m(p[at], r[at]), people)
                for key, metric in metrics.items()
            }
        return told

    def _over_people(self, statistic: Any, people: NDArray[np.str_]) -> dict[str, Any]:
        estimate = cluster_bootstrap(statistic, people, samples=self._samples)
        return {key: value for key, value in estimate.to_dict().items() if key in ("value", "interval")}
