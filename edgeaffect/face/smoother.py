"""`Smoother`: steadies affect over time, per face; every constant is in seconds or Hz, none in frames.

One factor serves all numbers of a face. The result is then a convex combination of what the model said, so
distributions stay distributions and valence/arousal stay consistent with the votes they came from. Raw values are not
changed: they stay in `Face.raw`. Smoothed values are steadier, but the claim of calibration covers the raw ones only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..affect import Affect, entropy
from ..circumplex import EMOTIONS
from ..options import AffectOptions, SmoothOptions
from .baseline import NeutralBaseline

Array = NDArray[np.float64]

_N = len(EMOTIONS)
_PROBABILITIES, _VOTES = slice(0, _N), slice(_N, 2 * _N)
_MEANS, _SECOND, _QUALITY = slice(2 * _N, 2 * _N + 3), slice(2 * _N + 3, 2 * _N + 6), 2 * _N + 6
_LENGTH = _QUALITY + 1
# What the speed of an expression is measured by: everything that is never unknown.
_MOVING = slice(0, _MEANS.stop)


@dataclass
class _Person:
    """What is remembered of one face."""

    values: Array
    speed: Array
    time: float
    label: str
    beaten_since: float | None = None
    extra: dict[str, float] = field(default_factory=dict)

    def scores(self) -> dict[str, float]:
        """Probability of every label, those outside the canonical eight included."""
        return dict(zip(EMOTIONS, self.values[_PROBABILITIES].tolist(), strict=True)) | self.extra


class Smoother:
    """One-Euro or exponential smoothing, label hysteresis and, if asked for, a neutral baseline per person.

    Args:
        options: what to do.
        affect: thresholds of `is_sure`, applied to the smoothed values.
    """

    def __init__(self, options: SmoothOptions | None = None, affect: AffectOptions | None = None) -> None:
        self.options = options or SmoothOptions()
        self._affect = affect or AffectOptions()
        self._people: dict[int, _Person] = {}
        self._baseline = NeutralBaseline(self.options) if self.options.baseline else None

    def update(self, track_id: int, affect: Affect, timestamp: float) -> Affect:
        """The smoothed counterpart of one new raw output.

        Args:
            track_id: whose face it is.
            affect: what the model said.
            timestamp: seconds, later than the last one of this face.
        """
        if self.options.method == "none":
            return self._relative(track_id, affect, timestamp)
        person = self._people.get(track_id)
        if person is None:
            person = _Person(_pack(affect), np.zeros(_MOVING.stop), timestamp, affect.label, extra=dict(affect.extra))
            self._people[track_id] = person
        else:
            self._advance(person, affect, timestamp)
        self._choose_label(person, timestamp)
        return self._relative(track_id, self._unpack(person, affect), timestamp)

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._people = {key: value for key, value in self._people.items() if key in ids}
        if self._baseline:
            self._baseline.keep(ids)

    def reset(self) -> None:
        """Forget every face, baselines included."""
        self.keep(())

    def _advance(self, person: _Person, affect: Affect, timestamp: float) -> None:
        dt = timestamp - person.time
        if not dt > 0:
            raise ValueError(f"timestamps of a face must increase: got {timestamp} after {person.time}")
        new = _pack(affect)
        weight = self._weight(person, new, dt)
        # A model may be silent about quality in one frame (NaN); then there is nothing to mix it with.
        known = np.isfinite(person.values)
        person.values = np.where(known, person.values + weight * (new - person.values), new)
        person.time = timestamp
        person.extra = {
            name: person.extra.get(name, value) + weight * (value - person.extra.get(name, value))
            for name, value in affect.extra.items()
        }

    def _weight(self, person: _Person, new: Array, dt: float) -> float:
        """Share of the new value, 1 - exp(-dt / time constant): the same curve at any frame rate.

        One-Euro (Casiez, Roussel, Vogel 2012): cut-off = min_cutoff + beta * speed, speed itself low-passed. The
        paper's alpha = 1 / (1 + tau / dt) is the first-order (Euler) form of the exponential used here. `speed` is the
        larger of two rates: probability that changes hands per second, and distance in VAD space per second.
        """
        options = self.options
        if options.method == "exponential":
            return 1 - math.exp(-dt / options.time_constant) if options.time_constant else 1.0
        follow = 1 - math.exp(-2 * math.pi * options.d_cutoff * dt)
        person.speed += follow * ((new[_MOVING] - person.values[_MOVING]) / dt - person.speed)
        shares = max(np.abs(person.speed[_PROBABILITIES]).sum(), np.abs(person.speed[_VOTES]).sum()) / 2
        speed = max(shares, float(np.linalg.norm(person.speed[_MEANS])))
        return 1 - math.exp(-2 * math.pi * (options.min_cutoff + options.beta * speed) * dt)

    def _choose_label(self, person: _Person, timestamp: float) -> None:
        """A new label must lead by `hysteresis` for `hold` seconds."""
        scores = person.scores()
        best = max(scores, key=scores.__getitem__)
        if best == person.label or scores[best] - scores.get(person.label, 0.0) < self.options.hysteresis:
            person.beaten_since = None
        elif person.beaten_since is None:
            person.beaten_since = timestamp
        # No `elif`: hold 0 switches at once. The margin forgives rounding of times that are sums of frame periods.
        if person.beaten_since is not None and timestamp - person.beaten_since >= self.options.hold - 1e-6:
            person.label, person.beaten_since = best, None

    def _unpack(self, person: _Person, raw: Affect) -> Affect:
        values = person.values
        votes = values[_VOTES].astype(np.float32)
        mean = values[_MEANS]
        std = np.sqrt(np.maximum(values[_SECOND] - mean**2, 0))
        confidence = person.scores().get(person.label, 0.0)
        quality = float(values[_QUALITY])
        return dataclasses.replace(
            raw,
            probabilities=values[_PROBABILITIES].astype(np.float32),
            votes=votes,
            label=person.label,
            confidence=confidence,
            entropy=entropy(votes),
            valence=float(mean[0]), arousal=float(mean[1]), dominance=float(mean[2]),
            valence_std=float(std[0]), arousal_std=float(std[1]), dominance_std=float(std[2]),
            quality=quality,
            is_sure=self._affect.is_sure(confidence, quality),
            extra=dict(person.extra),
        )  # fmt: skip

    def _relative(self, track_id: int, affect: Affect, timestamp: float) -> Affect:
        return self._baseline.update(track_id, affect, timestamp) if self._baseline else affect


def _pack(affect: Affect) -> Array:
    """All numbers of one output. Spreads as second moments: these, unlike deviations, are linear in the votes."""
    values = np.empty(_LENGTH)
    values[_PROBABILITIES], values[_VOTES] = affect.probabilities, affect.votes
    mean = np.array([affect.valence, affect.arousal, affect.dominance])
    std = np.array([affect.valence_std, affect.arousal_std, affect.dominance_std])
    values[_MEANS], values[_SECOND], values[_QUALITY] = mean, std**2 + mean**2, affect.quality
    return values
