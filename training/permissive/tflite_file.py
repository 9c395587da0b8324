"""Reads a TensorFlow Lite file into plain data: tensors, constants and operators, without TensorFlow.

The format is a FlatBuffer with the published schema `tensorflow/lite/schema/schema.fbs`; only what the converter needs
is read. Field numbers below are positions in that schema's tables.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

IDENTIFIER = b"TFL3"
DTYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<f4"), 1: np.dtype("<f2"), 2: np.dtype("<i4"), 4: np.dtype("<i8")}
OPERATORS = {
    0: "ADD", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE", 14: "LOGISTIC",
    17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 22: "RESHAPE", 34: "PAD", 39: "TRANSPOSE", 40: "MEAN", 41: "SUB",
    42: "DIV", 45: "STRIDED_SLICE", 54: "PRELU", 59: "NEG", 74: "SUM", 75: "SQRT", 76: "RSQRT",
    99: "SQUARED_DIFFERENCE",
}  # fmt: skip
# Options of an operator: name, position, format of `struct`, default.
_WINDOW = (("padding", 0, "b", 0), ("stride_w", 1, "i", 0), ("stride_h", 2, "i", 0))
OPTIONS: dict[str, tuple[tuple[str, int, str, int], ...]] = {
    "CONV_2D": (*_WINDOW, ("activation", 3, "b", 0), ("dilation_w", 4, "i", 1), ("dilation_h", 5, "i", 1)),
    "DEPTHWISE_CONV_2D": (
        *_WINDOW, ("multiplier", 3, "i", 0), ("activation", 4, "b", 0), ("dilation_w", 5, "i", 1),
        ("dilation_h", 6, "i", 1),
    ),
    "MAX_POOL_2D": (*_WINDOW, ("filter_w", 3, "i", 0), ("filter_h", 4, "i", 0), ("activation", 5, "b", 0)),
    "CONCATENATION": (("axis", 0, "i", 0), ("activation", 1, "b", 0)),
    "MEAN": (("keep_dims", 0, "b", 0),),
    "SUM": (("keep_dims", 0, "b", 0),),
    "STRIDED_SLICE": (("begin_mask", 0, "i", 0), ("end_mask", 1, "i", 0), ("shrink_axis_mask", 4, "i", 0)),
    **{name: (("activation", 0, "b", 0),) for name in ("ADD", "SUB", "MUL", "DIV")},
}  # fmt: skip


@dataclass(frozen=True)
class Operator:
    """One node: tensors by number, options by name."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A network in TensorFlow's layout (pictures NHWC, kernels OHWI).

    Attributes:
        shapes: shape of every tensor.
        constants: stored values by tensor number.
        inputs, outputs: tensor numbers.
    """

    shapes: tuple[tuple[int, ...], ...]
    constants: dict[int, np.ndarray]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class _Table:
    """A table of the FlatBuffer: fields are found through its list of offsets."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data, self.position = data, position
        self.offsets = position - struct.unpack_from("<i", data, position)[0]
        self.length = struct.unpack_from("<H", data, self.offsets)[0]

    def _place(self, number: int) -> int:
        entry = 4 + 2 * number
        shift = struct.unpack_from("<H", self.data, self.offsets + entry)[0] if entry < self.length else 0
        return self.position + shift if shift else 0

    def scalar(self, number: int, form: str, default: int = 0) -> int:
        place = self._place(number)
        return int(struct.unpack_from("<" + form, self.data, place)[0]) if place else default

    def _follow(self, place: int) -> int:
        return place + int(struct.unpack_from("<I", self.data, place)[0])

    def table(self, number: int) -> _Table | None:
        place = self._place(number)
        return _Table(self.data, self._follow(place)) if place else None

    def tables(self, number: int) -> list[_Table]:
        place = self._place(number)
        if not place:
            return []
        start = self._follow(place)
        count = struct.unpack_from("<I", self.data, start)[0]
        return [_Table(self.data, self._follow(start + 4 + 4 * i)) for i in range(count)]

    def array(self, number: int, dtype: str) -> np.ndarray:
        place = self._place(number)
        if not place:
            return np.zeros(0, dtype)
        start = self._follow(place)
        count = struct.unpack_from("<I", self.data, start)[0]
        return np.frombuffer(self.data, dtype, count, start + 4)


def read(data: bytes) -> Graph:
    """The first graph of a file.

    Raises:
        ValueError: not a TensorFlow Lite file, or it holds an operator or a type that is not known here.
    """
    if data[4:8] != IDENTIFIER:
        raise ValueError("not a TensorFlow Lite file: its identifier is not TFL3")
    model = _Table(data, struct.unpack_from("<I", data, 0)[0])
    kinds = [max(code.scalar(0, "b"), code.scalar(3, "i")) for code in model.tables(1)]
    graph = model.tables(2)[0]
    buffers = [buffer.array(0, "u1") for buffer in model.tables(4)]
    shapes: list[tuple[int, ...]] = []
    constants: dict[int, np.ndarray] = {}
    for number, tensor in enumerate(graph.tables(0)):
        shape = tuple(int(n) for n in tensor.array(0, "<i4"))
        shapes.append(shape)
        stored = buffers[tensor.scalar(2, "I")]
        if stored.size:
            kind = tensor.scalar(1, "b")
            if kind not in DTYPES:
                raise ValueError(f"tensor {number} has type {kind} of the schema, known are {sorted(DTYPES)}")
            constants[number] = np.frombuffer(stored, DTYPES[kind]).reshape(shape)
    operators = tuple(_operator(table, kinds) for table in graph.tables(3))
    inputs, outputs = (tuple(int(i) for i in graph.array(number, "<i4")) for number in (1, 2))
    return Graph(tuple(shapes), constants, operators, inputs, outputs)


def _operator(table: _Table, kinds: list[int]) -> Operator:
    code = kinds[table.scalar(0, "I")]
    if code not in OPERATORS:
        raise ValueError(f"operator {code} of the schema is not known here; known: {', '.join(OPERATORS.values())}")
    kind = OPERATORS[code]
    stored: Any = table.table(4)
    options = {
        name: stored.scalar(place, form, default) if stored else default
        for name, place, form, default in OPTIONS.get(kind, ())
    }
    inputs, outputs = (tuple(int(i) for i in table.array(number, "<i4")) for number in (1, 2))
    return Operator(kind, inputs, outputs, options)
