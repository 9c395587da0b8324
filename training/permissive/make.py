"""The whole recipe of the permissive set: convert, describe, compare with the originals, measure.

`python -m training.permissive.make --data DIR --out DIR [--measure]`. The comparison needs `reference.npz` in `--out`,
which `training.permissive.reference` writes in an environment of its own; without it a warning follows the files.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from pathlib import Path

import onnx

from edgeaffect.models.spec import ModelSpec
from training.permissive import evaluate, parity, specs
from training.permissive.detector import detector_model
from training.permissive.expression_onnx import expression_model
from training.permissive.mediapipe import BLENDSHAPE_NET, LANDMARKS, models, part
from training.permissive.path import BLENDSHAPES as BLENDSHAPE_FILE
from training.permissive.path import DETECTOR, EXPRESSION
from training.permissive.path import LANDMARKS as LANDMARK_FILE
from training.permissive.reference_file import FILE, TASK, YUNET

LOG = logging.getLogger("training.permissive.make")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def build(data: Path, out: Path) -> None:
    """Writes the four files with their facts."""
    out.mkdir(parents=True, exist_ok=True)
    landmarks, blendshapes = models(data / TASK)
    sources = {name: digest(part(data / TASK, name)) for name in (LANDMARKS, BLENDSHAPE_NET)}
    made: dict[str, tuple[onnx.ModelProto, ModelSpec]] = {
        DETECTOR: (detector_model(data / YUNET), specs.detector(digest((data / YUNET).read_bytes()))),
        LANDMARK_FILE: (landmarks, specs.landmarks(sources[LANDMARKS])),
        BLENDSHAPE_FILE: (blendshapes, specs.blendshapes(sources[BLENDSHAPE_NET])),
        EXPRESSION: (expression_model(), specs.expression()),
    }
    for name, (model, facts) in made.items():
        (out / name).write_bytes(model.SerializeToString())
        facts.write_to(out / name)
        LOG.info("%s: %d bytes", name, (out / name).stat().st_size)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; reference.npz lies there")
    parser.add_argument("--measure", action="store_true", help="also write RESULTS.json beside the recipe")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    build(args.data, args.out)
    if not (args.out / FILE).exists():
        LOG.warning("not compared with the originals: no %s; see training.permissive.reference", args.out / FILE)
    elif not args.measure:  # which compares too
        parity.check(parity.measure(args.data, args.out))
        LOG.info("the converted networks give the originals' numbers")
    if args.measure:
        evaluate.main(["--data", str(args.data), "--out", str(args.out)])


if __name__ == "__main__":
    main()
