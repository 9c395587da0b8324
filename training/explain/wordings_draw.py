"""A text in the making, and clauses about one aspect, from the tables of wordings (training side only)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import MOODS

from . import wordings_aspects as aspects
from . import wordings_frames as frames
from . import wordings_more as more
from . import wordings_statements as said
from .wordings_colloquial import CUES_MORE
from .wordings_colloquial_facts import FACTS_MORE
from .wordings_colloquial_felt import FELT_MORE
from .wordings_people import person

MORE = {**CUES_MORE, **FACTS_MORE}

STATEMENT = "statement"
"""Intent of a text that claims something about the face."""

_IRREGULAR = {"have": "has", "do": "does", "go": "goes", "pass": "passes", "press": "presses", "express": "expresses"}
_GERUNDS = {"be": "being", "see": "seeing", "lie": "lying", "die": "dying", "open": "opening"}
_CHOICE = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True)
class Wording:
    """One text and what it means."""

    text: str
    intent: str
    slot: str = "none"
    claims: Mapping[str, bool] = field(default_factory=dict)
    """Aspect -> whether it is said (or asked) to be there."""
    is_whole: bool = True
    """Whether it says nothing of the aspects that `claims` does not name; False where nobody looked for more."""

    def with_text(self, text: str) -> Wording:
        """The same in other words."""
        return replace(self, text=text)


@dataclass
class Draw:
    """A text in the making."""

    rng: Random
    who: str = ""
    whose: str = ""
    several: bool = False

    def __post_init__(self) -> None:
        self.who, self.whose, self.several = person(self.rng)

    def choose(self, template: str) -> str:
        """The alternatives of a template, chosen."""
        template = re.sub(r"(\w)\(s\)", r"\1§", template)
        while _CHOICE.search(template):
            template = _CHOICE.sub(lambda found: self.rng.choice(found[1].split("|")), template)
        return template

    def agree(self, text: str, *, several: bool | None = None) -> str:
        """Puts in the person, the possessive and the verbs that agree."""
        text = re.sub(r"\bis S\b", "{be} S", re.sub(r"\bdoes S\b", "{do} S", text))
        words = text.split()
        marks = [i for i, word in enumerate(words) if re.match(r"(S\b|B\b)|.*\w\*$", word)]
        out = []
        for i, word in enumerate(words):
            near = min(marks, key=lambda m: (abs(m - i), m < i), default=None)
            many = self._is_many(words[near]) if several is None and near is not None else bool(several)
            out.append(self._word(word, many))
        return " ".join(out)

    def _is_many(self, mark: str) -> bool:
        return mark.endswith("*") or (mark.startswith("S") and self.several)

    def _word(self, word: str, many: bool) -> str:
        if word == "S":
            return self.who
        if re.match(r"S\W", word):  # S{'be}
            return self.who + self._word(word[1:], many)
        if word in ("B", "B*"):
            return self.whose
        verb = re.fullmatch(r"(.*)\{('?\w+'?t?1?)\}(.*)", word)
        if verb:
            return verb[1].replace("*", "") + self._verb(verb[2], many) + verb[3]
        return word.replace("*", "").replace("§", "" if many else "s")

    def _verb(self, name: str, many: bool) -> str:
        table = {
            "be": ("is", "are"), "Be": ("is", "are"), "is": ("is", "are"), "'be": ("'s", "'re"),
            "isn't": ("isn't", "aren't"),
            "do": ("does", "do"), "Do": ("does", "do"), "do1": ("does", "does"), "don't": ("doesn't", "don't"),
            "have": ("has", "have"), "Have": ("has", "have"),
        }  # fmt: skip
        if name in table:
            return table[name][many]
        return name if many else third_person(name)


def gerund(verb: str) -> str:
    """The form behind "stops"."""
    if verb in _GERUNDS:
        return _GERUNDS[verb]
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    is_short = re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", verb) is not None
    return verb + verb[-1] + "ing" if is_short else verb + "ing"


def third_person(verb: str) -> str:
    """The form behind "she"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if re.search(r"(s|sh|ch|x|z)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


@cache
def lines(table: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, table.splitlines())))


@cache
def items(aspect: str, key: str) -> tuple[tuple[str, str], ...]:
    """(subject, what) of `be` and `do`; ("", what) of `np`."""
    tables = [table[key] for table in (aspects.ASPECTS[aspect], MORE.get(aspect, {})) if key in table]
    if key.endswith("np"):
        return tuple(("", item.strip()) for table in tables for item in table.split(";") if item.strip())
    found = []
    for line in (line for table in tables for line in lines(table)):
        subject, items = line.split(":", 1)
        found += [(subject.strip(), item.strip()) for item in items.split(";") if item.strip()]
    return tuple(found)


@cache
def opposites(aspect: str) -> tuple[tuple[str, str, str], ...]:
    """(subject, what it is, its opposite)."""
    return tuple((s, a, b) for s, a in items(aspect, "be") for t, b in items(aspect, "-be") if s == t)


