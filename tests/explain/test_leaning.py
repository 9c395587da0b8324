"""Yes/no questions about what is undecided: the likelier answer, said to be only probable."""

from __future__ import annotations

import dataclasses

import pytest

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.content import Known, answer_of
from edgeaffect.explain.cues import CUES, FACTS
from edgeaffect.explain.leaning import leaning
from edgeaffect.explain.meaning import Claim, Request
from edgeaffect.explain.parsing import HEDGE, ParseError, parse
from edgeaffect.explain.speak import Clause, Draft
from edgeaffect.explain.vocabulary import tokenize

LEANS = {"eyes_wide": 0.4, "inner_brows_raised": 0.3, "outer_brows_raised": 0.5, "glasses": 0.35}


def undecided(**changes: object) -> Known:
    unclear = ("eyes_wide", "inner_brows_raised", "outer_brows_raised")
    states = {name: "unclear" if name in unclear else "absent" for name in CUES} | {"mouth_open": "hidden"}
    votes = dict.fromkeys(EMOTIONS, 0.02) | {"sadness": 0.5, "fear": 0.3}
    known = Known(states, {**dict.fromkeys(FACTS, "absent"), "glasses": "unclear"}, "sadness", 0.5, votes, -0.1, 0.02)
    return dataclasses.replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("chance", "answer"), [(0.6, "yes"), (0.45, "yes"), (0.35, "no"), (0.405, "maybe")])
@pytest.mark.parametrize("name", ["eyes_wide"])
def test_the_likelier_side_answers(name: str, chance: float, answer: str) -> None:
    request, known = Request("is_cue", name), undecided()
    leant = leaning(request, known, {name: chance}, LEANS)
    assert answer_of(request, leant) == answer
    opposite = dataclasses.replace(request, present=False)
    other = answer_of(opposite, leaning(opposite, known, {name: chance}, LEANS))
    assert other == {"yes": "no", "no": "yes", "maybe": "maybe"}[answer]
    assert leant.state(name) == {"yes": "present", "no": "absent", "maybe": "unclear"}[answer]
    assert known.state(name) == "unclear"  # what is said unasked


@pytest.mark.parametrize("request_", [
    Request("is_cue", "mouth_open"), Request("is_cue", "smile"), Request("explain"), Request("describe_region", "eyes"),
])  # fmt: skip
def test_the_hidden_the_decided_and_what_is_not_asked_for_stay(request_: Request) -> None:
    known = undecided()
    assert leaning(request_, known, {"mouth_open": 0.9, "smile": 0.9, "eyes_wide": 0.9}, LEANS) is known


def test_nan_stays_hard_to_tell() -> None:
    request = Request("is_cue", "eyes_wide")
    assert answer_of(request, leaning(request, undecided(), {"eyes_wide": float("nan")}, LEANS)) == "maybe"


def test_a_composite_is_there_when_one_part_rather_is() -> None:
    request = Request("is_cue", "brows_raised")
    for inner, outer, answer in ((0.4, 0.4, "yes"), (0.2, 0.4, "no"), (0.2, 0.7, "yes")):
        chances = {"inner_brows_raised": inner, "outer_brows_raised": outer}
        assert answer_of(request, leaning(request, undecided(), chances, LEANS)) == answer


@pytest.mark.parametrize(("slot", "answer"), [
    ("sadness", "yes"), ("fear", "no"), ("unpleasant", "yes"), ("pleasant", "no"), ("lively", "no"), ("calm", "no"),
])  # fmt: skip
def test_feelings_follow_the_label_and_the_side_of_the_middle(slot: str, answer: str) -> None:
    request = Request("is_emotion", slot)
    assert answer_of(request, leaning(request, undecided(), {}, LEANS)) == answer


def test_a_label_that_is_hardly_told_and_a_tie_stay_hard_to_tell() -> None:
    sad, afraid = Request("is_emotion", "sadness"), Request("is_emotion", "fear")
    known = undecided(confidence=0.3)
    assert answer_of(sad, leaning(sad, known, {}, LEANS)) == "maybe"
    known = undecided(votes={**undecided().votes, "fear": 0.49})
    assert answer_of(afraid, leaning(afraid, known, {}, LEANS)) == "maybe"


def test_the_word_stands_behind_the_answer_and_means_nothing_more() -> None:
    claims = (Claim("answer", "yes"), Claim("cue", "smile"))
    clauses = (
        Clause(("yes",), claims[:1]),
        Clause((",", "the", "mouth", "is", "smiling", "."), claims[1:]),
    )
    draft = Draft(clauses=clauses, hedge=HEDGE)
    assert draft.text == "Yes, more likely than not, the mouth is smiling."
    assert Draft(clauses=clauses).text == "Yes, the mouth is smiling."
    assert parse(draft.words) == parse(Draft(clauses=clauses).words) == claims
    with pytest.raises(ParseError):
        parse(["the", "mouth", *HEDGE, "is", "smiling", "."])


def test_the_text_of_an_answer_is_read_without_that_word() -> None:
    words = tokenize("Yes, more likely than not, the mouth is smiling.")
    assert parse(words) == (Claim("answer", "yes"), Claim("cue", "smile"))
    # The grammar's own confidence stays one.
    said = parse(tokenize("Yes, probably, the face looks angry."))
    assert Claim("bin", "probably") in said
