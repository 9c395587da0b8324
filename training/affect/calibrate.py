"""Temperatures of a trained network, fitted on the development part only.

Two distributions come out of the same vote logits z: the expected shares of raters, softmax(z / T_votes), fitted to the
votes of all faces, and the posterior of the majority label, softmax(z / T_label + bias), fitted to the labels of faces
that have a majority (Guo et al. 2017). A share of 0.8 makes a majority almost certain, so T_label is the smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
    doubt: float = 0.0
    """How much the label's temperature grows with what is hidden: T (1 + doubt (1 - quality)); with a guard only."""
    average: tuple[float, ...] = ()
    """Votes for a face of which nothing is seen: average shares; with a guard only."""
    average_share: float = 0.0
    """How much of them is in the votes at a quality of 0."""


def with_doubt(calibration: Calibration, logits: torch.Tensor, quality: torch.Tensor, votes: np.ndarray) -> Calibration:
    """The calibration of a network with a guard: the less of a face is visible, the less is claimed.

    Args:
        calibration: of untouched faces; its temperature of the label is fitted anew.
        logits: [n, 10] of untouched and damaged views of the development faces.
        quality: [n] in 0..1, the guard's chance.
        votes: [n, 10] cleaned votes of the faces.
    """
    z, hidden = logits.double()[:, :EMOTION_COUNT], 1 - quality.double()
    labels, majority = majority_labels(votes)
    target, bias = torch.from_numpy(labels[majority]), torch.tensor(calibration.bias, dtype=torch.float64)

    def label_loss(p: torch.Tensor) -> torch.Tensor:
        temperature = p[0].exp() * (1 + p[1] ** 2 * hidden[majority, None])
        return functional.cross_entropy(z[majority] / temperature + bias, target)

    start = torch.tensor([float(np.log(calibration.label)), 0.5], dtype=torch.float64)
    log_temperature, root = _minimise(label_loss, start).tolist()
    shares, voted = emotion_shares(votes)
    human = torch.from_numpy(shares[voted])
    average = human.mean(0)
    seen = (z[voted] / calibration.votes).softmax(1)

    def vote_loss(p: torch.Tensor) -> torch.Tensor:
        blend = p[0].sigmoid() * hidden[voted, None]
        return -(human * ((1 - blend) * seen + blend * average).log()).sum(1).mean()

    share = torch.sigmoid(_minimise(vote_loss, torch.zeros(1, dtype=torch.float64)))
    return replace(
        calibration,
        label=float(np.exp(log_temperature)),
        doubt=root**2,
        average=tuple(average.tolist()),
        average_share=float(share),
    )


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
