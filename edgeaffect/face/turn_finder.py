"""`TurnFinder`: how faces are turned in the picture, and their five points at that turn.

A detector is trained on faces that stand upright, give or take 30 degrees. It finds most others too, but puts the
points of an upright face onto them. Its score tells better: the face is cut out at several turns, and where it stands
upright the score is highest. The turn is the mean direction of the turns tried, each weighted by the odds of its score;
the length of that mean, 0 to 1, says how well they agree (Mardia and Jupp, Directional Statistics, 2000, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from .._stage_timer import StageTimer
from ..image import Image
from ..models import ModelFile
from ..models.inputs import ImageInput
from ..models.preprocess import crop_to_input
from .alignment import box_matrix
from .detector import FaceDetector

# Sides in pixels of the crops that are compared, and of the one that the points are taken from.
_COMPARED, _FINAL = 64, 96
# Side of a crop over that of the box, so that the face fits at every turn.
_EXPAND = 2.0
# Only faces centred within this share of the crop's side from its middle are the one that was cut out.
_OFF_CENTRE = 0.3
_LEAST_SCORE, _CANDIDATES = 0.05, 16


@dataclass(frozen=True, eq=False)
class Turns:
    """One face to look at."""

    image: Image
    box: NDArray[np.float32]
    """[4], pixels of the frame."""
    tried: NDArray[np.float64]
    """Turns in degrees, clockwise in the frame."""


@dataclass(frozen=True, eq=False)
class Turned:
    """What was found."""

    turn: float
    """Degrees by which the face is turned clockwise in the frame."""
    agreement: float
    """0 to 1: how well the turns that were tried agree."""
    score: float
    """What the detector gives the face at that turn; 0 where it finds nothing."""
    landmarks: NDArray[np.float32]
    """[5, 2] in pixels of the frame, in the order of an upright face; NaN where nothing was found."""


class TurnFinder:
    """Looks at faces again, at several turns, with the detector's own model. Belongs to the detector's thread.

    Args:
        detector: whose model runs; it stays its owner's to close.
    """

    def __init__(self, detector: FaceDetector) -> None:
        facts = detector.model.spec.detector
        assert facts is not None  # ModelSpec's own rule for this task
        self._detector, self._facts, self._input = detector, facts, detector.model.spec.image
        self._fits_any = detector.session.inputs[self._input.name].shape[0] is None
        self._buffers: dict[int, NDArray[Any]] = {}
        self._patches: dict[int, NDArray[np.uint8]] = {}
        self.model: ModelFile | None = None
        """None: the file is that of the detector."""
        self.timer = StageTimer()
        """Parts `crop`, `model`, `decode`."""

    @classmethod
    def of(cls, detector: object) -> TurnFinder | None:
        """One for this detector; None where it is no `FaceDetector`, or its model takes no input of another size."""
        if not isinstance(detector, FaceDetector):
            return None
        facts, image = detector.model.spec.detector, detector.model.spec.image
        fits = facts is not None and all(side % facts.pad_multiple == 0 for side in (_COMPARED, _FINAL))
        is_free = image.layout == "nchw" and detector.session.inputs[image.name].shape[2:] == (None, None)
        return cls(detector) if fits and is_free else None

    def run_many(self, items: Sequence[Turns]) -> list[Turned]:
        """One answer per face."""
        self.timer.start()
        return [self._find(item) for item in items]

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {"model": self._detector.model.name, "sides": [_COMPARED, _FINAL]}

    def close(self) -> None:
        """Nothing: the model is the detector's."""

    def _find(self, item: Turns) -> Turned:
        found = self._look(item, item.tried, _COMPARED)
        scores = np.array([score for score, _ in found]).clip(1e-6, 1 - 1e-6)
        odds = scores / (1 - scores)
        mean = complex((odds * np.exp(1j * np.radians(item.tried))).sum() / odds.sum())
        turn = float(np.degrees(np.angle(mean)))
        ((score, landmarks),) = self._look(item, np.array([turn]), _FINAL)
        return Turned(turn, abs(mean), score, landmarks)

    def _look(self, item: Turns, turns: NDArray[np.float64], side: int) -> list[tuple[float, NDArray[np.float32]]]:
        """Score and points of the face at each turn."""
        n = len(turns)
        boxes = np.repeat(item.box[None], n, 0)
        matrices = box_matrix(boxes, (side, side), expand=_EXPAND, roll=np.radians(turns)).astype(np.float32)
        batch = self._batch(n, side)
        # Turned samples are dear, and twelve crops of a large face are many. One crop with parallel axes, a cheap one,
        # brings it to the size of the crops; each of their pixels is then one sample.
        patch = ImageInput("patch", (_patch(side),) * 2, color="bgr", layout="nhwc", dtype="uint8", scale=1.0)
        straight = box_matrix(item.box[None], patch.size, expand=_EXPAND * _patch(side) / side).astype(np.float32)
        pixels = crop_to_input(
            patch, item.image.pixels, straight, color=item.image.format, border="constant", out=self._patch(side)
        )
        within = matrices.copy()
        within[:, :, 2] -= straight[0, :, 2]
        within /= straight[0, 0, 0]
        crop_to_input(
            self._input, pixels[0], within, color="bgr", border="constant", size=(side, side), out=batch
        )  # fmt: skip
        self.timer.lap("crop")
        maps = self._run(batch)
        self.timer.lap("model")
        found = [self._decode([values[i : i + 1] for values in maps], matrices[i], side) for i in range(n)]
        self.timer.lap("decode")
        return found

    def _run(self, batch: NDArray[Any]) -> list[NDArray[Any]]:
        names = self._detector.map_names
        if self._fits_any:
            outputs = self._detector.session.run({self._input.name: batch}, names)
            return [outputs[name] for name in names]
        rows = [self._detector.session.run({self._input.name: batch[i : i + 1]}, names) for i in range(len(batch))]
        return [np.concatenate([row[name] for row in rows]) for name in names]

    def _decode(
        self, maps: list[NDArray[Any]], matrix: NDArray[np.float32], side: int
    ) -> tuple[float, NDArray[np.float32]]:
        boxes, scores, landmarks = native.decode_faces(
            maps,
            self._facts.strides,
            score_threshold=_LEAST_SCORE,
            iou_threshold=self._facts.nms.iou,
            top_k=_CANDIDATES,
            max_faces=_CANDIDATES,
        )
        away = np.abs((boxes[:, :2] + boxes[:, 2:]) / 2 - side / 2).max(1, initial=0)
        near = np.flatnonzero(away <= _OFF_CENTRE * side)
        if not len(near):
            return 0.0, np.full((5, 2), np.nan, np.float32)
        best = near[0]  # best score first
        return float(scores[best]), landmarks[best] @ matrix[:, :2].T + matrix[:, 2]

    def _patch(self, side: int) -> NDArray[np.uint8]:
        held = self._patches.get(side)
        if held is None:
            held = self._patches[side] = np.empty((1, _patch(side), _patch(side), 3), np.uint8)
        return held

    def _batch(self, count: int, side: int) -> NDArray[Any]:
        """A view of the stage's own buffers, which only ever grow."""
        held = self._buffers.get(side)
        if held is None or len(held) < count:
            held = self._buffers[side] = np.empty(self._input.shape(count, (side, side)), self._input.dtype)
        return held[:count]


def _patch(side: int) -> int:
    """Side of a square that holds a crop of that side at every turn."""
    return math.ceil(side * math.sqrt(2)) + 2
