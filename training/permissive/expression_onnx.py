"""`expression.expression` as an ONNX graph: blendshapes [n, 51] -> probabilities [n, 8] and action units."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from training.permissive.action_units import INPUTS, NAMES, PARTS, SIGNALS, matrix
from training.permissive.expression import LABELS, LEAST_NEUTRAL, tables


def expression_model() -> onnx.ModelProto:
    """The checked model; its constants are the tables."""
    table = tables()
    stored = {
        "matrix": matrix(), "parts": np.array([SIGNALS.index(f"AU{unit}") for unit in PARTS]),
        "literal_index": table.literals, "row_index": table.rows, "move_index": table.moves, "one": np.float32(1),
        "zero": np.float32(0), "least": np.float32(LEAST_NEUTRAL), "fill": np.array([0, 0, 0, 1]),
    }  # fmt: skip
    nodes: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("MatMul", ["blendshapes", "matrix"], "signed", {}),
        ("Relu", ["signed"], "signals", {}),
        ("Gather", ["signals", "parts"], "openings", {"axis": 1}),
        ("ReduceMax", ["openings"], "parted", {"axes": [1], "keepdims": 1}),
        ("Concat", ["signals", "parted"], "action_units", {"axis": 1}),
        ("Sub", ["one", "action_units"], "still", {}),
        ("Concat", ["action_units", "still"], "both", {"axis": 1}),
        ("Pad", ["both", "fill", "one"], "literals", {}),
        ("Gather", ["literals", "literal_index"], "by_row", {"axis": 1}),
        ("ReduceMin", ["by_row"], "rows", {"axes": [2], "keepdims": 0}),
        ("Pad", ["rows", "fill", "zero"], "rows_or_0", {}),
        ("Gather", ["rows_or_0", "row_index"], "by_label", {"axis": 1}),
        ("ReduceMax", ["by_label"], "truths", {"axes": [2], "keepdims": 0}),
        ("Gather", ["still", "move_index"], "at_rest", {"axis": 1}),
        ("ReduceProd", ["at_rest"], "calm", {"axes": [1], "keepdims": 1}),
        ("Max", ["calm", "least"], "neutral", {}),
        ("Concat", ["neutral", "truths"], "scores", {"axis": 1}),
        ("ReduceSum", ["scores", "columns"], "total", {"keepdims": 1}),
        ("Div", ["scores", "total"], "probabilities", {}),
    ]
    stored["columns"] = np.array([1])
    shapes = {"probabilities": len(LABELS), "action_units": len(NAMES)}
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output], **attributes) for kind, inputs, output, attributes in nodes],
        "expression",
        [helper.make_tensor_value_info("blendshapes", onnx.TensorProto.FLOAT, ["n", len(INPUTS)])],
        [helper.make_tensor_value_info(k, onnx.TensorProto.FLOAT, ["n", size]) for k, size in shapes.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in stored.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model
