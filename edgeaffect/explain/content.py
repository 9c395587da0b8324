"""What to say: from a request and what is known of a face to claims.

The decoder learns its choices from these; the template baseline and the fallback speak them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from .cues import ADMITTED, COMPOSITES, COVERED_BY, CUE_TABLE, FACTS, GAZE, MEASURED, cues_of, region_of
from .meaning import Claim, Request, bin_of, view_of

EVEN = 0.15
"""Valence and arousal up to here, in both directions, are neither pleasant nor unpleasant, lively nor calm."""
CO_VOTED = 0.25
"""An emotion with at least this share of votes cannot be ruled out."""

_LIMITS = ("mouth_covered", "eyes_covered", "brows_covered", "blurred", "dark", "profile", "cut_off")
_OTHER_STATE = {"present": "absent", "absent": "present"}
_ANSWERS = {"present": "yes", "absent": "no"}
_OTHER_ANSWER = {"yes": "no", "no": "yes"}

Claims = tuple[Claim, ...]


@dataclass(frozen=True)
class Known:
    """What is known of one face.

    Attributes:
        states: cue -> present, absent, unclear or hidden.
        facts: fact -> present, absent or unclear.
        label: from the affect stage.
        confidence: of the label, 0..1.
        votes: emotion -> expected share of observers.
        valence: -1..1.
        arousal: -1..1.
        reasons: label -> present cues that speak for it, the strongest first.
        missing: label -> cues that it mostly comes with and that are absent here, the most telling first.
        changes: cue -> whether it began (or else ended); None where nothing is known of the moments before.
        leans: what is answered where it would be "maybe" whether the face looks so; see `leaning`.
    """

    states: Mapping[str, str]
    facts: Mapping[str, str]
    label: str
    confidence: float
    votes: Mapping[str, float]
    valence: float = 0.0
    arousal: float = 0.0
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    changes: Mapping[str, bool] | None = None
    leans: str = "maybe"

    def state(self, name: str) -> str:
        """State of a cue, a fact or a composite: a composite is present when one part is, absent when all are."""
        if name in COMPOSITES:
            parts = {self.state(part) for part in COMPOSITES[name]}
            order = ("present", "hidden", "unclear")
            return next((state for state in order if state in parts), "absent")
        if name in CUE_TABLE:
            return self.states.get(name, "unclear") if name in MEASURED else "unclear"
        return self.facts.get(name, "unclear")

    def claim(self, name: str, *, is_reason: bool = False) -> Claim:
        """The claim of a cue or fact in its state."""
        kind = "cue" if name in CUE_TABLE else "fact"
        return Claim(kind, name, self.state(name), is_reason)

    def cues(self, names: Sequence[str], *states: str) -> list[str]:
        """Those of the cues that may be spoken of and are in one of the states."""
        return [name for name in names if name in MEASURED and self.state(name) in states]

    @property
    def second(self) -> str | None:
        """The emotion with most votes beside the label; None where hardly anybody would name one."""
        others = {name: share for name, share in self.votes.items() if name != self.label}
        best = max(others, key=lambda name: others[name], default=None)
        return best if best is not None and others[best] >= CO_VOTED / 2 else None

    @property
    def has_face(self) -> bool:
        """Whether there is anything to speak of."""
        return self.state("no_face") != "present"


def plan(request: Request, known: Known, rng: Random) -> Claims:
    """What to answer.

    Args:
        request: what is asked.
        known: what is known of the face.
        rng: chooses what is said beside the necessary.
    """
    if request.intent == "refuse":
        return (Claim("refuse", request.slot),)
    if request.intent == "unclear":
        return (Claim("rephrase", "question"),)
    if not known.has_face and request.slot != "no_face":
        asked = request.intent in ("is_cue", "is_fact", "is_emotion")
        return (*((Claim("answer", "maybe"),) if asked else ()), Claim("fact", "no_face"))
    return _PLANS[request.intent](request, known, rng)


def answer_of(request: Request, known: Known) -> str:
    """How the answer to a yes/no question begins: `yes`, `no` or `maybe`.

    Raises:
        ValueError: it is no yes/no question.
    """
    if request.intent == "is_emotion":
        answer = _is_emotion_answer(request.slot, known)
        return answer if request.present else _OTHER_ANSWER.get(answer, answer)
    if request.intent not in ("is_cue", "is_fact"):
        raise ValueError(f"only is_cue, is_fact and is_emotion are answered with yes or no; got {request.intent!r}")
    if not known.has_face and request.slot != "no_face":
        return "maybe"
    state = known.state(request.slot)
    if not request.present:
        state = _OTHER_STATE.get(state, state)
    return _ANSWERS.get(state, "maybe")


def tones_of(valence: float, arousal: float) -> tuple[str, str]:
    """Valence and arousal in words."""
    tone = "pleasant" if valence > EVEN else "unpleasant" if valence < -EVEN else "even"
    return tone, "lively" if arousal > EVEN else "calm" if arousal < -EVEN else "moderate"


def _is_emotion_answer(slot: str, known: Known) -> str:
    if not known.has_face:
        return "maybe"
    opposite = {"pleasant": "unpleasant", "unpleasant": "pleasant", "lively": "calm", "calm": "lively"}
    if slot in opposite:
        tones = tones_of(known.valence, known.arousal)
        return "yes" if slot in tones else "no" if opposite[slot] in tones else known.leans
    if slot == known.label:
        return "yes" if bin_of(known.confidence) in ("clearly", "probably") else known.leans
    return "maybe" if known.votes.get(slot, 0.0) >= CO_VOTED else "no"


def _label(known: Known) -> list[Claim]:
    return [Claim("emotion", known.label), Claim("bin", bin_of(known.confidence))]


def _reasons(known: Known, label: str, rng: Random, most: int = 3) -> list[Claim]:
    """Up to `most` admitted cues that are there and speak for the label, the strongest always among them."""
    names = [name for name in known.reasons.get(label, ()) if name in ADMITTED and known.state(name) == "present"]
    count = min(len(names), rng.randint(1, most))
    return [known.claim(name, is_reason=True) for name in names[:count]]


def _headed(known: Known, rng: Random, most: int = 3) -> list[Claim]:
    """The label with its reasons behind it or before it, or without when none stands out."""
    reasons = _reasons(known, known.label, rng, most)
    if not reasons:
        return _label(known)
    return [*_label(known), *reasons] if rng.random() < 0.7 else [*reasons, *_label(known)]


def _limits(known: Known) -> list[Claim]:
    """Facts that make a face hard to read."""
    return [Claim("fact", name) for name in _LIMITS if known.state(name) == "present"]


def _explain(request: Request, known: Known, rng: Random) -> Claims:
    claims = _headed(known, rng)
    extras = []
    if not any(claim.is_reason for claim in claims):
        extras.append([Claim("none", "cue")])
    if (limits := _limits(known)) and rng.random() < 0.8:
        extras.append(limits[:1])
    top, second = known.votes.get(known.label, 0.0), known.second
    doubt = bin_of(known.confidence) in ("possibly", "hard")
    if second and (doubt or known.votes[second] >= CO_VOTED) and rng.random() < 0.7:
        extras.append([Claim("second", second)])
    elif rng.random() < 0.3:
        extras.append([Claim("view", view_of(top))])
    said = {claim.name for claim in claims}
    others = [name for name in known.cues((*GAZE, *cues_of("head")), "present") if name not in said]
    if others and rng.random() < 0.3:
        extras.append([known.claim(rng.choice(others))])
    if rng.random() < 0.2:
        extras.append([Claim("tone", rng.choice(tones_of(known.valence, known.arousal)))])
    return (*claims, *(claim for extra in extras[:2] for claim in extra))


def _describe_region(request: Request, known: Known, rng: Random) -> Claims:
    region = request.slot
    names = cues_of(region)
    cover = next((fact for fact, place in COVERED_BY.items() if place == region), None)
    if cover and known.state(cover) == "present":
        return (Claim("fact", cover),)
    present = known.cues(names, "present")
    # What cannot be there beside what is there needs no word.
    excluded = {other for name in present for other in CUE_TABLE[name].excludes}
    absent = [name for name in known.cues(names, "absent") if name not in excluded]
    unclear = [name for name in known.cues(names, "unclear") if name not in excluded]
    if region == "all":
        return tuple(known.claim(name) for name in present[:4]) or (Claim("none", "cue"),)
    claims = [known.claim(name) for name in present[:3]]
    if region == "eyes" and known.state("glasses") == "present" and rng.random() < 0.5:
        claims.append(Claim("fact", "glasses"))
    room = (1 if present else 2) - (1 if len(claims) > 2 else 0)
    # A look that is not there is told only where it is asked for.
    told = [name for name in absent if name not in GAZE]
    claims += [known.claim(name) for name in rng.sample(told, min(room, len(told)))]
    if not claims:
        claims = [known.claim(name) for name in (unclear or names)[:1]]
    return tuple(claims)


def _parts(name: str, known: Known) -> list[Claim]:
    """The claims that show the state of a cue, fact or composite."""
    if name not in COMPOSITES:
        return [known.claim(name)]
    state = known.state(name)
    return [known.claim(part) for part in COMPOSITES[name] if known.state(part) == state][:2]


def _is_cue(request: Request, known: Known, rng: Random) -> Claims:
    answer = answer_of(request, known)
    state = known.state(request.slot)
    claims = _parts(request.slot, known)
    region = region_of(request.slot)
    cover = next((fact for fact, place in COVERED_BY.items() if place == region), None)
    if state == "hidden" and cover and known.state(cover) == "present" and rng.random() < 0.6:
        claims = [Claim("fact", cover)]
    if state == "absent" and request.slot in CUE_TABLE:
        instead = known.cues(CUE_TABLE[request.slot].excludes, "present")
        if instead and rng.random() < 0.4:
            claims.append(known.claim(instead[0]))
    return (Claim("answer", answer), *claims)


def _is_fact(request: Request, known: Known, rng: Random) -> Claims:
    return (Claim("answer", answer_of(request, known)), *_parts(request.slot, known))


def _is_emotion(request: Request, known: Known, rng: Random) -> Claims:
    answer = Claim("answer", answer_of(request, known))
    tones = tones_of(known.valence, known.arousal)
    if request.slot in ("pleasant", "unpleasant"):
        return (answer, Claim("tone", tones[0]), *(_headed(known, rng, 2) if rng.random() < 0.4 else ()))
    if request.slot in ("lively", "calm"):
        return (answer, Claim("tone", tones[1]), *(_headed(known, rng, 2) if rng.random() < 0.4 else ()))
    if request.slot == known.label:
        return (answer, *_headed(known, rng))
    state = "unclear" if answer.name == "maybe" else "absent"
    return (answer, Claim("emotion", request.slot, state), *(_headed(known, rng, 2) if rng.random() < 0.7 else ()))


def _where_looking(request: Request, known: Known, rng: Random) -> Claims:
    if known.state("eyes_covered") == "present":
        return (Claim("fact", "eyes_covered"),)
    if known.state("eyes_closed") == "present":
        return (known.claim("eyes_closed"),)
    found = known.cues(GAZE, "present")[:2]
    if not found:
        found = known.cues(("looking_at_camera",), "absent", "unclear", "hidden")
    head = known.cues(cues_of("head"), "present")
    return (*map(known.claim, found), *(known.claim(name) for name in head[:1] if rng.random() < 0.4))


def _why_not(request: Request, known: Known, rng: Random) -> Claims:
    if request.slot == known.label:
        return tuple(_headed(known, rng))
    state = "unclear" if known.votes.get(request.slot, 0.0) >= CO_VOTED else "absent"
    claims = [Claim("emotion", request.slot, state)]
    names = [name for name in known.missing.get(request.slot, ()) if name in ADMITTED]
    names = [name for name in names if known.state(name) in ("absent", "hidden", "unclear")]
    absent = [name for name in names if known.state(name) == "absent"]
    if absent and state == "absent" and rng.random() < 0.4:
        claims += [known.claim(name, is_reason=True) for name in absent[:2]]
    else:
        for name in names[: rng.randint(1, 2)]:
            claims += [Claim("cue", name, "missing"), known.claim(name)]
    if len(claims) == 1 or rng.random() < 0.3:
        claims += _headed(known, rng, 2)
    return tuple(claims)


def _what_changed(request: Request, known: Known, rng: Random) -> Claims:
    if known.changes is None:
        return (Claim("refuse", "history"),)
    names = [name for name in (*ADMITTED, *MEASURED) if name in known.changes]
    names = list(dict.fromkeys(names))[:3]
    found = [Claim("cue", name, "began" if known.changes[name] else "ended") for name in names]
    return tuple(found) or (Claim("none", "change"),)


def _how_sure(request: Request, known: Known, rng: Random) -> Claims:
    level = Claim("bin", bin_of(known.confidence))
    claims = [level] if rng.random() < 0.6 else _label(known)
    top, second = known.votes.get(known.label, 0.0), known.second
    claims.append(Claim("view", view_of(top)))
    if second and rng.random() < 0.7:
        claims.append(Claim("second", second))
    if (limits := _limits(known)) and rng.random() < 0.8:
        claims.append(limits[0])
    return tuple(claims)


def _describe_visible(request: Request, known: Known, rng: Random) -> Claims:
    found = [Claim("fact", name) for name in FACTS if known.state(name) == "present"][:3]
    if not found:
        found = [Claim("none", "fact")]
    if len(found) == 1 and known.state("glasses") == "absent" and rng.random() < 0.3:
        found.append(known.claim("glasses"))
    return tuple(found)


_PLANS: dict[str, Callable[[Request, Known, Random], Claims]] = {
    "explain": _explain,
    "describe_region": _describe_region,
    "is_cue": _is_cue,
    "is_fact": _is_fact,
    "is_emotion": _is_emotion,
    "where_looking": _where_looking,
    "why_not": _why_not,
    "what_changed": _what_changed,
    "how_sure": _how_sure,
    "describe_visible": _describe_visible,
}
