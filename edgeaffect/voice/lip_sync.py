"""How well one mouth fits one sound: features of a window of both, on a common grid of time.

Speech moves mouths 2 to 7 times a second, and lips lead or follow the sound that they make by a fraction of a second
(Chandrasekaran et al., PLoS Comput. Biol. 2009); cameras and microphones add delays of their own. So mouth and sound
are compared at several lags, and the best one counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP = 0.04
"""Seconds between two cells of the grid."""
LAGS = range(-3, 7)
"""Steps by which a mouth may come after its sound: -0.12 to 0.24 s."""
RANGE_DB = 30.0
"""Loudness is 0 this far below the loudest speech."""
FEATURES: tuple[str, ...] = (
    "opening", "speed", "onset", "lead", "movement", "in_speech", "in_silence", "contrast", "still_share", "rhythm",
    "widest", "speech_share", "width_movement", "seen",
)  # fmt: skip
"""Names of the features, in order:

* `opening`, `speed`, `onset`: correlations with loudness (opening), with loudness (speed of the opening), and of both
  rates of change, at the lag where their mean is largest;
* `lead`: how far that mean stands above the median over all lags;
* `movement`, `width_movement`: logarithms of the standard deviations of opening and width;
* `in_speech`, `in_silence`: logarithms of the mean speed while somebody speaks, and while nobody does;
* `contrast`: difference of the two, less the less of the window is silent (or speech);
* `still_share`: share of the speech during which the mouth hardly moves;
* `rhythm`: share of the opening's variance that is faster than a second;
* `widest`: largest opening;
* `speech_share`: share of the window with speech;
* `seen`: share of the window in which the mouth was seen."""

_LEAST_CELLS = 12  # pairs that a correlation needs
_FLOOR = 0.003  # movement (distances between the eyes) below which nothing is known: noise of the points
_STILL = 0.05  # speed per second below which a mouth is still
_SHRINK = 6.0  # cells of silence that halve the weight of `contrast`
_SLOW = 12  # half the width in cells of the running mean that `rhythm` takes away


def correlations(a: Array, b: Array) -> Array:
    """Pearson's correlation of each row of `a` with the same row of `b`, over the cells where neither is NaN.

    Args:
        a: [n, cells].
        b: [n, cells] or [cells].

    Returns:
        [n] in -1..1; 0 where fewer than 12 cells are left, or one of the two does not vary.
    """
    both = np.isfinite(a) & np.isfinite(b)
    count = np.maximum(both.sum(-1), 1)
    a, b = np.where(both, a, 0.0), np.where(both, b, 0.0)
    x = np.where(both, a - (a.sum(-1) / count)[:, None], 0.0)
    y = np.where(both, b - (b.sum(-1) / count)[:, None], 0.0)
    scale = np.sqrt((x * x).sum(-1) * (y * y).sum(-1))
    known = (count >= _LEAST_CELLS) & (scale > 1e-9)
    result: Array = np.where(known, (x * y).sum(-1) / np.where(known, scale, 1.0), 0.0).clip(-1, 1)
    return result


def loudness(level: Array, speech: Array, loudest: float) -> Array:
    """[cells] 0 (silent, or no speech) to about 1; NaN where nothing was heard.

    Args:
        level: dBFS.
        speech: probability of speech.
        loudest: dBFS of loud speech of the last seconds.
    """
    loud: Array = speech * np.clip(1 + (level - loudest) / RANGE_DB, 0, 1.2)
    return loud


def features(opening: Array, width: Array, loud: Array, speech: Array) -> Array:
    """[14] features of one window, in the order of `FEATURES`.

    Args:
        opening: [cells] of the lips; NaN where the face was not seen.
        width: [cells] of the mouth, likewise.
        loud: [cells + len(LAGS) - 1] `loudness`, from `LAGS.stop - 1` cells before the window to `-LAGS.start` after
            it; NaN where nothing was heard.
        speech: probability of speech in the same cells.
    """
    cells = len(opening)
    # Row of lag k: what was heard k cells before each cell of the window.
    spoken_at = np.where(np.isfinite(speech), speech > 0.5, np.nan)
    heard, is_speech = (_shifted(values, cells) for values in (loud, spoken_at))
    rate = _rate(opening)
    speed = np.abs(rate)
    pairs = ((heard, opening), (heard, _smooth(speed)), (_rate(heard), rate))
    sounds = np.concatenate([sound for sound, _ in pairs])
    scores = correlations(sounds, np.repeat([mouth for _, mouth in pairs], len(LAGS), 0)).reshape(3, len(LAGS))
    mean = scores.mean(0)
    best = int(mean.argmax())
    known = np.isfinite(speed)
    spoken, silent = known & (is_speech[best] == 1), known & (is_speech[best] == 0)
    fast, slow = (_mean(speed, where) for where in (spoken, silent))
    weight = min(spoken.sum(), silent.sum()) / (min(spoken.sum(), silent.sum()) + _SHRINK)
    return np.array([
        *scores[:, best],
        mean[best] - np.median(mean),
        _log(_spread(opening)),
        _log(fast),
        _log(slow) if silent.any() else _log(fast),
        (_log(fast) - _log(slow)) * weight,
        float((speed[spoken] < _STILL).mean()) if spoken.any() else 1.0,
        _rhythm(opening),
        float(np.nanmax(opening)) if known.any() else 0.0,
        float((is_speech[best] == 1).mean()),
        _log(_spread(width)),
        float(np.isfinite(opening).mean()),
    ])  # fmt: skip


def _shifted(values: Array, cells: int) -> Array:
    """[lags, cells]: row i is what was heard `LAGS[i]` cells before."""
    last = LAGS.stop - 1
    return np.stack([values[last - lag : last - lag + cells] for lag in LAGS])


def _rate(values: Array) -> Array:
    """Change per second over two cells of the last axis; NaN where either end is."""
    rate = np.full(values.shape, np.nan)
    rate[..., 1:-1] = (values[..., 2:] - values[..., :-2]) / (2 * STEP)
    return rate


def _smooth(values: Array) -> Array:
    """Mean over five cells, NaN where fewer than three are known: a mouth stands still for a moment at its widest."""
    known = np.isfinite(values)
    count = np.convolve(known, np.ones(5), "same")
    total = np.convolve(np.where(known, values, 0.0), np.ones(5), "same")
    smooth: Array = np.where(count > 2, total / np.maximum(count, 1), np.nan)
    return smooth


def _rhythm(opening: Array) -> float:
    known = np.isfinite(opening)
    if known.sum() < _LEAST_CELLS:
        return 0.0
    values = np.where(known, opening, opening[known].mean())
    total = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    low, high = np.maximum(index - _SLOW, 0), np.minimum(index + _SLOW + 1, len(values))
    fast = values - (total[high] - total[low]) / (high - low)
    return float(fast.var() / (values.var() + _FLOOR**2))


def _spread(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.std()) if len(known) > 1 else 0.0


def _mean(values: Array, where: NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else 0.0


def _log(value: float) -> float:
    return float(np.log(value + _FLOOR))
