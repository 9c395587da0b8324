"""Temperatures of a trained network, fitted on the development part only.

Two distributions come out of the same vote logits z: the expected shares of raters, softmax(z / T_votes), fitted to the
votes of all faces, and the posterior of the majority label, softmax(z / T_label + bias), fitted to the labels of faces
that have a majority (Guo et al. 2017). A share of 0.8 makes a majority almost certain, so T_label is the smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from edgeaffect.evaluation.affect_metrics import EMOTION_COUNT, emotion_shares, majority_labels
from training.data import soft_targets

FOLDS = 5
# Pull of the biases towards zero, in faces: a class with a handful of examples must not get a bias of its own.
BIAS_PRIOR = 20.0

Loss = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Calibration:
    """Softmax temperatures by output, and the bias of the label posterior (zeros where it did not pay)."""

    votes: float
    label: float
    quality: float
    bias: tuple[float, ...]


def fit_calibration(logits: torch.Tensor, votes: np.ndarray) -> Calibration:
    """Fits all temperatures; the bias is kept only if it lowers the cross-validated loss.

    Args:
        logits: [n, 10] of the development faces.
        votes: [n, 10] cleaned votes of the same faces.
    """
    z = logits.double()
    emotions = z[:, :EMOTION_COUNT]
    shares, voted = emotion_shares(votes)
    targets, usable = soft_targets(votes)
    labels, majority = majority_labels(votes)
    target = torch.from_numpy(labels[majority])
    plain, biased = (_cross_validated(emotions[majority], target, kind) for kind in (False, True))
    temperature, bias = _fit_label(emotions[majority], target, biased=biased < plain)
    return Calibration(
        votes=_fit_temperature(emotions[voted], torch.from_numpy(shares[voted])),
        label=temperature,
        quality=_fit_temperature(z[usable], torch.from_numpy(targets[usable]).double()),
        bias=tuple(bias.tolist()),
    )


def _fit_temperature(z: torch.Tensor, target: torch.Tensor) -> float:
    (log_temperature,) = _minimise(
        lambda p: functional.cross_entropy(z * torch.exp(-p[0]), target), torch.zeros(1, dtype=torch.float64)
    ).tolist()
    return float(np.exp(log_temperature))


def _fit_label(z: torch.Tensor, labels: torch.Tensor, *, biased: bool) -> tuple[float, torch.Tensor]:
    if not biased:
        return _fit_temperature(z, labels), torch.zeros(EMOTION_COUNT, dtype=torch.float64)

    def loss(p: torch.Tensor) -> torch.Tensor:
        fit = functional.cross_entropy(z * torch.exp(-p[0]) + p[1:], labels)
        return fit + BIAS_PRIOR / len(z) * (p[1:] ** 2).sum() / 2

    solution = _minimise(loss, torch.zeros(1 + EMOTION_COUNT, dtype=torch.float64))
    return float(torch.exp(solution[0])), solution[1:]


def _cross_validated(z: torch.Tensor, labels: torch.Tensor, biased: bool) -> float:
    """Mean held-out loss over contiguous folds (the split already shuffled the faces)."""
    fold = torch.arange(len(z)) * FOLDS // len(z)
    losses = []
    for k in range(FOLDS):
        temperature, bias = _fit_label(z[fold != k], labels[fold != k], biased=biased)
        held_out = z[fold == k] / temperature + bias
        losses.append(functional.cross_entropy(held_out, labels[fold == k]).item())
    return float(np.mean(losses))


def _minimise(loss: Loss, start: torch.Tensor) -> torch.Tensor:
    parameters = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([parameters], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss(parameters)
        value.backward()
        return value

    optimiser.step(closure)
    return parameters.detach()
