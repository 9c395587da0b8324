"""Adds nodes to an ONNX graph without the `onnx` package, by the protobuf wire format.

In protobuf a message that is followed by more fields of its kind is that message with these fields appended to its
lists. So new nodes, constants and outputs go behind the bytes of the graph (field 7 of `ModelProto`) as they are, and
nothing of the old graph is read or changed. Nodes stay in topological order, because new ones come last.
(Field numbers: onnx/onnx.proto, stable since IR version 1.)
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files import atomic_writer, open_binary
from ..errors import SpecError
from .metadata import BYTES, checked_size, encode_bytes, encode_varint, walk

_GRAPH = 7
_NODE, _INITIALIZER, _OUTPUT = 1, 5, 12
_FLOAT = 1  # TensorProto.DataType
_ATTRIBUTE_KINDS = {"f": 1, "i": 2, "ints": 7}
_MAX_GRAPH = 1 << 30


@dataclass(frozen=True)
class Node:
    """One operator of the default domain."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, int | float | Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Addition:
    """What goes behind a graph."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, NDArray[np.float32]]
    outputs: Mapping[str, int]
    """Name of a new float32 output [batch, columns] -> columns."""


def append_to_graph(source: str | os.PathLike[str], target: str | os.PathLike[str], addition: Addition) -> None:
    """Write `source` with more nodes, constants and outputs to `target`, whole or not at all.

    Args:
        source: ONNX file.
        target: where the new one goes; may be `source`.
        addition: names must be new; who loads the result finds out.

    Raises:
        SpecError: `source` is no ONNX file, or it has not one graph.
    """
    size = checked_size(source)
    if size > _MAX_GRAPH:
        raise SpecError(f"{source} has {size} bytes; heads are added to models of at most {_MAX_GRAPH >> 20} MB")
    with open_binary(source) as stream:
        content = stream.read()
    added = _encode(addition)
    parts: list[bytes] = []
    graphs = 0
    stream = io.BytesIO(content)
    for number, wire, start, end in walk(stream, len(content)):
        if number == _GRAPH and wire == BYTES:
            graphs += 1
            parts.append(encode_bytes(_GRAPH, content[stream.tell() : end] + added))
        else:
            parts.append(content[start:end])
    if graphs != 1:
        raise SpecError(f"{source} has {graphs} graphs: it is no ONNX model that a head can be added to")
    with atomic_writer(Path(target)) as out:
        out.write(b"".join(parts))


def _encode(addition: Addition) -> bytes:
    return b"".join(
        [
            *(encode_bytes(_NODE, _node(node)) for node in addition.nodes),
            *(encode_bytes(_INITIALIZER, _tensor(name, values)) for name, values in addition.constants.items()),
            *(encode_bytes(_OUTPUT, _output(name, columns)) for name, columns in addition.outputs.items()),
        ]
    )


def _text(number: int, text: str) -> bytes:
    return encode_bytes(number, text.encode())


def _whole(number: int, value: int) -> bytes:
    return encode_varint(number << 3) + encode_varint(value)


def _node(node: Node) -> bytes:
    return b"".join(
        [
            *(_text(1, name) for name in node.inputs),
            *(_text(2, name) for name in node.outputs),
            _text(3, node.outputs[0]),
            _text(4, node.operator),
            *(encode_bytes(5, _attribute(name, value)) for name, value in node.attributes.items()),
        ]
    )


def _attribute(name: str, value: Any) -> bytes:
    if isinstance(value, float):
        kind, content = "f", encode_varint(2 << 3 | 5) + struct.pack("<f", value)
    elif isinstance(value, int):
        kind, content = "i", _whole(3, value & (1 << 64) - 1)
    else:
        kind, content = "ints", b"".join(_whole(8, entry & (1 << 64) - 1) for entry in value)
    return _text(1, name) + content + _whole(20, _ATTRIBUTE_KINDS[kind])


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    raw = np.ascontiguousarray(values, "<f4")
    dims = b"".join(_whole(1, length) for length in values.shape)
    return dims + _whole(2, _FLOAT) + _text(8, name) + encode_bytes(9, raw.tobytes())


def _output(name: str, columns: int) -> bytes:
    shape = encode_bytes(1, _text(2, "n")) + encode_bytes(1, _whole(1, columns))
    tensor = _whole(1, _FLOAT) + encode_bytes(2, shape)
    return _text(1, name) + encode_bytes(2, encode_bytes(1, tensor))
