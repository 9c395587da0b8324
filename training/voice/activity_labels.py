"""Which frames of a clean clip are speech: silero-vad's word and the clip's own energy; unsure where they differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.voice.activity_data import Wave
from training.voice.activity_peers import HOP, WINDOW, Silero

_LOUD, _QUIET, _FLOOR = -25.0, -40.0, -70.0
"""dB below the clip's loud frames: above is loud, below is no speech; and dBFS below which nothing is speech."""
_SURE, _UNSURE = 0.5, 0.3


def frame_energy(samples: Wave) -> NDArray[np.float64]:
    """Mean square of each log-mel frame's samples, dBFS."""
    if len(samples) < WINDOW:
        return np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(1 + (len(samples) - WINDOW) // HOP) * HOP
    energy: NDArray[np.float64] = 10 * np.log10((total[starts + WINDOW] - total[starts]) / WINDOW + 1e-12)
    return energy


def relative_energy(samples: Wave) -> NDArray[np.float64]:
    """The same in dB relative to the clip's loud frames (their 95th percentile)."""
    energy = frame_energy(samples)
    return energy - np.percentile(energy, 95) if len(energy) else energy


def energy_label(samples: Wave) -> NDArray[np.int8]:
    """1 speech, 0 none, -1 unsure, by energy alone: a judge that owes nothing to any of the detectors compared."""
    relative = relative_energy(samples)
    label = np.full(len(relative), -1, np.int8)
    label[relative > _LOUD] = 1
    label[relative < -50] = 0
    return label


def label(samples: Wave, silero: Silero) -> NDArray[np.int8]:
    """1 speech, 0 none, -1 unsure, for each log-mel frame of a clean clip.

    silero-vad comes in late and leaves late: a frame that it calls speech and that is 40 dB below the loud ones is
    none; one that it does not call speech and that is loud is unsure, and so is whatever it is unsure about.
    """
    said = silero.frames(samples)
    energy = frame_energy(samples)
    if not len(energy):
        return np.zeros(0, np.int8)
    relative = energy - np.percentile(energy, 95)
    result = np.full(len(said), -1, np.int8)
    result[(said >= _SURE) & (relative >= _QUIET)] = 1
    result[(said < _UNSURE) & (relative < _LOUD)] = 0
    result[(relative < _QUIET) | (energy < _FLOOR)] = 0
    return result
