"""What mouths do over time: speech that is heard, and what only looks like it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from training.voice.front_end import FRAMES_PER_SECOND, INPUT, frames_of
from training.voice.lips import Lips

FPS = 30.0
ACTS = ("speech", "chewing", "yawning", "smiling", "still")
_DECIBELS = 10 / math.log(10)
# Bands of the log-mel front end around the first formant, whose energy goes with how far a mouth is open, and above.
_FORMANT, _HIGH = slice(6, 30), slice(44, 64)
_RANGE = 28.0  # decibels between a shut and an open mouth
# Lips move a little before the sound that they make (Chandrasekaran et al. 2009); this is on top of any delay.
_COARTICULATION = 0.045  # seconds, standard deviation of a Gaussian

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Habits:
    """How one person moves; drawn once."""

    opening: float
    """Widest drop of the jaw in speech, widths of the mouth."""
    rounding: float
    follows: float
    """Share of the jaw's movement that the energy explains; the rest is its own."""

    @classmethod
    def draw(cls, random: np.random.Generator) -> Habits:
        """One person."""
        return cls(float(random.uniform(0.14, 0.42)), float(random.uniform(0.05, 0.2)), float(random.uniform(0.6, 1.0)))


def speech_curves(samples: NDArray[np.float32], random: np.random.Generator, habits: Habits) -> tuple[Curve, Curve]:
    """Jaw and spread of a mouth that says this, [frames at FPS] each, without any delay.

    The jaw follows the energy around the first formant, smoothed over neighbouring sounds, with a gain that wanders
    from syllable to syllable; the lips are round where high bands are weak.
    """
    log_mel = frames_of(samples).astype(np.float64)
    energy = _DECIBELS * np.log(np.exp(log_mel[:, _FORMANT]).mean(1))
    high = _DECIBELS * np.log(np.exp(log_mel[:, _HIGH]).mean(1))
    loud = np.clip((energy - np.percentile(energy, 95)) / _RANGE + 1, 0, 1.1)
    wander = gaussian_filter1d(random.standard_normal(len(loud)), 8)
    wander = 1 + 0.5 * wander / max(float(wander.std()), 1e-6)
    own = gaussian_filter1d(random.standard_normal(len(loud)), 6)
    own = np.clip(own / max(float(own.std()), 1e-6), -2, 2) * 0.3 * (loud > 0.2)
    jaw = habits.follows * loud**1.3 * np.clip(wander, 0.3, 1.7) + (1 - habits.follows) * (loud + own)
    smooth = _COARTICULATION * FRAMES_PER_SECOND
    jaw = gaussian_filter1d(np.clip(jaw - 0.12, 0, None), smooth)
    tilt = gaussian_filter1d(np.clip((high - energy + 15) / 20, -1, 1), 1.5 * smooth)
    spread = habits.rounding * tilt * np.clip(loud * 2, 0, 1)
    times = np.arange(int(len(jaw) / FRAMES_PER_SECOND * FPS)) / FPS
    frames = np.arange(len(jaw)) / FRAMES_PER_SECOND
    return habits.opening * np.interp(times, frames, jaw), np.interp(times, frames, spread)


def act_curves(act: str, seconds: float, random: np.random.Generator, habits: Habits) -> dict[str, Curve]:
    """Curves by the names of `Lips` of a mouth that does not speak, [seconds * FPS] each."""
    t = np.arange(int(seconds * FPS)) / FPS
    curves = {name: np.zeros(len(t)) for name in ("jaw", "spread", "smile", "chew", "side")}
    if act == "chewing":
        hertz = random.uniform(1.0, 2.0)
        turn = 2 * np.pi * hertz * (t + _wander(len(t), random, 0.08)) + random.uniform(0, 6)
        depth = random.uniform(0.12, 0.3) * (1 + 0.3 * _wander(len(t), random, 1.0))
        closed = depth * 0.5 * (1 - np.cos(turn))
        lips = random.choice([0.0, random.uniform(0.2, 0.7)])  # some chew with their lips apart
        curves["chew"], curves["jaw"] = (1 - lips) * closed, lips * closed
        curves["side"] = random.uniform(0, 0.12) * np.sin(turn + 1)
        rest = random.uniform(0, seconds)  # a swallow
        curves = {name: values * (np.abs(t - rest) > 0.4) for name, values in curves.items()}
    elif act == "yawning":
        start = random.uniform(0.2, max(0.3, seconds - 4))
        curves["jaw"] = random.uniform(0.5, 0.9) * _bump(t, start, 1.0, random.uniform(0.8, 1.6))
        curves["spread"] = -0.15 * curves["jaw"]
    elif act == "smiling":
        for start in np.arange(random.uniform(0.2, 1.0), seconds, random.uniform(2.0, 3.0)):
            curves["smile"] += random.uniform(0.5, 1.0) * _bump(t, float(start), random.uniform(0.2, 0.4), 0.8)
        curves["jaw"] = random.choice([0.0, 0.12]) * curves["smile"]
    elif act != "still":
        raise ValueError(f"no act {act!r}: choose {', '.join(ACTS[1:])}")
    return curves


def motions(curves: dict[str, Curve], random: np.random.Generator) -> list[Lips]:
    """Frames of these curves, with a head that sways, nods a little and is not held still by the camera."""
    count = len(next(iter(curves.values())))
    sway = random.uniform(0.5, 2.5)
    yaw, pitch = (sway * _wander(count, random, 1.0, seconds=0.5) for _ in range(2))
    x, y = (random.uniform(0, 2) * _wander(count, random, 1.0, seconds=0.4) for _ in range(2))
    return [
        Lips(**{name: float(values[i]) for name, values in curves.items()}, yaw=float(yaw[i]), pitch=float(pitch[i]),
             shift=(float(x[i]), float(y[i])))
        for i in range(count)
    ]  # fmt: skip


def levels(samples: NDArray[np.float32]) -> Curve:
    """[frames] level of the sound per log-mel frame in decibels of full scale, as the voice stream tells it."""
    count = len(frames_of(samples))
    power = np.square(samples[: count * INPUT.hop].astype(np.float64)).reshape(count, INPUT.hop).mean(1)
    decibels: Curve = np.maximum(10 * np.log10(power + 1e-12), -120.0)
    return decibels


def _bump(t: Curve, start: float, rise: float, hold: float) -> Curve:
    share = np.clip(np.minimum((t - start) / rise, (start + 2 * rise + hold - t) / rise), 0, 1)
    bump: Curve = 0.5 - 0.5 * np.cos(np.pi * share)
    return bump


def _wander(count: int, random: np.random.Generator, size: float, seconds: float = 0.3) -> Curve:
    noise = gaussian_filter1d(random.standard_normal(count + 60), seconds * FPS)[30 : 30 + count]
    wander: Curve = size * noise / max(float(noise.std()), 1e-6)
    return wander
