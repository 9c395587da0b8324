"""Wordings that the reader learns from: what they mean, what stays apart; and the parser of keywords."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import numpy as np
import pytest

pytest.importorskip("training.explain.corpus", reason="training/ is only in the source tree")
from edgeaffect.explain.cues import ASPECTS
from edgeaffect.explain.meaning import INTENTS, SLOTS_OF, Request
from edgeaffect.explain.vocabulary import Vocabulary
from training.explain import wordings_aspects as aspects
from training.explain.keywords import claims_of, parse_keywords
from training.explain.reader_data import examples, held_out
from training.explain.wordings import STATEMENT, statement, third_person, wording, yes_no


@pytest.fixture(scope="module")
def many():
    rng = Random(4)
    return [wording(rng) for _ in range(12_000)]


def test_every_wording_means_something_possible(many):
    for found in many:
        assert found.text.strip() and not set("{}§|*") & set(found.text), found
        assert not re.search(r"\b(S|B|E|N|F)\b", found.text), found
        assert set(found.claims) <= set(ASPECTS)
        if found.intent == STATEMENT:
            assert found.claims
        else:
            assert found.slot in SLOTS_OF[found.intent], found


def test_thousands_of_wordings_of_all_kinds(many):
    assert len({found.text for found in many}) > 11_000
    assert set(Counter(found.intent for found in many)) == {*INTENTS, STATEMENT}
    signs = Counter((name, holds) for found in many for name, holds in found.claims.items())
    assert all(signs[name, holds] > 10 for name in ASPECTS for holds in (True, False) if name != "no_face")
    assert {slot for found in many for slot in [found.slot]} >= {s for slots in SLOTS_OF.values() for s in slots} - {
        "history"
    }


def test_held_out_families_are_lines_not_fills(many):
    share = np.mean([any(map(held_out, found.families)) for found in many])
    assert 0.15 < share < 0.45
    assert held_out("a") == held_out("a")


def test_tables_cover_all_aspects():
    assert set(aspects.ASPECTS) | set(aspects.EMOTIONS) == set(ASPECTS)


def test_arrays(many):
    vocabulary = Vocabulary()
    found = examples(many[:50], vocabulary)
    assert found.tokens.shape == (50, 48) and found.claims.shape == (50, len(ASPECTS))
    for i, one in enumerate(many[:50]):
        assert {ASPECTS[k]: found.claims[i, k] == 1 for k in np.flatnonzero(found.claims[i])} == dict(one.claims)


def test_verbs():
    assert [third_person(v) for v in ("have", "do", "go", "carry", "gape", "press", "stay", "watch")] == [
        "has", "does", "goes", "carries", "gapes", "presses", "stays", "watches",
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_wordings():
    assert [statement(Random(3)) for _ in range(3)] == [statement(Random(3)) for _ in range(3)]
    assert yes_no(Random(1)) == yes_no(Random(1))


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("She is smiling.", {"smile": True}),
        ("She isn't smiling.", {"smile": False}),
        ("It is not true that she is not smiling.", {"smile": True}),
        ("Her mouth is closed.", {"mouth_open": False}),
        ("He looks angry.", {"anger": True}),
    ],
)
def test_keywords_know_the_plain_cases(text, claims):
    assert claims_of(text) == claims


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Is she smiling?", Request("is_cue", "smile")),
        ("Why not fear?", Request("why_not", "fear")),
        ("How old is he?", Request("refuse", "age")),
        ("Is he lying?", Request("refuse", "honesty")),
        ("What are her eyes doing?", Request("describe_region", "eyes")),
        ("What has changed?", Request("what_changed")),
        ("Does he wear glasses?", Request("is_fact", "glasses")),
    ],
)
def test_keywords_know_the_plain_questions(text, request_):
    assert parse_keywords(text).request == request_
