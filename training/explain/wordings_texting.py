# ruff: noqa: E501  (a table)
"""How people write in a hurry, or in a language they are learning (training side only)."""

from __future__ import annotations

import re
from random import Random

_SHORT = {
    "you": ("u", "ya"), "are": ("r",), "your": ("ur", "yr"), "please": ("pls", "plz"), "what": ("wat", "wut", "wot"), "why": ("y",),
    "the": ("da", "teh", "th"), "something": ("smth", "sth"), "because": ("cuz", "bc"), "people": ("ppl",), "picture": ("pic",), "really": ("rly", "realy"),
    "with": ("w", "wit"), "and": ("n", "an"), "this": ("dis",), "that": ("dat",), "photo": ("foto", "pic"), "camera": ("cam",),
    "about": ("bout", "abt"), "know": ("kno",), "does": ("duz", "dose"), "their": ("there", "thier"), "glasses": ("glases", "specs"),
    "open": ("opn",), "right": ("rite",), "to": ("2",), "for": ("4",), "years": ("yrs",), "before": ("b4",), "her": ("hr",), "want": ("wanna",),
}  # fmt: skip
_STRETCHED = ("please", "so", "very", "come", "no", "yes", "hey", "look")
_AUXILIARY = re.compile(r"(is|are|does|do|has) (?=(she|he|they|it|the|her|his|that|this)\b)", re.IGNORECASE)


def texted(text: str, rng: Random) -> str:
    """The text as somebody types it with a thumb."""
    if rng.random() < 0.5:
        text = re.sub(r"(\w)'(s|t|re|m|ve|ll|d)\b", r"\1\2", text)
    if rng.random() < 0.35:
        text = _AUXILIARY.sub("", text, count=1)
    words = []
    for word in text.split():
        plain = word.lower()
        if plain in _SHORT and rng.random() < 0.6:
            word = rng.choice(_SHORT[plain])
        elif plain in _STRETCHED and rng.random() < 0.2:
            at = rng.randrange(1, len(word))
            word = word[:at] + word[at - 1] * rng.randint(1, 3) + word[at:]
        elif re.fullmatch(r"\w{3,}ing", plain) and rng.random() < 0.5:
            word = word[:-1]
        words.append(word)
    text = " ".join(words)
    return re.sub(r"\s*[.?!]+$", "", text) if rng.random() < 0.5 else text


def learners(text: str, rng: Random) -> str:
    """The text without its articles, or without the s of "she smiles"."""
    if rng.random() < 0.7:
        text = re.sub(r"\b(a|an|the) (?=[a-z])", lambda found: "" if rng.random() < 0.8 else found[0], text)
    if rng.random() < 0.5:
        text = re.sub(r"\b(she|he|man|woman|boy|girl) (\w{3,}[^s\W])s\b", r"\1 \2", text)
    return text
