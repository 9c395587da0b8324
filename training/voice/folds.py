"""RAVDESS over all of its actors: `python -m training.voice.folds --data DIR --out DIR`.

Four development actors give a wide interval. Here every actor is a stranger once: a third of the network (`CONFIG` of
`unseen`) that has never heard RAVDESS (`OUT/without-ravdess.pt`, made by `training.voice.unseen`) is trained further on
the actors of all folds but one, with a shortened schedule (`RECIPE`) and without the teacher, and scored on those of
the fold left out. It is weaker than the shipped file; what it tells is how far actors differ. Adds `folds` to
`RESULTS.json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import data_folder
from training.provenance import provenance
from training.voice.batches import Views, Windows
from training.voice.clips import ask, of_network
from training.voice.corpora import Clip, read_clips
from training.voice.evaluate import Answers, write
from training.voice.export import parameters
from training.voice.prepare import Rows
from training.voice.teacher import read_lessons
from training.voice.train import Recipe, load_network, train
from training.voice.unseen import CONFIG, scores_of

CORPUS, FOLDS = "ravdess", 5
RECIPE = Recipe(
    steps=600, batch=32, learning_rate=2e-3, warm_up=50, average_decay=0.99, soft=0.0, features=0.0, corpora=(CORPUS,)
)
# The damaged versions leave development speakers out.
VIEWS = Views(clean=1.0)


def folds(speakers: Sequence[str], count: int = FOLDS) -> list[list[str]]:
    """Speakers in turns: RAVDESS numbers men oddly and women evenly, so that every fold has as many of both.

    Raises:
        ValueError: fewer speakers than folds.
    """
    names = sorted(set(speakers))
    if len(names) < count:
        raise ValueError(f"{len(names)} speakers cannot be dealt out to {count} folds")
    return [names[k::count] for k in range(count)]


def rows_by(clips: Sequence[Clip], speakers: Sequence[str], *, inside: bool) -> NDArray[np.int64]:
    """Positions of the corpus's clips by these speakers, or by all others."""
    chosen = [i for i, c in enumerate(clips) if c.corpus == CORPUS and (c.speaker in speakers) == inside]
    return np.array(chosen, np.int64)


def cross_validate(clips: Sequence[Clip], out: Path, recipe: Recipe = RECIPE) -> dict[str, Any]:
    """Scores of all clips, each by a network that has not heard its speaker."""
    clean, lessons = Rows.load(out / "clean.npz"), read_lessons(out / "teacher.npz")
    every, logs, arousal = [], [], []
    for number, held in enumerate(folds([clip.speaker for clip in clips if clip.corpus == CORPUS])):
        windows = Windows(clips, rows_by(clips, held, inside=False), [], clean, VIEWS, lessons)
        name, own = f"fold-{number}", replace(recipe, seed=number)
        checkpoint = train(clips, windows, out, name, own, CONFIG, begin=out / "without-ravdess.pt")
        rows = rows_by(clips, held, inside=True)
        said = ask(of_network(load_network(checkpoint)), rows, clean)
        every += rows.tolist()
        logs.append(said.log_probabilities())
        arousal.append(said.arousal)
    said_of_all = Answers([clips[row] for row in every], np.concatenate(logs), np.concatenate(arousal))
    return scores_of(said_of_all, (CORPUS,))[CORPUS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with frames and without-ravdess.pt")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = cross_validate(read_clips(data_folder(arguments.data)), arguments.out)
    facts = {"folds": FOLDS, "steps": RECIPE.steps, "batch": RECIPE.batch, "parameters": parameters(CONFIG)}
    write({"folds": {**facts, **provenance(Path(__file__).parent), **found}})
    print(found)


if __name__ == "__main__":
    main()
