"""Draws questions and statements with their meaning from the tables of wordings (training side only)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import CUE_TABLE, FACTS, MOODS
from edgeaffect.explain.meaning import REASONS

from . import wordings_aspects as aspects
from . import wordings_questions as asked
from . import wordings_refused as refused
from . import wordings_statements as said

STATEMENT = "statement"
"""Intent of a text that claims something about the face."""

# (who, whose, several)
_PEOPLE: tuple[tuple[str, str, bool], ...] = (
    ("she", "her", False), ("he", "his", False), ("she", "her", False), ("he", "his", False), ("they", "their", True),
    ("this person", "this person's", False), ("the person", "the person's", False), ("the man", "his", False),
    ("the woman", "her", False), ("this man", "his", False), ("the girl", "her", False), ("the boy", "his", False),
    ("the guy", "his", False), ("the lady", "her", False), ("that guy", "his", False),
    ("this woman", "the woman's", False),
    ("somebody", "their", False), ("the subject", "the subject's", False), ("the individual", "their", False),
    ("my friend", "my friend's", False), ("the patient", "the patient's", False), ("the customer", "their", False),
    ("the driver", "the driver's", False), ("the student", "the student's", False), ("my son", "his", False),
    ("Anna", "Anna's", False), ("Peter", "his", False), ("the child", "the child's", False), ("my wife", "her", False),
    ("the face", "its", False), ("this face", "the", False), ("the person in the picture", "the", False),
    ("the user", "the user's", False), ("it", "the", False), ("she", "the", False), ("he", "the", False),
)  # fmt: skip

_IRREGULAR = {"have": "has", "do": "does", "go": "goes", "pass": "passes", "press": "presses", "express": "expresses"}
_CHOICE = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True)
class Wording:
    """One text and what it means."""

    text: str
    intent: str
    slot: str = "none"
    claims: Mapping[str, bool] = field(default_factory=dict)
    """Aspect -> whether it is said (or asked) to be there."""
    families: frozenset[str] = frozenset()
    """The tables' lines that it is made of; held out together."""


@dataclass
class _Draw:
    """A text in the making."""

    rng: Random
    families: set[str] = field(default_factory=set)
    who: str = ""
    whose: str = ""
    several: bool = False

    def __post_init__(self) -> None:
        self.who, self.whose, self.several = self.rng.choice(_PEOPLE)

    def pick(self, table: str, options: tuple[str, ...] | list[str]) -> str:
        """One line of a table; its family is remembered."""
        line = self.rng.choice(options)
        self.families.add(f"{table}:{line}")
        return line

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
            return verb[1] + self._verb(verb[2], many) + verb[3]
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


