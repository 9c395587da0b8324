"""Levels and places of sounds in a scene, and what a microphone and a line do to all of it; see also `augment`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.voice import augment
from training.voice.activity_data import Wave

Random = np.random.Generator
_SILENCE = -110.0


def decibels(value: float) -> float:
    """An amplitude's factor from dB."""
    return float(10 ** (value / 20))


def level(samples: Wave, loudest: float = 0.2) -> float:
    """RMS of the loud part in dBFS: of frames of 20 ms the loudest, as large a share as told."""
    n = max(1, len(samples) // 320)
    power = np.square(samples[: n * 320], dtype=np.float64).reshape(n, -1).mean(1)
    loud = np.sort(power)[-max(1, int(loudest * n)) :]
    return float(10 * np.log10(loud.mean() + 1e-12))


def at_level(samples: Wave, dbfs: float) -> Wave:
    """The samples with their loud part at that level; silence stays silence."""
    now = level(samples)
    return samples * np.float32(decibels(dbfs - now)) if now > _SILENCE else samples


def place(out: Wave, part: Wave, at: int) -> None:
    """Adds a part to a longer sound, cut off at its end."""
    part = part[: max(0, len(out) - at)]
    out[at : at + len(part)] += part


def fade(wave: Wave, samples: int = 80) -> None:
    """In place, so that a cut makes no click."""
    n = min(samples, len(wave) // 2)
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    wave[:n] *= ramp
    wave[len(wave) - n :] *= ramp[::-1]


def spread(label: NDArray[np.int8], frames: int, at: int) -> NDArray[np.int8]:
    """Frame labels of a clip inside a scene: what lies outside is no speech.

    Args:
        label: of the clip's frames.
        frames: of the scene.
        at: the frame at which the clip begins.
    """
    out = np.zeros(frames, np.int8)
    part = label[: max(0, frames - at)]
    out[at : at + len(part)] = part
    return out


def clipped(samples: Wave, random: Random) -> Wave:
    """Cut off at a level below the peak, as an amplifier driven too far does."""
    top = np.float32(np.abs(samples).max() * random.uniform(0.15, 0.7) + 1e-9)
    return np.clip(samples, -top, top)


def recorded(wave: Wave, random: Random, *, silent: bool = False) -> Wave:
    """At the end of its way: level (-45 to -8 dBFS), device, noise of the microphone, line.

    Args:
        wave: a scene.
        random: generator.
        silent: there is nothing in it to be brought to a level.
    """
    if not silent:
        wave = at_level(wave, random.uniform(-45, -8))
        if random.uniform() < 0.5:
            wave = augment.equalise(wave, random)
        if random.uniform() < 0.25:
            wave = augment.limit_band(wave, random)
    if random.uniform() < 0.8:
        hiss = augment.coloured_noise(len(wave), random, random.uniform(-3, 0))
        wave = wave + hiss * np.float32(decibels(random.uniform(-95, -60)))
    if random.uniform() < 0.2:
        kind = random.choice(["mu-law", "bits", "clipped", "OPUS"], p=[0.3, 0.3, 0.3, 0.1])
        if kind == "mu-law":
            wave = augment.mu_law(wave)
        elif kind == "bits":
            steps = 2.0 ** random.integers(9, 15)
            wave = (np.round(wave * steps) / steps).astype(np.float32)
        elif kind == "clipped":
            wave = clipped(wave, random)
        else:
            wave = augment.compress(wave, "OPUS", float(random.uniform(0.3, 1.0)))
    return np.clip(wave, -1, 1).astype(np.float32)
