"""Face and voice as distributions over the labels that both know: pooled, and compared.

A voice knows no contempt and has two names that a face lacks. They are read as what a face shows with them: calm as
neutral, boredom partly as neutral and partly as sadness (`boredom_to_sadness` of fusion.json). Contempt keeps the
probability that the face gives it, because the voice says nothing about it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..circumplex import EMOTIONS

Array = NDArray[np.float64]

SHARED: tuple[str, ...] = tuple(name for name in EMOTIONS if name != "contempt")
"""Labels that both know, in canonical order; contempt is the last of all."""
_NEUTRAL, _SADNESS = SHARED.index("neutral"), SHARED.index("sadness")
_LEAST = 1e-4  # probability below which no side can rule a label out

assert EMOTIONS[: len(SHARED)] == SHARED, "contempt is taken for the last label"


def of_face(probabilities: NDArray[np.floating]) -> tuple[Array, float]:
    """Distribution [7] over `SHARED`, and the probability of contempt.

    Args:
        probabilities: [8] in canonical order.
    """
    p = np.asarray(probabilities, np.float64)
    return _normalised(p[: len(SHARED)]), float(p[len(SHARED)] / max(float(p.sum()), _LEAST))


def of_voice(probabilities: NDArray[np.floating], extra: Mapping[str, float], boredom_to_sadness: float) -> Array:
    """Distribution [7] over `SHARED`; other foreign names are left out.

    Args:
        probabilities: [8] in canonical order; contempt is left out.
        extra: probabilities of foreign labels.
        boredom_to_sadness: share of boredom that counts as sadness, the rest as neutral.
    """
    p = np.array(probabilities[: len(SHARED)], np.float64)
    boredom = extra.get("boredom", 0.0)
    p[_NEUTRAL] += extra.get("calm", 0.0) + (1 - boredom_to_sadness) * boredom
    p[_SADNESS] += boredom_to_sadness * boredom
    return _normalised(p)


def _normalised(p: Array) -> Array:
    p = p / max(float(p.sum()), 1e-12)
    p = np.maximum(p, _LEAST)
    result: Array = p / p.sum()
    return result


def tempered(p: Array, power: float) -> Array:
    """p^power, normalised: 1 keeps it, 0 makes it uniform."""
    logs = power * np.log(p)
    shares = np.exp(logs - logs.max())
    result: Array = shares / shares.sum()
    return result


def log_pool(face: Array, voice: Array, face_weight: float, voice_weight: float) -> Array:
    """Logarithmic opinion pool (Genest and Zidek 1986): p(c) proportional to face(c)^w voice(c)^u.

    Weights may add up to more than 1: two witnesses who see different things and say the same are surer than each.
    """
    logs = face_weight * np.log(face) + voice_weight * np.log(voice)
    shares = np.exp(logs - logs.max())
    result: Array = shares / shares.sum()
    return result


def comparison(face: Array, voice: Array, prior: Array, means: Array, spreads: Array) -> Array:
    """[4] measures of how far two sides say the same; the same when the sides change places.

    * log of sum_c face(c) voice(c) / prior(c): how much likelier both are if they come from one emotion than if from
      two drawn apart (the Bayes factor, for calibrated sides that err independently);
    * Jensen-Shannon divergence in bits, 0 to 1;
    * distance in valence and in arousal, in standard deviations of both together.

    Args:
        face, voice, prior: [7] distributions over `SHARED`.
        means: [2, 2] valence and arousal (columns) of face and voice (rows).
        spreads: [2, 2] their standard deviations.
    """
    middle = (face + voice) / 2
    divergence = sum(0.5 * float((p * np.log2(p / middle)).sum()) for p in (face, voice))
    apart = np.abs(means[0] - means[1]) / np.sqrt((spreads**2).sum(0))
    return np.array([np.log((face * voice / prior).sum()), divergence, *apart])


def precise_mean(means: Array, variances: Array) -> tuple[Array, Array]:
    """Mean and variance of one quantity that two sides measure, each weighted by its precision: [k] from [2, k]."""
    precision = 1 / variances
    total = precision.sum(0)
    return (means * precision).sum(0) / total, 1 / total


def mixture(means: Array, variances: Array, shares: Array) -> tuple[Array, Array]:
    """Mean and variance of a mixture (law of total variance): [k] from [n, k] and shares [n]."""
    mean = shares @ means
    return mean, shares @ (variances + (means - mean) ** 2)
