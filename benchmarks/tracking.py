"""How much accuracy is lost by predicting faces between detections: `python benchmarks/tracking.py`.

A camera pans, zooms and rolls over a real portrait at several speeds, 30 frames per second, with sensor noise. The true
box and points of every frame follow from one detection on the still portrait and the camera's motion. Four ways are
compared on the same frames, with the same models:

* `every frame`: the detector alone on each frame;
* `predicted`: the pipeline as it comes (a detection every 0.1 s, motion in between);
* `filtered`: the pipeline with a detection on every frame;
* `copied`: the last detection of every 0.1 s, left where it was.

Columns: mean overlap (IoU) with the true box; share of frames with an overlap of at least 0.7; mean distance of the
landmarks in eye distances; share of frames whose raw label is that of detection on every frame; number of identities.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceAffect, FaceDetector, Pipeline
from edgeaffect.results import Faces

FPS, SECONDS, SIZE = 30, 8, (640, 480)
# Name -> periods of the motion per second: a head before a laptop, a person walking, a robot turning its head.
SPEEDS = {"slow": 0.15, "walking": 0.5, "fast": 1.0}


@dataclass
class Scores:
    """What was followed, frame by frame."""

    overlap: list[float]
    landmarks: list[float]
    labels: list[str | None]
    identities: set[int | None]


def camera(t: float, speed: float, center: np.ndarray) -> np.ndarray:
    """Map [2, 3] from the portrait to the frame at time t."""
    phase = 2 * math.pi * speed * t
    zoom = 1.3 + 0.4 * math.sin(0.7 * phase)
    roll = 0.15 * math.sin(1.3 * phase)
    linear = zoom * np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    aim = np.array([SIZE[0] / 2 + 120 * math.sin(phase), SIZE[1] / 2 + 60 * math.sin(2 * phase)])
    return np.hstack([linear, (aim - linear @ center)[:, None]])


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    inner = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
    return float(inner / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inner))


def truth_of(matrix: np.ndarray, face: Faces) -> tuple[np.ndarray, np.ndarray]:
    """True box [4] and points [5, 2]: a rolled box keeps its size, as detectors' boxes do."""
    box, zoom = face.boxes[0].astype(float), math.sqrt(np.linalg.det(matrix[:, :2]))
    center = moved(matrix, ((box[:2] + box[2:]) / 2)[None])[0]
    half = (box[2:] - box[:2]) / 2 * zoom
    return np.concatenate([center - half, center + half]), moved(matrix, face.landmarks[0].astype(float))


def add(scores: Scores, box: np.ndarray, points: np.ndarray, truth: tuple[np.ndarray, np.ndarray]) -> None:
    eyes = np.linalg.norm(truth[1][1] - truth[1][0])
    scores.overlap.append(overlap(box, truth[0]))
    scores.landmarks.append(float(np.linalg.norm(points - truth[1], axis=1).mean() / eyes))


def measure(portrait: np.ndarray, speed: float, noise: float, options: dict[str, Any]) -> dict[str, dict[str, float]]:
    detector, affect = FaceDetector(), FaceAffect()
    face = FaceDetector(max_side=0).detect(portrait)[:1]
    center = (face.boxes[0, :2] + face.boxes[0, 2:]) / 2
    pipelines = {"predicted": Pipeline(**options), "filtered": Pipeline(**{**options, "detect_interval": 0.0})}
    scores = {name: Scores([], [], [], set()) for name in ("every frame", "predicted", "filtered", "copied")}
    rng = np.random.default_rng(0)
    last: Faces | None = None
    for step in range(FPS * SECONDS):
        matrix = camera(step / FPS, speed, center)
        shifted = matrix.copy()
        shifted[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV's pixel centres are whole numbers
        clean = cv2.warpAffine(portrait, shifted, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        frame = np.clip(clean + rng.normal(0, noise, clean.shape), 0, 255).astype(np.uint8)
        truth = truth_of(matrix, face)
        found = detector.detect(frame)[:1]
        last = found if step % 3 == 0 and len(found) else last
        for name, faces in (("every frame", found), ("copied", last)):
            if faces is not None and len(faces):
                add(scores[name], faces.boxes[0], faces.landmarks[0], truth)
                scores[name].labels.append(affect.predict(frame, faces)[0].label)
            else:
                scores[name].overlap.append(0.0)
                scores[name].labels.append(None)
        for name, pipeline in pipelines.items():
            seen = pipeline.process(frame, step / FPS).faces
            best = max(seen, key=lambda f: overlap(f.box, truth[0]), default=None)
            if best is not None:
                add(scores[name], best.box, best.landmarks, truth)
                scores[name].labels.append(best.raw.label if best.raw else None)
                scores[name].identities.add(best.track_id)
            else:
                scores[name].overlap.append(0.0)
                scores[name].labels.append(None)
    reference = scores["every frame"].labels
    return {
        name: {
            "overlap": float(np.mean(s.overlap)),
            "at 0.7": float(np.mean(np.array(s.overlap) >= 0.7)),
            "landmarks": float(np.mean(s.landmarks)),
            "labels": float(np.mean([a == b for a, b in zip(s.labels, reference, strict=True)])),
            "identities": len(s.identities),
        }
        for name, s in scores.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.add_argument("--noise", type=float, default=4.0, help="standard deviation of sensor noise, pixel values")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", help="option of the pipeline")
    arguments = parser.parse_args()
    options = {name: float(value) for name, value in (entry.split("=") for entry in arguments.set)}
    from skimage import data

    portrait = np.ascontiguousarray(data.astronaut()[..., ::-1])
    table = {name: measure(portrait, speed, arguments.noise, options) for name, speed in SPEEDS.items()}
    if arguments.json:
        print(json.dumps(table, indent=2))
        return
    columns = ("overlap", "at 0.7", "landmarks", "labels", "identities")
    print(f"{'motion':8} {'boxes':12}" + "".join(f"{name:>12}" for name in columns))
    for speed, rows in table.items():
        for name, row in rows.items():
            print(f"{speed:8} {name:12}" + "".join(f"{row[column]:12.4g}" for column in columns))


if __name__ == "__main__":
    main()
