"""Stages that see coloured squares: exact, quick, and honest about what is in the frame."""

from __future__ import annotations

import cv2
import numpy as np

from edgeaffect import Pipeline
from edgeaffect.affect import entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.results import Affect, Faces

# Landmarks as shares of the box.
TEMPLATE = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def draw(size: tuple[int, int], *squares: tuple[float, float, float], shade: int = 255, seed: int = 0) -> np.ndarray:
    """A textured BGR frame of (width, height) with textured squares (x, y, side) whose red channel is `shade`."""
    rng = np.random.default_rng(seed)
    plane = cv2.resize(rng.integers(0, 90, (6, 8), np.uint8), size, interpolation=cv2.INTER_CUBIC)
    frame = np.stack([plane, plane, np.zeros_like(plane)], 2)
    pattern = np.random.default_rng(7).integers(0, 255, (5, 5, 3), np.uint8)
    for x, y, side in squares:
        n, x0, y0 = round(side), round(x - side / 2), round(y - side / 2)
        patch = cv2.resize(pattern, (n, n), interpolation=cv2.INTER_LINEAR)
        patch[..., 2] = shade
        left, top = max(0, -x0), max(0, -y0)
        place = frame[y0 + top : max(0, y0 + n), x0 + left : max(0, x0 + n)]
        place[:] = patch[top:, left:][: place.shape[0], : place.shape[1]]
    return frame


class SquareDetector:
    """Finds squares of red above 100."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
        self.calls += 1
        _, _, stats, _ = cv2.connectedComponentsWithStats((frame[..., 2] > 100).astype(np.uint8))
        boxes = np.array([[x, y, x + w, y + h] for x, y, w, h, _ in stats[1:]], np.float32).reshape(-1, 4)
        landmarks = boxes[:, None, :2] + TEMPLATE * (boxes[:, None, 2:] - boxes[:, None, :2])
        return Faces(boxes, np.linspace(0.9, 0.8, len(boxes), dtype=np.float32), landmarks.astype(np.float32))


class ShadeAffect:
    """Reads happiness from how red a square is: 0 at 100, 1 at 255."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def predict(self, frame: np.ndarray, faces: Faces, color: str = "bgr") -> list[Affect]:
        self.batches.append(len(faces))
        return [self._read(frame, box) for box in faces.boxes]

    def _read(self, frame: np.ndarray, box: np.ndarray) -> Affect:
        x, y = ((box[:2] + box[2:]) / 2).astype(int)
        happy = (float(frame[min(y, frame.shape[0] - 1), min(x, frame.shape[1] - 1), 2]) - 100) / 155
        p = np.zeros(8, np.float32)
        p[1], p[0] = np.clip(happy, 0, 1), 1 - np.clip(happy, 0, 1)
        mean, cov = vad_from_votes(p)
        return Affect(
            p, p, EMOTIONS[int(p.argmax())], float(p.max()), entropy(p), *mean.tolist(),
            *np.sqrt(np.diag(cov)).tolist(), "derived", 1.0, True,
        )  # fmt: skip


def squares(**overrides) -> Pipeline:
    """A pipeline of these stages."""
    return Pipeline(detect=SquareDetector(), affect=ShadeAffect(), **overrides)


def moving(t: float) -> tuple[float, float, float]:
    """Centre and side of a square that pans, turns round and zooms."""
    return 320 + 180 * np.sin(1.7 * t), 240 + 90 * np.cos(1.1 * t), 80 + 20 * np.sin(t)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    inner = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0).prod()
    return float(inner / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inner))
