"""Valence-arousal-dominance space: anchors, vote distribution <-> VAD mixture, compound emotions, nearest terms.

Each emotion is a Gaussian in [-1, 1]^3. A vote distribution `p` is then a mixture of Gaussians whose mean is the
expected affect and whose spread is the ambiguity:

    mean = sum_c p_c mu_c
    cov  = sum_c p_c (Sigma_c + mu_c mu_c^T) - mean mean^T

Values obtained this way are *derived* from votes on emotion words, not rated by people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

EMOTIONS: tuple[str, ...] = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
)  # fmt: skip
"""Canonical labels in canonical (FER+) order."""

DIMENSIONS: tuple[str, ...] = ("valence", "arousal", "dominance")


@dataclass(frozen=True)
class Anchor:
    """One emotion as a Gaussian: means and standard deviations of (valence, arousal, dominance)."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    correlation: tuple[float, float, float]
    """Correlations of (valence, arousal), (valence, dominance), (arousal, dominance)."""
    source: str


_RM = "Russell & Mehrabian 1977 (J. Research in Personality 11), mean and SD of valence, arousal, dominance"
_CORR = "correlations from the code of Revisiting Emotions Representation (jbcnrlz/emotion_recognition)"
# Dominance spreads are not in the copies of the table at hand: 0.3, the middle of the valence and arousal ones.
_STD_D = 0.3

ANCHORS: Mapping[str, Anchor] = {
    "neutral": Anchor(
        (0.0, 0.0, 0.0), (0.14, 0.12, 0.14), (0.05, 0.10, 0.10),
        "origin by definition; SD of human AffectNet ratings of neutral faces (valence .14, arousal .12)",
    ),
    "happiness": Anchor((0.81, 0.51, 0.46), (0.21, 0.26, _STD_D), (0.15, 0.75, 0.25), f"{_RM}: happy; {_CORR}"),
    "surprise": Anchor((0.40, 0.67, -0.13), (0.30, 0.27, _STD_D), (0.35, 0.05, 0.65), f"{_RM}: surprised; {_CORR}"),
    "sadness": Anchor((-0.63, -0.27, -0.33), (0.23, 0.34, _STD_D), (0.75, 0.65, 0.55), f"{_RM}: sad; {_CORR}"),
    "anger": Anchor((-0.51, 0.59, 0.25), (0.20, 0.33, _STD_D), (0.55, -0.45, 0.75), f"{_RM}: angry; {_CORR}"),
    "disgust": Anchor((-0.60, 0.35, 0.11), (0.20, 0.41, _STD_D), (0.25, -0.55, 0.35), f"{_RM}: disgusted; {_CORR}"),
    "fear": Anchor((-0.64, 0.60, -0.43), (0.20, 0.32, _STD_D), (0.65, -0.25, 0.85), f"{_RM}: fearful; {_CORR}"),
    "contempt": Anchor(
        (-0.23, 0.31, 0.0), (0.39, 0.33, 0.4), (0.25, 0.35, 0.45),
        f"{_RM}: contemptuous (valence, arousal); dominance not in our copies: 0 with a wide spread; {_CORR}",
    ),
}  # fmt: skip
"""The only anchor table of the project: the bundled models hold it as constants made from here."""

VOICE_ANCHORS: Mapping[str, Anchor] = {
    "calm": Anchor(
        (0.42, -0.37, 0.0), (0.35, 0.25, 0.4), (0.0, 0.0, 0.0),
        "halfway between relaxed (.65, -.33) and quiet (.19, -.40) of Russell & Mehrabian 1977; dominance and "
        "correlations not in our copies: 0; spreads wide enough to hold both words",
    ),
    "boredom": Anchor(
        (-0.65, -0.62, -0.33), (0.3, 0.3, _STD_D), (0.0, 0.0, 0.0),
        "Russell & Mehrabian 1977: bored (-.65, -.62, -.33); spreads 0.3 as the middle of the others, correlations 0",
    ),
}  # fmt: skip
"""Labels of voices outside the canonical eight. Faces are not labelled with them, so that `EMOTIONS` stays as it is."""

TERMS: Mapping[str, tuple[float, float]] = {
    **{name: (ANCHORS[name].mean[0], ANCHORS[name].mean[1]) for name in EMOTIONS},
    "secure": (0.74, -0.13),
    "untroubled": (0.79, -0.01),
    "quiet": (0.19, -0.40),
    "relaxed": (0.65, -0.33),
}
"""(valence, arousal) of emotion words, Russell & Mehrabian 1977, for `nearest_terms`."""

COMPOUNDS: Mapping[str, tuple[str, str]] = {
    "fearfully surprised": ("fear", "surprise"),
    "happily surprised": ("happiness", "surprise"),
    "sadly surprised": ("sadness", "surprise"),
    "disgustedly surprised": ("disgust", "surprise"),
    "angrily surprised": ("anger", "surprise"),
    "sadly fearful": ("sadness", "fear"),
    "sadly angry": ("sadness", "anger"),
}
"""The seven compound expressions of C-EXPR-DB (Kollias 2023)."""


