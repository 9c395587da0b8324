"""One operator set for everything that is exported."""

from __future__ import annotations

import onnx
from onnx import version_converter

from ..errors import GraphError
from ..graph import opset

# LayerNormalization is one node from 17 on; PyTorch's newer exporter writes 18; ONNX Runtime 1.14 and
# TensorRT 10 read it.
OPSET = 18


def convert_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model at `OPSET`; the same object when it is there already.

    Raises:
        GraphError: an operator has no conversion.
    """
    if opset(model) == OPSET:
        return model
    try:
        return version_converter.convert_version(model, OPSET)
    except (RuntimeError, ValueError, onnx.checker.ValidationError) as error:
        raise GraphError(f"opset {opset(model)} cannot be converted to {OPSET}: {error}") from error
