import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.errors import SpecError
from edgeaffect.explain.forms import all_forms
from edgeaffect.explain.meaning import PLAN_TOKENS, PREFIX_TOKENS
from edgeaffect.explain.vocabulary import (
    BOS,
    EOS,
    PAD,
    Vocabulary,
    detokenize,
    grammar_version,
    speakable_words,
    tokenize,
)

VOCABULARY = Vocabulary(("grin", "naïve"), "pair")


@given(st.text(max_size=60))
def test_any_text_survives_the_round_trip(text):
    words = tokenize(text.encode("utf-8", "ignore").decode())
    assert VOCABULARY.decode(VOCABULARY.encode(words)) == words


def test_unknown_words_side_by_side_stay_apart():
    words = ["zebra", "xylophone", "smile", "😀", "grin"]
    assert VOCABULARY.decode(VOCABULARY.encode(words)) == words


def test_the_order_of_ids():
    assert tuple(map(VOCABULARY.id_of, ("<pad>", "<bos>", "<eos>"))) == (PAD, BOS, EOS)
    tokens = VOCABULARY.tokens
    assert tokens[4 : 4 + len(PREFIX_TOKENS)] == PREFIX_TOKENS
    assert tokens[VOCABULARY.words_begin : VOCABULARY.speakable_end] == speakable_words()
    assert tokens[VOCABULARY.words_begin - 1] == PLAN_TOKENS[-1]
    assert tokens[VOCABULARY.speakable_end] == "grin"
    assert tokens[-1] == "<0xFF>"
    assert len(VOCABULARY) == len(tokens)
    assert 300 < len(speakable_words()) < 1000


def test_every_wording_is_speakable_and_one_token_a_word():
    for wordings in all_forms().values():
        for words in wordings:
            ids = VOCABULARY.encode(words)
            assert len(ids) == len(words) and max(ids) < VOCABULARY.speakable_end
            assert tuple(tokenize(detokenize(words))) == words


def test_detokenize():
    assert (
        detokenize("hard to tell , i cannot . the face is dark .".split())  # noqa: SIM905
        == "Hard to tell, I cannot. The face is dark."
    )
    assert tokenize("Isn\u2019t \u201cshe\u201d smiling?!") == ["isn't", '"', "she", '"', "smiling", "?", "!"]
    assert detokenize([]) == ""


def test_file_round_trip():
    assert Vocabulary.from_json(VOCABULARY.to_json()) == VOCABULARY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "x"}, "schema"),
        ({"grammar": "0" * 12}, "grammar"),
        ({"reading": [1]}, "list of words"),
        ({"reading": ["smile"]}, "each word once"),
        ({"pair_id": 3}, "must be texts"),
    ],
)
def test_a_wrong_file_is_refused(change, message):
    with pytest.raises(SpecError, match=message):
        Vocabulary.from_json(json.dumps({**json.loads(VOCABULARY.to_json()), **change}))
    with pytest.raises(SpecError, match="cannot be read"):
        Vocabulary.from_json("{")


def test_wrong_ids_and_words():
    with pytest.raises(IndexError, match="ids go from 0"):
        VOCABULARY.decode([len(VOCABULARY)])
    with pytest.raises(KeyError):
        VOCABULARY.id_of("zebra")
    assert "smile" in VOCABULARY and "zebra" not in VOCABULARY
    assert VOCABULARY.decode(VOCABULARY.encode(["zebra"])[:-1]) == ["zebra"]
    assert len(grammar_version()) == 12
