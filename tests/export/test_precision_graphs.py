"""The int8 and fp16 graphs: what is in them, and what they compute."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeaffect.models.file import ModelFile

pytest.importorskip("onnx")

import onnx
from edgeaffect.export.errors import GraphError
from edgeaffect.export.precision import Crops, convert
from edgeaffect.export.precision.float16 import emulate_float16, to_float16
from edgeaffect.export.precision.int8 import (
    SCHEMES,
    Scheme,
    chosen_layers,
    quantise,
    quantise_weight,
    quantised_tensors,
)
from edgeaffect.export.precision.layers import float_graph, load_float_graph, quantisable_layers
from edgeaffect.export.precision.pooling import pools_as_convolutions
from edgeaffect.export.precision.ranges import measure_ranges, session_of
from fixture_nets import tiny_affect
from onnx import TensorProto, helper, numpy_helper
from precision_parts import PER_TENSOR, SYMMETRIC, crops, model  # noqa: F401


def fake_quantised(x: np.ndarray, bounds: tuple[float, float], scheme: Scheme) -> np.ndarray:
    if scheme.symmetric:
        scale = max(-bounds[0], bounds[1]) / 127
        return np.clip(np.rint(x / scale), -128, 127) * scale
    scale = (bounds[1] - bounds[0]) / 255
    zero = round(-bounds[0] / scale)
    return (np.clip(np.rint(x / scale) + zero, 0, 255) - zero) * scale


@pytest.mark.parametrize("scheme", [*SCHEMES.values(), PER_TENSOR], ids=str)
def test_one_quantised_layer_is_what_the_formula_says(scheme: Scheme) -> None:
    random = np.random.RandomState(2)
    weight, bias = random.randn(32, 40).astype(np.float32), random.randn(32).astype(np.float32)
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], "layer", transB=1)
    info = helper.make_tensor_value_info
    graph = float_graph(helper.make_model(helper.make_graph(
        [node], "g", [info("x", 1, ["N", 40])], [info("y", 1, ["N", 32])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")],
    ), opset_imports=[helper.make_opsetid("", 17)], ir_version=8))  # fmt: skip
    ranges = {"x": (-1.5, 2.5), "y": (-20.0, 25.0)}
    if scheme.symmetric:
        ranges = {name: (-max(-low, high), max(-low, high)) for name, (low, high) in ranges.items()}
    result = quantise(graph, quantisable_layers(graph), ranges, scheme)
    x = (random.randn(7, 40) * 1.5).astype(np.float32)
    actual = session_of(result.model).run(["y"], {"x": x})[0]
    quantised, scale = quantise_weight(weight, 0, scheme)
    stored = quantised * np.float64(scale.reshape(-1, 1) if scheme.per_channel else scale)
    expected = fake_quantised(x.astype(np.float64), ranges["x"], scheme) @ stored.T + bias
    # `y` is the graph's output and stays float, so only the order of float sums is left.
    np.testing.assert_allclose(actual, expected, atol=2e-4 * np.abs(expected).max())


@pytest.mark.parametrize("backend", list(SCHEMES))
def test_integers_are_where_they_should_be(model: ModelFile, crops: Crops, backend: str) -> None:
    scheme = SCHEMES[backend]
    graph = load_float_graph(model.path)
    layers = quantisable_layers(graph)
    ranges = measure_ranges(graph, quantised_tensors(graph, layers, scheme), crops, symmetric=scheme.symmetric)
    result = quantise(graph, layers, ranges, scheme)
    onnx.checker.check_model(result.model)
    types = result.element_types()
    for node in result.proto.node:
        if node.op_type == "DequantizeLinear":  # TensorRT refuses int32 there
            assert types[node.input[0]] == (TensorProto.INT8 if node.input[0][0] == "w" else types[node.input[2]])
            assert types[node.input[0]] in (TensorProto.INT8, TensorProto.UINT8)
            if scheme.symmetric:
                assert not np.any(result.constant(node.input[2]))
        if node.name in {layer.name for layer in layers}:
            assert types[node.input[2]] == TensorProto.FLOAT, "biases stay float"
            assert [result.producers[n].op_type for n in node.input[:2]] == ["DequantizeLinear"] * 2
    assert len(result.proto.initializer) > 0 and not set(result.initializers) - set(result.consumers)
    assert load_float_graph(model.path).model.SerializeToString() == graph.model.SerializeToString(), (
        "the source is kept"
    )


def test_what_conversions_would_cost_more_than_it_saves_stays_float_on_cpus(model: ModelFile) -> None:
    graph = load_float_graph(model.path)
    every = quantisable_layers(graph)
    assert chosen_layers(graph, SCHEMES["tensorrt"]) == every
    left = [layer for layer in every if layer not in chosen_layers(graph, SCHEMES["onnxruntime"])]
    assert every[0] in left and every[0].inputs == 1, "the first convolution reads the picture's one channel"
    assert all(layer.inputs == 1 or layer.kind != "Conv" for layer in left)
    weight = numpy_helper.from_array(np.ones((16, 1, 3, 3), np.float32), "w")
    info = helper.make_tensor_value_info
    node = helper.make_node("Conv", ["x", "w"], ["y"], "depthwise", group=16)
    depthwise = float_graph(helper.make_model(helper.make_graph(
        [node], "g", [info("x", 1, [1, 16, 4, 4])], [info("y", 1, [1, 16, 2, 2])], [weight])))  # fmt: skip
    assert [layer.inputs for layer in chosen_layers(depthwise, SCHEMES["onnxruntime"])] == [16]


@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1]])
def test_mean_pooling_becomes_a_convolution_of_the_same_sums(pads: list[int]) -> None:
    random = np.random.RandomState(4)
    weight = numpy_helper.from_array(random.randn(6, 3, 1, 1).astype(np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv"),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        helper.make_node("AveragePool", ["r"], ["y"], "pool", kernel_shape=[2, 2], strides=[2, 2], pads=pads),
    ]
    info = helper.make_tensor_value_info
    shapes = [info("x", 1, [1, 3, 8, 6])], [info("y", 1, ["N", 6, "H", "W"])]
    graph = float_graph(helper.make_model(helper.make_graph(nodes, "g", *shapes, [weight]), opset_imports=[
        helper.make_opsetid("", 17)], ir_version=8))  # fmt: skip
    x = random.randn(1, 3, 8, 6).astype(np.float32)
    before = session_of(graph.model).run(["y"], {"x": x})[0]
    pools_as_convolutions(graph)
    onnx.checker.check_model(graph.model)
    # A padded window leaves the border out of its mean, which a convolution cannot.
    assert graph.proto.node[2].op_type == ("AveragePool" if any(pads) else "Conv")
    np.testing.assert_allclose(session_of(graph.model).run(["y"], {"x": x})[0], before, atol=1e-6)


def test_only_the_chosen_layers_change(model: ModelFile, crops: Crops) -> None:
    graph = load_float_graph(model.path)
    layers = quantisable_layers(graph)
    ranges = measure_ranges(graph, quantised_tensors(graph, layers, SYMMETRIC), crops, symmetric=True)
    result = quantise(graph, layers[:1], ranges, SYMMETRIC)
    assert [n.op_type for n in result.proto.node].count("QuantizeLinear") == 1
    none = quantise(graph, [], ranges, SYMMETRIC)
    assert [n.op_type for n in none.proto.node] == [n.op_type for n in graph.proto.node]


def test_old_opsets_are_refused(model: ModelFile) -> None:
    graph = load_float_graph(model.path)
    graph.model.opset_import[0].version = 12
    with pytest.raises(GraphError, match="opset 13"):
        quantise(graph, quantisable_layers(graph), {}, SYMMETRIC)


def test_small_matrices_of_the_head_are_no_layers() -> None:
    weight = numpy_helper.from_array(np.ones((8, 3), np.float32), "anchors")
    info = helper.make_tensor_value_info
    node = helper.make_node("MatMul", ["votes", "anchors"], ["vad"])
    graph = helper.make_graph([node], "g", [info("votes", 1, ["N", 8])], [info("vad", 1, ["N", 3])], [weight])
    assert quantisable_layers(float_graph(helper.make_model(graph))) == []


def test_stored_fp16_weights_and_constant_nodes_become_initializers() -> None:
    weight = np.random.RandomState(0).randn(16, 16).astype(np.float16)
    constant = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.ones(16, np.float32)))
    nodes = [
        helper.make_node("Cast", ["half"], ["w"], to=TensorProto.FLOAT),
        constant,
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Add", ["m", "c"], ["y"]),
    ]
    info = helper.make_tensor_value_info
    tensors = [numpy_helper.from_array(weight, "half")]
    graph = float_graph(helper.make_model(helper.make_graph(
        nodes, "g", [info("x", 1, ["N", 16])], [info("y", 1, ["N", 16])], tensors)))  # fmt: skip
    assert [n.op_type for n in graph.proto.node] == ["MatMul", "Add"] and set(graph.initializers) == {"w", "c"}
    assert len(quantisable_layers(graph)) == 1


def test_fp16_keeps_its_face_and_changes_its_layers(model: ModelFile) -> None:
    half = to_float16(load_float_graph(model.path))
    onnx.checker.check_model(half.model, full_check=True)
    types = half.element_types()
    assert types["image"] == types["probabilities"] == TensorProto.FLOAT
    for node in half.proto.node:
        if node.op_type in ("Conv", "Gemm"):
            assert {types[n] for n in (*node.input, *node.output)} == {TensorProto.FLOAT16}
        if node.op_type == "Softmax":
            assert types[node.input[0]] == TensorProto.FLOAT
    casts = [n for n in half.proto.node if n.op_type == "Cast"]
    assert len(casts) == 2, "one in, one out: no casts between layers"


def test_kept_layers_stay_float(model: ModelFile) -> None:
    graph = load_float_graph(model.path)
    first = quantisable_layers(graph)[0].name
    half = to_float16(graph, [first])
    onnx.checker.check_model(half.model, full_check=True)
    node = next(n for n in half.proto.node if n.name == first)
    assert half.element_types()[node.output[0]] == TensorProto.FLOAT


def test_emulation_rounds_as_half_precision_does() -> None:
    random = np.random.RandomState(4)
    weight = (random.randn(24, 30)).astype(np.float32)
    info = helper.make_tensor_value_info
    graph = float_graph(helper.make_model(helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "layer")], "g", [info("x", 1, ["N", 24])],
        [info("y", 1, ["N", 30])], [numpy_helper.from_array(weight, "w")],
    ), opset_imports=[helper.make_opsetid("", 17)], ir_version=8))  # fmt: skip
    x = random.randn(5, 24).astype(np.float32)
    actual = session_of(emulate_float16(graph).model).run(["y"], {"x": x})[0]
    exact = x.astype(np.float16).astype(np.float64) @ weight.astype(np.float16).astype(np.float64)
    assert np.array_equal(actual, actual.astype(np.float16))
    # One rounding of the result to 11 bits, plus the float32 sums before it.
    assert np.abs(actual - exact).max() <= np.abs(exact).max() * (2**-11 + 1e-6)
    assert np.abs(actual - x @ weight).max() > 1e-4, "float32 would hide the rounding"


def test_overflow_is_seen_by_the_gate(tmp_path: Path, crops: Crops) -> None:
    path = tmp_path / "big.onnx"
    model = tiny_affect(path)
    graph = onnx.load(str(path))
    for tensor in graph.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.shape == (24, 16, 3, 3):
            tensor.CopyFrom(numpy_helper.from_array(value * np.float32(1e7), tensor.name))
        if value.shape == (24,):
            tensor.CopyFrom(numpy_helper.from_array(value * np.float32(1e7), tensor.name))
        if value.shape == (8, 24):
            tensor.CopyFrom(numpy_helper.from_array(value * np.float32(1e-7), tensor.name))
    onnx.save(graph, str(path))
    result = convert(path, tmp_path / "h.onnx", "fp16", crops)
    assert result.kept, "the layer whose output leaves the range of fp16 stays in float32"
    assert result.deviation.drop <= 1 and model.spec.name == "tiny"
