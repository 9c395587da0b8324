"""Text metrics against cases counted by hand, and against properties that hold for any text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.evaluation.text_metrics import bleu, cider_d, rouge_l, words_of

_WORDS = st.sampled_from(["the", "mouth", "is", "open", "wide", "and", "smiling"])
_TEXTS = st.lists(_WORDS, min_size=4, max_size=12).map(" ".join)


def test_words_keep_apostrophes_and_hyphens_inside() -> None:
    assert words_of("It's half-open, isn't it?") == ["it's", "half-open", "isn't", "it"]


def test_bleu_of_the_paper_s_clipped_example() -> None:
    # Papineni et al. 2002, section 2.1: "the" seven times; at most two of them are in a reference.
    references = [["the cat is on the mat", "there is a cat on the mat"]]
    assert bleu(["the the the the the the the"], references, order=1) == pytest.approx(2 / 7)


def test_bleu_punishes_short_texts() -> None:
    # Three of three words and two of two pairs are right; the reference has five words: exp(1 - 5/3).
    assert bleu(["the mouth is"], [["the mouth is wide open"]], order=2) == pytest.approx(math.exp(1 - 5 / 3))


def test_rouge_l_by_hand() -> None:
    # Common subsequence "the is open": 3 of 4 words, 3 of 5 words of the reference.
    p, r, b2 = 3 / 4, 3 / 5, 1.44
    assert rouge_l("the jaw is open", ["the mouth is wide open"]) == pytest.approx((1 + b2) * p * r / (r + b2 * p))


def test_cider_of_one_word_that_is_common_to_all_is_nothing() -> None:
    # "the" stands in both texts' references, so that its weight is log(2 / 2) = 0.
    assert cider_d(["the", "the"], [["the smile"], ["the brow"]]) == 0.0


def test_cider_by_hand() -> None:
    # Two texts; unigrams "smile" and "brow" weigh log 2; the pair too; of four orders two exist, each with cosine 1.
    assert cider_d(["smile brow", "eye lid"], [["smile brow"], ["eye lid"]]) == pytest.approx(10 * 2 / 4)


@given(_TEXTS)
def test_a_text_equals_itself(text: str) -> None:
    assert bleu([text], [[text]]) == pytest.approx(1)
    assert rouge_l(text, [text]) == pytest.approx(1)


@given(_TEXTS, _TEXTS)
def test_scores_stay_in_their_range(a: str, b: str) -> None:
    assert 0 <= bleu([a], [[b]]) <= 1
    assert 0 <= rouge_l(a, [b]) <= 1
    assert 0 <= cider_d([a, b], [[b], [a]]) <= 10 + 1e-9


@pytest.mark.parametrize("references", [[], [[]]])
def test_a_text_without_references_is_an_error(references: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="references"):
        bleu(["a text"], references)
