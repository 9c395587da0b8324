"""One command per shipped file: `python -m training.affect.make affect-base --data DIR --out DIR`.

Runs everything the file needs and that is not yet in OUT: landmarks, teachers, training (continued where it stopped),
calibration and export. `training.affect.evaluate` then scores the file.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from training.affect import framing
from training.affect.export import export, recipe_commit
from training.affect.train import Recipe, train
from training.data import data_folder, read_ferplus

VERSION = "1.1.0"


@dataclass(frozen=True)
class Stage:
    """One training; `teachers` and `start` name earlier stages."""

    arch: str
    recipe: Recipe
    teachers: tuple[str, ...] = ()
    start: str | None = None


STAGES = {
    "base-first": Stage("base", Recipe(epochs=36)),
    # A short second cycle, held close to the first by its own distribution, that ends on cleaner faces.
    "base-second": Stage(
        "base", Recipe(epochs=9, learning_rate=0.04, clean_epochs=2, seed=1), ("base-first",), "base-first"
    ),
    # On cleaner faces the net proved under-trained rather than over-fitted: a third, longer cycle with half the damage.
    "base-third": Stage(
        "base",
        Recipe(epochs=20, learning_rate=0.06, damage=0.5, mixup_share=0.1, clean_epochs=4, seed=2),
        start="base-second",
    ),
    # The third was still paying on the development part: one more.
    "affect-base": Stage(
        "base",
        Recipe(epochs=14, learning_rate=0.05, damage=0.4, mixup_share=0.05, clean_epochs=4, seed=3),
        start="base-third",
    ),
}
FILES = ("affect-base",)


def train_stage(name: str, data: Path, out: Path) -> Path:
    """Trains a stage after those it needs; a finished one is only read."""
    stage = STAGES[name]
    teachers = [train_stage(teacher, data, out) for teacher in stage.teachers]
    start = train_stage(stage.start, data, out) if stage.start else None
    return train(stage.arch, stage.recipe, data, out, name, teachers=teachers, start=start, resume=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=FILES)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder for checkpoints, logs and the ONNX file")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    data, out = data_folder(arguments.data), arguments.out
    commit = recipe_commit()
    if not (out / "landmarks.npz").exists():
        framing.measure(data, out)
    checkpoint = train_stage(arguments.name, data, out)
    export(checkpoint, out / f"{arguments.name}.onnx", VERSION, read_ferplus(data), commit)


if __name__ == "__main__":
    main()
