"""Scores of the stages on labelled data; `archives` says in which formats."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..circumplex import EMOTIONS
from ..face.affect import FaceAffect
from ..face.detector import FaceDetector
from ..results import Faces
from . import affect_metrics as metrics
from . import detection_metrics as metrics_detect
from .datasets import five_of_68, read_pictures, read_votes

__all__ = ["affect_scores", "evaluate_affect", "evaluate_detect", "five_of_68", "read_pictures", "read_votes"]

_IOU = 0.4

Progress = Callable[[int, int], object]


def evaluate_affect(
    path: str | os.PathLike[str], affect: FaceAffect, *, split: str | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Scores on given crops, one pass each, no averaging over mirrored copies. See `affect_scores`."""
    faces = read_votes(path, split)
    predicted = []
    for start in range(0, len(faces.images), 64):
        predicted += affect.predict_crops(list(faces.images[start : start + 64]), color="gray")
        if progress:
            progress(len(predicted), len(faces.images))
    probabilities = np.stack([a.probabilities for a in predicted])
    votes = np.stack([a.votes for a in predicted])
    return {"data": Path(path).name, "split": faces.split, **affect_scores(probabilities, votes, faces.votes)}


def affect_scores(probabilities: ArrayLike, shares: ArrayLike, votes: ArrayLike) -> dict[str, Any]:
    """Predictions against people.

    Args:
        probabilities: [n, 8] posterior of the majority label, scored on faces that have one (FER+ protocol).
        shares: [n, 8] expected vote shares, scored on all faces with a vote for an emotion.
        votes: [n, 10] counts.

    Raises:
        ValueError: no face has a majority label.
    """
    p, q = np.asarray(probabilities, np.float64), np.asarray(shares, np.float64)
    cleaned = metrics.clean_votes(votes)
    labels, majority = metrics.majority_labels(cleaned)
    human, voted = metrics.emotion_shares(cleaned)
    if not majority.any():
        raise ValueError(f"none of {len(labels)} faces has an emotion that most people chose: nothing to score")
    p, y = p[majority], labels[majority]
    right = p.argmax(1) == y
    confusion = metrics.confusion_matrix(y, p.argmax(1))
    support = confusion.sum(1)
    curve = metrics.risk_coverage(p.max(1), right)
    recall = metrics.per_class_recall(confusion)
    return {
        "faces": len(y),
        "accuracy": float(right.mean()),
        "accuracy_interval": metrics.wilson_interval(int(right.sum()), len(right)),
        "macro_f1": metrics.macro_f1(confusion),
        "recall": {
            name: {
                "recall": float(recall[row]),
                "faces": int(support[row]),
                "interval": metrics.wilson_interval(int(confusion[row, row]), int(support[row])),
            }
            for row, name in enumerate(EMOTIONS)
            if support[row]
        },
        "confusion": confusion.tolist(),
        "hard_ece": metrics.hard_ece(p, y),
        "brier": metrics.brier(p, y),
        "all_faces": int(voted.sum()),
        "kl_to_votes": float(metrics.kl_divergence(human[voted], q[voted]).mean()),
        "js_to_votes": float(metrics.js_divergence(human[voted], q[voted]).mean()),
        "soft_ece": metrics.soft_ece(q[voted], human[voted]),
        "soft_brier": metrics.brier(q[voted], human[voted]),
        "risk_at_coverage": {str(share): curve.at(share) for share in (0.5, 0.7, 0.8, 0.9, 1.0)},
        "risk_coverage_area": curve.area,
    }


def evaluate_detect(
    path: str | os.PathLike[str], detector: FaceDetector, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Average precision at IoU 0.4 over all scores from the detector's threshold up, and landmark errors.

    Build the detector with a low `score_threshold`: average precision needs the weak detections too. Precision and
    recall are given at the threshold the model recommends. Crops with 5 points have no boxes: there a face counts as
    found when the best detection holds all five points.
    """
    kind, count, pictures = read_pictures(path)
    facts = detector.model.spec.detector
    assert facts is not None  # every FaceDetector has one
    recommended = float(facts.nms["score_threshold"])
    found: list[metrics_detect.Detections] = []
    errors: list[float] = []
    holds = 0
    for done, picture in enumerate(pictures, 1):
        faces = detector.detect(picture.image)
        found.append(metrics_detect.Detections(faces.boxes, faces.scores, picture.targets, picture.ignored))
        if picture.points is not None:
            row = _face_with(faces, picture.points, recommended)
            if row is not None:
                holds += 1
                eyes = np.linalg.norm(picture.points[1:2] - picture.points[:1], axis=1)
                errors += metrics_detect.landmark_error(
                    faces.landmarks[row : row + 1], picture.points[None], eyes
                ).tolist()
        if progress:
            progress(done, count)
    scores: dict[str, Any] = {"data": Path(path).name, "kind": kind, "pictures": count}
    if kind != "points5":
        curve = metrics_detect.precision_recall(found, _IOU)
        precision, recall = curve.at(recommended)
        scores |= {"faces": curve.targets, "average_precision": curve.average_precision, "threshold": recommended,
                   "precision": precision, "recall": recall}  # fmt: skip
    if kind != "boxes":
        scores |= {"found": holds / max(count, 1), "landmarks_of": len(errors),
                   "landmark_error_median": float(np.median(errors)) if errors else None,
                   "landmark_error_mean": float(np.mean(errors)) if errors else None}  # fmt: skip
    return scores


def _face_with(faces: Faces, points: NDArray[np.float32], threshold: float) -> int | None:
    """Best detection whose box holds all the points."""
    low, high = points.min(0), points.max(0)
    inside = (faces.boxes[:, :2] <= low).all(1) & (faces.boxes[:, 2:] >= high).all(1) & (faces.scores >= threshold)
    rows = np.flatnonzero(inside)
    return int(rows[0]) if len(rows) else None
