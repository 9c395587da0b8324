"""Scores of voice predictions, and predictions of whole clips as the runtime makes them from windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.voice.corpora import CORPORA, LABELS, Clip, label_mask
from training.voice.network import VoiceNet
from training.voice.prepare import Rows

Array = NDArray[np.float64]
RESAMPLES = 1000


def recalls(truth: NDArray[Any], answer: NDArray[Any]) -> dict[str, float]:
    """Recall of every label that occurs."""
    return {str(label): float((answer[truth == label] == label).mean()) for label in np.unique(truth)}


def uar(truth: NDArray[Any], answer: NDArray[Any]) -> float:
    """Unweighted average recall over the labels that occur."""
    return float(np.mean(list(recalls(truth, answer).values())))


def auc(scores: Array, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counted half; NaN without both kinds."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    p, n = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n)) if p and n else float("nan")


def calibration_error(confidence: Array, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error over bins of equal width (Guo et al. 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == b].mean() - correct[place == b].mean()) * (place == b).sum() for b in np.unique(place)
    ]
    return float(sum(gaps) / len(confidence))


def interval(
    statistic: Callable[[NDArray[np.int64]], float],
    groups: Sequence[str],
    *,
    resamples: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Value and 95 % interval of a statistic of rows, by resampling groups (speakers)."""
    random = np.random.default_rng(seed)
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    rows = [np.flatnonzero(place == k) for k in range(len(names))]
    draws = [
        statistic(np.concatenate([rows[k] for k in random.integers(0, len(names), len(names))]))
        for _ in range(resamples or RESAMPLES)
    ]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    value = statistic(np.arange(len(place)))
    return {"value": round(value, 4), "interval": [round(float(low), 4), round(float(high), 4)]}


def own_labels(probabilities: Array, corpora: Sequence[str]) -> Array:
    """Probabilities [N, 9] over each clip's corpus's own labels, renormalised; 0 elsewhere."""
    mask = np.stack([label_mask(corpus) for corpus in corpora])
    kept = np.where(mask, probabilities, 0.0)
    shares: Array = kept / np.maximum(kept.sum(1, keepdims=True), 1e-12)
    return shares


def answers(probabilities: Array, corpora: Sequence[str]) -> NDArray[np.str_]:
    """The most probable of the corpus's own labels, [N]."""
    named: NDArray[np.str_] = np.array(LABELS)[own_labels(probabilities, corpora).argmax(1)]
    return named


@torch.no_grad()
def quick_predictions(net: VoiceNet, rows: NDArray[np.int64], frames: Rows) -> tuple[Array, Array]:
    """Logits [N, 9] and raw arousal [N] of whole clips, each in one window of its own length."""
    net.eval()
    logits, arousal = [], []
    for row in rows.tolist():
        x = torch.from_numpy(frames[row].astype(np.float32))[None]
        said = net(x)
        logits.append(said[0][0].double().numpy())
        arousal.append(float(said[1]))
    return np.array(logits), np.array(arousal)


def softmax(logits: Array) -> Array:
    """Over the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    shares: Array = shifted / shifted.sum(-1, keepdims=True)
    return shares


def quick_scores(net: VoiceNet, clips: Sequence[Clip], rows: NDArray[np.int64], frames: Rows) -> dict[str, Any]:
    """UAR of every corpus and AUC of arousal: what the log shows during a training."""
    logits, arousal = quick_predictions(net, rows, frames)
    chosen = [clips[row] for row in rows]
    corpora = np.array([clip.corpus for clip in chosen])
    truth = np.array([clip.label for clip in chosen])
    answer = answers(softmax(logits), corpora.tolist())
    line: dict[str, Any] = {}
    for corpus, facts in CORPORA.items():
        if facts.labels and (corpora == corpus).any():
            line[corpus] = round(uar(truth[corpora == corpus], answer[corpora == corpus]), 4)
    known = np.array([clip.arousal for clip in chosen])
    decided = (known == 0) | (known == 1)
    for corpus in dict.fromkeys(corpora.tolist()):
        part = decided & (corpora == corpus)
        line[f"{corpus}_auc"] = round(auc(arousal[part], known[part] == 1), 4)
    return line
