"""Canonical meaning of what is asked and what is said: the common ground of grammar, reader, decoder and checks.

A sentence is a tuple of `Claim`, a question is a `Request`. Each claim has one plan token, written in angle brackets,
that stands before its words in the decoder's sequences; the gate allows a plan token only when the evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..circumplex import EMOTIONS
from .cues import ASPECTS, CUES, FACTS, MOODS, REGIONS

INTENTS = (
    "explain", "describe_region", "is_cue", "is_fact", "is_emotion", "where_looking", "why_not", "what_changed",
    "how_sure", "describe_visible", "refuse", "unclear",
)  # fmt: skip
"""What a question can want. `refuse`: a face cannot tell; `unclear`: it is no question that can be understood."""

REASONS = (
    "identity", "age", "gender", "health", "honesty", "attraction", "motives", "character", "background", "history",
    "other",
)  # fmt: skip
"""Why a question is refused. `background`: origin, religion, politics; `history`: what changed, where nothing is known
of the moments before; `other`: not about the face at all."""

BINS = ("clearly", "probably", "possibly", "hard")
"""Confidence in words."""
BIN_FLOORS = (0.8, 0.6, 0.4, 0.0)
"""The least confidence of each bin."""

ANSWERS = ("yes", "no", "maybe")
"""How an answer to a yes/no question begins: Yes, No, Hard to tell."""
VIEWS = ("agree", "mostly", "split")
"""How far observers would agree: top vote from 0.8, from 0.6, below."""
TONES = ("pleasant", "unpleasant", "even", "lively", "calm", "moderate")
"""Valence (the first three) and arousal (the last three) in words."""

STATES = {"+": "present", "-": "absent", "?": "unclear", "~": "hidden", "^": "began", "_": "ended", "!": "missing"}
"""Mark of a plan token -> state. `missing`: the asked emotion would show it (why not), and this face does not."""
MARKS = {state: mark for mark, state in STATES.items()}

CUE_STATES = ("present", "absent", "unclear", "hidden")
CHANGES = ("began", "ended")

KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cue": (CUES, (*CUE_STATES, *CHANGES, "missing")),
    "fact": (FACTS, ("present", "absent", "unclear")),
    "emotion": (EMOTIONS, ("present", "absent", "unclear")),
    "bin": (BINS, ("present",)),
    "answer": (ANSWERS, ("present",)),
    "view": (VIEWS, ("present",)),
    "second": (EMOTIONS, ("present",)),
    "tone": (TONES, ("present",)),
    "none": (("cue", "change", "fact"), ("present",)),
    "refuse": (REASONS, ("present",)),
    "rephrase": (("question",), ("present",)),
}
"""Kind of a claim -> its names and its states. `second`: the emotion that other observers would name; `none`: no cue
stands out, nothing changed, nothing special is visible; `missing` (cues): what the asked emotion would need."""

SLOTS = ("none", "all", *REGIONS, *ASPECTS, *REASONS)
"""What a question can be about."""


@dataclass(frozen=True)
class Claim:
    """One thing that a text says.

    Raises:
        ValueError: the kind has no such name or state.
    """

    kind: str
    name: str
    state: str = "present"
    is_reason: bool = False
    """Whether it is given as a reason of the label ("because"); only cues are."""

    def __post_init__(self) -> None:
        names, states = KINDS.get(self.kind, ((), ()))
        if self.name not in names or self.state not in states or (self.is_reason and self.kind != "cue"):
            raise ValueError(
                f"no claim {self.kind!r} {self.name!r} {self.state!r}: see edgeaffect.explain.meaning.KINDS"
            )

    @property
    def token(self) -> str:
        """Its plan token."""
        return _TOKENS[self.kind, self.name, self.state]


OPPOSABLE = ("is_cue", "is_fact", "is_emotion")
"""Intents that may ask for the opposite."""
OWN_OPPOSITE = ("is_cue", "is_fact")
"""Those with a prefix token for it; of the others the decoder is asked as ever, and only the answer turns."""


@dataclass(frozen=True)
class Request:
    """What a question wants.

    Raises:
        ValueError: no such intent or slot, or an intent that knows no opposite.
    """

    intent: str
    slot: str = "none"
    present: bool = True
    """False when it asks for the opposite: "is the mouth closed" is `is_cue` of `mouth_open` with False, "she isn't
    sad, right" `is_emotion` of `sadness`."""

    def __post_init__(self) -> None:
        if not self.present and self.intent not in OPPOSABLE:
            raise ValueError(f"only {' and '.join(OPPOSABLE)} have an opposite; got {self.intent!r}")
        if self.intent not in INTENTS or self.slot not in SLOTS_OF[self.intent]:
            allowed = SLOTS_OF.get(self.intent, INTENTS)
            raise ValueError(f"no request {self.intent!r} about {self.slot!r}: choose one of {', '.join(allowed)}")


