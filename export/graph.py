"""An ONNX graph with look-ups, edited in place: what passes and changes of precision need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from .errors import GraphError

Shape = list[int | None]


class Graph:
    """A view on a model's main graph.

    Args:
        model: changed in place; nothing is changed by looking at it.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.proto = model.graph
        self.reindex()

    def copy(self) -> Graph:
        """An independent copy."""
        clone = onnx.ModelProto()
        clone.CopyFrom(self.model)
        return Graph(clone)

    def reindex(self) -> None:
        """Bring the look-ups up to date after nodes were changed."""
        nodes = self.proto.node
        self.initializers = {i.name: i for i in self.proto.initializer}
        self.producers = {name: node for node in nodes for name in node.output if name}
        self.consumers: dict[str, list[NodeProto]] = {}
        for node in nodes:
            for name in filter(None, node.input):
                self.consumers.setdefault(name, []).append(node)
        self.outputs = {o.name for o in self.proto.output}
        self._names = {*self.producers, *self.consumers, *self.initializers, *(i.name for i in self.proto.input)}

    @property
    def opset(self) -> int:
        """Version of the standard operators that the model uses."""
        return opset(self.model)

    def constant(self, name: str) -> NDArray[np.generic] | None:
        """Value of a constant tensor, or None when the name is computed or fed."""
        if name in self.initializers:
            return numpy_helper.to_array(self.initializers[name])
        node = self.producers.get(name)
        if node is None or node.op_type != "Constant" or not node.attribute:
            return None
        value = helper.get_attribute_value(node.attribute[0])
        if isinstance(value, onnx.TensorProto):
            return numpy_helper.to_array(value)
        kind = node.attribute[0].name
        dtype = np.int64 if kind in ("value_int", "value_ints") else np.float32
        return np.asarray(value, dtype) if kind.startswith(("value_int", "value_float")) else None

    def add_constant(self, value: NDArray[np.generic], hint: str) -> str:
        """Add an initializer under a name that is not taken; returns the name."""
        return self.define(self.fresh(hint), value)

    def define(self, name: str, value: NDArray[np.generic]) -> str:
        """Make `name` a constant (its producer must go); returns the name. A constant of that name keeps its value."""
        if name not in self.initializers:
            # Not np.ascontiguousarray, which makes scalars one-dimensional.
            self.proto.initializer.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
            self.initializers[name] = self.proto.initializer[-1]
            self._names.add(name)
        return name

    def fresh(self, hint: str) -> str:
        """A tensor or node name that is not taken."""
        name, count = hint, 0
        while name in self._names:
            count += 1
            name = f"{hint}_{count}"
        self._names.add(name)
        return name

    def shapes(self) -> dict[str, Shape]:
        """Inferred shapes by tensor name; None stands for a dimension that is not fixed."""
        inferred = onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        result: dict[str, Shape] = {}
        for value in (*inferred.input, *inferred.output, *inferred.value_info):
            kind = value.type.tensor_type
            if kind.HasField("shape"):
                result[value.name] = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
        result.update({name: list(i.dims) for name, i in self.initializers.items()})
        for name, node in self.producers.items():
            if node.op_type == "Constant" and (constant := self.constant(name)) is not None:
                result[name] = list(constant.shape)
        return result

    def element_types(self) -> dict[str, int]:
        """Element type of every tensor, by ONNX's own inference.

        Raises:
            GraphError: some tensor's type is unknown (an operator of a foreign domain).
        """
        inferred = onnx.shape_inference.infer_shapes(self.model, strict_mode=False).graph
        values = (*inferred.value_info, *inferred.input, *inferred.output)
        types = {v.name: v.type.tensor_type.elem_type for v in values}
        types |= {i.name: i.data_type for i in self.proto.initializer}
        unknown = [n for n in self.producers if not types.get(n)]
        if unknown:
            node = self.producers[unknown[0]]
            raise GraphError(f"the type of {unknown[0]!r} (made by {node.op_type} {node.name}) cannot be inferred")
        return types

    def replace_nodes(self, nodes: Iterable[NodeProto]) -> None:
        """Set the list of nodes and drop initializers and shape notes that nothing refers to any more."""
        kept = list(nodes)
        del self.proto.node[:]
        self.proto.node.extend(kept)
        used = {name for node in kept for name in node.input} | {o.name for o in self.proto.output}
        used |= {name for node in kept for name in _outer_references(node)}
        initializers = [i for i in self.proto.initializer if i.name in used]
        del self.proto.initializer[:]
        self.proto.initializer.extend(initializers)
        produced = {name for node in kept for name in node.output}
        notes = [v for v in self.proto.value_info if v.name in produced]
        del self.proto.value_info[:]
        self.proto.value_info.extend(notes)
        self.reindex()


def _outer_references(node: NodeProto) -> Iterator[str]:
    """Tensors that the bodies of If, Loop and Scan take from the graph around them."""
    for item in node.attribute:
        for body in (item.g, *item.graphs) if item.HasField("g") or item.graphs else ():
            for inner in body.node:
                yield from inner.input
                yield from _outer_references(inner)
            yield from (output.name for output in body.output)


def attribute(node: NodeProto, name: str, default: object = None) -> object:
    """Value of a node's attribute."""
    for item in node.attribute:
        if item.name == name:
            return helper.get_attribute_value(item)
    return default


def opset(model: onnx.ModelProto) -> int:
    """Version of the standard operators that a model uses."""
    return max((int(o.version) for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
