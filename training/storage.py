"""How a shipped file stores its weights: as fp16, or as 8-bit steps of a scale per output channel.

Only storage: a runtime turns them back into fp32 while it loads the file, so arithmetic and speed are those of fp32.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

# Smaller tensors (biases, anchors) are not worth a node.
_LEAST_HALF = 16
_LEAST_BYTES = 1024
# Shares of the largest weight that may be the end of the scale; cutting a lone outlier makes all other steps finer.
_CLIPS = np.linspace(0.6, 1.0, 17)


def store_as_half(model: onnx.ModelProto, *, skip: frozenset[str] = frozenset()) -> None:
    """Stores float32 initialisers as fp16, with a Cast in front of their users; those named in `skip` stay."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < _LEAST_HALF or tensor.name in skip:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name + "_h"))
        casts.append(onnx.helper.make_node("Cast", [name + "_h"], [name], to=onnx.TensorProto.FLOAT))
    _insert_first(graph, casts)


def steps(weight: np.ndarray, end: int = 127) -> tuple[np.ndarray, np.ndarray]:
    """int8 steps up to `end`, and float32 scales [C, 1, ..], of a weight [C, ..]: least squared error over `_CLIPS`."""
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    largest = np.maximum(np.abs(flat).max(1), 1e-12)
    best = np.full(len(flat), np.inf)
    scales = np.empty(len(flat))
    for clip in _CLIPS:
        scale = largest * clip / end
        rounded = np.rint(flat / scale[:, None]).clip(-end, end) * scale[:, None]
        error = ((rounded - flat) ** 2).sum(1)
        better = error < best
        best[better], scales[better] = error[better], scale[better]
    scale32 = scales.astype(np.float32)
    whole = np.rint(flat / scale32[:, None]).clip(-end, end).astype(np.int8)
    return whole.reshape(weight.shape), scale32.reshape(-1, *[1] * (weight.ndim - 1))


def rounded(weight: np.ndarray) -> np.ndarray:
    """The float32 weight that comes out when `weight` [C, ..] was stored in 8 bits; small ones are kept."""
    if weight.size < _LEAST_BYTES:
        return weight
    whole, scale = steps(weight)
    return (whole * scale).astype(np.float32)


# Note [Weights in 8 bits]
# ONNX has DequantizeLinear for this, but ONNX Runtime would keep it in the graph and decode the weights at every call.
# Cast, Sub and Mul of constants are folded once by every runtime. The steps are uint8 around 128 because TensorRT takes
# an int8 constant without DequantizeLinear for a mistake.
_MIDDLE = 128


def store_as_bytes(model: onnx.ModelProto, end: int = 127) -> None:
    """Stores the weights of convolutions and matrix products in 8 bits, all else as fp16; see Note [Weights in 8 bits].

    Args:
        model: changed in place.
        end: largest step; with 63 a weight has 7 bits, which a zip packs.
    """
    graph = model.graph
    turned = {node.input[1] for node in graph.node if node.op_type == "MatMul"}  # [in, out]
    weights = turned | {node.input[1] for node in graph.node if node.op_type == "Conv"}
    nodes, scales = [], []
    for tensor in graph.initializer:
        if tensor.name not in weights or np.prod(tensor.dims) < _LEAST_BYTES:
            continue
        name = tensor.name
        weight = numpy_helper.to_array(tensor)
        whole, scale = steps(weight.T if name in turned else weight, end)
        if name in turned:
            whole, scale = whole.T, scale.T
        unsigned = (whole.astype(np.int16) + _MIDDLE).astype(np.uint8)
        tensor.CopyFrom(numpy_helper.from_array(unsigned, name + "_q"))
        scales.append(numpy_helper.from_array(scale, name + "_s"))
        nodes.append(onnx.helper.make_node("Cast", [name + "_q"], [name + "_f"], to=onnx.TensorProto.FLOAT))
        nodes.append(onnx.helper.make_node("Sub", [name + "_f", "middle"], [name + "_c"]))
        nodes.append(onnx.helper.make_node("Mul", [name + "_c", name + "_s"], [name]))
    scales.append(numpy_helper.from_array(np.float32(_MIDDLE), "middle"))
    graph.initializer.extend(scales)
    store_as_half(model, skip=frozenset(scale.name for scale in scales))
    _insert_first(graph, nodes)


def shorten_names(model: onnx.ModelProto) -> None:
    """Gives tensors and nodes short names; they are a good part of a small file."""
    graph = model.graph
    keep = {value.name for value in [*graph.input, *graph.output]}
    short: dict[str, str] = {}
    for tensor in graph.initializer:
        short[tensor.name] = f"w{len(short)}"
    for node in graph.node:
        for name in node.output:
            if name not in keep and name not in short:
                short[name] = f"t{len(short)}"
    for tensor in graph.initializer:
        tensor.name = short[tensor.name]
    for number, node in enumerate(graph.node):
        node.name, node.doc_string = f"n{number}", ""
        node.input[:] = [short.get(name, name) for name in node.input]
        node.output[:] = [short.get(name, name) for name in node.output]
    graph.ClearField("value_info")


def _insert_first(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    for position, node in enumerate(nodes):
        graph.node.insert(position, node)
