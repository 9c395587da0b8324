"""`Speaker`: a request and a face -> words, token by token, each clause proved before anybody hears it.

Sequences are those of `grammar.realise`: a clause's plan tokens come before its words. The gate decides over plan
tokens, the model over words; at the end of each clause its words are parsed, and must mean what the plan promised. A
clause that does not is taken back, and the model goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .decoder import Cache, Decoder, Logits
from .forms import all_forms
from .gate import Gate
from .meaning import BECAUSE, CLAIM_OF, Claim
from .parsing import ParseError, parse, plan_of, words_of
from .vocabulary import EOS, Vocabulary, detokenize

# Clauses that are taken back before a text ends where it is.
_MOST_RETRIES = 4
_STOP = "."
_HEDGED = ("yes", "no")
_JOINING = 6  # "<because> <a+> , because of", "<a+> <b> at the same time ,"


@dataclass(frozen=True)
class Clause:
    """A clause whose words mean what its plan promised."""

    words: tuple[str, ...]
    """Its own words, with the joining ones before them."""
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Draft:
    """A text on its way."""

    ids: tuple[int, ...] = ()
    """All tokens behind the prefix."""
    clauses: tuple[Clause, ...] = ()
    """What is proved."""
    sentence: tuple[str, ...] = ()
    """Tokens of the sentence so far."""
    clause: tuple[str, ...] = ()
    """Tokens of the clause that is being spoken."""
    begin: int = 0
    """Where it begins in `ids`."""
    in_reasons: bool = False
    said: frozenset[str] = frozenset()
    """Plan tokens."""
    banned: frozenset[tuple[int, int]] = frozenset()
    """(Place, token) that led to a clause which did not mean what it promised."""
    is_done: bool = False
    is_stopped: bool = False
    """Whether the listener wanted no more."""
    hedge: tuple[str, ...] = ()
    """Words that stand behind its yes or no, which is only the likelier answer."""

    @property
    def words(self) -> list[str]:
        """The proved words."""
        words = [word for clause in self.clauses for word in clause.words]
        return [words[0], *self.hedge, *words[1:]] if self.hedge and words and words[0] in _HEDGED else words

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The proved claims."""
        return tuple(claim for clause in self.clauses for claim in clause.claims)

    @property
    def text(self) -> str:
        """The proved text; a sentence that is not finished gets its full stop."""
        words = self.words
        return detokenize(words if not words or words[-1] == _STOP else [*words, _STOP])


@dataclass
class Masks:
    """What may come where, added to logits: 0 or minus infinity."""

    gate: Gate
    vocabulary: Vocabulary
    width: int
    _plans: dict[bool, list[tuple[str, int]]] = field(init=False)
    _opening: list[tuple[str, int]] = field(init=False)
    _behind_answer: list[tuple[str, int]] = field(init=False)
    _words: NDArray[np.float32] = field(init=False)
    _mask: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        ids = self.vocabulary.id_of
        self._plans = {
            inside: [(token, ids(token)) for token in self.gate.tokens(in_reasons=inside)] for inside in (False, True)
        }
        self._opening = [(token, ids(token)) for token in self.gate.opening()]
        self._behind_answer = [(token, ids(token)) for token in self.gate.behind_answer()]
        self._words = np.full(self.width, -np.inf, np.float32)
        self._words[self.vocabulary.words_begin : self.vocabulary.speakable_end] = 0
        self._mask = np.empty(self.width, np.float32)

    def of(self, draft: Draft) -> NDArray[np.float32]:
        """[V], valid until the next call."""
        clause, mask = draft.clause, self._mask
        has_words = bool(clause) and not _is_plan(clause[-1])
        opens = clause == (BECAUSE,)
        if clause:
            mask[:] = self._words
        else:
            mask[:] = -np.inf
            if draft.clauses and not draft.sentence:
                mask[EOS] = 0
        if has_words or opens or not clause:
            for token, i in self._choices(draft):
                if token not in draft.said and (token != BECAUSE or not draft.in_reasons):
                    mask[i] = 0
        elif CLAIM_OF.get(clause[-1], _NONE).kind == "emotion":  # its confidence may be said in the same clause
            for token, i in self._plans[draft.in_reasons]:
                if CLAIM_OF.get(token, _NONE).kind == "bin" and token not in draft.said:
                    mask[i] = 0
        for place, banned in draft.banned:
            if place == len(draft.ids):
                mask[banned] = -np.inf
        return mask

    def _choices(self, draft: Draft) -> list[tuple[str, int]]:
        """Plan tokens at the begin of a clause."""
        if not draft.clauses and not draft.clause:
            return self._opening
        before = draft.clauses[0].claims if len(draft.clauses) == 1 and not draft.clause else ()
        if not draft.clauses and draft.clause[0] in CLAIM_OF:
            before = (CLAIM_OF[draft.clause[0]],)
        if before and before[0].kind == "answer" and (draft.clause or draft.sentence):
            return self._behind_answer
        return self._plans[draft.in_reasons]


