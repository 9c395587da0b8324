"""Constant folding, and biases that were quantised to int32."""

from __future__ import annotations

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from ..graph import Graph, attribute, opset

# Folding these would undo a quantisation, or fix what must be drawn at run time.
_KEPT = {
    "Bernoulli", "DequantizeLinear", "Multinomial", "QuantizeLinear", "RandomNormal", "RandomNormalLike",
    "RandomUniform", "RandomUniformLike",
}  # fmt: skip
# Constants may grow by broadcasting; beyond this size the file would, too.
_MAX_GROWTH_BYTES = 1 << 20


def fold_constants(model: onnx.ModelProto) -> int:
    """Replace nodes whose inputs are all constant by their value, in place; returns how many."""
    graph = Graph(model)
    kept: list[onnx.NodeProto] = []
    folded = 0
    for node in model.graph.node:
        values = _fold(graph, node, opset(model))
        if values is None:
            kept.append(node)
            continue
        folded += 1
        for name, value in zip(node.output, values, strict=False):
            if name:
                graph.define(name, value)
    graph.replace_nodes(kept)
    return folded


def _fold(graph: Graph, node: onnx.NodeProto, version: int) -> list[np.ndarray] | None:
    if node.domain not in ("", "ai.onnx") or node.op_type in _KEPT:
        return None
    if any(a.HasField("g") or a.graphs for a in node.attribute):
        return None
    inputs = {name: graph.constant(name) for name in node.input if name}
    if any(value is None for value in inputs.values()):
        return None
    if node.op_type == "Constant":
        value = graph.constant(node.output[0])
        return None if value is None else [np.asarray(value)]
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            [node],
            "fold",
            [onnx.helper.make_value_info(name, onnx.TypeProto()) for name in inputs],
            [onnx.helper.make_value_info(name, onnx.TypeProto()) for name in node.output if name],
        ),
        opset_imports=[onnx.helper.make_opsetid("", version)],
    )
    values = [np.asarray(value) for value in ReferenceEvaluator(model).run(None, inputs)]
    size = sum(np.asarray(value).nbytes for value in inputs.values())
    return values if sum(value.nbytes for value in values) <= size + _MAX_GROWTH_BYTES else None


def dequantize_int32_bias(model: onnx.ModelProto) -> int:
    """Replace DequantizeLinear of a constant int32 tensor by its float value, in place; returns how many.

    Quantisers store biases as int32 with scale = input scale * weight scale; TensorRT's parser takes only 8-bit
    (and narrower) tensors there. The value is the same: real = (stored - zero point) * scale.
    """
    graph = Graph(model)
    kept: list[onnx.NodeProto] = []
    replaced = 0
    for node in model.graph.node:
        stored = graph.constant(node.input[0]) if node.op_type == "DequantizeLinear" else None
        scale = graph.constant(node.input[1]) if stored is not None else None
        if stored is None or scale is None or stored.dtype != np.int32:
            kept.append(node)
            continue
        point = graph.constant(node.input[2]) if len(node.input) > 2 and node.input[2] else None
        axis = attribute(node, "axis", 1)
        assert isinstance(axis, int)
        whole = stored.astype(np.float64)
        if point is not None:
            whole -= _along(point, stored.ndim, axis)
        real = whole * _along(scale, stored.ndim, axis)
        graph.define(node.output[0], real.astype(scale.dtype))
        replaced += 1
    graph.replace_nodes(kept)
    return replaced


def _along(values: np.ndarray, rank: int, axis: int) -> np.ndarray:
    """Per-tensor or per-channel values, shaped to broadcast along `axis`."""
    if values.size == 1:
        return values.astype(np.float64).reshape(())
    shape = [1] * rank
    shape[axis] = values.size
    return values.astype(np.float64).reshape(shape)
