"""Network -> ONNX graph, as every recipe exports it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

import onnx
import torch
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
