"""Cuts a text into clauses with their places, so that some can be taken out and the rest still reads as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._checks import show

MAX_CHARACTERS = 20_000
"""Longest text that is cut; a description of a face is far shorter."""

# Runs of spaces are entered at their begin only: a search from each of them takes time that grows with their square.
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<!\s)\s*\n+\s*(?:[-*\u2022]\s+|\d+[.)]\s+)?")
_NO_END = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|mr|mrs|ms|dr|prof|fig|approx|cf|no)|\b[A-Za-z])\.\s*$", re.I)

# Words that only join a clause to what stands before it; one that comes to stand first loses them.
_LEADING = re.compile(
    r"^(?:because|since|although|though|while|whereas|but|yet|so|and|or|which|therefore|thus)\b[\s,]*", re.I
)
_MAYBE = "possibly|perhaps|likely|probably|maybe|presumably|apparently|most likely"
_HEDGE = re.compile(f"(?:{_MAYBE})$", re.I)
# A comma, semicolon, colon or dash ends a clause; so does a word that can only begin one.
_HARD = "because|although|though|whereas|which|suggesting|indicating|implying|conveying|hinting|due to|in response to"
_SOFT = "and|but|while|yet|with|as if|as though|without"
_BEHIND_SOFT = (
    "the|his|her|their|its|a|an|no|there|she|he|they|it|this|that|somebody|both|some|slightly|is|are|looks?|seems?|"
    "appears?|shows?|wears?|has|have|does|do|not|may|might|could|probably|possibly|clearly|wide|open|closed|raised|"
    "lowered|furrowed|parted|narrowed|eyes|brows|eyebrows|lips|mouth|feels?"
)
_CUT = re.compile(
    r"(?<!\s)(?:\s*[;:\u2014\u2013]\s+|\s+-\s+|\s*,\s+)"
    rf"|(?<!\bnot)(?<!\s)\s+(?=(?:(?:{_MAYBE})\s+)?(?:{_HARD})\b)"
    rf"|(?<!\s)\s+(?=(?:{_SOFT})\s+(?:{_BEHIND_SOFT})\b)",
    re.I,
)
_LEAST_WORDS = 2
_ABBREVIATION = 40  # characters that are looked through for one
_EDGE = re.compile(r"^[\s,;:\u2014\u2013-]+")
_ENDS = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2002\u2003\u2009\u202f\u3000,;:\u2014\u2013-"


@dataclass(frozen=True)
class Clause:
    """One piece of a text."""

    text: str
    """The words, without the punctuation around them."""
    begin: int
    """Where they begin in the text, in characters."""
    end: int
    """One past their last character."""
    sentence: int
    """Number of the sentence, from 0."""


def split(text: str) -> list[Clause]:
    """The clauses of a text, in order; each has a letter or a digit, and they do not overlap.

    Raises:
        TypeError: it is no text.
        ValueError: it is longer than `MAX_CHARACTERS`.
    """
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str; got {show(text)}")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text has at most {MAX_CHARACTERS} characters; got {len(text)}")
    clauses: list[Clause] = []
    for number, (begin, end) in enumerate(_sentences(text)):
        clauses += [Clause(text[b:e], b, e, number) for b, e in _clauses(text, begin, end)]
    return clauses


def keep(text: str, clauses: Sequence[Clause], kept: Iterable[bool]) -> str:
    """The text without the clauses that are not kept.

    A sentence of which nothing is kept goes with its full stop. What is left of a sentence begins with a capital, does
    not begin with a word that joined it to what went ("and", "because"), and ends as the sentence ended.

    Args:
        text: what was split.
        clauses: from `split`.
        kept: for each clause, whether it stays.

    Raises:
        ValueError: `kept` has another length than `clauses`.
    """
    flags = list(kept)
    if len(flags) != len(clauses):
        raise ValueError(f"there are {len(clauses)} clauses; got {len(flags)} answers")
    out, last = "", 0
    for begin, end, members in _by_sentence(text, clauses, flags):
        gap, last = text[last:begin], end
        if not any(stays for _, stays in members):
            continue
        whole = all(stays for _, stays in members)
        # A new line, with its bullet, stays one.
        out += gap if "\n" in gap else " " if out else ""
        out += text[begin:end].strip() if whole else _rest(text, end, members)
    return out.strip()


def _rest(text: str, end: int, members: list[tuple[Clause, bool]]) -> str:
    """What stays of one sentence."""
    out, previous = "", None
    for clause, stays in members:
        if not stays:
            previous = None
            continue
        words = clause.text
        if previous is not None:  # both stay: what stood between them stays too
            out += text[previous.end : clause.begin] + words
        elif out:
            joined = re.match(r"(?:and|but|while|yet|or|so)\b", words, re.I)
            out += (" " if joined else ", ") + words
        else:
            out = _LEADING.sub("", words) or words
        previous = clause
    last = re.search(r"[.!?][\"')\]]*\s*$", text[members[0][0].begin : end])
    tail = last[0].strip() if last else ""
    if not last or not out.endswith(tail):
        out += tail or ""
    return out[:1].upper() + out[1:]


def _by_sentence(
    text: str, clauses: Sequence[Clause], flags: list[bool]
) -> Iterable[tuple[int, int, list[tuple[Clause, bool]]]]:
    spans = _sentences(text)
    members: dict[int, list[tuple[Clause, bool]]] = {}
    for clause, stays in zip(clauses, flags, strict=True):
        members.setdefault(clause.sentence, []).append((clause, stays))
    for number, (begin, end) in enumerate(spans):
        if number in members:
            yield begin, end, members[number]


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, begin = [], 0
    for found in _SENTENCE_END.finditer(text):
        if "\n" not in found[0] and _NO_END.search(text[max(begin, found.start() - _ABBREVIATION) : found.start() + 1]):
            continue
        spans.append((begin, found.start()))
        begin = found.end()
    spans.append((begin, len(text)))
    return [(b, e) for b, e in spans if any(map(str.isalnum, text[b:e]))]


def _clauses(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    stop = end
    while stop > begin and text[stop - 1] in ".!?\"' ":
        stop -= 1
    edges = [begin, *(point for cut in _CUT.finditer(text, begin, stop) for point in (cut.start(), cut.end())), stop]
    pieces = [_trimmed(text, b, e) for b, e in zip(edges[::2], edges[1::2], strict=True)]
    joined: list[tuple[int, int]] = []
    hedge = None
    for b, e in pieces:
        if b >= e:
            continue
        if hedge is not None:
            b, hedge = hedge, None
        if _HEDGE.fullmatch(text[b:e]) and e < pieces[-1][0]:
            hedge = b
            continue
        # A single word ("wide", "slightly") says nothing alone: it stays with what stands before it.
        if joined and len(text[b:e].split()) < _LEAST_WORDS:
            joined[-1] = (joined[-1][0], e)
        else:
            joined.append((b, e))
    if len(joined) > 1 and len(text[joined[0][0] : joined[0][1]].split()) < _LEAST_WORDS:
        joined[:2] = [(joined[0][0], joined[1][1])]
    return joined


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    piece = text[begin:end]
    left = _EDGE.match(piece)
    if left and left.start() == 0 and left.end():
        begin += left.end()
        piece = text[begin:end]
    return begin, begin + len(piece.rstrip(_ENDS))
