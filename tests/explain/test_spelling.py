import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.explain.spelling import mended, reading_words
from edgeaffect.explain.vocabulary import Vocabulary

VOCABULARY = Vocabulary(("eyebrows", "she", "he", "good-looking"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Isn't she smiling?", "is not she smiling ?"),
        ("isnt she smiling", "is not she smiling"),
        ("She can\u2019t", "she can not"),
        ("won't cannot ain't", "will not can not is not"),
        ("she's the person's", "she 's the person 's"),
        ("they're wide-open", "they are wide open"),
        ("smilling eyebrosw", "smiling eyebrows"),
        ("good-looking", "good-looking"),
        ("xyzzyx", "xyzzyx"),
        ("plz u", "please you"),
        ("3 2-1", "3 2 1"),
    ],
)
def test_words(text, words):
    assert reading_words(text, VOCABULARY) == words.split()


@given(st.text(max_size=80))
def test_any_text_is_read(text):
    words = reading_words(text, VOCABULARY)
    assert all(word and not word.isspace() for word in words)
    ids = VOCABULARY.encode(words)
    assert all(0 <= i < len(VOCABULARY) for i in ids)


def test_short_words_and_known_words_stay():
    assert reading_words("ops mouth", VOCABULARY) == ["ops", "mouth"]
    assert mended("eyebrws", VOCABULARY) == "eyebrows"
    assert mended("qqqqqq", VOCABULARY) == "qqqqqq"
