"""Explicit quantisation: QuantizeLinear/DequantizeLinear pairs in the graph, float biases.

Biases stay float32: TensorRT's parser refuses an int32 bias behind a DequantizeLinear, and ONNX Runtime quantises a
float bias by itself when it fuses the layer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from ..errors import GraphError
from ..graph import Graph
from .layers import Layer, quantisable_layers
from .ranges import Range

_LEAST_OPSET = 13  # per-axis DequantizeLinear
_FOLLOWERS = ("Relu", "Clip")


@dataclass(frozen=True)
class Scheme:
    """How numbers become integers."""

    symmetric: bool
    """Activations int8 around 0 (TensorRT takes no other), else uint8 with a zero point (a ReLU gets all 256 steps)."""
    layer_outputs: bool
    """Also quantise what layers give and what residual sums give, so that ONNX Runtime stays in integers throughout.
    TensorRT decides that itself."""
    per_channel: bool = True
    """A scale per output channel of a weight; False is for hardware that has only one per tensor."""
    weight_peak: int = 127
    """Largest step of a weight; see Note [Seven bits for CPUs]."""
    least_inputs: int = 1
    """Convolutions of fewer input channels stay float32; see Note [Layers that stay float]."""
    least_product: int = 1
    """Matrix products of fewer weights stay float32; see Note [Layers that stay float]."""


# Note [Seven bits for CPUs]
# x86 without VNNI multiplies bytes by `vpmaddubsw`, which adds two products and saturates at 32767: two activations of
# 255 overflow with weights above 64, and ONNX Runtime says nothing: labels change on a machine that nobody checked the
# file on (a test shows it on an emulated Haswell). TensorRT accumulates in 32 bits.

# Note [Layers that stay float]
# ONNX Runtime's integer kernels multiply four input channels at once and want channels last. The first convolution of a
# picture has one channel or three, and its picture must be converted and transposed first: in float32 it takes a third
# of the time. A head of a few thousand weights costs less than the conversions around it.
SCHEMES = {
    "tensorrt": Scheme(symmetric=True, layer_outputs=False),
    "onnxruntime": Scheme(symmetric=False, layer_outputs=True, weight_peak=64, least_inputs=4, least_product=1 << 14),
}


def chosen_layers(graph: Graph, scheme: Scheme) -> list[Layer]:
    """The layers of a graph that a scheme turns into integers, in its order; all of them where it would choose none."""
    layers = quantisable_layers(graph)
    chosen = [
        layer
        for layer in layers
        if (layer.inputs >= scheme.least_inputs if layer.kind == "Conv" else layer.weights >= scheme.least_product)
    ]
    return chosen or layers


def quantised_tensors(graph: Graph, layers: Collection[Layer], scheme: Scheme) -> list[str]:
    """Names of the activations that get a Q/DQ pair."""
    names = [layer.activation for layer in layers]
    if scheme.layer_outputs:
        chosen = {layer.name for layer in layers}
        ends = {_end(graph, node) for node in graph.proto.node if node.name in chosen}
        names += sorted(ends)
        for node in graph.proto.node:
            if node.op_type == "Add" and set(node.input) <= ends | set(names):
                names.append(_end(graph, node))
    # What leaves the graph stays float where only float nodes read it besides.
    takers = {layer.name for layer in layers}
    return [
        name
        for name in dict.fromkeys(names)
        if name not in graph.outputs
        or any(user.name in takers or user.op_type == "Add" for user in graph.consumers.get(name, []))
    ]


def quantise(graph: Graph, layers: Collection[Layer], ranges: Mapping[str, Range], scheme: Scheme) -> Graph:
    """A copy of `graph` whose `layers` are quantised.

    Args:
        graph: float32.
        layers: from `chosen_layers`.
        ranges: of at least `quantised_tensors(...)`.

    Raises:
        GraphError: the opset is too old for scales per channel.
    """
    if graph.opset < _LEAST_OPSET:
        raise GraphError(f"int8 needs opset {_LEAST_OPSET} or later, the graph has {graph.opset}: export it again")
    result = graph.copy()
    tensors = quantised_tensors(graph, layers, scheme)
    pairs: dict[str, list[NodeProto]] = {}
    renamed: dict[str, str] = {}
    for name in tensors:
        pairs[name] = _activation_pair(result, name, ranges[name], scheme)
        renamed[name] = pairs[name][1].output[0]
    chosen = {layer.name: layer for layer in layers}
    nodes: list[NodeProto] = []
    for name in (i.name for i in result.proto.input):
        nodes += pairs.get(name, [])
    for node in result.proto.node:
        takes = node.name in chosen or node.op_type == "Add" or scheme.layer_outputs
        if takes:
            for i, name in enumerate(node.input):
                if name in renamed:
                    node.input[i] = renamed[name]
        if node.name in chosen:
            nodes.append(_weight_node(result, node, chosen[node.name], scheme))
        nodes.append(node)
        for name in node.output:
            nodes += pairs.get(name, [])
    result.replace_nodes(nodes)
    return result


def quantise_weight(
    weight: NDArray[np.float32], axis: int, scheme: Scheme
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric int8 in -weight_peak..weight_peak and the scale(s): [channels], or a scalar."""
    others = tuple(a for a in range(weight.ndim) if a != axis)
    peak = np.abs(weight).max(axis=others) if scheme.per_channel else np.abs(weight).max()
    most = scheme.weight_peak
    scale = np.where(peak > 0, peak / most, 1.0).astype(np.float32)
    shape = [-1 if a == axis else 1 for a in range(weight.ndim)]
    steps = scale.reshape(shape) if scheme.per_channel else scale
    return np.clip(np.rint(weight / steps), -most, most).astype(np.int8), scale


