"""Smoothing, hysteresis and the neutral baseline: all in seconds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.affect import entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.face.smoother import Smoother
from edgeaffect.options import AffectOptions, SmoothOptions
from edgeaffect.results import Affect


def affect(probabilities, *, quality=1.0, extra=None) -> Affect:
    p = np.asarray(probabilities, np.float32)
    mean, cov = vad_from_votes(p)
    std = np.sqrt(np.diag(cov))
    return Affect(
        p, p, EMOTIONS[int(p.argmax())], float(p.max()), entropy(p), *mean.tolist(), *std.tolist(), "derived",
        quality, True, extra or {},
    )  # fmt: skip


def peak(label: str, height: float = 0.93) -> Affect:
    p = np.full(8, (1 - height) / 7)
    p[EMOTIONS.index(label)] = height
    return affect(p)


def play(smoother: Smoother, fps: float, seconds: float, signal) -> dict[float, Affect]:
    return {round(i / fps, 6): smoother.update(1, signal(i / fps), i / fps) for i in range(round(fps * seconds) + 1)}


def test_first_value_passes_unchanged():
    raw = peak("anger")
    out = Smoother().update(7, raw, 3.0)
    np.testing.assert_allclose(out.probabilities, raw.probabilities, atol=1e-7)
    assert (out.label, out.confidence) == ("anger", pytest.approx(0.93))
    assert (out.valence, out.arousal_std) == (pytest.approx(raw.valence), pytest.approx(raw.arousal_std))


def test_none_passes_everything_through():
    smoother = Smoother(SmoothOptions(method="none"))
    for t, label in ((0.0, "anger"), (0.1, "happiness")):
        raw = peak(label)
        assert smoother.update(1, raw, t) is raw


def test_exponential_step_response_is_the_formula_at_any_frame_rate():
    options = SmoothOptions(method="exponential", time_constant=0.4)
    step = lambda t: peak("neutral" if t <= 0 else "happiness")  # noqa: E731
    for fps in (5, 30, 120):
        out = play(Smoother(options), fps, 1.0, step)[1.0]
        start, end = 0.01, 0.93
        assert out.probabilities[1] == pytest.approx(end + (start - end) * math.exp(-1 / 0.4), abs=1e-5)


def test_one_euro_does_not_depend_on_frame_rate():
    def signal(t: float) -> Affect:  # a slow change, which every rate samples well
        share = 0.5 - 0.4 * math.cos(2 * math.pi * 0.25 * t)
        p = np.full(8, 0.01)
        p[0], p[1] = 0.94 * (1 - share), 0.94 * share
        return affect(p)

    slow, fast = (play(Smoother(), fps, 3.0, signal) for fps in (15, 120))
    gap = max(abs(slow[t].probabilities[1] - fast[t].probabilities[1]) for t in slow if t in fast)
    travel = max(v.probabilities[1] for v in fast.values()) - min(v.probabilities[1] for v in fast.values())
    assert gap < 0.05 * travel


def test_one_euro_is_steady_at_rest_and_quick_when_it_moves():
    rng = np.random.default_rng(0)
    noise = [rng.dirichlet(np.full(8, 2.0)) * 0.3 for _ in range(400)]

    def at_rest(t: float) -> Affect:
        p = noise[round(t * 30)].copy()
        p[0] += 0.7
        return affect(p)

    raw = [at_rest(i / 30).valence for i in range(300)]
    calm = [a.valence for a in play(Smoother(), 30, 9.9, at_rest).values()]
    assert np.std(calm[60:]) < 0.5 * np.std(raw[60:])
    step = play(Smoother(), 30, 1.0, lambda t: peak("neutral" if t <= 0 else "happiness"))
    quick = next(t for t, a in step.items() if a.probabilities[1] > 0.5)
    lazy = play(Smoother(SmoothOptions(beta=0.0)), 30, 1.0, lambda t: peak("neutral" if t <= 0 else "happiness"))
    assert quick <= 0.2 < next(t for t, a in lazy.items() if a.probabilities[1] > 0.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["one_euro", "exponential"]))
def test_distributions_stay_distributions_and_agree_with_vad(seed, method):
    rng = np.random.default_rng(seed)
    smoother, t = Smoother(SmoothOptions(method=method)), 0.0
    for _ in range(12):
        t += float(rng.uniform(1e-3, 0.5))
        out = smoother.update(1, affect(rng.dirichlet(np.full(8, 0.3))), t)
        for p in (out.probabilities, out.votes):
            assert p.sum() == pytest.approx(1, abs=1e-5) and p.min() >= 0
        # Derived values of smoothed votes are the smoothed derived values: means and spreads.
        mean, cov = vad_from_votes(out.votes)
        np.testing.assert_allclose([out.valence, out.arousal, out.dominance], mean, atol=1e-4)
        np.testing.assert_allclose(
            [out.valence_std, out.arousal_std, out.dominance_std], np.sqrt(np.diag(cov)), atol=1e-3
        )
        assert out.entropy == pytest.approx(entropy(out.votes), abs=1e-5)


@pytest.mark.parametrize("fps", [10, 25, 60])
def test_label_changes_only_after_leading_for_hold(fps):
    options = SmoothOptions(method="exponential", time_constant=0.0, hysteresis=0.1, hold=0.3)

    def signal(t: float) -> Affect:
        blip = 0.5 <= t < 0.7  # shorter than `hold`
        return peak("happiness" if blip or t >= 1.0 else "neutral")

    labels = {t: a.label for t, a in play(Smoother(options), fps, 2.0, signal).items()}
    changed = next(t for t, label in labels.items() if label == "happiness")
    assert 1.3 - 1e-6 <= changed <= 1.3 + 1 / fps + 1e-6
    assert all(label == "happiness" for t, label in labels.items() if t >= changed)


def test_small_lead_does_not_change_the_label_and_confidence_belongs_to_the_label():
    smoother = Smoother(SmoothOptions(method="exponential", time_constant=0.0, hysteresis=0.1, hold=0.0))
    smoother.update(1, affect([0.5, 0.44, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]), 0.0)
    out = smoother.update(1, affect([0.44, 0.5, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]), 1.0)
    assert (out.label, out.confidence, out.is_sure) == ("neutral", pytest.approx(0.44), False)
    out = smoother.update(1, affect([0.4, 0.54, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]), 2.0)
    assert out.label == "happiness"


def test_is_sure_follows_the_smoothed_values():
    smoother = Smoother(SmoothOptions(method="exponential", time_constant=0.2), AffectOptions(min_quality=0.5))
    assert smoother.update(1, dataclasses.replace(peak("fear"), quality=0.9), 0.0).is_sure
    poor = dataclasses.replace(peak("fear"), quality=0.1)
    assert smoother.update(1, poor, 0.01).is_sure
    assert not smoother.update(1, poor, 1.0).is_sure


def test_unknown_quality_does_not_stick():
    smoother = Smoother()
    smoother.update(1, dataclasses.replace(peak("fear"), quality=math.nan), 0.0)
    assert smoother.update(1, dataclasses.replace(peak("fear"), quality=0.7), 0.1).quality == pytest.approx(0.7)


def test_a_label_outside_the_eight_is_smoothed_and_held_too():
    smoother = Smoother(SmoothOptions(method="exponential", time_constant=0.0, hold=0.0))
    rest = [0.02] * 8
    boredom = dataclasses.replace(affect(rest, extra={"boredom": 0.84}), label="boredom", confidence=0.84)
    out = smoother.update(1, boredom, 0.0)
    assert (out.label, out.confidence) == ("boredom", pytest.approx(0.84))
    assert smoother.update(1, peak("anger"), 0.5).label == "anger"


def test_people_are_separate_and_forgotten_on_request():
    smoother = Smoother(SmoothOptions(method="exponential", time_constant=1.0))
    smoother.update(1, peak("anger"), 0.0)
    smoother.update(2, peak("happiness"), 0.0)
    assert smoother.update(1, peak("anger"), 0.1).label == "anger"
    smoother.keep([2])
    assert smoother.update(1, peak("sadness"), 0.2).label == "sadness"
    smoother.reset()
    assert smoother.update(2, peak("sadness"), 0.2).label == "sadness"
    with pytest.raises(ValueError, match="must increase"):
        smoother.update(2, peak("sadness"), 0.2)


@pytest.mark.parametrize("fps", [10, 50])
def test_baseline_is_learnt_in_neutral_seconds_and_subtracted(fps):
    options = SmoothOptions(method="none", baseline=True, baseline_seconds=2.0)
    resting = dataclasses.replace(peak("neutral", 0.6), valence=-0.3, arousal=0.1)
    smiling = dataclasses.replace(peak("happiness"), valence=0.5, arousal=0.4)

    def signal(t: float) -> Affect:  # the smile does not count towards the baseline
        return smiling if 1.0 <= t < 2.0 else resting

    out = play(Smoother(options), fps, 4.0, signal)
    assert out[2.5].valence == pytest.approx(-0.3)
    assert (out[4.0].valence, out[4.0].arousal) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
    smoother = Smoother(options)
    play(smoother, fps, 4.0, signal)
    assert smoother.update(1, smiling, 5.0).valence == pytest.approx(0.8)
    assert smoother.update(1, dataclasses.replace(smiling, valence=0.95), 6.0).valence == 1.0
