"""Are the converted files the originals? Figures and gates on real faces; needs `reference.npz` of `reference.py`.

* networks: the same crops through the ONNX files and through TensorFlow Lite.
* program: the whole of MediaPipe rebuilt around the ONNX files (its detector's square, its way of cutting).
* ours: the square from YuNet's five points (or its box), cut by the runtime, one pass and two, beside MediaPipe's
  program; as a yardstick also the square that MediaPipe itself would cut on the next frame.

Errors of points are in pixels of the frame where they say px, else in percent of the longer side of the box around all
478 points.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect import FaceDetector
from training.permissive.blazeface import BlazeFace
from training.permissive.path import DETECTOR, Path478
from training.permissive.pictures import mediapipe_crop, pictures
from training.permissive.reference_file import FILE, TASK
from training.permissive.roi import SCALE, Square, from_box, from_five, from_landmarks

# Largest differences that may remain: rounding of float32 in the networks, resampling in the program.
GATES = {
    "networks": {"points_px_max": 0.01, "presence_max": 1e-4, "blendshapes_max": 1e-4},
    "program": {"points_px_mean": 0.1, "blendshapes_mean": 0.005},
}


def spread(errors: list[np.ndarray]) -> dict[str, float]:
    """Mean, median, 95th percentile and largest of all numbers."""
    flat = np.concatenate([np.ravel(e) for e in errors]).astype(np.float64)
    return {
        "mean": float(flat.mean()), "median": float(np.median(flat)), "p95": float(np.quantile(flat, 0.95)),
        "max": float(flat.max()),
    }  # fmt: skip


def networks(path: Path478, reference: Any) -> dict[str, float]:
    """Largest differences of the three outputs on the stored crops."""
    points, presence, shapes = [], [], []
    for crop, given in zip(reference["crop"], reference["points"], strict=True):
        feed = (crop.astype(np.float32) / 255).transpose(2, 0, 1)[None]
        found, sure = path.landmark_net.run(None, {"image": feed})
        points.append(found[0])
        presence.append(sure[0])
        shapes.append(path.blendshape_net.run(None, {"points": given[None, :, :2].astype(np.float32)})[0][0])
    logit = reference["net_presence"].astype(np.float64)
    return {
        "faces": len(points),
        "points_px_max": float(np.abs(np.array(points) - reference["net_points"]).max()),
        "presence_max": float(np.abs(np.array(presence) - 1 / (1 + np.exp(-logit))).max()),
        "blendshapes_max": float(np.abs(np.array(shapes) - reference["net_blendshapes"]).max()),
    }


class Beside:
    """Collects differences to MediaPipe's program."""

    def __init__(self) -> None:
        self.pixels: list[np.ndarray] = []
        self.percent: list[np.ndarray] = []
        self.shapes: list[np.ndarray] = []
        self.unseen = 0

    def add(
        self, points: np.ndarray, shapes: np.ndarray, presence: float, wanted: np.ndarray, named: np.ndarray
    ) -> None:
        error = np.linalg.norm(points[:, :2] - wanted[:, :2], axis=1)
        self.pixels.append(error)
        self.percent.append(100 * error / (from_landmarks(wanted).side / SCALE))
        self.shapes.append(np.abs(shapes - named)[1:])
        self.unseen += presence < 0.5

    def report(self) -> dict[str, Any]:
        faces = {"faces": len(self.pixels), "presence_below_half": int(self.unseen)}
        return {
            **faces, "points_px": spread(self.pixels), "points_percent": spread(self.percent),
            "blendshapes": spread(self.shapes),
        }  # fmt: skip


def measure(data: Path, out: Path) -> dict[str, Any]:
    """All figures; `out` holds `reference.npz` and the model files."""
    reference = np.load(out / FILE)
    rows = {name: index for index, name in enumerate(reference["name"])}
    path, blaze = Path478(out), BlazeFace(data / TASK)
    detector = FaceDetector(str(out / DETECTOR), device="cpu")
    kinds = ("program", "five", "five, two passes", "box", "box, two passes", "MediaPipe's next frame")
    beside = {kind: Beside() for kind in kinds}
    squares: dict[str, list[tuple[float, ...]]] = {"five": [], "box": []}
    missed = 0
    for name, image in pictures(data):
        if name not in rows:
            continue
        wanted, shapes = reference["points"][rows[name]], reference["blendshapes"][rows[name]]
        square = blaze.square(image)
        if square is not None:
            feed = (mediapipe_crop(image, square).astype(np.float32) / 255).transpose(2, 0, 1)[None]
            found, presence = path.landmark_net.run(None, {"image": feed})
            points = square.to_frame(found[0].astype(np.float64))
            named = path.blendshape_net.run(None, {"points": points[None, :, :2].astype(np.float32)})[0][0]
            beside["program"].add(points, named, float(presence[0, 0]), wanted, shapes)
        target = from_landmarks(wanted)
        faces = detector.detect(image, "rgb")
        if not len(faces.scores):
            missed += 1
            continue
        centres = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
        best = int(np.linalg.norm(centres - target.centre, axis=1).argmin())
        five, box = faces.landmarks[best], faces.boxes[best]
        tried = {"five": from_five(five), "box": from_box(box, five[:2])}
        for kind, one in tried.items():
            squares[kind].append(compare(one, target))
            for passes, label in ((1, kind), (2, f"{kind}, two passes")):
                seen = path.see(image, one, passes, "rgb")
                beside[label].add(seen.points, seen.blendshapes, seen.presence, wanted, shapes)
        seen = path.see(image, target, 1, "rgb")
        beside["MediaPipe's next frame"].add(seen.points, seen.blendshapes, seen.presence, wanted, shapes)
    return {
        "networks": networks(path, reference),
        "program": beside["program"].report(),
        "ours": {kind: beside[kind].report() for kind in kinds[1:]},
        "missed_by_yunet": missed,
        "squares": {kind: described(np.array(values)) for kind, values in squares.items()},
    }


def compare(square: Square, target: Square) -> tuple[float, ...]:
    """Side over the target's, displacement in its sides (x, y), turn in degrees."""
    shift = (np.array(square.centre) - target.centre) / target.side
    return square.side / target.side, float(shift[0]), float(shift[1]), float(np.degrees(square.angle - target.angle))


def described(values: np.ndarray) -> dict[str, dict[str, float]]:
    names = ("side_ratio", "shift_x", "shift_y", "turn_degrees")
    return {n: {"mean": float(c.mean()), "sd": float(c.std())} for n, c in zip(names, values.T, strict=True)}


def check(figures: dict[str, Any]) -> None:
    """Raises ValueError where a difference is larger than its gate."""
    got = {
        "networks": figures["networks"],
        "program": {
            "points_px_mean": figures["program"]["points_px"]["mean"],
            "blendshapes_mean": figures["program"]["blendshapes"]["mean"],
        },
    }
    for part, limits in GATES.items():
        for key, limit in limits.items():
            if not got[part][key] <= limit:
                raise ValueError(f"{part}: {key} is {got[part][key]:.3g}, allowed is {limit}: not the original")
