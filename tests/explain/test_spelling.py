import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.explain.outside import reason_outside
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
        ("he & she", "he and she"),
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


@pytest.mark.parametrize("text", [
    "\U0001f600\U0001f600 is she smiling?", "is she smiling\u202e?", "is she smi\u200bling?", "is she smi\x00ling?",
    "*is* **she** _smiling_?", "\uff29\uff33 \uff33\uff28\uff25 \uff33\uff2d\uff29\uff2c\uff29\uff2e\uff27\uff1f",
    '"is she smiling?"', "\u2764\ufe0f is she smiling?",
])  # fmt: skip
def test_decoration_changes_no_word(text):
    assert reading_words(text, VOCABULARY) == ["is", "she", "smiling", "?"]


def test_what_is_nothing_but_signs_stays_something():
    assert reading_words("\U0001f600", VOCABULARY) and reading_words("\x00", VOCABULARY)
    assert reading_words("isn\u00b4t", VOCABULARY) == ["is", "not"]


@pytest.mark.parametrize(("words", "reason"), [
    ("is her skin dark ?", "background"), ("is she dark ?", "background"), ("is there more than one face ?", "other"),
    ("is anybody else in the picture", "other"), ("is the picture dark ?", None), ("is the face dark ?", None),
    ("is there a face ?", None), ("are both eyes open ?", None),
])  # fmt: skip
def test_other_questions_in_the_words_of_facts(words, reason):
    assert reason_outside(words) == reason
