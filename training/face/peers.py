"""The detectors that are compared: ours through the public API, YuNet-n and RFB-320 through ONNX Runtime.

Each is a function of a BGR picture that returns boxes [n, 4], scores [n] and points [n, 5, 2] (or None), in pixels of
that picture. Large pictures are shrunk to `max_side`, never enlarged; RFB-320 always sees 320x240, as it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from training.face.teacher import YuNet, suppress
from training.files import open_on_one_thread

Found = tuple[np.ndarray, np.ndarray, "np.ndarray | None"]
Detect = Callable[[np.ndarray], Found]
# Low enough for a whole precision-recall curve.
FLOOR = 0.02
NMS_IOU = 0.4
MOST = 400


def ours(model: Path, max_side: int) -> Detect:
    """`edgeaffect.FaceDetector` at the threshold of a whole curve."""
    from edgeaffect.face.detector import FaceDetector
    from edgeaffect.options import DetectOptions

    options = DetectOptions(score_threshold=FLOOR, max_side=max_side, max_faces=MOST)
    detector = FaceDetector(str(model), options=options)

    def detect(image: np.ndarray) -> Found:
        faces = detector.detect(image)
        return faces.boxes, faces.scores, faces.landmarks

    return detect


def yunet(path: Path, max_side: int) -> Detect:
    teacher = YuNet(path)

    def detect(image: np.ndarray) -> Found:
        height, width = image.shape[:2]
        longest = max(height, width)
        side = min(longest, max_side) if max_side else longest
        boxes, scores, points = teacher.view(image, side, FLOOR)
        boxes = np.clip(boxes, 0, np.tile([width, height], 2))
        keep = suppress(boxes, scores, NMS_IOU)
        return boxes[keep], scores[keep], points[keep]

    return detect


def rfb320(path: Path) -> Detect:
    session = open_on_one_thread(path)

    def detect(image: np.ndarray) -> Found:
        height, width = image.shape[:2]
        small = cv2.cvtColor(cv2.resize(image, (320, 240)), cv2.COLOR_BGR2RGB).astype(np.float32)
        scores, boxes = session.run(None, {"input": ((small - 127) / 128).transpose(2, 0, 1)[None]})
        keep = np.flatnonzero(scores[0, :, 1] >= FLOOR)
        boxes, scores = boxes[0, keep] * np.tile([width, height], 2), scores[0, keep, 1]
        boxes = np.clip(boxes, 0, np.tile([width, height], 2)).astype(np.float32)
        best = suppress(boxes, scores, NMS_IOU)
        return boxes[best], scores[best], None

    return detect


def session_timer(path: Path, height: int, width: int) -> Callable[[], None]:
    """A function that runs a model file once on noise of that size, on one thread that does not spin."""
    session = open_on_one_thread(path)
    name = session.get_inputs()[0].name
    feed = {name: np.random.default_rng(0).random((1, 3, height, width), np.float32)}
    return lambda: session.run(None, feed)


def shipped_threshold(model: Path) -> float:
    """The score threshold that a model file names as its own."""
    from edgeaffect.models.spec import ModelSpec

    detector = ModelSpec.from_onnx(model).detector
    if detector is None:
        raise ValueError(f"{model} is not a face detector")
    return detector.nms.score_threshold
