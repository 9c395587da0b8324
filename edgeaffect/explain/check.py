"""Somebody else's text about a face: which of its clauses the face bears out, and the text without the others."""

from __future__ import annotations

from collections.abc import Sequence

from .aspects import state_of
from .content import Known
from .cues import CUES
from .reading import Reading
from .result import CONTRADICTED, NOT_CHECKABLE, NOT_VISIBLE, SUPPORTED, Part

_WORST_FIRST = (CONTRADICTED, NOT_VISIBLE, SUPPORTED)


def verdict_of(claim: str, reading: Reading, known: Known) -> Part:
    """What becomes of one clause: the worst verdict of what it claims.

    Args:
        claim: its words.
        reading: of these.
        known: of the face.

    A clause about motives, identity, age, health and the like, or one that claims nothing, is not checkable.
    """
    said = reading.said() if reading.is_checkable else {}
    if not said:
        return Part(claim, NOT_CHECKABLE)
    verdicts = {aspect: _verdict(state_of(aspect, known), is_there) for aspect, is_there in said.items()}
    aspect = min(verdicts, key=lambda name: _WORST_FIRST.index(verdicts[name]))
    return Part(claim, verdicts[aspect], aspect)


def cues_of(readings: Sequence[Reading], parts: Sequence[Part]) -> tuple[str, ...]:
    """Cues that the supported clauses speak of, in the order of `CUES`."""
    kept = [reading.said() for reading, part in zip(readings, parts, strict=True) if part.verdict == SUPPORTED]
    return tuple(name for name in CUES if any(name in said for said in kept))


def _verdict(state: str, is_there: bool) -> str:
    if state in ("unclear", "hidden"):
        return NOT_VISIBLE
    return SUPPORTED if (state == "present") == is_there else CONTRADICTED
