"""Results of the explainer: what was said, what was refused, and what is said in fixed words."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..results import Affect
from .content import Known, plan
from .cues import CUES
from .evidence import Evidence
from .grammar import realise
from .meaning import Claim, Request
from .parsing import words_of
from .result import NOT_VISIBLE, SUPPORTED, Explanation, Part
from .speak import Clause
from .vocabulary import detokenize

NO_HISTORY = (
    "What changed cannot be told from one picture: ask a Pipeline made with cues=True, explain=True, which keeps five "
    "seconds of cues."
)
HARD_TO_TELL = "Hard to tell from this picture."
"""The answer where the model finds no clause that the measured cues bear out: it claims nothing, and is no refusal."""

FOREIGN_LABEL = "The label {} is none of those that can be explained: {}."

# Claims that show nothing of the face when they are said alone.
_UNSEEN = ("unclear", "hidden")
_NOBODY = Known(states={}, facts={}, label="neutral", confidence=0.0, votes={})


def fixed(request: Request, known: Known | None) -> str:
    """What is said in fixed words: refusals, which need no face, and that there is none."""
    return detokenize(words_of(realise(plan(request, known or _NOBODY, Random(0)), Random(0))))


def refused(why: str, evidence: Evidence) -> Explanation:
    """Nothing was answered, and why."""
    affect: Affect = evidence.affect
    return Explanation(why, affect.label, affect.confidence, refused=why, evidence=evidence)


def hard_to_tell(evidence: Evidence) -> Explanation:
    """The question can be answered from faces, but nothing was proved of this one."""
    affect: Affect = evidence.affect
    part = Part(HARD_TO_TELL.rstrip("."), NOT_VISIBLE)
    return Explanation(HARD_TO_TELL, affect.label, affect.confidence, parts=(part,), evidence=evidence)


def explanation(evidence: Evidence, text: str, clauses: Sequence[Clause]) -> Explanation:
    """What was said, with the clauses that prove it."""
    claims = [claim for clause in clauses for claim in clause.claims]
    used = {claim.name for claim in claims if claim.kind == "cue" and claim.state not in _UNSEEN}
    return Explanation(
        text=text,
        label=evidence.affect.label,
        confidence=evidence.affect.confidence,
        cues_used=tuple(name for name in CUES if name in used),
        parts=tuple(map(part_of, clauses)),
        evidence=evidence,
    )


def part_of(clause: Clause) -> Part:
    """One clause, without the punctuation around it; what is hidden or undecided is said to be just that."""
    claim: Claim = clause.claims[0]
    named = claim.name if claim.kind in ("cue", "fact", "emotion", "second") else None
    verdict = NOT_VISIBLE if claim.state in _UNSEEN else SUPPORTED
    return Part(detokenize(clause.words).strip(" ,.;"), verdict, named)