@cache
def anchor_means() -> NDArray[np.float64]:
    """float64 [8, 3]: rows in `EMOTIONS` order, columns in `DIMENSIONS` order."""
    means = np.array([ANCHORS[name].mean for name in EMOTIONS], np.float64)
    means.flags.writeable = False
    return means


@cache
def anchor_covariances() -> NDArray[np.float64]:
    """float64 [8, 3, 3], symmetric positive semi-definite (projected: the published correlations are not quite)."""
    result = np.stack([_covariance(ANCHORS[name]) for name in EMOTIONS])
    result.flags.writeable = False
    return result


def _covariance(anchor: Anchor) -> NDArray[np.float64]:
    va, vd, ad = anchor.correlation
    correlation = np.array([[1, va, vd], [va, 1, ad], [vd, ad, 1]])
    values, vectors = np.linalg.eigh(correlation)
    correlation = (vectors * np.clip(values, 1e-6, None)) @ vectors.T
    # Projection changes the diagonal a little; the standard deviations are the published facts, so restore them.
    scale = np.asarray(anchor.std) / np.sqrt(np.diag(correlation))
    covariance: NDArray[np.float64] = correlation * np.outer(scale, scale)
    return covariance


def _distribution(votes: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(votes, np.float64)
    if p.shape[-1:] != (len(EMOTIONS),):
        raise ValueError(f"a distribution has {len(EMOTIONS)} values on its last axis, got shape {p.shape}")
    if not np.all(np.isfinite(p)) or np.any(p < 0):
        raise ValueError("a distribution has finite, non-negative values")
    total = p.sum(-1, keepdims=True)
    if np.any(total <= 0):
        raise ValueError("a distribution needs at least one positive value")
    shares: NDArray[np.float64] = p / total
    return shares


def vad_from_votes(votes: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean [..., 3] and covariance [..., 3, 3] of (valence, arousal, dominance) of the vote mixture.

    Args:
        votes: [..., 8] non-negative weights in `EMOTIONS` order; normalised here.
    """
    p = _distribution(votes)
    mu = anchor_means()
    mean = p @ mu
    second = anchor_covariances() + mu[:, :, None] * mu[:, None, :]
    cov = np.tensordot(p, second, axes=(-1, 0)) - mean[..., :, None] * mean[..., None, :]
    return mean, cov


@cache
def _voice_anchors() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means [10, 3] and second moments [10, 3, 3] of `ANCHORS` and `VOICE_ANCHORS`, in this order."""
    anchors = [*(ANCHORS[name] for name in EMOTIONS), *VOICE_ANCHORS.values()]
    means = np.array([anchor.mean for anchor in anchors])
    second = np.stack([_covariance(anchor) for anchor in anchors]) + means[:, :, None] * means[:, None, :]
    return means, second


def vad_from_voice(shares: Mapping[str, float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`vad_from_votes` over the anchors of voices too: mean [3] and covariance [3, 3] of the mixture.

    Args:
        shares: label -> non-negative weight; labels without an anchor are left out, the others normalised.

    Raises:
        ValueError: no label with an anchor has a positive weight.
    """
    p = np.array([shares.get(name, 0.0) for name in (*EMOTIONS, *VOICE_ANCHORS)], np.float64)
    if not (np.all(np.isfinite(p)) and np.all(p >= 0) and p.sum() > 0):
        raise ValueError(f"shares need finite, non-negative values, one of them positive; got {dict(shares)}")
    p /= p.sum()
    means, second = _voice_anchors()
    mean = p @ means
    return mean, np.tensordot(p, second, axes=(0, 0)) - np.outer(mean, mean)


def votes_from_vad(vad: ArrayLike, prior: ArrayLike | None = None) -> NDArray[np.float64]:
    """Posterior [..., 8] over emotions of points in VAD (or VA) space.

    p(c | x) is proportional to prior_c N(x; mu_c, Sigma_c); with two columns, dominance is marginalised out.

    Args:
        vad: [..., 3] valence, arousal, dominance, or [..., 2] valence, arousal, each in [-1, 1].
        prior: [8] weights, uniform by default.
    """
    x = np.asarray(vad, np.float64)
    if x.shape[-1:] not in ((2,), (3,)) or not np.all(np.isfinite(x)):
        raise ValueError(f"vad needs finite values and 2 or 3 columns, got shape {x.shape}")
    k = x.shape[-1]
    mu, sigma = anchor_means()[:, :k], anchor_covariances()[:, :k, :k]
    weights = _distribution(np.ones(len(EMOTIONS)) if prior is None else prior)
    delta = x[..., None, :] - mu
    solved = np.einsum("cij,...cj->...ci", np.linalg.inv(sigma), delta)
    with np.errstate(divide="ignore"):
        logit = np.log(weights) - 0.5 * np.linalg.slogdet(sigma)[1] - 0.5 * (delta * solved).sum(-1)
    logit -= logit.max(-1, keepdims=True)
    posterior = np.exp(logit)
    posterior /= posterior.sum(-1, keepdims=True)
    result: NDArray[np.float64] = posterior
    return result


@dataclass(frozen=True)
class Ellipse:
    """Ambiguity ellipse in the valence (x) / arousal (y) plane."""

    center: tuple[float, float]
    semi_axes: tuple[float, float]
    """Major, minor; in units of valence/arousal."""
    angle: float
    """Angle of the major axis from the valence axis, radians, in (-pi/2, pi/2]."""


def ambiguity_ellipse(votes: ArrayLike, mass: float = 0.68) -> Ellipse:
    """Ellipse that holds `mass` of a Gaussian with the mixture's mean and covariance.

    For two dimensions the squared radius is -2 ln(1 - mass) (chi-square with two degrees of freedom).
    """
    if not 0 < mass < 1:
        raise ValueError(f"mass must lie between 0 and 1 (both excluded), got {mass}")
    if np.ndim(votes) != 1:
        raise ValueError(f"one distribution at a time, got shape {np.shape(votes)}")
    mean, cov = vad_from_votes(votes)
    values, vectors = np.linalg.eigh(cov[:2, :2])
    radius = np.sqrt(np.clip(values[::-1], 0, None) * -2.0 * np.log1p(-mass))
    x, y = vectors[:, 1]
    angle = float(np.arctan2(y, x))
    if angle <= -np.pi / 2:
        angle += np.pi
    elif angle > np.pi / 2:
        angle -= np.pi
    return Ellipse((float(mean[0]), float(mean[1])), (float(radius[0]), float(radius[1])), angle)


def complete_dominance(valence: ArrayLike, arousal: ArrayLike, emotion: str) -> NDArray[np.float64]:
    """Dominance expected at (valence, arousal) for `emotion`, when only two dimensions were measured.

    Conditional Gaussian mean, softly limited to 1.5 standard deviations (same source as the correlations):
    D = mu_D + 1.5 s_D tanh((b1 (v - mu_V) + b2 (a - mu_A)) / (1.5 s_D)), clipped to [-1, 1].
    """
    if emotion not in ANCHORS:
        raise ValueError(f"emotion must be one of {EMOTIONS}, got {emotion!r}")
    row = EMOTIONS.index(emotion)
    mu, sigma = anchor_means()[row], anchor_covariances()[row]
    b1, b2 = np.linalg.solve(sigma[:2, :2], sigma[:2, 2])
    limit = 1.5 * np.sqrt(sigma[2, 2])
    shift = b1 * (np.asarray(valence, np.float64) - mu[0]) + b2 * (np.asarray(arousal, np.float64) - mu[1])
    dominance: NDArray[np.float64] = np.clip(mu[2] + limit * np.tanh(shift / limit), -1.0, 1.0)
    return dominance


def compound_scores(probabilities: ArrayLike, *, mean: str = "harmonic") -> dict[str, float]:
    """Score in [0, 1] of each compound expression: a mean of its two basic probabilities.

    Args:
        probabilities: [8] in `EMOTIONS` order.
        mean: `arithmetic`, `geometric` or `harmonic` (the strictest: both parts must be there), as HSEmotion does.
    """
    p = _distribution(probabilities)
    if p.ndim != 1:
        raise ValueError(f"one distribution at a time, got shape {p.shape}")
    combine: dict[str, Callable[[float, float], float]] = {
        "arithmetic": lambda a, b: (a + b) / 2,
        "geometric": lambda a, b: float(np.sqrt(a * b)),
        "harmonic": lambda a, b: 2 * a * b / (a + b) if a + b > 0 else 0.0,
    }
    if mean not in combine:
        raise ValueError(f"mean must be one of {tuple(combine)}, got {mean!r}")
    index = {name: i for i, name in enumerate(EMOTIONS)}
    return {
        name: float(combine[mean](p[index[first]], p[index[second]])) for name, (first, second) in COMPOUNDS.items()
    }


def nearest_terms(valence: float, arousal: float, count: int = 3) -> list[tuple[str, float]]:
    """The `count` emotion words nearest to a point, with their Euclidean distance, nearest first."""
    if not (np.isfinite(valence) and np.isfinite(arousal)):
        raise ValueError(f"valence and arousal must be finite, got {valence}, {arousal}")
    distances = [(name, float(np.hypot(valence - v, arousal - a))) for name, (v, a) in TERMS.items()]
    return sorted(distances, key=lambda pair: pair[1])[: max(0, count)]
