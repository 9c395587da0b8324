"""A small synthesiser: pieces of music, tones and noises that nobody spoke, as many as one asks for.

Everything comes from a seeded generator. Instruments of `HELD_OUT` are for judging only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from training.voice.activity_data import RATE

Random = np.random.Generator
Wave = NDArray[np.float64]
Sound = NDArray[np.float32]

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))
# First and second formant of sung vowels, Hz (Peterson and Barney 1952, men and women between).
_VOWELS = ((300, 2300), (450, 1900), (700, 1250), (600, 950), (350, 800))


def _time(seconds: float) -> Wave:
    return np.arange(int(seconds * RATE)) / RATE


def _envelope(n: int, attack: float, decay: float, release: float = 0.03) -> Wave:
    """Rise, exponential fall and a short end, of n samples."""
    t = np.arange(n) / RATE
    end = np.clip((n / RATE - t) / release, 0, 1)
    return np.minimum(t / max(attack, 1e-3), 1) * np.exp(-t / decay) * end


def _phase(t: Wave, hz: float, random: Random, vibrato: float) -> Wave:
    """Phase of a note in radians, with vibrato (share of the frequency) that sets in."""
    if not vibrato:
        return 2 * np.pi * hz * t
    rate = random.uniform(4, 7)
    depth = vibrato * np.minimum(t / 0.3, 1)
    return 2 * np.pi * np.cumsum(hz * (1 + depth * np.sin(2 * np.pi * rate * t))) / RATE


def _harmonics(phase: Wave, hz: float, weights: NDArray[np.float64]) -> Wave:
    total = np.zeros_like(phase)
    for number, weight in enumerate(weights, 1):
        if number * hz < 0.47 * RATE:
            total += weight * np.sin(number * phase)
    return total


def additive(t: Wave, hz: float, random: Random) -> Wave:
    """Harmonics that fall off: organ, string or wind, as chance has it."""
    count = int(random.integers(1, 16))
    weights = random.uniform(0.2, 1, count) / np.arange(1, count + 1) ** random.uniform(0.5, 2)
    wave = _harmonics(_phase(t, hz, random, random.choice([0, 0.003, 0.012])), hz, weights)
    return wave * _envelope(len(t), random.uniform(0.005, 0.15), random.uniform(0.2, 4))


def detuned_saws(t: Wave, hz: float, random: Random) -> Wave:
    """Three saws side by side: a synthesiser's pad or lead."""
    weights = 1 / np.arange(1, 24)
    parts = [_harmonics(2 * np.pi * hz * (1 + d) * t + random.uniform(0, 6), hz, weights)
             for d in random.normal(0, 0.004, 3)]  # fmt: skip
    return np.sum(parts, 0) * _envelope(len(t), random.uniform(0.005, 0.3), random.uniform(0.5, 5))


def fm(t: Wave, hz: float, random: Random) -> Wave:
    """Frequency modulation: bells and electric pianos."""
    ratio, index = random.choice([0.5, 1, 1.41, 2, 3, 3.5]), random.uniform(0.5, 6)
    modulator = index * np.exp(-t / random.uniform(0.1, 1.5)) * np.sin(2 * np.pi * hz * ratio * t)
    return np.sin(2 * np.pi * hz * t + modulator) * _envelope(len(t), 0.004, random.uniform(0.2, 2))


def vowel(t: Wave, hz: float, random: Random) -> Wave:
    """A held vowel with vibrato, as a synthesiser's choir sings it: pitch and formants, nothing said."""
    first, second = _VOWELS[int(random.integers(len(_VOWELS)))]
    hz = float(hz) * (2.0 ** -np.round(np.log2(hz / 220)) if hz > 500 else 1)
    count = max(1, int(4000 / hz))
    f = hz * np.arange(1, count + 1)
    shape = sum(np.exp(-0.5 * ((f - centre) / width) ** 2) * level
                for centre, width, level in ((first, 90, 1), (second, 130, 0.5), (2800, 200, 0.2)))  # fmt: skip
    wave = _harmonics(_phase(t, hz, random, random.uniform(0.005, 0.03)), hz, np.asarray(shape) + 0.01)
    return wave * _envelope(len(t), random.uniform(0.03, 0.2), 6, 0.1)


def glide(t: Wave, hz: float, random: Random) -> Wave:
    """A tone that slides: sirens, whistles, theremin."""
    way = hz * 2 ** (random.uniform(-1.5, 1.5) * np.sin(2 * np.pi * random.uniform(0.1, 2) * t))
    phase = 2 * np.pi * np.cumsum(way) / RATE
    return _harmonics(phase, hz * 3, 1 / np.arange(1, int(random.integers(2, 8))) ** 1.5)


def plucked(t: Wave, hz: float, random: Random) -> Wave:
    """A plucked string (Karplus and Strong 1983)."""
    signal = require("scipy.signal")
    period = max(2, round(RATE / hz))
    burst = np.zeros(len(t))
    burst[:period] = random.uniform(-1, 1, period)[: len(t)]
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -0.498, -0.498
    wave: Wave = signal.lfilter([1.0], loop, burst) * _envelope(len(t), 0.001, 10)
    return wave


