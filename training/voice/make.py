"""One command for the voice model: `python -m training.voice.make --data DIR --out DIR --encoder WHEEL`.

Runs every stage whose result is not yet in OUT: decoding, damaged versions, the teacher's lessons, training (continued
where it stopped) in two stages, last steps with the validation speakers, export, and calibration through `VoiceAffect`;
then the report, the corpora left out, the corpus probe, and noise. WHEEL is Resemblyzer's
(`pip download --no-deps Resemblyzer==0.1.4`); where `OUT/teacher.npz` is there, it is not needed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import torch

from training.data import data_folder
from training.voice.batches import GENTLE
from training.voice.corpora import TRAINED
from training.voice.export import NAME, export, ship
from training.voice.prepare import VERSIONS, Rows, prepare
from training.voice.teacher import teach
from training.voice.train import FINISH, SECOND, Recipe, read_windows, rows_of, train


def make(data: Path, out: Path, encoder: Path | None, versions: int, steps: int) -> tuple[Path, Path]:
    """All stages up to the file; also that of the network before the validation speakers took part."""
    clips = prepare(data, out, versions)
    lessons = out / "teacher.npz"
    if not lessons.exists():
        if encoder is None:
            raise ValueError(f"{lessons} is not there: give --encoder, Resemblyzer-0.1.4-py3-none-any.whl")
        teach(clips, Rows.load(out / "clips.npz"), encoder, lessons)
    recipe = Recipe(steps=steps)
    watched = rows_of(clips, ("validation",), TRAINED)
    first = train(clips, read_windows(out, clips, recipe, GENTLE), out, NAME, recipe, watched=watched)
    windows = read_windows(out, clips, SECOND)
    checkpoint = train(clips, windows, out, f"{NAME}-second", SECOND, watched=watched, begin=first)
    finished = train(clips, read_windows(out, clips, FINISH), out, f"{NAME}-finished", FINISH, begin=checkpoint)
    file, strangers = out / f"{NAME}.onnx", out / f"{NAME}-strangers.onnx"
    export(finished, clips, out, file, strangers=checkpoint)
    export(checkpoint, clips, out, strangers)
    return file, strangers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder for frames, checkpoints, logs and the file")
    parser.add_argument("--encoder", type=Path, help="Resemblyzer-0.1.4-py3-none-any.whl")
    parser.add_argument("--versions", type=int, default=VERSIONS, help="damaged versions of every clip")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--ship", action="store_true", help="also put the file into the package")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data, out = data_folder(arguments.data), arguments.out
    out.mkdir(parents=True, exist_ok=True)
    file, strangers = make(data, out, arguments.encoder, arguments.versions, arguments.steps)

    def run(module: str, *more: str) -> None:
        command = [sys.executable, "-m", f"training.voice.{module}", "--data", str(data), "--file", str(file)]
        subprocess.run([*command, *more], check=True)

    run("calibrate", "--strangers", str(strangers))
    if arguments.ship:
        ship(file)
    cache = ("--out", str(out))
    run("evaluate", *cache, "--path", "windows")
    run("evaluate", *cache)
    run("unseen", *cache)
    run("robustness")


if __name__ == "__main__":
    main()
