"""What is known of one face when it is talked about: each cue with its probability and state, visible facts, affect.

A cue's probability is a logistic of named features (`features`): p = 1 / (1 + exp(-(bias + sum of weight * feature))).
Features come from measured `Cues`, and from the encoder of the bundle as `encoder:NAME` (its own logit of that cue).
Weights, biases and thresholds are fitted on training people and are a part of the bundle, `evidence.json`:

    {"schema": "edgeaffect.evidence/1", "pair_id": "...",
     "cues": {"smile": {"bias": -4.0, "weights": {"mouthSmile": 10.0}, "low": 0.25, "high": 0.7}, ...},
     "facts": {"glasses": {"bias": 0.0, "scale": 1.0, "low": 0.3, "high": 0.7}, ...},
     "salience": {"happiness": {"smile": 2.1, ...}, ...}, "means": {"smile": 0.31, ...}, "least_salience": 0.1}

`bias` and `scale` of a fact go with the encoder's logit. `salience` is the linear model of votes: the share of cue
c in label l is salience[l][c] * (p(c) - means[c]). A cue that is present or absent counts as a reason where that is
`least_salience` or more; an absent one is missing from l where it is minus `least_salience` or less.

A cue is hidden where its region is covered (`cues.COVERED_BY`), or where there is no face at all. A rule that needs
`encoder:` features cannot be asked about the past, so that such a cue has no part in "what changed".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .._checks import is_number, show
from .._json import load_json
from ..circumplex import EMOTIONS
from ..cues import Cues
from ..errors import SpecError
from ..results import Affect
from .cues import COVERED_BY, CUES, FACTS, region_of

SCHEMA = "edgeaffect.evidence/1"
ENCODER = "encoder:"
ALL = "all"

State = Literal["present", "absent", "unclear", "hidden"]

_SIDES = ("Left", "Right")


def features(cues: Cues, encoder: Mapping[str, float] | None = None) -> dict[str, float]:
    """The numbers that evidence is made of, by name.

    Args:
        cues: measured of the face.
        encoder: cue -> logit of the bundle's own encoder.

    Returns:
        Every blendshape under its name; the mean of both sides under the name without `Left` and `Right`, and their
        difference (left minus right) as `NAME:side`; `head_yaw`, `head_pitch`, `head_roll`, `gaze_yaw`, `gaze_pitch` in
        tens of degrees, `head_roll:abs` likewise without sign, `looking_at_camera`, `eyes_open`, `mouth_open`, and
        `encoder:CUE`.
    """
    shapes = dict(cues.blendshapes)
    for name in [name for name in shapes if name.endswith(_SIDES[0])]:
        stem = name.removesuffix(_SIDES[0])
        other = shapes.get(stem + _SIDES[1])
        if other is not None:
            shapes[stem] = (shapes[name] + other) / 2
            shapes[f"{stem}:side"] = shapes[name] - other
    pose, gaze = cues.head_pose, cues.gaze
    return {
        **shapes,
        "head_yaw": pose.yaw / 10,
        "head_pitch": pose.pitch / 10,
        "head_roll": pose.roll / 10,
        "head_roll:abs": abs(pose.roll) / 10,
        "gaze_yaw": gaze.yaw / 10,
        "gaze_pitch": gaze.pitch / 10,
        "looking_at_camera": cues.looking_at_camera,
        "eyes_open": cues.eyes_open,
        "mouth_open": cues.mouth_open,
        **{ENCODER + name: value for name, value in (encoder or {}).items()},
    }


@dataclass(frozen=True)
class CueRule:
    """How one cue's probability and state are found."""

    bias: float
    weights: Mapping[str, float]
    low: float
    """Absent at this probability and below ..."""
    high: float
    """... and present at this one and above."""

    def probability(self, values: Mapping[str, float]) -> float:
        """0..1; NaN where a feature is none.

        Raises:
            SpecError: a feature that nobody measured.
        """
        try:
            return _logistic(self.bias + sum(weight * values[name] for name, weight in self.weights.items()))
        except KeyError as error:
            raise SpecError(f"evidence asks for {error}, which is no feature of a face") from None


