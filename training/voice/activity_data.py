"""Sounds for voice activity: clips of speech with their speakers, clips that hold none, and how both are split.

Speakers are split as for the voice model (`corpora`). ASED, whose emotions cannot be split, has speakers all the same:
here they are dealt out too. One corpus is left out of the training as a whole. Other sounds are split by file,
stratified by kind, by a hash of the name.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.voice.corpora import (
    CORPORA,
    PARTS,
    SAMPLE_RATE,
    SHARES,
    Clip,
    Sound,
    assign_speakers,
    read_clips,
    read_samples,
    read_sound_samples,
    read_sounds,
)

Wave = NDArray[np.float32]

RATE = SAMPLE_RATE
LEFT_OUT = "emodb"
"""No clip of this corpus is trained on or tuned with: the part of all of it is `UNSEEN`."""
UNSEEN = "unseen"


@dataclass(frozen=True)
class Entry:
    """A clip that the recipe may use."""

    group: str
    """Corpus of speech, or kind of another sound."""
    speaker: str
    """Empty for other sounds."""
    part: str
    """`fit`, `validation`, `development` or `UNSEEN`."""
    clip: Clip | Sound

    @property
    def file(self) -> str:
        return self.clip.file


def rank(name: str) -> str:
    """A place in an order that has nothing to do with what the name says."""
    return hashlib.sha256(f"voice activity {name}".encode()).hexdigest()


def parts_of(names: Sequence[str]) -> dict[str, str]:
    """Name -> part: names in the order of their hashes are dealt out by `SHARES`, at least one to each part.

    Raises:
        ValueError: fewer than three names.
    """
    ordered = sorted(set(names), key=rank)
    if len(ordered) < len(PARTS):
        raise ValueError(f"{len(ordered)} names cannot be dealt out to {len(PARTS)} parts")
    counts = {part: max(1, round(share * len(ordered))) for part, share in SHARES.items()}
    dealt = [part for part, count in counts.items() for _ in range(count)]
    dealt += ["fit"] * (len(ordered) - len(dealt))
    return dict(zip(ordered, dealt, strict=True))


def speech(folder: Path) -> list[Entry]:
    """All clips of speech, every corpus split by speaker."""
    entries = []
    for corpus in CORPORA:
        clips = read_clips(folder, (corpus,))
        parts = {clip.speaker: clip.part for clip in clips}
        if corpus == LEFT_OUT:
            parts = dict.fromkeys(parts, UNSEEN)
        elif not set(parts.values()) <= set(PARTS):
            parts = assign_speakers([c.speaker for c in clips], [""] * len(clips), seed=f"activity:{corpus}")
        entries += [Entry(corpus, clip.speaker, parts[clip.speaker], clip) for clip in clips]
    return entries


def others(folder: Path) -> list[Entry]:
    """All clips without speech, every kind split by file."""
    by_kind: dict[str, list[Sound]] = defaultdict(list)
    for sound in read_sounds(folder):
        by_kind[sound.kind].append(sound)
    entries = []
    for kind, sounds in sorted(by_kind.items()):
        parts = parts_of([sound.file for sound in sounds])
        entries += [Entry(kind, "", parts[sound.file], sound) for sound in sounds]
    return entries


def some(entries: Sequence[Entry], most: int) -> list[Entry]:
    """At most so many clips of each group, its speakers in turn, in the order of their hashes."""
    chosen: list[Entry] = []
    for group in sorted({entry.group for entry in entries}):
        by_speaker: dict[str, list[Entry]] = defaultdict(list)
        for entry in sorted((e for e in entries if e.group == group), key=lambda e: rank(e.file)):
            by_speaker[entry.speaker].append(entry)
        turns = [(turn, rank(e.file), e) for own in by_speaker.values() for turn, e in enumerate(own)]
        chosen += [entry for _, _, entry in sorted(turns, key=lambda t: t[:2])[:most]]
    return chosen


def read(folder: Path, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Wave]]:
    """Each entry with its samples: float32 at 16 kHz, one channel."""
    spoken = [(e, e.clip) for e in entries if isinstance(e.clip, Clip)]
    yield from zip((e for e, _ in spoken), read_samples(folder, [c for _, c in spoken]), strict=True)
    other = [(e, e.clip) for e in entries if isinstance(e.clip, Sound)]
    yield from zip((e for e, _ in other), read_sound_samples(folder, [c for _, c in other]), strict=True)
