"""One command for the face cue files: `python -m training.cues.make face-cues --data DIR --out DIR --teacher PYTHON`.

Runs every stage whose result is not yet in OUT: boxes, the teacher's labels, targets, training (continued where it
stopped), calibration and export, the copy in integers, the gates, the admission test and times beside the teacher.
`--teacher` is the Python of an environment with `mediapipe==0.10.21`; where labels are there, only the times need it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from training.cues import boxes, canonical, label, pose, prepare
from training.cues.export import export
from training.cues.labels import POOLS, read_labels
from training.cues.network import CuesConfig
from training.cues.quantise import calibration_crops, deviation, to_integers
from training.cues.train import Recipe, train
from training.data import data_folder

NAME = "face-cues"
RECIPE = Recipe()
CONFIG = CuesConfig()
# Largest root mean square difference of the integer file's output, as a share of the output's own deviation.
MOST_DEVIATION = 0.25


def has_labels(out: Path, pool: str) -> bool:
    """Whether a pool has been labelled."""
    return any(not f.name.endswith(".partial.npz") for f in out.glob(f"labels-{pool}-*-of-*.npz"))


def label_pools(data: Path, out: Path, teacher: str | None, pools: tuple[str, ...]) -> None:
    """Asks the teacher about the pools that have no labels yet."""
    missing = [pool for pool in pools if not has_labels(out, pool)]
    if not missing:
        return
    if teacher is None:
        raise ValueError(f"{', '.join(missing)} not labelled: give --teacher, a Python with mediapipe==0.10.21")
    boxes.find(data, out / "boxes.npz")
    script = Path(label.__file__)
    subprocess.run([teacher, str(script), "--data", str(data), "--out", str(out), "--pools", *missing], check=True)


def make(data: Path, out: Path, teacher: str | None, pools: tuple[str, ...], threads: int) -> None:
    """All stages up to both files."""
    label_pools(data, out, teacher, pools)
    if not pose.CANONICAL_FILE.exists():
        canonical.write(read_labels(out, ("points68",)))
    faces = prepare.prepare(out, pools)
    checkpoint = train(faces, out, NAME, RECIPE, CONFIG, threads=threads)
    file = out / f"{NAME}.onnx"
    export(checkpoint, faces, file)
    integers = out / f"{NAME}-int8.onnx"
    crops = calibration_crops(faces, CONFIG.side, CONFIG.channels)
    to_integers(file, integers, crops)
    worst = deviation(file, integers, np.concatenate(crops.inputs[:128]))
    print(integers, {name: round(value, 4) for name, value in worst.items()})
    if max(worst["landmarks"], worst["blendshapes"], worst["pose"]) > MOST_DEVIATION:
        raise ValueError(f"{integers} differs from {file} by {worst}, allowed {MOST_DEVIATION}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=(NAME,))
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder for labels, checkpoints, logs and the files")
    parser.add_argument("--teacher", help="Python of the teacher's environment")
    parser.add_argument("--pools", nargs="*", default=list(POOLS), choices=POOLS)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    data, out = data_folder(arguments.data), arguments.out
    out.mkdir(parents=True, exist_ok=True)
    make(data, out, arguments.teacher, tuple(arguments.pools), arguments.threads)
    files = [str(out / f"{NAME}.onnx"), str(out / f"{NAME}-int8.onnx")]

    def run(module: str, *more: str) -> None:
        subprocess.run([sys.executable, "-m", f"training.cues.{module}", "--data", str(data), *more], check=True)

    run("evaluate", "--out", str(out), "--file", *files)
    run("admission", "--file", files[1])
    if arguments.teacher:
        run("peers", "--teacher", arguments.teacher, "--file", *files)


if __name__ == "__main__":
    main()
