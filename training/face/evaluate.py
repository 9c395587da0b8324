"""Measures the detector beside YuNet-n and RFB-320 on pictures that no training step has seen.

Protocol, the same for all three detectors:

* `multi`: bare faces (`bad`) are targets; masked and wrongly worn ones are ignored regions; IoU 0.4. Not every
  face is boxed, so an unboxed face that is found counts as false for everybody.
* `points68`: one target a frame, the box that the teacher's geometry puts around the given points; other faces that
  the labelling pass saw (about 2 % of the frames) are ignored; IoU 0.4. Landmark error: mean distance of eyes, nose
  and mouth corners of the found face over the square root of its box area, and over the distance of the eyes.
* `pasted`: held-out 80 px crops pasted on held-out pictures without people, faces of 16 px to half the picture.
* `scenes`: held-out OASIS pictures of things, animals and scenery in which the labelling pass is not sure of a face;
  every detection is false. That pass is YuNet-n in several views, so its own figure here is flattered.
* robustness: the held-out 68-point frames with faces scaled to a given size at the input, rolled, in gray, or cut at
  the border; recall at the shipped threshold of each detector.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.evaluation.detection_metrics import (
    Detections,
    false_positives_per_1000,
    iou_matrix,
    landmark_error,
    precision_recall,
)
from training.face import peers
from training.face.data import Picture, is_empty_scene, read_pictures
from training.graph import size_of

LOG = logging.getLogger("training.face.evaluate")
NONE = np.zeros((0, 4), np.float32)
# Score at which YuNet-n and RFB-320 are used by their authors' examples.
PEER_THRESHOLDS = {"yunet-n": 0.6, "rfb-320": 0.7}


@dataclass
class Case:
    """A picture with what must and what may be found, and the points of its first target if they are known."""

    image: np.ndarray
    targets: np.ndarray
    ignored: np.ndarray
    points: np.ndarray | None = None


class Labelled:
    """Labels written by `training.face.teacher`, by picture."""

    def __init__(self, path: Path) -> None:
        table = np.load(path)
        ends = np.cumsum(table["counts"])
        self._rows = {k: slice(e - n, e) for k, n, e in zip(table["keys"], table["counts"], ends, strict=True)}
        self._boxes, self._scores = table["boxes"], table["scores"]

    def __getitem__(self, key: str) -> tuple[np.ndarray, np.ndarray]:
        return self._boxes[self._rows[key]], self._scores[self._rows[key]]


def multi_case(picture: Picture) -> Case:
    bare = np.array([tag == "bad" for tag in picture.tags], bool)
    return Case(picture.image, picture.boxes[bare], picture.boxes[~bare])


def points_case(picture: Picture, labels: Labelled) -> Case:
    boxes, _ = labels[picture.key]
    middle = picture.points[0].mean(0)
    given = int(np.abs((boxes[:, :2] + boxes[:, 2:]) / 2 - middle).sum(1).argmin())
    others = np.delete(np.arange(len(boxes)), given)
    return Case(picture.image, boxes[given : given + 1], boxes[others], picture.points[0])


def pasted_cases(crops: list[tuple[Picture, np.ndarray]], scenes: list[Picture], seed: int = 0) -> list[Case]:
    """One to five held-out crops on each scene, at random sizes, none overlapping."""
    rng, cases = np.random.default_rng(seed), []
    for scene in scenes:
        image, boxes = scene.image.copy(), []
        taken = np.zeros(image.shape[:2], bool)
        for _ in range(rng.integers(1, 6)):
            crop, box = crops[rng.integers(len(crops))]
            face = np.exp(rng.uniform(np.log(16), np.log(min(image.shape[:2]) / 2)))
            scale = min(face / np.sqrt(np.prod(box[2:] - box[:2])), min(image.shape[:2]) / 81)
            side = round(80 * scale)
            top, left = rng.integers(0, image.shape[0] - side), rng.integers(0, image.shape[1] - side)
            if taken[top : top + side, left : left + side].any():
                continue
            taken[top : top + side, left : left + side] = True
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image[top : top + side, left : left + side] = cv2.resize(crop.image, (side, side), interpolation=how)
            boxes.append(box * side / 80 + (left, top, left, top))
        cases.append(Case(image, np.stack(boxes), NONE))
    return cases


def transformed(case: Case, linear: np.ndarray, size: tuple[int, int], centre: np.ndarray) -> Case:
    """The case under an affine map that puts the middle of its target at `centre` of a picture of `size` (w, h)."""
    middle = (case.targets[0, :2] + case.targets[0, 2:]) / 2
    offset = centre - linear @ middle
    matrix = np.concatenate([linear, offset[:, None]], 1)
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    source = case.image
    scale = float(np.sqrt(abs(np.linalg.det(linear))))
    if scale < 1:  # warpAffine does not average; blur away what the smaller picture cannot hold
        source = cv2.GaussianBlur(source, (0, 0), 0.5 / scale)
    image = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def moved(boxes: np.ndarray) -> np.ndarray:
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 @ linear.T + offset
        half = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (linear**2).T)
        return np.clip(np.concatenate([middle - half, middle + half], 1), 0, np.tile(size, 2))

    points = None if case.points is None else case.points @ linear.T + offset
    return Case(image, moved(case.targets), moved(case.ignored), points)


def rotation(degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cos, -sin], [sin, cos]])


def robustness_cases(cases: list[Case]) -> dict[str, list[Case]]:
    """Named variations of single-face cases, 320x256 pixels each so that no detector rescales by much."""
    size, middle = (320, 256), np.array([160.0, 128.0])

    def side(case: Case) -> float:
        return float(np.sqrt(np.prod(case.targets[0, 2:] - case.targets[0, :2])))

    table: dict[str, list[Case]] = {}
    for pixels in (12, 16, 24, 48, 96, 160, 220):
        table[f"face of {pixels} px"] = [transformed(c, np.eye(2) * pixels / side(c), size, middle) for c in cases]
    for degrees in (15, 30, 45):
        table[f"roll of {degrees} degrees"] = [
            transformed(c, rotation(degrees if i % 2 else -degrees) * 80 / side(c), size, middle)
            for i, c in enumerate(cases)
        ]
    table["gray"] = [
        Case(cv2.cvtColor(cv2.cvtColor(c.image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), c.targets, c.ignored)
        for c in cases
    ]
    for share in (0.25, 0.4):
        table[f"{share:.0%} of the face beyond the left border"] = [
            transformed(
                c,
                np.eye(2) * 80 / side(c),
                size,
                np.array([(c.targets[0, 2] - c.targets[0, 0]) * 80 / side(c) * (0.5 - share), 128.0]),
            )
            for c in cases
        ]
    return table


def run(detect: peers.Detect, cases: list[Case]) -> tuple[list[Detections], list[np.ndarray | None]]:
    found, points = [], []
    for case in cases:
        boxes, scores, landmarks = detect(case.image)
        found.append(Detections(boxes, scores, case.targets, case.ignored))
        points.append(landmarks)
    return found, points


def paired_differences(ours: list[Detections], theirs: list[Detections], rounds: int = 300) -> dict[str, float]:
    """Our average precision minus theirs, with a 95 % interval from resampling the pictures (the same for both)."""
    rng, differences = np.random.default_rng(0), []
    for _ in range(rounds):
        drawn = rng.integers(len(ours), size=len(ours))
        pair = [precision_recall([found[i] for i in drawn]).average_precision for found in (ours, theirs)]
        differences.append(pair[0] - pair[1])
    low, high = np.nanquantile(differences, (0.025, 0.975))
    mean = precision_recall(ours).average_precision - precision_recall(theirs).average_precision
    return {"difference": mean, "low": float(low), "high": float(high)}


def average_precision_interval(found: list[Detections], rounds: int = 300) -> list[float]:
    """95 % interval of the average precision from resampling the pictures."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(found), size=len(found)) for _ in range(rounds)]
    values = [precision_recall([found[i] for i in drawn]).average_precision for drawn in draws]
    return [float(v) for v in np.nanquantile(values, (0.025, 0.975))]


