"""What voice activity is judged on: streams of unseen speakers with gaps, and clips with and without speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.voice import activity_mix as mix
from training.voice import augment
from training.voice.activity_data import LEFT_OUT, RATE, UNSEEN, Entry, Wave, others, read, some, speech
from training.voice.activity_labels import energy_label, label
from training.voice.activity_music import hum, music, tone
from training.voice.activity_peers import HOP, WINDOW, Silero

Random = np.random.Generator
_LEVEL = -25.0
_GAP = (0.6, 1.6)


@dataclass(frozen=True)
class Stream:
    """Clean speech of several people with silent gaps between."""

    corpus: str
    samples: Wave
    energy: NDArray[np.int8]
    """Label of each frame by energy alone; -1 unsure."""
    agreed: NDArray[np.int8]
    """Label by silero-vad and energy, as in training."""
    onsets: NDArray[np.int64]
    """Samples at which somebody begins to speak after a gap, by energy."""


def streams(folder: Path, part: str, silero: Silero, *, clips: int = 25, seed: int = 0) -> list[Stream]:
    """One stream of each corpus: that part of its speakers, or all of the corpus that is left out."""
    entries = [e for e in speech(folder) if e.part == (UNSEEN if e.group == LEFT_OUT else part)]
    by_corpus: dict[str, list[Wave]] = {}
    for entry, samples in read(folder, some(entries, clips)):
        by_corpus.setdefault(entry.group, []).append(samples)
    random = np.random.default_rng([seed, 4])
    return [_stream(corpus, clips, silero, random) for corpus, clips in sorted(by_corpus.items())]


def _stream(corpus: str, clips: Sequence[Wave], silero: Silero, random: Random) -> Stream:
    gap = [int(random.uniform(*_GAP) * RATE / HOP) * HOP for _ in clips]
    lengths = [len(clip) // HOP * HOP for clip in clips]
    whole = np.zeros(sum(gap) + sum(lengths) + gap[0], np.float32)
    frames = 1 + (len(whole) - WINDOW) // HOP
    energy, agreed, onsets = np.zeros(frames, np.int8), np.zeros(frames, np.int8), []
    at = 0
    for before, length, clip in zip(gap, lengths, clips, strict=True):
        at += before
        clip = mix.at_level(clip, _LEVEL).copy()
        mix.fade(clip)
        mix.place(whole[: at + length], clip, at)
        by_energy, by_both = energy_label(clip), label(clip, silero)
        for target, labels in ((energy, by_energy), (agreed, by_both)):
            first = at // HOP
            # Frames that reach from the gap into the clip: nobody knows.
            target[max(0, first - 2) : first] = -1
            target[first : first + len(labels)] = labels
            target[first + len(labels) : first + len(labels) + 3] = -1
        if (by_energy == 1).any():
            onsets.append(at + int(np.flatnonzero(by_energy == 1)[0]) * HOP + WINDOW // 2)
        at += length
    return Stream(corpus, whole, energy, agreed, np.array(onsets, np.int64))


@dataclass(frozen=True)
class Noises:
    """Noise to lay under speech: pink, and recordings that no training saw."""

    recorded: list[Wave]

    @classmethod
    def of(cls, folder: Path, part: str) -> Noises:
        """The backgrounds of one part that are not all but silent."""
        entries = [e for e in others(folder) if e.part == part and e.group.startswith("background")]
        return cls([wave for _, wave in read(folder, entries) if mix.level(wave) > -60])

    def noise(self, kind: str, count: int, random: Random) -> Wave:
        """So many samples, `pink` or `recorded` (one clip after the other, each at the same level)."""
        if kind == "pink":
            return augment.coloured_noise(count, random, -3.0)
        out, at = np.zeros(count, np.float32), 0
        while at < count:
            clip = self.recorded[int(random.integers(len(self.recorded)))]
            part = (clip / np.float32(np.sqrt(np.mean(clip**2)) + 1e-9)).copy()
            mix.fade(part)
            mix.place(out, part, at)
            at += len(part)
        return out


def with_noise(samples: Wave, spoken: NDArray[np.bool_], noise: Wave, snr: float) -> Wave:
    """Speech and noise at a ratio of the power of the frames that are speech to the power of the noise, dB."""
    starts = np.flatnonzero(spoken) * HOP
    power = np.mean([np.mean(samples[s : s + WINDOW].astype(np.float64) ** 2) for s in starts]) if len(starts) else 1e-3
    factor = np.sqrt(power / np.mean(noise.astype(np.float64) ** 2) / 10 ** (snr / 10))
    return np.clip(samples + noise * np.float32(factor), -1, 1)


@dataclass(frozen=True)
class Trial:
    """One clip that is to be called speech or not."""

    kind: str
    samples: Wave


def spoken(
    folder: Path, part: str, noises: Noises, *, clips: int = 60, snr: float = 10.0, seed: int = 0
) -> list[Trial]:
    """Clips of speech with noise, half of it pink, half recorded."""
    random = np.random.default_rng([seed, 5])
    entries = [e for e in speech(folder) if e.part == (UNSEEN if e.group == LEFT_OUT else part)]
    trials = []
    for number, (entry, samples) in enumerate(read(folder, some(entries, clips))):
        clip = mix.at_level(samples, _LEVEL)
        noise = noises.noise(("pink", "recorded")[number % 2], len(clip), random)
        trials.append(Trial(entry.group, with_noise(clip, energy_label(clip) == 1, noise, snr)))
    return trials


def as_they_are(folder: Path, part: str, *, clips: int = 100) -> list[Trial]:
    """Clips of speech without anything added: sentences, and single words."""
    entries = [e for e in speech(folder) if e.part == (UNSEEN if e.group == LEFT_OUT else part)]
    return [Trial(entry.group, samples) for entry, samples in read(folder, some(entries, clips))]


def unspoken(folder: Path, part: str) -> list[Trial]:
    """Clips without speech, as they are."""
    chosen: list[Entry] = [e for e in others(folder) if e.part == part]
    return [Trial(entry.group, samples) for entry, samples in read(folder, chosen)]


def synthesised(count: int = 60, seconds: float = 5.0, seed: int = 100) -> list[Trial]:
    """Music by the instruments of the training and by others, noises, tones, silence; none of it was trained on."""
    random = np.random.default_rng([seed, 6])
    samples = int(seconds * RATE)
    trials = []
    for number in range(count):
        loud = random.uniform(-40, -12)
        for kind, wave in (
            ("music", music(seconds, random)),
            ("music, unseen instruments", music(seconds, random, held_out=True)),
            ("noise", augment.coloured_noise(samples, random, (0.0, -3.0, -6.0)[number % 3])),
            ("tone", tone(samples, random)),
            ("hum", hum(samples, random)),
        ):
            trials.append(Trial(kind, np.clip(mix.at_level(wave, loud), -1, 1)))
    trials += [Trial("silence", np.zeros(samples, np.float32)), Trial("silence", np.full(samples, 0.01, np.float32))]
    quiet = [augment.coloured_noise(samples, random) * np.float32(mix.decibels(-d)) for d in (100, 90, 80, 70)]
    return trials + [Trial("silence", wave) for wave in quiet]
