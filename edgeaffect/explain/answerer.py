"""`Answerer`: a request about a face -> the pieces of its answer, then the whole of it.

What is refused or unclear, and that there is no face, is said in fixed words (`answers.py`). Anything else the decoder
says, part by part, behind a gate that evidence holds; what no width of search can prove is hard to tell.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Sequence
from random import Random

from ..circumplex import EMOTIONS
from ..options import ExplainOptions
from .answers import FOREIGN_LABEL, NO_HISTORY, explanation, fixed, hard_to_tell, refused
from .content import plan
from .decoder import Decoder
from .evidence import Evidence
from .evidence_rules import EvidenceRules
from .gate import Gate
from .leaning import leaning
from .meaning import Request, parts_of, prefix
from .observer import Observer
from .parsing import HEDGE
from .sight import Sight
from .speak import Clause, Draft, Speaker
from .stream import Talking
from .vocabulary import Vocabulary, detokenize

_ABOUT_LABELS = ("explain", "is_emotion", "why_not", "how_sure")
# Hypotheses of further tries, where the one before proves no clause.
_WIDER = (4, 8)

Telling = Generator[str, object, Draft]
"""Pieces of a part of an answer, then its draft; sending False ends it."""


def widths(beam: int) -> tuple[int, ...]:
    """Hypotheses that are followed at once, in a first try with `beam` of them and in those after it."""
    return (beam, *_WIDER)


class Answerer:
    """Answers with one decoder. Belongs to one thread.

    Args:
        observer: looks at the face.
        decoder: speaks about it; it can follow as many hypotheses at once as the largest of `widths`.
        vocabulary: whose tokens it speaks.
        rules: of the bundle.
        options: how to speak.
    """

    def __init__(
        self, observer: Observer, decoder: Decoder, vocabulary: Vocabulary, rules: EvidenceRules,
        options: ExplainOptions,
    ) -> None:  # fmt: skip
        self._observer, self._decoder, self._speaker = observer, decoder, Speaker(decoder, vocabulary)
        self._rules, self._options = rules, options

    def answer(self, request: Request, sight: Sight) -> Talking:
        """Pieces of the answer, then the answer; sending False ends it. An empty piece asks whether to go on."""
        evidence, look = self._observer.observe(sight)
        if (yield "") is False:
            return explanation(evidence, "", ())
        why = _refusal(request, evidence)
        if why is not None:
            return refused(why, evidence)
        known = evidence.known
        if not known.has_face:
            text = fixed(request, known)
            yield text
            return explanation(evidence, text, (Clause(tuple(text.split()), plan(request, known, Random(0))),))
        self._decoder.look_at(look.memory)
        text, clauses, draft = "", tuple[Clause, ...](), Draft()
        for part in parts_of(request):
            draft = yield from self._tell(part, evidence, before=text)
            if draft.clauses:
                text, clauses = text + _behind(text, draft.text), (*clauses, *draft.clauses)
            if draft.is_stopped:
                break
        if clauses or draft.is_stopped:
            return explanation(evidence, text, clauses)
        unsure = hard_to_tell(evidence)
        yield unsure.text
        return unsure

    def _tell(self, request: Request, evidence: Evidence, before: str) -> Telling:
        """One sentence or a few about a face that the decoder looks at, behind those before."""
        known = evidence.known
        tokens = prefix(request, known.label, known.confidence)
        if not self._options.forced_label:
            tokens = (*tokens[:3], "[none]", *tokens[4:])
        gate, draft = self._gate(request, evidence), Draft(is_done=True)
        for width in widths(self._options.beam):
            if width == 1:
                draft = yield from self._greedy(tokens, gate, before)
            else:
                draft = yield from self._beam(tokens, gate, width, before)
            if draft.clauses or draft.is_stopped:
                break
        return draft

    def _gate(self, request: Request, evidence: Evidence) -> Gate:
        """Holds what evidence bears out, or leans to; open where it is switched off."""
        known = evidence.known
        if not self._options.gated:
            return Gate(request, known, is_open=True)
        leant = leaning(request, known, {**evidence.probabilities, **evidence.facts}, self._rules.leans)
        return Gate(request, leant, hedge=HEDGE if leant is not known else ())

    def _greedy(self, tokens: Sequence[str], gate: Gate, before: str) -> Telling:
        said, draft = "", Draft(is_done=True)
        drafts = self._speaker.greedy(tokens, gate)
        with contextlib.closing(drafts):
            for draft in drafts:
                text = draft.text if draft.is_done else detokenize(draft.words)
                piece, said = _behind(before if not said else "", text[len(said) :]), text
                if (yield piece) is False:
                    return dataclasses.replace(self._speaker.cut(draft), is_stopped=True)
        return draft

    def _beam(self, tokens: Sequence[str], gate: Gate, width: int, before: str) -> Telling:
        draft = self._speaker.beam(tokens, gate, width)
        is_stopped = bool(draft.clauses) and (yield _behind(before, draft.text)) is False
        return dataclasses.replace(draft, is_stopped=is_stopped)


def _refusal(request: Request, evidence: Evidence) -> str | None:
    """Why a request is not answered about this face; None where it is."""
    label = evidence.affect.label
    if request.intent == "what_changed" and evidence.known.changes is None:
        return NO_HISTORY
    if request.intent in ("refuse", "unclear"):
        return fixed(request, None)
    if evidence.known.label != label and request.intent in _ABOUT_LABELS:
        return FOREIGN_LABEL.format(label, ", ".join(EMOTIONS))
    return None


def _behind(before: str, text: str) -> str:
    """A text as it goes on behind another one."""
    return f" {text}" if before and text else text
