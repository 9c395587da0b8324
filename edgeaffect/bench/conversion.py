"""Model files in another precision, made for timing only."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from .._lazy import require
from ..models import ModelFile, find
from . import frames

PRECISIONS = ("as-is", "fp16", "int8")

# Any loss is accepted: the calibration pictures are drawn faces, and only the time is of interest.
_ANY_LOSS = 100.0
_PICTURES = 64


def converted(model: ModelFile, precision: str, runtime: str, folder: Path) -> ModelFile:
    """`model` in the wanted precision, for timing: calibrated on drawn faces, not for use.

    Args:
        model: as bundled.
        precision: one of `PRECISIONS`; `as-is` returns `model`.
        runtime: whose graph conventions int8 follows.
        folder: where the new file goes.

    Raises:
        DependencyError: the package onnx is missing.
    """
    if precision == "as-is":
        return model
    require("onnx")
    export = importlib.import_module("edgeaffect.export.precision")
    size = (320, 256) if model.spec.task == "face-detector" else (64, 64)
    clip = frames.synthetic(size, 1, _PICTURES)
    pictures = folder / f"{model.name}.npz"
    np.savez(pictures, images=np.stack(clip))
    target = folder / f"{model.name}-{precision}.onnx"
    backend = "tensorrt" if runtime == "tensorrt" else "onnxruntime"
    crops = export.load_crops(pictures, model.spec)
    export.convert(model.path, target, precision, crops, backend=backend, max_drop=_ANY_LOSS)
    return find(target, model.spec.task)
