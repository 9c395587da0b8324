"""Mouths and sounds put together: whose voice it is, and whose it is not. Synthetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeaffect.voice.protocols import Activity, Speech
from edgeaffect.voice.speaker import Mouth, SpeakerFinder
from training.voice.augment import add_noise, coloured_noise
from training.voice.corpora import SAMPLE_RATE
from training.voice.front_end import FRAMES_PER_SECOND, frames_of
from training.voice.mouths import Performance
from training.voice.talk import FPS, levels

KINDS = ("chewing", "yawning", "smiling", "still", "other speech")
"""What a face does whose voice is not heard; the voice comes from off screen."""
FRAME_CENTRE = 0.0125  # seconds from the first sample of a log-mel frame to its middle
_EVERY = 0.5  # seconds between two answers
_SETTLED = 1.2  # seconds before the first


@dataclass(frozen=True)
class Conditions:
    """How one recording was made."""

    delay: float
    """Seconds by which the picture comes after the sound."""
    fps: float
    jitter: float
    """Seconds, standard deviation of the frames' stamps."""
    snr: float
    """Decibels of speech over noise; infinite without noise."""
    gain: float = 1.0
    """What the opening is multiplied by ..."""
    grain: float = 0.0
    """... and the standard deviation of what is added to it, distances between the eyes."""

    @classmethod
    def draw(cls, random: np.random.Generator, delays: tuple[float, float], *, vary: bool = False) -> Conditions:
        """Random ones: 8 to 30 frames a second, stamps off by up to 12 ms, half of them noisy.

        With `vary`, mouths are also read with other gains and more noise than rendered ones: real ones will be.
        """
        snr = float(random.uniform(5, 30)) if random.random() < 0.5 else float("inf")
        plain = (float(random.uniform(*delays)), float(random.uniform(8, FPS)), float(random.uniform(0, 0.012)), snr)
        if not vary:
            return cls(*plain)
        return cls(*plain, gain=float(np.exp(random.uniform(-0.9, 0.9))), grain=float(random.uniform(0, 0.008)))


@dataclass(frozen=True)
class Example:
    """One answer that the finder was asked for."""

    values: NDArray[np.float64]
    """`lip_sync.features`."""
    is_speaker: bool
    kind: str
    """`speaker`, or one of `KINDS`."""
    person: str
    pool: str
    corpus: str
    """Corpus of the voice."""
    scene: int
    """Examples of one scene share its number."""
    conditions: Conditions


def heard(
    samples: NDArray[np.float32], random: np.random.Generator, snr: float, activity: Activity | None = None
) -> Speech:
    """A sound as the finder gets it.

    Speech is what the activity model says. Without one it is where the clean sound is within 25 dB of its loudest, with
    one frame in fifty taken for the other.
    """
    clean = levels(samples)
    probability = 1 / (1 + np.exp(-(clean - np.percentile(clean, 95) + 25) / 2))
    probability = np.convolve(probability, np.ones(9) / 9, "same")
    flips = random.random(len(clean)) < 0.02
    probability = np.where(flips, 1 - probability, probability)
    if np.isfinite(snr):
        samples = add_noise(samples, coloured_noise(len(samples), random), snr)
    if activity is not None:
        activity.reset()
        probability = activity.accept(frames_of(samples)).astype(np.float64)
    times = np.arange(len(clean)) / FRAMES_PER_SECOND + FRAME_CENTRE
    return Speech(times, probability.astype(np.float32), levels(samples).astype(np.float32))


def seen(
    mouths: NDArray[np.float64], random: np.random.Generator, conditions: Conditions
) -> Iterator[tuple[float, Mouth]]:
    """Looks at a mouth at the camera's rate, late by the delay; frames without a face are missing."""
    seconds = len(mouths) / FPS
    due = np.arange(random.uniform(0, 1 / conditions.fps), seconds, 1 / conditions.fps)
    stamps = np.maximum.accumulate(due + random.normal(0, conditions.jitter, len(due))) + conditions.delay
    last, rest = -np.inf, float(np.nanmedian(mouths[:, 2])) if np.isfinite(mouths).any() else 0.0
    grain = conditions.grain * np.array([1.0, 1.0, 2.0])
    for at, stamp in zip(due, stamps, strict=True):
        jaw, gap, width = mouths[min(int(at * FPS), len(mouths) - 1)]
        if np.isfinite(jaw) and stamp > last and random.random() > 0.02:
            last = float(stamp)
            jaw, gap, width = conditions.gain * jaw, conditions.gain * gap, rest + conditions.gain * (width - rest)
            yield last, Mouth(*(float(value) for value in np.array([jaw, gap, width]) + grain * random.normal(size=3)))


def scene(
    mouths: NDArray[np.float64], speech: Speech, random: np.random.Generator, conditions: Conditions
) -> list[NDArray[np.float64]]:
    """Features every half second of one face and one sound, where the finder can tell anything."""
    finder = SpeakerFinder()
    looks = list(seen(mouths, random, conditions))
    end = min(looks[-1][0], float(speech.times[-1])) if looks else 0.0
    found, taken, told = [], 0, 0
    for now in np.arange(looks[0][0] + _SETTLED if looks else 0.0, end, _EVERY).tolist():
        until = int(np.searchsorted(speech.times, now))
        if until > taken:
            part = slice(taken, until)
            finder.hear(Speech(speech.times[part], speech.probability[part], speech.level_dbfs[part]))
            taken = until
        while told < len(looks) and looks[told][0] <= now:
            finder.watch(1, *looks[told])
            told += 1
        values = finder.features(1, now) if told else None
        if values is not None:
            found.append(values)
    return found


def examples(
    performances: Sequence[Performance],
    random: np.random.Generator,
    *,
    rounds: int,
    delays: tuple[float, float],
    activity: Activity | None = None,
    vary: bool = False,
) -> list[Example]:
    """Everybody with the own voice and, in each act, with somebody else's: as many scenes each.

    Every kind of negative comes once for two scenes of the true speaker and one for somebody else's words, which are
    the hardest to tell.
    """
    result: list[Example] = []
    number = 0
    for person in performances:
        others = [other for other in performances if other.speaker != person.speaker]
        for _ in range(rounds):
            for kind in ("speaker", "speaker", "other speech", *KINDS):
                own = kind == "speaker"
                voice = person if own else others[random.integers(len(others))]
                conditions = Conditions.draw(random, delays, vary=vary)
                mouths = person.mouths["speech" if kind in ("speaker", "other speech") else kind]
                samples = voice.samples
                if len(mouths) / FPS < len(samples) / SAMPLE_RATE - 1:
                    start = random.integers(0, len(samples) - int(len(mouths) / FPS * SAMPLE_RATE))
                    samples = samples[start:]
                for values in scene(mouths, heard(samples, random, conditions.snr, activity), random, conditions):
                    result.append(
                        Example(values, own, kind, person.name, person.pool, voice.corpus, number, conditions)
                    )
                number += 1
    return result
