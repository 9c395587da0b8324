"""Finds what the network takes for faces and nobody else does, in the training pictures: `hard.npz`.

Every picture is looked at in several sizes. A detection that no label shares, not even a doubtful one, is a hard place;
the later steps of the training show windows around such places more often.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.evaluation.detection_metrics import iou_matrix
from training.face import peers
from training.face.checkpoint import load_average
from training.face.data import read_pictures
from training.face.evaluate import Labelled
from training.face.export import export, spec

LOG = logging.getLogger("training.face.mine")
DATASETS = ("multi", "photos", "scenes", "points68")
SCALES = (0.5, 1.0, 2.0)
LEAST_SCORE = 0.35
# Overlap with a label from which a detection is somebody's face, well placed or not.
MOST_OVERLAP = 0.1
LARGEST_SIDE = 1024


def hard_places(
    detect: peers.Detect, image: np.ndarray, labels: np.ndarray, scales: tuple[float, ...] = SCALES
) -> list[tuple[np.ndarray, float, float]]:
    """(box in the picture's pixels, score, scale at which it was found) of detections that no label shares."""
    places = []
    for scale in scales:
        if scale > 1 and scale * max(image.shape[:2]) > LARGEST_SIDE:
            continue
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        view = image if scale == 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=how)
        boxes, scores, _ = detect(view)
        boxes = boxes / scale
        overlap = iou_matrix(boxes, labels).max(1, initial=0)
        places += [
            (boxes[i], float(scores[i]), scale)
            for i in np.flatnonzero((scores >= LEAST_SCORE) & (overlap < MOST_OVERLAP))
        ]
    return places


def mined_at(out: Path) -> int:
    """Step of the checkpoint whose hard places `out` holds, 0 without any."""
    file = out / "hard.npz"
    return int(np.load(file)["step"]) if file.exists() else 0


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; writes hard.npz")
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint whose averaged network looks")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    labels = Labelled(args.out / "labels.npz")
    net, _, step = load_average(args.checkpoint)
    keys, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "face-detector.onnx"
        export(net, file, spec("0.0.0", LEAST_SCORE, 0.4, "for mining"))
        detect = peers.ours(file, 0)
        for picture in read_pictures(args.data, DATASETS):
            if picture.split != "train":
                continue
            for box, score, scale in hard_places(detect, picture.image, labels[picture.key][0]):
                keys.append(picture.key)
                rows.append([*box, score, scale])
    table = np.array(rows, np.float32).reshape(-1, 6)
    np.savez_compressed(args.out / "hard.npz", keys=np.array(keys), places=table, step=step)
    LOG.info("%d places in %d pictures, %d above 0.5", len(keys), len(set(keys)), int((table[:, 4] > 0.5).sum()))


if __name__ == "__main__":
    main()
