"""`EvidenceRules`: what cues, affect and an encoder say of one face -> `Evidence`.

The constants are fitted on training people (`training/explain`) and are a part of the bundle, `evidence.json`:

    {"schema": "edgeaffect.evidence/1", "pair_id": "...",
     "cues": {"smile": {"measure": {"weights": {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}, "kind": "sum",
                                    "threshold": 0.4},
                        "bias": -4.0, "weights": {"measure": 6.0, "z": 0.3, "jawOpen": -1.0}, "hi": 0.7, "lo": 0.2,
                        "lean": 0.5}},
     "facts": {"glasses": {"bias": 0.0, "scale": 1.0, "hi": 0.7, "lo": 0.3, "lean": 0.5}, ...},
     "judge": {"bias": 0.0, "scale": 1.0},
     "salience": {"happiness": {"smile": 2.1, ...}, ...}, "means": {"smile": 0.31, ...}, "least_salience": 0.1}

A cue's probability is 1 / (1 + exp(-(bias + sum of weight * value))). Its values are `values_of` the cues by name, and
two of its own: `measure`, a sum of weight * value (`sum`), its size (`beyond`), or minus the largest size of its terms
(`within`); and `z`, how many standard deviations it is above the threshold, from -8 to 8, where the deviation is the
sum of |weight| * deviation. From `hi` on the cue is present, up to `lo` absent; between
them it is rather there from `lean` on (`leaning`; 0.5 where it is left out). `encoder:NAME` as a value is the
encoder's own logit of a cue.

`bias` and `scale` of a fact go with the encoder's logit. `salience` is the linear model of votes: the share of cue c in
label l is salience[l][c] * (p(c) - means[c]). A present cue is a reason of l where that is `least_salience` or more; an
absent one is missing from l where it is minus `least_salience` or less.

Of two present cues that exclude each other (`cues.CUE_TABLE`) the less probable is unclear. A cue is hidden where its
region is covered (`cues.COVERED_BY`), or where there is no face at all. A rule that needs `encoder:` values cannot be
asked about the past, so that such a cue has no part in "what changed".
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._checks import is_number, show
from .._json import load_json
from ..circumplex import EMOTIONS
from ..cues import Cues
from ..errors import SpecError
from ..results import Affect
from .cues import COVERED_BY, CUE_TABLE, CUES, FACTS, region_of
from .evidence import Evidence, State
from .evidence_values import ENCODER, KINDS, Measure, Values, deviations_of, values_of
from .judge_rule import JudgeRule

SCHEMA = "edgeaffect.evidence/1"
ALL = "all"


@dataclass(frozen=True)
class CueRule:
    """How one cue's probability and state are found."""

    measure: Measure | None
    bias: float
    weights: Values
    low: float
    """Absent at this probability and below ..."""
    high: float
    """... and present at this one and above."""
    lean: float = 0.5
    """Between them, rather there from this one on."""

    @functools.cached_property
    def needs_encoder(self) -> bool:
        """Whether cues alone do not tell."""
        return any(name.startswith(ENCODER) for name in self.weights)

    def probability(self, values: Values, deviations: Values) -> float:
        """0..1; NaN where a value is none.

        Raises:
            SpecError: a value that nobody measured.
        """
        try:
            known = dict(values)
            if self.measure is not None:
                known["measure"] = self.measure.of(values)
                known["z"] = self.measure.z(known["measure"], deviations)
            return _logistic(self.bias + sum(weight * known[name] for name, weight in self.weights.items()))
        except KeyError as error:
            raise SpecError(f"evidence asks for {error}, which is no value of a face") from None


@dataclass(frozen=True)
class FactRule:
    """How one visible fact's probability and state are found."""

    low: float
    high: float
    bias: float = 0.0
    scale: float = 1.0
    lean: float = 0.5

    def probability(self, logit: float) -> float:
        """0..1."""
        return _logistic(self.bias + self.scale * logit)


