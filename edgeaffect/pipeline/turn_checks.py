"""`TurnChecks`: which faces of one camera are looked at again at other turns, and what is remembered of them.

A face that is found upright with a high score is upright; of any other the detector's points are not to be trusted,
and it is looked at again (`face.turn_finder`): at twelve turns when it is new, then at five around the one it had.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..face.turn_finder import Turned, TurnFinder, Turns
from ..image import Image
from ..results import Faces
from .calls import Call

log = logging.getLogger("edgeaffect.pipeline")

# Of portraits at 24 turns, 1 % of those that score this much have points that do not follow (docs/turned-faces.md).
_SURE_SCORE = 0.98
# Degrees. The detector's own points lag behind: at 30 degrees they say about 20.
_LEANS = 15.0
# Turns further apart than this are not one; those of the detector's own points stay as they are below.
_DIFFERS = 18.0
# Agreement of the twelve turns that is asked for, and more where the face might as well stand nearly upright: small and
# covered faces agree by chance.
_AGREE, _AGREE_NEAR, _NEAR_UPRIGHT = 0.5, 0.6, 45.0
_LEAST_SCORE = 0.5
_ALL = np.arange(0, 360, 30.0)
_AROUND = np.arange(-60, 61, 30.0)
# Faces looked at from all sides in one frame of a moving scene, so that a crowd does not hold it up.
_PER_FRAME = 4
# Face sizes, and ratio of sizes, within which a face is the one that was there at the last detection.
_NEAR, _RATIO = 0.6, 1.6
_FORGET, _RETRY = 1.0, 1.0
# Faces seen, and seconds over which, before a camera is said to be turned; share of them that must agree.
_HINT_FACES, _HINT_SECONDS, _HINT_SHARE = 20, 3.0, 0.6


@dataclass
class _Known:
    """A face as it was at the last detection."""

    x: float
    y: float
    """Centre, pixels of the frame."""
    side: float
    turn: float
    """Degrees clockwise from upright (as the camera is mounted)."""
    seen: float
    ask_again: float = math.inf
    """From then on it is looked at again at all turns; infinity for an upright face."""
    is_told: bool = True
    """Whether its turn is known."""


class TurnChecks:
    """Of one camera.

    Args:
        finder: looks again.
        roll: of the camera, degrees clockwise.
    """

    def __init__(self, finder: TurnFinder, roll: int) -> None:
        self._finder, self._roll = finder, roll
        self._known: list[_Known] = []
        self.watch = TurnWatch(roll)
        self.looked = 0
        """Faces looked at again in the last detection."""

    def correct(self, image: Image, faces: Faces, now: float, source: str) -> Generator[Call, Any, Faces]:
        """Faces of one detection, with points that follow their turn."""
        self.looked = 0
        if not len(faces):
            return faces
        landmarks = faces.landmarks
        known: list[_Known] = []
        full = 0
        # Numbers of Python: for a handful of faces arrays take ten times as long.
        rows = zip(faces.boxes.tolist(), faces.scores.tolist(), landmarks[:, :2].tolist(), strict=True)
        for i, ((x0, y0, x1, y1), score, (left, right)) in enumerate(rows):
            plain = _within(math.degrees(math.atan2(right[1] - left[1], right[0] - left[0])) + self._roll)
            here = _Known((x0 + x1) / 2, (y0 + y1) / 2, math.sqrt(max((x1 - x0) * (y1 - y0), 1e-6)), plain, now)
            before = self._before(here, now)
            tried = self._tried(before, plain, score, now)
            if tried is _ALL and not image.still and full == _PER_FRAME:
                # A face whose turn is known keeps its points; a new one has its turn at the next detection.
                tried = before.turn + _AROUND if before is not None and before.is_told else None
                here.ask_again, here.is_told = now, tried is not None
            if tried is not None:
                self.looked += 1
                full += tried is _ALL
                found: Turned = yield Call(self._finder, Turns(image, faces.boxes[i], tried - self._roll))
                is_full = len(tried) == len(_ALL)
                if found.score >= _LEAST_SCORE and (not is_full or _agrees(found, self._roll)):
                    here.turn = _within(found.turn + self._roll)
                    if abs(here.turn) > 2 * _LEANS:
                        here.ask_again = now + _RETRY if is_full or before is None else before.ask_again
                    if abs(_within(here.turn - plain)) > _DIFFERS:
                        landmarks = landmarks.copy() if landmarks is faces.landmarks else landmarks
                        landmarks[i] = found.landmarks
                else:
                    here.ask_again, here.is_told = now + _RETRY if is_full else now, False
            elif here.is_told and before is not None and score < _SURE_SCORE:
                here.ask_again, here.is_told = before.ask_again, before.is_told
            known.append(here)
        self._known = known + [
            one for one in self._known if now - one.seen < _FORGET and not any(_same(one, new) for new in known)
        ]
        if not image.still:
            self.watch.add([one.turn for one in known if one.is_told], now, source)
        if landmarks is faces.landmarks:
            return faces
        return Faces(faces.boxes, faces.scores, landmarks, faces.track_ids)

    def reset(self) -> None:
        """Forget every face."""
        self._known = []

    def _before(self, here: _Known, now: float) -> _Known | None:
        near = [one for one in self._known if _same(one, here) and now - one.seen < _FORGET]
        return min(near, key=lambda one: math.hypot(one.x - here.x, one.y - here.y), default=None)

    @staticmethod
    def _tried(before: _Known | None, plain: float, score: float, now: float) -> NDArray[np.float64] | None:
        """Turns to look at, from upright; None where the detector's points will do."""
        is_plain = abs(plain) <= _LEANS
        if score >= _SURE_SCORE and is_plain:
            return None
        if before is None or now >= before.ask_again:
            return _ALL
        if abs(before.turn) <= 2 * _LEANS and is_plain:
            return None
        return before.turn + _AROUND


