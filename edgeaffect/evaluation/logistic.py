"""Multinomial logistic regression and ridge regression for tens to thousands of examples. NumPy only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_STEPS = 200
_SETTLED = 1e-5
_MEMORY = 10


def fit_logistic(x: Floats, labels: Labels, classes: int, penalty: float, start: Floats | None = None) -> Floats:
    """Weights of the least mean negative log-likelihood + penalty / 2 * |weights|^2, the bias not penalised.

    Args:
        x: [n, d], standardised.
        labels: [n] numbers of classes.
        classes: k.
        penalty: above 0, so that there is one optimum, also for separable classes.
        start: weights to begin at.

    Returns:
        [d + 1, k]; the last row is the bias.
    """
    design = np.concatenate([x, np.ones((len(x), 1))], 1)
    hot = np.eye(classes)[labels]
    ridge = np.full((design.shape[1], 1), penalty)
    ridge[-1] = 1e-6 * penalty  # the sum of all biases is free: a trace keeps it where it is

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(-1, classes)
        z = design @ w
        z -= z.max(1, keepdims=True)
        total = np.log(np.exp(z).sum(1))
        slope = design.T @ (np.exp(z - total[:, None]) - hot) / len(x) + ridge * w
        return float((total - (z * hot).sum(1)).mean() + (ridge * w * w).sum() / 2), slope.ravel()

    first = np.zeros(design.shape[1] * classes) if start is None else start.ravel()
    weights: Floats = minimise(loss, first).reshape(-1, classes)
    return weights


def minimise(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Minimum of a smooth convex function by L-BFGS (Nocedal & Wright 2006, algorithm 7.5) with Armijo steps.

    Args:
        loss: value and gradient at a point.
        start: where to begin.
    """
    x: Floats = start.copy()
    value, slope = loss(x)
    moved: list[tuple[Floats, Floats]] = []
    for _ in range(_STEPS):
        if np.abs(slope).max() < _SETTLED:
            break
        step = -_scaled(slope, moved)
        downhill = float(slope @ step)
        length = 1.0 if moved else min(1.0, 1.0 / float(np.abs(slope).sum()))
        while length > 1e-12:
            new_value, new_slope = loss(x + length * step)
            if new_value <= value + 1e-4 * length * downhill:
                break
            length /= 2
        else:
            break
        change = length * step
        if float(change @ (new_slope - slope)) > 1e-12:
            moved = [*moved[-_MEMORY + 1 :], (change, new_slope - slope)]
        x, value, slope = x + change, new_value, new_slope
    return x


def _scaled(slope: Floats, moved: list[tuple[Floats, Floats]]) -> Floats:
    """The slope times the inverse curvature that the last moves show (two-loop recursion)."""
    q: Floats = slope.copy()
    shares: list[float] = []
    for s, y in reversed(moved):
        share = float(s @ q) / float(s @ y)
        shares.append(share)
        q -= share * y
    if moved:
        s, y = moved[-1]
        q *= float(s @ y) / float(y @ y)
    for (s, y), share in zip(moved, reversed(shares), strict=True):
        q += (share - float(y @ q) / float(s @ y)) * s
    return q


def fit_ridge(x: Floats, values: Floats, penalty: float) -> Floats:
    """Weights of the least mean squared error + penalty * |weights|^2, the bias not penalised.

    Args:
        x: [n, d], standardised: columns have mean 0.
        values: [n].
        penalty: above 0.

    Returns:
        [d + 1, 1]; the last row is the bias.
    """
    mean, n = values.mean(), len(x)
    middle = x.mean(0)
    xc, yc = x - middle, values - mean
    if n < x.shape[1]:  # the same by the smaller system
        w: Floats = xc.T @ np.linalg.solve(xc @ xc.T + n * penalty * np.eye(n), yc)
    else:
        w = np.linalg.solve(xc.T @ xc + n * penalty * np.eye(x.shape[1]), xc.T @ yc)
    return np.append(w, mean - middle @ w)[:, None]
