"""Fits an `AffectCalibration` to labelled faces, and says by cross-validation what it is worth.

A temperature always; a bias per label only where it lowers the loss on held-out people by more than its standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..circumplex import EMOTIONS
from ..models.calibration_file import TEMPERATURES, AffectCalibration, log_of, softmax
from .affect_metrics import hard_ece

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEAST_FACES = 100
"""A share is then known within 10 points (95 %); with fewer, a calibration would promise what nobody has seen."""
LEAST_LABELS = 2
FOLDS = 5
"""Parts of the cross-validation, and the least number of people."""
_STEPS = 100
_SETTLED = 1e-7
# Standard deviation of the normal prior on a bias: a shift of 1 multiplies the odds of a label by 2.7.
_BIAS_SPREAD = 1.0


@dataclass(frozen=True)
class _Fit:
    """Inverse temperature and biases [8]."""

    sharpness: float
    bias: Floats

    def probabilities(self, logs: Floats) -> Floats:
        return softmax(self.sharpness * logs + self.bias)


def fit_calibration(
    probabilities: ArrayLike, labels: Sequence[str], people: Sequence[str] | None = None, *, model: str
) -> AffectCalibration:
    """A calibration for a model that said `probabilities` of faces that people labelled.

    Args:
        probabilities: [n, 8] in `EMOTIONS` order.
        labels: [n] names out of `EMOTIONS`.
        people: [n] who each face is of; folds of the cross-validation then share no person. None: folds by face.
        model: name and version of the model.

    Raises:
        ValueError: lengths differ, an unknown label, too few faces, labels or people (with the numbers), or
            probabilities that tell nothing about the labels.
    """
    given = np.asarray(probabilities, np.float64)
    if given.shape != (len(labels), len(EMOTIONS)) or (people is not None and len(people) != len(labels)):
        raise ValueError(
            f"one row of {len(EMOTIONS)} probabilities and one label belong to a face; got {list(given.shape)}, "
            f"{len(labels)} labels" + ("" if people is None else f", {len(people)} people")
        )
    if unknown := sorted(set(labels) - set(EMOTIONS)):
        raise ValueError(f"labels are {', '.join(EMOTIONS)}; got {', '.join(map(repr, unknown[:5]))}")
    _check_enough(labels, people)
    logs, truth = log_of(given), np.array([EMOTIONS.index(label) for label in labels])
    owners = np.unique(people, return_inverse=True)[1] if people is not None else np.arange(len(truth))
    parts = _folds(owners)
    plain = _held_out(logs, truth, parts, with_bias=False)
    shifted = _held_out(logs, truth, parts, with_bias=True)
    with_bias = _pays(_loss(plain, truth) - _loss(shifted, truth), owners)
    best = _fit(logs, truth, with_bias=with_bias)
    temperature = 1 / best.sharpness
    if temperature >= TEMPERATURES[1]:
        raise ValueError(
            f"the probabilities tell nothing about these {len(truth)} labels (the best temperature is "
            f"{TEMPERATURES[1]:g} or more): are the labels right, and do the pictures show one face each?"
        )
    after = shifted if with_bias else plain
    scores = {f"{name}_before": value for name, value in _scores(given, softmax(logs), truth).items()}
    scores |= {f"{name}_after": value for name, value in _scores(after, after, truth).items()}
    bias = dict(zip(EMOTIONS, best.bias.round(4).tolist(), strict=True)) if with_bias else {}
    return AffectCalibration(
        model, round(temperature, 4), bias, len(truth), None if people is None else int(owners.max()) + 1,
        {name: round(value, 4) for name, value in scores.items()},
    )  # fmt: skip


def _check_enough(labels: Sequence[str], people: Sequence[str] | None) -> None:
    kinds, persons = len(set(labels)), None if people is None else len(set(people))
    if len(labels) < LEAST_FACES or kinds < LEAST_LABELS or (persons is not None and persons < FOLDS):
        found = f"{len(labels)} faces with {kinds} labels" + ("" if persons is None else f" of {persons} people")
        raise ValueError(
            f"{found} are too few to calibrate: at least {LEAST_FACES} faces with {LEAST_LABELS} labels are needed"
            + ("" if persons is None else f", of {FOLDS} people")
        )


def _folds(owners: Labels) -> list[NDArray[np.bool_]]:
    """Masks [n] of `FOLDS` parts of about one size, that share no owner."""
    counts = np.bincount(owners)
    order = np.random.default_rng(0).permutation(len(counts))
    order = order[np.argsort(-counts[order], kind="stable")]  # the largest first, each into the smallest part
    sizes, part_of = np.zeros(FOLDS), np.empty(len(counts), np.int64)
    for owner in order:
        part_of[owner] = sizes.argmin()
        sizes[part_of[owner]] += counts[owner]
    return [part_of[owners] == part for part in range(FOLDS)]


def _held_out(logs: Floats, truth: Labels, parts: Sequence[NDArray[np.bool_]], *, with_bias: bool) -> Floats:
    """Probabilities [n, 8] of every face by a fit to the other parts."""
    result = np.empty_like(logs)
    for part in parts:
        result[part] = _fit(logs[~part], truth[~part], with_bias=with_bias).probabilities(logs[part])
    return result


def _fit(logs: Floats, truth: Labels, *, with_bias: bool) -> _Fit:
    """The least negative log-likelihood, by Newton's method with halved steps; the problem is convex."""
    n, k = logs.shape
    # How each parameter moves the logits of a face: the sharpness by its logs, a bias one of them by 1.
    design = logs[..., None]
    if with_bias:
        design = np.concatenate([design, np.broadcast_to(np.eye(k), (n, k, k))], 2)
    # A bias is drawn to 0: of a label that no face has, or a few have, little is known.
    prior = np.full(design.shape[2], 1 / _BIAS_SPREAD**2)
    prior[0] = 0
    hot = np.eye(k)[truth]

    def cost(at: Floats) -> float:
        return float(_loss(softmax(design @ at), truth).sum() + (prior * at * at).sum() / 2)

    x = np.zeros(len(prior))
    x[0] = 1.0
    for _ in range(_STEPS):
        p = softmax(design @ x)
        mean = np.einsum("nk,nkj->nj", p, design)
        slope = np.einsum("nk,nkj->j", p - hot, design) + prior * x
        curve = np.einsum("nk,nki,nkj->ij", p, design, design) - mean.T @ mean + np.diag(prior)
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(x)), slope)
        tried = _shortened(x, step, cost)
        if np.abs(tried - x).max() < _SETTLED:
            break
        x = tried
    return _Fit(float(x[0]), x[1:] if with_bias else np.zeros(k))


def _shortened(x: Floats, step: Floats, cost: Callable[[Floats], float]) -> Floats:
    """`x` after the largest halved part of a step that lowers the cost, the sharpness kept in its range; else `x`."""
    here, share = cost(x), 1.0
    while share > _SETTLED:
        tried: Floats = x - share * step
        tried[0] = tried[0].clip(1 / TEMPERATURES[1], 1 / TEMPERATURES[0])
        if cost(tried) < here:
            return tried
        share /= 2
    return x


def _loss(probabilities: Floats, truth: Labels) -> Floats:
    """Negative log-likelihood [n] in nats."""
    loss: Floats = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-12))
    return loss


def _pays(gains: Floats, owners: Labels) -> bool:
    """Whether the mean gain exceeds its standard error, faces of one owner being no independent witnesses."""
    sums = np.bincount(owners, gains - gains.mean())
    error = np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(gains)
    return bool(gains.mean() > error)


def _scores(said: Floats, floored: Floats, truth: Labels) -> dict[str, float]:
    """Accuracy, expected calibration error of what was said, and loss without infinities."""
    return {
        "accuracy": float((said.argmax(1) == truth).mean()),
        "ece": hard_ece(said, truth),
        "nll": float(_loss(floored, truth).mean()),
    }