class TurnWatch:
    """Notices a camera that is mounted turned: most of its faces are, the same way, for some seconds.

    Args:
        roll: that the pipeline was told.
    """

    def __init__(self, roll: int) -> None:
        self._roll = roll
        self._quarters: list[int] = [0, 0, 0, 0]
        self._first: float | None = None
        self.hint: str | None = None
        """What to do about it; None as long as nothing is."""

    def add(self, turns: list[float], now: float, source: str) -> None:
        """Take over the turns of the faces of one detection, degrees clockwise from upright."""
        if self.hint is not None or not turns:
            return
        self._first = now if self._first is None or now < self._first else self._first
        for turn in turns:
            self._quarters[round(turn / 90) % 4] += 1
        total = sum(self._quarters)
        if total < _HINT_FACES or now - self._first < _HINT_SECONDS:
            return
        most = max(range(4), key=lambda quarter: self._quarters[quarter])
        if most and self._quarters[most] >= _HINT_SHARE * total:
            better = (self._roll - 90 * most) % 360
            turned = self._quarters[most]
            self.hint = (
                f"{turned} of {total} faces of {source} are turned by about {90 * most} degrees clockwise: "
                f"where the camera is mounted so, use camera_roll={better}"
            )
            log.warning("%s", self.hint)
        self._quarters, self._first = [0, 0, 0, 0], now


def _agrees(found: Turned, roll: int) -> bool:
    near = abs(_within(found.turn + roll)) < _NEAR_UPRIGHT
    return found.agreement >= (_AGREE_NEAR if near else _AGREE)


def _within(angle: float) -> float:
    """The same angle from -180 to 180 degrees."""
    return (angle + 180) % 360 - 180


def _same(a: _Known, b: _Known) -> bool:
    apart = math.hypot(a.x - b.x, a.y - b.y)
    return apart <= _NEAR * max(a.side, b.side) and max(a.side, b.side) <= _RATIO * min(a.side, b.side)
