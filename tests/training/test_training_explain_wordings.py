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
from training.explain.reader_data import examples
from training.explain.wordings import STATEMENT, statement, third_person, wording, yes_no
from training.explain.wordings_asked import _of_kinds, refused_question
from training.explain.wordings_draw import Draw
from training.explain.wordings_pairs import described
from training.explain.wordings_texting import learners, texted

CHATTERED = ("years married", "they say ", "a moment ago", "all day without a single", "in the old photo")


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


def test_what_is_said_before_a_question_does_not_tell_its_kind(many):
    texts = Counter(found.intent == "refuse" for found in many for start in CHATTERED if start in found.text.lower())
    assert min(texts[True], texts[False]) > 0.25 * texts.total() > 10


def test_a_tag_turns_nothing_and_what_is_left_undone_is_not_there():
    draws = [_of_kinds(Draw(Random(seed)), "smile") for seed in range(400)]
    undone = [found for found in draws if re.search(r"\b(fail|refus|declin|keep(s)? from|avoid)\w* ", found.text)]
    assert len(undone) > 20 and not any(found.claims["smile"] for found in undone)
    grins = [found for found in draws if re.search(r"isn't (that|there) (a|an) (\w+ )?(smile|grin)\b", found.text)]
    assert grins and all(found.claims["smile"] for found in grins)


def test_what_a_cue_means_is_refused_and_whom_it_names_does_not_decide():
    rng = Random(2)
    about = [refused_question(rng, "motives") for _ in range(300)]
    assert all(found.intent == "refuse" and not found.claims for found in about)
    assert sum("smil" in found.text or "grin" in found.text for found in about) > 5
    named = [described(rng) for _ in range(200)]
    assert len(set(named)) > 150 and all(" " in name and not set("{}§|*") & set(name) for name in named)


def test_in_a_hurry_the_words_stay_readable():
    rng = Random(4)
    written = {texted("Please, is she smiling at you?", rng) for _ in range(200)}
    assert len(written) > 5 and all("smilin" in text and re.search(r"at (you|u|ya)", text) for text in written)
    assert {learners("is the man near a tree", Random(seed)) for seed in range(20)} >= {"is man near tree"}


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
