"""Answers to whole clips, made from windows as the runtime makes them: the mean of their log-probabilities.

The runtime's `VoiceAffect.predict` also leaves windows without speech out; here all windows of a clip count, which
differs only where a clip has seconds of silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from training.voice.network import VoiceNet
from training.voice.prepare import Rows
from training.voice.scores import Array, softmax

WINDOW = 300
HOP = 50
Predict = Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]


def windows(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """[W, T, 64] windows of 3 s every 0.5 s; a shorter clip is one window of its own length."""
    if len(frames) <= WINDOW:
        return frames[None]
    starts = range(0, len(frames) - WINDOW + 1, HOP)
    return np.stack([frames[start : start + WINDOW] for start in starts])


def of_network(net: VoiceNet) -> Predict:
    """Logits [W, 9] and raw arousal [W] of windows [W, T, 64]."""
    net.eval()

    @torch.no_grad()
    def predict(x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        logits, arousal, _ = net(torch.from_numpy(x))
        return logits.numpy(), arousal.numpy()

    return predict


@dataclass(frozen=True)
class Said:
    """What a network says about the windows of some clips."""

    logits: list[NDArray[np.float64]]
    """[W, 9] of each clip."""
    arousal: Array
    """[N] mean over the windows of a clip."""

    def log_probabilities(self, temperature: float = 1.0) -> Array:
        """[N, 9] of whole clips; logits are divided by the temperature first."""
        means = [np.log(softmax(logits / temperature) + 1e-12).mean(0) for logits in self.logits]
        return np.log(softmax(np.array(means)) + 1e-12)


def ask(predict: Predict, rows: Sequence[int] | NDArray[np.int64], frames: Rows) -> Said:
    """What `predict` says about the clips at `rows` of `frames`."""
    logits, arousal = [], []
    for row in rows:
        said, raw = predict(windows(frames[int(row)].astype(np.float32)))
        logits.append(said.astype(np.float64))
        arousal.append(float(raw.mean()))
    return Said(logits, np.array(arousal))
