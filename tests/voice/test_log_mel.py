"""Log-mel energies: both variants against a naive float64 reference, librosa and kaldi-native-fbank; any chunking."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect import _pure, native

MODULES = [pytest.param(native, id=native.VARIANT), pytest.param(_pure, id="pure")]

SLANEY: dict[str, Any] = {
    "sample_rate": 16000, "window": 400, "hop": 160, "fft": 512, "bands": 64, "low_hz": 50.0, "high_hz": 7600.0,
    "formula": "slaney", "window_function": "hann", "pre_emphasis": 0.0, "remove_offset": False, "floor": 1e-10,
}  # fmt: skip
KALDI = SLANEY | {
    "formula": "htk", "low_hz": 20.0, "window_function": "povey", "pre_emphasis": 0.97, "remove_offset": True,
    "floor": float(np.finfo(np.float32).eps),
}  # fmt: skip
AWKWARD = [
    SLANEY,
    KALDI,
    KALDI | {"window": 401, "hop": 7, "fft": 1024, "window_function": "hamming"},
    SLANEY | {"window": 512, "hop": 512, "bands": 3, "low_hz": 0.0, "high_hz": 8000.0},
    SLANEY | {"sample_rate": 8000, "window": 2, "hop": 1, "fft": 4, "bands": 1, "low_hz": 0.0, "high_hz": 4000.0},
    SLANEY | {"sample_rate": 48000, "window": 1200, "hop": 480, "fft": 2048, "bands": 40, "pre_emphasis": 0.5},
]


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(samples) * 0.1).astype(np.float32)


def to_mel(formula: str, hz: float) -> float:
    if formula == "htk":
        return 1127 * math.log(1 + hz / 700)
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def to_hz(formula: str, mel: float) -> float:
    if formula == "htk":
        return 700 * (math.exp(mel / 1127) - 1)
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def reference(x: np.ndarray, c: dict[str, Any]) -> np.ndarray:
    """The seven steps of csrc/audio/log_mel.h, one number at a time where that is bearable, in float64."""
    n, rows = c["window"], []
    cosine = lambda i, period: math.cos(2 * math.pi * i / period)  # noqa: E731
    shape = {
        "hann": lambda i: 0.5 - 0.5 * cosine(i, n),
        "hamming": lambda i: 0.54 - 0.46 * cosine(i, n - 1),
        "povey": lambda i: (0.5 - 0.5 * cosine(i, n - 1)) ** 0.85,
    }[c["window_function"]]
    window = np.array([shape(i) for i in range(n)])
    low, high = to_mel(c["formula"], c["low_hz"]), to_mel(c["formula"], c["high_hz"])
    mels = [low + (high - low) * i / (c["bands"] + 1) for i in range(c["bands"] + 2)]
    for start in range(0, len(x) - n + 1, c["hop"]):
        frame = x[start : start + n].astype(np.float64)
        frame = frame - frame.mean() if c["remove_offset"] else frame
        frame = frame - c["pre_emphasis"] * np.concatenate([frame[:1], frame[:-1]])
        power = np.abs(np.fft.fft(frame * window, c["fft"])[: c["fft"] // 2 + 1]) ** 2
        row = []
        for left, centre, right in zip(mels, mels[1:], mels[2:], strict=False):
            energy = 0.0
            for k, value in enumerate(power):
                hz = k * c["sample_rate"] / c["fft"]
                if c["formula"] == "slaney":
                    a, b, d = (to_hz("slaney", m) for m in (left, centre, right))
                    energy += value * max(0, min((hz - a) / (b - a), (d - hz) / (d - b))) * 2 / (d - a)
                else:
                    at = to_mel("htk", hz)
                    energy += value * max(0, min((at - left) / (centre - left), (right - at) / (right - centre)))
            row.append(math.log(max(energy, c["floor"])))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("config", AWKWARD, ids=range(len(AWKWARD)))
def test_equals_the_float64_reference(module: Any, config: dict[str, Any]) -> None:
    x = noise(config["window"] + 3 * config["hop"] + config["hop"] // 2)
    got, expected = module.LogMel(**config).accept(x), reference(x, config)
    assert got.shape == expected.shape
    assert got.dtype == np.float32
    # Rounding of a frame's power: 2^-24 of its own size, times log2(fft) steps; a band may hold a hundredth of it.
    np.testing.assert_allclose(got, expected, atol=2e-4)


@pytest.mark.parametrize("module", MODULES)
def test_equals_librosa(module: Any) -> None:
    librosa = pytest.importorskip("librosa")
    x = noise(16000)
    c = SLANEY
    early = (c["fft"] - c["window"]) // 2  # librosa's window sits in the middle of fft samples
    energies = librosa.feature.melspectrogram(
        y=np.pad(x.astype(np.float64), early), sr=c["sample_rate"], n_fft=c["fft"], hop_length=c["hop"],
        win_length=c["window"], center=False, n_mels=c["bands"], fmin=c["low_hz"], fmax=c["high_hz"],
    )  # fmt: skip
    np.testing.assert_allclose(module.LogMel(**c).accept(x), np.log(energies.T), atol=1e-4)


@pytest.mark.parametrize("module", MODULES)
def test_equals_kaldi(module: Any) -> None:
    kaldi = pytest.importorskip("kaldi_native_fbank")
    x = noise(16000)
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins, options.mel_opts.low_freq, options.mel_opts.high_freq = 64, 20, 7600
    online = kaldi.OnlineFbank(options)
    online.accept_waveform(16000, x.tolist())
    online.input_finished()
    expected = np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])
    # Both round in float32.
    np.testing.assert_allclose(module.LogMel(**KALDI).accept(x), expected, atol=1e-3)


@pytest.mark.parametrize("module", MODULES)
@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.one_of(st.integers(0, 700), st.sampled_from([4096, 5001])), max_size=12))
def test_any_chunking_gives_the_bits_of_one_call(module: Any, lengths: list[int]) -> None:
    x = noise(sum(lengths))
    whole, chunked = module.LogMel(**KALDI).accept(x), module.LogMel(**KALDI)
    parts = [chunked.accept(part) for part in np.split(x, np.cumsum(lengths)[:-1])] if lengths else []
    assert whole.tobytes() == b"".join(part.tobytes() for part in parts)


@pytest.mark.parametrize("module", MODULES)
def test_frames_exist_when_all_their_samples_do(module: Any) -> None:
    log_mel = module.LogMel(**SLANEY)
    assert [len(log_mel.accept(noise(n))) for n in (399, 1, 159, 1, 0, 320)] == [0, 1, 0, 1, 0, 2]


@pytest.mark.parametrize("module", MODULES)
def test_reset_forgets(module: Any) -> None:
    log_mel, x = module.LogMel(**SLANEY), noise(1000)
    first = log_mel.accept(x)
    log_mel.reset()
    np.testing.assert_array_equal(log_mel.accept(x), first)


@pytest.mark.parametrize("module", MODULES)
def test_silence_is_the_floor(module: Any) -> None:
    np.testing.assert_allclose(module.LogMel(**SLANEY).accept(np.zeros(400, np.float32)), math.log(1e-10), rtol=1e-6)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_sample_is_named_and_nothing_is_taken(module: Any, bad: float) -> None:
    log_mel, x = module.LogMel(**SLANEY), noise(600)
    log_mel.accept(x[:300])
    broken = x[300:].copy()
    broken[17] = bad
    with pytest.raises(ValueError, match=r"samples\[17\] is not finite"):
        log_mel.accept(broken)
    np.testing.assert_array_equal(log_mel.accept(x[300:]), module.LogMel(**SLANEY).accept(x))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sample_rate": 0}, "sample_rate must be in 1000..384000; got 0"),
        ({"fft": 500}, "fft must be a power of two; got 500"),
        ({"fft": 1 << 16}, "fft must be in 4..32768"),
        ({"window": 513}, "window must be in 2..512; got 513"),
        ({"hop": 401}, "hop must be in 1..400; got 401"),
        ({"hop": 0}, "hop must be in 1..400; got 0"),
        ({"bands": 0}, "bands must be in 1..1024; got 0"),
        ({"bands": 256}, "bands are narrower than the bins of the spectrum"),
        ({"low_hz": 7600.0}, "0 <= low_hz < high_hz <= 8000"),
        ({"low_hz": 1000.0, "high_hz": 1000.00000001}, "bands are narrower than the bins of the spectrum"),
        ({"high_hz": 8001.0}, "0 <= low_hz < high_hz <= 8000"),
        ({"low_hz": math.nan}, "got nan"),
        ({"pre_emphasis": 1.0}, "pre_emphasis must be at least 0 and below 1"),
        ({"floor": 0.0}, "floor must be a positive number"),
        ({"floor": 1e-60}, "floor must be a positive number"),
        ({"formula": "bark"}, "formula must be 'slaney' or 'htk'; got 'bark'"),
        ({"window_function": "boxcar"}, "window_function must be 'hann', 'hamming' or 'povey'; got 'boxcar'"),
    ],
)
def test_impossible_options_are_named(module: Any, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace("..", r"\.\.")):
        module.LogMel(**SLANEY | changed)


@pytest.mark.parametrize("module", MODULES)
def test_other_arrays_are_refused(module: Any) -> None:
    log_mel = module.LogMel(**SLANEY)
    with pytest.raises(ValueError, match=r"samples must have shape \[n\]; got \[2, 3\]"):
        log_mel.accept(np.zeros((2, 3), np.float32))
    for other in (np.zeros(3), np.zeros(3, np.int16), [0.0]):
        with pytest.raises(TypeError):
            log_mel.accept(other)
