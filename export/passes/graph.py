"""What every graph pass needs: constants, shapes, fresh names, safe removal of nodes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Shape = list[int | None]


class Graph:
    """A view on a model's main graph that the passes edit in place."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.proto = model.graph
        self._index()

    def _index(self) -> None:
        self._names = {name for node in self.proto.node for name in (*node.input, *node.output)}
        self._names |= {i.name for i in self.proto.initializer} | {i.name for i in self.proto.input}
        self._initializers = {i.name: i for i in self.proto.initializer}
        self._constant_nodes = {
            node.output[0]: node for node in self.proto.node if node.op_type == "Constant" and node.attribute
        }

    def constant(self, name: str) -> NDArray[np.generic] | None:
        """Value of a constant tensor, or None when the name is computed or fed."""
        if name in self._initializers:
            return numpy_helper.to_array(self._initializers[name])
        if name in self._constant_nodes:
            attribute = self._constant_nodes[name].attribute[0]
            value = helper.get_attribute_value(attribute)
            if isinstance(value, onnx.TensorProto):
                return numpy_helper.to_array(value)
            dtype = np.int64 if attribute.name in ("value_int", "value_ints") else np.float32
            return np.asarray(value, dtype) if attribute.name.startswith(("value_int", "value_float")) else None
        return None

    def add_constant(self, value: NDArray[np.generic], hint: str) -> str:
        """Add an initializer; returns its name."""
        return self.define(self.fresh(hint), value)

    def define(self, name: str, value: NDArray[np.generic]) -> str:
        """Make `name` a constant (its producer must go); returns the name."""
        # Not np.ascontiguousarray, which makes scalars one-dimensional.
        self.proto.initializer.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        self._initializers[name] = self.proto.initializer[-1]
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
        result.update({name: list(i.dims) for name, i in self._initializers.items()})
        for name in self._constant_nodes:
            value_of = self.constant(name)
            if value_of is not None:
                result[name] = list(value_of.shape)
        return result

    def replace_nodes(self, nodes: Iterable[onnx.NodeProto]) -> None:
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
        self._index()


def _outer_references(node: onnx.NodeProto) -> Iterable[str]:
    """Tensors that the bodies of If, Loop and Scan take from the graph around them."""
    for attribute in node.attribute:
        for body in (attribute.g, *attribute.graphs) if attribute.HasField("g") or attribute.graphs else ():
            for inner in body.node:
                yield from inner.input
                yield from _outer_references(inner)
            yield from (output.name for output in body.output)


def attribute(node: onnx.NodeProto, name: str, default: object = None) -> object:
    """Value of a node's attribute."""
    for item in node.attribute:
        if item.name == name:
            return helper.get_attribute_value(item)
    return default


def opset(model: onnx.ModelProto) -> int:
    """Version of the standard operators that a model uses."""
    return max((int(o.version) for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
