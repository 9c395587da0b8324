"""`Smoother`: steadies affect over time, per face; every constant is in seconds or Hz, none in frames.

One factor serves all numbers of a face. The result is then a convex combination of what the model said, so
distributions stay distributions and valence/arousal stay consistent with the votes they came from. Raw values are not
changed: they stay in `Face.raw`. Smoothed values are steadier, but the claim of calibration covers the raw ones only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..affect import Affect, entropy
from ..circumplex import EMOTIONS
from ..options import AffectOptions, SmoothOptions
from .baseline import NeutralBaseline

# Numbers of Python, one list per face: of two dozen numbers arrays take four times as long.
Numbers = list[float]

_N = len(EMOTIONS)
_INDEX = {name: index for index, name in enumerate(EMOTIONS)}
_PROBABILITIES, _VOTES = slice(0, _N), slice(_N, 2 * _N)
_MEANS, _SECOND, _QUALITY = slice(2 * _N, 2 * _N + 3), slice(2 * _N + 3, 2 * _N + 6), 2 * _N + 6
# What the speed of an expression is measured by: everything that is never unknown.
_MOVING = slice(0, _MEANS.stop)


@dataclass
class _Person:
    """What is remembered of one face."""

    values: Numbers
    speed: Numbers
    time: float
    label: str
    beaten_since: float | None = None
    extra: dict[str, float] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)

    def best(self) -> tuple[str, float]:
        """The most probable label, those outside the canonical eight included, and its probability."""
        shares = self.values[_PROBABILITIES]
        highest = max(shares)
        label = EMOTIONS[shares.index(highest)]
        for name, share in self.extra.items():
            if share > highest:
                label, highest = name, share
        return label, highest

    def score(self, label: str) -> float:
        """Probability of a label; 0 for one that is not known."""
        index = _INDEX.get(label)
        return self.extra.get(label, 0.0) if index is None else self.values[index]


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
            person = _Person(_pack(affect), [0.0] * _MOVING.stop, timestamp, affect.label)
            person.extra, person.own = dict(affect.extra), dict(affect.own)
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
        person.values = [
            old + weight * (value - old) if math.isfinite(old) else value
            for old, value in zip(person.values, new, strict=True)
        ]
        person.time = timestamp
        person.extra = _mixed(person.extra, affect.extra, weight)
        person.own = _mixed(person.own, affect.own, weight)

    def _weight(self, person: _Person, new: Numbers, dt: float) -> float:
        """Share of the new value, 1 - exp(-dt / time constant): the same curve at any frame rate.

        One-Euro (Casiez, Roussel, Vogel 2012): cut-off = min_cutoff + beta * speed, speed itself low-passed. The
        paper's alpha = 1 / (1 + tau / dt) is the first-order (Euler) form of the exponential used here. `speed` is the
        larger of two rates: probability that changes hands per second, and distance in VAD space per second.
        """
        options = self.options
        if options.method == "exponential":
            return 1 - math.exp(-dt / options.time_constant) if options.time_constant else 1.0
        follow = 1 - math.exp(-2 * math.pi * options.d_cutoff * dt)
        person.speed = speeds = [
            past + follow * ((value - old) / dt - past)
            for past, value, old in zip(person.speed, new, person.values, strict=False)  # those that move come first
        ]
        shares = max(sum(map(abs, speeds[_PROBABILITIES])), sum(map(abs, speeds[_VOTES]))) / 2
        speed = max(shares, math.hypot(*speeds[_MEANS]))
        return 1 - math.exp(-2 * math.pi * (options.min_cutoff + options.beta * speed) * dt)

    def _choose_label(self, person: _Person, timestamp: float) -> None:
        """A new label must lead by `hysteresis` for `hold` seconds."""
        best, leads = person.best()
        if best == person.label or leads - person.score(person.label) < self.options.hysteresis:
            person.beaten_since = None
        elif person.beaten_since is None:
            person.beaten_since = timestamp
        # No `elif`: hold 0 switches at once. The margin forgives rounding of times that are sums of frame periods.
        if person.beaten_since is not None and timestamp - person.beaten_since >= self.options.hold - 1e-6:
            person.label, person.beaten_since = best, None

    def _unpack(self, person: _Person, raw: Affect) -> Affect:
        values = person.values
        votes = np.array(values[_VOTES], np.float32)
        valence, arousal, dominance = values[_MEANS]
        stds = [
            math.sqrt(max(second - mean * mean, 0.0))
            for second, mean in zip(values[_SECOND], values[_MEANS], strict=True)
        ]
        confidence = person.score(person.label)
        quality = values[_QUALITY]
        return Affect(
            probabilities=np.array(values[_PROBABILITIES], np.float32),
            votes=votes,
            label=person.label,
            confidence=confidence,
            entropy=entropy(votes),
            valence=valence, arousal=arousal, dominance=dominance,
            valence_std=stds[0], arousal_std=stds[1], dominance_std=stds[2],
            va_source=raw.va_source,
            quality=quality,
            is_sure=raw.calibrated is not False and self._affect.is_sure(confidence, quality),
            extra=dict(person.extra),
            calibrated=raw.calibrated,
            own=dict(person.own),
        )  # fmt: skip

    def _relative(self, track_id: int, affect: Affect, timestamp: float) -> Affect:
        return self._baseline.update(track_id, affect, timestamp) if self._baseline else affect


def _mixed(old: Mapping[str, float], new: Mapping[str, float], weight: float) -> dict[str, float]:
    """Each value moved towards the new one; a name that is new starts there."""
    return {name: old.get(name, value) + weight * (value - old.get(name, value)) for name, value in new.items()}


def _pack(affect: Affect) -> Numbers:
    """All numbers of one output. Spreads as second moments: these, unlike deviations, are linear in the votes."""
    means = (affect.valence, affect.arousal, affect.dominance)
    stds = (affect.valence_std, affect.arousal_std, affect.dominance_std)
    values: Numbers = affect.probabilities.tolist() + affect.votes.tolist()
    values += means
    values += (std * std + mean * mean for std, mean in zip(stds, means, strict=True))
    values.append(affect.quality)
    return values
