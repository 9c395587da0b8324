"""Accuracy through the whole path: a FER+ face pasted into a frame -> detector -> alignment -> model.

`python -m training.affect.fullpath --data DIR --file FILE.onnx [--detector NAME|yunet] [--split development]`

FER+ crops have nothing around them, so a face is enlarged two to four times and pasted on a soft random background.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect.evaluation import affect_metrics as metrics
from edgeaffect.evaluation.detection_metrics import iou_matrix
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.detector import FaceDetector
from edgeaffect.results import Faces
from training.data import FACE_SIZE, FerPlus, data_folder, read_ferplus

FRAME = (320, 240)
Detect = Callable[[np.ndarray], Faces]


def open_detector(name: str, folder: Path) -> Detect:
    """`yunet`, or a bundled or own detector by name or path; takes BGR frames."""
    if name != "yunet":
        return FaceDetector(name, device="cpu", max_side=0).detect
    net = cv2.FaceDetectorYN.create(str(folder / "baselines" / "yunet_n_dynamic.onnx"), "", FRAME, 0.5, 0.3, 50)

    def detect(frame: np.ndarray) -> Faces:
        _, found = net.detect(frame)
        if found is None:
            return Faces.empty()
        rows: NDArray[np.float32] = np.asarray(found, np.float32)
        boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], 1)
        return Faces(boxes, rows[:, 14], rows[:, 4:14].reshape(-1, 5, 2))

    return detect


def paste(face: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A frame [240, 320, 3] with the face somewhere, and the box [1, 4] where it was pasted."""
    grain = random.integers(0, 256, (6, 8), dtype=np.uint8)
    frame = cv2.resize(grain, FRAME, interpolation=cv2.INTER_CUBIC)
    side = round(FACE_SIZE * random.uniform(2, 4))
    x, y = (int(random.integers(0, limit - side + 1)) for limit in FRAME)
    frame[y : y + side, x : x + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    box = np.array([[x, y, x + side, y + side]], np.float64)
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), box


def full_path_scores(
    affect: FaceAffect, detect: Detect, faces: FerPlus, given: np.ndarray, seed: int = 0
) -> dict[str, Any]:
    """Majority accuracy of detected faces beside that of the same faces as given.

    Args:
        affect: the model.
        detect: frame -> faces.
        faces: FER+ faces.
        given: [n] predicted labels of the crops as they are.
        seed: of places, sizes and backgrounds.
    """
    random = np.random.default_rng(seed)
    labels, majority = metrics.majority_labels(faces.votes)
    right: list[bool] = []
    right_given: list[bool] = []
    for index in np.flatnonzero(majority):
        frame, box = paste(faces.images[index], random)
        found = detect(frame)
        overlap = iou_matrix(found.boxes, box)[:, 0]
        if not len(overlap) or overlap.max() < 0.2:
            continue
        best = int(overlap.argmax())
        (result,) = affect.predict(frame, found[best : best + 1])
        right.append(bool(result.probabilities.argmax() == labels[index]))
        right_given.append(bool(given[index] == labels[index]))
    return {
        "faces": int(majority.sum()),
        "found_share": len(right) / int(majority.sum()),
        "accuracy": float(np.mean(right)),
        "accuracy_interval": metrics.wilson_interval(sum(right), len(right)),
        "same_faces_given_crop": float(np.mean(right_given)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--detector", default="face-detector")
    parser.add_argument("--split", choices=("development", "valid"), default="development")
    arguments = parser.parse_args()
    folder = data_folder(arguments.data)
    faces = read_ferplus(folder).part(arguments.split)
    affect = FaceAffect(arguments.file, device="cpu")
    given = np.array([a.probabilities.argmax() for a in affect.predict_crops(list(faces.images), color="gray")])
    detect = open_detector(arguments.detector, folder)
    print(json.dumps(full_path_scores(affect, detect, faces, given), indent=1))


if __name__ == "__main__":
    main()
