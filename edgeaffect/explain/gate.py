"""`Gate`: which plan tokens the decoder may speak, given what is asked and what is known of the face.

A clause says what its plan token promises (`parsing`), so that a text holds no claim that evidence does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..circumplex import EMOTIONS
from .content import CO_VOTED, Known, answer_of, tones_of
from .cues import ADMITTED, COMPOSITES, COVERED_BY, CUES, FACTS, MEASURED, MOODS, region_of
from .meaning import BECAUSE, CLAIM_OF, Claim, Request, bin_of, view_of
from .relevance import is_relevant

_YES_NO = ("is_cue", "is_fact", "is_emotion")
_GIVES_REASONS = ("explain", "is_emotion", "why_not")
_OPENINGS = {
    "explain": ("emotion",), "why_not": ("emotion",), "how_sure": ("bin", "emotion"), "is_cue": ("answer",),
    "is_fact": ("answer",), "is_emotion": ("answer",),
}  # fmt: skip
# The label may stand behind its reasons.
_LED_TO = ("explain", "why_not")
_NEVER_OPEN = ("refuse", "rephrase")


class Gate:
    """For one request about one face.

    Args:
        request: what is asked.
        known: what is known of the face.
        hedge: words behind a yes or no that is only the likelier answer.
        is_open: let everything through that a face can be said to show: to measure what the model claims by itself.
    """

    def __init__(self, request: Request, known: Known, *, is_open: bool = False, hedge: tuple[str, ...] = ()) -> None:
        self.request, self._is_open, self.hedge = request, is_open, hedge
        self._is_yes_no = request.intent in _YES_NO
        if is_open:
            everything = [claim for claim in CLAIM_OF.values() if claim.kind not in _NEVER_OPEN]
            self.claims = frozenset(everything)
            """What may be said."""
            self.reasons = frozenset(
                claim for claim in everything if claim.kind == "cue" and claim.state in ("present", "absent")
            )
            """What may be said behind "because"."""
        else:
            true = true_claims(request, known)
            self.claims = frozenset(claim for claim in true if is_relevant(claim, request, known))
            self.reasons = frozenset(true_reasons(request, known))

    def tokens(self, *, in_reasons: bool) -> list[str]:
        """Plan tokens that may come now."""
        if in_reasons:  # also the label that reasons lead to
            label = (claim.token for claim in self.claims if claim.kind in ("emotion", "bin"))
            return [*(claim.token for claim in self.reasons), *label]
        return [*(claim.token for claim in self.claims), *((BECAUSE,) if self.reasons else ())]

    def opening(self) -> list[str]:
        """Plan tokens that may come first: what the question is about, before anything else that is true."""
        kinds = _OPENINGS.get(self.request.intent)
        if kinds is None or (self._is_open and not self._is_yes_no):
            return [claim.token for claim in self.claims if claim.kind != "answer"]
        found = [claim.token for claim in self.claims if claim.kind in kinds and self._may_open(claim)]
        reasons = [BECAUSE] if self.reasons and self.request.intent in _LED_TO else []
        return [*found, *reasons] or self.tokens(in_reasons=False)

    def _may_open(self, claim: Claim) -> bool:
        """Of emotions the one that was asked for: of "why" the label, of "why not" the other."""
        if claim.kind != "emotion":
            return True
        return claim.name == self.request.slot if self.request.intent == "why_not" else claim.state == "present"

    def behind_answer(self) -> list[str]:
        """Plan tokens that may follow an answer: what it rests on comes first."""
        if self._is_open:
            return self.tokens(in_reasons=False)
        slot = self.request.slot
        names = {slot, *COMPOSITES.get(slot, ())}
        names |= {fact for fact, region in COVERED_BY.items() if region == region_of(slot)} | {"no_face"}
        found = [claim.token for claim in self.claims if claim.name in names and claim.kind != "answer"]
        if slot in MOODS:
            found += [claim.token for claim in self.claims if claim.kind == "tone"]
        # The label itself may be led to by its reasons.
        return [*found, BECAUSE] if self.reasons and self.request.intent == "is_emotion" else found


def true_reasons(request: Request, known: Known) -> Iterator[Claim]:
    """Cues that speak for the label by the linear model of votes; of "why not", those whose absence speaks against."""
    if not known.has_face or request.intent not in _GIVES_REASONS:
        return
    names = [name for name in known.reasons.get(known.label, ()) if name in ADMITTED]
    yield from (known.claim(name) for name in names if known.state(name) == "present")
    if request.intent == "why_not":
        names = [name for name in known.missing.get(request.slot, ()) if name in ADMITTED]
        yield from (known.claim(name) for name in names if known.state(name) == "absent")


def true_claims(request: Request, known: Known) -> Iterator[Claim]:
    """Everything that can truly be said of a face in answer to a request."""
    if request.intent in _YES_NO:
        yield Claim("answer", answer_of(request, known))
    if not known.has_face:
        yield Claim("fact", "no_face")
        return
    yield from (known.claim(name) for name in CUES)
    yield from (known.claim(name) for name in FACTS)
    for name, began in (known.changes or {}).items():
        if name in MEASURED:
            yield Claim("cue", name, "began" if began else "ended")
    if request.intent == "why_not":
        # What hides it, or nobody can tell, is said as such behind it.
        names = [name for name in known.missing.get(request.slot, ()) if name in ADMITTED]
        yield from (Claim("cue", name, "missing") for name in names if known.state(name) != "present")
    yield from _emotions(known)
    yield from (Claim("tone", name) for name in tones_of(known.valence, known.arousal))
    yield from (Claim("none", name) for name in _nothing(known))


def _emotions(known: Known) -> Iterator[Claim]:
    yield Claim("emotion", known.label)
    for name in EMOTIONS:
        if name != known.label:
            is_likely = known.votes.get(name, 0.0) >= CO_VOTED
            yield Claim("emotion", name, "unclear" if is_likely else "absent")
    yield Claim("bin", bin_of(known.confidence))
    yield Claim("view", view_of(known.votes.get(known.label, 0.0)))
    if (second := known.second) is not None:
        yield Claim("second", second)


def _nothing(known: Known) -> Iterator[str]:
    """What there is none of."""
    reasons = [name for name in known.reasons.get(known.label, ()) if name in ADMITTED]
    if not any(known.state(name) == "present" for name in reasons) or not known.cues(MEASURED, "present"):
        yield "cue"
    if known.changes is not None and not known.changes:
        yield "change"
    if not any(known.state(name) == "present" for name in FACTS):
        yield "fact"
