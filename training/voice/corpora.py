"""The speech corpora: who says what in which emotion, and which speakers are for training, validation and the report.

A corpus is one zip of Ogg Opus clips (16 kHz, one channel) with `labels.csv`; the README beside the data names sources
and licences. Speakers are assigned to parts once, by a hash, balanced by gender where the corpus gives it:

* `fit`: training;
* `validation`: choices and calibration;
* `development`: the report, for nothing else.

Emotions of ASED hang on its sentences, so nothing is trained on it (`ASED_PART`): all of it is an unseen corpus.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLE_RATE = 16000
PARTS = ("fit", "validation", "development")
ASED_PART = "unseen"
SPLIT_SEED = 17
# Shares of a corpus's clips for the parts that are not trained on; at least one speaker each.
SHARES = {"development": 0.24, "validation": 0.12}
# What a part may hold beyond its share, as a factor: speakers are not cut.
_SLACK = 1.3
# In a corpus of more than ten speakers, one with more than four times the mean of clips stays in training: in another
# part, one person would decide the figure.
_MANY, _MOST = 10, 4.0

LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "calm", "boredom")
"""Columns of the voice model: the canonical labels that any corpus has, then calm and boredom."""
HIGH_AROUSAL = ("anger", "fear", "happiness", "surprise")
LOW_AROUSAL = ("sadness", "calm", "boredom")


@dataclass(frozen=True)
class CorpusFacts:
    """What the recipe must know of a corpus."""

    file: str
    language: str
    labels: tuple[str, ...]
    """Emotions that its clips can have, in the order of `LABELS`; empty where levels of emotion stand instead."""
    licence: str
    title: str


CORPORA: Mapping[str, CorpusFacts] = {
    "ravdess": CorpusFacts(
        "voice_ravdess.zip", "English", LABELS[:8], "CC BY-NC-SA 4.0", "RAVDESS speech (Livingstone and Russo 2018)"
    ),
    "emodb": CorpusFacts(
        "voice_emodb.zip", "German", (*LABELS[:2], *LABELS[3:7], "boredom"), "free", "EmoDB (Burkhardt et al. 2005)"
    ),
    "nemo": CorpusFacts(
        "voice_nemo.zip", "Polish", (*LABELS[:5], "fear"), "CC BY-NC-SA 4.0", "nEMO (Christop 2024)"
    ),
    "emospeech": CorpusFacts(
        "voice_emospeech_in.zip", "Hindi and English", ("happiness", "anger", "fear", "calm"), "CC BY-NC-SA 4.0",
        "EmoSpeech-IN keywords",
    ),
    "baved": CorpusFacts("voice_baved.zip", "Arabic", (), "no licence text", "BAVED"),
    "ased": CorpusFacts(
        "voice_ased.zip", "Amharic", ("neutral", "happiness", "sadness", "anger", "fear"), "no licence text", "ASED v1"
    ),
}  # fmt: skip
TRAINED = tuple(name for name in CORPORA if name != "ased")


@dataclass(frozen=True)
class Clip:
    """One clip of speech; `speaker` is unique among all corpora."""

    corpus: str
    file: str
    speaker: str
    part: str
    label: str
    """One of `LABELS`, or "" in a corpus of levels."""
    level: int
    """BAVED: 0 low, 1 neutral, 2 high; elsewhere -1."""
    text: str
    """What is said, where the corpus tells (RAVDESS statement, ASED sentence, BAVED word, keyword); else ""."""

    @property
    def arousal(self) -> float:
        """1 for high arousal, 0 for low, NaN where the label does not tell; BAVED's middle level is 0.5."""
        if self.level >= 0:
            return self.level / 2
        return 1.0 if self.label in HIGH_AROUSAL else 0.0 if self.label in LOW_AROUSAL else float("nan")


def label_mask(corpus: str) -> NDArray[np.bool_]:
    """Which of `LABELS` the clips of a corpus can have, bool [9]."""
    return np.array([label in CORPORA[corpus].labels for label in LABELS])


