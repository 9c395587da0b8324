"""Reading and editing ONNX graphs for a change of precision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from ..errors import GraphError

_ARITHMETIC = {"Sub": np.subtract, "Mul": np.multiply}


class Graph:
    """An ONNX model with its tensors indexed; every node has a name, weights are float32 initializers.

    Args:
        model: changed in place.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.graph = model.graph
        self._name_nodes()
        self._fold_constants()
        self.reindex()

    @classmethod
    def load(cls, path: str | Path) -> Graph:
        return cls(onnx.load(str(path)))

    def copy(self) -> Graph:
        """An independent copy."""
        clone = onnx.ModelProto()
        clone.CopyFrom(self.model)
        return Graph(clone)

    def reindex(self) -> None:
        """Bring the look-ups up to date after nodes were changed."""
        self.initializers = {i.name: i for i in self.graph.initializer}
        self.producers = {name: node for node in self.graph.node for name in node.output if name}
        self.consumers: dict[str, list[NodeProto]] = {}
        for node in self.graph.node:
            for name in node.input:
                if name:
                    self.consumers.setdefault(name, []).append(node)
        self.outputs = {o.name for o in self.graph.output}

    @property
    def opset(self) -> int:
        return next(o.version for o in self.model.opset_import if o.domain in ("", "ai.onnx"))

    def array(self, name: str) -> NDArray[np.generic] | None:
        """Value of an initializer, or None where the tensor is computed."""
        return numpy_helper.to_array(self.initializers[name]) if name in self.initializers else None

    def add_initializer(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant; a name that exists already keeps its value, which must be the same."""
        if name not in self.initializers:
            tensor = numpy_helper.from_array(value, name)
            self.graph.initializer.append(tensor)
            self.initializers[name] = tensor
        return name

    def element_types(self) -> dict[str, int]:
        """Element type of every tensor, by ONNX's own inference.

        Raises:
            GraphError: some tensor's type is unknown (an operator of a foreign domain).
        """
        inferred = onnx.shape_inference.infer_shapes(self.model, strict_mode=False).graph
        values = (*inferred.value_info, *inferred.input, *inferred.output)
        types = {v.name: v.type.tensor_type.elem_type for v in values}
        types |= {i.name: i.data_type for i in self.graph.initializer}
        unknown = [n for n in self.producers if not types.get(n)]
        if unknown:
            node = self.producers[unknown[0]]
            raise GraphError(f"the type of {unknown[0]!r} (made by {node.op_type} {node.name}) cannot be inferred")
        return types

    def replace_nodes(self, nodes: Iterable[NodeProto]) -> None:
        kept = list(nodes)
        del self.graph.node[:]
        self.graph.node.extend(kept)
        self.reindex()

    def drop_unused_initializers(self) -> None:
        used = set(self.consumers) | self.outputs
        kept = [i for i in self.graph.initializer if i.name in used]
        del self.graph.initializer[:]
        self.graph.initializer.extend(kept)
        self.reindex()

    def _name_nodes(self) -> None:
        taken = {node.name for node in self.graph.node if node.name}
        for i, node in enumerate(self.graph.node):
            if not node.name:
                name = f"{node.op_type}_{i}"
                while name in taken:
                    name += "_"
                node.name = name
                taken.add(name)

    def _fold_constants(self) -> None:
        """Weights stored as fp16 or in 8 bits (Cast, Sub, Mul), or as Constant nodes, become plain initializers."""
        values = {i.name: i for i in self.graph.initializer}
        kept = []
        for node in self.graph.node:
            if node.op_type == "Constant" and len(node.attribute) == 1 and node.attribute[0].HasField("t"):
                tensor = TensorProto()
                tensor.CopyFrom(node.attribute[0].t)
            elif node.op_type == "Cast" and node.input[0] in values:
                kind = helper.tensor_dtype_to_np_dtype(node.attribute[0].i)
                tensor = numpy_helper.from_array(numpy_helper.to_array(values[node.input[0]]).astype(kind))
            elif node.op_type in _ARITHMETIC and all(name in values for name in node.input):
                a, b = (numpy_helper.to_array(values[name]) for name in node.input)
                tensor = numpy_helper.from_array(np.asarray(_ARITHMETIC[node.op_type](a, b), a.dtype))
            elif node.op_type == "Identity" and node.input[0] in values:
                tensor = TensorProto()
                tensor.CopyFrom(values[node.input[0]])
            else:
                kept.append(node)
                continue
            tensor.name = node.output[0]
            values[tensor.name] = tensor
        self.graph.ClearField("initializer")
        self.graph.initializer.extend(values.values())
        self.replace_nodes(kept)
        self.drop_unused_initializers()


@dataclass(frozen=True)
class Layer:
    """A node whose weights can be quantised."""

    name: str
    kind: str
    activation: str
    """Name of the tensor that goes in."""
    weight: str
    axis: int
    """Axis of the weight that runs over output channels."""
    weights: int
    """How many."""


# A matrix smaller than this is arithmetic of the head (anchors of valence and arousal, say), not a layer.
_LEAST_WEIGHTS = 128


def quantisable_layers(graph: Graph) -> list[Layer]:
    """Convolutions and matrix products with constant weights, in the order of the graph."""
    layers = []
    for node in graph.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        weight = graph.array(node.input[1])
        if weight is None or weight.dtype != np.float32 or weight.size < _LEAST_WEIGHTS:
            continue
        if node.input[0] in graph.initializers or (node.op_type == "MatMul" and weight.ndim != 2):
            continue
        axis = {"Conv": 0, "MatMul": 1}.get(node.op_type)
        if axis is None:
            axis = 0 if any(a.name == "transB" and a.i for a in node.attribute) else 1
        layers.append(Layer(node.name, node.op_type, node.input[0], node.input[1], axis, weight.size))
    return layers
