"""Draws questions, and what a face cannot tell, from the tables of wordings (training side only)."""

from __future__ import annotations

import re
from random import Random

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import FACTS
from edgeaffect.explain.meaning import REASONS

from . import wordings_kinds as kinds
from . import wordings_more as more
from . import wordings_questions as asked
from . import wordings_refused as refused
from . import wordings_refused_more as refused_more
from . import wordings_refused_regions as regions
from . import wordings_statements as said
from .wordings_draw import (
    FELT,
    Draw,
    Wording,
    any_aspect,
    clause,
    emotion_words,
    felt,
    fill,
    frame,
    gerund,
    items,
    lines,
    opposites,
    seen,
    simple_statement,
)
from .wordings_frames import CLOSERS, FLIPS, OPENERS
from .wordings_pairs import ABOUT_CUES, AFTER, CHATTER, about_cue, described

_ASKS = {
    "be": (*asked.YES_NO_BE, *more.ASKED_BE), "do": (*asked.YES_NO_DO, *more.ASKED_DO),
    "np": (*asked.YES_NO_NP, *more.ASKED_NP),
}  # fmt: skip
_DENIES = {
    "be": (*asked.NOT_BE, *more.DENIED_BE), "do": (*asked.NOT_DO, *more.DENIED_DO),
    "np": (*asked.NOT_NP, *more.DENIED_NP),
}  # fmt: skip
_PLAIN = 0.22
"""Share of yes/no questions that are put plainly, so that what most people ask is understood best."""
_BY_PARTS, _SEEN_BY_PARTS = 0.2, 0.12
"""Shares of questions around which a part of the face is named: of those that a face cannot answer, and of yes/no."""
_CHATTER, _KINDS, _ABOUT = 0.14, 0.14, 0.14
"""Shares: of questions before which something else is said, of yes/no questions of `wordings_kinds`, of refusals about
what a cue means."""
_DESCRIBED = {"refuse": 0.12, "yes/no": 0.07, "open": 0.05}
"""Share of questions about a person who is named by a cue, or by what a face cannot tell."""
_LEADS, _TAILS = lines(regions.LEADS), lines(regions.TAILS)
_QUESTIONS = {
    key: (*lines(table), *lines(more.QUESTIONS_MORE.get(key, "")), *lines(kinds.QUESTIONS_KINDS.get(key, "")))
    for key, table in asked.QUESTIONS.items()
}
_REFUSED = {
    key: (
        *lines(table),
        *lines(refused_more.REFUSED_MORE[key]),
        *lines(regions.REFUSED_REGIONS[key]),
        *lines(kinds.REFUSED_KINDS[key]),
    )
    for key, table in refused.REFUSED.items()
}
_CLAIMED = {
    key: (*lines(table), *lines(refused_more.REFUSED_CLAIMS_MORE[key])) for key, table in refused.REFUSED_CLAIMS.items()
}


def yes_no(rng: Random) -> Wording:
    """A yes/no question about a cue, a fact or an emotion."""
    draw = _draw(rng, "yes/no")
    aspect = any_aspect(rng)
    if aspect in FELT:
        return _is_emotion(draw, aspect)
    if rng.random() < _KINDS:
        return _of_kinds(draw, aspect)
    if opposites(aspect) and rng.random() < 0.08:
        return _either(draw, aspect)
    if rng.random() < _PLAIN:
        return _plainly(draw, aspect)
    if rng.random() < 0.25:
        return _supposed(draw, aspect)
    kinds = [key for key in ("be", "do", "np", "-be", "-do", "-np") if items(aspect, key)]
    key = rng.choices(kinds, [0.5 if key.startswith("-") else 1.0 for key in kinds])[0]
    subject, what = rng.choice(items(aspect, key))
    kind, present = key.removeprefix("-"), not key.startswith("-")
    is_denied = rng.random() < 0.2
    table = (_DENIES if is_denied else _ASKS)[kind]
    text = clause(draw, draw.rng.choice(table), kind, subject, what)
    present = present != is_denied
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return framed(draw, text, intent, aspect, {aspect: present})


def _draw(rng: Random, kind: str) -> Draw:
    """A text about anybody, sometimes about one who is named by a cue."""
    draw = Draw(rng)
    if rng.random() < _DESCRIBED[kind]:
        draw.who, draw.whose, draw.several = described(rng), rng.choice(("her", "his", "their", "the")), False
    return draw


