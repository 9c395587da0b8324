"""Draws questions and statements with their meaning from the tables of wordings (training side only)."""

from __future__ import annotations

from random import Random

from .wordings_asked import open_question, refused_claim, refused_question, yes_no
from .wordings_draw import STATEMENT, Wording, third_person
from .wordings_said import statement
from .wordings_texting import learners, texted

__all__ = ["STATEMENT", "Wording", "misspelt", "statement", "third_person", "typed", "wording", "yes_no"]


def wording(rng: Random) -> Wording:
    """A question or a statement of any kind."""
    roll = rng.random()
    if roll < 0.36:
        found = statement(rng)
    elif roll < 0.58:
        found = yes_no(rng)
    elif roll < 0.76:
        found = open_question(rng)
    elif roll < 0.91:
        found = refused_question(rng)
    else:
        found = refused_claim(rng)
    return found.with_text(typed(found.text, rng))


def typed(text: str, rng: Random) -> str:
    """The text as it may come off a keyboard: in a hurry, by a learner, with a slip, without its capital."""
    roll = rng.random()
    if roll < 0.09:
        text = texted(text, rng)
    elif roll < 0.13:
        text = learners(text, rng)
    if rng.random() < 0.07:
        text = misspelt(text, rng)
    if rng.random() < 0.3:
        text = text[:1].upper() + text[1:]
    return text


def misspelt(text: str, rng: Random) -> str:
    """The text with one slip of the finger in a longer word."""
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    i = rng.choice(long)
    word, at = words[i], rng.randrange(1, len(words[i]) - 1)
    words[i] = rng.choice((
        word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ))  # fmt: skip
    return " ".join(words)
