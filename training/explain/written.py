"""Questions and statements that were written one by one, with what they mean: `written/*.txt`, and opened test sets.

A file holds headings and below each its lines: `# is_cue NAME yes|no`, `# is_fact`, `# is_emotion`, `# why_not NAME`,
`# describe_region NAME`, `# refuse REASON`, other intents alone; `# says NAME yes; NAME no` for statements and
`# says nothing` for those that no face can prove. They come from writers with other people in mind each (families and
teenagers, clinics and learners of English, guards and recruiters, engineers and painters, negations and rare words),
who saw neither the tables of wordings nor a test set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from edgeaffect.explain.cues import ASPECTS, FACTS
from edgeaffect.explain.meaning import OPPOSABLE, SLOTS_OF
from edgeaffect.explain.vocabulary import tokenize

from .wordings import STATEMENT, Wording, typed
from .wordings_asked import framed
from .wordings_draw import Draw

FOLDER = Path(__file__).parent / "written"
OPENED = Path(__file__).parents[2] / "tests" / "explain" / "elsewhere"
"""Folder of the opened test sets."""
LEARNT = (".", "second", "third", "fourth")
"""Those that the reader learns from; the others judge, and no line of theirs is learnt."""
DEVELOPMENT = "fifth"
"""The one of the others that temperatures are fitted to, and choices made by."""
_FRAMED = 0.25
_POLES = {"positive": "pleasant", "negative": "unpleasant", "high": "lively", "low": "calm"}
_HOLDS = {"yes": True, "no": False}


def written(folder: Path = FOLDER) -> list[Wording]:
    """All lines of a folder.

    Raises:
        ValueError: a heading that means nothing, naming file and line.
    """
    return [found for file in sorted(folder.glob("*.txt")) for found in _lines(file)]


def opened(names: Sequence[str], folder: Path = OPENED) -> list[Wording]:
    """Questions, their other wordings and statements of opened test sets."""
    found = []
    for name in names:
        groups = json.loads((folder / name / "paraphrases.json").read_text())
        rows = json.loads((folder / name / "questions.json").read_text())
        rows += [{**group, "text": text} for group in groups for text in group["texts"]]
        found += [question(row["text"], row["intent"], row["slot"] or "none", row["present"]) for row in rows]
        for row in json.loads((folder / name / "statements.json").read_text()):
            claims = {_POLES.get(claim["name"], claim["name"]): claim["present"] for claim in row["claims"]}
            found.append(_statement(row["text"], claims))
    return found


def apart(lines: Sequence[Wording], judged: Sequence[Wording]) -> list[Wording]:
    """Lines that stand in no set that judges: short ones meet by chance, and would be known by heart."""
    known = {tuple(tokenize(one.text)) for one in judged}
    return [one for one in lines if tuple(tokenize(one.text)) not in known]


def varied(found: Wording, rng: Random) -> Wording:
    """The same, typed otherwise or framed as people frame a question."""
    if found.intent not in (STATEMENT, "unclear") and rng.random() < _FRAMED:
        text = framed(Draw(rng), found.text.rstrip(" .?!"), found.intent, found.slot, {}).text
    else:
        text = found.text
    return found.with_text(typed(text, rng))


def _lines(file: Path) -> Iterator[Wording]:
    heading = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = " ".join(line.split())
        if text.startswith("# "):
            try:
                heading = _meaning(text[2:])
            except (KeyError, ValueError) as error:
                raise ValueError(f"{file.name}:{number}: no such heading: {text} ({error})") from None
        elif text and heading is None:
            raise ValueError(f"{file.name}:{number}: a line before the first heading: {text}")
        elif text and heading is not None:
            yield heading.with_text(text)


def _meaning(heading: str) -> Wording:
    kind, _, rest = heading.strip().partition(" ")
    if kind == "says":
        if rest == "nothing":
            return Wording("", "refuse", "none", is_whole=False)  # for a reason that nobody wrote down
        pairs = (part.split() for part in rest.split(";"))
        return _statement("", {name: _HOLDS[sign] for name, sign in pairs})
    name, _, sign = rest.partition(" ")
    return question("", kind, name or "none", _HOLDS[sign] if sign else None)


def question(text: str, intent: str, slot: str, present: bool | None) -> Wording:
    """A question; facts may be asked for as cues, as the test sets do.

    Raises:
        ValueError: the intent has no such slot.
    """
    if intent in OPPOSABLE:
        intent = "is_fact" if slot in FACTS or slot == "face_covered" else intent
        claims = {slot: present is not False}
    else:
        claims = {}
    if slot not in SLOTS_OF[intent]:
        raise ValueError(f"{intent} has no slot {slot}")
    return Wording(text, intent, slot, claims, is_whole=False)


def _statement(text: str, claims: dict[str, bool]) -> Wording:
    if not claims or not all(name in ASPECTS for name in claims):
        raise ValueError(f"claims must name {', '.join(ASPECTS)}; got {claims}")
    return Wording(text, STATEMENT, "none", claims)
