"""Just enough of the ONNX format to write a feed-forward network without the `onnx` package.

Field numbers: onnx/onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..models.metadata import encode_bytes, encode_varint

_FLOAT, _INT64 = 1, 7
IR_VERSION, OPSET = 8, 13


def _integer(number: int, value: int) -> bytes:
    return encode_varint(number << 3) + encode_varint(value)


def _string(number: int, value: str) -> bytes:
    return encode_bytes(number, value.encode())


def _attribute(name: str, value: int | float | str | Sequence[int]) -> bytes:
    body = _string(1, name)
    if isinstance(value, str):
        body += _string(4, value) + _integer(20, 3)
    elif isinstance(value, float):
        body += encode_varint(2 << 3 | 5) + struct.pack("<f", value) + _integer(20, 1)
    elif isinstance(value, int):
        body += _integer(3, value) + _integer(20, 2)
    else:
        body += b"".join(_integer(8, v) for v in value) + _integer(20, 7)
    return encode_bytes(5, body)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(encode_bytes(1, _string(2, d) if isinstance(d, str) else _integer(1, d)) for d in shape)
    tensor = _integer(1, _FLOAT) + encode_bytes(2, dims)
    return _string(1, name) + encode_bytes(2, encode_bytes(1, tensor))


class Graph:
    """A graph under construction; every method returns the name of what it added."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        self._inputs.append(_value(name, shape))
        return name

    def output(self, name: str, shape: Sequence[int | str]) -> None:
        """Declare an existing tensor as float32 output."""
        self._outputs.append(_value(name, shape))

    def constant(self, array: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"w{len(self._weights)}"
        kind = _INT64 if array.dtype == np.int64 else _FLOAT
        body = b"".join(_integer(1, n) for n in array.shape) + _integer(2, kind) + _string(8, name)
        self._weights.append(body + encode_bytes(9, array.tobytes()))
        return name

    def node(
        self, op: str, inputs: Sequence[str], name: str | None = None, **attributes: int | float | str | Sequence[int]
    ) -> str:
        """Append one operator with one output; "" is an absent optional input."""
        name = name or f"t{len(self._nodes)}"
        body = b"".join(_string(1, i) for i in inputs) + _string(2, name) + _string(3, name) + _string(4, op)
        self._nodes.append(body + b"".join(_attribute(k, v) for k, v in attributes.items()))
        return name

    def to_bytes(self) -> bytes:
        """The serialised ModelProto."""
        graph = b"".join(encode_bytes(1, node) for node in self._nodes) + _string(2, self._name)
        graph += b"".join(encode_bytes(5, w) for w in self._weights)
        graph += b"".join(encode_bytes(11, i) for i in self._inputs)
        graph += b"".join(encode_bytes(12, o) for o in self._outputs)
        return (
            _integer(1, IR_VERSION)
            + _string(2, "edgeaffect.bench")
            + encode_bytes(7, graph)
            + encode_bytes(8, _string(1, "") + _integer(2, OPSET))
        )