def _activation_pair(graph: Graph, name: str, bounds: Range, scheme: Scheme) -> list[NodeProto]:
    low, high = bounds
    if scheme.symmetric:
        scale, zero = max(-low, high) / 127, np.array(0, np.int8)
    else:
        scale = (high - low) / 255
        zero = np.array(round(-low / scale) if scale > 0 else 0, np.uint8)
    scale_name = graph.define(f"{name}_scale", np.array(scale if scale > 0 else 1.0, np.float32))
    zero_name = graph.define(f"{name}_zero_point", zero)
    inner, outer = f"{name}_quantized", f"{name}_dequantized"
    return [
        helper.make_node("QuantizeLinear", [name, scale_name, zero_name], [inner], f"{name}_QuantizeLinear"),
        helper.make_node("DequantizeLinear", [inner, scale_name, zero_name], [outer], f"{name}_DequantizeLinear"),
    ]


def _weight_node(graph: Graph, node: NodeProto, layer: Layer, scheme: Scheme) -> NodeProto:
    """Store the weight of `node` as int8, point the node to its float value, and return the node that makes that."""
    weight = graph.constant(layer.weight)
    assert weight is not None  # quantisable_layers saw it
    quantised, scale = quantise_weight(weight.astype(np.float32), layer.axis, scheme)
    # A weight used twice is stored per use: the axes may differ.
    base = f"{layer.weight}_{node.name}"
    names = [
        graph.define(f"{base}_int8", quantised),
        graph.define(f"{base}_scale", scale),
        graph.define(f"{base}_zero_point", np.zeros(scale.shape, np.int8)),
    ]
    node.input[1] = f"{base}_dequantized"
    made = helper.make_node("DequantizeLinear", names, [node.input[1]], f"{base}_DequantizeLinear")
    if scheme.per_channel:
        made.attribute.append(helper.make_attribute("axis", layer.axis))
    return made


def _end(graph: Graph, node: NodeProto) -> str:
    """Output of a node, or of the activation that alone follows it and is fused with it."""
    name = node.output[0]
    users = graph.consumers.get(name, [])
    if len(users) == 1 and users[0].op_type in _FOLLOWERS and name not in graph.outputs:
        return users[0].output[0]
    return name


__all__ = [
    "SCHEMES",
    "Scheme",
    "chosen_layers",
    "quantisable_layers",
    "quantise",
    "quantise_weight",
    "quantised_tensors",
]
