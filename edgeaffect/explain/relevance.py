"""What belongs to the answer of a question: true things that were not asked for are left out."""

from __future__ import annotations

from collections.abc import Callable

from .content import Known
from .cues import COVERED_BY, GAZE, cues_of, region_of
from .meaning import CHANGES, Claim, Request


def is_relevant(claim: Claim, request: Request, known: Known) -> bool:
    """Whether a claim may stand in the answer to a request; the plans of `content` always pass."""
    if claim.kind == "answer" or claim == Claim("fact", "no_face"):
        return True
    return _RELEVANT[request.intent](claim, request, known)


def _explain(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "cue":
        return claim.state == "present"
    if claim.kind == "fact":
        return claim.state == "present"
    if claim.kind == "emotion":
        return claim == Claim("emotion", known.label)
    return claim != Claim("none", "change") and claim != Claim("none", "fact")


def _describe_region(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "fact":
        covers = COVERED_BY.get(claim.name) == request.slot
        glasses = request.slot == "eyes" and claim.name == "glasses"
        return claim.state == "present" and (covers or glasses)
    if claim.kind == "cue":
        return claim.name in cues_of(request.slot) and claim.state not in (*CHANGES, "missing")
    return claim == Claim("none", "cue") and request.slot == "all"


def _is_cue(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "fact":
        return (
            claim.name == request.slot
            or claim.name == "profile"
            or COVERED_BY.get(claim.name) == region_of(request.slot)
        )
    return claim.kind == "cue" and claim.state not in (*CHANGES, "missing")


def _is_fact(claim: Claim, request: Request, known: Known) -> bool:
    return claim.kind == "fact"


def _is_emotion(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "emotion":
        return claim.name in (request.slot, known.label)
    return claim.kind in ("bin", "tone")


def _where_looking(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "fact":
        return claim.name == "eyes_covered"
    looks = (*GAZE, "eyes_closed", *cues_of("head"))
    return claim.kind == "cue" and claim.name in looks and claim.state not in (*CHANGES, "missing")


def _why_not(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "emotion":
        return claim.name in (request.slot, known.label)
    if claim.kind == "cue":
        return claim.name in known.missing.get(request.slot, ()) and claim.state not in CHANGES
    return claim.kind == "bin"


def _what_changed(claim: Claim, request: Request, known: Known) -> bool:
    return (claim.kind == "cue" and claim.state in CHANGES) or claim == Claim("none", "change")


def _how_sure(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "emotion":
        return claim.name == known.label
    return claim.kind in ("bin", "view", "second") or (claim.kind == "fact" and claim.state == "present")


def _describe_visible(claim: Claim, request: Request, known: Known) -> bool:
    if claim.kind == "fact":
        return claim.state == "present" or claim == Claim("fact", "glasses", "absent")
    return claim == Claim("none", "fact")


def _nothing(claim: Claim, request: Request, known: Known) -> bool:
    return False


_RELEVANT: dict[str, Callable[[Claim, Request, Known], bool]] = {
    "explain": _explain, "describe_region": _describe_region, "is_cue": _is_cue, "is_fact": _is_fact,
    "is_emotion": _is_emotion, "where_looking": _where_looking, "why_not": _why_not, "what_changed": _what_changed,
    "how_sure": _how_sure, "describe_visible": _describe_visible, "refuse": _nothing, "unclear": _nothing,
}  # fmt: skip