def assign_speakers(
    speakers: Iterable[str],
    genders: Iterable[str],
    *,
    seed: str = f"{SPLIT_SEED}",
    shares: Mapping[str, float] = SHARES,
) -> dict[str, str]:
    """Speaker -> part, from one (speaker, gender) per clip.

    Within each gender, speakers come in the order of a hash and fill development, then validation, until the share of
    clips is reached; a speaker too large for what is left is passed over, and so is one who says far more than the
    others, where there are many. Each part gets at least one speaker.
    """
    counts: dict[str, dict[str, int]] = {}
    for speaker, gender in zip(speakers, genders, strict=True):
        group = counts.setdefault(gender, {})
        group[speaker] = group.get(speaker, 0) + 1
    parts = {speaker: "fit" for group in counts.values() for speaker in group}
    clips = sum(sum(group.values()) for group in counts.values())
    most = _MOST * clips / len(parts) if len(parts) > _MANY else clips
    for part, share in shares.items():
        for _, group in sorted(counts.items()):
            room = share * sum(group.values())
            for speaker in sorted(group, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest()):
                if parts[speaker] == "fit" and group[speaker] <= min(most, room * _SLACK):
                    parts[speaker] = part
                    room -= group[speaker]
        if part not in parts.values():
            # Few speakers, each larger than the share: the first of all by the hash.
            free = [name for name, taken in parts.items() if taken == "fit"]
            parts[min(free, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())] = part
    return parts


def read_clips(folder: str | Path, corpora: Sequence[str] = tuple(CORPORA)) -> list[Clip]:
    """The clips of the named corpora, with the part of each speaker.

    Raises:
        ValueError: an unknown corpus, or a label that the recipe does not know.
    """
    return [clip for corpus in corpora for clip in _read_corpus(Path(folder), corpus)]


def _read_corpus(folder: Path, corpus: str) -> list[Clip]:
    if corpus not in CORPORA:
        raise ValueError(f"no corpus {corpus!r}: choose {', '.join(CORPORA)}")
    facts = CORPORA[corpus]
    with zipfile.ZipFile(folder / facts.file) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"))))
    for row in rows:
        if facts.labels and row["emotion"] not in facts.labels:
            wanted = ", ".join(facts.labels)
            raise ValueError(f"{facts.file}: {row['file']} has emotion {row['emotion']!r}, expected {wanted}")
    parts = assign_speakers(
        (row["speaker"] for row in rows), (row.get("gender", "") for row in rows), seed=f"{SPLIT_SEED}:{corpus}"
    )
    clips = []
    for row in rows:
        label = row["emotion"] if facts.labels else ""
        text = next((row[key] for key in ("statement", "sentence", "word", "keyword") if row.get(key)), "")
        part = ASED_PART if corpus == "ased" else parts[row["speaker"]]
        level = int(row["level"]) if not facts.labels else -1
        clips.append(Clip(corpus, row["file"], f"{corpus}/{row['speaker']}", part, label, level, text))
    return clips


def decode(data: bytes) -> NDArray[np.float32]:
    """float32 [n] samples of one clip at 16 kHz, in -1..1.

    Raises:
        ValueError: another sample rate.
    """
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE:
        raise ValueError(f"a clip has {rate} Hz, expected {SAMPLE_RATE}")
    mono: NDArray[np.float32] = samples.mean(1, dtype=np.float32)
    return mono


def read_samples(folder: str | Path, clips: Sequence[Clip]) -> Iterator[NDArray[np.float32]]:
    """Samples of the clips, one after the other, in their order."""
    archives: dict[str, zipfile.ZipFile] = {}
    try:
        for clip in clips:
            if clip.corpus not in archives:
                archives[clip.corpus] = zipfile.ZipFile(Path(folder) / CORPORA[clip.corpus].file)
            yield decode(archives[clip.corpus].read(clip.file))
    finally:
        for archive in archives.values():
            archive.close()


@dataclass(frozen=True)
class Sound:
    """One clip that is no speech."""

    file: str
    kind: str
    part: str
    """By a hash of the file's name: 60 % fit, 15 % validation, 25 % development."""


NONSPEECH = "audio_nonspeech.zip"


def sound_part(file: str) -> str:
    """Part of a clip without speech."""
    share = int.from_bytes(hashlib.sha256(f"{SPLIT_SEED}:{file}".encode()).digest()[:8], "big") / 2**64
    return "development" if share < 0.25 else "validation" if share < 0.40 else "fit"


def read_sounds(folder: str | Path) -> list[Sound]:
    """The clips without speech."""
    with zipfile.ZipFile(Path(folder) / NONSPEECH) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"))))
    return [Sound(row["file"], row["kind"], sound_part(row["file"])) for row in rows]


def read_sound_samples(folder: str | Path, sounds: Sequence[Sound]) -> Iterator[NDArray[np.float32]]:
    """Samples of the clips without speech, in their order."""
    with zipfile.ZipFile(Path(folder) / NONSPEECH) as archive:
        for sound in sounds:
            yield decode(archive.read(sound.file))
