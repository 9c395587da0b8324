"""Somebody else's text about a face: which of its clauses the face bears out, and the text without the others."""

from __future__ import annotations

from collections.abc import Sequence

from .aspects import state_of
from .clauses import keep, split
from .content import Known
from .cues import CUES
from .evidence import Evidence
from .reader import MAX_CHARACTERS, Reader
from .reading import Reading
from .result import CONTRADICTED, NOT_CHECKABLE, NOT_VISIBLE, SUPPORTED, Explanation, Part
from .viewpoint import from_camera

_WORST_FIRST = (CONTRADICTED, NOT_VISIBLE, SUPPORTED)


def checked(text: str, reader: Reader, evidence: Evidence) -> Explanation:
    """A text without the clauses that a face does not bear out; see `Explainer.check`.

    Args:
        text: visible characters, up to `clauses.MAX_CHARACTERS` of them.
        reader: understands its clauses.
        evidence: of the face.
    """
    clauses = split(text)
    texts = [from_camera(clause.text) for clause in clauses]
    # What is too long for the reader is no clause of a description.
    readings = reader.read_many([text if len(text) <= MAX_CHARACTERS else "." for text in texts])
    known = evidence.known
    parts = tuple(
        verdict_of(clause.text, reading, known) if len(text) <= MAX_CHARACTERS else Part(clause.text, NOT_CHECKABLE)
        for clause, text, reading in zip(clauses, texts, readings, strict=True)
    )
    kept = [part.verdict == SUPPORTED for part in parts]
    return Explanation(
        text=keep(text, clauses, kept),
        label=evidence.affect.label,
        confidence=evidence.affect.confidence,
        cues_used=cues_of(readings, parts),
        parts=parts,
        kept=sum(kept) / len(kept) if kept else 0.0,
        evidence=evidence,
    )


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
