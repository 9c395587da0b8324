"""Resampling: tones, aliases, lengths, times, any chunking; beside soxr."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect import _pure, native

MODULES = [pytest.param(native, id=native.VARIANT), pytest.param(_pure, id="pure")]
RATES = [8000, 22050, 24000, 44100, 48000]
OUT = 16000


def tone(rate: int, hz: float, seconds: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def resample(module: Any, samples: np.ndarray, rate: int, out: int = OUT) -> np.ndarray:
    resampler = module.Resampler(rate, out)
    return np.concatenate([resampler.accept(samples), resampler.finish()])


def inner(samples: np.ndarray) -> np.ndarray:
    """Without the ends, where a tone that begins and stops is no tone."""
    return samples[400:-400]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("rate", RATES)
def test_tones_keep_their_size_and_time(module: Any, rate: int) -> None:
    for hz in (100, 1000, 0.85 * min(rate, OUT) / 2):  # 0.88 of the lower rate's half is the pass band
        got = resample(module, tone(rate, hz, 0.3), rate)
        expected = np.sin(2 * np.pi * hz * np.arange(len(got)) / OUT)
        assert np.abs(inner(got) - inner(expected)).max() < 1e-4, hz  # -80 dB


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("rate", [24000, 44100, 48000])
@pytest.mark.parametrize("hz", [8000, 8100, 11000])
def test_what_the_output_cannot_hold_is_gone(module: Any, rate: int, hz: int) -> None:
    assert np.abs(inner(resample(module, tone(rate, hz, 0.3), rate))).max() < 1e-4  # -80 dB


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("rate", RATES)
def test_a_constant_stays_that_constant(module: Any, rate: int) -> None:
    got = resample(module, np.full(rate // 4, 0.5, np.float32), rate)
    np.testing.assert_allclose(inner(got), 0.5, atol=1e-6)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("rate", [*RATES, 11025, 96000])
@pytest.mark.parametrize("samples", [0, 1, 2, 3, 47, 48, 49, 1000, 5003])
def test_a_sound_keeps_its_length(module: Any, rate: int, samples: int) -> None:
    assert len(resample(module, np.ones(samples, np.float32), rate)) == -(-samples * OUT // rate)


@pytest.mark.parametrize("module", MODULES)
def test_a_click_stays_where_it_was(module: Any) -> None:
    click = np.zeros(4800, np.float32)
    click[1200] = 1  # 25 ms
    assert np.abs(resample(module, click, 48000)).argmax() == 400


@pytest.mark.parametrize("module", MODULES)
@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from([8000, 11025, 44100, 48000]),
    lengths=st.lists(st.one_of(st.integers(0, 400), st.sampled_from([4096, 6007])), max_size=8),
)
def test_any_chunking_gives_the_bits_of_one_call(module: Any, rate: int, lengths: list[int]) -> None:
    x = np.random.default_rng(1).standard_normal(sum(lengths)).astype(np.float32)
    resampler = module.Resampler(rate, OUT)
    parts = [resampler.accept(part) for part in np.split(x, np.cumsum(lengths)[:-1])] if lengths else []
    chunked = b"".join(part.tobytes() for part in [*parts, resampler.finish()])
    assert chunked == resample(module, x, rate).tobytes()


@pytest.mark.parametrize("rate", RATES)
def test_both_variants_agree(rate: int) -> None:
    x = np.random.default_rng(2).standard_normal(rate // 4).astype(np.float32)
    # Taps are rounded from slightly different float64 values; a sum of 576 terms of size 1 at most.
    np.testing.assert_allclose(resample(native, x, rate), resample(_pure, x, rate), atol=2e-6)


@pytest.mark.parametrize("rate", RATES)
def test_agrees_with_soxr_where_both_let_pass(rate: int) -> None:
    soxr = pytest.importorskip("soxr")
    noise = np.random.default_rng(3).standard_normal(rate // 2)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(len(noise), 1 / rate) > 3400] = 0
    speech = np.fft.irfft(spectrum, len(noise)).astype(np.float32)
    expected, got = soxr.resample(speech, rate, OUT, quality="VHQ"), resample(native, speech, rate)
    n = min(len(expected), len(got))
    error = inner(got[:n] - expected[:n])
    assert np.sqrt(np.mean(error**2)) < 1e-4 * np.sqrt(np.mean(expected**2))


@pytest.mark.parametrize("module", MODULES)
def test_finish_and_reset_begin_a_new_sound(module: Any) -> None:
    x = np.random.default_rng(4).standard_normal(3000).astype(np.float32)
    resampler, expected = module.Resampler(44100, OUT), resample(module, x, 44100)
    resampler.accept(x)
    resampler.finish()
    resampler.accept(x[:500])
    resampler.reset()
    np.testing.assert_array_equal(np.concatenate([resampler.accept(x), resampler.finish()]), expected)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ((0, 16000), r"input_rate must be in 1000\.\.384000; got 0"),
        ((16000, 400000), r"output_rate must be in 1000\.\.384000; got 400000"),
        ((383999, 16001), "from 383999 to 16001 Hz needs too many filters: take rates with a larger common divisor"),
    ],
)
def test_impossible_rates_are_named(module: Any, rates: tuple[int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        module.Resampler(*rates)