_NONE = Claim("none", "cue")


def _is_plan(token: str) -> bool:
    return token in CLAIM_OF or token == BECAUSE


class Speaker:
    """Speaks with one decoder. Belongs to one thread.

    Args:
        decoder: that looks at a face already.
        vocabulary: whose tokens it speaks.
    """

    def __init__(self, decoder: Decoder, vocabulary: Vocabulary) -> None:
        self._decoder, self._vocabulary = decoder, vocabulary

    def greedy(self, prefix: Sequence[str], gate: Gate) -> Generator[Draft, None, None]:
        """The most likely token each time.

        Yields:
            The draft, after every token; the last one is done.
        """
        decoder, ids = self._decoder, self._vocabulary.encode(prefix)
        masks = Masks(gate, self._vocabulary, decoder.vocabulary)
        cache, logits = decoder.prefill(ids)
        scores = np.empty_like(logits)
        draft, retries = Draft(hedge=gate.hedge), 0
        try:
            while not draft.is_done:
                token = _best(np.add(logits, masks.of(draft), out=scores))
                ahead = None if token is None else self._advance(draft, token)
                is_full = len(ids) + len(draft.ids) + 1 >= decoder.longest
                if ahead is None or (is_full and not ahead.is_done):
                    retries += 1
                    if retries > _MOST_RETRIES or draft.begin == len(draft.ids):
                        yield self.cut(draft)
                        return
                    draft = self._back(draft)
                    decoder.release(cache)
                    cache, logits = decoder.prefill([*ids, *draft.ids])
                    continue
                draft = ahead
                yield draft
                if not draft.is_done:
                    logits = decoder.step(cache, draft.ids[-1])
        finally:
            decoder.release(cache)

    def beam(self, prefix: Sequence[str], gate: Gate, width: int, go_on: Callable[[], bool] = lambda: True) -> Draft:
        """The most likely of `width` hypotheses, by the mean log-probability of their tokens.

        Args:
            prefix: tokens before the text.
            gate: what may be said.
            width: hypotheses that are followed at once.
            go_on: asked before each step; False ends the search.

        Returns:
            A draft that is done; an empty one when no hypothesis could be finished.
        """
        decoder, ids = self._decoder, self._vocabulary.encode(prefix)
        masks = Masks(gate, self._vocabulary, decoder.vocabulary)
        cache, logits = decoder.prefill(ids)
        live: list[tuple[float, Draft, Cache, Logits]] = [(0.0, Draft(hedge=gate.hedge), cache, logits.copy())]
        finished: list[tuple[float, Draft]] = []
        try:
            while live and len(finished) < width and go_on():
                options = [option for hypothesis in live for option in self._options(*hypothesis, masks, width)]
                options.sort(key=lambda option: -option[0])
                old, live = [hypothesis[2] for hypothesis in live], []
                kept: list[tuple[float, Draft, Cache]] = []
                for score, draft, parent in options[:width]:
                    if draft.is_done:
                        finished.append((score / len(draft.ids), draft))
                    elif len(ids) + len(draft.ids) + 1 < decoder.longest:
                        kept.append((score, draft, parent))
                for unused in [parent for parent in old if all(parent is not used for _, _, used in kept)]:
                    decoder.release(unused)
                for number, (score, draft, parent) in enumerate(kept):
                    is_last = all(later is not parent for _, _, later in kept[number + 1 :])
                    own = parent if is_last else decoder.fork(parent)
                    live.append((score, draft, own, decoder.step(own, draft.ids[-1]).copy()))
        finally:
            for _, _, left, _ in live:
                decoder.release(left)
        return max(finished, key=lambda found: found[0])[1] if finished else Draft(is_done=True)

    def _options(
        self, score: float, draft: Draft, cache: Cache, logits: Logits, masks: Masks, width: int
    ) -> Iterator[tuple[float, Draft, Cache]]:
        """How a hypothesis may go on: its most likely tokens, without those that would break a clause."""
        masked = logits + masks.of(draft)
        if not np.isfinite(masked).any():
            return
        logs = masked - (masked.max() + np.log(np.exp(masked - masked.max()).sum()))
        for token in np.argsort(-logs, kind="stable")[:width].tolist():
            ahead = self._advance(draft, token) if np.isfinite(logs[token]) else None
            if ahead is not None:
                yield score + float(logs[token]), ahead, cache

    def _advance(self, draft: Draft, token: int) -> Draft | None:
        """The draft with one more token; None where that would end a clause which does not mean its plan."""
        word, ids = self._vocabulary.tokens[token], (*draft.ids, token)
        if token == EOS:
            return replace(draft, ids=ids, is_done=True)
        has_words = bool(draft.clause) and not _is_plan(draft.clause[-1])
        is_end = has_words and draft.clause != (BECAUSE,) and (word == _STOP or _is_plan(word))
        if is_end and any(part in CLAIM_OF for part in draft.clause):
            return self._closed(draft, token, word)
        if len(draft.clause) >= _longest_clause():
            return None
        said = draft.said | {word} if _is_plan(word) else draft.said
        return replace(
            draft, ids=ids, clause=(*draft.clause, word), said=said,
            begin=draft.begin if draft.clause else len(draft.ids), in_reasons=_inside(draft.in_reasons, word),
        )  # fmt: skip

    def _closed(self, draft: Draft, token: int, word: str) -> Draft | None:
        """The draft behind a clause that has ended, by a full stop or by the plan of the next one."""
        is_stop = word == _STOP
        sentence = (*draft.sentence, *draft.clause)
        if not means_its_plan((*sentence, _STOP), is_whole=is_stop):
            return None
        words = tuple(words_of((*draft.clause, _STOP) if is_stop else draft.clause))
        claims = plan_of((*((BECAUSE,) if draft.in_reasons else ()), *draft.clause))
        said = draft.said if is_stop else draft.said | {word}
        if is_stop:
            said = said - {BECAUSE}
        return Draft(
            ids=(*draft.ids, token),
            clauses=(*draft.clauses, Clause(words, claims)),
            sentence=() if is_stop else sentence,
            clause=() if is_stop else (word,),
            begin=len(draft.ids) + is_stop,
            in_reasons=not is_stop and _inside(draft.in_reasons, word),
            said=said,
            banned=draft.banned,
            hedge=draft.hedge,
        )

    def _back(self, draft: Draft) -> Draft:
        """The draft before the clause that failed, whose first token is not tried again."""
        begin = draft.begin
        again = draft.said - set(draft.clause)
        return replace(
            draft, ids=draft.ids[:begin], clause=(), said=again, banned=draft.banned | {(begin, draft.ids[begin])},
            in_reasons=_reasons_of(draft.sentence),
        )  # fmt: skip

    def cut(self, draft: Draft) -> Draft:
        """The draft's proved part; a sentence that means something else without its end is left out."""
        clauses = draft.clauses
        if draft.sentence and not means_its_plan((*draft.sentence, _STOP), is_whole=True):
            ends = [i + 1 for i, clause in enumerate(clauses) if clause.words[-1] == _STOP]
            clauses = clauses[: ends[-1]] if ends else ()
        return Draft(ids=draft.ids, clauses=clauses, is_done=True, hedge=draft.hedge)


