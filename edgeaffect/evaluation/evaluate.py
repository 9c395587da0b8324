"""Scores of models on labelled data; `datasets` says in which formats. The models come as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..circumplex import EMOTIONS
from ..image import Frame
from ..results import Affect, Faces
from . import affect_metrics as metrics
from . import detection_metrics as metrics_detect
from .archives import ArchiveError, ArchiveLimits
from .datasets import five_of_68, read_pictures, read_votes

__all__ = ["affect_scores", "evaluate_affect", "evaluate_detect", "five_of_68", "read_pictures", "read_votes"]

_IOU = 0.4

Progress = Callable[[int, int], object]


class PredictCrops(Protocol):
    """Reads the affect of face crops, each as a whole: `FaceAffect.predict_crops`."""

    def __call__(self, crops: Sequence[Frame], *, color: str) -> Sequence[Affect]:
        """One answer per crop."""
        ...


def evaluate_affect(
    path: str | os.PathLike[str],
    predict: PredictCrops,
    *,
    split: str | None = None,
    progress: Progress | None = None,
    limits: ArchiveLimits | None = None,
) -> dict[str, Any]:
    """Scores on given crops, one pass each, no averaging over mirrored copies. See `affect_scores`.

    Args:
        path: archive of faces with votes.
        predict: the model.
        split: part of the archive, see `read_votes`.
        progress: called with the number of faces done and of all faces.
        limits: what the archive may ask for.

    Raises:
        ArchiveError: the archive cannot be read, or has no face to score.
    """
    faces = read_votes(path, split, limits=limits)
    predicted: list[Affect] = []
    for start in range(0, len(faces.images), 64):
        predicted += predict(list(faces.images[start : start + 64]), color="gray")
        if progress:
            progress(len(predicted), len(faces.images))
    probabilities = np.stack([a.probabilities for a in predicted])
    votes = np.stack([a.votes for a in predicted])
    try:
        scores = affect_scores(probabilities, votes, faces.votes)
    except ValueError as error:
        raise ArchiveError(f"{path}: {error}") from error
    return {"data": Path(path).name, "split": faces.split, **scores}


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
    path: str | os.PathLike[str],
    detect: Callable[[Frame], Faces],
    *,
    threshold: float,
    progress: Progress | None = None,
    limits: ArchiveLimits | None = None,
) -> dict[str, Any]:
    """Average precision at IoU 0.4 over all scores that the detector gives, and landmark errors.

    Crops with 5 points have no boxes: there a face counts as found when the best detection holds all five points.

    Args:
        path: archive of labelled pictures.
        detect: finds the faces of a BGR picture; it gives weak detections too, which average precision needs.
        threshold: score at which precision and recall are given: the one that the model recommends.
        progress: called with the number of pictures done and of all pictures.
        limits: what the archive may ask for.

    Raises:
        ArchiveError: the archive cannot be read, or holds a picture that the detector does not take.
    """
    kind, count, pictures = read_pictures(path, limits=limits)
    found: list[metrics_detect.Detections] = []
    errors: list[float] = []
    holds = 0
    for done, picture in enumerate(pictures, 1):
        try:
            faces = detect(picture.image)
        except ValueError as error:
            raise ArchiveError(f"{path}: picture {done} cannot be used: {error}") from error
        found.append(metrics_detect.Detections(faces.boxes, faces.scores, picture.targets, picture.ignored))
        if picture.points is not None:
            row = _face_with(faces, picture.points, threshold)
            if row is not None:
                holds += 1
                errors.append(_landmark_error(faces, row, picture.points))
        if progress:
            progress(done, count)
    scores: dict[str, Any] = {"data": Path(path).name, "kind": kind, "pictures": count}
    if kind != "points5":
        curve = metrics_detect.precision_recall(found, _IOU)
        precision, recall = curve.at(threshold)
        scores |= {"faces": curve.targets, "average_precision": curve.average_precision, "threshold": threshold,
                   "precision": precision, "recall": recall}  # fmt: skip
    if kind != "boxes":
        scores |= {"found": holds / max(count, 1), "landmarks_of": len(errors),
                   "landmark_error_median": float(np.median(errors)) if errors else None,
                   "landmark_error_mean": float(np.mean(errors)) if errors else None}  # fmt: skip
    return scores


def _landmark_error(faces: Faces, row: int, points: NDArray[np.float32]) -> float:
    """Mean distance of a detection's five landmarks from the marked ones, in distances of the eyes."""
    eyes = np.linalg.norm(points[1:2] - points[:1], axis=1)
    return float(metrics_detect.landmark_error(faces.landmarks[row : row + 1], points[None], eyes)[0])


def _face_with(faces: Faces, points: NDArray[np.float32], threshold: float) -> int | None:
    """Best detection whose box holds all the points."""
    low, high = points.min(0), points.max(0)
    inside = (faces.boxes[:, :2] <= low).all(1) & (faces.boxes[:, 2:] >= high).all(1) & (faces.scores >= threshold)
    rows = np.flatnonzero(inside)
    return int(rows[0]) if len(rows) else None
