"""Sound that voice activity takes for speech, made by a formula: recordings of people are never bundled.

Pulses of a gliding pitch through the formants of vowels (Peterson and Barney, J. Acoust. Soc. Am. 24, 1952), fricative
noise between them, pauses between words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 16000
# Formants of men in Hz: the vowels of heed, hid, head, had, hod, hawed, hood, who'd, hud, heard.
_VOWELS = (
    (270, 2290, 3010), (390, 1990, 2550), (530, 1840, 2480), (660, 1720, 2410), (730, 1090, 2440),
    (570, 840, 2410), (440, 1020, 2240), (300, 870, 2240), (640, 1190, 2390), (490, 1350, 1690),
)  # fmt: skip
_BANDWIDTHS = (60, 90, 120)  # Hz


def speech(seconds: float, *, pitch: float = 120.0, seed: int = 0) -> NDArray[np.float32]:
    """Somebody talking nonsense.

    Args:
        seconds: length.
        pitch: Hz of the voice.
        seed: of what is said.

    Returns:
        float32 [n] at 16 kHz, in [-1, 1].
    """
    rng = np.random.default_rng(seed)
    out = rng.normal(0, 1e-3, round(seconds * RATE))
    at = 0
    while at < len(out):
        for _ in range(rng.integers(1, 4)):
            for sound in (_consonant(rng), _vowel(rng, pitch)):
                part = out[at : at + len(sound)]
                part += sound[: len(part)]
                at += len(sound)
        at += round(RATE * rng.uniform(0.05, 0.25))
    return np.clip(out, -1, 1).astype(np.float32)


def _consonant(rng: np.random.Generator) -> NDArray[np.float64]:
    noise = rng.normal(0, 0.012, round(RATE * rng.uniform(0.04, 0.09)))
    return np.diff(noise, prepend=0.0) * (rng.random() < 0.6)


def _vowel(rng: np.random.Generator, pitch: float) -> NDArray[np.float64]:
    n = round(RATE * rng.uniform(0.1, 0.22))
    glide = pitch * (1 + 0.1 * rng.normal()) * np.linspace(1.08, 0.9, n)
    pulses = np.diff(np.floor(np.cumsum(glide) / RATE), prepend=0.0) > 0
    hz = np.fft.rfftfreq(2 * n, 1 / RATE)
    response = 1 / (1 + 1j * hz / 100)  # the glottis falls by 6 dB per octave, with the lips' 6 dB up
    for formant, width in zip(_VOWELS[rng.integers(len(_VOWELS))], _BANDWIDTHS, strict=True):
        response = response / (1 - (hz / formant) ** 2 + 1j * hz * width / formant**2)
    sound = np.fft.irfft(np.fft.rfft(pulses + rng.normal(0, 0.01, n), 2 * n) * response)[:n]
    sound *= np.hanning(n) ** 0.4
    return sound * (0.25 * rng.uniform(0.5, 1.0) / np.abs(sound).max())
