"""Corpus of the explainer: every question of every face is answered, and each answer says what its plan says."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

pytest.importorskip("training.explain.corpus", reason="training/ is only in the source tree")
from edgeaffect.explain.content import answer_of
from edgeaffect.explain.cues import ADMITTED, CUES, FACTS
from edgeaffect.explain.meaning import Request
from edgeaffect.explain.parsing import plan_of
from edgeaffect.explain.vocabulary import Vocabulary
from training.explain.corpus import Thresholds, known_faces, requests_of, sample, samples

HALF = Thresholds(np.array(0.3), np.array(0.7))


def faces(count=40, seed=0, changes=True):
    rng = np.random.default_rng(seed)
    cues = rng.random((count, len(CUES)))
    facts = rng.random((count, len(FACTS))) ** 3
    votes = rng.dirichlet(np.full(8, 0.4), count)
    contributions = rng.normal(0, 0.3, (count, 8, len(CUES)))
    affect = rng.uniform(-1, 1, (count, 2))
    before = (
        [{name: bool(rng.random() < 0.5) for name in rng.choice(CUES, 2)} for _ in range(count)] if changes else None
    )
    return list(
        known_faces(cues, facts, votes, affect, contributions, cue_limits=HALF, fact_limits=HALF, changes=before)
    )


def test_every_question_has_an_answer_that_says_its_plan():
    vocabulary, rng = Vocabulary(), Random(0)
    lengths = []
    for known in faces():
        for request in requests_of(known):
            found = sample(request, known, rng)
            assert plan_of(found.tokens) == found.claims
            ids = vocabulary.encode((*found.prefix, *found.tokens))
            assert len(ids) == len(found.prefix) + len(found.tokens) and max(ids) < vocabulary.speakable_end
            lengths.append(len(found.tokens))
    assert np.median(lengths) < 35
    assert max(lengths) < 96


def test_claims_agree_with_what_is_known():
    rng = Random(1)
    for known in faces(seed=1):
        for request in requests_of(known):
            claims = sample(request, known, rng).claims
            for claim in claims:
                if claim.kind in ("cue", "fact") and claim.state in ("present", "absent", "unclear", "hidden"):
                    assert known.state(claim.name) == claim.state
                if claim.is_reason:
                    assert claim.name in ADMITTED
                    assert claim.name in known.reasons[known.label] or claim.state == "absent"
                if claim.kind == "answer":
                    assert claim.name == answer_of(request, known)
                    assert claim == claims[0]
                if claim.kind == "cue" and claim.state in ("began", "ended"):
                    assert known.changes[claim.name] == (claim.state == "began")


def test_answers_turn_with_the_question():
    known = next(known for known in faces() if known.state("mouth_open") == "absent" and known.has_face)
    assert answer_of(Request("is_cue", "mouth_open"), known) == "no"
    assert answer_of(Request("is_cue", "mouth_open", present=False), known) == "yes"
    with pytest.raises(ValueError, match="yes or no"):
        answer_of(Request("explain"), known)


def test_nothing_known_of_before_is_said():
    found = sample(Request("what_changed"), faces(changes=False)[0], Random(0))
    assert "<refuse:history>" in found.tokens


def test_many_sentences_differ():
    rng = Random(2)
    known = faces()[3]
    texts = {found.tokens for _ in range(20) for found in samples(known, rng, 8)}
    assert len(texts) > 120


def test_wrong_shapes():
    zeros = np.zeros((2, 8))
    with pytest.raises(ValueError, match="shape"):
        next(known_faces(zeros, zeros, zeros, zeros, zeros, cue_limits=HALF, fact_limits=HALF))
