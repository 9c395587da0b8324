"""How well a score tells two classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def roc_auc(scores: ArrayLike, truth: ArrayLike) -> float:
    """Area under the ROC curve: the probability that a true one scores above a false one, ties counted half.

    Args:
        scores: [n] finite numbers.
        truth: [n] of which some are true and some false.

    Raises:
        ValueError: shapes differ, a score is no number, or only one class is there.
    """
    values, true = np.asarray(scores, np.float64), np.asarray(truth, bool)
    if values.ndim != 1 or values.shape != true.shape or not np.isfinite(values).all():
        raise ValueError(f"need [n] finite scores and [n] truths; got {values.shape} and {true.shape}")
    positives, negatives = int(true.sum()), int((~true).sum())
    if not positives or not negatives:
        raise ValueError(f"need both classes; got {positives} true and {negatives} false")
    total = float(_midranks(values)[true].sum()) - positives * (positives + 1) / 2
    return total / (positives * negatives)


def _midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[place]
    return ranks
