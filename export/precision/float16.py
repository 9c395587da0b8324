"""Half precision by casts in the graph, for TensorRT's strongly typed networks.

Layers that carry the work run in fp16. Inputs and outputs stay float32, so that nothing around the model changes, and
so do the operators whose range or sums half precision cannot hold (largest value 65504, 11 bits).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from ..graph import Graph

# Elementwise or shape-only around the layers: fp16 as soon as something they take is fp16 already, so that no casts
# appear between two layers.
_FOLLOW = frozenset(
    [
        *("Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Erf", "Gelu"),
        *("Add", "Sub", "Mul", "Max", "Min", "BatchNormalization", "Resize", "Identity", "Dropout"),
        *("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "DepthToSpace", "SpaceToDepth"),
        *("Concat", "Split", "Slice", "Gather", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze"),
        *("Pad", "Expand", "Tile"),
    ]
)
_LAYERS = frozenset(["Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum"])
# Only these inputs are the tensor itself; the others of these operators have types of their own.
_DATA_INPUTS = {"Resize": 1, "Dropout": 1}


def to_float16(graph: Graph, keep: Collection[str] = ()) -> Graph:
    """A copy in half precision.

    Args:
        graph: float32.
        keep: names of layers that stay in float32.
    """
    result = graph.copy()
    types = result.element_types()
    halved = _halved(result, types, keep)
    casts = _Casts(result)
    for node in list(result.proto.node):
        if node.name not in halved:
            for name in node.input:
                casts.need_float(name)
            casts.nodes.append(node)
            continue
        for i in _data_inputs(node, types):
            node.input[i] = casts.half(node.input[i])
        casts.nodes.append(node)
        for i, name in enumerate(node.output):
            if types.get(name) == TensorProto.FLOAT:
                node.output[i] = casts.made_half(name)
    for output in result.proto.output:
        casts.need_float(output.name)
    result.proto.ClearField("value_info")  # the types it states are no longer true
    result.replace_nodes(casts.nodes)
    return result


class _Casts:
    """Nodes of the new graph, with a cast wherever a tensor is needed in the other precision.

    Args:
        graph: whose constants are rounded without a cast.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes: list[NodeProto] = []
        self._graph = graph
        self._halves: dict[str, str] = {}
        """float32 name -> name of its fp16 twin."""
        self._only_half: set[str] = set()
        """Names whose float32 form does not exist (yet)."""

    def half(self, name: str) -> str:
        """Name of the fp16 twin of a tensor."""
        if name not in self._halves:
            self._halves[name] = f"{name}_fp16"
            value = self._graph.constant(name)
            if value is not None:
                self._graph.define(self._halves[name], _rounded(value).astype(np.float16))
            else:
                self.nodes.append(_cast(name, self._halves[name], TensorProto.FLOAT16))
        return self._halves[name]

    def made_half(self, name: str) -> str:
        """Name of a tensor that a node now makes in fp16."""
        self._halves[name] = f"{name}_fp16"
        self._only_half.add(name)
        return self._halves[name]

    def need_float(self, name: str) -> None:
        """Make sure that the float32 form of a tensor exists."""
        if name in self._only_half:
            self.nodes.append(_cast(self._halves[name], name, TensorProto.FLOAT))
            self._only_half.discard(name)


def emulate_float16(graph: Graph, keep: Collection[str] = ()) -> Graph:
    """A float32 graph that rounds to fp16 wherever `to_float16` computes in it.

    ONNX Runtime has few fp16 kernels on the CPU: it runs the others in float32 and drops the casts between them, so
    that it would show none of the rounding. Casts there and back, written out, it keeps.
    """
    result = graph.copy()
    types = result.element_types()
    halved = _halved(result, types, keep)
    nodes: list[NodeProto] = []
    rounded: set[str] = set()

    def round_trip(source: str, target: str) -> None:
        nodes.append(_cast(source, f"{target}_half", TensorProto.FLOAT16))
        nodes.append(_cast(f"{target}_half", target, TensorProto.FLOAT))

    for node in list(result.proto.node):
        if node.name not in halved:
            nodes.append(node)
            continue
        for i in _data_inputs(node, types):
            name, value = node.input[i], result.constant(node.input[i])
            if value is not None:
                node.input[i] = result.define(f"{name}_rounded", _rounded(value))
            elif name not in rounded:
                node.input[i] = f"{name}_rounded"
                if node.input[i] not in rounded:
                    round_trip(name, node.input[i])
                    rounded.add(node.input[i])
        nodes.append(node)
        for i, name in enumerate(node.output):
            if types.get(name) == TensorProto.FLOAT:
                node.output[i] = f"{name}_unrounded"
                round_trip(node.output[i], name)
                rounded.add(name)
    result.replace_nodes(nodes)
    return result


def _halved(graph: Graph, types: dict[str, int], keep: Collection[str]) -> set[str]:
    """Names of the nodes that compute in half precision."""
    halved: set[str] = set()
    tensors: set[str] = set()
    for node in graph.proto.node:
        if node.name in keep or any(a.HasField("g") or a.graphs for a in node.attribute):
            continue
        follows = node.op_type in _FOLLOW and any(n in tensors for n in node.input)
        if node.op_type in _LAYERS or follows:
            halved.add(node.name)
            tensors |= {n for n in node.output if types.get(n) == TensorProto.FLOAT}
    return halved


def _data_inputs(node: NodeProto, types: dict[str, int]) -> list[int]:
    """Positions of the float32 inputs that change type with the node."""
    limit = _DATA_INPUTS.get(node.op_type, len(node.input))
    return [i for i, name in enumerate(node.input[:limit]) if name and types.get(name) == TensorProto.FLOAT]


def half_layers(graph: Graph) -> list[str]:
    """Names of the layers `to_float16` converts."""
    return [node.name for node in graph.proto.node if node.op_type in _LAYERS]


def _cast(source: str, target: str, kind: int) -> NodeProto:
    return helper.make_node("Cast", [source], [target], f"{target}_Cast", to=kind)


def _rounded(value: NDArray[np.generic]) -> NDArray[np.float32]:
    """Rounded to fp16, with what does not fit at the ends of the range: one infinite weight makes NaN everywhere."""
    limit = float(np.finfo(np.float16).max)
    return np.clip(value.astype(np.float32), -limit, limit).astype(np.float16).astype(np.float32)
