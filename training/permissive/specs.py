"""What the files of the set say about themselves, as the plain data of a `ModelSpec`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edgeaffect.models import metadata
from edgeaffect.models.spec import METADATA_KEY, ModelSpec
from training.permissive.points import BLENDSHAPES, COUNT
from training.permissive.roi import SIDE, TEMPLATE

VERSION = "1.0.0"
LICENCE = "Apache-2.0"
STRIDES = (8, 16, 32)
POINT_ORDER = ("eye_left", "eye_right", "nose", "mouth_left", "mouth_right")

# What the authors' own run time asks of this network, with the same score (the root of the product of two chances):
# `detection_output(..., 0.3f, 0.5f, ...)` in libfacedetection's src/facedetectcnn-model.cpp.
SCORE_THRESHOLD = 0.5
NMS_IOU = 0.3

YUNET_DATA = "WIDER FACE (research data), by the authors of YuNet-n; nothing by us"
MEDIAPIPE_DATA = "unpublished, by the authors of MediaPipe; nothing by us"


def _image(size: tuple[int, int], color: str, scale: float) -> dict[str, Any]:
    return {
        "name": "image", "size": list(size), "color": color, "layout": "nchw", "dtype": "float32", "scale": scale,
        "mean": [0.0], "std": [1.0], "quant": None,
    }  # fmt: skip


def _common(name: str, task: str, data: str, source: str) -> dict[str, Any]:
    return {
        "schema": "edgeaffect.model/1", "name": name, "version": VERSION, "task": task, "calibration": None,
        "va_source": None, "licence": LICENCE, "training_data": [data], "recipe": "training/permissive",
        "sha256_source": source,
    }  # fmt: skip


def detector(source: str) -> dict[str, Any]:
    """`face-detector-permissive.onnx`; `source` is the sha256 of YuNet-n's file."""
    labels = ["score_logit", "left", "top", "right", "bottom"]
    labels += [f"{point}_{axis}" for point in POINT_ORDER for axis in "xy"]
    return {
        **_common("face-detector-permissive", "face-detector", YUNET_DATA, source),
        "input": _image((0, 0), "bgr", 1.0),
        "alignment": {
            "kind": "whole", "square": False, "expand": 1.0, "shift": [0.0, 0.0], "template": None, "rotate": False,
            "border": "constant",
        },
        "outputs": [
            {"name": f"stride{stride}", "slice": [0, 15], "meaning": "detector_stride", "labels": labels}
            for stride in STRIDES
        ],
        "detector": {
            "strides": list(STRIDES), "pad_multiple": 32, "decode": "ltrb", "landmarks_order": list(POINT_ORDER),
            "nms": {"iou": NMS_IOU, "score_threshold": SCORE_THRESHOLD, "top_k": 400},
        },
    }  # fmt: skip


def landmarks(source: str) -> dict[str, Any]:
    """`face-landmarks-permissive.onnx`; `source` is the sha256 of the TensorFlow Lite file."""
    return {
        **_common("face-landmarks-permissive", "face-landmarks", MEDIAPIPE_DATA, source),
        "input": _image((SIDE, SIDE), "rgb", 1 / 255),
        "alignment": {
            "kind": "landmarks5", "square": True, "expand": 1.0, "shift": [0.0, 0.0],
            "template": [list(point) for point in TEMPLATE], "rotate": True, "border": "replicate",
        },
        "outputs": [
            {"name": "landmarks", "slice": None, "meaning": "landmarks", "labels": ["x", "y", "z"]},
            {"name": "presence", "slice": [0, 1], "meaning": "presence", "labels": []},
        ],
        "detector": None,
    }  # fmt: skip


def blendshapes(source: str) -> dict[str, Any]:
    """`face-blendshapes-permissive.onnx`; `source` is the sha256 of the TensorFlow Lite file."""
    return {
        **_common("face-blendshapes-permissive", "face-blendshapes", MEDIAPIPE_DATA, source),
        "input": {"name": "points", "kind": "points", "shape": [COUNT, 2], "unit": "frame pixels", "dtype": "float32"},
        "outputs": [
            {"name": "blendshapes", "slice": [1, len(BLENDSHAPES)], "meaning": "blendshapes",
             "labels": list(BLENDSHAPES[1:])},
        ],
        "detector": None,
    }  # fmt: skip


def expression(labels: tuple[str, ...], inputs: tuple[str, ...]) -> dict[str, Any]:
    """`expression-from-blendshapes.onnx`: a table, no training data."""
    return {
        **_common("expression-from-blendshapes", "expression", "none: a table of published descriptions", ""),
        "sha256_source": None,
        "input": {"name": "blendshapes", "kind": "blendshapes", "shape": [len(inputs)], "labels": list(inputs),
                  "dtype": "float32"},
        "outputs": [
            {"name": "probabilities", "slice": [0, len(labels)], "meaning": "probabilities", "labels": list(labels)},
        ],
        "detector": None,
    }  # fmt: skip


def write(path: Path, facts: dict[str, Any]) -> None:
    """Stores the facts in the file's metadata; `ModelSpec` checks those of a detector, the one task here it knows."""
    if facts["detector"] is not None:
        ModelSpec.from_dict(facts)
    metadata.write(path, METADATA_KEY, json.dumps(facts, allow_nan=False))
