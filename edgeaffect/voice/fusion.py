"""`Fusion`: what a face and a voice say together, and how far they say the same.

1. Both become distributions over the labels that both know (`pooling`), each with a weight: what the side is worth at
   its best, times how well it is seen or heard now.
2. `agreement` is the probability that both express the same, when that is as likely as not beforehand: a logistic
   function of how the two compare.
3. If they express the same, they are two witnesses: a logarithmic pool of the labels, a mean of valence and arousal by
   precision. If they do not, neither is right for the other: a mixture that keeps what each says, and is wide. The
   fused affect is the mixture of these two by the agreement, so a disagreement is never averaged away.

Constants (`fusion.json`) are fitted by training/voice/fusion.py on faces and voices of different people joined by
label, because nobody at hand was filmed and recorded together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import check, check_share, is_number
from ..affect import Affect, entropy
from ..circumplex import DIMENSIONS, EMOTIONS
from ..cues import Cues
from ..heard import Voice
from ..options import FusionOptions
from ..results import Face
from . import pooling
from .protocols import Fused

Array = NDArray[np.float64]

CONSTANTS = Path(__file__).with_name("fusion.json")
NOISE_DBFS = -75.0
"""Level of the noise that is taken for granted where nobody measured it."""
# Valence or arousal nearer to 0 than this is called neither.
_PLAIN = 0.2
# Standard deviation of the 68 points, in distances between the eyes, at which cues are worth half.
_HALF_STABLE = 0.06


@dataclass(frozen=True)
class Weights:
    """How far each side counts, 0 to its best."""

    face: float
    voice: float


def cue_stability(cues: Cues) -> float:
    """How well a face is seen by what the cue model says of its own error: 1 (to the point) to 0.

    1 / (1 + (s / 0.06)^2), with s the mean standard deviation of the 68 points in distances between the eyes' outer
    corners; 1 where the model tells no deviations.
    """
    if cues.std is None:
        return 1.0
    eyes = max(float(np.linalg.norm(cues.landmarks68[36] - cues.landmarks68[45])), 1e-3)
    return 1 / (1 + (float(cues.std.landmarks68.mean()) / eyes / _HALF_STABLE) ** 2)


class Fusion:
    """Joins the affect of a face with that of the voice that is its own. Holds no state.

    Args:
        options: when both belong to one moment, and from where on they differ.
    """

    def __init__(self, options: FusionOptions | None = None) -> None:
        self.options = options or FusionOptions()

    def __call__(
        self, face: Face, voice: Voice | None, *, timestamp: float | None = None, noise_dbfs: float = NOISE_DBFS
    ) -> Fused | None:
        """Join a face and the voice that is its own.

        Args:
            face: its `affect`; `raw_cues` or `cues` say how well it is seen.
            voice: None where nothing was heard.
            timestamp: of the frame, seconds on the voice's clock; None takes both for one moment.
            noise_dbfs: level of the sound while nobody speaks.

        Returns:
            None where either side is missing, silent, or older than `options.max_age`.
        """
        if voice is None or not voice.is_speech:
            return None
        cues = face.raw_cues or face.cues
        return self.combine(
            face.affect,
            voice.affect,
            cue_stability=1.0 if cues is None else cue_stability(cues),
            speech_level=voice.level_dbfs,
            noise_level=noise_dbfs,
            age=0.0 if timestamp is None else abs(timestamp - voice.timestamp),
        )

    def combine(
        self,
        face: Affect | None,
        voice: Affect | None,
        *,
        face_quality: float | None = None,
        cue_stability: float = 1.0,
        speech_level: float | None = None,
        noise_level: float = NOISE_DBFS,
        age: float = 0.0,
    ) -> Fused | None:
        """The rule behind `__call__`, over two affects.

        Args:
            face: canonical labels.
            voice: canonical labels, with calm and boredom in `extra`.
            face_quality: 0..1; None takes `face.quality`, and 1 where that is NaN.
            cue_stability: 0 (the face is hardly seen) to 1.
            speech_level: dBFS of the voice's window; None takes it for well heard.
            noise_level: dBFS while nobody speaks.
            age: seconds between both.

        Returns:
            None where a side is missing, or `age` is above `options.max_age`.

        Raises:
            ValueError: a number, or a value of an affect, is NaN or outside its range.
        """
        if face_quality is not None:
            check_share("face_quality", face_quality)
        check_share("cue_stability", cue_stability)
        check(speech_level is None or is_number(speech_level), "speech_level", speech_level, "finite dBFS, or None")
        check(is_number(noise_level), "noise_level", noise_level, "finite dBFS")
        check(is_number(age) and age >= 0, "age", age, "seconds, 0 or more")
        if face is None or voice is None or age > self.options.max_age:
            return None
        for name, affect in (("face", face), ("voice", voice)):
            _check_finite(name, affect)
        quality = face_quality if face_quality is not None else 1.0 if np.isnan(face.quality) else face.quality
        margin = None if speech_level is None else speech_level - noise_level
        return self._joined(face, voice, weights(quality, cue_stability, margin, age))

    def _joined(self, face: Affect, voice: Affect, weight: Weights) -> Fused:
        constants, options = _constants(), self.options
        means = np.array([[getattr(side, name) for name in DIMENSIONS] for side in (face, voice)])
        variances = np.array([[getattr(side, f"{name}_std") ** 2 for name in DIMENSIONS] for side in (face, voice)])
        same = agreement(face, voice, weight)
        best = (constants["weight"]["face"]["best"], constants["weight"]["voice"]["best"])
        shares = np.array([weight.face * best[0], weight.voice * best[1]])
        shares = shares / shares.sum() if shares.sum() > 0 else np.array([0.5, 0.5])
        probabilities, votes = (
            self._labels(getattr(face, name), getattr(voice, name), voice.extra, same, weight, shares)
            for name in ("probabilities", "votes")
        )
        # A side that is hardly seen or heard measures badly.
        errors = np.array([constants["error"]["face"], constants["error"]["voice"]]) ** 2
        trust = np.maximum(np.array([[weight.face], [weight.voice]]), 1e-3)
        one = pooling.precise_mean(means, (variances + errors) / trust)
        two = pooling.mixture(means, variances, shares)
        mean, variance = pooling.mixture(
            np.stack([one[0], two[0]]), np.stack([one[1], two[1]]), np.array([same, 1 - same])
        )
        row = int(probabilities.argmax())
        confidence = float(probabilities[row])
        differs = same < options.disagree
        is_sure = confidence >= options.min_confidence and not differs and (face.is_sure or voice.is_sure)
        valence, arousal, dominance = np.clip(mean, -1, 1).tolist()
        valence_std, arousal_std, dominance_std = np.sqrt(variance).tolist()
        affect = Affect(
            probabilities=probabilities,
            votes=votes,
            label=EMOTIONS[row],
            confidence=confidence,
            entropy=entropy(votes),
            valence=valence,
            arousal=arousal,
            dominance=dominance,
            valence_std=valence_std,
            arousal_std=arousal_std,
            dominance_std=dominance_std,
            va_source=face.va_source if face.va_source == voice.va_source else "derived",
            quality=face.quality,
            is_sure=is_sure,
            calibrated=_both(face.calibrated, voice.calibrated),
        )
        is_told = face.is_sure and voice.is_sure
        return Fused(affect, same if is_told else None, _difference(face, voice) if is_told and differs else None)

    def _labels(
        self, face: Array, voice: Array, extra: Any, same: float, weight: Weights, shares: Array
    ) -> NDArray[np.float32]:
        """[8] one distribution: the pool if both say the same, and the mixture if they do not."""
        constants = _constants()
        p, contempt = pooling.of_face(face)
        q = pooling.of_voice(voice, extra, constants["boredom_to_sadness"])
        best = constants["weight"]
        pool = pooling.log_pool(p, q, best["face"]["best"] * weight.face, best["voice"]["best"] * weight.voice)
        joined = same * pool + (1 - same) * (shares[0] * p + shares[1] * q)
        result = np.append((1 - contempt) * joined, contempt)
        normalised: NDArray[np.float32] = (result / result.sum()).astype(np.float32)
        return normalised


def weights(quality: float, stability: float, margin: float | None, age: float) -> Weights:
    """How far each side counts now, 0 to 1.

    Args:
        quality: of the face, 0..1.
        stability: of its cues, 0..1.
        margin: decibels of the speech above the noise; None takes it for well heard.
        age: seconds between both; a voice counts half after `half_life` seconds.
    """
    face, voice = _constants()["weight"]["face"], _constants()["weight"]["voice"]
    heard = 1.0 if margin is None else 1 / (1 + np.exp(-(margin - voice["middle_db"]) / voice["slope_db"]))
    return Weights(
        face=float(quality ** face["quality_power"] * stability ** face["stability_power"]),
        voice=float(heard * 0.5 ** (age / voice["half_life"])),
    )


def agreement(face: Affect, voice: Affect, weight: Weights) -> float:
    """Probability that both express the same, when that is as likely as not beforehand.

    Logistic in the measures of `pooling.comparison`; sides that count little are taken for vague first, so what is
    hardly seen or heard neither agrees nor disagrees.
    """
    values, constants = compared(face, voice, weight), _constants()["agreement"]
    logit = constants["bias"] + float(values @ constants["slopes"])
    return float(1 / (1 + np.exp(-logit)))


def compared(face: Affect, voice: Affect, weight: Weights) -> Array:
    """[4] `pooling.comparison` of both, each as vague as it counts little."""
    constants = _constants()
    p = pooling.tempered(pooling.of_face(face.probabilities)[0], weight.face)
    q = pooling.of_voice(voice.probabilities, voice.extra, constants["boredom_to_sadness"])
    q = pooling.tempered(q, weight.voice)
    means = np.array([[side.valence, side.arousal] for side in (face, voice)])
    spreads = np.array([[side.valence_std, side.arousal_std] for side in (face, voice)])
    errors = np.array([constants["error"]["face"], constants["error"]["voice"]])[:, :2]
    trust = np.maximum(np.array([[weight.face], [weight.voice]]), 1e-3)
    return pooling.comparison(p, q, np.array(constants["prior"]), means, np.sqrt((spreads**2 + errors**2) / trust))


def _difference(face: Affect, voice: Affect) -> str:
    """On which side they differ: in tone, and where the tone is one in labels."""
    tones = [tone(side) for side in (face, voice)]
    words = tones if tones[0] != tones[1] else [face.label, voice.label]
    return f"face {words[0]}, voice {words[1]}"


def tone(affect: Affect) -> str:
    """One word for where an affect lies in valence and arousal: positive, tense, low, excited, calm or neutral."""
    if affect.valence >= _PLAIN:
        return "positive" if affect.arousal > -_PLAIN else "calm"
    if affect.valence <= -_PLAIN:
        return "tense" if affect.arousal >= 0.1 else "low"
    return "excited" if affect.arousal >= _PLAIN else "calm" if affect.arousal <= -_PLAIN else "neutral"


def _both(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def _check_finite(name: str, affect: Affect) -> None:
    numbers = [*affect.probabilities.tolist(), *affect.votes.tolist(), *affect.extra.values()]
    numbers += [getattr(affect, dimension + end) for dimension in DIMENSIONS for end in ("", "_std")]
    if not all(np.isfinite(numbers)):
        raise ValueError(f"{name} must have finite probabilities, valence and arousal; got NaN or infinity")


@cache
def _constants() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(CONSTANTS.read_text("utf-8"))
    return data
