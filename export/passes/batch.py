"""A batch axis that was fixed when the model was traced becomes free."""

from __future__ import annotations

import numpy as np
import onnx

from ..graph import Graph

BATCH = "batch"


def free_batch(model: onnx.ModelProto) -> bool:
    """Name the first axis of inputs and outputs `batch`, in place; returns whether it was fixed before.

    Reshapes whose constant target starts with the traced batch size are told to keep that axis (0), or to infer it
    where it is merged with others (-1). The parity gate runs several batch sizes, so a graph whose batch is baked in
    elsewhere is found out.
    """
    initializers = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initializers]
    sizes = {size for value in inputs if (size := _first(value)) is not None}
    fixed = len(sizes) == 1
    if fixed:
        _free_reshapes(model, sizes.pop())
        del model.graph.value_info[:]  # notes of the old sizes
    for value in (*inputs, *model.graph.output):
        shape = value.type.tensor_type.shape
        if shape.dim:
            shape.dim[0].ClearField("dim_value")
            shape.dim[0].dim_param = BATCH
    return fixed


def _first(value: onnx.ValueInfoProto) -> int | None:
    dims = value.type.tensor_type.shape.dim
    return int(dims[0].dim_value) if dims and dims[0].HasField("dim_value") else None


def _free_reshapes(model: onnx.ModelProto, size: int) -> None:
    graph = Graph(model)
    shapes = graph.shapes()
    for node in model.graph.node:
        if node.op_type != "Reshape":
            continue
        target = graph.constant(node.input[1])
        source = shapes.get(node.input[0])
        if target is None or target.size == 0 or source is None or not source:
            continue
        new = _freed([int(v) for v in target.ravel()], source, size)
        if new is not None:
            node.input[1] = graph.add_constant(np.array(new, np.int64), f"{node.output[0]}_shape")
            # PyTorch's newer exporter sets it, and 0 would then mean an axis of length 0.
            kept = [a for a in node.attribute if a.name != "allowzero"]
            del node.attribute[:]
            node.attribute.extend(kept)


def _freed(target: list[int], source: list[int | None], size: int) -> list[int] | None:
    """Reshape target without the batch size, or None where it does not hold it."""
    first = source[0]
    if target[0] == size == first:
        return [0, *target[1:]]
    # Windows, heads or frames folded into the first axis: it is a multiple of the batch size on either side.
    merges = target[0] > 0 and target[0] % size == 0
    splits = first is not None and first % size == 0 and target[0] == size
    if (merges or splits) and -1 not in target:
        return [-1, *target[1:]]
    return None
