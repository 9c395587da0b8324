"""Faces and voices of people who never met, each with a label and as the models read them, joined by label."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect import Affect, Pipeline
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.evaluation.affect_metrics import majority_labels
from edgeaffect.voice.affect import VoiceAffect
from edgeaffect.voice.fusion import cue_stability
from edgeaffect.voice.pooling import SHARED
from training.affect.corruptions import CORRUPTIONS
from training.affect.fullpath import paste
from training.data import read_ferplus
from training.voice.augment import add_noise, coloured_noise
from training.voice.corpora import SAMPLE_RATE, read_clips, read_samples

# Part of the joined pairs -> part of FER+ and of the speakers. Nothing was trained on those of `test`; the voice model
# has heard the validation speakers in its last steps, so that constants trust its voice a little too much.
FACES = {"fit": "development", "test": "valid"}
VOICES = {"fit": "validation", "test": "development"}
CORPORA = ("ravdess", "emodb", "nemo", "emospeech")
# Most faces of one label, and clips of one speaker: more of the same tell little.
MOST_FACES, MOST_CLIPS = 250, 60
SNRS = (20.0, 10.0, 5.0, 0.0, -5.0)
STRENGTHS = 5
# A face shows calm as neutral; which face goes with boredom nobody knows, so those clips are left out.
FACE_OF = {**{name: name for name in SHARED}, "calm": "neutral"}


@dataclass(frozen=True)
class Side:
    """One face or one voice."""

    affect: Affect
    label: str
    """One of `SHARED`: what people saw, or what the actor meant."""
    who: str
    """Speaker, or number of the face: FER+ does not name people."""
    damage: int
    """0 clean; strength of a corruption of the face, or place in `SNRS` plus one."""
    trust: float
    """Stability of the cues of a face; decibels of a voice above its noise (NaN for a clean one)."""

    def to_json(self) -> str:
        """Inverse of `from_json`."""
        return json.dumps({**vars(self), "affect": self.affect.to_dict()})

    @classmethod
    def from_json(cls, text: str) -> Side:
        """What `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)
        return cls(**{**data, "affect": Affect.from_dict(data["affect"])})


class AllSpeech:
    """An activity model for clips that are known to be speech."""

    def accept(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """1 for every frame."""
        return np.ones(len(frames), np.float32)

    def reset(self) -> None:
        """Nothing to forget."""

    def describe(self) -> dict[str, Any]:
        """What runs."""
        return {"model": "none: every frame is speech"}

    def close(self) -> None:
        """Nothing to release."""


def faces(data: Path, part: str) -> Iterator[Side]:
    """Faces with a majority label that both sides know, pasted into frames, as `Pipeline` reads them.

    Half of them are shown clean, half with one corruption of strength 1 to 5. What is not found is left out.
    """
    found = read_ferplus(data).part(FACES[part])
    labels, has = majority_labels(found.votes)
    random = np.random.default_rng(len(labels))
    kinds = list(CORRUPTIONS.values())
    counts: Counter[str] = Counter()
    with Pipeline(cues=True) as pipeline:
        for i in random.permutation(np.flatnonzero(has)).tolist():
            label = EMOTIONS[labels[i]]
            if label not in SHARED or counts[label] == MOST_FACES:
                continue
            counts[label] += 1
            strength = int(random.integers(1, STRENGTHS + 1)) if random.random() < 0.5 else 0
            image = found.images[i]
            if strength:
                change, values = kinds[random.integers(len(kinds))]
                image = change(image, values[strength - 1], random)
            frame, _ = paste(image, random)
            pipeline.reset()
            seen = [face for face in pipeline.process(frame).faces if face.affect is not None]
            if not seen:
                continue
            face = max(seen, key=lambda one: one.score)
            stable = cue_stability(face.raw_cues) if face.raw_cues is not None else 1.0
            assert face.affect is not None
            yield Side(face.affect, label, f"{FACES[part]}-{i}", strength, round(stable, 4))


def voices(data: Path, part: str, model: str | None = None) -> Iterator[Side]:
    """Clips of one part of the speakers, clean and once in noise, as `VoiceAffect` hears them."""
    clips = [
        clip for clip in read_clips(data, CORPORA) if clip.part == VOICES[part] and FACE_OF.get(clip.label) is not None
    ]
    random = np.random.default_rng(len(clips))
    counts: Counter[str] = Counter()
    chosen = []
    for i in random.permutation(len(clips)).tolist():
        counts[clips[i].speaker] += 1
        if counts[clips[i].speaker] <= MOST_CLIPS:
            chosen.append(i)
    clips = [clips[i] for i in sorted(chosen)]
    with VoiceAffect(model, activity=AllSpeech()) as hears:
        for clip, samples in zip(clips, read_samples(data, clips), strict=True):
            place = int(random.integers(len(SNRS)))
            noisy = add_noise(samples, coloured_noise(len(samples), random), SNRS[place])
            noisy = (noisy / max(1.0, float(np.abs(noisy).max()))).astype(np.float32)
            # What the level tells: speech and noise together over noise, in decibels.
            margin = 10 * np.log10(1 + 10 ** (SNRS[place] / 10))
            for damage, sound, trust in ((0, samples, float("nan")), (place + 1, noisy, float(margin))):
                heard = hears.predict(sound, SAMPLE_RATE)
                if heard.affect is not None:
                    yield Side(heard.affect, FACE_OF[clip.label], clip.speaker, damage, trust)


def kept(path: Path, make: Iterator[Side]) -> list[Side]:
    """What a file holds, or what is made and written into it, whole or not at all."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            for side in make:
                file.write(side.to_json() + "\n")
        partial.replace(path)
    return [Side.from_json(line) for line in path.read_text("utf-8").splitlines()]


@dataclass(frozen=True)
class Pair:
    """A face and a voice."""

    face: Side
    voice: Side

    @property
    def matches(self) -> bool:
        """Whether both have one label."""
        return self.face.label == self.voice.label


def pairs(faces: Sequence[Side], voices: Sequence[Side], random: np.random.Generator, rounds: int = 1) -> list[Pair]:
    """Each voice with a face of its label, and the same faces once more with voices of other labels.

    So neither side alone tells what matches. Labels that one side lacks are left out.
    """
    by_label = {label: [face for face in faces if face.label == label] for label in SHARED}
    result: list[Pair] = []
    for _ in range(rounds):
        own = [voice for voice in voices if by_label[voice.label]]
        shown = [by_label[voice.label][random.integers(len(by_label[voice.label]))] for voice in own]
        result += [Pair(face, voice) for face, voice in zip(shown, own, strict=True)]
        result += [Pair(shown[i], own[j]) for i, j in enumerate(_deranged([voice.label for voice in own], random))]
    return result


def _deranged(labels: Sequence[str], random: np.random.Generator) -> list[int]:
    """A permutation that gives each place another label, as far as that can be had."""
    order = random.permutation(len(labels))
    for _ in range(50):
        wrong = [i for i in range(len(labels)) if labels[order[i]] == labels[i]]
        if not wrong:
            break
        for i in wrong:
            j = int(random.integers(len(labels)))
            if labels[order[i]] != labels[j] and labels[order[j]] != labels[i]:
                order[i], order[j] = order[j], order[i]
    return [int(j) for i, j in enumerate(order)]
