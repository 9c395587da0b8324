"""Free text -> words that the reader knows: contractions apart, slips of the finger mended, the rest in bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .vocabulary import Vocabulary, tokenize

_NOT = re.compile(
    r"(is|are|was|were|do|does|did|has|have|had|would|should|could|ca|can|wo|might|must|need|ai)n'?t",
)
_WHOLE = {"ca": "can", "wo": "will", "ai": "is"}
_TAILS = {"'re": "are", "'m": "am", "'ve": "have", "'ll": "will", "'d": "would"}
_SHORT = {
    "cannot": "can not", "cant": "can not", "aint": "is not", "dunno": "do not know", "gonna": "going to",
    "wanna": "want to", "lemme": "let me", "whats": "what 's", "thats": "that 's", "wheres": "where 's",
    "hows": "how 's",
    "hes": "he 's", "shes": "she 's", "theyre": "they are", "youre": "you are", "im": "i am", "u": "you", "r": "are",
    "pls": "please", "plz": "please",
}  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_APOSTROPHES = str.maketrans(dict.fromkeys("\u00b4\u02bc\u2032", "'"))
_STOPS = frozenset(".,;:?!'")
_UNSEEN = ("Cc", "Cf")  # control characters, joiners and marks of direction
_LEAST = 5  # a shorter word is too often another word with one letter changed


def reading_words(text: str, vocabulary: Vocabulary) -> list[str]:
    """The words of a text as the reader takes them.

    "isn't" becomes "is not", with and without its apostrophe; "she's" becomes "she 's"; parts of hyphenated words stand
    alone; an unknown word of five letters or more that is one slip away from a known one becomes that one. Characters
    nobody sees go, and so do signs that the vocabulary lacks (emoji, markup, quotes), unless nothing else is there.

    Args:
        text: any text.
        vocabulary: whose words are known.
    """
    words = tokenize(unicodedata.normalize("NFKC", visible(text).translate(_APOSTROPHES)).replace("&", " and "))
    said = [word for word in words if word in vocabulary or word in _STOPS or any(map(str.isalnum, word))]
    return [known for word in said or words or tokenize(text) for known in _known(word, vocabulary)]


def visible(text: str) -> str:
    """The text without control characters, joiners and marks of direction; spaces and new lines stay."""
    return "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)


def _known(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    if word in _SHORT:
        yield from _SHORT[word].split()
    elif negated := _NOT.fullmatch(word):
        stem = negated[1]
        yield from (_WHOLE.get(stem, stem), "not")
    elif "'" in word[1:]:
        head, _, tail = word.rpartition("'")
        yield from _known(head, vocabulary)
        yield _TAILS.get("'" + tail, "'" + tail)
    elif word in vocabulary or not word.isalpha():
        if "-" in word and word not in vocabulary:
            for part in filter(None, word.split("-")):
                yield from _known(part, vocabulary)
        else:
            yield word
    else:
        yield mended(word, vocabulary) if len(word) >= _LEAST else word


def mended(word: str, vocabulary: Vocabulary) -> str:
    """The known word that is one slip away (a letter too many, too few, wrong, or two swapped), or the word itself.

    Among several the one with the lowest id: speakable words, then the most frequent.
    """
    found = [candidate for candidate in _one_slip(word) if candidate in vocabulary]
    return min(found, key=vocabulary.id_of, default=word)


def _one_slip(word: str) -> Iterator[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    yield from (a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1)
    yield from (a + b[1:] for a, b in cuts if b)
    yield from (a + letter + b for a, b in cuts for letter in _LETTERS)
    yield from (a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS)
