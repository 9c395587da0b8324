"""The whole recipe of `face-detector.onnx`: labels, three stages of training, export, thresholds, figures.

Finished labels and checkpoints are kept. With `--start`, the first stage is left out and the weights of a shipped file
take its place: version 1.2.0 was made so, from version 1.1.0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training.face import choose, distill, evaluate, export, mine, points, teacher, train

VERSION = "1.2.0"
# Steps of the second stage after which hard places are looked for anew.
MINE_AT = (1_500, 10_500)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder: labels, checkpoints, figures, model file")
    parser.add_argument("--start", type=Path, help="shipped file to begin the second stage with")
    parser.add_argument("--steps", type=int, default=train.Plan.steps, help="of the first stage")
    parser.add_argument("--distil-steps", type=int, default=distill.Plan.steps, help="of the second stage")
    parser.add_argument("--commit", default="", help="commit of the recipe, for the file's metadata")
    args = parser.parse_args(argv)
    folders = ["--data", str(args.data), "--out", str(args.out)]
    file = str(args.out / "face-detector.onnx")
    if not (args.out / "labels.npz").exists():
        teacher.main(folders)
    if args.start is None:
        train.main([*folders, "--steps", str(args.steps)])
    second = [*folders, "--steps", str(args.distil_steps), *(["--start", str(args.start)] if args.start else [])]
    for step in MINE_AT:
        if mine.mined_at(args.out) < step < args.distil_steps:
            distill.main([*second, "--stop", str(step)])
            mine.main([*folders, "--checkpoint", str(args.out / distill.CHECKPOINT)])
    distill.main(second)
    points.main(folders)
    first = f"from {args.start.name}" if args.start else f"train {args.steps}"
    stages = f"{first}, distill seed {distill.Plan.seed}, points seed {points.SEED}"
    facts = ["--version", VERSION, "--stages", stages, "--commit", args.commit]
    export.main(["--out", str(args.out), "--file", file, *facts])
    choose.main([*folders, "--file", file])
    evaluate.main([*folders, "--file", file])


if __name__ == "__main__":
    main()
