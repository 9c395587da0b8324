"""`Gate`: which plan tokens the decoder may speak, given what is asked and what is known of the face.

A clause says what its plan token promises (`parsing`), so that a text holds no claim that evidence does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..circumplex import EMOTIONS
from .cues import ADMITTED, COMPOSITES, MEASURED, MOODS
from .evidence import Evidence
from .meaning import BECAUSE, CLAIM_OF, Claim, Request, bin_of, view_of

# An emotion other than the label's is absent below this probability, and a matter of doubt above.
UNLIKELY = 0.2
# Valence and arousal are told as one of two sides from here on.
TONE = 0.15


class Gate:
    """For one request about one face.

    Args:
        request: what is asked.
        evidence: what is known; None where nothing is needed (a refusal).
        is_open: let everything through that the request allows, whatever the face shows: to measure what the model
            claims by itself.
    """

    def __init__(self, request: Request, evidence: Evidence | None, *, is_open: bool = False) -> None:
        self.request, self.evidence = request, evidence
        if request.intent == "refuse":
            free = {Claim("refuse", request.slot)}
        elif request.intent == "unclear" or evidence is None:
            free = {Claim("rephrase", "question")}
        elif is_open:
            free = {claim for claim in CLAIM_OF.values() if claim.kind not in ("refuse", "rephrase")}
        else:
            free = set(true_claims(request, evidence))
        self.claims = frozenset(free)
        """What may be said."""
        if is_open and evidence is not None:
            reasons = {claim for claim in free if claim.kind == "cue" and claim.state in ("present", "absent")}
        else:
            reasons = {claim for claim in free if evidence is not None and is_reason(claim, evidence)}
        self.reasons = frozenset(reasons)
        """What may be said behind "because"."""

    def tokens(self, *, in_reasons: bool) -> list[str]:
        """Plan tokens that may come now."""
        found = [claim.token for claim in (self.reasons if in_reasons else self.claims)]
        if in_reasons:  # the label that reasons lead to
            return [*found, *(claim.token for claim in self.claims if claim.kind in ("emotion", "bin"))]
        return [*found, BECAUSE] if self.reasons else found


def is_reason(claim: Claim, evidence: Evidence) -> bool:
    """Whether a cue in that state speaks for the label, by the linear model of votes."""
    return (
        claim.kind == "cue"
        and claim.state == evidence.states.get(claim.name) != "unclear"
        and claim.name in ADMITTED
        and claim.name in evidence.reasons.get(evidence.affect.label, ())
    )


def true_claims(request: Request, evidence: Evidence) -> Iterable[Claim]:
    """Everything that can truly be said of a face in answer to a request."""
    affect = evidence.affect
    for name in MEASURED:
        if name in evidence.states:
            yield Claim("cue", name, evidence.states[name])
    for name, came in evidence.changes.items():
        if name in MEASURED:
            yield Claim("cue", name, "began" if came else "ended")
    if request.intent == "why_not":
        yield from (
            Claim("cue", name, "missing") for name in evidence.missing.get(request.slot, ()) if name in ADMITTED
        )
    yield from (Claim("fact", name, state) for name, state in evidence.fact_states.items() if state != "hidden")
    yield from (Claim("emotion", name, emotion_state(name, evidence)) for name in EMOTIONS)
    yield Claim("emotion", affect.label)
    yield Claim("bin", bin_of(affect.confidence))
    yield Claim("view", view_of(float(affect.votes.max())))
    others = sorted((-float(share), name) for share, name in zip(affect.votes, EMOTIONS, strict=True))
    yield Claim("second", next(name for _, name in others if name != affect.label))
    yield from (Claim("tone", name) for name in tones(evidence))
    yield from (Claim("none", name) for name in _nothing(evidence))
    if (answer := answer_to(request, evidence)) is not None:
        yield Claim("answer", answer)


def answer_to(request: Request, evidence: Evidence) -> str | None:
    """`yes`, `no` or `maybe` to a yes/no question; None where it is no such question."""
    slot = request.slot
    if request.intent in ("is_cue", "is_fact"):
        states = [evidence.state(name) for name in COMPOSITES.get(slot, (slot,)) if _is_known(name, evidence)]
        if "present" in states:
            return "yes"
        return "no" if states and all(state == "absent" for state in states) else "maybe"
    if request.intent == "is_emotion":
        if slot in MOODS:
            found = tones(evidence)
            opposite = {"pleasant": "unpleasant", "unpleasant": "pleasant", "lively": "calm", "calm": "lively"}
            return "yes" if slot in found else "no" if opposite[slot] in found else "maybe"
        return {"present": "yes", "absent": "no"}.get(emotion_state(slot, evidence), "maybe")
    return None


def emotion_state(name: str, evidence: Evidence) -> str:
    """`present`, `absent` or `unclear`, by the affect stage."""
    affect = evidence.affect
    if name == affect.label:
        return "unclear" if bin_of(affect.confidence) == "hard" else "present"
    return "absent" if affect.probability(name) < UNLIKELY else "unclear"


def tones(evidence: Evidence) -> tuple[str, str]:
    """Valence and arousal in words."""
    v, a = evidence.affect.valence, evidence.affect.arousal
    return (
        "pleasant" if v >= TONE else "unpleasant" if v <= -TONE else "even",
        "lively" if a >= TONE else "calm" if a <= -TONE else "moderate",
    )


def _nothing(evidence: Evidence) -> Iterable[str]:
    """What there is none of."""
    if not any(name in ADMITTED for name in evidence.reasons.get(evidence.affect.label, ())):
        yield "cue"
    if evidence.before and not evidence.changes:
        yield "change"
    if "present" not in evidence.fact_states.values():
        yield "fact"


def _is_known(name: str, evidence: Evidence) -> bool:
    return name in evidence.states or name in evidence.fact_states
