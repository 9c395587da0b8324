"""The whole recipe of `face-detector.onnx`: labels, training, blend, points, export, thresholds, small faces, figures.

Finished labels and checkpoints are kept.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from training.face import blend, choose, distill, evaluate, export, mine, points, refine, small, teacher

VERSION = "2.1.0"


@dataclass(frozen=True)
class Course:
    """How a configuration is trained.

    Attributes:
        steps: in all.
        learning_rate: at its peak.
        mine_at: steps after which hard places are looked for anew.
        blended: whether the trained weights are drawn back towards the first ones, and refined afterwards; a thinned
            network has no first ones that are good.
    """

    steps: int
    learning_rate: float
    mine_at: tuple[int, ...]
    blended: bool


COURSES = {
    "full": Course(distill.Plan.steps, distill.Plan.learning_rate, (600,), blended=True),
    "lean": Course(7_000, 1.5e-3, (1_500,), blended=False),
}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder: labels, checkpoints, figures, model file")
    parser.add_argument("--start", type=Path, help="shipped file to begin with instead of YuNet-n")
    parser.add_argument("--config", choices=tuple(COURSES), default="full", help="network, thinned from the start")
    parser.add_argument("--steps", type=int, help="other than the configuration's own")
    parser.add_argument("--commit", default="", help="commit of the recipe, for the file's metadata")
    args = parser.parse_args(argv)
    folders = ["--data", str(args.data), "--out", str(args.out)]
    file = str(args.out / "face-detector.onnx")
    if not (args.out / "labels.npz").exists():
        teacher.main(folders)
    course = COURSES[args.config]
    steps = args.steps or course.steps
    start = ["--start", str(args.start)] if args.start else []
    rate = ["--learning-rate", str(course.learning_rate)]
    training = [*folders, "--steps", str(steps), "--config", args.config, *rate, *start]
    for step in course.mine_at:
        if mine.mined_at(args.out) < step < steps:
            distill.main([*training, "--stop", str(step)])
            mine.main([*folders, "--checkpoint", str(args.out / distill.CHECKPOINT)])
    distill.main(training)
    if course.blended:
        blend.main([*folders, *start])
    points.main([*folders, "--checkpoint", blend.OUTPUT if course.blended else distill.CHECKPOINT])
    if course.blended:
        refine.main(folders)
    checkpoint = ["--checkpoint", refine.OUTPUT if course.blended else points.OUTPUT]
    blended = f"blend {blend.SHARE}, " if course.blended else ""
    first = args.start.name if args.start else "YuNet-n"
    stages = f"{args.config} from {first}, distill seed {distill.Plan.seed}, {blended}points seed {points.SEED}"
    if course.blended:
        stages += f", refine seed {refine.PLAN.seed}"
    facts = ["--version", VERSION, "--stages", stages, "--commit", args.commit]
    export.main(["--out", str(args.out), "--file", file, *checkpoint, *facts])
    choose.main([*folders, "--file", file])
    if course.blended:
        small.main([*folders, "--file", file])
    evaluate.main([*folders, "--file", file])


if __name__ == "__main__":
    main()
