"""`NeutralBaseline`: valence, arousal and dominance relative to a person's own resting face (opt-in).

Some faces look cross or cheerful at rest. While a face is more likely neutral than not, the mean of its values is
learnt; once `baseline_seconds` of such time have been seen, that mean is subtracted.

Limits: nothing is subtracted before; a person whose resting face the model never calls neutral gets no baseline; the
baseline belongs to a track and is learnt anew when the person comes back under a new id; it takes whatever the person
shows at the start for rest, so a mood that lasts is subtracted too. Distributions and labels are not changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..circumplex import EMOTIONS
from ..options import SmoothOptions
from ..results import Affect

_NEUTRAL = EMOTIONS.index("neutral")
# Longest time one output may stand for: a face that was away must not fill its baseline with the gap.
_LONGEST_STEP = 0.5


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
