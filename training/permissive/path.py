"""The whole permissive path in plain Python, for measuring: frame -> face -> 478 points -> blendshapes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeaffect import FaceDetector
from edgeaffect.native import crop_normalize
from training.files import open_on_one_thread
from training.permissive.roi import SIDE, Square, from_five, from_landmarks

DETECTOR = "face-detector-permissive.onnx"
LANDMARKS = "face-landmarks-permissive.onnx"
BLENDSHAPES = "face-blendshapes-permissive.onnx"
EXPRESSION = "expression-from-blendshapes.onnx"


@dataclass(frozen=True)
class Seen:
    """What the networks say of one face.

    Attributes:
        points: float64 [478, 3] in frame pixels.
        presence: chance in 0..1 that the square shows a face.
        blendshapes: float32 [52] in 0..1.
    """

    points: np.ndarray
    presence: float
    blendshapes: np.ndarray


class Path478:
    """Landmark and blendshape network of a folder, on one thread."""

    def __init__(self, folder: Path) -> None:
        self.landmark_net = open_on_one_thread(folder / LANDMARKS)
        self.blendshape_net = open_on_one_thread(folder / BLENDSHAPES)

    def crop(self, frame: np.ndarray, square: Square, color: str = "bgr") -> np.ndarray:
        """float32 [1, 3, 256, 256]: the network's picture."""
        return crop_normalize(
            frame, square.matrix[None].astype(np.float32), (SIDE, SIDE), color=color, to="rgb", border="replicate"
        )

    def points(self, frame: np.ndarray, square: Square, color: str = "bgr") -> tuple[np.ndarray, float]:
        """Points [478, 3] in frame pixels and presence."""
        points, presence = self.landmark_net.run(None, {"image": self.crop(frame, square, color)})
        return square.to_frame(points[0].astype(np.float64)), float(presence[0, 0])

    def see(self, frame: np.ndarray, square: Square, passes: int = 1, color: str = "bgr") -> Seen:
        """`passes` above 1 cut anew around the points found, as tracking does."""
        points, presence = self.points(frame, square, color)
        for _ in range(passes - 1):
            points, presence = self.points(frame, from_landmarks(points), color)
        flat = points[None, :, :2].astype(np.float32)
        return Seen(points, presence, self.blendshape_net.run(None, {"points": flat})[0][0])


def largest_face(detector: FaceDetector, frame: np.ndarray, color: str = "bgr") -> Square | None:
    """The square around the largest face, from the detector's five points; None without a face."""
    faces = detector.detect(frame, color)
    if not len(faces.scores):
        return None
    sides = faces.boxes[:, 2:] - faces.boxes[:, :2]
    best = int(sides.prod(1).argmax())
    return from_five(faces.landmarks[best])
