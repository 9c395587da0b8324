"""Graph passes: the same numbers before and after, and TensorRT's parser takes what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from edgeaffect.export import passes  # noqa: E402
from edgeaffect.export.errors import GraphError  # noqa: E402
from edgeaffect.export.graph import Graph  # noqa: E402
from edgeaffect.export.passes.einsum import parse_equation  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

Shape = list[int | str]


def model(
    nodes: list[Any],
    inputs: dict[str, Shape],
    constants: dict[str, NDArray[Any]] | None = None,
    opset: int = 18,
) -> Any:
    graph = helper.make_graph(
        nodes,
        "fixture",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return onnx.shape_inference.infer_shapes(proto)  # the checker wants a shape on every output


def run(proto: Any, feeds: dict[str, NDArray[Any]]) -> NDArray[Any]:
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["y"], feeds)[0])


def kinds(proto: Any) -> list[str]:
    return [node.op_type for node in proto.graph.node]


def parses(proto: Any) -> bool:
    """Whether the parser of TensorRT for RTX takes the model."""
    trt = pytest.importorskip("tensorrt_rtx_bindings")
    from edgeaffect.runtime.tensorrt.variants import find_variant, logger_of

    logger = logger_of(find_variant("tensorrt_rtx"))
    network = trt.Builder(logger).create_network(0)
    taken = bool(trt.OnnxParser(network, logger).parse(proto.SerializeToString()))
    logger.take_errors()
    return taken


EINSUMS: list[tuple[str, list[Shape]]] = [
    ("bij,bjk->bik", [["b", 3, 4], ["b", 4, 5]]),
    ("bij,bkj->bik", [["b", 3, 4], ["b", 5, 4]]),
    ("B G H I D, B G H J D -> B G H I J", [["b", 2, 2, 3, 4], ["b", 2, 2, 5, 4]]),
    ("...ij,...jk->...ik", [["b", 2, 3, 4], ["b", 2, 4, 5]]),
    ("...i,i->...", [["b", 2, 3], [3]]),
    ("bi,bj->bij", [["b", 3], ["b", 4]]),
    ("bij,bij->b", [["b", 3, 4], ["b", 3, 4]]),
    ("bij->bji", [["b", 3, 4]]),
    ("bij->bj", [["b", 3, 4]]),
    ("bij->", [["b", 3, 4]]),
    ("bi,ij,jk->bk", [["b", 3], [3, 4], [4, 5]]),
    ("bchw,cd->bdhw", [["b", 3, 4, 5], [3, 6]]),
    ("bij,jk", [["b", 3, 4], [4, 5]]),
    ("bhwc,hkc->bhwk", [["b", 3, 4, 5], [3, 7, 5]]),
    ("bqhd,bkhd->bhqk", [["b", 5, 2, 4], ["b", 6, 2, 4]]),
    ("bii->bi", [["b", 3, 3]]),
    ("iij,jk->ik", [[3, 3, 4], [4, 5]]),
    ("i,i->", [[4], [4]]),
    ("bi,ci->bc", [["b", 1], [4, 1]]),
]


@pytest.mark.parametrize(("equation", "shapes"), EINSUMS)
@pytest.mark.parametrize("batch", [1, 3])
def test_einsum_becomes_matrix_products(equation: str, shapes: list[Shape], batch: int) -> None:
    names = [f"x{i}" for i in range(len(shapes))]
    proto = model([helper.make_node("Einsum", names, ["y"], equation=equation)], dict(zip(names, shapes, strict=True)))
    rng = np.random.default_rng(0)
    feeds = {
        name: rng.standard_normal([batch if s == "b" else int(s) for s in shape]).astype(np.float32)
        for name, shape in zip(names, shapes, strict=True)
    }
    assert passes.rewrite_einsum(proto) == 1
    assert "Einsum" not in kinds(proto)
    expected = np.einsum(equation.replace(" ", ""), *(feed.astype(np.float64) for feed in feeds.values()))
    got = run(proto, feeds)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)  # sums of at most 60 products in fp32


def test_einsum_that_tensorrt_refuses_is_taken_after_the_pass() -> None:
    """Upper-case letters, as PyTorch's MaxViT writes them."""
    inputs: dict[str, Shape] = {"a": ["b", 2, 3, 4], "c": ["b", 2, 5, 4]}
    proto = model([helper.make_node("Einsum", ["a", "c"], ["y"], equation="BHID,BHJD->BHIJ")], inputs)
    assert not parses(proto)
    assert parses(passes.for_tensorrt(proto))


