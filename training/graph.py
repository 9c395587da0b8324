"""Network -> ONNX graph, as every recipe exports it, and what such a graph costs."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from edgeaffect.export.precision.layers import load_float_graph
from torch import nn


def to_onnx(network: nn.Module, probe: torch.Tensor, axes: Mapping[str, Mapping[int, str]]) -> onnx.ModelProto:
    """The graph of a network that takes one tensor, `image`.

    Args:
        network: in evaluation mode.
        probe: an input to trace with.
        axes: names of the free axes of `image` and of every output, in the order of the outputs.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that keeps Conv + bias + Relu in the plain form is "legacy"
        torch.onnx.export(
            network,
            (probe,),
            buffer,  # type: ignore[arg-type]  # the legacy exporter writes to streams too
            input_names=["image"],
            output_names=[name for name in axes if name != "image"],
            opset_version=17,
            dynamo=False,
            dynamic_axes=axes,
        )
    return onnx.load_from_string(buffer.getvalue())


def size_of(file: Path, image: tuple[int, ...] | None = None) -> tuple[int, int]:
    """Parameters, and multiply-adds of the convolutions and products, of a file that `to_onnx` began.

    Args:
        file: with stored weights, which are unfolded first: what is counted is what is multiplied.
        image: shape of the input for which free axes are counted; None for a file without any.
    """
    model = load_float_graph(file).model
    if image:
        for axis, size in zip(model.graph.input[0].type.tensor_type.shape.dim, image, strict=True):
            axis.dim_value = size
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model).graph
    dims = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    # An integer weight goes through DequantizeLinear, which is counted once, as that weight.
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in dims:
            dims[node.output[0]] = dims.pop(node.input[0])
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in graph.value_info}
    shapes |= {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in graph.output}
    parameters = macs = 0
    for node in graph.node:
        if node.op_type in ("Conv", "Gemm"):
            parameters += sum(int(np.prod(dims[name])) for name in node.input[1:])
        if node.op_type == "Conv":
            macs += int(np.prod(shapes[node.output[0]][1:]) * np.prod(dims[node.input[1]][1:]))
        elif node.op_type == "Gemm":
            macs += int(np.prod(dims[node.input[1]]))
    return parameters, macs
