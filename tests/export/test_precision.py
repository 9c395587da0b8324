"""fp16 and int8 conversion: against naive references, on nets with outliers, and on the bundled models."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.errors import Error, SpecError
from edgeaffect.models import DEFAULTS, ModelSpec, bundled, find, metadata
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import graph_precision, refuse_cpu_integers

pytest.importorskip("onnx")

import onnx
from edgeaffect.export.errors import GraphError
from edgeaffect.export.precision import Crops, PrecisionError, PrecisionResult, convert, load_crops
from edgeaffect.export.precision.__main__ import main as command
from edgeaffect.export.precision.crops import to_input
from edgeaffect.export.precision.float16 import emulate_float16, to_float16
from edgeaffect.export.precision.gate import Judge, _count_matches
from edgeaffect.export.precision.int8 import SCHEMES, Scheme, quantise, quantise_weight, quantised_tensors
from edgeaffect.export.precision.layers import float_graph, load_float_graph, quantisable_layers
from edgeaffect.export.precision.ranges import best_range, measure_ranges, session_of
from edgeaffect.export.precision.speed import Speed
from fixture_nets import outlier_affect, patterns, tiny_affect, tiny_detector
from onnx import TensorProto, helper, numpy_helper

SYMMETRIC = SCHEMES["tensorrt"]
FLOATS = [model for model in bundled() if graph_precision(model.path) == "fp32"]
PER_TENSOR = dataclasses.replace(SYMMETRIC, per_channel=False)


def crops_for(spec: ModelSpec, count: int = 200) -> Crops:
    return Crops(tuple(to_input(p, "gray", spec) for p in patterns(count)), "patterns")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return tiny_affect(tmp_path_factory.mktemp("net") / "tiny.onnx")


@pytest.fixture(scope="module")
def crops(model: ModelFile) -> Crops:
    return crops_for(model.spec)


# --- ranges and rounding


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000), axis=st.sampled_from([0, 1]), per_channel=st.booleans(), peak=st.sampled_from([127, 64])
)
def test_weights_round_to_the_nearest_step(seed: int, axis: int, per_channel: bool, peak: int) -> None:
    random = np.random.RandomState(seed)
    weight = (random.randn(5, 3, 2, 2) * random.rand(5, 3, 1, 1) * 10).astype(np.float32)
    weight[2, 1] = 0
    if axis == 0:
        weight[2] = 0  # a dead channel must not divide by zero
    scheme = dataclasses.replace(SYMMETRIC, per_channel=per_channel, weight_peak=peak)
    quantised, scale = quantise_weight(weight, axis, scheme)
    for index in np.ndindex(*weight.shape):
        step = float(scale[index[axis]] if per_channel else scale)
        assert abs(float(quantised[index]) * step - float(weight[index])) <= step * 0.5001
    assert np.abs(quantised.astype(int)).max() == peak and scale.shape == ((weight.shape[axis],) if per_channel else ())


def test_integers_for_cpus_cannot_overflow_where_bytes_are_multiplied_in_pairs() -> None:
    scheme = SCHEMES["onnxruntime"]
    assert 2 * 255 * scheme.weight_peak <= np.iinfo(np.int16).max
    weight = np.random.RandomState(0).randn(6, 4, 3, 3).astype(np.float32)
    assert np.abs(quantise_weight(weight, 0, scheme)[0].astype(int)).max() == scheme.weight_peak


RUN_EVERY_FILE = """
import sys
import numpy, onnxruntime
inputs, outputs, *files = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
sessions = [onnxruntime.InferenceSession(f, options, providers=["CPUExecutionProvider"]) for f in files]
numpy.save(outputs, [s.run(["probabilities"], {"image": numpy.load(inputs)})[0] for s in sessions])
"""


@pytest.mark.skipif(
    platform.machine() != "x86_64" or shutil.which("qemu-x86_64-static") is None, reason="needs qemu-x86_64-static"
)
def test_seven_bits_give_the_same_labels_on_a_processor_without_vnni(tmp_path: Path) -> None:
    """An emulated Haswell; 8 bits saturate there in silence."""
    pytest.importorskip("skimage")
    source = find(None, "affect", float32=True)
    crops = load_crops(None, source.spec)
    files = [source.path]
    for peak in (SCHEMES["onnxruntime"].weight_peak, 127):
        scheme = dataclasses.replace(SCHEMES["onnxruntime"], weight_peak=peak)
        files.append(tmp_path / f"{peak}.onnx")
        convert(source.path, files[-1], "int8", crops, backend="onnxruntime", max_drop=100, scheme=scheme)
    np.save(tmp_path / "inputs.npy", np.concatenate(crops.inputs[:64]))
    emulated = ["qemu-x86_64-static", "-cpu", "Haswell", os.path.realpath(sys.executable)]
    arguments = ["-c", RUN_EVERY_FILE, str(tmp_path / "inputs.npy"), str(tmp_path / "outputs.npy"), *map(str, files)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([*emulated, *arguments], check=True, capture_output=True, env=environment, timeout=300)
    floats, seven, eight = np.load(tmp_path / "outputs.npy")
    assert (seven.argmax(1) == floats.argmax(1)).all()
    assert np.abs(seven - floats).max() < 0.1 < np.abs(eight - floats).max()


def mean_square(values: np.ndarray, bounds: tuple[float, float], steps: int) -> float:
    """Naive: quantise every value in float64."""
    step = (bounds[1] - bounds[0]) / steps
    rounded = np.clip(np.rint(values / step) * step, *bounds)
    return float(((rounded - values) ** 2).mean())


@pytest.mark.parametrize("kind", ["normal", "laplace", "uniform", "outlier"])
def test_range_is_close_to_the_best_by_brute_force(kind: str) -> None:
    random = np.random.RandomState(0)
    values = {
        "normal": random.randn(20_000),
        "laplace": random.laplace(size=20_000),
        "uniform": random.rand(20_000) * 2 - 1,
        "outlier": np.append(random.randn(200_000), 12.0),
    }[kind]
    peak = float(np.abs(values).max())
    histogram = np.histogram(values, 2048, (-peak, peak))[0]
    chosen = best_range(histogram, (-peak, peak), 254)
    brute = min(mean_square(values, (-f * peak, f * peak), 254) for f in np.linspace(0.05, 1, 96))
    assert chosen[0] == -chosen[1]
    assert mean_square(values, chosen, 254) <= 1.1 * brute
    if kind == "uniform":
        assert chosen[1] > 0.95 * peak
    if kind == "outlier":  # MinMax lets one value in 200,000 decide
        assert mean_square(values, chosen, 254) < 0.5 * mean_square(values, (-peak, peak), 254)


def test_zeros_after_a_relu_do_not_shrink_the_range() -> None:
    values = np.random.RandomState(0).rand(1000)
    histogram = np.histogram(np.append(values, np.zeros(100_000)), 2048, (0, 1))[0]
    assert best_range(histogram, (0.0, 1.0), 255)[1] > 0.9


def test_constant_tensors_have_a_range() -> None:
    assert best_range(np.zeros(2048), (0.0, 0.0), 254) == (0.0, 0.0)


def test_ranges_are_those_of_the_tensors(model: ModelFile, crops: Crops) -> None:
    graph = load_float_graph(model.path)
    ranges = measure_ranges(graph, ["image", "t1"], crops, symmetric=False)
    low, high = min(x.min() for x in crops.inputs), max(x.max() for x in crops.inputs)
    assert low <= ranges["image"][0] < 0 and 0 < ranges["image"][1] <= high
    assert ranges["t1"][0] == 0.0  # after a ReLU
    both = measure_ranges(graph, ["image"], crops, symmetric=True)["image"]
    assert both[0] == -both[1]


# --- the int8 graph


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


# --- the fp16 graph


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


# --- the gate


def test_same_model_does_not_deviate(model: ModelFile, crops: Crops) -> None:
    graph = onnx.load(str(model.path))
    deviation = Judge(graph, model.spec, crops).measure(graph)
    assert (deviation.drop, deviation.loss, deviation.largest, deviation.count) == (0, 0, 0, 200)


def test_drop_counts_changed_labels(tmp_path: Path, model: ModelFile, crops: Crops) -> None:
    other = tiny_affect(tmp_path / "o.onnx", seed=1)
    models = [onnx.load(str(m.path)) for m in (model, other)]
    deviation = Judge(models[0], model.spec, crops).measure(models[1])
    labels = [
        np.concatenate([session_of(m).run(None, {"image": x})[0].argmax(1) for x in crops.inputs]) for m in models
    ]
    assert deviation.drop == pytest.approx(100 * float((labels[0] != labels[1]).mean()))


def test_nan_counts_as_wrong(model: ModelFile, crops: Crops) -> None:
    graph = onnx.load(str(model.path))
    broken = onnx.load(str(model.path))
    for tensor in broken.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(np.nan), tensor.name))
    deviation = Judge(graph, model.spec, crops).measure(broken)
    assert deviation.drop == 100 and deviation.largest == float("inf") and np.isfinite(deviation.loss)


def test_face_matching() -> None:
    faces = np.array([[0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    assert _count_matches(faces, faces) == 2
    assert _count_matches(faces, faces + 2) == 0  # IoU 64 / 136 < 0.5
    assert _count_matches(faces, faces + 1) == 2
    assert _count_matches(faces, faces[:1].repeat(2, 0)) == 1, "a face is matched once"
    assert _count_matches(faces, faces[:0]) == 0


def test_detectors_are_judged_by_their_faces(tmp_path: Path) -> None:
    model = tiny_detector(tmp_path / "d.onnx")
    random = np.random.RandomState(0)
    inputs = tuple(random.rand(1, 3, 64, 32 * (1 + i % 3)).astype(np.float32) for i in range(6))
    graph = onnx.load(str(model.path))
    judge = Judge(graph, model.spec, Crops(inputs, "noise"))
    assert judge.measure(graph).drop == 0
    quiet = onnx.load(str(model.path))
    last = quiet.graph.initializer[-1]
    offset = numpy_helper.to_array(last).copy()
    offset[0, 0] = -100
    last.CopyFrom(numpy_helper.from_array(offset, last.name))
    assert judge.measure(quiet).drop == 100, "all faces lost"


def test_nothing_to_judge_by_is_an_error(model: ModelFile, crops: Crops) -> None:
    output = dataclasses.replace(model.spec.outputs[0], meaning="features", labels=())
    with pytest.raises(SpecError, match="nothing to judge"):
        Judge(onnx.load(str(model.path)), dataclasses.replace(model.spec, outputs=(output,)), crops)


# --- conversion


def test_per_tensor_int8_that_ruins_a_net_is_refused_and_per_channel_saves_it(tmp_path: Path) -> None:
    model = outlier_affect(tmp_path / "o.onnx", gain=300, alive=False)
    crops = crops_for(model.spec)
    with pytest.raises(PrecisionError, match=r"points of agreement.*conv") as caught:
        convert(model.path, tmp_path / "bad.onnx", "int8", crops, scheme=PER_TENSOR)
    assert "3 of 4" not in str(caught.value) and "2 of 4 layers" in str(caught.value)
    assert not (tmp_path / "bad.onnx").exists(), "a refused model is not written"
    result = convert(model.path, tmp_path / "good.onnx", "int8", crops)
    assert result.deviation.drop <= 1 and (tmp_path / "good.onnx").exists()


def test_outliers_in_the_activations_are_refused(tmp_path: Path) -> None:
    model = outlier_affect(tmp_path / "o.onnx", gain=300, alive=True)
    with pytest.raises(PrecisionError, match="higher precision"):
        convert(model.path, tmp_path / "bad.onnx", "int8", crops_for(model.spec))
    assert convert(model.path, tmp_path / "h.onnx", "fp16", crops_for(model.spec)).deviation.drop <= 1


def test_search_leaves_the_worst_layers_in_float(model: ModelFile, crops: Crops, tmp_path: Path) -> None:
    free = convert(model.path, tmp_path / "a.onnx", "int8", crops, max_drop=100)
    assert free.kept == () and free.sensitivity == () and free.deviation.drop > 0
    strict = convert(model.path, tmp_path / "b.onnx", "int8", crops, max_drop=free.deviation.drop / 2)
    losses = [loss for _, loss in strict.sensitivity]
    assert strict.kept and strict.kept == tuple(name for name, _ in strict.sensitivity[: len(strict.kept)])
    assert losses == sorted(losses, reverse=True) and len(losses) == 5
    kinds = {name: kind for name, _, kind in strict.layers}
    assert all(kinds[name] == "fp32" for name in strict.kept)
    assert [kinds[name] for name, _ in strict.sensitivity].count("int8") == 5 - len(strict.kept)


def test_result_says_what_was_done(model: ModelFile, crops: Crops, tmp_path: Path) -> None:
    result = convert(model.path, tmp_path / "q.onnx", "int8", crops, backend="onnxruntime", max_drop=10)
    told = result.to_dict()
    assert {row["precision"] for row in told["layers"]} >= {"int8", "fp32"}
    assert "unverified" in told["note"] and "100 inputs to calibrate, 100 to judge" in told["calibrated_on"]
    assert told["speed_onnxruntime_cpu"]["verdict"].startswith(("worth it", "not worth it"))
    spec = ModelSpec.from_onnx(result.path)
    assert spec.name == "tiny-int8" and spec.outputs == model.spec.outputs
    assert metadata.read(result.path)["edgeaffect.precision"] == "int8"


def test_speed_verdict() -> None:
    assert Speed(1.0, 0.5).is_worth_it and not Speed(1.0, 0.99).is_worth_it and not Speed(1.0, 2.0).is_worth_it
    assert Speed(1.0, 2.0).to_dict()["verdict"].startswith("not worth it")


def test_command(model: ModelFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "faces.npz", images=patterns(100))
    words = [str(model.path), str(tmp_path / "q.onnx"), "--precision", "int8"]
    words += ["--calibrate", str(tmp_path / "faces.npz")]
    report = tmp_path / "report.json"
    assert command([*words, "--backend", "onnxruntime", "--max-drop", "10", "--report", str(report)]) == 0
    assert "this CPU" in capsys.readouterr().out and json.loads(report.read_text())["precision"] == "int8"
    assert command([*words[:-1], str(tmp_path / "nowhere")]) == 2
    outlier_affect(tmp_path / "o.onnx", gain=300, alive=True)
    assert command([str(tmp_path / "o.onnx"), *words[1:]]) == 1


def test_wrong_requests(model: ModelFile, crops: Crops, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="int4"):
        convert(model.path, tmp_path / "x.onnx", "int4", crops)
    with pytest.raises(ValueError, match="openvino"):
        convert(model.path, tmp_path / "x.onnx", "int8", crops, backend="openvino")
    with pytest.raises(ValueError, match="too few"):
        convert(model.path, tmp_path / "x.onnx", "int8", crops.take(10))
    with pytest.raises(ValueError, match=r"is int8 already: convert the float32 file"):
        convert(find(DEFAULTS["affect"], "affect").path, tmp_path / "x.onnx", "int8", crops)


@pytest.fixture(
    scope="module", params=[("fp16", "tensorrt"), ("int8", "tensorrt"), ("int8", "onnxruntime")], ids="-".join
)
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[PrecisionResult]:
    """Every bundled float32 model, from scikit-image's real faces."""
    pytest.importorskip("skimage")
    precision, backend = request.param
    folder = tmp_path_factory.mktemp("converted")
    return [
        convert(m.path, folder / f"{m.name}.onnx", precision, load_crops(None, m.spec), backend=backend, max_drop=5)
        for m in FLOATS
    ]


