"""What the reader learns from: its words with their embeddings, and wordings with their meaning as arrays."""

from __future__ import annotations

import csv
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
from edgeaffect.explain.vocabulary import PAD, Vocabulary, speakable_words, tokenize

from .wordings import Wording, wording

WORDS = 9000
"""How many words are read beside the spoken ones."""
UNKNOWN = -100
"""Slot that nobody wrote down: the loss leaves it out."""


def choose_words(
    frequent: Sequence[str], written: Sequence[str], norms: Path | None, rng: Random, count: int = WORDS
) -> tuple[str, ...]:
    """Words that are read: of the wordings, then those of the Glasgow norms, then the most frequent of English.

    Args:
        frequent: English words, the most frequent first (the order of BERT's vocabulary).
        written: texts; all their English words are read.
        norms: `word_norms_glasgow.zip`, or None.
        rng: draws the wordings that are counted.
        count: how many.
    """
    everything, english = Vocabulary(), set(frequent)
    counts: Counter[str] = Counter()
    known: dict[str, list[str]] = {}  # mending slips of unknown words takes long: each word once
    for _ in range(60_000):
        for word in tokenize(wording(rng).text):
            if word not in known:
                known[word] = reading_words(word, everything)
            counts.update(known[word])
    for text in written:
        for word in tokenize(text):
            counts[word] += 2 if word in english else 1  # others may be slips: seen once, they are left out
    spoken = set(speakable_words())
    rank = {word: i for i, word in enumerate(frequent)}
    chosen = dict.fromkeys(word for word, seen in counts.items() if seen >= 2 and word not in spoken)
    usual = [word for word in frequent if len(word) > 1 and word.isascii() and word.isalpha()]
    for word in (*usual[:5000], *_norm_words(norms), *usual):
        if len(chosen) >= count:
            break
        if word not in spoken:
            chosen.setdefault(word)
    return tuple(sorted(chosen, key=lambda word: (rank.get(word, len(rank)), word)))


def _slot(found: Wording) -> int:
    return UNKNOWN if found.intent == "refuse" and found.slot == "none" else SLOTS.index(found.slot)


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

    tokens: NDArray[np.uint16]
    """[N, T] ids, padded."""
    intents: NDArray[np.int64]
    slots: NDArray[np.int64]
    claims: NDArray[np.int8]
    """[N, len(ASPECTS)] 0: not mentioned, 1: said to be there, 2: said not to be there, -1: nobody looked."""
    texts: list[str]


def examples(wordings: Sequence[Wording], vocabulary: Vocabulary) -> Examples:
    """The arrays of wordings."""
    count = len(wordings)
    tokens = np.full((count, LONGEST), PAD, np.uint16)
    claims = np.zeros((count, len(ASPECTS)), np.int8)
    place = {name: i for i, name in enumerate(ASPECTS)}
    for i, found in enumerate(wordings):
        ids = vocabulary.encode(reading_words(found.text, vocabulary))[-LONGEST:]
        tokens[i, : len(ids)] = ids
        claims[i] = 0 if found.is_whole else -1
        for name, holds in found.claims.items():
            claims[i, place[name]] = 1 if holds else 2
    return Examples(
        tokens=tokens,
        intents=np.array([READ_INTENTS.index(found.intent) for found in wordings]),
        slots=np.array([_slot(found) for found in wordings]),
        claims=claims,
        texts=[found.text for found in wordings],
    )
