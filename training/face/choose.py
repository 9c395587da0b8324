"""Chooses the score threshold and the suppression overlap of a model file on the development part.

The choice is the pair with the best F1 over the faces of the multi-face photographs (bare ones), the unlabelled
photographs (faces that the labelling pass is sure of; doubtful ones are ignored), the single-face frames, and scenes
without faces, each at its own size and at 320 px. Nothing here sees the held-out part.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.evaluation.detection_metrics import Detections, false_positives_per_1000, precision_recall
from edgeaffect.models.spec import ModelSpec
from training.face import peers
from training.face.data import Picture, is_empty_scene, read_pictures
from training.face.evaluate import NONE, Case, Labelled, multi_case, points_case, run

LOG = logging.getLogger("training.face.choose")
OVERLAPS = (0.3, 0.35, 0.4, 0.45, 0.5)
THRESHOLDS = tuple(np.arange(0.2, 0.71, 0.025).round(3))
SURE = 0.6
# What has an F1 this close to the best is as good: then the highest threshold, which finds the fewest false faces, and
# the overlap with the best whole curve.
EQUAL = 0.002
# Faces smaller than this are ignored on the unlabelled photographs: the teacher itself misses many.
LEAST_SIDE = 12.0


def photo_case(picture: Picture, labels: Labelled) -> Case:
    boxes, scores = labels[picture.key]
    side = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
    sure = (scores >= SURE) & (side >= LEAST_SIDE)
    return Case(picture.image, boxes[sure], boxes[~sure])


def with_overlap(file: Path, overlap: float, folder: Path) -> Path:
    """A copy of the model file whose metadata asks for another suppression overlap."""
    copy = folder / f"overlap_{overlap}.onnx"
    shutil.copy(file, copy)
    spec = ModelSpec.from_onnx(file)
    if spec.detector is None:
        raise ValueError(f"{file} is not a face detector")
    nms = dataclasses.replace(spec.detector.nms, iou=overlap)
    dataclasses.replace(spec, detector=dataclasses.replace(spec.detector, nms=nms)).write_to(copy)
    return copy


def best_f1(found: list[Detections]) -> tuple[float, float]:
    """(F1, threshold) of the highest threshold that is as good as the best."""
    curve = precision_recall(found)
    rows = []
    for threshold in THRESHOLDS:
        precision, recall = curve.at(threshold)
        rows.append((2 * precision * recall / max(precision + recall, 1e-9), float(threshold)))
    best, _ = max(rows)
    return max((row for row in rows if row[0] >= best - EQUAL), key=lambda row: row[1])


def choose(data: Path, label_file: Path, file: Path) -> tuple[float, float]:
    """(score threshold, suppression overlap) for a model file."""
    labels = Labelled(label_file)
    pictures = [p for p in read_pictures(data) if p.split == "dev"]
    cases = [multi_case(p) for p in pictures if p.dataset == "multi"]
    cases += [photo_case(p, labels) for p in pictures if p.dataset == "photos"]
    cases += [points_case(p, labels) for p in pictures if p.dataset == "points68"]
    scenes = [Case(p.image, NONE, NONE) for p in pictures if is_empty_scene(p) and not (labels[p.key][1] >= 0.5).any()]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for overlap in OVERLAPS:
            copy = with_overlap(file, overlap, Path(folder))
            detectors = [peers.ours(copy, side) for side in (0, 320)]
            found = [d for detect in detectors for d in run(detect, cases + scenes)[0]]
            empty = [d.scores for detect in detectors for d in run(detect, scenes)[0]]
            f1, threshold = best_f1(found)
            rate = false_positives_per_1000(empty, threshold)
            average = precision_recall(found).average_precision
            LOG.info("overlap %.2f: F1 %.4f at %.3f, AP %.4f, scenes %.1f", overlap, f1, threshold, average, rate)
            rows.append((f1, average, threshold, overlap))
    best = max(f1 for f1, *_ in rows)
    _, _, threshold, overlap = max((row for row in rows if row[0] >= best - EQUAL), key=lambda row: row[1])
    return threshold, overlap


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz")
    parser.add_argument("--file", type=Path, required=True, help="ONNX file; its metadata is updated")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    threshold, overlap = choose(args.data, args.out / "labels.npz", args.file)
    spec = ModelSpec.from_onnx(args.file)
    assert spec.detector is not None  # choose() has checked it
    nms = dataclasses.replace(spec.detector.nms, iou=overlap, score_threshold=threshold)
    dataclasses.replace(spec, detector=dataclasses.replace(spec.detector, nms=nms)).write_to(args.file)
    LOG.info("%s: score threshold %.3f, overlap %.2f", args.file, threshold, overlap)


if __name__ == "__main__":
    main()
