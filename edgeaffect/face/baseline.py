"""Readings relative to a person's own resting face (opt-in): `NeutralBaseline` of affect, `RestingFace` of cues.

Some faces look cross or cheerful at rest, and some brows are always drawn together.

- `NeutralBaseline`: while a face is more likely neutral than not, the mean of valence, arousal and dominance is learnt;
  once `baseline_seconds` of such time have been seen, that mean is subtracted.
- `RestingFace`: the median of every blendshape over the first `baseline_seconds` of a face is its rest; blinks and
  words that take less than half of that time do not count. What is left above the rest is stretched, so that 1 stays 1.

Limits: nothing is subtracted before; a person whose resting face the model never calls neutral gets no baseline of
affect; the baseline belongs to a track and is learnt anew when the person comes back under a new id; it takes
whatever the person shows at the start for rest, so a mood that lasts is subtracted too. Distributions and labels are
not changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..action_units import BLENDSHAPES
from ..circumplex import EMOTIONS
from ..options import SmoothOptions
from ..results import Affect

_NEUTRAL = EMOTIONS.index("neutral")
# Longest time one output may stand for: a face that was away must not fill its baseline with the gap.
_LONGEST_STEP = 0.5
# Readings that the median of a rest is taken over, evenly in time.
_SAMPLES = 50
_LEAST_ROOM = 1e-3
# Where somebody looks is no feature of a face at rest.
_IS_FACE = np.array([not name.startswith("eyeLook") for name in BLENDSHAPES])


@dataclass
class _Learnt:
    time: float
    seconds: float = 0.0
    total: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))


class NeutralBaseline:
    """What each person's neutral face reads as, and readings relative to it."""

    def __init__(self, options: SmoothOptions) -> None:
        self._options = options
        self._people: dict[int, _Learnt] = {}

    def update(self, track_id: int, affect: Affect, timestamp: float) -> Affect:
        """`affect` with the baseline subtracted, clipped to [-1, 1]; unchanged while it is being learnt."""
        person = self._people.setdefault(track_id, _Learnt(timestamp))
        step = min(timestamp - person.time, _LONGEST_STEP)
        person.time = timestamp
        values = np.array([affect.valence, affect.arousal, affect.dominance])
        if person.seconds < self._options.baseline_seconds:
            if affect.probabilities[_NEUTRAL] >= self._options.baseline_neutral:
                person.seconds += step
                person.total += step * values
            return affect
        if not person.seconds:
            return affect
        valence, arousal, dominance = np.clip(values - person.total / person.seconds, -1, 1).tolist()
        return dataclasses.replace(affect, valence=valence, arousal=arousal, dominance=dominance)

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._people = {key: value for key, value in self._people.items() if key in ids}


@dataclass
class _Rest:
    time: float
    seconds: float = 0.0
    samples: list[NDArray[np.float64]] = field(default_factory=list)
    shapes: NDArray[np.float64] | None = None
    """[51] the learnt rest; None while it is being learnt."""


class RestingFace:
    """What each person's resting face reads as in blendshapes, and readings relative to it.

    Args:
        seconds: of a face that its rest is learnt over.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._people: dict[int, _Rest] = {}

    def update(self, track_id: int, shapes: NDArray[np.float64], timestamp: float) -> tuple[NDArray[np.float64], float]:
        """Blendshapes with the rest subtracted, and the share of the rest that is learnt.

        Args:
            track_id: whose face it is.
            shapes: [51] in the order of `BLENDSHAPES`, 0..1.
            timestamp: seconds, later than the last one of this face.

        Returns:
            [51] in 0..1: as given while the share is below 1.
        """
        person = self._people.setdefault(track_id, _Rest(timestamp))
        if person.shapes is None:
            person.seconds += min(timestamp - person.time, _LONGEST_STEP)
            person.time = timestamp
            if person.seconds >= len(person.samples) * self._seconds / _SAMPLES:
                person.samples.append(shapes.copy())
            if person.seconds < self._seconds:
                return shapes, person.seconds / self._seconds
            person.shapes = np.where(_IS_FACE, np.median(person.samples, 0), 0.0)
            person.samples.clear()
        room = np.maximum(1 - person.shapes, _LEAST_ROOM)
        return np.clip((shapes - person.shapes) / room, 0, 1), 1.0

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._people = {key: value for key, value in self._people.items() if key in ids}