@dataclass(frozen=True)
class FactRule:
    """How one visible fact's probability and state are found."""

    low: float
    high: float
    bias: float = 0.0
    scale: float = 1.0

    def probability(self, logit: float) -> float:
        """0..1."""
        return _logistic(self.bias + self.scale * logit)


@dataclass(frozen=True, repr=False)
class Evidence:
    """One face, as far as it may be talked about."""

    probabilities: Mapping[str, float]
    """Cue -> probability that it is there, 0..1; of a hidden one what would be said if it were not."""
    states: Mapping[str, State]
    """Cue -> state."""
    facts: Mapping[str, float]
    """Fact -> probability, 0..1."""
    fact_states: Mapping[str, State]
    affect: Affect
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label -> cues, present or absent, that speak for it, the strongest first."""
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label -> absent cues that speak against it by that, the most telling first."""
    before: tuple[Mapping[str, State], ...] = ()
    """Cue -> its state, at moments one to five seconds ago, the newest last; empty where nothing is known of them."""

    def __repr__(self) -> str:
        said = ", ".join(name for name, state in self.states.items() if state == "present")
        return f"Evidence({self.affect.label} {self.affect.confidence:.2f}; {said or 'no cue'})"

    def state(self, name: str) -> State:
        """State of a cue or fact.

        Raises:
            KeyError: neither.
        """
        return self.states[name] if name in self.states else self.fact_states[name]

    def probability(self, name: str) -> float:
        """Probability of a cue or fact."""
        return self.probabilities[name] if name in self.probabilities else self.facts[name]

    @property
    def changes(self) -> dict[str, bool]:
        """Cue -> True where it came, False where it went: it was decided before, and otherwise than now."""
        other = {"present": "absent", "absent": "present"}
        return {
            name: now == "present"
            for name, now in self.states.items()
            if now in other and any(moment.get(name) == other[now] for moment in self.before)
        }


