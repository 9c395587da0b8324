"""What is known of one face when it is talked about: each cue with its probability and state, visible facts, affect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..circumplex import EMOTIONS
from ..results import Affect
from .content import Known

State = Literal["present", "absent", "unclear", "hidden"]


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
    """Label -> present cues that speak for it, the strongest first."""
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
    def known(self) -> Known:
        """The same as `content` and the gate take it."""
        affect = self.affect
        # A label of a model of the user's own may be none of the eight that the language knows.
        label = affect.label if affect.label in EMOTIONS else EMOTIONS[int(affect.probabilities.argmax())]
        return Known(
            states=self.states, facts=self.fact_states, label=label, confidence=affect.confidence,
            votes=dict(zip(EMOTIONS, affect.votes.tolist(), strict=True)), valence=affect.valence,
            arousal=affect.arousal, reasons=self.reasons, missing=self.missing,
            changes=self.changes if self.before else None,
        )  # fmt: skip

    @property
    def changes(self) -> dict[str, bool]:
        """Cue -> True where it came, False where it went: it was decided before, and otherwise than now."""
        other = {"present": "absent", "absent": "present"}
        return {
            name: now == "present"
            for name, now in self.states.items()
            if now in other and any(moment.get(name) == other[now] for moment in self.before)
        }
