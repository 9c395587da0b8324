"""Features of a mouth and a sound: the correlation against a naive reference, lags, missing data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.voice.lip_sync import FEATURES, LAGS, STEP, correlations, features, loudness

CELLS = 50
BEFORE, AFTER = LAGS.stop - 1, -LAGS.start


def naive_correlation(a: list[float], b: list[float]) -> float:
    """Pearson's formula in Python's own floats, over the pairs that are both there."""
    both = [(x, y) for x, y in zip(a, b, strict=True) if math.isfinite(x) and math.isfinite(y)]
    if len(both) < 12:
        return 0.0
    mean_x, mean_y = (math.fsum(column) / len(both) for column in zip(*both, strict=True))
    xy = math.fsum((x - mean_x) * (y - mean_y) for x, y in both)
    scale = math.sqrt(math.fsum((x - mean_x) ** 2 for x, _ in both) * math.fsum((y - mean_y) ** 2 for _, y in both))
    return xy / scale if scale > 1e-9 else 0.0


values = st.lists(st.one_of(st.floats(-2, 2), st.just(math.nan)), min_size=30, max_size=30)


@given(a=values, b=values)
@settings(max_examples=60, deadline=None)
def test_correlation_is_pearsons_over_what_is_there(a: list[float], b: list[float]) -> None:
    found = correlations(np.array([a]), np.array(b))[0]
    # Sums of 30 products of about 1 err by some 1e-15; near the smallest spread that counts (1e-9), that is 1e-6 of it.
    assert found == pytest.approx(naive_correlation(a, b), abs=2e-6)
    assert -1 <= found <= 1


def talk(seed: int = 0) -> np.ndarray:
    """[BEFORE + CELLS + AFTER] loudness of words: smooth noise at about 4 Hz, shut in between."""
    random = np.random.default_rng(seed)
    noise = np.convolve(random.standard_normal(BEFORE + CELLS + AFTER + 8), np.hanning(6), "same")[4:-4]
    return np.clip(noise / noise.std(), 0, 2) / 2


def of(opening: np.ndarray, loud: np.ndarray) -> dict[str, float]:
    speech = (loud > 0.05).astype(float)
    return dict(zip(FEATURES, features(opening, np.full(CELLS, 0.5), loud, speech).tolist(), strict=True))


@pytest.mark.parametrize("lag", LAGS)
def test_a_mouth_that_follows_the_sound_fits_at_any_lag(lag: int) -> None:
    loud = talk()
    found = of(0.2 * loud[BEFORE - lag : BEFORE - lag + CELLS], loud)
    assert found["opening"] > 0.999
    assert found["onset"] > 0.999
    assert found["lead"] > 0.2


def test_words_of_somebody_else_fit_worse() -> None:
    own = [of(0.2 * talk(seed)[BEFORE : BEFORE + CELLS], talk(seed))["onset"] for seed in range(20)]
    other = [of(0.2 * talk(seed + 50)[BEFORE : BEFORE + CELLS], talk(seed))["onset"] for seed in range(20)]
    assert min(own) > max(other)


def test_a_still_mouth_has_no_correlation_and_is_still() -> None:
    found = of(np.full(CELLS, 0.1), talk())
    assert found["opening"] == found["speed"] == found["onset"] == 0
    assert found["still_share"] == 1


def test_a_mouth_that_moves_in_the_pauses_has_negative_contrast() -> None:
    loud = np.where(np.arange(BEFORE + CELLS + AFTER) < BEFORE + CELLS // 2, 0.8, 0.0)  # half a window of speech
    time = STEP * np.arange(CELLS)
    wobble = 0.05 * np.sin(2 * np.pi * 4 * time)
    in_words, in_pause = (np.where(where, wobble, 0.0) for where in (time < 1, time > 1.2))
    assert of(in_pause, loud)["contrast"] < 0 < of(in_words, loud)["contrast"]


def test_loudness_is_bounded_and_grows_with_the_level() -> None:
    level = np.linspace(-120, 0, 50)
    loud = loudness(level, np.ones(50), -20.0)
    assert (np.diff(loud) >= 0).all()
    assert loud[0] == 0 and loud[-1] <= 1.2
    assert (loudness(level, np.zeros(50), -20.0) == 0).all()


@given(holes=st.lists(st.integers(0, CELLS - 1), max_size=CELLS), deaf=st.lists(st.integers(0, 58), max_size=58))
@settings(max_examples=40, deadline=None)
def test_holes_never_give_a_number_that_is_none(holes: list[int], deaf: list[int]) -> None:
    opening, loud = 0.2 * talk()[BEFORE : BEFORE + CELLS], talk()
    opening[holes] = np.nan
    loud[deaf] = np.nan
    found = features(opening, np.where(np.isnan(opening), np.nan, 0.5), loud, np.where(np.isnan(loud), np.nan, 1.0))
    assert np.isfinite(found).all()
    assert len(found) == len(FEATURES)
