"""How near a text comes to reference texts: BLEU, ROUGE-L, CIDEr-D, on words in lower case.

Sources: BLEU, Papineni et al. 2002 (corpus level, closest reference length, no smoothing); ROUGE-L, Lin 2004 (best
reference, beta 1.2 as in the COCO caption tools); CIDEr-D, Vedantam et al. 2015 (n = 1..4, sigma 6, times 10).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

MAX_ORDER = 4
ROUGE_BETA = 1.2
CIDER_SIGMA = 6.0

Words = list[str]
Grams = Counter[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def words_of(text: str) -> Words:
    """Words in lower case, without punctuation; apostrophes and hyphens inside a word stay."""
    return _WORD.findall(text.lower())


def bleu(texts: Sequence[str], references: Sequence[Sequence[str]], order: int = MAX_ORDER) -> float:
    """Corpus BLEU, 0..1.

    Args:
        texts: [n] candidates.
        references: [n] lists of one reference or more.
        order: longest n-gram.

    Raises:
        ValueError: no text, or one without a reference.
    """
    _check(texts, references)
    hits, total, length, closest = [0] * order, [0] * order, 0, 0
    for text, given in zip(texts, references, strict=True):
        words, others = words_of(text), [words_of(one) for one in given]
        length += len(words)
        closest += min((abs(len(one) - len(words)), len(one)) for one in others)[1]
        for n in range(1, order + 1):
            grams, most = _grams(words, n), Counter[tuple[str, ...]]()
            for one in others:
                most |= _grams(one, n)
            hits[n - 1] += (grams & most).total()
            total[n - 1] += grams.total()
    if not all(hits):
        return 0.0
    precision = sum(math.log(hit / all_) for hit, all_ in zip(hits, total, strict=True)) / order
    return math.exp(precision + min(0.0, 1 - closest / length))


def rouge_l(text: str, references: Sequence[str], beta: float = ROUGE_BETA) -> float:
    """ROUGE-L of one text, 0..1: precision and recall of the longest common subsequence, the best of all references."""
    _check([text], [references])
    words = words_of(text)
    precision = recall = 0.0
    for reference in references:
        other = words_of(reference)
        common = _common(words, other)
        precision = max(precision, common / max(1, len(words)))
        recall = max(recall, common / max(1, len(other)))
    if not precision or not recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)


def cider_d(texts: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Mean CIDEr-D, 0..10; document frequencies are those of the references."""
    _check(texts, references)
    tables = [[[_grams(words_of(one), n) for n in range(1, MAX_ORDER + 1)] for one in given] for given in references]
    seen: Counter[tuple[str, ...]] = Counter()
    for given_tables in tables:
        seen.update({gram for table in given_tables for grams in table for gram in grams})
    logarithm = math.log(len(texts))
    scores = []
    for text, given_tables in zip(texts, tables, strict=True):
        own = [_grams(words_of(text), n) for n in range(1, MAX_ORDER + 1)]
        each = [_cider(own, table, seen, logarithm) for table in given_tables]
        scores.append(10 * sum(each) / len(each))
    return sum(scores) / len(scores)


def _cider(own: list[Grams], other: list[Grams], seen: Grams, logarithm: float) -> float:
    total = 0.0
    gap = own[0].total() - other[0].total()
    for mine, theirs in zip(own, other, strict=True):
        a, b = _weights(mine, seen, logarithm), _weights(theirs, seen, logarithm)
        dot = sum(min(value, b[gram]) * b[gram] for gram, value in a.items() if gram in b)
        norm = math.sqrt(sum(v * v for v in a.values())) * math.sqrt(sum(v * v for v in b.values()))
        total += dot / norm if norm else 0.0
    return total / MAX_ORDER * math.exp(-(gap**2) / (2 * CIDER_SIGMA**2))


def _weights(grams: Grams, seen: Grams, logarithm: float) -> dict[tuple[str, ...], float]:
    return {gram: count * (logarithm - math.log(max(1, seen[gram]))) for gram, count in grams.items()}


def _grams(words: Words, n: int) -> Grams:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _common(a: Words, b: Words) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        previous = 0
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], previous + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


def _check(texts: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if not texts or len(texts) != len(references) or not all(references):
        raise ValueError(f"need one text or more with references for each; got {len(texts)} and {len(references)}")
