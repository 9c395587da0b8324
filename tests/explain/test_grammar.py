import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import CUE_TABLE, CUES, FACTS, cues_of, region_of
from edgeaffect.explain.forms import CLAUSE, NOUN, all_forms, expand
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.meaning import BINS, CLAIM_OF, KINDS, PLAN_TOKENS, SLOTS_OF, Claim, Request, bin_of, prefix
from edgeaffect.explain.parsing import ParseError, parse, plan_of, says_its_plan, words_of

CLAUSES = [(claims, words) for (claims, kind), wordings in all_forms().items() if kind == CLAUSE for words in wordings]

cue_claims = st.builds(Claim, st.just("cue"), st.sampled_from(CUES), st.sampled_from(("present", "absent", "unclear")))
reasons = st.builds(Claim, st.just("cue"), st.sampled_from(CUES), st.sampled_from(("present", "absent")), st.just(True))
labels = st.builds(
    lambda e, b: (Claim("emotion", e), Claim("bin", b)), st.sampled_from(EMOTIONS), st.sampled_from(BINS)
)
plain_emotions = st.builds(
    lambda e, s: (Claim("emotion", e, s),), st.sampled_from(EMOTIONS), st.sampled_from(("absent", "unclear"))
)


@st.composite
def headed(draw):
    """A label with its reasons before or behind it, or none."""
    head = draw(labels | plain_emotions)
    why = tuple(draw(st.lists(reasons, max_size=4)))
    return (*why, *head) if draw(st.booleans()) else (*head, *why)


@st.composite
def needs(draw):
    claims = []
    for name in draw(st.lists(st.sampled_from([n for n in CUES if ("cue", n, "missing") in KEYS]), max_size=3)):
        state = draw(st.sampled_from(("absent", "hidden", "unclear")))
        claims += [Claim("cue", name, "missing"), Claim("cue", name, state)]
    return tuple(claims)


KEYS = {(c.kind, c.name, c.state) for claims, _ in all_forms() for c in claims}
others = st.sampled_from(
    [c for c in CLAIM_OF.values() if (c.kind, c.name, c.state) in KEYS and c.kind not in ("emotion", "bin", "answer")]
    + [Claim("fact", name, state) for name in FACTS for state in ("present", "absent")]
).filter(lambda claim: claim.state != "missing")


@st.composite
def meanings(draw):
    start = draw(
        st.sampled_from([(), (Claim("answer", "yes"),), (Claim("answer", "no"),), (Claim("answer", "maybe"),)])
    )
    body = draw(st.one_of(headed(), st.lists(cue_claims, max_size=4).map(tuple), needs()))
    rest = tuple(draw(st.lists(others, max_size=4)))
    claims = (*start, *body, *rest)
    return claims or (Claim("none", "cue"),)


@settings(max_examples=400, deadline=None)
@given(meanings(), st.integers(0, 2**32))
def test_parse_is_the_inverse_of_realise(claims, seed):
    sequence = realise(claims, random.Random(seed))
    assert parse(words_of(sequence)) == claims
    assert plan_of(sequence) == claims
    assert says_its_plan(sequence)


def test_each_wording_alone_says_its_claims():
    for claims, words in CLAUSES:
        assert parse((*words, ".")) == claims


def test_several_hundred_clause_forms():
    assert len(CLAUSES) > 3000
    for name in CUES:
        for state, least in (("present", 6), ("absent", 4), ("unclear", 4), ("hidden", 4), ("began", 3), ("ended", 2)):
            assert len(all_forms()[(Claim("cue", name, state),), CLAUSE]) >= least, (name, state)


def test_absence_is_said_with_no_not_or_without():
    for (claims, _), wordings in all_forms().items():
        if len(claims) == 1 and claims[0].kind in ("cue", "fact", "emotion") and claims[0].state == "absent":
            for words in wordings:
                assert {"no", "not", "without"} & set(words), words


def test_no_wording_guesses_who_somebody_is_or_uses_he_or_she():
    never = {"he", "she", "his", "her", "him", "old", "young", "ill", "man", "woman", "sick", "lies", "because"}
    allowed = {"refuse", "fact"}
    for claims, words in CLAUSES:
        if claims[0].kind not in allowed:
            assert not never & set(words), words


@pytest.mark.parametrize("swap", [("smile", "present", "absent"), ("eyes_wide", "absent", "present")])
def test_a_swapped_plan_token_is_found(swap):
    name, said, promised = swap
    sequence = realise((Claim("cue", name, said),), random.Random(1))
    lie = Claim("cue", name, promised).token
    assert not says_its_plan([lie if token in PLAN_TOKENS else token for token in sequence])


@pytest.mark.parametrize("text", ["the mouth is happy .", "the mouth is open", "the the .", "because .", ". ."])
def test_what_the_grammar_does_not_know_is_refused(text):
    with pytest.raises(ParseError, match="at word"):
        parse(text.split())


def test_reasons_need_a_label():
    with pytest.raises(ValueError, match="emotion"):
        realise((Claim("cue", "smile", is_reason=True),), random.Random(0))
    with pytest.raises(ValueError, match="no claims"):
        realise((), random.Random(0))


def test_claims_and_requests_are_checked():
    for wrong in (("cue", "nose", "present"), ("fact", "glasses", "began"), ("mood", "x", "present")):
        with pytest.raises(ValueError, match="no claim"):
            Claim(*wrong)
    with pytest.raises(ValueError, match="no claim"):
        Claim("fact", "glasses", "present", is_reason=True)
    with pytest.raises(ValueError, match="choose one of"):
        Request("is_cue", "happiness")
    assert {Request(intent, slot).slot for intent, slots in SLOTS_OF.items() for slot in slots}


def test_plan_tokens_are_one_to_one():
    assert len(set(PLAN_TOKENS)) == len(PLAN_TOKENS)
    assert all(claim.token == token for token, claim in CLAIM_OF.items())
    assert len(CLAIM_OF) == sum(len(names) * len(states) for names, states in KINDS.values())


def test_prefix():
    assert prefix(Request("is_cue", "smile"), "fear", 0.6) == ("<bos>", "[is_cue]", "[smile]", "[fear]", "[probably]")
    assert [bin_of(v) for v in (1.0, 0.8, 0.79, 0.4, 0.39, -1.0)] == [
        "clearly", "clearly", "probably", "possibly", "hard", "hard",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="label must be one of"):
        prefix(Request("explain"), "joy", 0.6)


def test_expand():
    assert list(expand("a (b|) {x} c\n\n d", x=["1", "2"])) == ["a b 1 c", "a 1 c", "a b 2 c", "a 2 c", "d"]


def test_cue_table_is_consistent():
    for name, cue in CUE_TABLE.items():
        assert all(name in CUE_TABLE[other].excludes for other in cue.excludes), name
    assert cues_of("all") == CUES
    assert region_of("brows_raised") == "brows"
    assert region_of("happiness") is None
    with pytest.raises(ValueError, match="region must be"):
        cues_of("nose")
    assert NOUN != CLAUSE