@dataclass(frozen=True)
class EvidenceRules:
    """The constants of a bundle."""

    cues: Mapping[str, CueRule]
    facts: Mapping[str, FactRule]
    salience: Mapping[str, Mapping[str, float]]
    means: Mapping[str, float]
    least_salience: float

    @classmethod
    def from_json(cls, text: str | bytes) -> EvidenceRules:
        """Read `evidence.json`.

        Raises:
            SpecError: not JSON, another schema, or an impossible value; the message names the place.
        """
        try:
            data = load_json(text)
        except ValueError as error:
            raise SpecError(f"evidence.json cannot be read: {error}") from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise SpecError(f"evidence.json is not of schema {SCHEMA}: update edgeaffect, or fetch the bundle again")
        try:
            rules = cls(
                cues={name: _cue_rule(name, rule) for name, rule in data["cues"].items()},
                facts={name: _fact_rule(name, rule) for name, rule in data["facts"].items()},
                salience={
                    label: {name: _number(f"salience.{label}.{name}", w) for name, w in weights.items()}
                    for label, weights in data["salience"].items()
                },
                means={name: _number(f"means.{name}", value) for name, value in data["means"].items()},
                least_salience=_number("least_salience", data["least_salience"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise SpecError(f"evidence.json lacks a value, or has one of another kind: {error!r}") from error
        for where, names, known in (
            ("cues", rules.cues, CUES), ("facts", rules.facts, FACTS), ("salience", rules.salience, EMOTIONS),
        ):  # fmt: skip
            if unknown := sorted(set(names) - set(known)):
                raise SpecError(f"evidence.json: {where} names {show(unknown[0])}; known are {', '.join(known)}")
        return rules

    def judge(
        self,
        cues: Cues,
        affect: Affect,
        *,
        encoder: Mapping[str, float] | None = None,
        facts: Mapping[str, float] | None = None,
        before: Sequence[Cues] = (),
    ) -> Evidence:
        """Evidence of one face.

        Args:
            cues: measured of it.
            affect: read of it.
            encoder: cue -> logit, of the bundle's encoder.
            facts: fact -> logit, of the bundle's encoder.
            before: measured of the same face a little earlier, the newest last.
        """
        values = features(cues, encoder)
        said = {name: rule.probability((facts or {}).get(name, -math.inf)) for name, rule in self.facts.items()}
        seen = {name: _state(said[name], rule.low, rule.high) for name, rule in self.facts.items()}
        probabilities = {name: rule.probability(values) for name, rule in self.cues.items()}
        states: dict[str, State] = {}
        covered = {COVERED_BY.get(fact, ALL) for fact in (*COVERED_BY, "no_face") if seen.get(fact) == "present"}
        for name, rule in self.cues.items():
            is_hidden = ALL in covered or region_of(name) in covered
            states[name] = "hidden" if is_hidden else _state(probabilities[name], rule.low, rule.high)
        shares = {label: self._shares(label, probabilities, states) for label in self.salience}
        return Evidence(
            probabilities=probabilities,
            states=states,
            facts=said,
            fact_states=seen,
            affect=affect,
            reasons={label: self._most(found, 1) for label, found in shares.items()},
            missing={
                label: self._most({name: share for name, share in found.items() if states[name] == "absent"}, -1)
                for label, found in shares.items()
            },
            before=tuple(self._states_of(moment) for moment in before),
        )

    def _states_of(self, cues: Cues) -> dict[str, State]:
        """States of the cues that can be told without the encoder."""
        values = features(cues)
        return {
            name: _state(rule.probability(values), rule.low, rule.high)
            for name, rule in self.cues.items()
            if all(key in values for key in rule.weights)
        }

    def _shares(self, label: str, probabilities: Mapping[str, float], states: Mapping[str, State]) -> dict[str, float]:
        """What every decided cue says for a label, or against it."""
        weights = self.salience[label]
        return {
            name: weights[name] * (probabilities[name] - self.means.get(name, 0.0))
            for name, state in states.items()
            if state in ("present", "absent") and name in weights
        }

    def _most(self, shares: Mapping[str, float], sign: int) -> tuple[str, ...]:
        """Cues that say something for a label (1) or against it (-1), the most telling first."""
        told = [name for name, share in shares.items() if sign * share >= self.least_salience]
        return tuple(sorted(told, key=lambda name: -sign * shares[name]))


def _logistic(value: float) -> float:
    if math.isnan(value):
        return math.nan
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def _state(probability: float, low: float, high: float) -> State:
    """NaN, a face that could not be measured, is unclear."""
    if probability >= high:
        return "present"
    return "absent" if probability <= low else "unclear"


def _number(where: str, value: Any) -> float:
    if not is_number(value):
        raise SpecError(f"evidence.json: {where} must be a finite number; got {show(value)}")
    return float(value)


def _bounds(where: str, rule: Mapping[str, Any]) -> tuple[float, float]:
    low, high = _number(f"{where}.low", rule["low"]), _number(f"{where}.high", rule["high"])
    if not 0 <= low < high <= 1:
        raise SpecError(f"evidence.json: {where} needs 0 <= low < high <= 1; got {low} and {high}")
    return low, high


def _cue_rule(name: str, rule: Mapping[str, Any]) -> CueRule:
    low, high = _bounds(f"cues.{name}", rule)
    weights = {key: _number(f"cues.{name}.weights.{key}", value) for key, value in rule["weights"].items()}
    return CueRule(_number(f"cues.{name}.bias", rule["bias"]), weights, low, high)


def _fact_rule(name: str, rule: Mapping[str, Any]) -> FactRule:
    low, high = _bounds(f"facts.{name}", rule)
    return FactRule(
        low,
        high,
        _number(f"facts.{name}.bias", rule.get("bias", 0.0)),
        _number(f"facts.{name}.scale", rule.get("scale", 1.0)),
    )