def test_bundled_models_convert_and_build(converted: list[PrecisionResult]) -> None:
    assert len(converted) == len(FLOATS) > 0
    for result in converted:
        session_of(result.path)
        assert result.deviation.drop <= 5  # a step of the measure is 1.4 points for the detector's 36 pictures
        if result.backend == "tensorrt":
            pytest.importorskip("tensorrt_rtx_bindings")
            from edgeaffect.runtime.tensorrt import build_plan

            plan = build_plan(result.path)
            kinds = [kind for _, _, kind in plan.layers]
            assert plan.precision == result.precision
            assert {"int8": "int8", "fp16": "half"}[result.precision] in kinds


@pytest.mark.parametrize("task", ["affect", "cues"])
def test_the_remedy_that_integers_for_a_cpu_are_refused_with_works(task: str, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    with pytest.raises(Error, match="takes no others than its own") as refusal:
        refuse_cpu_integers(find(None, task).path)
    words = shlex.split(re.search("`(.+)`", str(refusal.value)).group(1))  # type: ignore[union-attr]
    assert words[:3] == ["python", "-m", "edgeaffect.export.precision"]
    target = tmp_path / "int8.onnx"
    files = {"IN.onnx": str(find(None, task, float32=True).path), "OUT.onnx": str(target)}
    assert command([files.get(word, word) for word in words[3:]]) == 0
    refuse_cpu_integers(target)
    assert graph_precision(target) == "int8"