@dataclass(frozen=True)
class EvidenceRules:
    """The constants of a bundle."""

    cues: Mapping[str, CueRule]
    facts: Mapping[str, FactRule]
    salience: Mapping[str, Mapping[str, float]]
    means: Mapping[str, float]
    least_salience: float
    judge_rule: JudgeRule = field(default_factory=JudgeRule)

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
                salience={label: _numbers(f"salience.{label}", weights) for label, weights in data["salience"].items()},
                means=_numbers("means", data["means"]),
                least_salience=_number("least_salience", data["least_salience"]),
                judge_rule=JudgeRule(**_numbers("judge", data.get("judge", {}))),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise SpecError(f"evidence.json lacks a value, or has one of another kind: {error!r}") from error
        for where, names, known in (
            ("cues", rules.cues, CUES), ("facts", rules.facts, FACTS), ("salience", rules.salience, EMOTIONS),
        ):  # fmt: skip
            if unknown := sorted(set(names) - set(known)):
                raise SpecError(f"evidence.json: {where} names {show(unknown[0])}; known are {', '.join(known)}")
        return rules

    @property
    def leans(self) -> dict[str, float]:
        """Cue or fact -> the probability from which on it is rather there."""
        cues = {name: rule.lean for name, rule in self.cues.items()}
        return cues | {name: rule.lean for name, rule in self.facts.items()}

    def judge(
        self,
        cues: Cues,
        affect: Affect,
        *,
        encoder: Mapping[str, float] | None = None,
        facts: Mapping[str, float] | None = None,
        before: Sequence[Values] = (),
    ) -> Evidence:
        """Evidence of one face.

        Args:
            cues: measured of it.
            affect: read of it.
            encoder: cue -> logit, of the bundle's encoder.
            facts: fact -> logit, of the bundle's encoder.
            before: what `measured` told of the same face a little earlier, the newest last.
        """
        values, deviations = values_of(cues, encoder), deviations_of(cues)
        said = {name: rule.probability((facts or {}).get(name, -math.inf)) for name, rule in self.facts.items()}
        seen = {name: _state(said[name], rule.low, rule.high) for name, rule in self.facts.items()}
        probabilities = {name: rule.probability(values, deviations) for name, rule in self.cues.items()}
        states: dict[str, State] = {}
        covered = {COVERED_BY.get(fact, ALL) for fact in (*COVERED_BY, "no_face") if seen.get(fact) == "present"}
        for name, rule in self.cues.items():
            is_hidden = ALL in covered or region_of(name) in covered
            states[name] = "hidden" if is_hidden else _state(probabilities[name], rule.low, rule.high)
        _settle(states, probabilities)
        shares = {label: self._shares(label, probabilities, states) for label in self.salience}
        return Evidence(
            probabilities=probabilities,
            states=states,
            facts=said,
            fact_states=seen,
            affect=affect,
            reasons={label: self._most(found, 1, states, "present") for label, found in shares.items()},
            missing={label: self._most(found, -1, states, "absent") for label, found in shares.items()},
            before=tuple(map(self._states_of, before)),
        )

    def measured(self, cues: Cues) -> dict[str, float]:
        """Probabilities of the cues that can be told without the encoder."""
        values, deviations = values_of(cues), deviations_of(cues)
        return {
            name: rule.probability(values, deviations) for name, rule in self.cues.items() if not rule.needs_encoder
        }

    def _states_of(self, found: Values) -> dict[str, State]:
        states = {name: _state(p, self.cues[name].low, self.cues[name].high) for name, p in found.items()}
        _settle(states, found)
        return states

    def _shares(self, label: str, probabilities: Mapping[str, float], states: Mapping[str, State]) -> dict[str, float]:
        """What every decided cue says for a label, or against it."""
        weights = self.salience[label]
        return {
            name: weights[name] * (probabilities[name] - self.means.get(name, 0.0))
            for name, state in states.items()
            if state in ("present", "absent") and name in weights
        }

    def _most(self, shares: Values, sign: int, states: Mapping[str, State], state: State) -> tuple[str, ...]:
        """Cues in that state that say something for a label (1) or against it (-1), the most telling first."""
        told = [n for n, share in shares.items() if states[n] == state and sign * share >= self.least_salience]
        return tuple(sorted(told, key=lambda name: -sign * shares[name]))


def _settle(states: dict[str, State], probabilities: Values) -> None:
    """Of two present cues that exclude each other the less probable one is unclear."""
    for name in sorted((name for name, state in states.items() if state == "present"), key=probabilities.__getitem__):
        if any(states.get(other) == "present" for other in CUE_TABLE[name].excludes):
            states[name] = "unclear"


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


def _bounds(where: str, rule: Mapping[str, Any], high: float = math.nan, low: float = math.nan) -> tuple[float, float]:
    """Thresholds; outside of 0..1 they are never reached."""
    low, high = _number(f"{where}.lo", rule.get("lo", low)), _number(f"{where}.hi", rule.get("hi", high))
    if not low < high:
        raise SpecError(f"evidence.json: {where} needs lo < hi; got {low} and {high}")
    return low, high


def _numbers(where: str, data: Mapping[str, Any]) -> dict[str, float]:
    return {name: _number(f"{where}.{name}", value) for name, value in data.items()}


def _cue_rule(name: str, rule: Mapping[str, Any]) -> CueRule:
    where = f"cues.{name}"
    low, high = _bounds(where, rule)
    given = rule.get("measure")
    measure = None
    if given is not None:
        kind = given.get("kind", "sum")
        if kind not in KINDS or not given["weights"]:
            raise SpecError(f"evidence.json: {where}.measure needs weights and a kind of {', '.join(KINDS)}")
        threshold = _number(f"{where}.measure.threshold", given["threshold"])
        measure = Measure(_numbers(f"{where}.measure.weights", given["weights"]), threshold, kind)
    weights, lean = _numbers(f"{where}.weights", rule["weights"]), _number(f"{where}.lean", rule.get("lean", 0.5))
    return CueRule(measure, _number(f"{where}.bias", rule["bias"]), weights, low, high, lean)


def _fact_rule(name: str, rule: Mapping[str, Any]) -> FactRule:
    where = f"facts.{name}"
    low, high = _bounds(where, rule, 0.7, 0.3)
    scale, bias = _number(f"{where}.scale", rule.get("scale", 1.0)), _number(f"{where}.bias", rule.get("bias", 0.0))
    return FactRule(low, high, bias, scale, _number(f"{where}.lean", rule.get("lean", 0.5)))