def test_einsum_whose_axes_cannot_be_merged_is_named() -> None:
    inputs: dict[str, Shape] = {"a": ["b", "n", "m", 4], "c": ["b", 4, 5]}
    proto = model([helper.make_node("Einsum", ["a", "c"], ["y"], name="attend", equation="bnmd,bdk->bnmk")], inputs)
    with pytest.raises(GraphError, match="attend"):
        passes.rewrite_einsum(proto)


@pytest.mark.parametrize(("equation", "ranks"), [("ij,jk->ik", [2]), ("ijk,k->ij", [2, 1]), ("ij,j->i", [2, 3])])
def test_equation_that_does_not_fit_is_refused(equation: str, ranks: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_equation(equation, ranks)


def test_constants_are_folded_and_quantisation_is_not() -> None:
    rng = np.random.default_rng(1)
    table = rng.standard_normal((5, 4)).astype(np.float32)
    weight = rng.integers(-127, 128, (4, 4)).astype(np.int8)
    nodes = [
        helper.make_node("Gather", ["table", "rows"], ["gathered"]),
        helper.make_node("Transpose", ["gathered"], ["turned"], perm=[1, 0]),
        helper.make_node("DequantizeLinear", ["weight", "scale"], ["real"]),
        helper.make_node("MatMul", ["x", "real"], ["product"]),
        helper.make_node("MatMul", ["product", "turned"], ["y"]),
    ]
    constants = {
        "table": table, "rows": np.array([3, 0, 3]), "weight": weight, "scale": np.float32(0.02).reshape(()),
    }  # fmt: skip
    proto = model(nodes, {"x": ["b", 4]}, constants)
    feeds = {"x": rng.standard_normal((2, 4)).astype(np.float32)}
    before = run(proto, feeds)
    assert passes.fold_constants(proto) == 2
    assert kinds(proto) == ["DequantizeLinear", "MatMul", "MatMul"]
    assert {i.name for i in proto.graph.initializer} == {"turned", "weight", "scale"}
    np.testing.assert_array_equal(run(proto, feeds), before)


def test_folding_does_not_blow_up_the_file() -> None:
    nodes = [helper.make_node("Expand", ["one", "shape"], ["big"]), helper.make_node("Mul", ["x", "big"], ["y"])]
    constants = {"one": np.ones(1, np.float32), "shape": np.array([1024, 1024])}
    proto = model(nodes, {"x": ["b", 1024, 1024]}, constants)
    assert passes.fold_constants(proto) == 0


def quantised_linear(per_channel: bool) -> tuple[Any, dict[str, NDArray[Any]]]:
    """x, weight and an int32 bias through Q/DQ, as quantisers write a linear layer."""
    rng = np.random.default_rng(2)
    scales = rng.uniform(0.01, 0.02, 3).astype(np.float32) if per_channel else np.float32(0.015).reshape(())
    axis = {"axis": 0} if per_channel else {}
    constants = {
        "x_scale": np.float32(0.05).reshape(()), "zero": np.int8(0).reshape(()),
        "weight": rng.integers(-127, 128, (3, 4)).astype(np.int8), "w_scale": scales,
        "w_zero": np.zeros(np.shape(scales), np.int8),
        "bias": rng.integers(-4000, 4000, 3).astype(np.int32), "b_scale": (scales * 0.05).astype(np.float32),
        "b_zero": np.zeros(np.shape(scales), np.int32),
    }  # fmt: skip
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "x_scale", "zero"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "x_scale", "zero"], ["xd"]),
        helper.make_node("DequantizeLinear", ["weight", "w_scale", "w_zero"], ["wd"], **axis),
        helper.make_node("DequantizeLinear", ["bias", "b_scale", "b_zero"], ["bd"], **axis),
        helper.make_node("Gemm", ["xd", "wd", "bd"], ["y"], transB=1),
    ]
    return model(nodes, {"x": ["b", 4]}, constants), {"x": rng.standard_normal((5, 4)).astype(np.float32)}


