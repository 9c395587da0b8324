"""Sound as programs hold it, made into one channel of float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

INT16_FULL_SCALE = 32768.0
MAX_CHANNELS = 64
LOUDEST = 100.0
"""A float sample beyond 40 dB above full scale is no loud sound, but an integer that nobody scaled."""


def to_mono(samples: NDArray[Any]) -> NDArray[np.float32]:
    """One channel of samples in [-1, 1]: int16 is divided by 32768, channels are averaged.

    Args:
        samples: int16 or float32, [n] or [n, channels].

    Returns:
        float32 [n]; the array itself when it is that already.

    Raises:
        TypeError: no array, or of another dtype.
        ValueError: another shape, or a float beyond `LOUDEST`; what is not finite is left for the native core to find.
    """
    if not isinstance(samples, np.ndarray):
        raise TypeError(f"samples must be a NumPy array of int16 or float32; got {type(samples).__name__}")
    if samples.dtype not in (np.dtype(np.int16), np.dtype(np.float32)):
        raise TypeError(
            f"samples must be int16 or float32; got {samples.dtype}: use samples.astype(numpy.float32), scaled to -1..1"
        )
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and not 1 <= samples.shape[1] <= MAX_CHANNELS):
        raise ValueError(
            f"samples must have shape [n] or [n, channels] with 1 to {MAX_CHANNELS} channels; got {list(samples.shape)}"
        )
    if samples.dtype == np.float32:
        _check_scale(samples)
    with np.errstate(invalid="ignore"):  # two infinities of one moment
        mono = samples if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float32)
    scaled = mono * np.float32(1 / INT16_FULL_SCALE) if samples.dtype == np.int16 else mono
    result: NDArray[np.float32] = np.ascontiguousarray(scaled, np.float32)  # the native core looks for NaN
    return result


def _check_scale(samples: NDArray[np.float32]) -> None:
    peak = max(float(samples.max()), -float(samples.min())) if samples.size else 0.0
    if LOUDEST < peak < float("inf"):
        raise ValueError(
            f"samples of float32 have full scale at -1 and 1; got {peak:g}: give int16 as it is, or divide by "
            f"{INT16_FULL_SCALE:g}"
        )
