"""Shipped float32 file -> the same model in the integers of a CPU: `affect-base.onnx` -> `affect-base-int8.onnx`.

`python -m training.affect.quantise --data DIR --out DIR --file affect-base.onnx`

Weights are constants of the file, so only the ranges of activations are measured: on fit faces, half of them framed as
the detector will frame them. The other half of those views judges (`edgeaffect.export.precision`).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from edgeaffect.export.precision import Crops, PrecisionResult, convert

from edgeaffect.models.spec import ModelSpec
from training.affect.augment import Augmenter
from training.affect.views import alignments, normalise
from training.data import FerPlus, data_folder, read_ferplus
from training.storage import shorten_names, store_as_half

VIEWS = 1024
SEED = 7


def views(faces: FerPlus, landmarks: np.ndarray) -> Crops:
    """Network inputs [1, 1, 48, 48] of `VIEWS` fit faces, shifted, turned and lit at random but not damaged."""
    generator = torch.Generator().manual_seed(SEED)
    fit = np.flatnonzero(faces.split == "fit")
    chosen = fit[torch.randperm(len(fit), generator=generator)[:VIEWS].numpy()]
    augment = Augmenter(alignments(landmarks[chosen]), generator)
    augment.damage = 0.0
    x = normalise(augment(torch.from_numpy(faces.images[chosen]), torch.arange(len(chosen)))).numpy()
    return Crops(tuple(x[:, None]), "fit faces of FER+")


def quantise(file: Path, faces: FerPlus, landmarks: np.ndarray, version: str | None = None) -> PrecisionResult:
    """Writes `NAME-int8.onnx` beside `NAME.onnx`; raises PrecisionError where labels would change too often.

    Args:
        file: float32.
        faces: FER+.
        landmarks: [len(faces), 5, 2] in their pixels, NaN where unknown.
        version: of the new file; None for that of `file`.
    """
    target = file.with_name(f"{file.stem}-int8.onnx")
    result = convert(file, target, "int8", views(faces, landmarks), backend="onnxruntime")
    model = onnx.load(target)
    # What stays float32 is stored as in the source; scales keep all bits, so that steps are those that were judged.
    store_as_half(model, skip=frozenset(t.name for t in model.graph.initializer if t.name.endswith("_scale")))
    shorten_names(model)
    target.write_bytes(model.SerializeToString())
    if version:
        replace(ModelSpec.from_onnx(target), version=version).write_to(target)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="work folder with landmarks.npz")
    parser.add_argument("--file", required=True, type=Path, help="float32 ONNX file; the new one goes beside it")
    parser.add_argument("--version", help="of the new file (default: that of the float32 one)")
    arguments = parser.parse_args()
    landmarks = np.load(arguments.out / "landmarks.npz")["landmarks"]
    result = quantise(arguments.file, read_ferplus(data_folder(arguments.data)), landmarks, arguments.version)
    print(f"{result.path}: {result.deviation}, {result.speed}")


if __name__ == "__main__":
    main()
