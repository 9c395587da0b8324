"""What a free text says or asks, as the reader understood it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..circumplex import EMOTIONS
from .cues import FACTS, MOODS
from .meaning import INTENTS, OPPOSABLE, SLOTS_OF, WHOLE_FACE, Request

READ_INTENTS = (*INTENTS, "statement")
"""Intents of a question, and "statement" for a text that claims something about the face."""
LONGEST = 48
"""The last so many tokens of a text are read."""

MENTIONED = 0.5
"""A claim is taken for said from this probability on."""
REFUSED = 0.5
"""A question is refused from this probability on that a face cannot answer it."""
UNDERSTOOD = 0.3
"""A request below this probability (among those not refused) is answered with "please ask in other words"."""
_STRANGER = 0.5  # share of words spelt in bytes from which on a text is no English


@dataclass(frozen=True)
class Said:
    """Probability that a text says something is there, and that it says it is not."""

    present: float
    absent: float

    @property
    def mentioned(self) -> float:
        """Probability that it speaks of it at all."""
        return self.present + self.absent


@dataclass(frozen=True, eq=False)
class Reading:
    """One text, understood.

    Attributes:
        text: the text.
        intents: intent (`READ_INTENTS`) -> probability; they sum to 1.
        slots: slot (`meaning.SLOTS`) -> probability; they sum to 1.
        claims: aspect (`cues.ASPECTS`) -> what the text says of it, each independent of the others.
        unknown: share of words that were spelt in bytes.
    """

    text: str
    intents: Mapping[str, float]
    slots: Mapping[str, float]
    claims: Mapping[str, Said]
    unknown: float = 0.0

    @property
    def intent(self) -> str:
        """The most probable intent."""
        return max(self.intents, key=lambda name: self.intents[name])

    @property
    def is_checkable(self) -> bool:
        """Whether it speaks of what a face can show, rather than of motives, age, health and the like."""
        return self.intents["refuse"] + self.intents["unclear"] < 0.5

    def between(self, other: Reading) -> Reading:
        """Half of this reading and half of another one of the same text."""
        return Reading(
            text=self.text,
            intents=_half(self.intents, other.intents),
            slots=_half(self.slots, other.slots),
            claims={
                name: Said((claim.present + there.present) / 2, (claim.absent + there.absent) / 2)
                for (name, claim), there in zip(self.claims.items(), other.claims.values(), strict=True)
            },
            unknown=self.unknown,
        )

    def said(self, least: float = MENTIONED) -> dict[str, bool]:
        """Aspect -> whether the text says it is there; aspects that it mentions with at least that probability."""
        return {name: claim.present >= claim.absent for name, claim in self.claims.items() if claim.mentioned >= least}

    @property
    def reason(self) -> str:
        """Why a text that is not checkable is refused: the most probable of `meaning.REASONS`."""
        return max(SLOTS_OF["refuse"], key=lambda name: self.slots[name])

    def ranked(self) -> list[tuple[float, Request]]:
        """All requests that the text may be, the most probable first; their probabilities sum to 1 or less."""
        found: dict[Request, float] = {}
        for intent, share in self.intents.items():
            if intent == "statement":
                request = self._from_statement()
                found[request] = found.get(request, 0.0) + share
                continue
            slots = SLOTS_OF[intent]
            total = sum(self.slots[slot] for slot in slots) or 1.0
            for slot in slots:
                request = self._request(intent, slot)
                found[request] = found.get(request, 0.0) + share * self.slots[slot] / total
        return sorted(((share, request) for request, share in found.items()), key=lambda pair: -pair[0])

    def request(self) -> Request:
        """What the text asks; a statement asks whether it is so. `unclear` when nothing is probable enough.

        Whether to refuse is decided first, whatever the reason may be.
        """
        if self.unknown >= _STRANGER:
            return Request("unclear")
        if self.intents["refuse"] >= REFUSED:
            return Request("refuse", self.reason)
        share, best = next(pair for pair in self.ranked() if pair[1].intent != "refuse")
        return best if share >= UNDERSTOOD * (1 - self.intents["refuse"]) else Request("unclear")

    def _request(self, intent: str, slot: str) -> Request:
        if intent == "describe_visible":
            return WHOLE_FACE
        claim = self.claims.get(slot)
        opposite = intent in OPPOSABLE and claim is not None and claim.absent > claim.present
        return Request(intent, slot, not opposite)

    def _from_statement(self) -> Request:
        """A statement put to `ask` means "is it so"; the claim said most clearly counts."""
        name = max(self.claims, key=lambda name: self.claims[name].mentioned)
        if self.claims[name].mentioned < MENTIONED:
            return Request("unclear")
        is_fact = name in FACTS or name == "face_covered"
        intent = "is_emotion" if name in (*EMOTIONS, *MOODS) else "is_fact" if is_fact else "is_cue"
        return self._request(intent, name)


def _half(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {name: (value + other[name]) / 2 for name, value in one.items()}
