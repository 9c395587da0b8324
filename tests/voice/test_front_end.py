"""Samples as programs hold them, and the front end that a model file describes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgeaffect.errors import SpecError
from edgeaffect.models.inputs import AudioInput
from edgeaffect.voice import LogMelStream, log_mel, to_mono
from edgeaffect.voice.samples import LOUDEST

SPEC = AudioInput("mel", 16000, mel_bands=64, window=400, hop=160, layout="n1mt", low_hz=50.0, high_hz=7600.0)


def test_int16_and_channels_become_one_float() -> None:
    stereo = np.array([[16384, -16384], [32767, 32767], [-32768, -32768]], np.int16)
    np.testing.assert_allclose(to_mono(stereo), [0, 32767 / 32768, -1], atol=1e-7)
    np.testing.assert_array_equal(to_mono(np.float32([[0.5, 0.25, 0.0]])), np.float32([0.25]))
    x = np.linspace(-1, 1, 5, dtype=np.float32)
    assert to_mono(x) is x
    np.testing.assert_array_equal(to_mono(np.array([1.0, 9.0, -1.0, 9.0], np.float32)[::2]), [1, -1])


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([0.0], TypeError, "must be a NumPy array of int16 or float32; got list"),
        (np.zeros(3), TypeError, "must be int16 or float32; got float64: use samples.astype"),
        (np.zeros((2, 2, 2), np.float32), ValueError, r"got \[2, 2, 2\]"),
        (np.zeros((2, 65), np.float32), ValueError, r"1 to 64 channels; got \[2, 65\]"),
        (np.zeros((2, 0), np.int16), ValueError, r"got \[2, 0\]"),
        (np.float32([0, -32768]), ValueError, "full scale at -1 and 1; got 32768: give int16 as it is"),
        (np.full((2, 2), 3e38, np.float32), ValueError, "full scale at -1 and 1; got 3e"),
    ],
)
def test_other_samples_are_refused(samples: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        to_mono(samples)


def test_sound_at_the_limit_is_taken_at_any_rate_and_infinity_is_named() -> None:
    loud = np.where(np.arange(9000) // 40 % 2, LOUDEST, -LOUDEST).astype(np.float32)
    for rate in (16000, 44100):  # resampling overshoots, which is not the caller's doing
        assert np.isfinite(log_mel(loud, rate, SPEC)).all()
    with pytest.raises(ValueError, match=r"samples\[0\] is not finite"):
        log_mel(np.float32([[np.inf, -np.inf]]), 16000, SPEC)


def test_a_stereo_recording_at_another_rate_is_that_sound() -> None:
    seconds = np.arange(48000) / 48000
    tone = np.sin(2 * np.pi * 440 * seconds) * 0.5
    stereo = np.stack([tone, tone], 1)
    same = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000) * 0.5
    got = log_mel((stereo * 32767).astype(np.int16), 48000, SPEC)
    expected = log_mel(same.astype(np.float32), 16000, SPEC)
    assert got.shape == expected.shape == (98, 64)
    band = expected[50].argmax()
    np.testing.assert_allclose(got[5:-5, band], expected[5:-5, band], atol=1e-3)


def test_chunks_finish_and_reset() -> None:
    x = (np.random.default_rng(0).standard_normal(44100) * 0.1).astype(np.float32)
    stream, whole = LogMelStream(SPEC, 44100), log_mel(x, 44100, SPEC)
    stream.accept(x[:3000])
    stream.reset()
    for _ in range(2):  # finish begins a new sound
        parts = [stream.accept(part) for part in np.array_split(x, 13)]
        assert np.concatenate([*parts, stream.finish()]).tobytes() == whole.tobytes()


@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_sample_that_is_not_finite_is_named_and_nothing_is_taken(rate: int) -> None:
    x = (np.random.default_rng(1).standard_normal((9000, 2)) * 0.1).astype(np.float32)
    broken = x[4000:].copy()
    broken[7, 1] = np.nan
    stream = LogMelStream(SPEC, rate)
    first = stream.accept(x[:4000])
    with pytest.raises(ValueError, match=r"samples\[7\] is not finite"):
        stream.accept(broken)
    rest = [stream.accept(x[4000:]), stream.finish()]
    assert np.concatenate([first, *rest]).tobytes() == log_mel(x, rate, SPEC).tobytes()


def test_the_model_file_decides() -> None:
    x = (np.random.default_rng(0).standard_normal(1600) * 0.1).astype(np.float32)
    other = AudioInput(
        "mel", 16000, mel_bands=64, window=400, hop=160, layout="n1mt", formula="htk", window_function="povey",
        pre_emphasis=0.97, remove_offset=True, low_hz=20.0, fft=1024,
    )  # fmt: skip
    assert not np.allclose(log_mel(x, 16000, SPEC), log_mel(x, 16000, other), atol=0.1)


def test_inputs_without_a_log_mel_picture_are_refused() -> None:
    with pytest.raises(SpecError, match="input 'wave' takes a waveform: it has no mel_bands"):
        LogMelStream(AudioInput("wave", 16000, samples=512), 16000)
    narrow = AudioInput("mel", 16000, mel_bands=256, window=400, hop=160, layout="n1mt")
    with pytest.raises(SpecError, match="bands are narrower than the bins of the spectrum"):
        LogMelStream(narrow, 16000)
    with pytest.raises(ValueError, match=r"sample_rate must be a whole number of Hz from 1000 to 384000; got 10$"):
        LogMelStream(SPEC, 10)
    for rate in (44100.5, 44100.0, "48000", None):
        with pytest.raises(ValueError, match=r"^sample_rate must be a whole number of Hz from 1000 to 384000; got .+$"):
            LogMelStream(SPEC, rate)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fft": 500}, "input.fft must be a power of two of at least 400"),
        ({"fft": 256}, "input.fft must be a power of two of at least 400"),
        ({"low_hz": 8000.0}, "input.low_hz must be below 7600"),
        ({"high_hz": 9000.0}, "input.high_hz must be a number from 0 to 8000"),
        ({"formula": "bark"}, "input.formula must be one of slaney, htk"),
        ({"window_function": "boxcar"}, "input.window_function must be one of hann, hamming, povey"),
        ({"pre_emphasis": 1.0}, "input.pre_emphasis must be a number from 0 to 0.999"),
        ({"remove_offset": 1}, "input.remove_offset must be true or false"),
        ({"floor": 0.0}, "input.floor must be a number"),
    ],
)
def test_impossible_inputs_are_named(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"mel_bands": 64, "window": 400, "hop": 160, "layout": "n1mt", "high_hz": 7600.0}
    with pytest.raises(SpecError, match=message):
        AudioInput("mel", 16000, **given | change)