def square(t: Wave, hz: float, random: Random) -> Wave:
    """A pulse wave, as games have it."""
    duty = random.choice([0.125, 0.25, 0.5])
    n = np.arange(1, 20)
    return _harmonics(2 * np.pi * hz * t, hz, np.sin(np.pi * n * duty) / n) * _envelope(len(t), 0.002, 1.5)


INSTRUMENTS: dict[str, Callable[[Wave, float, Random], Wave]] = {
    f.__name__: f for f in (additive, detuned_saws, fm, vowel, glide, plucked, square)
}
HELD_OUT = ("plucked", "square")
"""Instruments that no training sees."""


def _drum(random: Random) -> Wave:
    t = _time(random.uniform(0.08, 0.3))
    kind = random.integers(3)
    if kind == 0:  # bass drum: a falling tone
        return np.sin(2 * np.pi * (50 * t + 12 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.1) * 2
    hiss = random.standard_normal(len(t))
    if kind == 1:  # snare
        return (hiss * 0.6 + np.sin(2 * np.pi * 190 * t)) * np.exp(-t / 0.07)
    return np.diff(hiss, prepend=0) * np.exp(-t / 0.03) * 0.6  # hi-hat


def music(seconds: float, random: Random, held_out: bool = False) -> Sound:
    """A piece: chords, a melody, or both, mostly with drums; peak 0.5.

    Args:
        seconds: its length.
        random: where chance comes from.
        held_out: whether the instruments are those of `HELD_OUT`, or all others.
    """
    names = [name for name in INSTRUMENTS if (name in HELD_OUT) == held_out]
    out = np.zeros(int(seconds * RATE))
    beat = 60 / random.uniform(60, 170)
    scale = SCALES[int(random.integers(len(SCALES)))]
    root = 110 * 2 ** (random.integers(0, 12) / 12)

    def note(degree: int) -> float:
        return float(root * 2 ** (scale[degree % len(scale)] / 12 + degree // len(scale)))

    def put(wave: Wave, at: float, level: float) -> None:
        start = int(at * RATE)
        part = wave[: max(0, len(out) - start)]
        out[start : start + len(part)] += level * part

    parts = random.permutation(["chords", "melody", "drums"])[: int(random.integers(1, 4))]
    if "chords" in parts:
        play, bar, level = INSTRUMENTS[str(random.choice(names))], beat * random.choice([2, 4]), random.uniform(0.3, 1)
        for at in np.arange(0, seconds, bar):
            first = int(random.integers(0, 7))
            for degree in (first, first + 2, first + 4)[: int(random.integers(1, 4))]:
                put(play(_time(bar), note(degree), random), at, level / 2)
    if "melody" in parts or list(parts) == ["drums"]:
        play, degree, at = INSTRUMENTS[str(random.choice(names))], int(random.integers(5, 12)), 0.0
        while at < seconds:
            length = beat * random.choice([0.25, 0.5, 0.5, 1, 1, 2])
            if random.uniform() > 0.12:
                put(play(_time(length * random.uniform(0.7, 1.3)), note(degree), random), at, 0.8)
            degree = int(np.clip(degree + random.integers(-3, 4), 0, 18))
            at += length
    if "drums" in parts:
        for at in np.arange(0, seconds, beat / random.choice([1, 2, 4])):
            if random.uniform() < 0.7:
                put(_drum(random), at, random.uniform(0.3, 1))
    peak = np.abs(out).max()
    return np.asarray(out * (0.5 / peak if peak else 1), np.float32)


def hum(samples: int, random: Random) -> Sound:
    """Mains hum or a motor: low harmonics, a little unsteady; RMS 0.1."""
    t = np.arange(samples) / RATE
    hz = random.choice([50, 60, random.uniform(25, 400)])
    drift = 1 + 0.01 * np.sin(2 * np.pi * random.uniform(0.05, 1) * t + random.uniform(0, 6))
    count = int(random.integers(2, 13))
    weights = random.uniform(0, 1, count) / np.arange(1, count + 1) ** random.uniform(0.3, 1.5)
    wave = _harmonics(2 * np.pi * np.cumsum(hz * drift) / RATE, hz, weights)
    return np.asarray(wave * (0.1 / np.sqrt(np.mean(wave**2) + 1e-12)), np.float32)


def tone(samples: int, random: Random) -> Sound:
    """A steady, beeping or sweeping tone; RMS about 0.1."""
    t = np.arange(samples) / RATE
    hz, kind = np.exp(random.uniform(np.log(80), np.log(6000))), random.integers(3)
    if kind == 1:
        wave = np.sin(2 * np.pi * hz * t) * (np.sin(2 * np.pi * random.uniform(0.5, 8) * t) > 0)
    elif kind == 2:
        wave = np.sin(2 * np.pi * hz * t * (1 + random.uniform(-0.4, 0.4) * t / max(t[-1], 1e-3)))
    else:
        wave = np.sin(2 * np.pi * hz * t)
    return np.asarray(0.14 * wave, np.float32)
