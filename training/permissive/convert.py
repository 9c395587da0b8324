"""TensorFlow Lite graph -> ONNX graph, for the operators of MediaPipe's two face networks.

Two layouts. "pictures": a plain convolutional net; every tensor of four axes becomes NCHW. "tokens": a mixer whose
convolutions are all 1x1; tensors keep their axes and convolutions become matrix products. The first axis is the batch
and stays free. Weights become float32 here and are stored as float16, which they were in the source, by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from training.permissive.tflite_file import Graph, Operator

OPSET = 17
SAME, VALID = 0, 1
NO_ACTIVATION, RELU = 0, 1
Shapes = Mapping[str, Sequence[str | int | None]]
_TO_END = np.iinfo(np.int64).max


class Converter:
    """Collects ONNX nodes and constants for a part of a graph."""

    def __init__(self, graph: Graph, layout: str) -> None:
        if layout not in ("pictures", "tokens"):
            raise ValueError(f"layout is 'pictures' or 'tokens'; got {layout!r}")
        self.graph, self.pictures = graph, layout == "pictures"
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.values = {number: value.astype(np.float32) for number, value in graph.constants.items() if _real(value)}
        self.names: dict[int, str] = {}
        self.producers = {output: operator for operator in graph.operators for output in operator.outputs}

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Adds a node; returns its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        """Adds a stored value; returns its name."""
        self.constants[name] = np.array(value, order="C")
        return name

    def tensor(self, number: int) -> str:
        """ONNX name of a tensor, after emitting all that it needs."""
        if number not in self.names:
            if self._value(number) is not None:
                self.names[number] = self.constant(f"c{number}", self._laid_out(self.values[number]))
            else:
                operator = self.producers[number]
                self.names[number] = self._rule(operator.kind)(operator, f"t{number}")
        return self.names[number]

    def _value(self, number: int) -> np.ndarray | None:
        """The float32 constant behind a tensor, looking through DEQUANTIZE."""
        if number not in self.values and number in self.producers:
            operator = self.producers[number]
            if operator.kind == "DEQUANTIZE" and operator.inputs[0] in self.values:
                self.values[number] = self.values[operator.inputs[0]]
        return self.values.get(number)

    def _weights(self, number: int) -> np.ndarray:
        value = self._value(number)
        if value is None:
            raise ValueError(f"tensor {number} must be a constant")
        return value

    def _whole(self, number: int) -> np.ndarray:
        return self.graph.constants[number].ravel().astype(np.int64)

    def _laid_out(self, value: np.ndarray) -> np.ndarray:
        if not self.pictures or value.ndim < 2:
            return value
        return np.moveaxis(value, -1, value.ndim - 3)

    def _rule(self, kind: str) -> Callable[[Operator, str], str]:
        rule = getattr(self, "_" + kind.lower(), None)
        if rule is not None:
            return rule
        if kind in _ELEMENTWISE:
            return self._elementwise
        raise ValueError(f"no rule for operator {kind}")

    def _activated(self, operator: Operator, name: str, made: Callable[[str], str]) -> str:
        activation = operator.options.get("activation", NO_ACTIVATION)
        if activation == NO_ACTIVATION:
            return made(name)
        if activation != RELU:
            raise ValueError(f"activation {activation} of {operator.kind} is not known here")
        return self.emit("Relu", [made(name + "_raw")], name)

    def _elementwise(self, operator: Operator, name: str) -> str:
        inputs = [self.tensor(number) for number in operator.inputs]
        return self._activated(operator, name, lambda out: self.emit(_ELEMENTWISE[operator.kind], inputs, out))

    def _squared_difference(self, operator: Operator, name: str) -> str:
        difference = self.emit("Sub", [self.tensor(i) for i in operator.inputs], name + "_d")
        return self.emit("Mul", [difference, difference], name)

    def _prelu(self, operator: Operator, name: str) -> str:
        """Write PReLU as slope x + (1 - slope) max(x, 0): ONNX Runtime's own takes half the network's time on a CPU."""
        x, slope = (self.tensor(number) for number in operator.inputs)
        one = self.constant("one", np.float32(1))
        bent = self.emit("Mul", [x, slope], name + "_m")
        rest = self.emit("Sub", [one, slope], name + "_q")
        straight = self.emit("Mul", [self.emit("Relu", [x], name + "_r"), rest], name + "_s")
        return self.emit("Add", [bent, straight], name)

    def _rsqrt(self, operator: Operator, name: str) -> str:
        return self.emit("Reciprocal", [self.emit("Sqrt", [self.tensor(operator.inputs[0])], name + "_s")], name)

    def _conv_2d(self, operator: Operator, name: str) -> str:
        x, kernel, bias = operator.inputs
        weight = self._weights(kernel)
        if self.pictures:
            return self._convolution(operator, name, weight.transpose(0, 3, 1, 2), bias, 1)
        if weight.shape[1:3] != (1, 1):
            raise ValueError(f"kernels are 1x1 in layout 'tokens'; got {weight.shape}")
        matrix = self.constant(f"c{kernel}", weight[:, 0, 0].T)

        def made(out: str) -> str:
            product = self.emit("MatMul", [self.tensor(x), matrix], out + "_m")
            return self.emit("Add", [product, self.tensor(bias)], out)

        return self._activated(operator, name, made)

    def _depthwise_conv_2d(self, operator: Operator, name: str) -> str:
        kernel = self._weights(operator.inputs[1]).transpose(3, 0, 1, 2)
        groups = len(kernel) // operator.options["multiplier"]
        return self._convolution(operator, name, kernel, operator.inputs[2], groups)

    def _convolution(self, operator: Operator, name: str, kernel: np.ndarray, bias: int, groups: int) -> str:
        weight = self.constant(f"c{operator.inputs[1]}", kernel)
        x = self.tensor(operator.inputs[0])
        steps = operator.options
        dilations = [steps["dilation_h"], steps["dilation_w"]]
        window = [(size - 1) * d + 1 for size, d in zip(kernel.shape[2:], dilations, strict=True)]
        attributes = {
            "kernel_shape": list(kernel.shape[2:]), "strides": [steps["stride_h"], steps["stride_w"]],
            "dilations": dilations, "group": groups, "pads": self._pads(operator, window),
        }  # fmt: skip
        inputs = [x, weight, self.constant(f"c{bias}", self._weights(bias))]
        return self._activated(operator, name, lambda out: self.emit("Conv", inputs, out, **attributes))

    def _pads(self, operator: Operator, window: list[int]) -> list[int]:
        """Rows and columns added before, then after, as the padding "same" of TensorFlow says."""
        if operator.options["padding"] == VALID:
            return [0, 0, 0, 0]
        height, width = self.graph.shapes[operator.inputs[0]][1:3]
        before, after = [], []
        for size, step, reach in zip(
            (height, width), (operator.options["stride_h"], operator.options["stride_w"]), window, strict=True
        ):
            total = max((-(-size // step) - 1) * step + reach - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _max_pool_2d(self, operator: Operator, name: str) -> str:
        window = [operator.options["filter_h"], operator.options["filter_w"]]
        attributes = {
            "kernel_shape": window, "strides": [operator.options["stride_h"], operator.options["stride_w"]],
            "pads": self._pads(operator, window),
        }  # fmt: skip
        x = self.tensor(operator.inputs[0])
        return self._activated(operator, name, lambda out: self.emit("MaxPool", [x], out, **attributes))

    def _pad(self, operator: Operator, name: str) -> str:
        pads = self.graph.constants[operator.inputs[1]].astype(np.int64)
        if self.pictures:
            pads = pads[[0, 3, 1, 2]]
        return self._padded(self.tensor(operator.inputs[0]), pads, name)

    def _padded(self, x: str, pads: np.ndarray, name: str) -> str:
        return self.emit("Pad", [x, self.constant(name + "_p", pads.T.ravel())], name)

    def _mean(self, operator: Operator, name: str) -> str:
        return self._reduced(operator, name, "ReduceMean")

    def _sum(self, operator: Operator, name: str) -> str:
        axes = self.constant(name + "_a", self._axes(operator))
        return self.emit("ReduceSum", [self.tensor(operator.inputs[0]), axes], name, keepdims=1)

    def _reduced(self, operator: Operator, name: str, kind: str) -> str:
        axes = self._axes(operator).tolist()
        return self.emit(kind, [self.tensor(operator.inputs[0])], name, axes=axes, keepdims=1)

    def _axes(self, operator: Operator) -> np.ndarray:
        if self.pictures or not operator.options["keep_dims"]:
            raise ValueError(f"{operator.kind} is known in layout 'tokens' only, with its axes kept")
        axes = self._whole(operator.inputs[1])
        return np.where(axes < 0, axes + len(self.graph.shapes[operator.inputs[0]]), axes)

    def _reshape(self, operator: Operator, name: str) -> str:
        shape = np.array(self.graph.shapes[operator.outputs[0]])
        x = self.tensor(operator.inputs[0])
        if self.pictures and len(self.graph.shapes[operator.inputs[0]]) == 4:
            x = self.emit("Transpose", [x], name + "_l", perm=[0, 2, 3, 1])
        if shape[0] == self.graph.shapes[operator.inputs[0]][0] == 1:
            shape[0] = 0  # ONNX: the input's own, here the batch
        return self.emit("Reshape", [x, self.constant(name + "_n", shape)], name)

    def _transpose(self, operator: Operator, name: str) -> str:
        perm = self._whole(operator.inputs[1]).tolist()
        return self.emit("Transpose", [self.tensor(operator.inputs[0])], name, perm=perm)

    def _strided_slice(self, operator: Operator, name: str) -> str:
        x = self.tensor(operator.inputs[0])
        begin, end, step = (self._whole(number) for number in operator.inputs[1:])
        if operator.options["shrink_axis_mask"] or (step != 1).any():
            raise ValueError("STRIDED_SLICE is known with step 1 and all axes kept only")
        bits = 1 << np.arange(len(begin))
        begin = np.where(operator.options["begin_mask"] & bits, 0, begin)
        end = np.where(operator.options["end_mask"] & bits, _TO_END, end)
        cut = np.flatnonzero((begin != 0) | (end != _TO_END))
        if not len(cut):
            return x
        bounds = {"b": begin[cut], "e": end[cut], "x": cut}
        parts = [self.constant(f"{name}_{key}", value) for key, value in bounds.items()]
        return self.emit("Slice", [x, *parts], name)

    def _concatenation(self, operator: Operator, name: str) -> str:
        """Joined parts; a constant part meets a batch, so all are padded with zeros to full length and added."""
        shapes = [self.graph.shapes[number] for number in operator.inputs]
        axis = operator.options["axis"] % len(shapes[0])
        whole, before, total = sum(shape[axis] for shape in shapes), 0, ""
        for index, (number, shape) in enumerate(zip(operator.inputs, shapes, strict=True)):
            pads = np.zeros((len(shape), 2), np.int64)
            pads[axis] = before, whole - before - shape[axis]
            part = self._padded(self.tensor(number), pads, f"{name}_{index}")
            before += shape[axis]
            total = self.emit("Add", [total, part], name if before == whole else f"{name}_s{index}") if total else part
        return total


_ELEMENTWISE = {
    "ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "NEG": "Neg", "SQRT": "Sqrt", "LOGISTIC": "Sigmoid",
    "RELU": "Relu",
}  # fmt: skip


def _real(value: np.ndarray) -> bool:
    return value.dtype.kind == "f"


def finish(converter: Converter, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
    """The checked model; `inputs` and `outputs` give names and shapes (texts are free axes), all float32."""

    def values(shapes: Shapes) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n, shape in shapes.items()]

    stored = [numpy_helper.from_array(value, name) for name, value in converter.constants.items()]
    graph = helper.make_graph(converter.nodes, "network", values(inputs), values(outputs), stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model
