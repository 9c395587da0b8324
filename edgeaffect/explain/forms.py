"""Every wording of every claim: the tables of the grammar, written out.

A wording is a tuple of words; `CLAUSE` wordings can stand alone, `NOUN` wordings stand behind "because of" and "with".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..circumplex import EMOTIONS
from . import grammar_cues, grammar_emotions, grammar_facts
from .meaning import BINS, Claim

Words = tuple[str, ...]
Claims = tuple[Claim, ...]

CLAUSE, NOUN = "clause", "noun"

_CHOICE = re.compile(r"\(([^()]*)\)")
_STATE_KEYS = {"present": ("that", "more"), "absent": ("not",), "began": ("began",), "ended": ("ended",)}
_NOUN_KEYS = {"present": "noun", "absent": "no"}


def expand(table: str, **slots: Iterable[str]) -> Iterator[str]:
    """All texts that a table of templates stands for.

    Args:
        table: one template a line; `(a|b)` chooses, `{name}` is replaced by each text of that slot.
        slots: texts of each slot; a template with a slot that has none gives nothing.
    """
    for line in filter(None, map(str.strip, table.splitlines())):
        names = [name for name in re.findall(r"\{(\w+)\}", line)]
        filled = [line]
        for name in dict.fromkeys(names):
            filled = [text.replace("{" + name + "}", value) for text in filled for value in slots[name]]
        for text in filled:
            parts = _CHOICE.split(text)
            choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
            yield from (" ".join("".join(chosen).split()) for chosen in itertools.product(*choices))


@lru_cache(maxsize=1)
def all_forms() -> dict[tuple[Claims, str], tuple[Words, ...]]:
    """(Claims of one clause, `CLAUSE` or `NOUN`) -> its wordings, in a fixed order."""
    found: dict[tuple[Claims, str], list[Words]] = {}
    for claims, kind, texts in itertools.chain(_cues(), _facts(), _emotions(), _others()):
        found.setdefault((claims, kind), []).extend(tuple(text.split()) for text in texts)
    return {key: tuple(dict.fromkeys(words)) for key, words in found.items()}


Form = tuple[Claims, str, Iterable[str]]


def _cues() -> Iterator[Form]:
    for name, table in grammar_cues.CUES.items():
        that, missing = list(expand(table["that"])), list(expand(table.get("missing", "")))
        for state, keys in _STATE_KEYS.items():
            texts = [text for key in keys for text in expand(table[key])]
            yield (Claim("cue", name, state),), CLAUSE, texts
        for state, generic in grammar_cues.GENERIC.items():
            yield (Claim("cue", name, state),), CLAUSE, expand(generic, that=that, missing=missing)
        for state, key in _NOUN_KEYS.items():
            yield (Claim("cue", name, state),), NOUN, expand(table[key])
        if missing:
            yield (Claim("cue", name, "missing"),), CLAUSE, expand(grammar_emotions.NEED, missing=missing)


def _facts() -> Iterator[Form]:
    for name, table in grammar_facts.FACTS.items():
        for state, forms in table.items():
            yield (Claim("fact", name, state),), CLAUSE, expand(forms)


def _emotions() -> Iterator[Form]:
    for name in EMOTIONS:
        words = {
            "adj": list(expand(grammar_emotions.ADJECTIVES[name])),
            "noun": list(expand(grammar_emotions.NOUNS[name])),
            "bare": list(expand(grammar_emotions.BARE[name])),
        }
        for state, forms in grammar_emotions.EMOTION.items():
            yield (Claim("emotion", name, state),), CLAUSE, expand(forms, **words)
        for level in BINS:
            claims = (Claim("emotion", name), Claim("bin", level))
            yield claims, CLAUSE, expand(grammar_emotions.LABELLED[level], **words)
        yield (Claim("second", name),), CLAUSE, expand(grammar_emotions.SECOND, **words)


def _others() -> Iterator[Form]:
    tables = {
        "bin": grammar_emotions.BIN, "view": grammar_emotions.VIEW, "tone": grammar_emotions.TONE,
        "answer": grammar_emotions.ANSWER, "none": grammar_emotions.NONE, "refuse": grammar_emotions.REFUSE,
        "rephrase": {"question": grammar_emotions.REPHRASE},
    }  # fmt: skip
    for kind, table in tables.items():
        for name, forms in table.items():
            yield (Claim(kind, name),), CLAUSE, expand(forms)
