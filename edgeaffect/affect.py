"""`Affect`: what one face, or one window of voice, expresses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._fields import Fields
from ._json import plain
from .circumplex import DIMENSIONS, EMOTIONS

_SHAPE = (len(EMOTIONS),)


def entropy(distribution: NDArray[np.floating[Any]]) -> float:
    """Shannon entropy in nats divided by ln(n): 0 = certain, 1 = uniform."""
    values = distribution.tolist()  # of a handful of numbers NumPy would take three times as long
    return float(sum([-p * math.log(p) for p in values if p > 0]) / math.log(len(values)))


@dataclass(frozen=True, repr=False, eq=False)
class Affect:
    """Affect of one face (or one window of voice)."""

    probabilities: NDArray[np.float32]
    """[8] posterior of the majority label, in `circumplex.EMOTIONS` order."""
    votes: NDArray[np.float32]
    """[8] expected share of raters who would choose each emotion."""
    label: str
    """Most probable label; with smoothing, after hysteresis."""
    confidence: float
    """Probability of `label`."""
    entropy: float
    """Entropy of `votes`, 0 (all raters agree) to 1 (uniform)."""
    valence: float
    arousal: float
    dominance: float
    """Each in [-1, 1]."""
    valence_std: float
    arousal_std: float
    dominance_std: float
    va_source: str
    """`derived` (from votes by anchors) or `rated` (a head trained on human ratings)."""
    quality: float
    """0..1: chance that the label would be the same if nothing hid, blurred or turned the face; NaN when unknown."""
    is_sure: bool
    """False = abstain: confidence or quality is below the options' thresholds, or `calibrated` is False."""
    extra: Mapping[str, float] = field(default_factory=dict)
    """Probabilities of labels outside the canonical eight, under their own names."""
    calibrated: bool | None = None
    """Whether `probabilities` (of `raw`) were fitted to faces with known labels; None where the model does not say."""
    own: Mapping[str, float] = field(default_factory=dict)
    """What a head for labels of one's own says (`edgeaffect labels fit`): class -> probability, or the name of a scale
    -> its value. It stands beside the emotions and takes no part in `label`."""

    def __post_init__(self) -> None:
        for name in ("probabilities", "votes"):
            if getattr(self, name).shape != _SHAPE:
                raise ValueError(f"{name} needs shape {_SHAPE}, got {getattr(self, name).shape}")

    def probability(self, label: str) -> float:
        """Probability of one label, also of those in `extra`.

        Raises:
            KeyError: no such label; the message lists them.
        """
        if label in EMOTIONS:
            return float(self.probabilities[EMOTIONS.index(label)])
        if label in self.extra:
            return float(self.extra[label])
        raise KeyError(f"no label {label!r}: choose {', '.join((*EMOTIONS, *self.extra))}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Affect:
        """Inverse of `to_dict`; null numbers are NaN.

        Raises:
            ValueError: a field is missing, of a wrong kind, or outside its range; the message names it.
        """
        return cls.from_fields(Fields(data, "affect"))

    @classmethod
    def from_fields(cls, fields: Fields) -> Affect:
        """`from_dict`, for an affect inside of something else."""
        return cls(
            probabilities=_distribution(fields, "probabilities"),
            votes=_distribution(fields, "votes"),
            label=fields.text("label"),
            **{name: fields.share(name) for name in ("confidence", "entropy", "quality")},
            **{name: fields.number(name, -1, 1) for name in DIMENSIONS},
            **{name: fields.number(name, 0) for name in (f"{dimension}_std" for dimension in DIMENSIONS)},
            va_source=fields.choice("va_source", ("derived", "rated")),
            is_sure=fields.flag("is_sure"),
            extra=fields.numbers("extra"),
            own=fields.added("own", lambda: fields.numbers("own")) or {},
            calibrated=None if fields.is_null("calibrated") else fields.flag("calibrated"),
        )

    def __repr__(self) -> str:
        sure = "" if self.is_sure else ", unsure"
        return f"Affect({self.label} {self.confidence:.2f}, V {self.valence:+.2f}, A {self.arousal:+.2f}{sure})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values; distributions by name."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["probabilities"] = dict(zip(EMOTIONS, self.probabilities.tolist(), strict=True))
        values["votes"] = dict(zip(EMOTIONS, self.votes.tolist(), strict=True))
        written: dict[str, Any] = plain(values)
        return written


def _distribution(fields: Fields, name: str) -> NDArray[np.float32]:
    shares = fields.object(name)
    return np.array([shares.share(emotion) for emotion in EMOTIONS], np.float32)
