"""Einsum as Transpose, Reshape and MatMul.

TensorRT's parser takes no ellipsis, no more than two operands and no letter twice in one operand, and a MatMul
runs on its fastest kernels, whereas an Einsum may not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper

from ..errors import GraphError
from ..graph import Graph, Shape, attribute


def rewrite_einsum(model: onnx.ModelProto) -> int:
    """Replace every Einsum, in place; returns how many.

    Raises:
        GraphError: shapes too unknown to merge axes or to take a diagonal.
    """
    if not any(node.op_type == "Einsum" for node in model.graph.node):
        return 0
    graph = Graph(model)
    shapes = graph.shapes()
    nodes: list[onnx.NodeProto] = []
    replaced = 0
    for node in model.graph.node:
        if node.op_type != "Einsum":
            nodes.append(node)
            continue
        nodes += _Rewriter(graph, node, shapes).run()
        replaced += 1
    graph.replace_nodes(nodes)
    return replaced


def parse_equation(equation: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Operand terms and output term, one letter per axis; an ellipsis becomes digits.

    Raises:
        ValueError: the terms do not fit the ranks.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"{len(terms)} terms for {len(ranks)} operands")
    widths = [rank - len(term) + 3 for term, rank in zip(terms, ranks, strict=True) if "..." in term]
    dots = "0123456789"[: max(widths, default=0)]
    # Broadcast axes are aligned at the right, as in NumPy.
    expanded = [
        term.replace("...", dots[len(dots) - (rank - len(term) + 3) :]) for term, rank in zip(terms, ranks, strict=True)
    ]
    if any(len(term) != rank for term, rank in zip(expanded, ranks, strict=True)):
        raise ValueError(f"terms {terms} do not fit ranks {list(ranks)}")
    if not arrow:  # implicit form: broadcast axes, then the letters that occur once, in alphabetical order
        joined = "".join(expanded)
        return expanded, dots + "".join(sorted(c for c in set(joined) - set(dots) if joined.count(c) == 1))
    return expanded, right.replace("...", dots)


class _Rewriter:
    """One Einsum, contracted from left to right, two operands at a time."""

    def __init__(self, graph: Graph, node: onnx.NodeProto, shapes: dict[str, Shape]) -> None:
        self.graph, self.node = graph, node
        equation = attribute(node, "equation", b"")
        assert isinstance(equation, bytes)
        self.equation = equation.decode()
        self.nodes: list[onnx.NodeProto] = []
        unknown = [name for name in node.input if name not in shapes]
        if unknown:
            raise self._error(f"the rank of {unknown[0]} is unknown")
        try:
            self.terms, self.result = parse_equation(self.equation, [len(shapes[name]) for name in node.input])
        except ValueError as error:
            raise self._error(str(error)) from error
        self.size: dict[str, int | None] = {}
        for name, term in zip(node.input, self.terms, strict=True):
            for letter, size in zip(term, shapes[name], strict=True):
                known = self.size.get(letter)
                # An axis of 1 broadcasts against the other operand's.
                self.size[letter] = size if known in (None, 1) and size is not None else known

    def _error(self, reason: str) -> GraphError:
        return GraphError(f"Einsum {self.node.name!r} ({self.equation}): {reason}")

    def run(self) -> list[onnx.NodeProto]:
        operands = [self._diagonal(name, term) for name, term in zip(self.node.input, self.terms, strict=True)]
        name, term = operands[0]
        for position, (other, other_term) in enumerate(operands[1:], start=1):
            later = {c for _, t in operands[position + 1 :] for c in t} | set(self.result)
            name, term = self._contract(name, term, other, other_term, later)
        name, term = self._sum_out(name, term, set(self.result))
        if set(term) != set(self.result):
            raise self._error("the result names an axis that no operand has")
        name = self._transpose(name, term, self.result)
        self.nodes.append(helper.make_node("Identity", [name], [self.node.output[0]]))
        return self.nodes

    def _emit(self, op: str, inputs: list[str], **attributes: Any) -> str:
        output = self.graph.fresh(f"{self.node.output[0]}_{op.lower()}")
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def _transpose(self, name: str, term: str, wanted: str) -> str:
        if term == wanted:
            return name
        return self._emit("Transpose", [name], perm=[term.index(c) for c in wanted])

    def _diagonal(self, name: str, term: str) -> tuple[str, str]:
        """Axes with the same letter become one: multiply by the identity over both and sum one of them."""
        while repeated := next((c for c in term if term.count(c) > 1), None):
            first, second = term.index(repeated), term.rindex(repeated)
            size = self.size[repeated]
            if size is None:
                raise self._error(f"the diagonal over {repeated!r} has no fixed size")
            shape = [size if axis in (first, second) else 1 for axis in range(len(term))]
            eye = self.graph.add_constant(np.eye(size, dtype=np.float32).reshape(shape), f"{self.node.output[0]}_eye")
            axes = self.graph.add_constant(np.array([second], np.int64), f"{self.node.output[0]}_axes")
            name = self._emit("ReduceSum", [self._emit("Mul", [name, eye]), axes], keepdims=0)
            term = term[:second] + term[second + 1 :]
        return name, term

    def _sum_out(self, name: str, term: str, kept: set[str]) -> tuple[str, str]:
        """Sum over the axes that nothing needs any more."""
        axes = [i for i, c in enumerate(term) if c not in kept]
        if not axes:
            return name, term
        constant = self.graph.add_constant(np.array(axes, np.int64), f"{self.node.output[0]}_axes")
        return self._emit("ReduceSum", [name, constant], keepdims=0), "".join(c for c in term if c in kept)

    def _contract(self, left: str, lterm: str, right: str, rterm: str, later: set[str]) -> tuple[str, str]:
        """Product of two operands, summed over the axes that neither the result nor a later operand needs."""
        left, lterm = self._sum_out(left, lterm, later | set(rterm))
        right, rterm = self._sum_out(right, rterm, later | set(lterm))
        shared = [c for c in lterm if c in rterm]
        batch = "".join(c for c in shared if c in later)
        inner = "".join(c for c in shared if c not in later)
        rows = "".join(c for c in lterm if c not in rterm)
        columns = "".join(c for c in rterm if c not in lterm)
        a = self._merge(self._transpose(left, lterm, batch + rows + inner), batch, rows, inner)
        b = self._merge(self._transpose(right, rterm, batch + inner + columns), batch, inner, columns)
        product = self._emit("MatMul", [a, b])
        return self._split(product, batch, rows, columns), batch + rows + columns

    def _merge(self, name: str, batch: str, first: str, second: str) -> str:
        """[batch..., first..., second...] -> [batch..., prod(first), prod(second)]."""
        if len(first) == len(second) == 1:
            return name
        sizes = [self._product(first), self._product(second)]
        return self._reshape(name, [0] * len(batch) + self._with_wildcard(sizes))

    def _split(self, name: str, batch: str, rows: str, columns: str) -> str:
        if len(rows) == len(columns) == 1:
            return name
        sizes = [self.size[c] for c in rows + columns]
        return self._reshape(name, [0] * len(batch) + self._with_wildcard(sizes))

    def _product(self, term: str) -> int | None:
        sizes = [self.size[c] for c in term]
        return None if None in sizes else math.prod(s for s in sizes if s is not None)

    def _with_wildcard(self, sizes: list[int | None]) -> list[int]:
        if sizes.count(None) > 1:
            raise self._error("more than one of the axes to merge has no fixed size")
        return [-1 if size is None else size for size in sizes]

    def _reshape(self, name: str, shape: list[int]) -> str:
        constant = self.graph.add_constant(np.array(shape, np.int64), f"{self.node.output[0]}_shape")
        return self._emit("Reshape", [name, constant])
