"""`OnnxNet`: an ONNX graph as a PyTorch module, for the operators of the bundled float models. Test and benchmark only.

What depends on constants alone is computed at load. `forward` neither copies from the host nor waits, so that a CUDA
graph can record it: all parameters of operators are Python numbers by then, all tensors are on the device.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

from edgeaffect.runtime.session import TensorInfo

Tensor = torch.Tensor
Values = Sequence[Tensor | None]
"""A node's inputs; None where one is left out, and, while a node is read, where it is not a constant."""

_DTYPES = {
    onnx.TensorProto.FLOAT: torch.float32, onnx.TensorProto.FLOAT16: torch.float16, onnx.TensorProto.INT8: torch.int8,
    onnx.TensorProto.UINT8: torch.uint8, onnx.TensorProto.INT32: torch.int32, onnx.TensorProto.INT64: torch.int64,
}  # fmt: skip


class _Step(NamedTuple):
    apply: Callable[..., Tensor]
    inputs: tuple[str, ...]
    """Empty where one is left out."""
    output: str
    dead: tuple[str, ...]
    """Values that are not needed afterwards."""


class OnnxNet(nn.Module):
    """The graph of an ONNX file with one input; `forward` takes it and returns all outputs in their order.

    Raises:
        NotImplementedError: an operator, or an attribute of one, that the bundled models do not use.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        model = onnx.load(os.fspath(path))
        opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        if not 13 <= opset <= 17:
            raise NotImplementedError(f"opset {opset}: operators are read as opsets 13 to 17 mean them")
        graph = model.graph
        (entry,) = graph.input
        self.inputs = {entry.name: _info(entry)}
        self.outputs = {output.name: _info(output) for output in graph.output}
        known = {one.name: _constant(onnx.numpy_helper.to_array(one)) for one in graph.initializer}
        wanted = {name for node in graph.node for name in node.input} | set(self.outputs)
        nodes = []
        for node in graph.node:
            apply = _read(node, [known.get(name) for name in node.input])
            output, *others = node.output
            if wanted.intersection(others):
                raise NotImplementedError(f"operator {node.op_type} of which {others} are used")
            if all(name in known for name in node.input if name):
                known[output] = apply(*(known.get(name) for name in node.input))
            else:
                nodes.append((apply, tuple(node.input), output))
        # Under names without dots, which buffers must have.
        renamed: dict[str, str] = {}
        for _, inputs, _ in nodes:
            for name in inputs:
                if name in known and name not in renamed:
                    renamed[name] = f"constant{len(renamed)}"
                    self.register_buffer(renamed[name], known[name])
        self._entry = entry.name
        self._steps: list[_Step] = []
        needed = set(self.outputs)
        for apply, inputs, output in reversed(nodes):
            dead = tuple({name for name in inputs if name and name not in known} - needed)
            needed.update(dead)
            self._steps.insert(0, _Step(apply, tuple(renamed.get(name, name) for name in inputs), output, dead))

    def forward(self, image: Tensor) -> list[Tensor]:
        values: dict[str, Any] = {**self._buffers, "": None, self._entry: image}
        for step in self._steps:
            values[step.output] = step.apply(*(values[name] for name in step.inputs))
            for name in step.dead:
                del values[name]
        return [values[name] for name in self.outputs]


def _info(value: Any) -> TensorInfo:
    """As ONNX Runtime tells it."""
    kind = value.type.tensor_type
    shape = tuple(d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim)
    return TensorInfo(value.name, shape, onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))


def _constant(array: Any) -> Tensor:
    return torch.from_numpy(np.array(array))  # a copy: ONNX's may be read-only


def _read(node: Any, constants: Values) -> Callable[..., Tensor]:
    """What the node does, as a function of its inputs."""
    if node.op_type not in _OPERATORS or node.domain not in ("", "ai.onnx"):
        raise NotImplementedError(f"operator {node.op_type}")
    attributes = _Attributes(node)
    apply = _OPERATORS[node.op_type](attributes, constants)
    attributes.check_all_read()
    return apply


class _Attributes:
    """Attributes of one node; every one must be read, or what it asks for would silently not happen."""

    def __init__(self, node: Any) -> None:
        self._operator = node.op_type
        self._values = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}

    def take(self, name: str, default: Any) -> Any:
        value = self._values.pop(name, default)
        return value.decode() if isinstance(value, bytes) else list(value) if isinstance(default, list) else value

    def only(self, name: str, allowed: Any, default: Any) -> None:
        """Read one that must have, or be left at, one value."""
        value = self.take(name, default)
        if value != allowed:
            self.refuse(name, value)

    def pads(self) -> tuple[int, int]:
        """Top and left, which must be those of the bottom and right."""
        self.only("auto_pad", "NOTSET", "NOTSET")
        top, left, *rest = pads = self.take("pads", [0, 0, 0, 0])
        if rest != [top, left]:
            self.refuse("pads", pads)
        return top, left

    def refuse(self, name: str, value: Any) -> None:
        raise NotImplementedError(f"operator {self._operator} with {name}={value!r}")

    def check_all_read(self) -> None:
        for name, value in self._values.items():
            self.refuse(name, value)


def _numbers(a: _Attributes, name: str, value: Tensor | None) -> list[Any]:
    """An input that must be a constant."""
    if value is None:
        a.refuse(name, "computed, or left out")
    assert value is not None
    return [number.item() for number in value.reshape(-1)]


# --- operators: (attributes, constants among the inputs) -> function of the inputs

Operator = Callable[[_Attributes, Values], Callable[..., Tensor]]


def _plain(function: Callable[..., Tensor]) -> Operator:
    """An operator without attributes."""
    return lambda a, constants: function


def _constant_node(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    value = _constant(onnx.numpy_helper.to_array(a.take("value", None)))
    return lambda: value


def _cast(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    to = a.take("to", 0)
    if to not in _DTYPES:
        a.refuse("to", to)
    return lambda x: x.to(_DTYPES[to])


def _divide(x: Tensor, y: Tensor) -> Tensor:
    if not x.is_floating_point():
        raise NotImplementedError("operator Div of integers")
    return x / y


def _conv(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    a.take("kernel_shape", [])  # that of the weights
    options = {
        "padding": a.pads(), "stride": a.take("strides", [1, 1]), "dilation": a.take("dilations", [1, 1]),
        "groups": a.take("group", 1),
    }  # fmt: skip
    return lambda x, weight, bias=None: functional.conv2d(x, weight, bias, **options)


def _max_pool(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    a.only("storage_order", 0, 0)
    options = {
        "kernel_size": a.take("kernel_shape", [1, 1]), "stride": a.take("strides", [1, 1]), "padding": a.pads(),
        "dilation": a.take("dilations", [1, 1]), "ceil_mode": bool(a.take("ceil_mode", 0)),
    }  # fmt: skip
    return lambda x: functional.max_pool2d(x, **options)


def _average_pool(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    a.only("ceil_mode", 0, 0)  # the two do not agree on the windows that stand over
    options = {
        "kernel_size": a.take("kernel_shape", [1, 1]), "stride": a.take("strides", [1, 1]), "padding": a.pads(),
        "count_include_pad": bool(a.take("count_include_pad", 0)),
    }  # fmt: skip
    return lambda x: functional.avg_pool2d(x, **options)


def _global_average_pool(x: Tensor) -> Tensor:
    return x.mean(tuple(range(2, x.dim())), keepdim=True)


def _slice(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    starts, ends = (_numbers(a, name, constants[i]) for i, name in ((1, "starts"), (2, "ends")))
    axes = _numbers(a, "axes", constants[3]) if len(constants) > 3 else list(range(len(starts)))
    steps = _numbers(a, "steps", constants[4]) if len(constants) > 4 else [1] * len(starts)
    if min(steps) < 1:
        a.refuse("steps", steps)
    parts = list(zip(axes, (slice(*part) for part in zip(starts, ends, steps, strict=True)), strict=True))

    def apply(x: Tensor, *_: Tensor) -> Tensor:
        where = [slice(None)] * x.dim()
        for axis, part in parts:
            where[axis] = part
        return x[tuple(where)]

    return apply


def _clip(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    low, high = ((*constants[1:], None, None))[:2]
    bounds = [None if bound is None else float(bound) for bound in (low, high)]

    def apply(x: Tensor, *given: Tensor | None) -> Tensor:
        if [g is None for g in (*given, None, None)[:2]] != [b is None for b in bounds]:
            raise NotImplementedError("operator Clip with a computed bound")
        return x.clamp(*bounds)

    return apply


def _concat(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    axis = a.take("axis", 0)
    return lambda *x: torch.cat(x, axis)


def _resize(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    a.only("mode", "nearest", "nearest")
    a.only("coordinate_transformation_mode", "asymmetric", "half_pixel")
    a.only("nearest_mode", "floor", "round_prefer_floor")
    for name in ("cubic_coeff_a", "extrapolation_value", "exclude_outside"):
        a.take(name, 0)  # of other modes
    scales = _numbers(a, "scales", constants[2] if len(constants) == 3 else None)
    if len(scales) != 4 or scales[:2] != [1, 1]:
        a.refuse("scales", scales)
    return lambda x, *_: functional.interpolate(x, scale_factor=tuple(scales[2:]), mode="nearest")


def _softmax(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    axis = a.take("axis", -1)
    return lambda x: x.softmax(axis)


def _log_softmax(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    axis = a.take("axis", -1)
    return lambda x: x.log_softmax(axis)


def _top_k(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    """The values alone."""
    a.only("largest", 1, 1)
    a.only("sorted", 1, 1)
    axis, (count,) = a.take("axis", -1), _numbers(a, "k", constants[1])
    return lambda x, *_: x.topk(int(count), axis).values


def _flatten(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    axis = a.take("axis", 1)
    return lambda x: x.reshape(math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))


def _gemm(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    options = {"alpha": a.take("alpha", 1.0), "beta": a.take("beta", 1.0)}
    turn_x, turn_y = a.take("transA", 0), a.take("transB", 0)

    def apply(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return torch.addmm(z, x.t() if turn_x else x, y.t() if turn_y else y, **options)

    return apply


def _reduce_sum(a: _Attributes, constants: Values) -> Callable[..., Tensor]:
    a.only("noop_with_empty_axes", 0, 0)
    keep, axes = bool(a.take("keepdims", 1)), tuple(_numbers(a, "axes", (*constants, None)[1]))
    return lambda x, *_: x.sum(axes, keepdim=keep)


_OPERATORS: dict[str, Operator] = {
    "Add": _plain(torch.add),
    "AveragePool": _average_pool,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Constant": _constant_node,
    "Conv": _conv,
    "Div": _plain(_divide),
    "Exp": _plain(torch.exp),
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GlobalAveragePool": _plain(_global_average_pool),
    "LogSoftmax": _log_softmax,
    "MatMul": _plain(torch.matmul),
    "MaxPool": _max_pool,
    "Mul": _plain(torch.mul),
    "ReduceSum": _reduce_sum,
    "Relu": _plain(torch.relu),
    "Resize": _resize,
    "Sigmoid": _plain(torch.sigmoid),
    "Slice": _slice,
    "Softmax": _softmax,
    "Sqrt": _plain(torch.sqrt),
    "Sub": _plain(torch.sub),
    "TopK": _top_k,
}
