"""The project's anchors beside people's norms of words: `python -m training.explain.word_norms --data DIR`.

Norms: Glasgow (Scott et al. 2019), 1 to 9, brought to -1..1. Two sets of words that have a place of their own:

    terms    words of `circumplex.TERMS` (Russell & Mehrabian 1977) under the spelling that the norms have
    grammar  every word that the explainer has for an emotion, at the anchor of that emotion: many words, eight places

Words that are neither take their place in the decoder's table from these very norms (`vad.py`): comparing those would
prove nothing, and they are left out. Spearman's rank correlation, 95 % intervals by resampling words (of `grammar`
whole emotions, since their words share one place). Writes WORD_NORMS.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from edgeaffect.circumplex import ANCHORS, DIMENSIONS, TERMS
from training.data import data_folder
from training.explain.vad import OTHER_SENSE, emotion_words, glasgow
from training.provenance import provenance

RESULTS = Path(__file__).with_name("WORD_NORMS.json")
# Our name of a place -> the word of the norms nearest to the one that was rated in 1977.
SPELLED = {
    "happiness": "happy", "surprise": "surprise", "sadness": "sad", "anger": "angry", "disgust": "disgusted",
    "fear": "fearful", "contempt": "contempt", "neutral": "neutral", "secure": "secure", "untroubled": "untroubled",
    "quiet": "quiet", "relaxed": "relaxed",
}  # fmt: skip
RESAMPLES = 2000


def correlation(ours: np.ndarray, norms: np.ndarray, groups: Sequence[str]) -> dict[str, object]:
    """Spearman's correlation of two [n], with an interval over `groups` [n], and the mean absolute difference."""
    random, names = np.random.default_rng(0), np.array(groups)
    rows = [np.flatnonzero(names == name) for name in dict.fromkeys(groups)]
    drawn = []
    for _ in range(RESAMPLES):
        some = np.concatenate([rows[i] for i in random.integers(0, len(rows), len(rows))])
        if len(set(ours[some].tolist())) > 1:
            drawn.append(spearmanr(ours[some], norms[some]).statistic)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {
        "value": round(float(spearmanr(ours, norms).statistic), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "mean_difference": round(float(np.abs(ours - norms).mean()), 3),
        "words": len(ours),
    }


def compare(data: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Correlations of both sets of words, by dimension; terms have no dominance but for the eight emotions."""
    norms = glasgow(data)
    found: dict[str, dict[str, dict[str, object]]] = {"terms": {}, "grammar": {}}
    words = {word: e for word, e in emotion_words().items() if word in norms and word not in OTHER_SENSE}
    for axis, name in enumerate(DIMENSIONS):
        places = {key: ANCHORS[key].mean[2] for key in ANCHORS} if axis == 2 else {k: v[axis] for k, v in TERMS.items()}
        keys = [key for key in places if SPELLED[key] in norms]
        found["terms"][name] = correlation(
            np.array([places[key] for key in keys]), np.array([norms[SPELLED[key]][axis] for key in keys]), keys
        )
        found["grammar"][name] = correlation(
            np.array([ANCHORS[e].mean[axis] for e in words.values()]),
            np.array([norms[word][axis] for word in words]),
            list(words.values()),
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    arguments = parser.parse_args()
    record = {**provenance(Path(__file__).parent), "spearman": compare(data_folder(arguments.data))}
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
