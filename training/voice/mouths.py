"""Mouths as the cue model sees them, rendered from stills: `python -m training.voice.mouths --data DIR --out DIR`.

Each person of a part says something of a speaker of the same part, then chews, yawns, smiles and holds still. Every
frame goes the way of a camera's frame: detector, tracker, cues. What is read of the mouth is kept in
`OUT/PART-NAME.npz`, one file a person, so that a later run goes on.
"""

from __future__ import annotations

import argparse
import itertools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect import Pipeline, Result
from edgeaffect.sources.arrays import Arrays
from edgeaffect.voice.speaker import Mouth
from training.cues.events import NOISE, NOISE_FRAMES
from training.cues.sequences import Picture, Still
from training.data import data_folder
from training.voice.corpora import SAMPLE_RATE, Clip, read_clips, read_samples
from training.voice.lips import LipRenderer, Lips, Person, people, portraits
from training.voice.talk import ACTS, FPS, Habits, act_curves, motions, speech_curves

# Part of the people -> part of the speakers.
SPEAKERS = {"train": "fit", "dev": "validation", "test": "development"}
# Most people of each pool and part.
MOST = {"train": 24, "dev": 8, "test": 27}
CORPORA = ("ravdess", "emodb", "nemo", "emospeech", "baved")
SECONDS = {"speech": 8.0, "chewing": 4.0, "yawning": 5.0, "smiling": 4.0, "still": 4.0}
PAUSE = (0.15, 1.2)  # seconds between two sentences


@dataclass(frozen=True)
class Performance:
    """What was read of one person's mouth.

    Attributes:
        name, pool, speaker, corpus: who is seen, and who is heard.
        samples: float32 [n] at 16 kHz, what is said during `speech`, which begins with it.
        mouths: act -> [frames at FPS, 3] jaw, gap, width; NaN where no face was found.
        jaw: [frames] what the jaw did during `speech`.
    """

    name: str
    pool: str
    speaker: str
    corpus: str
    samples: NDArray[np.float32]
    mouths: Mapping[str, NDArray[np.float64]]
    jaw: NDArray[np.float64]

    def save(self, path: Path) -> None:
        """Writes `path` whole or not at all."""
        partial = path.with_suffix(".partial.npz")
        arrays: dict[str, Any] = {
            "who": [self.name, self.pool, self.speaker, self.corpus], "jaw": self.jaw,
            "samples": np.rint(self.samples * 32767).astype(np.int16), **self.mouths,
        }  # fmt: skip
        np.savez_compressed(partial, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Performance:
        """What `save` wrote."""
        with np.load(path) as file:
            samples = (file["samples"] / 32767).astype(np.float32)
            name, pool, speaker, corpus = file["who"].tolist()
            return cls(name, pool, speaker, corpus, samples, {act: file[act] for act in ACTS}, file["jaw"])


def perform(pipeline: Pipeline, person: Person, speaker: tuple[str, str, NDArray[np.float32]]) -> Performance:
    """One person's acts before the pipeline."""
    random = np.random.default_rng(zlib.crc32(person.name.encode()))
    habits, renderer = Habits.draw(random), LipRenderer(person)
    noise = [np.rint(random.normal(0, NOISE, person.still.picture.shape)).astype(np.int16) for _ in range(NOISE_FRAMES)]
    middle = person.still.points.mean(0)

    def frames(moments: Sequence[Lips]) -> Iterator[Picture]:
        for moment, grain in zip(moments, itertools.cycle(noise), strict=False):
            yield np.asarray(cv2.add(renderer.frame(moment), grain, dtype=cv2.CV_8U), np.uint8)

    mouths: dict[str, NDArray[np.float64]] = {}
    name, corpus, samples = speaker
    jaw, spread = speech_curves(samples, random, habits)
    for act in ACTS:
        curves = {"jaw": jaw, "spread": spread} if act == "speech" else act_curves(act, SECONDS[act], random, habits)
        pipeline.reset()
        results = pipeline.stream(Arrays(frames(motions(curves, random)), fps=FPS))
        mouths[act] = np.array([_mouth(result, middle) for result in results])
    return Performance(person.name, person.pool, name, corpus, samples, mouths, jaw)


def _mouth(result: Result, middle: NDArray[np.float64]) -> tuple[float, float, float]:
    """Jaw, gap and width of the face in the middle of the still; NaN without one."""
    cues = [face.raw_cues for face in result.faces if face.raw_cues is not None]
    if not cues:
        return (np.nan,) * 3
    nearest = min(cues, key=lambda one: float(np.linalg.norm(one.landmarks68.mean(0) - middle)))
    mouth = Mouth.of(nearest)
    return mouth.jaw, mouth.gap, mouth.width


def sentences(
    data: Path, clips: Sequence[Clip], random: np.random.Generator
) -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    """(speaker, corpus, samples) without end: a corpus, then one of its speakers, who says clip after clip."""
    for corpus in itertools.cycle(CORPORA):
        own = [clip for clip in clips if clip.corpus == corpus]
        speaker = random.choice(sorted({clip.speaker for clip in own}))
        said = [clip for clip in own if clip.speaker == speaker]
        parts: list[NDArray[np.float32]] = []
        for i in random.permutation(len(said)):
            parts += [next(iter(read_samples(data, [said[i]]))), _pause(random)]
            if sum(map(len, parts)) > SECONDS["speech"] * SAMPLE_RATE:
                break
        yield str(speaker), corpus, np.concatenate(parts)[: int(SECONDS["speech"] * SAMPLE_RATE)]


def _pause(random: np.random.Generator) -> NDArray[np.float32]:
    """A room that is nearly silent."""
    count = int(random.uniform(*PAUSE) * SAMPLE_RATE)
    return (1e-4 * random.standard_normal(count)).astype(np.float32)


def everybody(data: Path, part: str, pipeline: Pipeline) -> Iterator[Person]:
    """Faces of both pools; portraits get the points that the pipeline itself finds."""
    yield from itertools.islice(people(data, part), MOST[part])
    for name, picture in itertools.islice(portraits(data, part), MOST[part]):
        pipeline.reset()
        faces = pipeline.process(picture).faces
        cues = faces[0].raw_cues if faces else None
        if cues is not None:
            points = cues.landmarks68.astype(np.float64)
            yield Person(name, "webmorph", Still(picture, points), zlib.crc32(name.encode()))


def render(data: Path, out: Path, part: str) -> None:
    """Render everybody of a part who is not there yet."""
    clips = [clip for clip in read_clips(data, CORPORA) if clip.part == SPEAKERS[part]]
    voices = sentences(data, clips, np.random.default_rng(zlib.crc32(part.encode())))
    with Pipeline(cues=True, affect=False) as pipeline:
        for person, voice in zip(everybody(data, part, pipeline), voices, strict=False):
            path = out / f"{part}-{person.name}.npz"
            if not path.exists():
                perform(pipeline, person, voice).save(path)
                print(part, person.name, voice[0], flush=True)


def load(out: Path, part: str) -> list[Performance]:
    """Everybody of a part who was rendered.

    Raises:
        FileNotFoundError: nobody was.
    """
    files = sorted(path for path in out.glob(f"{part}-*.npz") if not path.name.endswith(".partial.npz"))
    if not files:
        raise FileNotFoundError(f"no {part}-*.npz in {out}: run python -m training.voice.mouths first")
    return [Performance.load(path) for path in files]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--parts", nargs="+", default=list(SPEAKERS), choices=list(SPEAKERS))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    for part in arguments.parts:
        render(data_folder(arguments.data), arguments.out, part)


if __name__ == "__main__":
    main()
