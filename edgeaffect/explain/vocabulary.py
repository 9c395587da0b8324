"""Words and numbers: a closed vocabulary that is spoken, a larger one that is read, and bytes for everything else.

Order of the ids: specials, prefix tokens, plan tokens, speakable words, reading words, bytes. A decoder's output covers
the ids up to the last speakable word (`speakable_end`), a reader's input all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .._checks import show
from .._json import load_json
from ..errors import SpecError
from .forms import all_forms
from .grammar import AND, BECAUSE_CLAUSE, BECAUSE_NOUN, BUT, SO, STARTERS
from .meaning import PLAN_TOKENS, PREFIX_TOKENS

SCHEMA = "edgeaffect.vocabulary/1"
SPECIALS = ("<pad>", "<bos>", "<eos>", "<end>")
"""`<end>` closes a word that is spelt in bytes."""
PAD, BOS, EOS, END = range(4)

MAX_WORDS = 65_000
_BYTES = 256
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*|[^\sa-z0-9]")
_SAME = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_NO_SPACE_BEFORE = frozenset(",.;:?!)")
_NO_SPACE_BEHIND = frozenset("(")
_ENDS = frozenset(".?!")


def tokenize(text: str) -> list[str]:
    """Lower-case words and single punctuation marks; apostrophes and hyphens inside a word stay."""
    return _WORD.findall(text.translate(_SAME).lower())


def detokenize(words: Iterable[str]) -> str:
    """Text with capitals at the begin of sentences and usual spaces around punctuation."""
    text, begins, space = "", True, False
    for word in words:
        shown = word[:1].upper() + word[1:] if begins or word == "i" else word
        text += (" " if space and word not in _NO_SPACE_BEFORE else "") + shown
        space = word not in _NO_SPACE_BEHIND
        begins = word in _ENDS or (begins and not word[:1].isalnum())
    return text


@lru_cache(maxsize=1)
def speakable_words() -> tuple[str, ...]:
    """All words of the grammar, sorted."""
    words = {word for wordings in all_forms().values() for wording in wordings for word in wording}
    for texts in (AND, BUT, SO, STARTERS, BECAUSE_CLAUSE, BECAUSE_NOUN, (", .",)):
        words.update(word for text in texts for word in text.split())
    return tuple(sorted(words))


@lru_cache(maxsize=1)
def grammar_version() -> str:
    """Names the grammar that this version of edgeaffect speaks: changes with any token or wording."""
    forms = sorted((" ".join(c.token for c in key[0]), key[1], words) for key, words in all_forms().items())
    joints = (AND, BUT, SO, STARTERS, BECAUSE_CLAUSE, BECAUSE_NOUN)
    data = json.dumps([PREFIX_TOKENS, PLAN_TOKENS, forms, joints])
    return hashlib.sha256(data.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Vocabulary:
    """Tokens and their ids.

    Attributes:
        reading: words that are read and not spoken, most frequent first.
        pair_id: the training that the vocabulary belongs to, as in a bundle's manifest.
        grammar: the grammar whose words are spoken (`grammar_version`).

    Raises:
        SpecError: a word twice, too many words, or another grammar's vocabulary.
    """

    reading: tuple[str, ...] = ()
    pair_id: str = ""
    grammar: str = field(default_factory=grammar_version)
    tokens: tuple[str, ...] = field(init=False, repr=False)
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.grammar != grammar_version():
            raise SpecError(
                f"the vocabulary is of grammar {show(self.grammar)}, this edgeaffect speaks {grammar_version()}: use "
                "the explainer that belongs to this version"
            )
        words = (*SPECIALS, *PREFIX_TOKENS, *PLAN_TOKENS, *speakable_words(), *self.reading)
        if len(words) > MAX_WORDS or len(set(words)) != len(words):
            raise SpecError(f"a vocabulary holds each word once and at most {MAX_WORDS}; got {len(words)}")
        object.__setattr__(self, "tokens", (*words, *(f"<0x{value:02X}>" for value in range(_BYTES))))
        object.__setattr__(self, "_ids", {token: i for i, token in enumerate(self.tokens)})

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    @property
    def speakable_end(self) -> int:
        """One past the last id that may be spoken."""
        return len(self.tokens) - _BYTES - len(self.reading)

    @property
    def words_begin(self) -> int:
        """First id of a speakable word; specials, prefix and plan tokens lie below."""
        return len(SPECIALS) + len(PREFIX_TOKENS) + len(PLAN_TOKENS)

    def id_of(self, token: str) -> int:
        """The id of a token.

        Raises:
            KeyError: it has none.
        """
        return self._ids[token]

    def encode(self, words: Iterable[str]) -> list[int]:
        """Ids of words and tokens; a word without an id is spelt in UTF-8 bytes, closed by `<end>`."""
        ids: list[int] = []
        for word in words:
            if word in self._ids:
                ids.append(self._ids[word])
            else:
                first = len(self.tokens) - _BYTES
                ids += [*(first + value for value in word.encode("utf-8", "replace")), END]
        return ids

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Inverse of `encode`; bytes that are no UTF-8 are shown as U+FFFD.

        Raises:
            IndexError: an id that is none.
        """
        words, spelt = [], bytearray()
        first = len(self.tokens) - _BYTES
        for value in ids:
            if not 0 <= value < len(self.tokens):
                raise IndexError(f"ids go from 0 to {len(self.tokens) - 1}; got {value}")
            if value >= first:
                spelt.append(value - first)
                continue
            if spelt:
                words.append(spelt.decode("utf-8", "replace"))
                spelt.clear()
                if value == END:
                    continue
            words.append(self.tokens[value])
        return [*words, spelt.decode("utf-8", "replace")] if spelt else words

    def to_json(self) -> str:
        """The file `vocabulary.json` of a bundle; only what this version of edgeaffect does not know itself."""
        data = {"schema": SCHEMA, "pair_id": self.pair_id, "grammar": self.grammar, "reading": list(self.reading)}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Vocabulary:
        """Read the file.

        Raises:
            SpecError: it is no vocabulary, or one of another grammar; the message says what is wrong.
        """
        try:
            data: Any = load_json(text)
        except ValueError as error:
            raise SpecError(f"the vocabulary cannot be read: {error}") from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise SpecError(f"a vocabulary says schema {SCHEMA}; got {show(data)}")
        reading, pair, grammar = data.get("reading"), data.get("pair_id"), data.get("grammar")
        if not isinstance(reading, list) or not all(isinstance(word, str) and 0 < len(word) <= 64 for word in reading):
            raise SpecError("a vocabulary's reading must be a list of words of 1 to 64 characters")
        if not isinstance(pair, str) or not isinstance(grammar, str):
            raise SpecError("a vocabulary's pair_id and grammar must be texts")
        return cls(tuple(reading), pair, grammar)
