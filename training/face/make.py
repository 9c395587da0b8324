"""The whole recipe of `face-detector.onnx`: labels, training, blend, points, export, thresholds, figures.

Finished labels and checkpoints are kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training.face import blend, choose, distill, evaluate, export, mine, points, teacher

VERSION = "2.0.1"
# Steps of the training after which hard places are looked for anew.
MINE_AT = (600,)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder: labels, checkpoints, figures, model file")
    parser.add_argument("--start", type=Path, help="shipped file to begin with instead of YuNet-n")
    parser.add_argument("--steps", type=int, default=distill.Plan.steps)
    parser.add_argument("--commit", default="", help="commit of the recipe, for the file's metadata")
    args = parser.parse_args(argv)
    folders = ["--data", str(args.data), "--out", str(args.out)]
    file = str(args.out / "face-detector.onnx")
    if not (args.out / "labels.npz").exists():
        teacher.main(folders)
    training = [*folders, "--steps", str(args.steps), *(["--start", str(args.start)] if args.start else [])]
    for step in MINE_AT:
        if mine.mined_at(args.out) < step < args.steps:
            distill.main([*training, "--stop", str(step)])
            mine.main([*folders, "--checkpoint", str(args.out / distill.CHECKPOINT)])
    distill.main(training)
    blend.main([*folders, *(["--start", str(args.start)] if args.start else [])])
    points.main(folders)
    start = args.start.name if args.start else "YuNet-n"
    stages = f"from {start}, distill seed {distill.Plan.seed}, blend {blend.SHARE}, points seed {points.SEED}"
    facts = ["--version", VERSION, "--stages", stages, "--commit", args.commit]
    export.main(["--out", str(args.out), "--file", file, *facts])
    choose.main([*folders, "--file", file])
    evaluate.main([*folders, "--file", file])


if __name__ == "__main__":
    main()