def _of_kinds(draw: Draw, aspect: str) -> Wording:
    """With a tag, about a doing that is left, or with a not in front that denies nothing."""
    rng, roll = draw.rng, draw.rng.random()
    found = [key for key in ("be", "be", "do", "np", "-be", "-do", "-np") if items(aspect, key)]
    key = rng.choice(found)
    subject, what = rng.choice(items(aspect, key))
    kind, present = key.removeprefix("-"), not key.startswith("-")
    doings = [what for by, what in items(aspect, "do") if by == "S"]
    if doings and roll < 0.25:
        verb, _, rest = rng.choice(doings).partition(" ")
        values = {"v": f"{verb} {rest}", "ving": f"{gerund(verb)} {rest}"}
        text, present = draw.agree(fill(draw.choose(draw.rng.choice(kinds.KEPT)), values)), False
    elif roll < 0.55:
        text = clause(draw, draw.rng.choice(kinds.POSITIVE_NEGATIVES[kind]), kind, subject, what)
    else:
        is_denied = rng.random() < 0.45
        said_so = clause(draw, draw.rng.choice(kinds.TAGGED[kind][is_denied]), kind, subject, what)
        text = f"{said_so}{rng.choice((' ,', ' ,', ''))} {rng.choice(kinds.TAGS[is_denied])}"
        present = present != is_denied
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return framed(draw, " ".join(text.split()), intent, aspect, {aspect: present})


def _plainly(draw: Draw, aspect: str) -> Wording:
    """The question as most people would put it: the first words of the tables, and nothing around them."""
    rng = draw.rng
    key = rng.choice([key for key in ("be", "be", "do", "np", "-be") if items(aspect, key)])
    subject, what = rng.choice(items(aspect, key)[:6])
    kind, present = key.removeprefix("-"), not key.startswith("-")
    is_denied = rng.random() < 0.12
    table = {"be": ("{Be} {s} {c}", "{Be} {s} not {c}"), "do": ("{Do} {s} {v}", "{Do} {s} not {v}")}
    line = table.get(kind, ("is there {np}", "is there no {n}"))[is_denied]
    text = clause(draw, line, kind, subject, what)
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return Wording(text + rng.choice(("?", "?", "")), intent, aspect, {aspect: present != is_denied})


def _supposed(draw: Draw, aspect: str) -> Wording:
    """Whether a statement, negated or not, is so."""
    holds = draw.rng.random() < 0.4  # what is asked without such a frame is mostly not negated
    text = draw.choose(draw.rng.choice(asked.SUPPOSED)).replace("{x}", simple_statement(draw, aspect, holds))
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return framed(draw, " ".join(text.split()), intent, aspect, {aspect: holds})


def _either(draw: Draw, aspect: str) -> Wording:
    """Whether the mouth is open or closed, say: asks for the first."""
    pairs = opposites(aspect)
    subject, first, second = draw.rng.choice(pairs)
    present = draw.rng.random() < 0.6
    if not present:
        first, second = second, first
    line = draw.rng.choice(
        ("{Be} {s} {a} or {b}", "{s} {a} or {b}", "{a} or {b} {s}", "tell me whether {s} {be} {a} or {b}")
    )
    text = fill(line, {"s": subject, "a": first, "b": second})
    several = "*" in subject or (subject == "S" and draw.several)
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return framed(draw, draw.agree(text, several=several), intent, aspect, {aspect: present})


def _is_emotion(draw: Draw, name: str) -> Wording:
    rng = draw.rng
    if rng.random() < _PLAIN:
        line = rng.choice(("{Be} {s} {c}", "{Be} {s} {c}", "{Do} {s} look {c}", "{Do} {s} seem {c}"))
        text = clause(draw, line, "be", "S", rng.choice(felt(name, "adj")[:5]))
        return Wording(text + rng.choice(("?", "?", "")), "is_emotion", name, {name: True})
    values = emotion_words(draw, name)
    roll, holds = rng.random(), True
    if roll < 0.14:
        holds = False
        text = draw.agree(fill(draw.choose(draw.rng.choice(more.EMOTION_DENIED)), {**seen(values["noun"]), **values}))
    elif roll < 0.2:
        holds = rng.random() < 0.4
        text = draw.choose(draw.rng.choice(asked.SUPPOSED)).replace("{x}", simple_statement(draw, name, holds))
    elif roll < 0.5:
        text = draw.agree(fill(draw.choose(draw.rng.choice(more.EMOTION_ASKED)), {**seen(values["noun"]), **values}))
    elif roll < 0.76:
        what = rng.choice(("{c}", "looking {c}", "feeling {c}")).replace("{c}", values["adj"])
        text = clause(draw, draw.rng.choice(_ASKS["be"]), "be", rng.choice(("S", "S", "B face")), what)
    elif roll < 0.88:
        what = rng.choice(("look", "seem", "feel", "appear")) + " " + values["adj"]
        text = clause(draw, draw.rng.choice(_ASKS["do"]), "do", "S", what)
    else:
        text = clause(draw, draw.rng.choice(_ASKS["np"]), "np", "", values["noun"])
    return framed(draw, " ".join(text.split()), "is_emotion", name, {name: holds})


