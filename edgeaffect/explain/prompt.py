"""`prompt_of`: what is known of a face as a short stable text or JSON, for somebody else's language model.

The text has these lines, in this order; a line without content is left out:

    FACE edgeaffect.face/1
    emotions: happiness 0.82, neutral 0.11, surprise 0.04
    certainty: 0.82 (clearly); observers: mostly agree
    valence: +0.71 +-0.20; arousal: +0.22 +-0.31
    seen: smile 0.97, mouth_open 0.81
    not seen: eyes_wide, inner_brows_raised
    undecided: head_tilted
    covered: eyes_closed
    visible: glasses 0.93
    reasons: smile
    changed: smile came, eyes_wide went
    sentence: The face shows happiness because ...
    do not infer: identity, age, ...

JSON holds the same under the same names (`emotions` and so on as objects), and `schema`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._checks import show
from .._json import plain
from ..circumplex import EMOTIONS
from .evidence import Evidence

SCHEMA = "edgeaffect.face/1"
FORMATS = ("text", "json")

NOT_INFERRED = (
    "identity", "age", "gender", "origin", "health", "honesty", "attraction", "character", "motives",
    "causes outside the picture",
)  # fmt: skip
"""What a face cannot tell; a model that gets this must not guess it."""

_LEAST_SHARE = 0.02
_MOST_EMOTIONS = 4
_CERTAINTY = ((0.8, "clearly"), (0.6, "probably"), (0.4, "possibly"), (0.0, "hard to tell"))
_AGREEMENT = ((0.8, "mostly agree"), (0.6, "lean the same way"), (0.4, "are split"), (0.0, "disagree"))


def certainty_word(confidence: float) -> str:
    """`clearly` from 0.8 on, `probably` from 0.6, `possibly` from 0.4, else (and for NaN) `hard to tell`."""
    return next((word for least, word in _CERTAINTY if confidence >= least), "hard to tell")


def prompt_of(evidence: Evidence, sentence: str = "", format: str = "text") -> str:
    """A face in words for a model.

    Args:
        evidence: of the face.
        sentence: what the explainer said of it.
        format: `text` or `json`.

    Raises:
        ValueError: another format.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be {' or '.join(FORMATS)}; got {show(format)}")
    facts = facts_of(evidence, sentence)
    if format == "json":
        return json.dumps(plain({"schema": SCHEMA, **facts}), allow_nan=False, separators=(",", ":"))
    return _text(facts)


def facts_of(evidence: Evidence, sentence: str = "") -> dict[str, Any]:
    """What the prompt says, as plain values."""
    affect = evidence.affect
    ranked = sorted(zip(EMOTIONS, affect.probabilities.tolist(), strict=True), key=lambda pair: -pair[1])
    top = float(affect.votes.max())
    return {
        "emotions": {name: round(p, 2) for name, p in ranked[:_MOST_EMOTIONS] if p >= _LEAST_SHARE},
        "certainty": {
            "probability": round(affect.confidence, 2),
            "word": certainty_word(affect.confidence),
            "observers": next((word for least, word in _AGREEMENT if top >= least), "disagree"),
        },
        "valence": {"value": round(affect.valence, 2), "std": round(affect.valence_std, 2)},
        "arousal": {"value": round(affect.arousal, 2), "std": round(affect.arousal_std, 2)},
        "seen": _shares(evidence.probabilities, evidence.states, "present"),
        "not_seen": _names(evidence.states, "absent"),
        "undecided": _names(evidence.states, "unclear"),
        "covered": _names(evidence.states, "hidden"),
        "visible": _shares(evidence.facts, evidence.fact_states, "present"),
        "reasons": list(evidence.reasons.get(affect.label, ())),
        "changed": {name: "came" if came else "went" for name, came in evidence.changes.items()},
        "sentence": sentence,
        "do_not_infer": list(NOT_INFERRED),
    }


def _names(states: Mapping[str, str], wanted: str) -> list[str]:
    return [name for name, state in states.items() if state == wanted]


def _shares(probabilities: Mapping[str, float], states: Mapping[str, str], wanted: str) -> dict[str, float]:
    return {name: round(probabilities[name], 2) for name in _names(states, wanted)}


def _listed(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items())


def _text(facts: Mapping[str, Any]) -> str:
    sure = facts["certainty"]
    moved = [f"{name}: {v['value']:+.2f} +-{v['std']:.2f}" for name in ("valence", "arousal") for v in (facts[name],)]
    lines = {
        "emotions": _listed(facts["emotions"]),
        "certainty": f"{sure['probability']:.2f} ({sure['word']}); observers: {sure['observers']}",
        "valence": "; ".join(moved).removeprefix("valence: "),
        "seen": _listed(facts["seen"]),
        "not seen": ", ".join(facts["not_seen"]),
        "undecided": ", ".join(facts["undecided"]),
        "covered": ", ".join(facts["covered"]),
        "visible": _listed(facts["visible"]),
        "reasons": ", ".join(facts["reasons"]),
        "changed": ", ".join(f"{name} {how}" for name, how in facts["changed"].items()),
        "sentence": facts["sentence"],
        "do not infer": ", ".join(facts["do_not_infer"]),
    }
    return "\n".join([f"FACE {SCHEMA}", *(f"{name}: {value}" for name, value in lines.items() if value)])
