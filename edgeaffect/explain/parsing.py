"""Words -> claims: the inverse of the grammar, and the proof that a sequence says what its plan says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from .forms import CLAUSE, NOUN, Claims, Words, all_forms
from .grammar import AND, BECAUSE_CLAUSE, BECAUSE_NOUN, BUT, SO, STARTERS
from .meaning import BECAUSE, CLAIM_OF, PLAN_TOKENS, Claim

HEDGE = (",", "more", "likely", "than", "not")
"""What is said behind a yes or no that is only the likelier answer; it is no part of a meaning."""
_END = ""  # key of a trie's node that ends a wording
_PLAN = frozenset(PLAN_TOKENS)


class ParseError(ValueError):
    """A text is not of the grammar; the message says from where on."""


def parse(words: Sequence[str]) -> Claims:
    """What a text of the grammar says.

    Args:
        words: as `vocabulary.tokenize` gives them; plan tokens are left out before.

    Raises:
        ParseError: the text is not of the grammar.
    """
    words = tuple(words)
    if words[:1] in (("yes",), ("no",)) and words[1 : 1 + len(HEDGE)] == HEDGE:
        words = (words[0], *words[1 + len(HEDGE) :])
    return _Parser(words).run()


def words_of(sequence: Iterable[str]) -> list[str]:
    """A sequence's words, without plan tokens and specials."""
    return [token for token in sequence if token not in _PLAN and not _is_special(token)]


def plan_of(sequence: Iterable[str]) -> Claims:
    """The claims that a sequence's plan tokens promise."""
    claims: list[Claim] = []
    in_reasons = False
    for token in sequence:
        if token == BECAUSE:
            in_reasons = True
        elif token == ".":
            in_reasons = False
        elif token in CLAIM_OF:
            claim = CLAIM_OF[token]
            in_reasons = in_reasons and claim.kind != "emotion"
            claims.append(replace(claim, is_reason=True) if in_reasons and claim.kind == "cue" else claim)
    return tuple(claims)


def says_its_plan(sequence: Sequence[str]) -> bool:
    """Whether a sequence's words mean exactly what its plan tokens promise."""
    try:
        return parse(words_of(sequence)) == plan_of(sequence)
    except ParseError:
        return False


def _is_special(token: str) -> bool:
    return len(token) > 2 and ((token[0] == "<" and token[-1] == ">") or (token[0] == "[" and token[-1] == "]"))


@lru_cache(maxsize=1)
def _tries() -> dict[str, dict[str, Any]]:
    tries: dict[str, dict[str, Any]] = {CLAUSE: {}, NOUN: {}}
    for (claims, kind), wordings in all_forms().items():
        for words in wordings:
            node = tries[kind]
            for word in words:
                node = node.setdefault(word, {})
            if node.setdefault(_END, claims) != claims:
                raise ValueError(f"{' '.join(words)!r} says two things: {node[_END]} and {claims}")
    return tries


def _starts(texts: Iterable[str]) -> tuple[Words, ...]:
    return tuple(sorted({tuple(text.split()) for text in texts}, key=len, reverse=True))


_JOINTS = _starts((*AND, *BUT, ","))
_SO = _starts(SO)
_STARTERS = _starts(STARTERS)
_CLAUSE_OPENERS = _starts((*BECAUSE_CLAUSE, *(", " + word for word in BECAUSE_CLAUSE)))
_NOUN_OPENERS = _starts((*BECAUSE_NOUN, *(", " + word for word in BECAUSE_NOUN)))


class _Parser:
    """Reads one text, with backtracking: the longest wording first.

    Each step's state is (position, mode, what stands before in the sentence); a dead end is remembered.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._dead: set[tuple[object, ...]] = set()
        self._furthest = 0

    def run(self) -> Claims:
        found = self._sentence(0) if self._words else None
        if found is None:
            rest = " ".join(self._words[self._furthest :][:8])
            raise ParseError(f"the grammar does not know how to go on at word {self._furthest}: {rest!r}")
        return found

    def _sentence(self, at: int) -> Claims | None:
        """All claims from the begin of a sentence on."""
        if at == len(self._words):
            return ()
        for start in (*(at + len(s) for s in _STARTERS if self._has(at, s)), at):
            for mode, openers in ((NOUN, _NOUN_OPENERS), (CLAUSE, _CLAUSE_OPENERS)):
                for opener in openers:
                    if self._has(start, opener):
                        found = self._clauses(start + len(opener), mode, "reasons", ())
                        if found is not None:
                            return found
            found = self._clauses(start, CLAUSE, "", ())
            if found is not None:
                return found
        return None

    def _clauses(self, at: int, mode: str, inside: str, said: Claims) -> Claims | None:
        """Goes on with a clause at `at`; `said` are this sentence's claims so far, reasons marked."""
        # What a clause may lead to depends only on these.
        key = (at, mode, inside, any(claim.kind == "emotion" for claim in said))
        if key in self._dead:
            return None
        node, ends = _tries()[mode], []
        for end in range(at, len(self._words)):
            node = node.get(self._words[end], {})
            if not node:
                break
            if _END in node:
                ends.append((end + 1, node[_END]))
        self._furthest = max(self._furthest, at)
        for end, claims in reversed(ends):
            kind = claims[0].kind
            # An answer only opens a sentence; behind reasons comes their label.
            if (said and kind == "answer") or (inside == "label" and kind != "emotion" and said[-1].kind == "cue"):
                continue
            if inside == "reasons" and kind == "cue":
                claims = tuple(replace(claim, is_reason=True) for claim in claims)
            found = self._behind(end, mode, inside, (*said, *claims))
            if found is not None:
                return found
        self._dead.add(key)
        return None

    def _behind(self, at: int, mode: str, inside: str, said: Claims) -> Claims | None:
        """Goes on behind a clause: full stop, joint, reasons, or the label that reasons lead to."""
        if self._has(at, (".",)):
            rest = self._sentence(at + 1)
            return None if rest is None else (*said, *rest)
        last = said[-1]
        tries = []
        if last.kind == "answer":
            tries += [(at + len(o), NOUN, "reasons", said) for o in _NOUN_OPENERS if o[0] == "," and self._has(at, o)]
            tries += [
                (at + len(o), CLAUSE, "reasons", said) for o in _CLAUSE_OPENERS if o[0] == "," and self._has(at, o)
            ]
        if inside != "reasons" and any(claim.kind == "emotion" for claim in said):
            tries += [(at + len(o), NOUN, "reasons", said) for o in _NOUN_OPENERS if self._has(at, o)]
            tries += [(at + len(o), CLAUSE, "reasons", said) for o in _CLAUSE_OPENERS if self._has(at, o)]
        if inside == "reasons" and not any(claim.kind == "emotion" for claim in said) and self._has(at, (",",)):
            tries.append((at + 1, CLAUSE, "label", said))
        led = tuple(replace(claim, is_reason=True) if claim.kind == "cue" else claim for claim in said)
        tries += [(at + len(so), CLAUSE, "label", led) for so in _SO if self._has(at, so)]
        tries += [(at + len(joint), mode, inside, said) for joint in _JOINTS if self._has(at, joint)]
        for step in tries:
            found = self._clauses(*step)
            if found is not None:
                return found
        return None

    def _has(self, at: int, words: Words) -> bool:
        return self._words[at : at + len(words)] == words
