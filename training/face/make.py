"""The whole recipe of `face-detector.onnx`: labels, training, export, thresholds, figures; finished labels are kept."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.face import choose, evaluate, export, teacher, train


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder: labels, checkpoints, figures, model file")
    parser.add_argument("--steps", type=int, default=train.Plan.steps)
    parser.add_argument("--commit", default="", help="commit of the recipe, for the file's metadata")
    args = parser.parse_args(argv)
    folders = ["--data", str(args.data), "--out", str(args.out)]
    file = str(args.out / "face-detector.onnx")
    if not (args.out / "labels.npz").exists():
        teacher.main(folders)
    train.main([*folders, "--steps", str(args.steps)])
    export.main(["--out", str(args.out), "--file", file, "--commit", args.commit])
    choose.main([*folders, "--file", file])
    evaluate.main([*folders, "--file", file])


if __name__ == "__main__":
    main()
