"""One command per shipped model: `python -m training.affect.make affect-small --data DIR --out DIR`.

Runs everything the file needs and that is not yet in OUT: landmarks, teachers, unlabelled faces, rendered views,
training (continued where it stopped), calibration, export and the copy in integers. `training.affect.evaluate` then
scores the files. `affect-small-short` is affect-small by a recipe for two cores and two hours, to try another network,
teacher or data set from nothing; it is not shipped.
"""

from __future__ import annotations

import argparse
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import provenance
from training.affect import alignment, unlabelled
from training.affect.export import export
from training.affect.quantise import quantise
from training.affect.restore import is_restored
from training.affect.train import Recipe, load_network, train
from training.affect.views import Rendering, ask, render
from training.data import data_folder, read_ferplus

VERSION = "3.2.0"


@dataclass(frozen=True)
class Stage:
    """One training; `teachers` and `start` name earlier stages.

    Attributes:
        arch: a name of `training.affect.networks`.
        recipe: how.
        teachers: whose opinions it imitates.
        start: stage whose weights it goes on from, cut where the network is smaller.
        pretrained: begins with the published weights of an encoder.
        rendering: the rendered views that it learns from, of which the teachers are asked once for all students.
    """

    arch: str
    recipe: Recipe
    teachers: tuple[str, ...] = ()
    start: str | None = None
    pretrained: bool = False
    rendering: Rendering | None = None


RENDERING = Rendering()
SHORT_RENDERING = Rendering(rounds=4)
# How much each teacher counts: chosen on the development part, by the loss of their mean.
TEACHERS = ("teacher-vgg", "scratch-wide", "scratch-fourth")
STUDENT: dict[str, Any] = {
    "weight_decay": 2e-4,
    "teacher_weights": (0.5, 0.3, 0.2),
    "teacher_share": 0.8,
    "rare_share": 0.06,
    "clean_epochs": 2,
}
LEAN: dict[str, Any] = {**STUDENT, "teacher_weights": (0.5, 0.5), "average_decay": 0.995, "norm_faces": 1536}

STAGES = {
    # From nothing but FER+ (these four were affect-base 1.1.0).
    "scratch-first": Stage("former", Recipe(epochs=36)),
    # A short second cycle, held close to the first by its own distribution, that ends on cleaner faces.
    "scratch-second": Stage(
        "former", Recipe(epochs=9, learning_rate=0.04, clean_epochs=2, seed=1), ("scratch-first",), "scratch-first"
    ),
    # On cleaner faces the net proved under-trained rather than over-fitted: a third, longer cycle with half the damage.
    "scratch-third": Stage(
        "former",
        Recipe(epochs=20, learning_rate=0.06, damage=0.5, mixup_share=0.1, clean_epochs=4, seed=2),
        start="scratch-second",
    ),
    "scratch-fourth": Stage(
        "former",
        Recipe(epochs=14, learning_rate=0.05, damage=0.4, mixup_share=0.05, clean_epochs=4, seed=3),
        start="scratch-third",
    ),
    # Another one, wider, in one long cycle: the students are cut out of it.
    "scratch-wide": Stage(
        "wide", Recipe(epochs=48, learning_rate=0.1, damage=0.6, mixup_share=0.12, clean_epochs=6, seed=31)
    ),
    # An encoder that has seen millions of faces knows what a face can do; FER+ teaches it which words go with it.
    "teacher-vgg": Stage(
        "vgg",
        Recipe(epochs=20, learning_rate=0.03, damage=0.5, mixup_share=0.1, clean_epochs=3, seed=12, frozen_layers=5),
        pretrained=True,
    ),
    "base-first": Stage(
        "base",
        Recipe(epochs=16, learning_rate=0.05, seed=41, **STUDENT),
        TEACHERS,
        start="scratch-wide",
        rendering=RENDERING,
    ),
    "small-first": Stage(
        "small",
        Recipe(epochs=20, learning_rate=0.05, seed=42, **STUDENT),
        TEACHERS,
        start="scratch-wide",
        rendering=RENDERING,
    ),
    # Students were still falling whenever their rate ended: a second cycle, and a third.
    "base-second": Stage(
        "base",
        Recipe(epochs=10, learning_rate=0.04, seed=44, **STUDENT),
        TEACHERS,
        start="base-first",
        rendering=RENDERING,
    ),
    "small-second": Stage(
        "small",
        Recipe(epochs=14, learning_rate=0.04, seed=45, **STUDENT),
        TEACHERS,
        start="small-first",
        rendering=RENDERING,
    ),
    "affect-base": Stage(
        "base",
        Recipe(epochs=12, learning_rate=0.05, seed=46, **STUDENT),
        TEACHERS,
        start="base-second",
        rendering=RENDERING,
    ),
    "affect-small": Stage(
        "small",
        Recipe(epochs=24, learning_rate=0.05, seed=47, **STUDENT),
        TEACHERS,
        start="small-second",
        rendering=RENDERING,
    ),
    # Half of affect-small's multiply-adds: thinned, and taught by both finished students.
    "affect-lean": Stage(
        "lean",
        Recipe(epochs=19, learning_rate=0.04, seed=61, **LEAN),
        ("affect-small", "affect-base"),
        start="affect-small",
        rendering=RENDERING,
    ),
    "affect-nano": Stage(
        "nano", Recipe(epochs=32, seed=43, **{**STUDENT, "weight_decay": 5e-5}), TEACHERS, rendering=RENDERING
    ),
    # affect-small in little time: one cycle on small pictures first, one encoder as teacher, four rounds of views.
    "short-first": Stage(
        "small",
        Recipe(epochs=18, damage=0.6, mixup_share=0.12, clean_epochs=2, seed=71, sides=(32, 40, 48)),
    ),
    "short-vgg": Stage(
        "vgg",
        Recipe(epochs=7, learning_rate=0.03, damage=0.5, mixup_share=0.1, clean_epochs=2, seed=72, frozen_layers=5),
        pretrained=True,
    ),
    "affect-small-short": Stage(
        "small",
        Recipe(epochs=16, learning_rate=0.05, seed=73, sides=(40, 48), **{**STUDENT, "teacher_weights": (0.7, 0.3)}),
        ("short-vgg", "short-first"),
        start="short-first",
        rendering=SHORT_RENDERING,
    ),
}
FILES = ("affect-nano", "affect-lean", "affect-small", "affect-base", "affect-small-short")
# The smallest gains nothing: with 16 channels, going to integers and back costs what they save (0.146 ms for 0.127).
IN_INTEGERS = ("affect-lean", "affect-small", "affect-base", "affect-small-short")


