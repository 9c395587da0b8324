"""Scores of the stages on labelled data, read straight from its archives.

Formats, told apart by what an archive holds:

* votes on expressions: `page_*` pictures of 20 x 20 tiles, 48 x 48 gray each, and `votes.npz` with `votes` uint8
  [n, 10] (eight emotions in canonical order, unknown, not a face) and optionally `split` [n];
* faces in photographs: `labels.csv` with `file, mask, x0, y0, x1, y1`, one row per face; `mask` = `bad` is a bare face
  and must be found, others are ignored;
* 68 points: `labels.csv` with `file, x0, y0, ..., x67, y67`, one row per picture;
* 5 points: `labels.csv` with `file, x0..x4, y0..y4`, one face crop per row.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import metrics, metrics_detect
from ._lazy import require
from .affect import FaceAffect
from .circumplex import EMOTIONS
from .detect import FaceDetector
from .errors import SourceError
from .frames import Frame
from .results import Faces

_TILE, _PER_SIDE = 48, 20
_IOU = 0.4
_NONE = np.zeros((0, 4), np.float32)

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class VotedFaces:
    """Faces with the votes of people."""

    images: NDArray[np.uint8]
    """[n, 48, 48] gray."""
    votes: NDArray[np.float64]
    """[n, 10] counts as published."""
    split: str
    """Name of the part, or `all`."""


def read_votes(path: str | os.PathLike[str], split: str | None = None) -> VotedFaces:
    """Read an archive of faces with votes.

    Args:
        split: part to take; None takes `test` or `valid`, the first that is there, else everything.

    Raises:
        SourceError: not such an archive, or no such part.
    """
    with _archive(path) as archive:
        if "votes.npz" not in archive.namelist():
            raise SourceError(f"{path} holds no votes.npz: it is no archive of faces with votes")
        meta = np.load(io.BytesIO(archive.read("votes.npz")))
        pages = [_decode(archive, name, gray=True) for name in sorted(archive.namelist()) if name.startswith("page_")]
    votes = meta["votes"].astype(np.float64)
    tiled = (_PER_SIDE, _TILE, _PER_SIDE, _TILE)
    images = np.concatenate([p.reshape(tiled).swapaxes(1, 2).reshape(-1, _TILE, _TILE) for p in pages])[: len(votes)]
    if "split" not in meta:
        return VotedFaces(images, votes, "all")
    parts = meta["split"].astype(str)
    names = sorted(set(parts.tolist()))
    chosen = split or next((name for name in ("test", "valid") if name in names), None)
    if chosen is None:
        return VotedFaces(images, votes, "all")
    if chosen not in names:
        raise SourceError(f"{path} has no part {chosen!r}; it has {', '.join(names)}")
    return VotedFaces(images[parts == chosen], votes[parts == chosen], chosen)


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
    """
    p, q = np.asarray(probabilities, np.float64), np.asarray(shares, np.float64)
    cleaned = metrics.clean_votes(votes)
    labels, majority = metrics.majority_labels(cleaned)
    human, voted = metrics.emotion_shares(cleaned)
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


@dataclass(frozen=True)
class LabelledPicture:
    image: Frame
    targets: NDArray[np.float32]
    """[m, 4] faces that must be found."""
    ignored: NDArray[np.float32]
    points: NDArray[np.float32] | None
    """[5, 2] of its one face, in `Face.landmarks` order."""


def read_pictures(path: str | os.PathLike[str]) -> tuple[str, int, Iterator[LabelledPicture]]:
    """Kind of the archive (`boxes`, `points68` or `points5`), number of pictures, and the pictures.

    Raises:
        SourceError: none of the formats.
    """
    with _archive(path) as archive:
        if "labels.csv" not in archive.namelist():
            raise SourceError(f"{path} holds no labels.csv: it is no archive of labelled faces")
        rows: dict[str, list[dict[str, str]]] = {}
        for row in csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")):
            rows.setdefault(row["file"], []).append(row)
    columns = set(next(iter(rows.values()))[0]) if rows else set()
    kind = "boxes" if "mask" in columns else "points68" if "x67" in columns else "points5" if "x4" in columns else ""
    if not kind:
        raise SourceError(f"{path}: labels.csv has none of the known formats; columns are {', '.join(sorted(columns))}")
    return kind, len(rows), _pictures(path, kind, rows)


def _pictures(
    path: str | os.PathLike[str], kind: str, rows: dict[str, list[dict[str, str]]]
) -> Iterator[LabelledPicture]:
    with _archive(path) as archive:
        for name, labels in rows.items():
            image = _decode(archive, name)
            if kind == "boxes":
                boxes = np.array([[float(row[k]) for k in ("x0", "y0", "x1", "y1")] for row in labels], np.float32)
                bare = np.array([row["mask"] == "bad" for row in labels], bool)
                yield LabelledPicture(image, boxes[bare], boxes[~bare], None)
                continue
            row, count = labels[0], 68 if kind == "points68" else 5
            points = np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(count)], np.float32)
            five = points if count == 5 else five_of_68(points)
            # The points' own box runs from brows to chin: close enough to a face's box for an overlap of 0.4.
            box = np.concatenate([points.min(0), points.max(0)])[None] if count == 68 else _NONE
            yield LabelledPicture(image, box, _NONE, five)


def five_of_68(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """68 landmarks [68, 2] to centres of the eyes, tip of the nose and corners of the mouth [5, 2]."""
    return np.stack([points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]])


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


def _archive(path: str | os.PathLike[str]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceError(f"no such file: {path}") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path} is not a zip archive ({error})") from error


def _decode(archive: zipfile.ZipFile, name: str, *, gray: bool = False) -> Frame:
    cv2 = require("cv2")
    try:
        data = np.frombuffer(archive.read(name), np.uint8)
    except KeyError as error:
        raise SourceError(f"{archive.filename}: labels name {name}, which is not in the archive") from error
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"{archive.filename}: {name} is not a readable picture")
    return image
