"""MediaPipe's landmark and blendshape networks as ONNX files, from `face_landmarker.task` (Apache-2.0)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import onnx

from training.permissive.convert import Converter, finish
from training.permissive.points import BLENDSHAPE_POINTS, BLENDSHAPES, COUNT
from training.permissive.tflite_file import Graph, read
from training.storage import shorten_names, store_as_half

LANDMARKS, BLENDSHAPE_NET = "face_landmarks_detector.tflite", "face_blendshapes.tflite"
SIDE = 256
"""Side of the landmark network's picture in pixels."""


def part(task: Path, name: str) -> bytes:
    """One network of the bundle."""
    with zipfile.ZipFile(task) as bundle:
        return bundle.read(name)


def landmark_model(graph: Graph) -> onnx.ModelProto:
    """Picture [n, 3, 256, 256], RGB in 0..1 -> `landmarks` [n, 478, 3] and `presence` [n, 1] in 0..1.

    x and y are pixels of the picture with the origin at its corner, z is in the same unit, smaller towards the camera.
    The third output of the source, whether the tongue is out, is left behind.
    """
    converter = Converter(graph, "pictures")
    converter.names[graph.inputs[0]] = "image"
    points, presence, _ = graph.outputs
    if graph.shapes[points] != (1, 1, 1, 3 * COUNT) or graph.shapes[presence] != (1, 1, 1, 1):
        raise ValueError(f"not the outputs of MediaPipe's landmark network: {[graph.shapes[i] for i in graph.outputs]}")
    shape = converter.constant("points_shape", np.array([0, COUNT, 3]))
    converter.emit("Reshape", [converter.tensor(points), shape], "landmarks")
    flat = converter.emit("Flatten", [converter.tensor(presence)], "presence_logit", axis=1)
    converter.emit("Sigmoid", [flat], "presence")
    return stored(
        finish(converter, {"image": ["n", 3, SIDE, SIDE]}, {"landmarks": ["n", COUNT, 3], "presence": ["n", 1]})
    )


def blendshape_model(graph: Graph) -> onnx.ModelProto:
    """Points [n, 478, 2] in pixels of an upright frame -> `blendshapes` [n, 52] in 0..1, in the order of `BLENDSHAPES`.

    The network itself picks its 146 points, moves their mean to 0 and makes their mean distance from it 1, so that
    neither the place nor the size of the face matters; its roll does.
    """
    converter = Converter(graph, "tokens")
    subset = converter.constant("subset", np.array(BLENDSHAPE_POINTS))
    converter.names[graph.inputs[0]] = converter.emit("Gather", ["points", subset], "chosen", axis=1)
    last = converter.producers[graph.outputs[0]]
    if last.kind != "STRIDED_SLICE" or graph.shapes[last.inputs[0]] != (1, len(BLENDSHAPES)):
        raise ValueError(f"not the output of MediaPipe's blendshape network: {graph.shapes[graph.outputs[0]]}")
    converter.emit("Identity", [converter.tensor(last.inputs[0])], "blendshapes")
    return stored(finish(converter, {"points": ["n", COUNT, 2]}, {"blendshapes": ["n", len(BLENDSHAPES)]}))


def stored(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with weights in float16, as they came, and short names."""
    store_as_half(model)
    shorten_names(model)
    onnx.checker.check_model(model)
    return model


def models(task: Path) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Landmark and blendshape model of a bundle."""
    return (
        landmark_model(read(part(task, LANDMARKS))),
        blendshape_model(read(part(task, BLENDSHAPE_NET))),
    )
