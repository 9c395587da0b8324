"""Scores of expression models against the votes of people. NumPy only; nothing here depends on a model.

Two targets exist for one face: the *majority label* (a class, for accuracy and hard calibration) and the *vote
distribution* (shares, for divergences and soft calibration). Emotions come in canonical order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EMOTION_COUNT = 8
ECE_BINS = 15


def clean_votes(votes: ArrayLike) -> Floats:
    """FER+ clean-up: a vote that nobody else shares is an outlier and counts as none.

    Args:
        votes: [n, k] counts.
    """
    cleaned = np.array(votes, np.float64)
    cleaned[cleaned <= 1] = 0
    return cleaned


def majority_labels(cleaned: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """FER+ "majority" protocol (Barsoum et al. 2016): the class with more than half of the votes, if an emotion.

    Args:
        cleaned: [n, k] counts after `clean_votes`; the first eight columns are the emotions.

    Returns:
        Labels [n], and a mask [n] of the faces that have one (labels of the others mean nothing).
    """
    counts = np.asarray(cleaned, np.float64)
    labels = counts.argmax(1)
    return labels, (counts.max(1) * 2 > counts.sum(1)) & (labels < EMOTION_COUNT)


def emotion_shares(cleaned: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Vote distribution over the eight emotions.

    Args:
        cleaned: [n, k >= 8] counts after `clean_votes`.

    Returns:
        Shares [n, 8] that sum to 1, and a mask [n] of the faces that have any vote for an emotion (others are zero).
    """
    counts = np.asarray(cleaned, np.float64)[:, :EMOTION_COUNT]
    total = counts.sum(1, keepdims=True)
    return counts / np.maximum(total, 1), total[:, 0] > 0


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int = EMOTION_COUNT) -> NDArray[np.int64]:
    """Counts [true, predicted]."""
    pairs = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def per_class_recall(confusion: ArrayLike) -> Floats:
    """Share of each class that was recognised; NaN for a class without examples."""
    counts = np.asarray(confusion, np.float64)
    total = counts.sum(1)
    recall: Floats = np.divide(np.diag(counts), total, out=np.full(len(counts), np.nan), where=total > 0)
    return recall


def macro_f1(confusion: ArrayLike) -> float:
    """Mean F1 over the classes that have examples."""
    counts = np.asarray(confusion, np.float64)
    true, said = counts.sum(1), counts.sum(0)
    present = true > 0
    return float((2 * np.diag(counts)[present] / (true + said)[present]).mean())


def kl_divergence(human: ArrayLike, predicted: ArrayLike) -> Floats:
    """KL(human || predicted) [n] in nats; infinite where a probability of zero meets a vote."""
    p, q = np.asarray(human, np.float64), np.asarray(predicted, np.float64)
    with np.errstate(divide="ignore"):
        ratio = np.log(np.divide(p, q, out=np.full_like(p, np.inf), where=q > 0), where=p > 0, out=np.zeros_like(p))
    divergence: Floats = (p * ratio).sum(1)
    return divergence


def js_divergence(human: ArrayLike, predicted: ArrayLike) -> Floats:
    """Jensen-Shannon divergence [n] in nats, between 0 and log 2."""
    p, q = np.asarray(human, np.float64), np.asarray(predicted, np.float64)
    middle = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


def hard_ece(probabilities: ArrayLike, labels: ArrayLike, bins: int = ECE_BINS) -> float:
    """Expected calibration error of the top class against the majority label (Guo et al. 2017, equal-width bins)."""
    p = np.asarray(probabilities, np.float64)
    return _binned_gap(p.max(1), (p.argmax(1) == np.asarray(labels)).astype(np.float64), bins)


def soft_ece(votes: ArrayLike, human: ArrayLike, bins: int = ECE_BINS) -> float:
    """Expected calibration error of the top predicted share against the share of people who chose that class."""
    q, p = np.asarray(votes, np.float64), np.asarray(human, np.float64)
    top = q.argmax(1)
    rows = np.arange(len(q))
    return _binned_gap(q[rows, top], p[rows, top], bins)


def _binned_gap(confidence: Floats, truth: Floats, bins: int) -> float:
    """Mean over samples of |mean truth - mean confidence| of the sample's bin; bins are (low, high]."""
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(index, truth - confidence, bins)
    return float(np.abs(gap).sum() / len(confidence))


def brier(probabilities: ArrayLike, targets: ArrayLike) -> float:
    """Mean squared distance of the distribution to the target (Brier 1950: summed over classes, 0..2).

    Args:
        probabilities: [n, k].
        targets: labels [n] or distributions [n, k].
    """
    p, t = np.asarray(probabilities, np.float64), np.asarray(targets)
    if t.ndim == 1:
        t = np.eye(p.shape[1])[t]
    return float(((p - t) ** 2).sum(1).mean())


@dataclass(frozen=True)
class RiskCoverage:
    """Error rate among the most confident share of the faces: `risk[i]` at `coverage[i]`, coverage ascending to 1."""

    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC, Geifman & El-Yaniv 2017); lower is better."""
        return float(self.risk.mean())

    def at(self, coverage: float) -> float:
        """Risk when that share of the faces is answered."""
        if not 0 < coverage <= 1:
            raise ValueError(f"coverage must be in (0, 1], got {coverage}")
        # The tolerance keeps 0.7 of 10 faces at 7 in spite of rounding.
        return float(self.risk[int(np.ceil(coverage * len(self.risk) - 1e-9)) - 1])


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Risk-coverage curve of answering only the most confident faces; ties keep their order."""
    order = np.argsort(-np.asarray(confidence, np.float64), kind="stable")
    wrong = 1.0 - np.asarray(correct, np.float64)[order]
    answered = np.arange(1, len(wrong) + 1)
    return RiskCoverage(answered / len(wrong), np.cumsum(wrong) / answered)


def wilson_interval(successes: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson score interval of a proportion (95 % by default)."""
    if not 0 <= successes <= count or count < 1:
        raise ValueError(f"need 0 <= successes <= count and count >= 1, got {successes} of {count}")
    share, z2 = successes / count, z * z
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = z / (1 + z2 / count) * np.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def bootstrap_interval(
    values: ArrayLike, *, level: float = 0.95, samples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of per-face values."""
    x = np.asarray(values, np.float64)
    generator = np.random.default_rng(seed)
    means = np.array([x[generator.integers(0, len(x), len(x))].mean() for _ in range(samples)])
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)
