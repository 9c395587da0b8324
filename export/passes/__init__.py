"""ONNX graph passes that make a model acceptable to TensorRT's parser without changing what it computes."""

from __future__ import annotations

import onnx

from .batch import free_batch
from .constants import dequantize_int32_bias, fold_constants
from .einsum import rewrite_einsum
from .opset import OPSET, convert_opset

__all__ = [
    "OPSET",
    "convert_opset",
    "dequantize_int32_bias",
    "fold_constants",
    "for_tensorrt",
    "free_batch",
    "rewrite_einsum",
]


def for_tensorrt(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy of a model that the parsers of TensorRT 10 and TensorRT for RTX take; still standard ONNX.

    Raises:
        GraphError: the graph holds something that no pass can rewrite.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy = convert_opset(copy)
    # Folding first: the other passes read constant shapes, equations' operand shapes and biases.
    fold_constants(copy)
    rewrite_einsum(copy)
    dequantize_int32_bias(copy)
    free_batch(copy)
    onnx.checker.check_model(copy)
    return copy
