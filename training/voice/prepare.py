"""Decodes every clip once and renders versions of it: `python -m training.voice.prepare --data DIR --out DIR`.

Writes `OUT/clips.npz` (int16 samples of all clips), `OUT/clean.npz` and one `OUT/version-K.npz` per damaged version:
log-mel frames of all clips, float16, one after the other, with where each begins.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import data_folder
from training.voice.augment import Samples, damaged
from training.voice.corpora import Clip, read_clips, read_samples, read_sound_samples, read_sounds
from training.voice.front_end import frames_of

VERSIONS = 3
_INT16 = 32767


@dataclass(frozen=True)
class Rows:
    """Many arrays of different lengths, one after the other.

    Attributes:
        values: [sum of lengths, ...].
        starts: [N + 1]; row i is values[starts[i]:starts[i + 1]].
    """

    values: NDArray[np.generic]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: int) -> NDArray[np.generic]:
        return self.values[self.starts[index] : self.starts[index + 1]]

    @classmethod
    def of(cls, rows: Iterable[NDArray[np.generic]]) -> Rows:
        """From the arrays themselves."""
        parts = list(rows)
        return cls(np.concatenate(parts), np.cumsum([0, *map(len, parts)]))

    def save(self, path: Path) -> None:
        """Writes `path` whole or not at all."""
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, values=self.values, starts=self.starts)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Rows:
        """What `save` wrote."""
        with np.load(path) as file:
            return cls(file["values"], file["starts"])


def decode_all(data: Path, clips: Sequence[Clip], out: Path) -> Rows:
    """int16 samples of all clips, from the cache where it is there."""
    path = out / "clips.npz"
    if not path.exists():
        Rows.of((x * _INT16).round().clip(-_INT16, _INT16).astype(np.int16) for x in read_samples(data, clips)).save(
            path
        )
    return Rows.load(path)


def samples_of(rows: Rows, index: int) -> Samples:
    """float32 samples of one clip."""
    return (rows[index].astype(np.float32) / _INT16).astype(np.float32)


def fit_noises(data: Path) -> list[Samples]:
    """Backgrounds of the training part: what a room or a street may add to a voice."""
    sounds = [sound for sound in read_sounds(data) if sound.part == "fit"]
    return [x for x in read_sound_samples(data, sounds) if len(x) >= 1600 and np.abs(x).max() > 1e-3]


def render(clips: Sequence[Clip], waves: Rows, noises: Sequence[Samples], seed: int) -> Rows:
    """A damaged version of every clip that is for training or validation; the others have no frames."""
    random = np.random.default_rng(seed)
    empty = np.zeros((0, 64), np.float16)
    return Rows.of(
        frames_of(damaged(samples_of(waves, i), random, noises)).astype(np.float16)
        if clip.part in ("fit", "validation")
        else empty
        for i, clip in enumerate(clips)
    )


def prepare(data: Path, out: Path, versions: int = VERSIONS) -> list[Clip]:
    """Everything that training reads; what is there already is kept."""
    clips = read_clips(data)
    waves = decode_all(data, clips, out)
    clean = out / "clean.npz"
    if not clean.exists():
        Rows.of(frames_of(samples_of(waves, i)).astype(np.float16) for i in range(len(clips))).save(clean)
    missing = [k for k in range(versions) if not (out / f"version-{k}.npz").exists()]
    noises = fit_noises(data) if missing else []
    for k in missing:
        render(clips, waves, noises, seed=k).save(out / f"version-{k}.npz")
        print(f"version {k} of {versions}", flush=True)
    return clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--versions", type=int, default=VERSIONS)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    prepare(data_folder(arguments.data), arguments.out, arguments.versions)


if __name__ == "__main__":
    main()
