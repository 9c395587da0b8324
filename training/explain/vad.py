"""Valence, arousal and dominance of the vocabulary: emotion words by the project's anchors, others by people's norms.

Norms: Glasgow Norms (Scott et al. 2019, Behavior Research Methods 51, CC BY 4.0), 1 to 9, brought to -1..1. A token
that neither knows (function words, most plan tokens) has 0, 0, 0.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np

from edgeaffect.circumplex import ANCHORS, EMOTIONS
from edgeaffect.explain.forms import expand
from edgeaffect.explain.grammar_emotions import ADJECTIVES, NOUNS
from edgeaffect.explain.vocabulary import Vocabulary

# Words whose norm is of another sense than the one they have here.
OTHER_SENSE = frozenset({"look", "face", "left", "right", "may", "might", "hard", "one", "like", "cross", "of", "open"})
_MIDDLE, _HALF = 5.0, 4.0


def glasgow(data: Path) -> dict[str, tuple[float, float, float]]:
    """Word -> valence, arousal, dominance in -1..1."""
    with zipfile.ZipFile(data / "word_norms_glasgow.zip") as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open("glasgow_norms.csv"), "utf-8"))
        found = {}
        for row in rows:
            values = [(float(row[k]) - _MIDDLE) / _HALF for k in ("Valence", "Arousal", "Dominance")]
            found[row["Word"].strip().lower()] = (values[0], values[1], values[2])
        return found


def emotion_words() -> dict[str, str]:
    """Word of the grammar -> the emotion it names."""
    words: dict[str, str] = {}
    for emotion in EMOTIONS:
        for text in (*expand(ADJECTIVES[emotion]), *expand(NOUNS[emotion])):
            for word in text.split():
                if word not in ("a", "and", "expression", "face", "look"):
                    words.setdefault(word, emotion)
    return words


def vad_table(vocabulary: Vocabulary, data: Path) -> np.ndarray:
    """float32 [speakable_end, 3]."""
    norms, words = glasgow(data), emotion_words()
    table = np.zeros((vocabulary.speakable_end, 3), np.float32)
    for number, token in enumerate(vocabulary.tokens[: vocabulary.speakable_end]):
        named = re.fullmatch(r"[<\[](?:second:)?([a-z]+)\+?[>\]]", token)
        if named and named[1] in EMOTIONS:
            table[number] = ANCHORS[named[1]].mean
        elif token in words:
            table[number] = ANCHORS[words[token]].mean
        elif number >= vocabulary.words_begin and token in norms and token not in OTHER_SENSE:
            table[number] = norms[token]
    return table
