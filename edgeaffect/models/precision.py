"""The precision that an ONNX file's graph is written in, told by its metadata."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .._checks import show
from ..errors import Error
from . import metadata

PRECISION_KEY = "edgeaffect.precision"
"""ONNX metadata: `fp32` (also when absent), `fp16` or `int8`, written by the exporter that changed the graph."""
PRECISIONS = ("fp32", "fp16", "int8")
INTEGERS_KEY = "edgeaffect.integers"
"""ONNX metadata of an int8 graph: the runtime whose rules it follows, `tensorrt` or `onnxruntime`."""


@dataclass(frozen=True)
class GraphPrecision:
    """What a file says about the numbers in its graph."""

    name: str = "fp32"
    """One of `PRECISIONS`."""
    integers: str | None = None
    """The runtime whose rules an int8 graph follows."""


def read_precision(onnx_path: str | os.PathLike[str]) -> GraphPrecision:
    """What the file says its graph is written in.

    Raises:
        Error: it names a precision that there is none of.
    """
    facts = metadata.read(onnx_path)
    name = facts.get(PRECISION_KEY, "fp32")
    if name not in PRECISIONS:
        raise Error(f"{onnx_path}: metadata {PRECISION_KEY} must be one of {', '.join(PRECISIONS)}; got {show(name)}")
    return GraphPrecision(name, facts.get(INTEGERS_KEY))


def graph_precision(onnx_path: str | os.PathLike[str]) -> str:
    """Name of the precision that the file says its graph is written in."""
    return read_precision(onnx_path).name


def refuse_cpu_integers(onnx_path: str | os.PathLike[str], precision: GraphPrecision | None = None) -> None:
    """Raise Error for an int8 graph that was made for ONNX Runtime on a CPU.

    Args:
        onnx_path: the file.
        precision: what it says, if that has been read already.
    """
    if (precision or read_precision(onnx_path)).integers == "onnxruntime":
        raise Error(
            f"{Path(onnx_path).name} holds the integers that ONNX Runtime wants on a CPU, and TensorRT takes no others "
            "than its own: use the float32 file, or convert that one with "
            "`python -m edgeaffect.export.precision IN.onnx OUT.onnx --precision int8 --backend tensorrt`"
        )