def seen(np: str) -> dict[str, str]:
    """`{np}`, `{n}`, `{any}` and `{is}` of what can be seen."""
    first, _, rest = np.partition(" ")
    bare = rest if first in ("a", "an", "the") else np
    many = first not in ("a", "an", "the", "no", "too", "only") and bool(re.search(r"s\b", bare.split(" of ")[0]))
    return {
        "np": np,
        "n": bare,
        "any": f"any {bare}",
        "is": "are" if many else "is",
        "isn't": "aren't" if many else "isn't",
    }


def fill(template: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return " ".join(template.split())


def _both(name: str) -> tuple[str, ...]:
    """A table of statements with what was added to it."""
    return (*getattr(said, name), *getattr(more, name))


_SAID = {
    kind: (_both(f"{kind.upper()}_NEG"), _both(f"{kind.upper()}_POS")) for kind in ("be", "do", "np", "look", "show")
}


def simple_statement(draw: Draw, aspect: str, holds: bool) -> str:
    """One clause that says that an aspect of the face holds, or that it does not."""
    if aspect in FELT:
        return _feeling(draw, aspect, holds)
    kinds = [key for key in ("be", "do", "np", "-be", "-do", "-np") if items(aspect, key)]
    weights = [0.45 if key.startswith("-") else 1.0 for key in kinds]
    key = draw.rng.choices(kinds, weights)[0]
    subject, what = draw.rng.choice(items(aspect, key))
    positive = holds != key.startswith("-")
    kind = key.removeprefix("-")
    template = draw.rng.choice(_SAID[kind][positive])
    return clause(draw, template, kind, subject, what)


def clause(draw: Draw, template: str, kind: str, subject: str, what: str) -> str:
    if kind == "np":
        return draw.agree(fill(draw.choose(template), seen(what)))
    several = "*" in subject or (subject == "S" and draw.several)
    verb, _, rest = what.partition(" ")
    values = {
        "s": subject, "c": what, "v": what, "v3": what if several else f"{third_person(verb)} {rest}",
        "ving": f"{gerund(verb)} {rest}".strip(),
        "adv": draw.rng.choice(said.ADVERBS),
    }  # fmt: skip
    return draw.agree(fill(draw.choose(template), values), several=several)


@cache
def felt(name: str, key: str) -> tuple[str, ...]:
    """Words of an emotion or mood: `adj`, `noun`, `do`, or their opposites behind a hyphen."""
    tables = [table[key] for table in (aspects.EMOTIONS[name], FELT_MORE[name]) if key in table]
    return tuple(item.strip() for table in tables for item in table.split(";") if item.strip())


def emotion_words(draw: Draw, name: str, tag: str = "") -> dict[str, str]:
    adjective, noun = draw.rng.choice(felt(name, "adj")), draw.rng.choice(felt(name, "noun"))
    bare = noun.split(" ", 1)[1] if noun.split(" ")[0] in ("a", "an", "no") else noun
    return {"adj" + tag: adjective, "noun" + tag: noun, "n" + tag: bare}


def _feeling(draw: Draw, name: str, holds: bool) -> str:
    values = {**emotion_words(draw, name), "adv": draw.rng.choice(said.ADVERBS)}
    roll, kind = draw.rng.random(), "look"
    if roll < 0.12:
        verb = draw.rng.choice(felt(name, "do"))
        return clause(draw, draw.rng.choice(_SAID["do"][holds]), "do", "S", verb)
    if felt(name, "-adj") and roll < 0.25:
        values["adj"] = draw.rng.choice(felt(name, "-adj"))
        holds = not holds
    elif roll >= 0.65:
        kind = "show"
    return draw.agree(fill(draw.choose(draw.rng.choice(_SAID[kind][holds])), values))


SEEN = (*aspects.ASPECTS,)
FELT = (*EMOTIONS, *MOODS)


def any_aspect(rng: Random) -> str:
    """An aspect that a text may be about."""
    return rng.choice(SEEN) if rng.random() < 0.7 else rng.choice(FELT)


_FILLS = {"M": frames.MACHINES, "X": frames.INSULTS, "D": frames.DEAR}


def frame(draw: Draw, table: str) -> str:
    """Something said before or behind a text, that means nothing for it."""
    words = []
    for word in draw.choose(draw.rng.choice(lines(table))).split():
        if word == "A":
            word = draw.rng.choice(felt(draw.rng.choice(FELT), "adj"))
        elif word in _FILLS:
            is_machine = word == "M" and draw.rng.random() < 0.5
            rude = draw.rng.choice(frames.MACHINE_ADJECTIVES) + " " if is_machine else ""
            word = rude + draw.rng.choice(_FILLS[word])
        words.append(word)
    return draw.agree(" ".join(words))
