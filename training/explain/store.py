"""Weights of the explainer's files in 8 bits: convolutions, matrices and the table of words; all else as fp16.

See Note [Weights in 8 bits] of `training.storage`: storage only, any runtime turns them back once while it loads.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from training.storage import steps, store_as_half

_LEAST, _MIDDLE = 1024, 128
# Operator -> (place of the weight, axis of its outputs): each output has a scale of its own.
_AXES = {"Conv": (1, 0), "Gemm": (1, 0), "MatMul": (1, 1), "Gather": (0, 0)}


def output_axes(graph: onnx.GraphProto) -> dict[str, int]:
    """Weight -> the axis of its outputs.

    A table that is looked up and multiplied by has rows for outputs in both: the first node decides.
    """
    found: dict[str, int] = {}
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    types = {tensor.name: tensor.data_type for tensor in graph.initializer}
    for node in graph.node:
        place, axis = _AXES.get(node.op_type, (0, -1))
        if node.op_type == "MatMul" and node.input[0] in shapes:
            place, axis = 0, 0
        if axis < 0 or len(node.input) <= place:
            continue
        name = node.input[place]
        if types.get(name) != onnx.TensorProto.FLOAT or np.prod(shapes[name]) < _LEAST or len(shapes[name]) < 2:
            continue
        if node.op_type == "Gemm" and not any(a.name == "transB" and a.i for a in node.attribute):
            axis = 1
        found.setdefault(name, axis)
    return found


def store_weights(model: onnx.ModelProto) -> None:
    """Stores large weights as uint8 steps around 128 with a float32 scale per output, everything else as fp16."""
    graph = model.graph
    axes = output_axes(graph)
    nodes, constants = [], []
    for tensor in graph.initializer:
        if tensor.name not in axes:
            continue
        name, axis = tensor.name, axes[tensor.name]
        weight = numpy_helper.to_array(tensor)
        whole, scale = steps(np.ascontiguousarray(np.moveaxis(weight, axis, 0)))
        whole, scale = np.moveaxis(whole, 0, axis), np.moveaxis(scale, 0, axis)
        unsigned = np.ascontiguousarray((whole.astype(np.int16) + _MIDDLE).astype(np.uint8))
        tensor.CopyFrom(numpy_helper.from_array(unsigned, name + "_q"))
        constants.append(numpy_helper.from_array(np.ascontiguousarray(scale), name + "_s"))
        nodes.append(onnx.helper.make_node("Cast", [name + "_q"], [name + "_f"], to=onnx.TensorProto.FLOAT))
        nodes.append(onnx.helper.make_node("Sub", [name + "_f", "middle"], [name + "_c"]))
        nodes.append(onnx.helper.make_node("Mul", [name + "_c", name + "_s"], [name]))
    constants.append(numpy_helper.from_array(np.float32(_MIDDLE), "middle"))
    graph.initializer.extend(constants)
    store_as_half(model, skip=frozenset(constant.name for constant in constants))
    for place, node in enumerate(nodes):
        graph.node.insert(place, node)


def fuse_copies(model: onnx.ModelProto) -> None:
    """Gives equal constants one name: the exporter writes a shared table once per use."""
    graph = model.graph
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    same: dict[str, str] = {}
    kept = []
    for tensor in graph.initializer:
        key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
        if key in first:
            same[tensor.name] = first[key]
        else:
            first[key] = tensor.name
            kept.append(tensor)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for node in graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