def framed(draw: Draw, text: str, intent: str, slot: str, claims: dict[str, bool]) -> Wording:
    """The question as people put it, pressing, pleading, rude: frames mean nothing for it."""
    roll, rng = draw.rng.random(), draw.rng
    if intent in ("is_cue", "is_fact", "is_emotion") and rng.random() < _SEEN_BY_PARTS:
        text = _by_parts(draw, text)
    if roll < 0.14:
        text = draw.rng.choice(asked.WRAPPERS).replace("{q}", text)
    elif roll < 0.62:
        is_behind = rng.random() < 0.4
        if is_behind:
            text = f"{text} {frame(draw, CLOSERS)}"
        if not is_behind or rng.random() < 0.4:
            text = f"{frame(draw, OPENERS)} {text}"
        if rng.random() < 0.08:
            text = f"{frame(draw, OPENERS)} {text}"
    if rng.random() < _CHATTER:
        text = f"{frame(draw, CHATTER)} {text}" if rng.random() < 0.8 else f"{text} {frame(draw, AFTER)}"
    text = " ".join(text.replace("\\", "").split())
    if rng.random() < 0.75 and text[-1].isalnum():
        text += rng.choice(("?", "?", "?", " ?", "??", "?!", "!", ".", "?", "???"))
    return Wording(text, intent, slot, claims)


def open_question(rng: Random, key: str | None = None) -> Wording:
    """A question that is not answered by yes or no: of `QUESTIONS`."""
    draw = _draw(rng, "open")
    key = key or rng.choices(*_KEYS)[0]
    intent, _, slot = key.partition(":")
    line = draw.rng.choice(_QUESTIONS[key])
    text = draw.choose(line)
    claims: dict[str, bool] = {}
    if re.search(r"\b[EN]\b", text) or intent == "why_not":
        name = rng.choice(EMOTIONS)
        values = emotion_words(draw, name)
        text = re.sub(r"\bN\b", values["noun"], re.sub(r"\bE\b", values["adj"], text))
        claims = {name: intent != "why_not"}
        if intent == "why_not":
            slot = name
        elif re.search(r"\bF\b", text):
            other = rng.choice([emotion for emotion in EMOTIONS if emotion != name])
            text = re.sub(r"\bF\b", emotion_words(draw, other)["adj"], text)
            claims[other] = True
    text = draw.agree(text)
    if intent == "unclear":
        return Wording(text, intent, "none", {})
    return framed(draw, text, intent, slot or "none", claims)


_KEYS = (
    tuple(asked.QUESTIONS),
    [3.0 if key in ("explain", "why_not") else 1.0 if key == "unclear" else 1.5 for key in asked.QUESTIONS],
)


def refused_question(rng: Random, reason: str | None = None) -> Wording:
    """A question that a face cannot answer."""
    draw = _draw(rng, "refuse")
    reason = reason or rng.choices(_REFUSABLE, _REFUSED_WEIGHTS)[0]
    if reason in ABOUT_CUES and rng.random() < _ABOUT:
        return framed(draw, about_cue(draw, reason), "refuse", reason, {})
    line = draw.rng.choice(_REFUSED[reason])
    text = _with_feeling(draw, draw.choose(line))
    if rng.random() < _BY_PARTS:
        text = _by_parts(draw, text)
    return framed(draw, text, "refuse", reason, {})


def _by_parts(draw: Draw, text: str) -> str:
    """The question with a part of the face named before or behind it, which means nothing for what is asked."""
    is_lead = draw.rng.random() < 0.65
    words = draw.choose(draw.rng.choice(_LEADS if is_lead else _TAILS)).split()
    said = draw.agree(" ".join(draw.rng.choice(regions.PARTS) if word == "R" else word for word in words))
    return f"{said} {text}" if is_lead else f"{text} {said}"


def refused_claim(rng: Random, reason: str | None = None) -> Wording:
    """A statement that a face cannot prove."""
    draw = Draw(rng)
    reason = reason or rng.choices(_REFUSABLE, _REFUSED_WEIGHTS)[0]
    line = draw.rng.choice(_CLAIMED[reason])
    text = _with_feeling(draw, draw.choose(line))
    if rng.random() < 0.2:
        text = draw.rng.choice(said.KEEP).replace("{x}", text)
    elif rng.random() < 0.12:
        text = draw.rng.choice((*said.FLIP, *FLIPS)).replace("{x}", text)
    return Wording(text + rng.choice(("", ".", ".")), "refuse", reason, {})


_REFUSABLE = tuple(name for name in REASONS if name != "history")
_REFUSED_WEIGHTS = [2.0 if name in ("other", "motives", "health", "honesty") else 1.0 for name in _REFUSABLE]


def _with_feeling(draw: Draw, text: str) -> str:
    if re.search(r"\b[EN]\b", text):
        values = emotion_words(draw, draw.rng.choice(EMOTIONS))
        text = re.sub(r"\bN\b", values["noun"], re.sub(r"\bE\b", values["adj"], text))
    return draw.agree(text)