def means_its_plan(sentence: Sequence[str], *, is_whole: bool) -> bool:
    """Whether the words of a sentence mean what its plan tokens promise.

    Args:
        sentence: tokens, with a full stop at the end.
        is_whole: whether it ends there; else only the claims must agree, and not which of them are reasons, as a later
            "so" may tell.
    """
    try:
        said, planned = parse(words_of(sentence)), plan_of(sentence)
    except ParseError:
        return False
    if is_whole:
        return said == planned
    return tuple(replace(claim, is_reason=False) for claim in said) == tuple(
        replace(claim, is_reason=False) for claim in planned
    )


@lru_cache(maxsize=1)
def _longest_clause() -> int:
    """Tokens of the longest clause: its words, joining ones, and plan tokens."""
    return max(len(words) for wordings in all_forms().values() for words in wordings) + _JOINING


def _inside(in_reasons: bool, word: str) -> bool:
    """Whether cues behind that token are reasons."""
    if word == BECAUSE:
        return True
    claim = CLAIM_OF.get(word)
    return in_reasons and not (claim is not None and claim.kind == "emotion")


def _reasons_of(sentence: Sequence[str]) -> bool:
    inside = False
    for token in sentence:
        inside = _inside(inside, token)
    return inside


def _best(scores: NDArray[np.float32]) -> int | None:
    """The most likely token; None where nothing may come, or the model gives no numbers."""
    token = int(np.argmax(scores))
    return token if np.isfinite(scores[token]) else None
