"""How well predicted classes, and scores of labels, agree with labels. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .affect_metrics import confusion_matrix, macro_f1, per_class_recall
from .binary_metrics import roc_auc

Integers = NDArray[np.int64]


def class_numbers(predicted: Sequence[str], rated: Sequence[str]) -> tuple[tuple[str, ...], Integers, Integers]:
    """Names of all classes, sorted, and both sides [n] as their numbers.

    Raises:
        ValueError: lengths differ, or nothing is there.
    """
    if len(predicted) != len(rated) or not len(rated):
        raise ValueError(f"need one prediction per label, and one or more; got {len(predicted)} for {len(rated)}")
    names = tuple(sorted({*predicted, *rated}))
    number = {name: i for i, name in enumerate(names)}
    return names, np.array([number[name] for name in predicted]), np.array([number[name] for name in rated])


def accuracy(predicted: ArrayLike, rated: ArrayLike) -> float:
    """Share of equal pairs."""
    return float((np.asarray(predicted) == np.asarray(rated)).mean())


def uar(predicted: ArrayLike, rated: ArrayLike, classes: int) -> float:
    """Unweighted average recall, also called balanced accuracy: mean recall of the classes that have examples.

    Args:
        predicted: [n] numbers of classes.
        rated: [n].
        classes: how many classes there are.
    """
    return float(np.nanmean(per_class_recall(confusion_matrix(np.asarray(rated), np.asarray(predicted), classes))))


def macro_f1_of(predicted: ArrayLike, rated: ArrayLike, classes: int) -> float:
    """Mean F1 of the classes that have examples; see `uar`."""
    return macro_f1(confusion_matrix(np.asarray(rated), np.asarray(predicted), classes))


def binary_f1(predicted: ArrayLike, rated: ArrayLike) -> float:
    """F1 of the true class; 0 where nothing is true on either side."""
    p, r = np.asarray(predicted, bool), np.asarray(rated, bool)
    total = int(p.sum() + r.sum())
    return 2 * int((p & r).sum()) / total if total else 0.0


def average_precision(scores: ArrayLike, truth: ArrayLike) -> float:
    """Area under the precision-recall steps, sum of (recall gained) * precision; ties are one step.

    Args:
        scores: [n] finite numbers.
        truth: [n], of which one or more are true.

    Raises:
        ValueError: shapes differ, a score is no number, or nothing is true.
    """
    values, true = np.asarray(scores, np.float64), np.asarray(truth, bool)
    if values.ndim != 1 or values.shape != true.shape or not np.isfinite(values).all():
        raise ValueError(f"need [n] finite scores and [n] truths; got {list(values.shape)} and {list(true.shape)}")
    if not true.any():
        raise ValueError(f"average precision needs a true one; none of {len(true)} is")
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(true[order])
    last = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))  # where a run of equal scores ends
    precision, recall = hits[last] / (last + 1), hits[last] / hits[-1]
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def mean_average_precision(scores: ArrayLike, truth: ArrayLike) -> tuple[float, NDArray[np.float64]]:
    """EMOTIC's measure (Kosti et al. 2017): mean over labels of the average precision.

    Args:
        scores: [n, labels].
        truth: [n, labels] of truth values.

    Returns:
        The mean over labels that are true of somebody, and [labels] of each; NaN for the others.

    Raises:
        ValueError: shapes differ, or no label is true of anybody.
    """
    s, t = np.asarray(scores, np.float64), np.asarray(truth, bool)
    if s.ndim != 2 or s.shape != t.shape or not t.any():
        raise ValueError(
            f"need [n, labels] scores and truths, some of them true; got {list(s.shape)}, {list(t.shape)}, "
            f"{int(t.sum())} true"
        )
    each = np.array(
        [average_precision(s[:, i], t[:, i]) if t[:, i].any() else np.nan for i in range(s.shape[1])], np.float64
    )
    return float(np.nanmean(each)), each


def mean_auc(scores: ArrayLike, truth: ArrayLike) -> float:
    """Mean over labels [n, labels] of the area under the ROC curve, of those that are true and false of somebody.

    Raises:
        ValueError: there is no such label.
    """
    s, t = np.asarray(scores, np.float64), np.asarray(truth, bool)
    each = [roc_auc(s[:, i], t[:, i]) for i in range(s.shape[1]) if t[:, i].any() and not t[:, i].all()]
    if not each:
        raise ValueError("no label is both true and false of somebody: there is no area under a curve")
    return float(np.mean(each))
