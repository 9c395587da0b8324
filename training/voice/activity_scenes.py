"""Scenes for training: speech with gaps among noises, or sounds without speech alone; as log-mel energies with labels.

    python -m training.voice.activity_scenes --out DIR [--scenes 3000]

Writes DIR/sounds.npz's worth of clips into memory once and then as many scenes as asked for; chance is seeded.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import data_folder
from training.voice import activity_mix as mix
from training.voice import augment
from training.voice.activity_data import RATE, Entry, Wave, others, read, some, speech
from training.voice.activity_labels import label
from training.voice.activity_music import hum, music, tone
from training.voice.activity_peers import HOP, Silero
from training.voice.front_end import BANDS, INPUT, frames_of

SECONDS = 8.0
SAMPLES = int(SECONDS * RATE)
FRAMES = 1 + (SAMPLES - INPUT.window) // INPUT.hop
# Clips of each corpus that are rendered from: more cost time and say little that is new.
CLIPS = 700
# How often each kind of other sound is chosen, relative to 1 of the kinds not named: what is mistaken most.
_OFTEN = {
    "laughter": 5.0, "crying": 5.0, "scream": 4.0, "cough": 4.0, "baby_cry": 4.0, "breath": 2.0, "cat": 2.5,
    "dog": 2.0, "yawn": 3.0, "background_safe_Misc": 4.0,
}  # fmt: skip
_BACKGROUND = "background"
_COLOURS = (-3.0, -3.0, -3.0, 0.0, -6.0)
"""Slopes of steady noise, dB an octave: pink, white, red."""
_UNSURE_EDGE = 3
"""Frames on either side of a change of the label that nobody is sure about."""


@dataclass
class Sounds:
    """Everything scenes are made of."""

    speech: list[tuple[Wave, NDArray[np.int8]]] = field(default_factory=list)
    """Samples and frame labels."""
    groups: list[str] = field(default_factory=list)
    """Corpus of each."""
    events: dict[str, list[Wave]] = field(default_factory=dict)
    """Kind -> clips that are no background."""
    backgrounds: list[Wave] = field(default_factory=list)
    pieces: list[Wave] = field(default_factory=list)
    """Synthesised music."""


def gather(folder: Path, part: str, *, clips: int = CLIPS, pieces: int = 150, seed: int = 0) -> Sounds:
    """Read one part of the data, label its speech, synthesise music.

    Args:
        folder: of the data sets.
        part: `fit`, `validation` or `development`.
        clips: most of each corpus.
        pieces: of music, 8 seconds each.
        seed: of the music.
    """
    silero, sounds = Silero(), Sounds()
    for entry, samples in read(folder, some([e for e in speech(folder) if e.part == part], clips)):
        labels = label(samples, silero)
        if (labels == 1).sum() >= 10:
            sounds.speech.append((samples, labels))
            sounds.groups.append(entry.group)
    for entry, samples in read(folder, [e for e in others(folder) if e.part == part]):
        _keep(sounds, entry, samples)
    random = np.random.default_rng([seed, 1])
    sounds.pieces = [music(SECONDS, random) for _ in range(pieces)]
    return sounds


def _keep(sounds: Sounds, entry: Entry, samples: Wave) -> None:
    if len(samples) < RATE // 10 or mix.level(samples) < -90:
        return
    if entry.group.startswith(_BACKGROUND):
        sounds.backgrounds.append(samples)
    else:
        sounds.events.setdefault(entry.group, []).append(samples)


class Scenes:
    """Makes scenes, one after the other."""

    def __init__(
        self, sounds: Sounds, seed: int, *, clean: float = 0.25, alone: float = 0.35, steady: float = 0.25
    ) -> None:
        """Begin.

        Args:
            sounds: what scenes are made of.
            seed: of all chance.
            clean: share of the scenes with speech that are all but free of noise.
            alone: share of the scenes with speech in which clips stand alone, most of them in silence.
            steady: share of the noisy scenes with speech in loud noise of one colour, most often pink.
        """
        self.sounds, self.clean, self.alone, self.steady = sounds, clean, alone, steady
        self.random = np.random.default_rng([seed, 2])
        self._kinds = sorted(sounds.events)
        weights = np.array([_OFTEN.get(kind, 1.0) for kind in self._kinds])
        self._weights = weights / weights.sum()
        groups = np.array(sounds.groups)
        self._by_corpus = [np.flatnonzero(groups == name) for name in sorted(set(sounds.groups))]

    def scene(self) -> tuple[NDArray[np.float16], NDArray[np.int8], str]:
        """log-mel [FRAMES, 64], label [FRAMES] (1 speech, 0 none, -1 unsure), and what it is."""
        random, draw = self.random, self.random.uniform()
        if draw < 0.5:
            wave, labels = self._spoken()
            kind = "speech"
        elif draw < 0.83:
            kind = str(random.choice(self._kinds, p=self._weights))
            wave, labels = self._event_scene(kind), np.zeros(FRAMES, np.int8)
        else:
            kind = str(
                random.choice(["music", "background", "noise", "tone", "silence"], p=[0.4, 0.3, 0.15, 0.1, 0.05])
            )
            wave, labels = self._alone(kind), np.zeros(FRAMES, np.int8)
        wave = mix.recorded(wave, self.random, silent=kind == "silence")
        return frames_of(wave).astype(np.float16), labels, kind

    def _spoken(self) -> tuple[Wave, NDArray[np.int8]]:
        random = self.random
        wave, labels = np.zeros(SAMPLES, np.float32), np.zeros(FRAMES, np.int8)
        at = int(random.uniform(0, 2.0) * RATE / HOP)
        corpus = random.choice(len(self._by_corpus))
        # A word by itself, as to a machine: most of what is missed is short and has silence on both sides.
        alone = random.uniform() < self.alone
        loud, spoken_until = -25.0, []
        while at < FRAMES - 30:
            samples, own = self.sounds.speech[int(random.choice(self._by_corpus[corpus]))]
            sure = np.flatnonzero(own == 1)
            first, last = max(0, sure[0] - 12), min(len(own), sure[-1] + 25)
            part, own = samples[first * HOP : last * HOP + 240].copy(), own[first:last]
            if random.uniform() < 0.4:
                factor = random.uniform(0.88, 1.14)
                part = augment.change_speed(part, 1 / factor)
                index = np.minimum((np.arange(int(len(own) * factor)) / factor).astype(int), len(own) - 1)
                own = own[index]
            mix.fade(part)
            mix.place(wave, mix.at_level(part, loud + random.normal(0, 2)), at * HOP)
            labels = np.where(labels != 0, labels, mix.spread(own, FRAMES, at))
            at += len(own)
            spoken_until.append(at)
            at += int(random.exponential(2.0 if alone else 0.9) * 100) + (60 if alone else 5)
            if random.uniform() < (0.6 if alone else 0.3):
                corpus = random.choice(len(self._by_corpus))
        if random.uniform() < 0.5:
            wave = augment.reverberate(wave, augment.room_response(random))
            labels = _tail(labels)
        labels = _edges(labels)
        quiet = random.uniform() < (0.6 if alone else self.clean)
        if not quiet and random.uniform() < self.steady:
            noise, snr = augment.coloured_noise(SAMPLES, random, random.choice(_COLOURS)), random.uniform(-8, 12)
        else:
            noise, snr = self._noise(), random.uniform(25, 75) if quiet else random.uniform(-5, 25)
        wave = wave + mix.at_level(noise, loud - snr)
        if random.uniform() < 0.4:  # somebody coughs or laughs as well: before, between or over the words
            event = self._event(str(random.choice(self._kinds, p=self._weights)))
            event = event[: int(random.uniform(0.5, 3) * RATE)].copy()
            mix.fade(event)
            mix.place(wave, mix.at_level(event, loud + random.uniform(-12, 3)), int(random.integers(0, SAMPLES - 8000)))
        return wave, labels

    def _event(self, kind: str) -> Wave:
        random, clips = self.random, self.sounds.events[kind]
        wave = clips[int(random.integers(len(clips)))]
        if random.uniform() < 0.75:
            wave = augment.change_speed(wave, float(np.exp(random.uniform(-0.35, 0.35))))
        return wave

    def _event_scene(self, kind: str) -> Wave:
        random = self.random
        wave = np.zeros(SAMPLES, np.float32)
        at = int(random.uniform(0, 1.5) * RATE)
        while at < SAMPLES - RATE // 2:
            part = mix.at_level(self._event(kind), -25 + random.normal(0, 3)).copy()
            mix.fade(part)
            mix.place(wave, part, at)
            at += len(part) + int(random.exponential(0.5) * RATE)
        if random.uniform() < 0.25:
            other = self._event(str(random.choice(self._kinds, p=self._weights)))
            mix.place(wave, mix.at_level(other, -25 + random.uniform(-15, 5)), int(random.integers(0, SAMPLES // 2)))
        if random.uniform() < 0.4:
            wave = augment.reverberate(wave, augment.room_response(random))
        if random.uniform() < 0.6:
            wave = wave + mix.at_level(self._noise(), -25 - random.uniform(0, 35))
        return wave

    def _noise(self) -> Wave:
        draw = self.random.uniform()
        kind = "background" if draw < 0.45 else "noise" if draw < 0.75 else "music" if draw < 0.9 else "event"
        if kind == "event":
            steady = [k for k in ("knock", "dog", "teeth_chatter", "tongue_click") if k in self.sounds.events]
            return augment.of_length(self._event(str(self.random.choice(steady))), SAMPLES, self.random)
        return self._alone(kind)

    def _alone(self, kind: str) -> Wave:
        random = self.random
        if kind == "music":
            piece = self.sounds.pieces[int(random.integers(len(self.sounds.pieces)))]
            return augment.of_length(
                augment.change_speed(piece, float(np.exp(random.uniform(-0.3, 0.3)))), SAMPLES, random
            )
        if kind == "background":
            clip = self.sounds.backgrounds[int(random.integers(len(self.sounds.backgrounds)))]
            return augment.of_length(augment.change_speed(clip, random.uniform(0.85, 1.2)), SAMPLES, random)
        if kind == "noise":
            wave = np.float32(0.1) * augment.coloured_noise(
                SAMPLES, random, random.choice([0.0, -3.0, -6.0, random.uniform(-8, 1.5)])
            )
            if random.uniform() < 0.3:  # gusts: a level that comes and goes
                steps = np.interp(np.arange(SAMPLES), np.linspace(0, SAMPLES, 12), random.uniform(0.1, 1.5, 12))
                wave = wave * steps.astype(np.float32)
            return wave + hum(SAMPLES, random) * np.float32(random.choice([0, 0.3, 2]))
        return tone(SAMPLES, random) if kind == "tone" else np.zeros(SAMPLES, np.float32)


def _edges(labels: NDArray[np.int8]) -> NDArray[np.int8]:
    """Unsure near every change."""
    result = labels.copy()
    for change in np.flatnonzero(np.diff(labels)) + 1:
        result[max(0, change - _UNSURE_EDGE) : change + _UNSURE_EDGE] = -1
    return result


def _tail(labels: NDArray[np.int8], frames: int = 15) -> NDArray[np.int8]:
    """Unsure for a while after speech: the room goes on."""
    result = labels.copy()
    for end in np.flatnonzero((labels[:-1] == 1) & (labels[1:] == 0)) + 1:
        part = result[end : end + frames]
        part[part == 0] = -1
    return result


def render(sounds: Sounds, count: int, seed: int, *, clean: float = 0.25) -> dict[str, NDArray[np.generic]]:
    """`log_mel` float16 [count, FRAMES, 64], `label` int8 [count, FRAMES], `kind` str [count]."""
    scenes = Scenes(sounds, seed, clean=clean)
    energies = np.empty((count, FRAMES, BANDS), np.float16)
    labels, kinds = np.empty((count, FRAMES), np.int8), []
    for row in range(count):
        energies[row], labels[row], kind = scenes.scene()
        kinds.append(kind)
    return {"log_mel": energies, "label": labels, "kind": np.array(kinds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=3000)
    parser.add_argument("--validation", type=int, default=300)
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--pieces", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for part, count in (("fit", arguments.scenes), ("validation", arguments.validation)):
        start = time.monotonic()
        share = 1 if part == "fit" else 0.2
        sounds = gather(
            data_folder(arguments.data), part, clips=round(arguments.clips * share),
            pieces=round(arguments.pieces * share), seed=arguments.seed + (part == "validation"),
        )  # fmt: skip
        gathered = time.monotonic() - start
        made = render(sounds, count, arguments.seed + (part == "validation"))
        for name, values in made.items():
            np.save(arguments.out / f"{part}_{name}.npy", values)
        total = time.monotonic() - start
        print(
            f"{part}: {count} scenes, {total:.0f} s, of these {gathered:.0f} s for {len(sounds.speech)} clips of speech"
        )


if __name__ == "__main__":
    main()
