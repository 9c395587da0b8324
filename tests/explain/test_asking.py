"""The part of a text that asks."""

from __future__ import annotations

import pytest

from edgeaffect.explain.asking import asking_part


@pytest.mark.parametrize(("text", "part"), [
    ("She looks gorgeous, but is she smiling?", "is she smiling?"),
    ("My neighbour is a doctor. Does she look angry to you?", "Does she look angry to you?"),
    ("Come on, hurry, does he smile at all?", "does he smile at all?"),
    ("Is he smiling? I am his mother and I need to know", "Is he smiling?"),
    ("Old camera, bad aim: is the face cut by the border?", "is the face cut by the border?"),
    ("It is me again - what do her brows do?", "what do her brows do?"),
])  # fmt: skip
def test_what_is_said_around_a_question_is_left_out(text: str, part: str) -> None:
    assert asking_part(text) == part


@pytest.mark.parametrize("text", [
    "Is she smiling?", "She isn't smiling, is she?", "Her mouth is open, isn't it?", "smiling, yes or no",
    "Why? Tell me!", "", "?", "He smiles, lips closed, eyes open", "Please, please!", "Dr. No?",
    "Is she smiling? \u200b \u200b \u200b", "Is she smiling? . . . ?",
])  # fmt: skip
def test_a_text_of_one_piece_stays(text: str) -> None:
    assert asking_part(text) == text


def test_the_part_of_a_part_is_the_part() -> None:
    part = asking_part("Hello robot! She is 45, so tell me, is she looking down?")
    assert part == "is she looking down?" == asking_part(part)


def test_no_text_takes_long() -> None:
    assert asking_part("is it so, " * 5000).split()
