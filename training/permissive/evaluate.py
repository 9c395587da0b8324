"""Measures the set: detector beside YuNet-n, points beside labelled ones, expression through the whole path.

`python -m training.permissive.evaluate --data DIR --out DIR [--split development]` takes the files of `--out`. On
`valid` the figures go to `RESULTS.json` beside this file; `--split development` measures the expressions and prints.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceDetector
from edgeaffect.evaluation.detection_metrics import precision_recall
from training.data import FerPlus, read_ferplus
from training.face import peers
from training.face.data import read_pictures
from training.face.evaluate import average_precision_interval, multi_case, paired_differences, run
from training.face.teacher import YuNet, suppress
from training.permissive import parity, specs
from training.permissive.expression import LABELS, expression
from training.permissive.path import BLENDSHAPES, DETECTOR, EXPRESSION, LANDMARKS, Path478, largest_face
from training.permissive.points import to_68
from training.permissive.reference_file import FILE, RESULTS, YUNET
from training.permissive.roi import Square

LOG = logging.getLogger("training.permissive.evaluate")
FACE, BORDER = 192, 48
"""Pixels to which a FER+ face is enlarged, and width of the replicated border around it."""
ROUNDS = 100
"""Resamplings of the photographs for an interval."""
INNER_68 = np.arange(17, 68)
"""Without the jaw."""


def yunet(file: Path) -> peers.Detect:
    """YuNet-n's own file at the pictures' own size, with the suppression that our file asks for."""
    teacher = YuNet(file)

    def detect(image: np.ndarray) -> peers.Found:
        boxes, scores, points = teacher.view(image, max(image.shape[:2]), peers.FLOOR)
        boxes = np.clip(boxes, 0, np.tile(image.shape[1::-1], 2))
        keep = suppress(boxes, scores, specs.NMS_IOU)
        return boxes[keep], scores[keep], points[keep]

    return detect


def detector_figures(data: Path, file: Path) -> dict[str, Any]:
    """Average precision on all photographs with several faces, ours and YuNet-n's own file, at their own size."""
    cases = [multi_case(picture) for picture in read_pictures(data, ("multi",))]
    ours, _ = run(peers.ours(file, 0), cases)
    theirs, _ = run(yunet(data / YUNET), cases)
    at_threshold = precision_recall(ours).at(specs.SCORE_THRESHOLD)
    return {
        "photographs": len(cases),
        "targets": sum(len(case.targets) for case in cases),
        "ours": precision_recall(ours).average_precision,
        "yunet": precision_recall(theirs).average_precision,
        "precision": at_threshold[0],
        "recall": at_threshold[1],
        "ours_interval": average_precision_interval(ours, ROUNDS),
        "ours_minus_yunet": paired_differences(ours, theirs, ROUNDS),
    }