SLOTS_OF: dict[str, tuple[str, ...]] = {
    "explain": ("none",),
    "describe_region": ("all", *REGIONS),
    "is_cue": (*CUES, "brows_raised", "looking_sideways", "head_turned"),
    "is_fact": (*FACTS, "face_covered"),
    "is_emotion": (*EMOTIONS, *MOODS),
    "where_looking": ("none",),
    "why_not": EMOTIONS,
    "what_changed": ("none",),
    "how_sure": ("none",),
    "describe_visible": ("none",),
    "refuse": REASONS,
    "unclear": ("none",),
}
"""Intent -> the slots it can have."""

WHOLE_FACE = Request("describe_region", "all")
"""What a face does and what stands in the way of seeing it. People ask for both in the same words, "what do you see"
and "what is visible on her face", so `describe_visible` alone is nothing that a text asks."""


def parts_of(request: Request) -> tuple[Request, ...]:
    """What the decoder is asked for, one after the other, to answer a request."""
    return (request, Request("describe_visible")) if request == WHOLE_FACE else (request,)


BECAUSE = "<because>"
"""Plan token that opens reasons: cues up to the end of the sentence, or up to "so", are reasons."""


def _tokens() -> dict[tuple[str, str, str], str]:
    plain = {"cue": "{}{}", "fact": "{}{}", "emotion": "{}{}"}
    found = {}
    for kind, (names, states) in KINDS.items():
        for name in names:
            for state in states:
                text = plain.get(kind, kind + ":{}").format(name, MARKS[state])
                found[kind, name, state] = f"<{text}>"
    return found


_TOKENS = _tokens()
CLAIM_OF = {token: Claim(*key) for key, token in _TOKENS.items()}
"""Plan token -> the claim it stands for (without `is_reason`)."""
PLAN_TOKENS = (*CLAIM_OF, BECAUSE)
"""All plan tokens."""

PREFIX_TOKENS = tuple(
    f"[{name}]" for name in dict.fromkeys((*INTENTS, *(f"{name}:not" for name in OWN_OPPOSITE), *SLOTS, *BINS))
)
"""Tokens of a decoder's prefix: intents (with `:not` for the opposite), slots (and labels), bins."""


def prefix(request: Request, label: str, confidence: float) -> tuple[str, ...]:
    """Prefix of a decoder's sequence: `<bos> [intent] [slot] [label] [bin]`.

    Args:
        request: what is asked.
        label: one of `EMOTIONS`, from the affect stage.
        confidence: 0..1, from the affect stage.

    Raises:
        ValueError: no such label.
    """
    if label not in EMOTIONS:
        raise ValueError(f"label must be one of {', '.join(EMOTIONS)}; got {label!r}")
    is_opposite = not request.present and request.intent in OWN_OPPOSITE
    intent = f"{request.intent}:not" if is_opposite else request.intent
    return ("<bos>", f"[{intent}]", f"[{request.slot}]", f"[{label}]", f"[{bin_of(confidence)}]")


def bin_of(confidence: float) -> str:
    """The confidence in words: one of `BINS`."""
    return next((name for name, floor in zip(BINS, BIN_FLOORS, strict=True) if confidence >= floor), BINS[-1])


def view_of(top_vote: float) -> str:
    """How far observers would agree when the most frequent label has this share: one of `VIEWS`."""
    return "agree" if top_vote >= 0.8 else "mostly" if top_vote >= 0.6 else "split"