def beginnings(name: str, out: Path) -> list[str]:
    """The stages at the root of a stage: those that need no other, each once; none where weights were taken back."""
    if is_restored(out / f"{name}.pt"):
        return []
    stage = STAGES[name]
    needed = [*stage.teachers, *([stage.start] if stage.start else [])]
    return list(dict.fromkeys(first for other in needed for first in beginnings(other, out))) if needed else [name]


def prepare(name: str, data: Path, out: Path, jobs: int) -> None:
    """Does what waits for nothing, `jobs` things at once: first stages, rendered views, what the former say of them."""
    stage, firsts = STAGES[name], beginnings(name, out)
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        todo: list[Future[Any]] = [pool.submit(train_stage, first, data, out) for first in firsts]
        if stage.rendering:
            todo.append(pool.submit(render_views, stage.rendering, data, out))
        wait_for(todo)
        if stage.rendering:
            ready = [teacher for teacher in stage.teachers if teacher in firsts]
            rounds = [(number, teacher) for number in range(stage.rendering.rounds) for teacher in ready]
            wait_for([pool.submit(ask_round, out, number, teacher) for number, teacher in rounds])


def wait_for(todo: list[Future[Any]]) -> None:
    """Raises what went wrong first."""
    for one in todo:
        one.result()


def ask_round(out: Path, number: int, teacher: str) -> None:
    """Asks a finished teacher about one round of rendered views."""
    ask(out / "views", number, teacher, load_network(out / f"{teacher}.pt"))


def train_stage(name: str, data: Path, out: Path) -> Path:
    """Trains a stage after those it needs; a finished one is only read."""
    stage = STAGES[name]
    if is_restored(out / f"{name}.pt"):
        return out / f"{name}.pt"
    teachers = [train_stage(teacher, data, out) for teacher in stage.teachers]
    start = train_stage(stage.start, data, out) if stage.start else None
    if stage.rendering:
        render_views(stage.rendering, data, out)
        for teacher in teachers:
            for number in range(stage.rendering.rounds):
                ask_round(out, number, teacher.stem)
    return train(
        stage.arch,
        stage.recipe,
        data,
        out,
        name,
        teachers=teachers,
        start=start,
        pretrained=stage.pretrained,
        rendering=stage.rendering,
        resume=True,
    )


def render_views(rendering: Rendering, data: Path, out: Path) -> None:
    """Renders the rounds that are missing from `OUT/views`."""
    with np.load(unlabelled.prepare(data, out)) as faces:
        found = faces["images"], faces["landmarks"]
    landmarks = np.load(out / "landmarks.npz")["landmarks"]
    render(out / "views", rendering, read_ferplus(data), landmarks, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=FILES)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder for checkpoints, logs and the ONNX file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="first stages trained at once, one thread each")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    data, out = data_folder(arguments.data), arguments.out
    commit = provenance.commit(Path(__file__).parent)
    if not (out / "landmarks.npz").exists():
        alignment.measure(data, out)
    prepare(arguments.name, data, out, arguments.jobs)
    checkpoint = train_stage(arguments.name, data, out)
    file, faces = out / f"{arguments.name}.onnx", read_ferplus(data)
    landmarks = np.load(out / "landmarks.npz")["landmarks"]
    export(checkpoint, file, VERSION, faces, landmarks, commit)
    if arguments.name in IN_INTEGERS:
        quantise(file, faces, landmarks)


if __name__ == "__main__":
    main()
