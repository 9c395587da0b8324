"""Fits a head for labels of a user's own to features of faces, and says on held-out people what it is worth.

Every number of the report comes from people that the fit had not seen: folds share no person, and the penalty and the
temperature of each fold are chosen inside its training part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.calibration_file import softmax
from ..models.own_head import OwnHead
from . import affect_metrics, agreement, class_metrics
from .intervals import SAMPLES, cluster_bootstrap
from .label_data import FOLDS, LabelData
from .logistic import fit_logistic, fit_ridge

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

_INNER_FOLDS = 4
_PENALTIES = 10.0 ** np.arange(-3, 1.51, 0.5)
_RIDGES = 10.0 ** np.arange(-2, 3.01, 0.5)
_TEMPERATURES = 2.0 ** np.arange(-2, 3.01, 0.125)


@dataclass(frozen=True, eq=False)
class FittedHead:
    """A head, and its scores on held-out people."""

    head: OwnHead
    report: dict[str, Any]
    """JSON-able; estimates with intervals over people."""

    @property
    def beats_chance(self) -> bool:
        """Whether the interval of the main score lies above what knows nothing: UAR above 1 / classes, CCC above 0."""
        interval = self.report["scores"][self.report["main_score"]]["interval"]
        return bool(interval is not None and interval[0] > self.report["chance"])


@dataclass(frozen=True, eq=False)
class _Linear:
    """Weights [d + 1, k] for features standardised by `mean` and `scale` [d]."""

    mean: Floats
    scale: Floats
    weights: Floats

    def __call__(self, x: Floats) -> Floats:
        out: Floats = ((x - self.mean) / self.scale) @ self.weights[:-1] + self.weights[-1]
        return out

    def folded(self, sharpness: float = 1.0) -> tuple[Floats, Floats]:
        """Weights and bias for features as they are, times `sharpness`."""
        w = self.weights[:-1] / self.scale[:, None]
        return sharpness * w, sharpness * (self.weights[-1] - self.mean @ w)


def fit_labels(features: Floats, data: LabelData, *, samples: int = SAMPLES) -> FittedHead:
    """Fit and judge a head.

    Args:
        features: [n, d] pooled features of the faces of `data`, which has been checked.
        data: labels or values, and people.
        samples: draws of each interval.

    Raises:
        ValueError: features are not [n, d] finite numbers.
    """
    x = np.asarray(features, np.float64)
    if x.ndim != 2 or len(x) != len(data.people) or not np.isfinite(x).all():
        raise ValueError(f"need [{len(data.people)}, d] finite features; got {list(x.shape)}")
    return _fit_classes(x, data, samples) if data.classes else _fit_scale(x, data, samples)


def person_folds(people: Labels, labels: Labels, folds: int) -> list[Mask]:
    """Masks [n] of parts that share no person and have about the same share of every class.

    Args:
        people: [n] numbers from 0.
        labels: [n] numbers from 0; zeros where there are no classes.
        folds: at most as many as there are people.
    """
    counts = np.zeros((int(people.max()) + 1, int(labels.max()) + 1))
    np.add.at(counts, (people, labels), 1)
    weight = 1 / np.maximum(counts.sum(0), 1)
    order = np.random.default_rng(0).permutation(len(counts))
    order = order[np.argsort(-(counts[order] @ weight), kind="stable")]  # the largest first
    filled, part_of = np.zeros((folds, counts.shape[1])), np.empty(len(counts), np.int64)
    for person in order:
        cost = (((filled[:, None] + np.eye(folds)[:, :, None] * counts[person]) * weight) ** 2).sum((1, 2))
        part_of[person] = cost.argmin()
        filled[part_of[person]] += counts[person]
    return [part for i in range(folds) if (part := part_of[people] == i).any()]


def _standard(x: Floats) -> tuple[Floats, Floats]:
    scale = x.std(0)
    return x.mean(0), np.where(scale > 1e-8, scale, 1.0)


def _logistic(x: Floats, y: Labels, classes: int, penalty: float, start: Floats | None = None) -> _Linear:
    mean, scale = _standard(x)
    return _Linear(mean, scale, fit_logistic((x - mean) / scale, y, classes, penalty, start))


def _ridge(x: Floats, y: Floats, penalty: float) -> _Linear:
    mean, scale = _standard(x)
    return _Linear(mean, scale, fit_ridge((x - mean) / scale, y, penalty))


def _chosen(x: Floats, y: Labels, people: Labels, classes: int) -> tuple[float, Floats, float]:
    """Penalty of the least held-out loss, its held-out logits [n, k], and the temperature that fits them."""
    parts = person_folds(np.unique(people, return_inverse=True)[1], y, min(_INNER_FOLDS, len(np.unique(people))))
    best: tuple[float, float, Floats] | None = None
    starts: list[Floats | None] = [None] * len(parts)
    for penalty in _PENALTIES[::-1]:
        logits = np.zeros((len(x), classes))
        for i, part in enumerate(parts):
            model = _logistic(x[~part], y[~part], classes, float(penalty), starts[i])
            starts[i] = model.weights
            logits[part] = model(x[part])
        loss = _loss(logits, y, 1.0)
        if best is None or loss < best[0]:
            best = (loss, float(penalty), logits)
    assert best is not None
    temperature = min(_TEMPERATURES, key=lambda t: _loss(best[2], y, float(t)))
    return best[1], best[2], float(temperature)


def _loss(logits: Floats, y: Labels, temperature: float) -> float:
    p = softmax(logits / temperature)
    return float(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)).mean())


def _fit_classes(x: Floats, data: LabelData, samples: int) -> FittedHead:
    y, k, people = data.numbers, len(data.classes), data.people
    said, uncalibrated = np.zeros((len(x), k)), np.zeros((len(x), k))
    majority = np.zeros(len(x), np.int64)
    for part in person_folds(people, y, FOLDS):
        penalty, _, temperature = _chosen(x[~part], y[~part], people[~part], k)
        logits = _logistic(x[~part], y[~part], k, penalty)(x[part])
        said[part], uncalibrated[part] = softmax(logits / temperature), softmax(logits)
        majority[part] = np.bincount(y[~part], minlength=k).argmax()
    penalty, _, temperature = _chosen(x, y, people, k)
    final = _logistic(x, y, k, penalty)
    weights, bias = final.folded(1 / temperature)
    top = said.argmax(1)

    def over_people(statistic: Any) -> dict[str, Any]:
        return cluster_bootstrap(statistic, people, samples=samples).to_dict()

    scores = {
        "uar": over_people(lambda at: class_metrics.uar(top[at], y[at], k)),
        "accuracy": over_people(lambda at: (top[at] == y[at]).mean()),
        "macro_f1": over_people(lambda at: class_metrics.macro_f1_of(top[at], y[at], k)),
        "mean_auc": over_people(lambda at: class_metrics.mean_auc(said[at], np.eye(k, dtype=bool)[y[at]])),
    }
    confusion = affect_metrics.confusion_matrix(y, top, k)
    report = {
        **_facts(data),
        "main_score": "uar",
        "chance": 1 / k,
        "scores": scores,
        "majority": {
            "accuracy": over_people(lambda at: (majority[at] == y[at]).mean()),
            "uar": over_people(lambda at: class_metrics.uar(majority[at], y[at], k)),
        },
        "ece": affect_metrics.hard_ece(said, y),
        "ece_before_calibration": affect_metrics.hard_ece(uncalibrated, y),
        "recall": dict(zip(data.classes, np.diag(confusion / confusion.sum(1, keepdims=True)).tolist(), strict=True)),
        "confusion": confusion.tolist(),
        "penalty": penalty,
        "temperature": temperature,
    }
    return FittedHead(OwnHead(data.name, data.classes, weights, bias), report)


def _chosen_ridge(x: Floats, y: Floats, people: Labels) -> float:
    owners = np.unique(people, return_inverse=True)[1]
    parts = person_folds(owners, np.zeros(len(y), np.int64), min(_INNER_FOLDS, int(owners.max()) + 1))

    def error(penalty: float) -> float:
        return sum(float(((_ridge(x[~p], y[~p], penalty)(x[p])[:, 0] - y[p]) ** 2).sum()) for p in parts)

    return float(min(_RIDGES, key=lambda penalty: error(float(penalty))))


def _fit_scale(x: Floats, data: LabelData, samples: int) -> FittedHead:
    y, people = data.values, data.people
    bounds = (float(y.min()), float(y.max()))
    said, mean = np.zeros(len(x)), np.zeros(len(x))
    for part in person_folds(people, np.zeros(len(y), np.int64), FOLDS):
        penalty = _chosen_ridge(x[~part], y[~part], people[~part])
        said[part] = _ridge(x[~part], y[~part], penalty)(x[part])[:, 0].clip(*bounds)
        mean[part] = y[~part].mean()
    penalty = _chosen_ridge(x, y, people)
    weights, bias = _ridge(x, y, penalty).folded()

    def over_people(metric: Any, p: Floats) -> dict[str, Any]:
        return cluster_bootstrap(lambda at: metric(p[at], y[at]), people, samples=samples).to_dict()

    metrics = {"ccc": agreement.ccc, "pearson": agreement.pearson, "rmse": agreement.rmse, "mae": agreement.mae}
    report = {
        **_facts(data),
        "bounds": list(bounds),
        "main_score": "ccc",
        "chance": 0.0,
        "scores": {name: over_people(metric, said) for name, metric in metrics.items()},
        "mean_baseline": {name: over_people(metrics[name], mean) for name in ("rmse", "mae")},
        "penalty": penalty,
    }
    return FittedHead(OwnHead(data.name, (), weights, bias, bounds), report)


def _facts(data: LabelData) -> dict[str, Any]:
    return {"name": data.name, "kind": "classes" if data.classes else "scale", **data.counts(),
            "folds": f"{FOLDS}, none shares a person with another"}  # fmt: skip
