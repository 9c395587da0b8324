"""What the reader learns from: its words with their embeddings, and wordings with their meaning as arrays."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from edgeaffect.explain.cues import ASPECTS
from edgeaffect.explain.meaning import SLOTS
from edgeaffect.explain.reading import LONGEST, READ_INTENTS
from edgeaffect.explain.spelling import reading_words
from edgeaffect.explain.vocabulary import PAD, Vocabulary, speakable_words

from .wordings import Wording, wording

WORDS = 6400
"""How many words are read beside the spoken ones."""
HELD_OUT = 12
"""One family of wordings in so many is held out for the report."""


def held_out(family: str) -> bool:
    """Whether a line of the tables belongs to the report; depends on nothing but its text."""
    return int(hashlib.md5(family.encode()).hexdigest(), 16) % HELD_OUT == 0


def choose_words(frequent: Sequence[str], norms: Path | None, rng: Random, count: int = WORDS) -> tuple[str, ...]:
    """Words that are read: all of the wordings, then those of the Glasgow norms, then the most frequent of English.

    Args:
        frequent: English words, the most frequent first (the order of BERT's vocabulary).
        norms: `word_norms_glasgow.zip`, or None.
        rng: draws the wordings that are counted.
        count: how many.
    """
    everything = Vocabulary()
    counts: Counter[str] = Counter()
    for _ in range(60_000):
        counts.update(reading_words(wording(rng).text, everything))
    spoken = set(speakable_words())
    rank = {word: i for i, word in enumerate(frequent)}
    chosen = dict.fromkeys(word for word, seen in counts.items() if seen >= 2 and word not in spoken)
    english = [word for word in frequent if len(word) > 1 and word.isascii() and word.isalpha()]
    for word in (*english[:3000], *_norm_words(norms), *english):
        if len(chosen) >= count:
            break
        if word not in spoken:
            chosen.setdefault(word)
    return tuple(sorted(chosen, key=lambda word: (rank.get(word, len(rank)), word)))


def _norm_words(path: Path | None) -> list[str]:
    if path is None:
        return []
    with zipfile.ZipFile(path) as archive:
        text = archive.read("glasgow_norms.csv").decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    words = [row[0].strip().lower() for row in rows if row]
    return [word for word in words if word.isalpha() and word.isascii()]


@dataclass(frozen=True)
class Examples:
    """Wordings as arrays."""

    tokens: NDArray[np.int32]
    """[N, T] ids, padded."""
    intents: NDArray[np.int64]
    slots: NDArray[np.int64]
    claims: NDArray[np.int8]
    """[N, len(ASPECTS)] 0: not mentioned, 1: said to be there, 2: said not to be there."""
    texts: list[str]
    is_held_out: NDArray[np.bool_]


def examples(wordings: Sequence[Wording], vocabulary: Vocabulary) -> Examples:
    """The arrays of wordings."""
    count = len(wordings)
    tokens = np.full((count, LONGEST), PAD, np.int32)
    claims = np.zeros((count, len(ASPECTS)), np.int8)
    place = {name: i for i, name in enumerate(ASPECTS)}
    for i, found in enumerate(wordings):
        ids = vocabulary.encode(reading_words(found.text, vocabulary))[-LONGEST:]
        tokens[i, : len(ids)] = ids
        for name, holds in found.claims.items():
            claims[i, place[name]] = 1 if holds else 2
    return Examples(
        tokens=tokens,
        intents=np.array([READ_INTENTS.index(found.intent) for found in wordings]),
        slots=np.array([SLOTS.index(found.slot) for found in wordings]),
        claims=claims,
        texts=[found.text for found in wordings],
        is_held_out=np.array([any(map(held_out, found.families)) for found in wordings]),
    )
