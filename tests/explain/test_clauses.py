import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.explain.clauses import MAX_CHARACTERS, keep, split

TEXT = (
    "The woman's furrowed brows and tightly pressed lips suggest frustration, possibly because she has received bad "
    "news. Her eyes are wide open, and her gaze is directed at the camera, indicating fear."
)
pieces = st.lists(
    st.sampled_from(
        [
            " ",
            ", ",
            ". ",
            "; ",
            "\n- ",
            "! ",
            "the mouth is open",
            "eyes",
            "because",
            "and",
            "e.g.",
            "wide",
            "(a)",
            "3.5",
            "é",
        ]
    ),
    max_size=30,
).map("".join)


@given(pieces | st.text(max_size=200))
def test_clauses_lie_in_order_and_cover_every_word(text):
    clauses = split(text)
    assert [text[c.begin : c.end] for c in clauses] == [c.text for c in clauses]
    assert all(a.end <= b.begin for a, b in pairwise(clauses))
    rest = list(text)
    for c in clauses:
        rest[c.begin : c.end] = " " * (c.end - c.begin)
    assert not any(map(str.isalnum, rest))


@given(pieces | st.text(max_size=200), st.data())
def test_what_is_kept_is_found_again_and_nothing_else(text, data):
    clauses = split(text)
    flags = data.draw(st.lists(st.booleans(), min_size=len(clauses), max_size=len(clauses)))
    rest = keep(text, clauses, flags)
    if not any(flags):
        assert rest == ""
    if clauses and all(flags):
        kept = "".join(filter(str.isalnum, rest))
        assert kept == "".join(filter(str.isalnum, text))


def test_an_explanation_of_another_model():
    clauses = split(TEXT)
    assert [c.text for c in clauses] == [
        "The woman's furrowed brows and tightly pressed lips suggest frustration",
        "possibly because she has received bad news",
        "Her eyes are wide open",
        "and her gaze is directed at the camera",
        "indicating fear",
    ]
    assert [c.sentence for c in clauses] == [0, 0, 1, 1, 1]
    assert keep(TEXT, clauses, [True, False, False, True, False]) == (
        "The woman's furrowed brows and tightly pressed lips suggest frustration. Her gaze is directed at the camera."
    )
    assert keep(TEXT, clauses, [False, False, True, False, True]) == "Her eyes are wide open, indicating fear."
    assert keep(TEXT, clauses, [True] * 5) == TEXT


def test_lists_keep_their_lines():
    text = "Cues:\n- Raised brows (AU1)\n- Parted lips, a frown\n\nSo: surprise, e.g. a shock."
    clauses = split(text)
    assert keep(text, clauses, [c.text != "a frown" for c in clauses]) == text.replace(", a frown", "")


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("...", 0), ("no", 1), ("Dr. Who smiles.", 1), ("It is 3.5 wide.", 1), ("She smiles, slightly.", 1)],
)
def test_edges(text, count):
    assert len(split(text)) == count


def test_errors():
    with pytest.raises(TypeError, match="must be a str"):
        split(3)
    with pytest.raises(ValueError, match="at most"):
        split("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(ValueError, match="1 clauses; got 2"):
        keep("a smile", split("a smile"), [True, True])


def test_a_not_stays_with_what_it_denies() -> None:
    text = "She seems happy, not because she is smiling."
    clauses = split(text)
    assert [clause.text for clause in clauses] == ["She seems happy", "not because she is smiling"]
    assert keep(text, clauses, [True, False]) == "She seems happy."


@pytest.mark.parametrize("text", [
    "a" + " " * 19_990 + "b", "a" + "\t " * 9_990 + ", b", ("a. " * 6_600) + "b", "a\n" * 9_999,
    "a" + ", " * 9_990 + "b",
])  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    begin = time.process_time()
    clauses = split(text)
    keep(text, clauses, [number % 2 == 0 for number in range(len(clauses))])
    assert time.process_time() - begin < 2  # seconds; with searches from every space a minute