def third_person(verb: str) -> str:
    """The form behind "she"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if re.search(r"(s|sh|ch|x|z)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


@cache
def _lines(table: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, table.splitlines())))


@cache
def _items(aspect: str, key: str) -> tuple[tuple[str, str], ...]:
    """(subject, what) of `be` and `do`; ("", what) of `np`."""
    table = aspects.ASPECTS[aspect].get(key, "")
    if key.endswith("np"):
        return tuple(("", item.strip()) for item in table.split(";") if item.strip())
    found = []
    for line in _lines(table):
        subject, items = line.split(":", 1)
        found += [(subject.strip(), item.strip()) for item in items.split(";") if item.strip()]
    return tuple(found)


@cache
def _opposites(aspect: str) -> tuple[tuple[str, str, str], ...]:
    """(subject, what it is, its opposite)."""
    return tuple((s, a, b) for s, a in _items(aspect, "be") for t, b in _items(aspect, "-be") if s == t)


def _seen(np: str) -> dict[str, str]:
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


def _fill(template: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return " ".join(template.split())


def simple_statement(draw: _Draw, aspect: str, holds: bool) -> str:
    """One clause that says that an aspect of the face holds, or that it does not."""
    if aspect in EMOTIONS or aspect in MOODS:
        return _feeling(draw, aspect, holds)
    kinds = [key for key in ("be", "do", "np", "-be", "-do", "-np") if _items(aspect, key)]
    weights = [0.45 if key.startswith("-") else 1.0 for key in kinds]
    key = draw.rng.choices(kinds, weights)[0]
    subject, what = draw.rng.choice(_items(aspect, key))
    draw.families.add(f"{aspect}.{key}:{what}")
    positive = holds != key.startswith("-")
    kind = key.removeprefix("-")
    table = {"be": (said.BE_NEG, said.BE_POS), "do": (said.DO_NEG, said.DO_POS), "np": (said.NP_NEG, said.NP_POS)}[kind]
    template = draw.pick(kind + "+-"[not positive], table[positive])
    return _clause(draw, template, kind, subject, what)


def _clause(draw: _Draw, template: str, kind: str, subject: str, what: str) -> str:
    if kind == "np":
        return draw.agree(_fill(draw.choose(template), _seen(what)))
    several = "*" in subject or (subject == "S" and draw.several)
    verb, _, rest = what.partition(" ")
    values = {
        "s": subject, "c": what, "v": what, "v3": what if several else f"{third_person(verb)} {rest}",
        "adv": draw.rng.choice(said.ADVERBS),
    }  # fmt: skip
    return draw.agree(_fill(draw.choose(template), values), several=several)


def _emotion_words(draw: _Draw, name: str, tag: str = "") -> dict[str, str]:
    table = aspects.EMOTIONS[name]
    adjective = draw.pick(f"{name}.adj", tuple(item.strip() for item in table["adj"].split(";")))
    noun = draw.pick(f"{name}.noun", tuple(item.strip() for item in table["noun"].split(";")))
    bare = noun.split(" ", 1)[1] if noun.split(" ")[0] in ("a", "an", "no") else noun
    return {"adj" + tag: adjective, "noun" + tag: noun, "n" + tag: bare}


def _feeling(draw: _Draw, name: str, holds: bool) -> str:
    table = aspects.EMOTIONS[name]
    values = {**_emotion_words(draw, name), "adv": draw.rng.choice(said.ADVERBS)}
    roll = draw.rng.random()
    if roll < 0.12:
        verb = draw.pick(f"{name}.do", tuple(item.strip() for item in table["do"].split(";")))
        options = (said.DO_NEG, said.DO_POS)[holds]
        return _clause(draw, draw.pick("do" + "-+"[holds], options), "do", "S", verb)
    if "-adj" in table and roll < 0.25:
        values["adj"] = draw.pick(f"{name}.-adj", tuple(item.strip() for item in table["-adj"].split(";")))
        holds = not holds
        template = draw.pick("look" + "-+"[holds], (said.LOOK_NEG, said.LOOK_POS)[holds])
    elif roll < 0.65:
        template = draw.pick("look" + "-+"[holds], (said.LOOK_NEG, said.LOOK_POS)[holds])
    else:
        template = draw.pick("show" + "-+"[holds], (said.SHOW_NEG, said.SHOW_POS)[holds])
    return draw.agree(_fill(template, values))


def statement(rng: Random) -> Wording:
    """A statement about the face: one claim or two, negated or not, in or out of a wrapper."""
    draw = _Draw(rng)
    roll = rng.random()
    if roll < 0.58:
        aspect, holds = _aspect(rng), rng.random() < 0.5
        text, claims = simple_statement(draw, aspect, holds), {aspect: holds}
    elif roll < 0.72:
        text, claims = _joined(draw)
    elif roll < 0.8:
        text, claims = _compared(draw)
    elif roll < 0.87:
        text, claims = _seen_twice(draw)
    elif roll < 0.95:
        text, claims = _read_into(draw)
    else:
        line, claims = rng.choice(aspects.SEVERAL)
        draw.families.add(f"several:{line}")
        text, claims = draw.agree(line), dict(claims)
    text, claims = _wrapped(draw, text, claims)
    return Wording(text, STATEMENT, "none", claims, frozenset(draw.families))


def _wrapped(draw: _Draw, text: str, claims: dict[str, bool]) -> tuple[str, dict[str, bool]]:
    roll = draw.rng.random()
    if roll < 0.2:
        text = draw.pick("keep", said.KEEP).replace("{x}", text)
    elif roll < 0.34 and len(claims) == 1:
        text = draw.pick("flip", said.FLIP).replace("{x}", text)
        claims = {name: not holds for name, holds in claims.items()}
    if draw.rng.random() < 0.45 and text[-1].isalnum():
        text += draw.rng.choice((".", ".", "!", " .", "..."))
    return text, claims


_SEEN = (*aspects.ASPECTS,)
_FELT = (*EMOTIONS, *MOODS)


def _aspect(rng: Random) -> str:
    return rng.choice(_SEEN) if rng.random() < 0.7 else rng.choice(_FELT)


def _two(rng: Random, names: tuple[str, ...]) -> tuple[str, str]:
    """Two things that may be claimed in one sentence."""
    while True:
        first, second = rng.sample(names, 2)
        excluded = CUE_TABLE[first].excludes if first in CUE_TABLE else ()
        if second not in excluded and not {first, second} & {"no_face"}:
            return first, second


def _joined(draw: _Draw) -> tuple[str, dict[str, bool]]:
    rng = draw.rng
    first, second = _two(rng, _SEEN) if rng.random() < 0.6 else (rng.choice(_SEEN[:-1]), rng.choice(_FELT))
    claims = {first: rng.random() < 0.6, second: rng.random() < 0.6}
    x, y = (simple_statement(draw, name, holds) for name, holds in claims.items())
    return draw.pick("joined", said.JOINED).replace("{x}", x.rstrip(" .")).replace("{y}", y), claims


def _compared(draw: _Draw) -> tuple[str, dict[str, bool]]:
    first, second = draw.rng.sample(EMOTIONS, 2)
    line, one, two = draw.rng.choice(said.COMPARED)
    draw.families.add(f"compared:{line}")
    values = {**_emotion_words(draw, first), **_emotion_words(draw, second, "2")}
    return draw.agree(_fill(line, values)), {first: one, second: two}


def _seen_twice(draw: _Draw) -> tuple[str, dict[str, bool]]:
    first, second = _two(draw.rng, _SEEN)
    line, one, two = draw.rng.choice(said.SEEN_TWICE)
    draw.families.add(f"twice:{line}")
    a, b = draw.rng.choice(_items(first, "np"))[1], draw.rng.choice(_items(second, "np"))[1]
    draw.families |= {f"{first}.np:{a}", f"{second}.np:{b}"}
    one_values, two_values = _seen(a), _seen(b)
    values = {**one_values, **{key + "2": value for key, value in two_values.items()}}
    return draw.agree(_fill(line, values)), {first: one, second: two}


def _read_into(draw: _Draw) -> tuple[str, dict[str, bool]]:
    cue, emotion = draw.rng.choice(_SEEN[:-1]), draw.rng.choice(_FELT)
    line, holds = draw.rng.choice(said.READ_INTO)
    draw.families.add(f"into:{line}")
    np = draw.rng.choice(_items(cue, "np"))[1]
    draw.families.add(f"{cue}.np:{np}")
    text = _fill(line, {**_seen(np), **{k: v for k, v in _emotion_words(draw, emotion).items() if k != "n"}})
    return draw.agree(re.sub(r"(\w)\(s\)", r"\1§", text)), {cue: holds, emotion: True}


def yes_no(rng: Random) -> Wording:
    """A yes/no question about a cue, a fact or an emotion."""
    draw = _Draw(rng)
    aspect = _aspect(rng)
    if aspect in _FELT:
        return _is_emotion(draw, aspect)
    if _opposites(aspect) and rng.random() < 0.08:
        return _either(draw, aspect)
    if rng.random() < 0.25:
        return _supposed(draw, aspect)
    kinds = [key for key in ("be", "do", "np", "-be", "-do", "-np") if _items(aspect, key)]
    key = rng.choices(kinds, [0.5 if key.startswith("-") else 1.0 for key in kinds])[0]
    subject, what = rng.choice(_items(aspect, key))
    draw.families.add(f"{aspect}.{key}:{what}")
    kind, present = key.removeprefix("-"), not key.startswith("-")
    asks = {"be": asked.YES_NO_BE, "do": asked.YES_NO_DO, "np": asked.YES_NO_NP}
    denies = {"be": asked.NOT_BE, "do": asked.NOT_DO, "np": asked.NOT_NP}
    is_denied = rng.random() < 0.2
    table = (denies if is_denied else asks)[kind]
    text = _clause(draw, draw.pick("q" + kind, table), kind, subject, what)
    present = present != is_denied
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return _question(draw, text, intent, aspect, {aspect: present})


def _supposed(draw: _Draw, aspect: str) -> Wording:
    """Whether a statement, negated or not, is so."""
    holds = draw.rng.random() < 0.4  # what is asked without such a frame is mostly not negated
    text = draw.choose(draw.pick("supposed", asked.SUPPOSED)).replace("{x}", simple_statement(draw, aspect, holds))
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return _question(draw, " ".join(text.split()), intent, aspect, {aspect: holds})


def _either(draw: _Draw, aspect: str) -> Wording:
    """Whether the mouth is open or closed, say: asks for the first."""
    pairs = _opposites(aspect)
    subject, first, second = draw.rng.choice(pairs)
    present = draw.rng.random() < 0.6
    if not present:
        first, second = second, first
    draw.families |= {f"{aspect}.be:{first}", f"{aspect}.be:{second}"}
    line = draw.pick(
        "either", ("{Be} {s} {a} or {b}", "{s} {a} or {b}", "{a} or {b} {s}", "tell me whether {s} {be} {a} or {b}")
    )
    text = _fill(line, {"s": subject, "a": first, "b": second})
    several = "*" in subject or (subject == "S" and draw.several)
    intent = "is_fact" if aspect in FACTS or aspect == "face_covered" else "is_cue"
    return _question(draw, draw.agree(text, several=several), intent, aspect, {aspect: present})


def _is_emotion(draw: _Draw, name: str) -> Wording:
    values = _emotion_words(draw, name)
    adjectives = ("{c}", "looking {c}", "feeling {c}")
    roll = draw.rng.random()
    if roll < 0.6:
        what = draw.rng.choice(adjectives).replace("{c}", values["adj"])
        text = _clause(draw, draw.pick("qbe", asked.YES_NO_BE), "be", draw.rng.choice(("S", "S", "B face")), what)
    elif roll < 0.78:
        what = draw.rng.choice(("look", "seem", "feel", "appear")) + " " + values["adj"]
        text = _clause(draw, draw.pick("qdo", asked.YES_NO_DO), "do", "S", what)
    else:
        text = _clause(draw, draw.pick("qnp", asked.YES_NO_NP), "np", "", values["noun"])
    return _question(draw, text, "is_emotion", name, {name: True})


def _question(draw: _Draw, text: str, intent: str, slot: str, claims: dict[str, bool]) -> Wording:
    if draw.rng.random() < 0.35:
        text = draw.pick("wrap", asked.WRAPPERS).replace("{q}", text)
        if draw.rng.random() < 0.1:
            text = draw.pick("wrap", asked.WRAPPERS).replace("{q}", text)
    if draw.rng.random() < 0.75 and text[-1].isalnum():
        text += draw.rng.choice(("?", "?", "?", " ?", "??", "?!", "!", "."))
    return Wording(text, intent, slot, claims, frozenset(draw.families))


def open_question(rng: Random, key: str | None = None) -> Wording:
    """A question that is not answered by yes or no: of `QUESTIONS`."""
    draw = _Draw(rng)
    key = key or rng.choices(*_KEYS)[0]
    intent, _, slot = key.partition(":")
    line = draw.pick(key, _lines(asked.QUESTIONS[key]))
    text = draw.choose(line)
    claims: dict[str, bool] = {}
    if re.search(r"\b[EN]\b", text) or intent == "why_not":
        name = rng.choice(EMOTIONS)
        values = _emotion_words(draw, name)
        text = re.sub(r"\bN\b", values["noun"], re.sub(r"\bE\b", values["adj"], text))
        claims = {name: intent != "why_not"}
        if intent == "why_not":
            slot = name
        elif re.search(r"\bF\b", text):
            other = rng.choice([emotion for emotion in EMOTIONS if emotion != name])
            text = re.sub(r"\bF\b", _emotion_words(draw, other)["adj"], text)
            claims[other] = True
    text = draw.agree(text)
    if intent == "unclear":
        return Wording(text, intent, "none", {}, frozenset(draw.families))
    return _question(draw, text, intent, slot or "none", claims)


_KEYS = (
    tuple(asked.QUESTIONS),
    [3.0 if key in ("explain", "why_not") else 1.0 if key == "unclear" else 1.5 for key in asked.QUESTIONS],
)


def refused_question(rng: Random, reason: str | None = None) -> Wording:
    """A question that a face cannot answer."""
    draw = _Draw(rng)
    reason = reason or rng.choices(_REFUSABLE, _REFUSED_WEIGHTS)[0]
    line = draw.pick(f"refused.{reason}", _lines(refused.REFUSED[reason]))
    return _question(draw, _with_feeling(draw, draw.choose(line)), "refuse", reason, {})


def refused_claim(rng: Random, reason: str | None = None) -> Wording:
    """A statement that a face cannot prove."""
    draw = _Draw(rng)
    reason = reason or rng.choices(_REFUSABLE, _REFUSED_WEIGHTS)[0]
    line = draw.pick(f"claimed.{reason}", _lines(refused.REFUSED_CLAIMS[reason]))
    text = _with_feeling(draw, draw.choose(line))
    if rng.random() < 0.2:
        text = draw.pick("keep", said.KEEP).replace("{x}", text)
    elif rng.random() < 0.12:
        text = draw.pick("flip", said.FLIP).replace("{x}", text)
    return Wording(text + rng.choice(("", ".", ".")), "refuse", reason, {}, frozenset(draw.families))


_REFUSABLE = tuple(name for name in REASONS if name != "history")
_REFUSED_WEIGHTS = [2.0 if name in ("other", "motives", "health", "honesty") else 1.0 for name in _REFUSABLE]


def _with_feeling(draw: _Draw, text: str) -> str:
    if re.search(r"\b[EN]\b", text):
        values = _emotion_words(draw, draw.rng.choice(EMOTIONS))
        text = re.sub(r"\bN\b", values["noun"], re.sub(r"\bE\b", values["adj"], text))
    return draw.agree(text)


def wording(rng: Random) -> Wording:
    """A question or a statement of any kind."""
    roll = rng.random()
    if roll < 0.36:
        found = statement(rng)
    elif roll < 0.58:
        found = yes_no(rng)
    elif roll < 0.76:
        found = open_question(rng)
    elif roll < 0.91:
        found = refused_question(rng)
    else:
        found = refused_claim(rng)
    text = found.text
    if rng.random() < 0.07:
        text = misspelt(text, rng)
    if rng.random() < 0.3:
        text = text[:1].upper() + text[1:]
    return Wording(text, found.intent, found.slot, found.claims, found.families)


def misspelt(text: str, rng: Random) -> str:
    """The text with one slip of the finger in a longer word."""
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    i = rng.choice(long)
    word, at = words[i], rng.randrange(1, len(words[i]) - 1)
    words[i] = rng.choice((
        word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ))  # fmt: skip
    return " ".join(words)
