"""Open-vocabulary emotion words scored as sets after grouping: the EW measure of AffectGPT (Lian et al. 2025).

The published measure averages over five wheels whose tables its authors distribute as spreadsheets. None of these is
copied here. `PLUTCHIK` is a table of our own: the eight sectors of Plutchik's wheel (1980) with their three strengths,
joined by everyday words whose sector Shaver et al. (1987) and the canonical names settle; its scores are comparable
between systems scored with it, and with published figures only after `read_grouping` has read the authors' tables.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .._checks import show
from .._files import read_bounded

Grouping = Mapping[str, str]

_MAX_TABLE = 8 << 20  # bytes

_SECTORS: Mapping[str, str] = {
    # the word of Plutchik's middle ring: mild, strong, then everyday words
    "joy": "serenity ecstasy happiness happy joyful cheerful delight delighted glad pleased pleasure amused amusement "
    "content contentment satisfied satisfaction proud pride excited excitement enthusiastic relieved relief",
    "trust": "acceptance admiration trusting accepting admiring respect gratitude grateful affection affectionate love "
    "loving sympathy sympathetic caring",
    "fear": "apprehension terror afraid fearful scared frightened anxious anxiety worried worry nervous panic "
    "horrified alarmed uneasy",
    "surprise": "distraction amazement surprised amazed astonished astonishment shocked startled stunned",
    "sadness": "pensiveness grief sad unhappy sorrow depressed gloomy hopeless disappointed disappointment hurt lonely "
    "ashamed guilty regret helpless",
    "disgust": "boredom loathing disgusted bored contempt contemptuous disdain disapproving revulsion repelled",
    "anger": "annoyance rage angry annoyed furious irritated irritation frustrated frustration hostile resentful "
    "indignant aggressive",
    "anticipation": "interest vigilance interested attentive curious curiosity expectant hopeful hope eager alert",
}
PLUTCHIK: Grouping = {word: name for name, words in _SECTORS.items() for word in (name, *words.split())}
"""Word -> sector; see the module."""


@dataclass(frozen=True)
class SetScores:
    """Means over samples, and their harmonic mean."""

    f1: float
    precision: float
    recall: float
    samples: int
    """Samples whose rated words have a group; the others do not count."""
    unknown: tuple[str, ...]
    """Words without a group, which were left out; sorted."""


def ew_scores(
    predicted: Sequence[Collection[str]], rated: Sequence[Collection[str]], grouping: Grouping = PLUTCHIK
) -> SetScores:
    """Set-level precision, recall and F1 of grouped words.

    As in the published evaluation: words are lower-cased and grouped, those without a group are dropped on both
    sides; a sample scores |both| / |predicted| and |both| / |rated| (0 and 0 when nothing predicted is left); F1 is
    taken of the two means. The published `EW` is the mean F1 over its groupings: `ew_mean`.

    Args:
        predicted: [n] words of each sample.
        rated: [n] words that people gave.
        grouping: word -> group.

    Raises:
        ValueError: lengths differ, a sample is one string, or no rated word has a group.
    """
    if len(predicted) != len(rated):
        raise ValueError(f"need words predicted for each rated sample; got {len(predicted)} for {len(rated)}")
    precision: list[float] = []
    recall: list[float] = []
    unknown: set[str] = set()
    for said, true in zip(predicted, rated, strict=True):
        p, r = _groups(said, grouping, unknown), _groups(true, grouping, unknown)
        if not r:
            continue
        both = len(p & r)
        precision.append(both / len(p) if p else 0.0)
        recall.append(both / len(r))
    if not recall:
        raise ValueError(f"no rated word of {len(rated)} samples has a group: give a grouping that knows these words")
    mean_p, mean_r = sum(precision) / len(precision), sum(recall) / len(recall)
    f1 = 2 * mean_p * mean_r / (mean_p + mean_r) if mean_p + mean_r else 0.0
    return SetScores(f1, mean_p, mean_r, len(recall), tuple(sorted(unknown)))


def ew_mean(
    predicted: Sequence[Collection[str]], rated: Sequence[Collection[str]], groupings: Sequence[Grouping]
) -> float:
    """Mean F1 over several groupings: AffectGPT's EW with its five wheels, and its 12 columns with their two levels.

    Raises:
        ValueError: as `ew_scores`, or no grouping.
    """
    if not groupings:
        raise ValueError("EW needs one grouping or more; got none")
    return sum(ew_scores(predicted, rated, one).f1 for one in groupings) / len(groupings)


def _groups(words: Collection[str], grouping: Grouping, unknown: set[str]) -> set[str]:
    if isinstance(words, str):
        raise ValueError(f"a sample is a collection of words; got the string {show(words)}: split it first")
    plain = {word.strip().lower() for word in words} - {""}
    unknown |= {word for word in plain if word not in grouping}
    return {grouping[word] for word in plain if word in grouping}


def read_grouping(path: str | os.PathLike[str]) -> dict[str, str]:
    """A grouping from a CSV file with the columns `word` and `group`.

    Raises:
        ValueError: no such columns, an empty cell, or a word in two groups; the message names the line.
    """
    rows = csv.DictReader(read_bounded(path, _MAX_TABLE).decode("utf-8-sig").splitlines())
    if not {"word", "group"} <= set(rows.fieldnames or ()):
        raise ValueError(
            f"{path} needs the columns word and group; it has {', '.join(rows.fieldnames or ()) or 'none'}"
        )
    grouping: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        word, group = (row["word"] or "").strip().lower(), (row["group"] or "").strip().lower()
        if not word or not group:
            raise ValueError(f"{path}, line {number}: word or group is empty")
        if grouping.setdefault(word, group) != group:
            raise ValueError(f"{path}, line {number}: {show(word)} stands in {grouping[word]} and in {group}: keep one")
    return grouping
