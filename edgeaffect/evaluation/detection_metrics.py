"""Scores of face detectors: average precision with ignore regions, landmark error, false positives.

All boxes are xyxy in pixels. Nothing here depends on a model or a data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of every box in `a` [n, 4] with every box in `b` [m, 4]: [n, m] in 0..1."""
    intersection = _intersection(a, b)
    union = _area(a)[:, None] + _area(b)[None] - intersection
    shares: Floats = np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
    return shares


def coverage_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Share of each box in `a` [n, 4] that lies inside each box of `b` [m, 4]: [n, m] in 0..1."""
    intersection, area = _intersection(a, b), _area(a)[:, None]
    shares: Floats = np.divide(intersection, area, out=np.zeros_like(intersection), where=area > 0)
    return shares


def _area(boxes: np.ndarray) -> np.ndarray:
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    area: Floats = np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)
    return area


def _intersection(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = np.asarray(a, np.float64).reshape(-1, 1, 4), np.asarray(b, np.float64).reshape(1, -1, 4)
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    areas: Floats = np.prod(np.maximum(sides, 0), axis=-1)
    return areas


@dataclass(frozen=True)
class Detections:
    """What a detector found in one picture and what was there.

    Attributes:
        boxes: [n, 4], scores: [n] of the detector.
        targets: [m, 4] faces that must be found.
        ignored: [k, 4] regions where finding something is neither right nor wrong.
    """

    boxes: np.ndarray
    scores: np.ndarray
    targets: np.ndarray
    ignored: np.ndarray

    def __post_init__(self) -> None:
        for name in ("boxes", "targets", "ignored"):
            shape = np.shape(getattr(self, name))
            if len(shape) != 2 or shape[1] != 4:
                raise ValueError(f"{name} must have shape [n, 4]; got {shape}")
        if np.shape(self.scores) != (len(self.boxes),):
            raise ValueError(f"scores must have shape [{len(self.boxes)}]; got {np.shape(self.scores)}")


@dataclass(frozen=True)
class PrecisionRecall:
    """Curve over falling score; `scores[i]` is the threshold at which `precision[i]` and `recall[i]` hold."""

    scores: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    targets: int

    @property
    def average_precision(self) -> float:
        """Area under the curve, precision made monotone (every point, PASCAL VOC 2010); NaN without targets."""
        if self.targets == 0:
            return float("nan")
        envelope = np.maximum.accumulate(self.precision[::-1])[::-1]
        return float(np.sum(np.diff(self.recall, prepend=0.0) * envelope))

    def at(self, threshold: float) -> tuple[float, float]:
        """(precision, recall) when detections of at least this score are kept; precision is 1 when none is."""
        count = int(np.sum(self.scores >= threshold))
        return (float(self.precision[count - 1]), float(self.recall[count - 1])) if count else (1.0, 0.0)


def match(found: Detections, iou: float = 0.4) -> np.ndarray:
    """Marks each detection 1 (finds a target), 0 (false) or -1 (does not count).

    In order of falling score a detection takes the free target it overlaps most, if by at least `iou`. Otherwise it
    does not count when it overlaps an ignored region by `iou`, or lies in one by more than half; else it is false.
    """
    marks = np.zeros(len(found.boxes), np.int8)
    overlap = iou_matrix(found.boxes, found.targets)
    away = (iou_matrix(found.boxes, found.ignored) >= iou) | (coverage_matrix(found.boxes, found.ignored) > 0.5)
    for index in np.argsort(-np.asarray(found.scores), kind="stable"):
        best = int(overlap[index].argmax()) if overlap.shape[1] else -1
        if best >= 0 and overlap[index, best] >= iou:
            marks[index] = 1
            overlap[:, best] = -1.0
        elif away[index].any():
            marks[index] = -1
    return marks


def precision_recall(pictures: Sequence[Detections], iou: float = 0.4) -> PrecisionRecall:
    """Curve of a detector over many pictures; ties in score keep the order of the pictures."""
    scores = np.concatenate([np.asarray(p.scores, np.float64) for p in pictures] or [np.zeros(0)])
    marks = np.concatenate([match(p, iou) for p in pictures] or [np.zeros(0, np.int8)])
    scores, marks = scores[marks >= 0], marks[marks >= 0]
    order = np.argsort(-scores, kind="stable")
    right, count = np.cumsum(marks[order] == 1), np.arange(1, len(order) + 1)
    targets = int(sum(len(p.targets) for p in pictures))
    return PrecisionRecall(scores[order], right / count, right / max(targets, 1), targets)


def landmark_error(points: np.ndarray, truth: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Normalised mean error per face: mean distance of its points over `size` (both in pixels).

    Args:
        points: [n, k, 2] of the detector.
        truth: [n, k, 2] of people.
        size: [n], for example the square root of the box area or the distance of the eyes.
    """
    points, truth, size = (np.asarray(a, np.float64) for a in (points, truth, size))
    if points.shape != truth.shape or points.ndim != 3 or size.shape != points.shape[:1]:
        raise ValueError(f"need points [n, k, 2] twice and size [n]; got {points.shape}, {truth.shape}, {size.shape}")
    errors: Floats = np.linalg.norm(points - truth, axis=-1).mean(-1) / size
    return errors


def false_positives_per_1000(pictures: Sequence[np.ndarray], threshold: float) -> float:
    """Detections of at least `threshold` in pictures without faces, per 1000 pictures; takes scores per picture."""
    if not pictures:
        raise ValueError("needs at least one picture")
    return 1000.0 * sum(int(np.sum(np.asarray(scores) >= threshold)) for scores in pictures) / len(pictures)
