"""What the files of the set say about themselves: their `ModelSpec`s."""

from __future__ import annotations

from typing import Any

from edgeaffect.models.spec import ModelSpec
from training.permissive.action_units import INPUTS, NAMES
from training.permissive.expression import LABELS
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
MEDIAPIPE_DATA = "unpublished pictures, by the authors of MediaPipe; nothing by us"
NO_DATA = "none: a table of published descriptions, with no trained or fitted number"


def _spec(
    name: str,
    task: str,
    given: dict[str, Any],
    outputs: list[dict[str, Any]],
    data: str,
    source: str | None,
    **more: Any,
) -> ModelSpec:
    return ModelSpec.from_dict(
        {
            "name": name, "version": VERSION, "task": task, "inputs": [given], "outputs": outputs, "licence": LICENCE,
            "training_data": [data], "recipe": "training/permissive", "sha256_source": source, **more,
        }
    )  # fmt: skip


def _image(size: tuple[int, int], color: str, scale: float) -> dict[str, Any]:
    return {"kind": "image", "name": "image", "size": list(size), "color": color, "scale": scale}


def detector(source: str) -> ModelSpec:
    """`face-detector-permissive.onnx`; `source` is the sha256 of YuNet-n's file."""
    labels = ["score_logit", "left", "top", "right", "bottom"]
    labels += [f"{point}_{axis}" for point in POINT_ORDER for axis in "xy"]
    outputs = [
        {"name": f"stride{stride}", "slice": [0, 15], "meaning": "detector_stride", "labels": labels}
        for stride in STRIDES
    ]
    nms = {"iou": NMS_IOU, "score_threshold": SCORE_THRESHOLD, "top_k": 400}
    return _spec(
        "face-detector-permissive", "face-detector", _image((0, 0), "bgr", 1.0), outputs, YUNET_DATA, source,
        alignment={"kind": "whole", "square": False, "rotate": False, "border": "constant"},
        detector={"strides": list(STRIDES), "pad_multiple": 32, "decode": "ltrb", "nms": nms},
    )  # fmt: skip


def landmarks(source: str) -> ModelSpec:
    """`face-landmarks-permissive.onnx`; `source` is the sha256 of the TensorFlow Lite file."""
    outputs = [{"name": "landmarks", "meaning": "landmarks"}, {"name": "presence", "meaning": "presence"}]
    return _spec(
        "face-landmarks-permissive", "face-mesh", _image((SIDE, SIDE), "rgb", 1 / 255), outputs, MEDIAPIPE_DATA, source,
        alignment={
            "kind": "landmarks5", "template": [list(point) for point in TEMPLATE], "rotate": True,
            "border": "replicate",
        },
    )  # fmt: skip


def blendshapes(source: str) -> ModelSpec:
    """`face-blendshapes-permissive.onnx`; `source` is the sha256 of the TensorFlow Lite file."""
    given = {"kind": "features", "name": "points", "axes": [COUNT, 2], "meaning": "landmarks", "unit": "frame pixels"}
    outputs = [
        {
            "name": "blendshapes", "slice": [1, len(BLENDSHAPES)], "meaning": "blendshapes",
            "labels": list(BLENDSHAPES[1:]),
        }
    ]  # fmt: skip
    return _spec("face-blendshapes-permissive", "blendshapes", given, outputs, MEDIAPIPE_DATA, source)


def expression() -> ModelSpec:
    """`expression-from-blendshapes.onnx`: a table, no training data, no calibration."""
    given = {
        "kind": "features", "name": "blendshapes", "axes": [len(INPUTS)], "meaning": "blendshapes",
        "labels": list(INPUTS),
    }  # fmt: skip
    outputs = [
        {"name": "probabilities", "meaning": "probabilities", "labels": list(LABELS)},
        {"name": "action_units", "meaning": "other", "labels": list(NAMES)},
    ]
    return _spec("expression-from-blendshapes", "expression", given, outputs, NO_DATA, None)
