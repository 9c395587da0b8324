"""Models made ready for a change of precision, and the layers of theirs that can be quantised."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..graph import Graph

_ARITHMETIC = {"Sub": np.subtract, "Mul": np.multiply}


def load_float_graph(path: str | Path) -> Graph:
    """`float_graph` of a model file."""
    return float_graph(onnx.load(str(path)))


def float_graph(model: onnx.ModelProto) -> Graph:
    """A graph whose nodes all have names and whose weights are plain float32 initializers.

    Args:
        model: changed in place.
    """
    graph = Graph(model)
    _name_nodes(graph)
    _unpack_weights(graph)
    return graph


def _name_nodes(graph: Graph) -> None:
    taken = {node.name for node in graph.proto.node if node.name}
    for i, node in enumerate(graph.proto.node):
        if not node.name:
            name = f"{node.op_type}_{i}"
            while name in taken:
                name += "_"
            node.name = name
            taken.add(name)


def _unpack_weights(graph: Graph) -> None:
    """Weights stored as fp16 or in 8 bits (Cast, Sub, Mul), or as Constant nodes, become plain initializers."""
    values = {i.name: i for i in graph.proto.initializer}
    kept = []
    for node in graph.proto.node:
        if node.op_type == "Constant" and len(node.attribute) == 1 and node.attribute[0].HasField("t"):
            tensor = TensorProto()
            tensor.CopyFrom(node.attribute[0].t)
        elif node.op_type == "Cast" and node.input[0] in values:
            kind = helper.tensor_dtype_to_np_dtype(node.attribute[0].i)
            tensor = numpy_helper.from_array(numpy_helper.to_array(values[node.input[0]]).astype(kind))
        elif node.op_type in _ARITHMETIC and all(name in values for name in node.input):
            a, b = (numpy_helper.to_array(values[name]) for name in node.input)
            tensor = numpy_helper.from_array(np.asarray(_ARITHMETIC[node.op_type](a, b), a.dtype))
        elif node.op_type == "Identity" and node.input[0] in values:
            tensor = TensorProto()
            tensor.CopyFrom(values[node.input[0]])
        else:
            kept.append(node)
            continue
        tensor.name = node.output[0]
        values[tensor.name] = tensor
    graph.proto.ClearField("initializer")
    graph.proto.initializer.extend(values.values())
    graph.replace_nodes(kept)


@dataclass(frozen=True)
class Layer:
    """A node whose weights can be quantised."""

    name: str
    kind: str
    activation: str
    """Name of the tensor that goes in."""
    weight: str
    axis: int
    """Axis of the weight that runs over output channels."""
    weights: int
    """How many."""
    inputs: int
    """Channels that go in."""


# A matrix smaller than this is arithmetic of the head (anchors of valence and arousal, say), not a layer.
_MIN_WEIGHTS = 128


def quantisable_layers(graph: Graph) -> list[Layer]:
    """Convolutions and matrix products with constant weights, in the order of the graph."""
    layers = []
    for node in graph.proto.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        weight = graph.constant(node.input[1])
        if weight is None or weight.dtype != np.float32 or weight.size < _MIN_WEIGHTS:
            continue
        if node.input[0] in graph.initializers or (node.op_type == "MatMul" and weight.ndim != 2):
            continue
        axis = {"Conv": 0, "MatMul": 1}.get(node.op_type)
        if axis is None:
            axis = 0 if any(a.name == "transB" and a.i for a in node.attribute) else 1
        groups = next((a.i for a in node.attribute if a.name == "group"), 1)
        inputs = weight.shape[1] * groups if node.op_type == "Conv" else weight.shape[1 - axis]
        layers.append(Layer(node.name, node.op_type, node.input[0], node.input[1], axis, weight.size, inputs))
    return layers
