"""The temperature of the logits, fitted to whole clips of the validation speakers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.voice.clips import Said
from training.voice.corpora import LABELS, Clip
from training.voice.scores import Array, own_labels

TEMPERATURES = np.geomspace(0.3, 4.0, 53)


def log_loss(logs: Array, clips: Sequence[Clip]) -> float:
    """Mean over corpora of the mean -log probability of the label, over the corpus's own labels."""
    corpora = [clip.corpus for clip in clips]
    shares = own_labels(np.exp(logs), corpora)
    truth = np.array([LABELS.index(clip.label) for clip in clips])
    each = -np.log(np.maximum(shares[np.arange(len(clips)), truth], 1e-12))
    return float(np.mean([each[np.array(corpora) == corpus].mean() for corpus in dict.fromkeys(corpora)]))


def fit_temperature(said: Said, clips: Sequence[Clip]) -> float:
    """The temperature with the least `log_loss` of what was said about `clips`."""
    losses = [log_loss(said.log_probabilities(t), clips) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])
