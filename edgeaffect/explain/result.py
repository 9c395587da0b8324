"""`Explanation`, `Part` and `Judgement`: what the explainer says, frozen, as plain values and as a prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._json import plain
from .evidence import Evidence
from .prompt import prompt_of

SCHEMA = "edgeaffect.explanation/1"

SUPPORTED, CONTRADICTED = "supported", "contradicted"
NOT_VISIBLE, NOT_CHECKABLE = "not visible", "not checkable"
VERDICTS = (SUPPORTED, CONTRADICTED, NOT_VISIBLE, NOT_CHECKABLE)
"""`supported`: evidence says so. `contradicted`: evidence says the opposite. `not visible`: that part of the face is
covered, or evidence is undecided. `not checkable`: nothing that a face shows (motives, identity), or no claim."""


@dataclass(frozen=True)
class Part:
    """One clause of a text, and what became of it."""

    claim: str
    """Its words."""
    verdict: str
    """One of `VERDICTS`."""
    cue: str | None = None
    """Cue, fact or emotion that it is about; None where it is about none."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"claim": self.claim, "verdict": self.verdict, "cue": self.cue}


@dataclass(frozen=True)
class Explanation:
    """A text about one face of which every clause is backed by a measured cue."""

    text: str
    """What is said: one to three sentences; of `check` what is left of the text; when refused, the reason."""
    label: str
    """The affect stage's label: never the language model's."""
    confidence: float
    """Probability of that label, 0..1."""
    cues_used: tuple[str, ...] = ()
    """Names from `CUES` that the text speaks of, in their order; empty when refused."""
    refused: str | None = None
    """Why nothing was answered, in one sentence; None where something was."""
    parts: tuple[Part, ...] = ()
    """The clauses."""
    kept: float = 1.0
    """Share of the clauses that are in `text`, 0..1."""
    evidence: Evidence | None = field(default=None, repr=False, compare=False)
    """What the text rests on; None where no evidence was needed."""

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Plain values; no NaN."""
        return {
            "schema": SCHEMA,
            "text": self.text,
            "label": self.label,
            "confidence": plain(self.confidence),
            "cues_used": list(self.cues_used),
            "refused": self.refused,
            "parts": [part.to_dict() for part in self.parts],
            "kept": plain(self.kept),
        }

    def to_prompt(self, format: str = "text") -> str:
        """What is known of the face, for somebody else's language model; see `prompt.prompt_of`.

        Raises:
            ValueError: `format` is neither `text` nor `json`, or there is no evidence.
        """
        if self.evidence is None:
            raise ValueError("this result rests on no evidence of a face: there is nothing to hand on")
        return prompt_of(self.evidence, "" if self.refused else self.text, format)


@dataclass(frozen=True)
class Judgement:
    """How far a statement about one face holds."""

    statement: str
    probability: float
    """That it holds, 0..1; 0.5 where nothing is known."""
    refused: str | None = None
    """Why it cannot be judged; then `probability` is 0.5."""
    parts: tuple[Part, ...] = ()
    """Its clauses."""

    def __float__(self) -> float:
        return self.probability

    def to_dict(self) -> dict[str, Any]:
        """Plain values; no NaN."""
        return {
            "statement": self.statement,
            "probability": plain(self.probability),
            "refused": self.refused,
            "parts": [part.to_dict() for part in self.parts],
        }
