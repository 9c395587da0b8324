"""Labels every picture once with faces that a teacher sees at several sizes, merged with the given labels.

The teacher is YuNet-n (box, five points, score). It looks at each picture at several sizes and mirrored, on a
padded canvas, so that small, large and cut-off faces are found more often than in one pass; the score of a face
is the mean of its three best views, which is a soft score: a face that only one view shows stays doubtful.
"""

from __future__ import annotations

import argparse
import logging
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.evaluation.detection_metrics import iou_matrix
from training.face.data import Picture, read_pictures
from training.files import open_on_one_thread

LOG = logging.getLogger("training.face.teacher")

MIRROR = [1, 0, 2, 4, 3]
# Longest sides, in pixels, at which the teacher sees the pictures of a set.
VIEWS = {
    "multi": (320, 640, 1024, 1536),
    "points68": (160, 320, 512),
    "crops80": (128, 208),
    "photos": (224, 448, 896),
    "scenes": (320, 640, 1024),
}
FLOOR = 0.25  # teacher detections below this are not looked at
BEST_VIEWS = 3


@dataclass
class Labels:
    """Faces of one picture.

    Attributes:
        boxes: float32 [n, 4] xyxy.
        points: float32 [n, 5, 2]; NaN where nobody knows them.
        scores: float32 [n] in 0..1: how sure it is a face; given labels are 1.
    """

    boxes: np.ndarray
    points: np.ndarray
    scores: np.ndarray


class YuNet:
    """YuNet-n through ONNX Runtime; raw detections before suppression."""

    def __init__(self, path: Path) -> None:
        self.session = open_on_one_thread(path)
        self.names = [o.name for o in self.session.get_outputs()]

    def raw(self, image: np.ndarray, floor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns boxes [n, 4], scores [n], points [n, 5, 2] of a BGR picture whose sides are multiples of 32."""
        width = image.shape[1]
        feed = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
        out = dict(zip(self.names, self.session.run(None, {"input": feed}), strict=True))
        boxes, scores, points = [], [], []
        for stride in (8, 16, 32):
            score = np.sqrt(np.clip(out[f"cls_{stride}"], 0, 1) * np.clip(out[f"obj_{stride}"], 0, 1)).ravel()
            keep = np.flatnonzero(score >= floor)
            rows, cols = np.divmod(keep, width // stride)
            cell = np.stack([cols, rows], 1).astype(np.float32)
            box = out[f"bbox_{stride}"].reshape(-1, 4)[keep]
            centre = (cell + box[:, :2]) * stride
            half = np.exp(box[:, 2:]) * stride / 2
            boxes.append(np.concatenate([centre - half, centre + half], 1))
            scores.append(score[keep])
            points.append((cell[:, None] + out[f"kps_{stride}"].reshape(-1, 5, 2)[keep]) * stride)
        return np.concatenate(boxes), np.concatenate(scores), np.concatenate(points)

    def view(
        self, image: np.ndarray, side: int, floor: float, margin: float = 0.0, mirror: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Detections of a picture resized to a longest side (with a black margin), in the picture's pixels."""
        height, width = image.shape[:2]
        scale = side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        if mirror:
            small = small[:, ::-1]
        pad = round(margin * side)
        right, bottom = (-(size[0] + 2 * pad)) % 32, (-(size[1] + 2 * pad)) % 32
        small = cv2.copyMakeBorder(small, pad, pad + bottom, pad, pad + right, cv2.BORDER_CONSTANT)
        boxes, scores, points = self.raw(small, floor)
        factor = np.array([width / size[0], height / size[1]], np.float32)
        boxes, points = (boxes - pad) * np.tile(factor, 2), (points - pad) * factor
        if mirror:
            boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
            points = points[:, MIRROR] * (-1, 1) + (width, 0)
        return boxes.astype(np.float32), scores.astype(np.float32), points.astype(np.float32)


def suppress(boxes: np.ndarray, scores: np.ndarray, iou: float, top_k: int = 400) -> list[int]:
    """Greedy non-maximum suppression among the `top_k` best; returns kept indices, best first."""
    order = np.argsort(-scores, kind="stable")[:top_k]
    overlap = iou_matrix(boxes[order], boxes[order])
    alive, kept = np.ones(len(order), bool), []
    for rank, index in enumerate(order):
        if alive[rank]:
            kept.append(int(index))
            alive &= overlap[rank] <= iou
    return kept


def teach(teacher: YuNet, image: np.ndarray, sides: tuple[int, ...]) -> Labels:
    """Merges the teacher's views of one picture into soft labels."""
    found = []
    for number, (side, mirror) in enumerate((s, m) for s in sides for m in (False, True)):
        boxes, scores, points = teacher.view(image, side, FLOOR, margin=0.2, mirror=mirror)
        keep = suppress(boxes, scores, 0.45)
        found += [(number, boxes[k], scores[k], points[k]) for k in keep]
    if not found:
        return Labels(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32))
    views = np.array([f[0] for f in found])
    boxes, scores = np.stack([f[1] for f in found]), np.array([f[2] for f in found], np.float32)
    points = np.stack([f[3] for f in found])
    overlap = iou_matrix(boxes, boxes)
    alive, rows = np.ones(len(boxes), bool), []
    for index in np.argsort(-scores, kind="stable"):
        if not alive[index]:
            continue
        members = np.flatnonzero(alive & (overlap[index] > 0.45))
        alive[members] = False
        weight = scores[members] ** 2 / np.sum(scores[members] ** 2)
        best = sorted((scores[members][views[members] == v].max() for v in set(views[members])), reverse=True)
        rows.append(
            (weight @ boxes[members], np.tensordot(weight, points[members], 1), sum(best[:BEST_VIEWS]) / BEST_VIEWS)
        )
    return Labels(*(np.stack([row[i] for row in rows]).astype(np.float32) for i in range(3)))


