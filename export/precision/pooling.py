"""Mean pooling as a convolution: the same sums, in an operator whose integer kernel is fast.

ONNX Runtime's `QLinearAveragePool` takes as long as a dense convolution of the same map (benchmarks/CONV_SHAPES.md);
its depthwise convolution takes an eighth of that.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper

from ..graph import Graph


def pools_as_convolutions(graph: Graph) -> None:
    """Replaces unpadded mean pooling whose windows do not overlap by depthwise convolutions, where channels are known.

    Args:
        graph: changed in place.
    """
    channels = _channels(graph)
    nodes = [_as_convolution(graph, node, channels) or node for node in graph.proto.node]
    graph.replace_nodes(nodes)


def _as_convolution(graph: Graph, node: NodeProto, channels: dict[str, int]) -> NodeProto | None:
    if node.op_type != "AveragePool" or node.input[0] not in channels:
        return None
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    kernel = attributes["kernel_shape"]
    plain = not any(attributes.get("pads", [])) and not attributes.get("ceil_mode") and not attributes.get("auto_pad")
    if not plain or list(attributes.get("strides", [])) != list(kernel) or len(kernel) != 2:
        return None
    count = channels[node.input[0]]
    weight = np.full((count, 1, *kernel), 1 / np.prod(kernel), np.float32)
    name = graph.define(f"{node.name}_mean", weight)
    return helper.make_node(
        "Conv", [node.input[0], name], list(node.output), node.name, kernel_shape=kernel, strides=kernel, group=count
    )


def _channels(graph: Graph) -> dict[str, int]:
    """Channels of what convolutions give and of what activations, sums and pools make of it."""
    known: dict[str, int] = {}
    for node in graph.proto.node:
        if node.op_type == "Conv":
            weight = graph.constant(node.input[1])
            if weight is not None:
                known[node.output[0]] = weight.shape[0]
        elif node.op_type in ("Relu", "Clip", "Add", "AveragePool", "MaxPool"):
            found = [known[name] for name in node.input if name in known]
            if found:
                known[node.output[0]] = found[0]
    return known
