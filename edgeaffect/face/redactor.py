"""`FaceRedactor`: a copy of a frame in which no face can be known, for pictures that are saved or served."""

from __future__ import annotations

import os
from collections import deque
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._checks import check_not_negative, check_seconds
from .._process_bound import ProcessBound
from ..draw import to_bgr
from ..draw_redact import MARGIN, check_method, redact_boxes
from ..image import Frame
from ..results import Result
from .detector import FaceDetector

# Rather a spot on a wall than a face that is seen: well below the models' own thresholds.
_SCORE = 0.2
_MOVING_SIDE, _STILL_SIDE = 640, 1280
_ROUNDS = 2
"""Further looks at what was redacted."""
_SAME = 0.2
"""Least overlap (IoU) of a box with a newer one that takes its place."""


class RedactedFrame(Protocol):
    """What is asked of a frame (`sources.SourceFrame`)."""

    @property
    def image(self) -> Frame:
        """Pixels."""

    @property
    def color(self) -> str:
        """Their format."""

    @property
    def timestamp(self) -> float:
        """Seconds."""

    @property
    def still(self) -> bool:
        """A picture by itself."""


class FaceRedactor(ProcessBound):
    """Hides every face of a frame: those of its result, and those that a detector of its own finds.

    The options of a pipeline (a region, a most number of faces, seconds between detections, a high threshold) are made
    for what it perceives. So this looks by itself at every frame, at once in the whole of it, more closely and with a
    lower threshold; and a face that is lost from one frame to the next stays hidden for a while where it was.
    Belongs to one thread.

    Args:
        method: `blur`, `pixelate` or `block`, see `draw_redact`.
        margin: share of a box's size that is hidden beyond it on each side.
        linger: seconds for which a face that is no longer found stays hidden.
        model: name or path of the detector; None is the bundled one.
        score_threshold: least score of a face that is hidden.

    Raises:
        ValueError: no such method, or a number outside its range.
        ModelNotFoundError, SpecError: the detector cannot be used.
    """

    def __init__(
        self,
        method: str = "blur",
        *,
        margin: float = MARGIN,
        linger: float = 0.5,
        model: str | os.PathLike[str] | None = None,
        score_threshold: float = _SCORE,
    ) -> None:
        self.method = check_method(method)
        check_not_negative("margin", margin, "a share of the box")
        check_seconds("linger", linger)
        self.margin, self.linger = margin, linger
        how: dict[str, Any] = {"score_threshold": score_threshold, "device": "cpu"}
        self._moving = FaceDetector(model, max_side=_MOVING_SIDE, **how)
        self._still = FaceDetector(model, max_side=_STILL_SIDE, **how)
        self._seen: deque[tuple[float, NDArray[np.float32]]] = deque()

    def __call__(self, frame: RedactedFrame, result: Result) -> Frame:
        """A BGR copy [h, w, 3] of the frame without its faces."""
        image = to_bgr(frame.image, frame.color)
        detector = self._still if frame.still else self._moving
        known = [face.box for face in result.faces]
        boxes = np.concatenate([np.array(known, np.float32).reshape(-1, 4), detector.detect(image).boxes])
        if not frame.still:
            boxes = self._with_lost(boxes, frame.timestamp)
        redact_boxes(image, boxes, self.method, self.margin)
        for _ in range(_ROUNDS):
            # What still looks like a face, or looks like one now, is covered.
            left = detector.detect(image).boxes
            if not len(left):
                break
            redact_boxes(image, left, "block", self.margin)
        return image

    def close(self) -> None:
        """Release the detectors."""
        self._moving.close()
        self._still.close()

    def __enter__(self) -> FaceRedactor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _with_lost(self, boxes: NDArray[np.float32], now: float) -> NDArray[np.float32]:
        """The boxes, and those of the last moments that none of them replaces."""
        if self._seen and now < self._seen[-1][0]:  # a film begins again
            self._seen.clear()
        while self._seen and now - self._seen[0][0] > self.linger:
            self._seen.popleft()
        lost = [
            box for _, before in self._seen for box in before if not len(boxes) or _overlap(box, boxes).max() < _SAME
        ]
        self._seen.append((now, boxes))
        return np.concatenate([boxes, np.array(lost, np.float32).reshape(-1, 4)])


def _overlap(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n] intersection over union of one box with others."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.maximum(sides, 0).prod(1)
    area, areas = (box[2:] - box[:2]).prod(), (boxes[:, 2:] - boxes[:, :2]).prod(1)
    overlap: NDArray[np.float32] = shared / np.maximum(area + areas - shared, 1e-6)
    return overlap