def upright_frame(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and size (pixels) of five points: the frame in which a box is predicted from points."""
    spread = points - points.mean(0)
    return points.mean(0), float(np.sqrt((spread**2).sum(1).mean()))


class BoxFromPoints:
    """Least-squares map from five points to the box the teacher would draw around them."""

    def fit(self, points: np.ndarray, boxes: np.ndarray) -> BoxFromPoints:
        rows, targets = zip(*(self._row(p, b) for p, b in zip(points, boxes, strict=True)), strict=True)
        self.weights = np.linalg.lstsq(np.stack(rows), np.stack(targets), rcond=None)[0]
        return self

    def __call__(self, points: np.ndarray) -> np.ndarray:
        centre, size = upright_frame(points)
        row, _ = self._row(points, np.zeros(4))
        return (row @ self.weights * size + np.tile(centre, 2)).astype(np.float32)

    @staticmethod
    def _row(points: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        centre, size = upright_frame(points)
        flat = ((points - centre) / size).ravel()
        return np.concatenate([flat, np.abs(flat), [1.0]]), (box - np.tile(centre, 2)) / size


def merge(picture: Picture, seen: Labels, box_of: BoxFromPoints | None) -> Labels:
    """Joins given labels with the teacher's: given boxes and points win and count as certain."""
    boxes, points, scores = list(seen.boxes), list(seen.points), list(seen.scores)

    def match(box: np.ndarray, least: float) -> int | None:
        overlap = iou_matrix(box[None], np.stack(boxes))[0] if boxes else np.zeros(0)
        return int(overlap.argmax()) if overlap.size and overlap.max() >= least else None

    for box in picture.boxes:
        index = match(box, 0.4)
        if index is None:
            boxes.append(box)
            points.append(np.full((5, 2), np.nan, np.float32))
            scores.append(np.float32(1))
        else:
            boxes[index], scores[index] = (box + boxes[index]) / 2, np.float32(1)
    for given in picture.points:
        if box_of is None:
            raise ValueError("pictures with points need a fitted BoxFromPoints")
        expected = box_of(given)
        index = match(expected, 0.4)
        if index is None:
            boxes.append(expected)
            points.append(given)
            scores.append(np.float32(1))
        else:
            points[index], scores[index] = given, np.float32(1)
    if not boxes:
        return seen
    return Labels(np.stack(boxes), np.stack(points), np.array(scores, np.float32))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder; writes labels.npz")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    teacher = YuNet(args.data / "baselines" / "yunet_n_dynamic.onnx")
    started, last = time.monotonic(), ""
    pictures, seen = [], []
    for picture in read_pictures(args.data):
        if picture.dataset != last:
            last = picture.dataset
            LOG.info("%s after %.0f s", last, time.monotonic() - started)
        seen.append(teach(teacher, picture.image, VIEWS[picture.dataset]))
        picture.image = np.empty((0, 0, 3), np.uint8)  # the labels are all that is needed from here on
        pictures.append(picture)
    pairs = [
        (p.points[0], s.boxes[s.scores.argmax()])
        for p, s in zip(pictures, seen, strict=True)
        if len(p.points)
        and len(s.scores)
        and s.scores.max() > 0.85
        and np.abs(s.points[s.scores.argmax()] - p.points[0]).mean() < 0.15 * upright_frame(p.points[0])[1] * 2
    ]
    box_of = BoxFromPoints().fit(np.stack([p for p, _ in pairs]), np.stack([b for _, b in pairs]))
    merged = [merge(p, s, box_of) for p, s in zip(pictures, seen, strict=True)]
    for name in dict.fromkeys(p.dataset for p in pictures):
        rows = [i for i, p in enumerate(pictures) if p.dataset == name]
        missed = sum(
            int((m.scores == 1).any() and not (s.scores > 0.4).any()) for m, s in ((merged[i], seen[i]) for i in rows)
        )
        LOG.info(
            "%s: %d pictures, %d faces above 0.5, %d pictures where the teacher saw none of the given",
            name,
            len(rows),
            sum(int((merged[i].scores > 0.5).sum()) for i in rows),
            missed,
        )
    np.savez_compressed(
        args.out / "labels.npz",
        keys=np.array([p.key for p in pictures]),
        counts=np.array([len(m.scores) for m in merged]),
        boxes=np.concatenate([m.boxes for m in merged]),
        points=np.concatenate([m.points for m in merged]),
        scores=np.concatenate([m.scores for m in merged]),
    )
    LOG.info("labels.npz written after %.0f s", time.monotonic() - started)


if __name__ == "__main__":
    main()