def labelled_frames(data: Path, step: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Every `step`-th frame with its 68 points [68, 2]."""
    frames = []
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        table = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))
        for row in table[::step]:
            image = cv2.imdecode(np.frombuffer(archive.read(row["file"]), np.uint8), cv2.IMREAD_COLOR)
            if image is None:
                raise ValueError(f"{row['file']} is not a readable picture")
            frames.append((image, np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(68)])))
    return frames


def landmark_figures(data: Path, path: Path478, detector: FaceDetector, step: int = 6) -> dict[str, Any]:
    """Mean error over sqrt(w h) of the labelled points' box, in percent, where the face is found."""
    whole, inner, missed = [], [], 0
    for image, given in labelled_frames(data, step):
        square = largest_face(detector, image)
        if square is None or np.abs(given.mean(0) - square.centre).max() > square.side / 2:
            missed += 1
            continue
        error = np.linalg.norm(to_68(path.see(image, square).points)[:, :2] - given, axis=1)
        size = np.sqrt(np.prod(given.max(0) - given.min(0)))
        whole.append(100 * error.mean() / size)
        inner.append(100 * error[INNER_68].mean() / size)
    return {"frames": len(whole), "not_found": missed, "all_68": float(np.mean(whole)), "no_jaw": float(np.mean(inner))}


def framed(face: np.ndarray) -> np.ndarray:
    """A FER+ face [48, 48] as a BGR frame [288, 288, 3]."""
    large = cv2.resize(face, (FACE, FACE), interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR)


def look(faces: FerPlus, path: Path478, detector: FaceDetector) -> tuple[np.ndarray, np.ndarray]:
    """Blendshapes [n, 52], and which faces the detector found; where none is, the middle of the frame stands in."""
    middle = FACE / 2 + BORDER
    stand_in = Square((middle, middle), FACE + 2 * BORDER, 0.0)
    shapes, found = [], []
    for face in faces.images:
        frame = framed(face)
        square = largest_face(detector, frame)
        found.append(square is not None)
        shapes.append(path.see(frame, square or stand_in).blendshapes)
    return np.array(shapes), np.array(found)


def interval(right: np.ndarray) -> list[float]:
    """95 % Wilson interval of a share."""
    n, z = max(len(right), 1), 1.96
    share = float(right.mean()) if len(right) else 0.0
    middle, half = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return [max(0.0, float((middle - half) / (1 + z * z / n))), float((middle + half) / (1 + z * z / n))]


def expression_figures(data: Path, split: str, path: Path478, detector: FaceDetector, folder: Path) -> dict[str, Any]:
    """FER+ majority accuracy through detector, landmarks, blendshapes and table."""
    from edgeaffect.evaluation.affect_metrics import confusion_matrix, majority_labels
    from training.files import open_on_one_thread

    faces = read_ferplus(data).part(split)
    labels, majority = majority_labels(faces.votes)
    faces, labels = faces.take(majority), labels[majority]
    shapes, found = look(faces, path, detector)
    probabilities = expression(shapes[:, 1:])
    feed = {"blendshapes": shapes[:, 1:].astype(np.float32)}
    graph = open_on_one_thread(folder / EXPRESSION).run(["probabilities"], feed)[0]
    predicted = probabilities.argmax(1)
    right = predicted == labels
    confusion = confusion_matrix(labels, predicted)
    by_label = {}
    for index, label in enumerate(LABELS):
        mine, said = labels == index, predicted == index
        by_label[label] = {
            "faces": int(mine.sum()), "recall": float(right[mine].mean()), "recall_interval": interval(right[mine]),
            "said": int(said.sum()), "precision": float(right[said].mean()) if said.any() else None,
        }  # fmt: skip
    return {
        "split": split, "faces": len(labels), "found": float(found.mean()),
        "accuracy": float(right.mean()), "accuracy_interval": interval(right),
        "accuracy_found": float(right[found].mean()), "accuracy_found_interval": interval(right[found]),
        "accuracy_if_not_found_is_wrong": float((right & found).mean()),
        "balanced_accuracy": float(np.mean([row["recall"] for row in by_label.values()])),
        "by_label": by_label, "confusion": confusion.tolist(),
        "onnx_minus_numpy": float(np.abs(graph - probabilities).max()),
    }  # fmt: skip


def latency(path: Path478, folder: Path) -> dict[str, float]:
    """Least milliseconds of each file on one thread, called in turn; the detector at 320x256."""
    from training.face.evaluate import interleaved
    from training.files import open_on_one_thread

    random = np.random.default_rng(0)

    def timed(session: Any, name: str, *shape: int) -> Any:
        feed = {name: random.random((1, *shape), np.float32)}
        return lambda: session.run(None, feed)

    calls = {
        DETECTOR: timed(open_on_one_thread(folder / DETECTOR), "image", 3, 256, 320),
        LANDMARKS: timed(path.landmark_net, "image", 3, 256, 256),
        BLENDSHAPES: timed(path.blendshape_net, "points", 478, 2),
        EXPRESSION: timed(open_on_one_thread(folder / EXPRESSION), "blendshapes", 51),
    }
    return {name: times["min"] for name, times in interleaved(calls, 60).items()}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with the model files")
    parser.add_argument("--split", choices=("development", "valid"), default="valid")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    files = {name: (args.out / name).read_bytes() for name in (DETECTOR, LANDMARKS, BLENDSHAPES, EXPRESSION)}
    path = Path478(args.out)
    detector = FaceDetector(str(args.out / DETECTOR), device="cpu", max_side=0)
    results: dict[str, Any] = {
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "bytes": {name: len(content) for name, content in files.items()},
        "bytes_together": sum(map(len, files.values())),
        "expression": expression_figures(args.data, args.split, path, detector, args.out),
    }
    LOG.info("expression %s", {k: v for k, v in results["expression"].items() if "confusion" not in k})
    if args.split == "valid":
        results["detector"] = detector_figures(args.data, args.out / DETECTOR)
        LOG.info("detector %s", results["detector"])
        results["landmarks_68_percent"] = landmark_figures(args.data, path, detector)
        LOG.info("landmarks %s", results["landmarks_68_percent"])
        if (args.out / FILE).exists():
            results["parity"] = parity.measure(args.data, args.out)
            parity.check(results["parity"])
        results["least_milliseconds"] = latency(path, args.out)
        before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        kept = {"runtime": before["runtime"]} if "runtime" in before else {}  # of training.permissive.runtime
        RESULTS.write_text(json.dumps(results | kept, indent=1) + "\n")
        LOG.info("%s written", RESULTS)


if __name__ == "__main__":
    main()
