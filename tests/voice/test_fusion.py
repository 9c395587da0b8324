"""`Fusion`: pooling against a naive reference, agreement, missing sides, weights, hostile input."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.affect import Affect, entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_voice
from edgeaffect.heard import Voice
from edgeaffect.options import FusionOptions
from edgeaffect.results import Face
from edgeaffect.voice import pooling
from edgeaffect.voice.fusion import NOISE_DBFS, Fusion, agreement, tone, weights
from edgeaffect.voice.pooling import SHARED

SHAPES = st.lists(st.floats(0.001, 1), min_size=7, max_size=7)


def affect(shares: dict[str, float], **changes: Any) -> Affect:
    """An affect with these probabilities; what is left of 1 is spread over the canonical labels that are not named."""
    rest = [name for name in EMOTIONS if name not in shares and name != "contempt"]
    left = max(0.0, 1 - sum(shares.values()))
    named = {**{name: left / len(rest) for name in rest}, **shares}
    p = np.array([named.get(name, 0.0) for name in EMOTIONS], np.float32)
    extra = {name: value for name, value in named.items() if name not in EMOTIONS}
    votes = p / p.sum()
    mean, covariance = vad_from_voice(named)
    std = np.sqrt(np.diag(covariance))
    label = max(named, key=named.__getitem__)
    values: dict[str, Any] = {
        "probabilities": p, "votes": votes, "label": label, "confidence": named[label], "entropy": entropy(votes),
        "valence": mean[0], "arousal": mean[1], "dominance": mean[2], "valence_std": std[0], "arousal_std": std[1],
        "dominance_std": std[2], "va_source": "derived", "quality": 0.95, "is_sure": True, "extra": extra,
    }  # fmt: skip
    return Affect(**{**values, **changes})


HAPPY, ANGRY, SAD = (affect({name: 0.85}) for name in ("happiness", "anger", "sadness"))
CALM = affect({"calm": 0.8, "neutral": 0.1})
FUSION = Fusion()


def naive_pool(face: list[float], voice: list[float], w: float, u: float) -> list[float]:
    powers = [p**w * q**u for p, q in zip(face, voice, strict=True)]
    return [value / math.fsum(powers) for value in powers]


@given(face=SHAPES, voice=SHAPES, w=st.floats(0, 2), u=st.floats(0, 2))
@settings(max_examples=60, deadline=None)
def test_pool_is_the_product_of_powers(face: list[float], voice: list[float], w: float, u: float) -> None:
    p, q = (np.array(values) / sum(values) for values in (face, voice))
    # Powers of numbers above 1e-4 with exponents up to 2 lose a few of double's 16 digits.
    assert pooling.log_pool(p, q, w, u) == pytest.approx(naive_pool(p.tolist(), q.tolist(), w, u), abs=1e-12)


@given(face=SHAPES, voice=SHAPES)
@settings(max_examples=60, deadline=None)
def test_comparison_is_the_same_when_sides_change_places_and_bounded(face: list[float], voice: list[float]) -> None:
    p, q = (np.array(values) / sum(values) for values in (face, voice))
    prior = np.full(7, 1 / 7)
    means, spreads = np.array([[0.4, -0.2], [-0.5, 0.3]]), np.array([[0.2, 0.3], [0.4, 0.1]])
    there = pooling.comparison(p, q, prior, means, spreads)
    back = pooling.comparison(q, p, prior, means[::-1], spreads[::-1])
    assert there == pytest.approx(back, abs=1e-12)
    assert 0 <= there[1] <= 1
    naive = math.log(math.fsum(a * b * 7 for a, b in zip(p.tolist(), q.tolist(), strict=True)))
    assert there[0] == pytest.approx(naive, abs=1e-12)


def test_precise_mean_and_mixture_are_the_textbook_ones() -> None:
    mean, variance = pooling.precise_mean(np.array([[0.5], [-0.5]]), np.array([[0.01], [0.09]]))
    assert mean[0] == pytest.approx((0.5 / 0.01 - 0.5 / 0.09) / (1 / 0.01 + 1 / 0.09))
    assert variance[0] == pytest.approx(1 / (1 / 0.01 + 1 / 0.09))
    mean, variance = pooling.mixture(np.array([[0.5], [-0.5]]), np.array([[0.01], [0.09]]), np.array([0.5, 0.5]))
    assert (mean[0], variance[0]) == (0, pytest.approx(0.05 + 0.25))


def test_calm_and_boredom_are_what_a_face_shows_with_them() -> None:
    p = np.zeros(8, np.float32)
    p[0], p[7] = 0.2, 0.1
    found = pooling.of_voice(p, {"calm": 0.3, "boredom": 0.4}, 0.25)
    # All but 1e-4 for each of the others, contempt left out.
    assert found[SHARED.index("neutral")] == pytest.approx((0.2 + 0.3 + 0.3) / 0.9, abs=1e-3)
    assert found[SHARED.index("sadness")] == pytest.approx(0.1 / 0.9, abs=1e-3)


@pytest.mark.parametrize("side", [HAPPY, ANGRY, SAD])
def test_what_both_say_is_sure_and_agrees(side: Affect) -> None:
    fused = FUSION.combine(side, side)
    assert fused is not None and fused.agreement is not None
    assert fused.agreement > 0.5
    assert fused.disagreement is None
    assert fused.affect.label == side.label
    assert fused.affect.is_sure
    assert fused.affect.confidence > 0.75
    assert fused.affect.probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_a_disagreement_is_told_and_not_averaged_away() -> None:
    fused = FUSION.combine(HAPPY, ANGRY)
    assert fused is not None and fused.agreement is not None
    assert fused.agreement < 0.35
    assert fused.disagreement == "face positive, voice tense"
    assert not fused.affect.is_sure
    # Both are still there, and the spread holds both.
    happiness, anger = (fused.affect.probability(name) for name in ("happiness", "anger"))
    assert min(happiness, anger) > 0.15
    assert happiness + anger > 0.7
    assert fused.affect.valence_std > max(HAPPY.valence_std, ANGRY.valence_std)
    for side in (HAPPY, ANGRY):
        assert abs(fused.affect.valence - side.valence) < 2.5 * fused.affect.valence_std


def test_a_disagreement_of_one_tone_names_the_labels() -> None:
    fused = Fusion(FusionOptions(disagree=1.0)).combine(ANGRY, affect({"fear": 0.85}))
    assert fused is not None
    assert fused.disagreement == "face anger, voice fear"


def test_agreement_falls_as_the_voice_moves_away() -> None:
    given_weights = weights(1.0, 1.0, None, 0.0)
    shares = [0.8, 0.6, 0.4, 0.2, 0.05]
    found = [agreement(HAPPY, affect({"happiness": s, "anger": 0.85 - s}), given_weights) for s in shares]
    assert found == sorted(found, reverse=True)
    assert all(0 <= value <= 1 for value in found)


def test_agreement_is_the_same_when_equal_sides_change_places() -> None:
    full = weights(1.0, 1.0, None, 0.0)
    for a, b in itertools.combinations([HAPPY, ANGRY, SAD], 2):
        # The sides' own errors differ, so only nearly.
        assert agreement(a, b, full) == pytest.approx(agreement(b, a, full), abs=0.1)


def test_a_calm_voice_goes_with_a_neutral_face() -> None:
    fused = FUSION.combine(affect({"neutral": 0.9}), CALM)
    assert fused is not None and fused.agreement is not None
    assert fused.agreement > 0.5
    assert fused.affect.label == "neutral"
    assert fused.affect.extra == {}


def test_contempt_keeps_the_probability_of_the_face() -> None:
    face = affect({"contempt": 0.6, "neutral": 0.3})
    fused = FUSION.combine(face, ANGRY)
    assert fused is not None
    assert fused.affect.probability("contempt") == pytest.approx(0.6, abs=0.01)


def test_either_side_may_be_missing() -> None:
    assert FUSION.combine(None, ANGRY) is None
    assert FUSION.combine(HAPPY, None) is None
    assert FUSION.combine(HAPPY, ANGRY, age=FUSION.options.max_age + 0.01) is None


def test_unsure_sides_are_joined_but_their_agreement_is_not_told() -> None:
    unsure = dataclasses.replace(ANGRY, is_sure=False)
    for face, voice in ((HAPPY, unsure), (unsure, HAPPY)):
        fused = FUSION.combine(face, voice)
        assert fused is not None
        assert (fused.agreement, fused.disagreement) == (None, None)
    both = FUSION.combine(unsure, unsure)
    assert both is not None and not both.affect.is_sure


@pytest.mark.parametrize("name", ["face_quality", "cue_stability"])
def test_a_worse_face_counts_less(name: str) -> None:
    found = []
    for value in (1.0, 0.6, 0.3, 0.0):
        fused = FUSION.combine(HAPPY, SAD, **{name: value})
        assert fused is not None
        found.append(fused.affect.probability("happiness"))
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1] + 0.1


def test_a_voice_in_noise_or_of_the_past_counts_less() -> None:
    quiet = [FUSION.combine(HAPPY, SAD, speech_level=NOISE_DBFS + margin) for margin in (60.0, 6.0, 0.0)]
    old = [FUSION.combine(HAPPY, SAD, age=age) for age in (0.0, 1.0, 2.0)]
    for some in (quiet, old):
        found = [fused.affect.probability("sadness") for fused in some if fused is not None]
        assert len(found) == 3 and found == sorted(found, reverse=True)
        assert found[0] > found[-1]


def test_a_face_that_is_not_seen_neither_agrees_nor_disagrees() -> None:
    nothing = weights(0.0, 0.0, 0.0, 0.0)
    assert abs(agreement(HAPPY, HAPPY, nothing) - agreement(HAPPY, ANGRY, nothing)) < 0.2


@given(face=SHAPES, voice=SHAPES, quality=st.floats(0, 1), level=st.floats(-120, 0), age=st.floats(0, 2))
@settings(max_examples=80, deadline=None)
def test_whatever_comes_in_what_comes_out_is_in_range(
    face: list[float], voice: list[float], quality: float, level: float, age: float
) -> None:
    sides = [affect(dict(zip(SHARED, (np.array(p) / sum(p)).tolist(), strict=True))) for p in (face, voice)]
    fused = FUSION.combine(*sides, face_quality=quality, speech_level=level, age=age)
    assert fused is not None and fused.agreement is not None
    assert 0 <= fused.agreement <= 1
    told = fused.affect
    assert told.probabilities.min() >= 0
    assert told.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert told.votes.sum() == pytest.approx(1, abs=1e-5)
    assert -1 <= told.valence <= 1 and -1 <= told.arousal <= 1
    assert told.valence_std > 0 and math.isfinite(told.arousal_std)
    assert Affect.from_dict(told.to_dict()).label == told.label


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"face_quality": math.nan}, "face_quality must be"), ({"cue_stability": 1.5}, "cue_stability must be"),
        ({"speech_level": math.nan}, "speech_level must be"), ({"age": -1.0}, "age must be"),
        ({"noise_level": math.inf}, "noise_level must be"),
    ],
)  # fmt: skip
def test_numbers_out_of_range_are_named(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FUSION.combine(HAPPY, ANGRY, **values)


def test_an_affect_of_nan_is_named() -> None:
    with pytest.raises(ValueError, match="voice must have finite"):
        FUSION.combine(HAPPY, dataclasses.replace(ANGRY, arousal=math.nan))


def voice(said: Affect | None, timestamp: float = 3.0) -> Voice:
    return Voice(said is not None, said, -20.0, (0.0, timestamp), timestamp, "media")


def test_a_face_and_the_voice_that_is_its_own() -> None:
    face = Face(np.zeros(4, np.float32), 0.9, np.zeros((5, 2), np.float32), 1, HAPPY)
    fused = FUSION(face, voice(ANGRY), timestamp=3.1)
    assert fused is not None and fused.disagreement == "face positive, voice tense"
    assert FUSION(face, None) is None
    assert FUSION(face, voice(None)) is None
    assert FUSION(face, voice(ANGRY), timestamp=9.0) is None
    assert FUSION(dataclasses.replace(face, affect=None), voice(ANGRY)) is None


def test_tones() -> None:
    told = {"happiness": "positive", "anger": "tense", "sadness": "low", "neutral": "neutral", "surprise": "positive"}
    for label, word in told.items():
        assert tone(affect({label: 0.95})) == word
    assert tone(affect({"calm": 0.95})) == "calm"
    assert tone(affect({"neutral": 0.95}, arousal=0.4)) == "excited"


@pytest.mark.parametrize("values", [{"max_age": 0.0}, {"disagree": 1.1}, {"min_confidence": -0.1}])
def test_options_name_what_is_wrong(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"fusion.{next(iter(values))}"):
        FusionOptions(**values)
