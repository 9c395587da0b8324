"""Claims -> words: one of many wordings, with the plan tokens that say what each clause means.

A sequence is what the decoder speaks: each clause's plan tokens, then its joining words and its own words; a full stop
ends a sentence. `parsing.parse` is the inverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from .forms import CLAUSE, NOUN, Claims, all_forms
from .meaning import BECAUSE, Claim

BECAUSE_CLAUSE = ("because", "since", "as")
"""Words that open reasons said as clauses."""
BECAUSE_NOUN = ("because of", "given", "judging by", "with")
"""Words that open reasons said as nouns."""
AND = (", and", "and", "and", "while")
BUT = (", but", "but", ", yet")
SO = (", so", "and so")
"""Words that join a label to the reasons before it."""
STARTERS = ("also ,", "in addition ,", "at the same time ,", "besides ,")
"""Words that may open a sentence that goes on."""

_HARD_TO_TELL = Claim("answer", "maybe")
_ALONE = ("refuse", "rephrase", "none")


def realise(claims: Sequence[Claim], rng: Random) -> list[str]:
    """One wording of these claims, in their order: plan tokens and words.

    Args:
        claims: what to say. A `bin` behind a present emotion is said with it in one clause; reasons stand right before
            or right behind their emotion; an answer opens.
        rng: chooses the wording.

    Raises:
        ValueError: nothing to say, or a reason without an emotion beside it.
    """
    if not claims:
        raise ValueError("there are no claims to say: give at least one")
    sequence: list[str] = []
    for number, sentence in enumerate(_sentences(tuple(claims), rng)):
        sequence += _sentence(sentence, rng, goes_on=number > 0)
    return sequence


def units(claims: Claims) -> list[Claims]:
    """The claims of each clause: an emotion and its confidence are one."""
    found: list[Claims] = []
    for claim in claims:
        last = found[-1] if found else ()
        if claim.kind == "bin" and len(last) == 1 and last[0].kind == "emotion" and last[0].state == "present":
            found[-1] = (*last, claim)
        else:
            found.append((claim,))
    return found


def _sentences(claims: Claims, rng: Random) -> Iterator[list[Claims]]:
    """The clauses of each sentence."""
    sentence: list[Claims] = []
    longest = rng.choice((1, 2, 2, 3))
    for clause in units(claims):
        if sentence and not _may_join(sentence, clause, longest):
            yield sentence
            sentence, longest = [], rng.choice((1, 2, 2, 3))
        sentence.append(clause)
    yield sentence


def _may_join(sentence: list[Claims], clause: Claims, longest: int) -> bool:
    last, new = sentence[-1][0], clause[0]
    reasons = any(unit[0].is_reason for unit in sentence)
    emotion = any(unit[0].kind == "emotion" for unit in sentence)
    if last.kind == "answer":
        return new.kind not in (*_ALONE, "answer") or new.name == "cue"
    if new.is_reason:
        # Reasons of a label said before them, or reasons that their label follows.
        return last.is_reason or last.kind == "emotion"
    if reasons:
        return new.kind == "emotion" and not emotion
    if last.state == "missing":
        return new.kind == "cue" and new.name == last.name
    if new.state == "missing" or new.kind == "emotion" or last.kind == "emotion":
        return False
    spoken = sum(unit[0].kind != "answer" for unit in sentence)
    return spoken < longest and last.kind == new.kind and new.kind not in _ALONE


def _sentence(clauses: list[Claims], rng: Random, *, goes_on: bool) -> list[str]:
    sequence: list[str] = []
    reasons = [i for i, clause in enumerate(clauses) if clause[0].is_reason]
    named = [i for i, clause in enumerate(clauses) if clause[0].kind == "emotion"]
    if reasons and not named:
        raise ValueError("a reason needs its emotion right before it or right behind it")
    leads = bool(reasons) and named[0] > reasons[0]
    nouns, opener = _opener([clauses[i][0] for i in reasons], leads, rng) if reasons else (False, "")
    for i, clause in enumerate(clauses):
        previous = clauses[i - 1][0] if i else None
        if i in reasons and i == reasons[0]:
            sequence.append(BECAUSE)
            sequence += opener.split() if previous is None or previous.kind == "emotion" else (", " + opener).split()
            previous = None
        sequence += [claim.token for claim in clause]
        sequence += _joint(previous, clause[0], i, clauses, rng, opener=opener, goes_on=goes_on)
        forms = all_forms()
        bare = tuple(_bare(claim) for claim in clause)
        kind = NOUN if nouns and i in reasons else CLAUSE
        wordings = forms[bare, kind]
        if previous == _HARD_TO_TELL:  # which need not be said twice
            wordings = tuple(words for words in wordings if "hard" not in words) or wordings
        sequence += rng.choice(wordings)
    return [*sequence, "."]


def _opener(reasons: list[Claim], leads: bool, rng: Random) -> tuple[bool, str]:
    """Whether the reasons are said as nouns, and the word that opens them."""
    forms = all_forms()
    nouns = all(((_bare(claim),), NOUN) in forms for claim in reasons) and rng.random() < 0.4
    if nouns:
        absent = any(claim.state == "absent" for claim in reasons)
        return True, rng.choice(("given", "with") if absent else BECAUSE_NOUN)
    # "so" needs no word before the reasons: the label that follows says it.
    return False, rng.choice((*BECAUSE_CLAUSE, "", "") if leads else BECAUSE_CLAUSE)


def _joint(
    previous: Claim | None, new: Claim, i: int, clauses: list[Claims], rng: Random, *, opener: str, goes_on: bool
) -> list[str]:
    """The words between two clauses of a sentence, or before its first."""
    if previous is None:
        starts = goes_on and i == 0 and new.kind in ("cue", "fact") and not new.is_reason and new.state != "missing"
        return rng.choice(STARTERS).split() if starts and rng.random() < 0.15 else []
    if previous.kind == "answer":
        return [","]
    if new.kind == "emotion" and previous.is_reason:
        return (rng.choice(SO) if not opener else ",").split()
    if previous.state == "missing":
        return rng.choice(BUT).split()
    is_list = new.kind == previous.kind and new.is_reason == previous.is_reason
    more = i + 1 < len(clauses) and is_list and clauses[i + 1][0].kind == new.kind
    if more and clauses[i + 1][0].is_reason == new.is_reason:
        return [","]
    opposed = new.kind == previous.kind == "cue" and {new.state, previous.state} == {"present", "absent"}
    if opposed and not new.is_reason and rng.random() < 0.5:
        return rng.choice(BUT).split()
    joints = AND if new.kind == "cue" and not new.is_reason else AND[:3]
    return rng.choice(joints).split()


def _bare(claim: Claim) -> Claim:
    return Claim(claim.kind, claim.name, claim.state) if claim.is_reason else claim