def landmark_errors(found: list[Detections], points: list[np.ndarray | None], cases: list[Case]) -> dict[str, float]:
    """Over faces found at IoU 0.4: error over the box size and over the distance of the eyes."""
    by_box, by_eyes = [], []
    for detections, landmarks, case in zip(found, points, cases, strict=True):
        overlap = iou_matrix(case.targets, detections.boxes)[0]
        if landmarks is None or case.points is None or not overlap.size or overlap.max() < 0.4:
            continue
        best = int(overlap.argmax())
        size = np.sqrt(np.prod(case.targets[0, 2:] - case.targets[0, :2]))
        eyes = np.linalg.norm(case.points[0] - case.points[1])
        by_box.append(landmark_error(landmarks[best][None], case.points[None], np.array([size]))[0])
        by_eyes.append(landmark_error(landmarks[best][None], case.points[None], np.array([eyes]))[0])
    if not by_box:
        return {}
    return {
        "faces": len(by_box),
        "mean_over_box": float(np.mean(by_box)),
        "median_over_box": float(np.median(by_box)),
        "median_over_eyes": float(np.median(by_eyes)),
    }


def interleaved(functions: dict[str, Callable[[], object]], rounds: int = 200) -> dict[str, dict[str, float]]:
    """Milliseconds of each function, called in turn so that all see the same disturbances."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            started = time.perf_counter()
            function()
            times[name].append(1e3 * (time.perf_counter() - started))
    return {
        name: {"min": float(np.min(t)), "p50": float(np.median(t)), "p90": float(np.quantile(t, 0.9))}
        for name, t in ((n, v[rounds // 10 :]) for n, v in times.items())
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; writes RESULTS.json")
    parser.add_argument("--file", type=Path, required=True, help="our ONNX file")
    parser.add_argument("--part", choices=("dev", "test"), default="test", help="dev is for choices, test for reports")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    results = evaluate(args.data, args.out / "labels.npz", args.file, args.part)
    path = args.out / ("RESULTS.json" if args.part == "test" else "RESULTS_dev.json")
    path.write_text(json.dumps(results, indent=1) + "\n")
    LOG.info("%s written", path)


def evaluate(data: Path, label_file: Path, file: Path, part: str) -> dict[str, object]:
    """All figures of one part of the data."""
    labels = Labelled(label_file)
    pictures = [p for p in read_pictures(data) if p.split == part]
    by_set = {name: [p for p in pictures if p.dataset == name] for name in dict.fromkeys(p.dataset for p in pictures)}
    single = [points_case(p, labels) for p in by_set["points68"]]
    empty = [p for p in by_set["scenes"] if is_empty_scene(p) and not (labels[p.key][1] >= 0.5).any()]
    crops = [(p, box) for p in by_set["crops80"] for box in labels[p.key][0][labels[p.key][1] == 1]]
    parts = {
        "multi": [multi_case(p) for p in by_set["multi"]],
        "points68": single,
        "pasted": pasted_cases(crops, empty),
        "scenes": [Case(p.image, NONE, NONE) for p in empty],
    }
    yunet_file, rfb_file = data / "baselines" / "yunet_n_dynamic.onnx", data / "baselines" / "rfb_320.onnx"
    detectors: dict[str, dict[str, peers.Detect]] = {
        "face-detector": {str(side or "native"): peers.ours(file, side) for side in (0, 320, 640)},
        "yunet-n": {str(side or "native"): peers.yunet(yunet_file, side) for side in (0, 320, 640)},
        "rfb-320": {"320x240": peers.rfb320(rfb_file)},
    }
    threshold = {**PEER_THRESHOLDS, "face-detector": peers.shipped_threshold(file)}
    results: dict[str, object] = {
        "part": part,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "cpu": hardware.cpu(SystemFiles()).name,
        "packages": hardware.packages(),
        "pictures": {name: len(cases) for name, cases in parts.items()},
        "targets": {name: sum(len(c.targets) for c in cases) for name, cases in parts.items()},
        "threshold": threshold,
    }
    crowds: dict[str, list[Detections]] = {}
    for name, variants in detectors.items():
        report: dict[str, object] = {}
        for side, detect in variants.items():
            for task, cases in parts.items():
                if side == "640" and task != "multi":
                    continue  # the other pictures are smaller than that
                found, points = run(detect, cases)
                key = f"{task} at {side}"
                if task == "multi":
                    crowds.setdefault(name, found)  # the first variant: the picture's own size
                if task == "scenes":
                    rate = false_positives_per_1000([f.scores for f in found], threshold[name])
                    report[key] = {"false_positives_per_1000": rate}
                else:
                    curve = precision_recall(found)
                    precision, recall = curve.at(threshold[name])
                    report[key] = {
                        "average_precision": curve.average_precision,
                        "precision": precision,
                        "recall": recall,
                    }
                if task == "points68":
                    report[f"landmarks at {side}"] = landmark_errors(found, points, cases)
                LOG.info("%s %s %s", name, key, report[key])
        results[name] = report
    results["multi_interval"] = {name: average_precision_interval(found) for name, found in crowds.items()}
    results["multi_difference"] = {
        name: paired_differences(crowds["face-detector"], crowds[name]) for name in ("yunet-n", "rfb-320")
    }
    results["robustness_recall"] = {
        variation: {
            name: precision_recall(run(next(iter(variants.values())), cases)[0]).at(threshold[name])[1]
            for name, variants in detectors.items()
        }
        for variation, cases in robustness_cases(single[:: max(1, len(single) // 100)]).items()
    }
    files = {"face-detector": file, "yunet-n": yunet_file}
    results["latency_ms"] = {
        f"{width}x{height}": interleaved(
            {name: peers.session_timer(path, -(-height // 32) * 32, width) for name, path in files.items()}
        )
        for width, height in ((320, 240), (640, 480))
    }
    parameters, macs = size_of(file, (1, 3, 256, 320))
    results["size"] = {"bytes": file.stat().st_size, "parameters": parameters, "macs_320x256": macs}
    return results


if __name__ == "__main__":
    main()
