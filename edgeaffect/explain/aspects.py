"""What a face says about each aspect (`cues.ASPECTS`) that a text can claim: a state and a probability."""

from __future__ import annotations

import math

from ..circumplex import EMOTIONS
from .content import CO_VOTED, Known, tones_of
from .cues import COMPOSITES, MOODS
from .evidence import Evidence
from .meaning import bin_of

UNKNOWN = 0.5
OPPOSITES = {"pleasant": "unpleasant", "unpleasant": "pleasant", "lively": "calm", "calm": "lively"}


def state_of(aspect: str, known: Known) -> str:
    """`present`, `absent`, `unclear` or `hidden`.

    Args:
        aspect: one of `cues.ASPECTS`.
        known: of the face.
    """
    if aspect in EMOTIONS:
        if not known.has_face:
            return "hidden"
        if aspect == known.label:
            return "unclear" if bin_of(known.confidence) == "hard" else "present"
        return "unclear" if known.votes.get(aspect, 0.0) >= CO_VOTED else "absent"
    if aspect in MOODS:
        if not known.has_face:
            return "hidden"
        tones = tones_of(known.valence, known.arousal)
        return "present" if aspect in tones else "absent" if OPPOSITES[aspect] in tones else "unclear"
    return known.state(aspect)


def probability_of(aspect: str, evidence: Evidence) -> float:
    """Probability that the face shows an aspect, 0..1; 0.5 where it is hidden or nobody measured it.

    A composite is there when any of its parts is, taken as independent. Emotions have the affect stage's probability.
    Valence and arousal are taken as normal with the stage's mean and deviation: P(valence > 0) and so on.
    """
    if not evidence.known.has_face and aspect != "no_face":
        return UNKNOWN
    if aspect in COMPOSITES:
        parts = [probability_of(part, evidence) for part in COMPOSITES[aspect]]
        return 1 - math.prod(1 - p for p in parts)
    if aspect in EMOTIONS:
        return _known(evidence.affect.probability(aspect))
    if aspect in MOODS:
        affect = evidence.affect
        is_valence = aspect in ("pleasant", "unpleasant")
        mean, std = (affect.valence, affect.valence_std) if is_valence else (affect.arousal, affect.arousal_std)
        above = _known(0.5 * math.erfc(-mean / (max(std, 1e-3) * math.sqrt(2))))
        return above if aspect in ("pleasant", "lively") else 1 - above
    if aspect in evidence.states:
        hidden = evidence.states[aspect] == "hidden"
        return UNKNOWN if hidden else _known(evidence.probabilities[aspect])
    return _known(evidence.facts.get(aspect, UNKNOWN))


def _known(probability: float) -> float:
    return UNKNOWN if math.isnan(probability) else float(probability)
