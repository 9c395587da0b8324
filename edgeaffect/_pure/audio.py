"""Log-mel energies and resampling in NumPy: same contract and messages as csrc/audio."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgeaffect._pure.arguments import require

Floats = NDArray[np.float32]

_MAX_RATE, _MAX_FFT, _MAX_BANDS, _MAX_TABLE = 384_000, 1 << 15, 1024, 1 << 23
_ZEROS, _BETA, _LANES = 48, 9.0, 8
_BLOCK = 4096
_TRANSITION = (90 - 8) / (2.285 * 2 * math.pi * 2 * _ZEROS)
# Slaney's scale: 200 / 3 Hz per mel below 1 kHz; above, 27 steps per factor of 6.4.
_LINEAR_HZ, _BREAK_HZ, _LOG_STEP = 200.0 / 3.0, 1000.0, math.log(6.4) / 27.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ


def _to_mel(formula: str, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    if formula == "htk":
        return 1127.0 * np.log1p(hz / 700.0)
    above = _BREAK_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _LINEAR_HZ, above)


def _to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hertz of mel on Slaney's scale."""
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL)))


def _filters(formula: str, bands: int, low_hz: float, high_hz: float, sample_rate: int, fft: int) -> Floats:
    """Weights [bands, fft / 2 + 1]: step 6 of the contract."""
    low, high = _to_mel(formula, np.array([low_hz, high_hz]))
    edges = low + (high - low) / (bands + 1) * np.arange(bands + 2)
    at = np.arange(fft // 2 + 1) * sample_rate / fft
    if formula == "slaney":
        edges = _to_hz(edges)
    else:
        at = _to_mel(formula, at)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    weights = np.maximum(0.0, np.minimum((at - left) / (centre - left), (right - at) / (right - centre)))
    scaled: Floats = (weights * (2.0 / (right - left) if formula == "slaney" else 1.0)).astype(np.float32)
    return scaled


def _window(function: str, length: int) -> Floats:
    i = np.arange(length)
    symmetric = np.cos(2 * np.pi * i / max(1, length - 1))
    values = {
        "hann": 0.5 - 0.5 * np.cos(2 * np.pi * i / length),
        "hamming": 0.54 - 0.46 * symmetric,
        "povey": (0.5 - 0.5 * symmetric) ** 0.85,
    }
    return values[function].astype(np.float32)


def _check_range(name: str, value: int, least: int, most: int) -> None:
    require(least <= value <= most, f"{name} must be in {least}..{most}; got {value}")


def _check_samples(samples: Floats) -> None:
    if not isinstance(samples, np.ndarray) or samples.dtype != np.float32:
        raise TypeError(f"samples must be a float32 array; got {getattr(samples, 'dtype', type(samples).__name__)}")
    require(samples.ndim == 1, f"samples must have shape [n]; got {list(samples.shape)}")
    finite = np.isfinite(samples)
    if not finite.all():
        raise ValueError(f"samples[{int(np.argmin(finite))}] is not finite")


class LogMel:
    """Streaming log-mel energies; the formula stands in csrc/audio/log_mel.h."""

    def __init__(
        self,
        *,
        sample_rate: int,
        window: int,
        hop: int,
        fft: int,
        bands: int,
        low_hz: float,
        high_hz: float,
        formula: str,
        window_function: str,
        pre_emphasis: float,
        remove_offset: bool,
        floor: float,
    ) -> None:
        _check_range("sample_rate", sample_rate, 1000, _MAX_RATE)
        _check_range("fft", fft, 4, _MAX_FFT)
        require(fft & (fft - 1) == 0, f"fft must be a power of two; got {fft}")
        _check_range("window", window, 2, fft)
        _check_range("hop", hop, 1, window)
        _check_range("bands", bands, 1, _MAX_BANDS)
        require(
            0 <= low_hz < high_hz <= 0.5 * sample_rate,
            f"low_hz and high_hz must satisfy 0 <= low_hz < high_hz <= {0.5 * sample_rate:f}; "
            f"got {low_hz:f} and {high_hz:f}",
        )
        require(0 <= pre_emphasis < 1, f"pre_emphasis must be at least 0 and below 1; got {pre_emphasis:f}")
        with np.errstate(over="ignore"):
            usable = bool(floor > 0 and 0 < np.float32(floor) < np.inf)
        require(usable, f"floor must be a positive number; got {floor:f}")
        require(formula in ("slaney", "htk"), f"formula must be 'slaney' or 'htk'; got '{formula}'")
        self._weights = _filters(formula, bands, low_hz, high_hz, sample_rate, fft)
        empty = int((self._weights.max(axis=1) <= 0).sum())
        require(
            empty == 0,
            f"{empty} of {bands} bands are narrower than the bins of the spectrum: take fewer bands or a larger fft "
            f"than {fft}",
        )
        require(
            window_function in ("hann", "hamming", "povey"),
            f"window_function must be 'hann', 'hamming' or 'povey'; got '{window_function}'",
        )
        self._window = _window(window_function, window)
        self._hop, self._fft = hop, fft
        self._pre_emphasis, self._remove_offset = np.float32(pre_emphasis), remove_offset
        self._floor = np.float32(floor)
        self._pending: Floats = np.zeros(0, np.float32)

    def accept(self, samples: Floats) -> Floats:
        """Frames that these samples complete: float32 [frames, bands], natural logarithm of energies."""
        _check_samples(samples)
        pending, window = np.concatenate([self._pending, samples]), len(self._window)
        count = max(0, 1 + (len(pending) - window) // self._hop)
        out = np.empty((count, len(self._weights)), np.float32)
        for t in range(count):  # one by one: sums of several frames at once would depend on how many there are
            out[t] = self._frame(pending[t * self._hop : t * self._hop + window])
        self._pending = pending[count * self._hop :].copy()
        return out

    def _frame(self, samples: Floats) -> Floats:
        if self._remove_offset:
            samples = samples - samples.mean(dtype=np.float32)
        before = np.concatenate([samples[:1], samples[:-1]])
        spectrum = np.fft.rfft((samples - self._pre_emphasis * before) * self._window, self._fft)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        logarithms: Floats = np.log(np.maximum(self._weights @ power, self._floor))
        return logarithms

    def reset(self) -> None:
        """Forgets every sample: the next chunk begins a new sound."""
        self._pending = self._pending[:0]


class Resampler:
    """Streaming resampler; the formula stands in csrc/audio/resampler.h."""

    def __init__(self, input_rate: int, output_rate: int) -> None:
        _check_range("input_rate", input_rate, 1000, _MAX_RATE)
        _check_range("output_rate", output_rate, 1000, _MAX_RATE)
        divisor = math.gcd(input_rate, output_rate)
        self._up, self._down = output_rate // divisor, input_rate // divisor
        share = min(1.0, output_rate / input_rate)
        step = _LANES // 2
        self._half = (math.ceil(_ZEROS / share) + step - 1) // step * step
        require(
            self._up * 2 * self._half <= _MAX_TABLE,
            f"from {input_rate} to {output_rate} Hz needs too many filters: take rates with a larger common divisor "
            "(multiples of 50 or 100)",
        )
        t = np.arange(self._up)[:, None] / self._up + self._half - 1 - np.arange(2 * self._half)
        across = t * share / _ZEROS
        kaiser = np.where(np.abs(across) < 1, np.i0(_BETA * np.sqrt(np.maximum(0, 1 - across**2))), 0)
        taps = np.sinc(share * (1 - _TRANSITION) * t) * kaiser
        self._table = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
        self._buffer: Floats = self._silence()
        self._dropped = self._taken = self._given = 0

    def accept(self, samples: Floats) -> Floats:
        """Samples at the output rate that these samples complete: float32 [m]."""
        _check_samples(samples)
        self._buffer = np.concatenate([self._buffer, samples])
        self._taken += len(samples)
        until = 0 if self._taken <= self._half else -(-(self._taken - self._half) * self._up // self._down)
        out = np.empty(max(0, until - self._given), np.float32)
        for begin in range(0, len(out), _BLOCK):  # a block's windows at once, not a recording's
            part = out[begin : begin + _BLOCK]
            positions = (self._given + begin + np.arange(len(part), dtype=np.int64)) * self._down
            starts = positions // self._up - self._dropped
            windows = self._buffer[starts[:, None] + np.arange(2 * self._half)]
            part[:] = (windows * self._table[positions % self._up]).sum(axis=1)
        self._given += len(out)
        kept_from = self._given * self._down // self._up
        self._buffer = self._buffer[kept_from - self._dropped :].copy()
        self._dropped = kept_from
        return out

    def finish(self) -> Floats:
        """The last samples of the sound, float32 [m]; the next chunk begins a new one."""
        last = self.accept(np.zeros(self._half if self._taken else 0, np.float32))
        self.reset()
        return last

    def reset(self) -> None:
        """Forgets every sample: the next chunk begins a new sound."""
        self._buffer = self._silence()
        self._dropped = self._taken = self._given = 0

    def _silence(self) -> Floats:
        """What lies before a sound."""
        return np.zeros(self._half - 1, np.float32)