@pytest.mark.parametrize("per_channel", [False, True])
def test_int32_bias_becomes_float(per_channel: bool) -> None:
    proto, feeds = quantised_linear(per_channel)
    before = run(proto, feeds)
    assert not parses(proto)
    ready = passes.for_tensorrt(proto)
    assert kinds(ready).count("DequantizeLinear") == 2
    np.testing.assert_allclose(run(ready, feeds), before, rtol=1e-6, atol=1e-6)
    assert parses(ready)


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 18])
def test_old_operator_sets_are_converted(opset: int) -> None:
    """HSEmotion's own ONNX files are at 11; attributes of ReduceMean and Squeeze moved to inputs since."""
    squeeze = {"axes": [2]} if opset < 13 else {}
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2], keepdims=1) if opset < 18
        else helper.make_node("ReduceMean", ["x", "axes"], ["mean"], keepdims=1),
        helper.make_node("Squeeze", ["mean"] if opset < 13 else ["mean", "axes"], ["y"], **squeeze),
    ]  # fmt: skip
    proto = model(nodes, {"x": ["b", 3, 4]}, {} if opset < 13 else {"axes": np.array([2])}, opset)
    feeds = {"x": np.random.default_rng(3).standard_normal((2, 3, 4)).astype(np.float32)}
    ready = passes.for_tensorrt(proto)
    assert ready.opset_import[0].version == passes.OPSET
    np.testing.assert_allclose(run(ready, feeds), feeds["x"].mean(2), rtol=1e-6)


def test_fixed_batch_becomes_free() -> None:
    """Reshapes that keep, merge and split the traced batch of 2."""
    constants = {"keep": np.array([2, 12]), "merge": np.array([6, 4]), "split": np.array([2, 3, 4])}
    nodes = [
        helper.make_node("Reshape", ["x", "keep"], ["kept"]),
        helper.make_node("Reshape", ["kept", "merge"], ["merged"]),
        helper.make_node("Relu", ["merged"], ["positive"]),
        helper.make_node("Reshape", ["positive", "split"], ["y"]),
    ]
    proto = model(nodes, {"x": [2, 3, 4]}, constants)
    assert passes.free_batch(proto)
    x = np.random.default_rng(4).standard_normal((5, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(run(proto, {"x": x}), np.maximum(x, 0))
    assert not passes.free_batch(proto)


def test_the_given_model_is_left_alone() -> None:
    proto, _ = quantised_linear(True)
    before = proto.SerializeToString()
    passes.for_tensorrt(proto)
    assert proto.SerializeToString() == before


def test_graph_looks_without_touching_and_drops_what_nothing_uses() -> None:
    info = helper.make_tensor_value_info
    model = helper.make_model(helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value_floats=[1.0, 2.0]), helper.make_node("Add", ["x", "c"], ["y"])],
        "g", [info("x", 1, ["n", 2])], [info("y", 1, ["n", 2])],
        [numpy_helper.from_array(np.float32([3]), "unused")],
    ), opset_imports=[helper.make_opsetid("", 18)])  # fmt: skip
    before = model.SerializeToString()
    graph = Graph(model)
    assert graph.opset == 18 and graph.outputs == {"y"} and graph.shapes()["c"] == [2]
    assert np.array_equal(graph.constant("c"), [1, 2]) and graph.constant("x") is None
    assert [node.op_type for node in graph.consumers["c"]] == ["Add"] and graph.producers["y"].op_type == "Add"
    assert model.SerializeToString() == before
    clone = graph.copy()
    assert clone.fresh("c") == "c_1" and clone.add_constant(np.float32([4]), "c") == "c_2"
    assert clone.define("unused", np.float32([9])) == "unused" and clone.constant("unused") == 3, "keeps its value"
    clone.replace_nodes(clone.proto.node)
    assert not clone.proto.initializer and model.SerializeToString() == before
