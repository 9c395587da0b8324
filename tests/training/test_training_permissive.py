"""Recipe of the permissive set: conversion, geometry of the square, tables of expressions, detector's layout."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
ROOT = next((p for p in Path(__file__).resolve().parents if (p / "training" / "permissive").is_dir()), None)
if ROOT is None:
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from training.data import data_folder  # noqa: E402
from training.files import open_on_one_thread  # noqa: E402
from training.permissive import canonical, detector, mediapipe, parity, points, roi, specs, tflite_file  # noqa: E402
from training.permissive.action_units import INPUTS, NAMES, SHAPES, action_units  # noqa: E402
from training.permissive.blazeface import anchors, weighted_best  # noqa: E402
from training.permissive.convert import SAME, VALID, Converter, finish  # noqa: E402
from training.permissive.expression import LABELS, PROTOTYPES, expression, tables  # noqa: E402
from training.permissive.expression_onnx import expression_model  # noqa: E402
from training.permissive.reference_file import RESULTS, TASK, YUNET  # noqa: E402
from training.permissive.tflite_file import Graph, Operator  # noqa: E402

# The Investigator's Guide's prototypes that blendshapes can show, whole.
WHOLE_PROTOTYPES = {
    "happiness": ((6, 12),),
    "surprise": ((1, 2, 5, 26),),
    "sadness": ((1, 4, 15), (6, 15), (1, 4, 15, 17)),
    "anger": ((4, 5, 7, 24), (4, 5, 7, 17, 24), (4, 5, 7, 10, 25), (4, 5, 7, 16, 26)),
    "disgust": ((9, 15, 16), (9, 17), (10, 17), (10, 16, 17)),
    "fear": ((1, 2, 4, 5, 20, 26), (1, 2, 4, 5, 7, 20, 26), (1, 2, 4, 5), (5, 20)),
}


@pytest.fixture(scope="module")
def data() -> Path:
    try:
        folder = data_folder()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    if not (folder / TASK).exists() or not (folder / YUNET).exists():
        pytest.skip("the data folder holds no original networks")
    return folder


def window(same: bool, stride: int, **more: int) -> dict[str, int]:
    return {
        "padding": SAME if same else VALID, "stride_w": stride, "stride_h": stride, "activation": 0,
        "dilation_w": 1, "dilation_h": 1, **more,
    }  # fmt: skip


def convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int, before: int, after: int) -> np.ndarray:
    """Convolution of x [h, w, c] with a kernel [o, k, k, c], as TensorFlow defines it."""
    x = np.pad(x, ((before, after), (before, after), (0, 0)))
    size = kernel.shape[1]
    steps = range(0, x.shape[0] - size + 1, stride)
    patches = np.array([[x[i : i + size, j : j + size] for j in steps] for i in steps])
    return np.einsum("ijabc,oabc->ijo", patches, kernel) + bias


def answer(converter: Converter, output: int, feed: np.ndarray, name: str = "image") -> np.ndarray:
    converter.emit("Identity", [converter.tensor(output)], "y")
    model = finish(converter, {name: ["n", *feed.shape[1:]]}, {"y": [None] * feed.ndim})
    return open_on_one_thread(model.SerializeToString()).run(None, {name: feed})[0]


def test_a_convolution_with_padding_same_and_stride_two_pads_after_only() -> None:
    random = np.random.default_rng(0)
    kernel, bias = random.normal(size=(5, 3, 3, 2)).astype(np.float16), random.normal(size=5).astype(np.float32)
    slope = random.uniform(-2, 4, (1, 1, 5)).astype(np.float32)
    operators = (
        Operator("DEQUANTIZE", (1,), (2,)),
        Operator("CONV_2D", (0, 2, 3), (4,), window(True, 2)),
        Operator("PRELU", (4, 5), (6,)),
    )
    shapes = ((1, 8, 8, 2), (5, 3, 3, 2), (5, 3, 3, 2), (5,), (1, 4, 4, 5), (1, 1, 5), (1, 4, 4, 5))
    converter = Converter(Graph(shapes, {1: kernel, 3: bias, 5: slope}, operators, (0,), (6,)), "pictures")
    converter.names[0] = "image"
    x = random.normal(size=(2, 8, 8, 2)).astype(np.float32)
    wanted = np.stack([convolved(one, kernel.astype(np.float32), bias, 2, 0, 1) for one in x])
    wanted = np.where(wanted < 0, wanted * slope, wanted)
    got = answer(converter, 6, np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(got.transpose(0, 2, 3, 1), wanted, atol=1e-5)


def test_depthwise_pooling_and_channel_padding() -> None:
    random = np.random.default_rng(1)
    kernel, bias = random.normal(size=(1, 3, 3, 4)).astype(np.float32), random.normal(size=4).astype(np.float32)
    operators = (
        Operator("DEPTHWISE_CONV_2D", (0, 1, 2), (3,), window(True, 1, multiplier=1)),
        Operator("MAX_POOL_2D", (3,), (4,), window(False, 2, filter_w=2, filter_h=2)),
        Operator("PAD", (4, 5), (6,)),
    )
    shapes = ((1, 6, 6, 4), (1, 3, 3, 4), (4,), (1, 6, 6, 4), (1, 3, 3, 4), (4, 2), (1, 3, 3, 6))
    pads = np.array([[0, 0], [0, 0], [0, 0], [0, 2]], np.int32)
    converter = Converter(Graph(shapes, {1: kernel, 2: bias, 5: pads}, operators, (0,), (6,)), "pictures")
    converter.names[0] = "image"
    x = random.normal(size=(1, 4, 6, 6)).astype(np.float32)
    full = np.stack(
        [convolved(x[0, c][..., None], kernel[..., c : c + 1], bias[c : c + 1], 1, 1, 1)[..., 0] for c in range(4)]
    )
    wanted = full.reshape(4, 3, 2, 3, 2).max((2, 4))
    got = answer(converter, 6, x)[0]
    np.testing.assert_allclose(got[:4], wanted, atol=1e-5)
    assert not got[4:].any()


def test_tokens_are_matrix_products_and_a_constant_token_meets_a_batch() -> None:
    random = np.random.default_rng(2)
    token = random.normal(size=(1, 1, 1, 3)).astype(np.float32)
    weight, bias = random.normal(size=(2, 1, 1, 3)).astype(np.float32), random.normal(size=2).astype(np.float32)
    operators = (
        Operator("CONCATENATION", (1, 0), (2,), {"axis": -2, "activation": 0}),
        Operator("CONV_2D", (2, 3, 4), (5,), {**window(False, 1), "activation": 1}),
        Operator("MEAN", (5, 6), (7,), {"keep_dims": 1}),
    )
    shapes = ((1, 1, 4, 3), (1, 1, 1, 3), (1, 1, 5, 3), (2, 1, 1, 3), (2,), (1, 1, 5, 2), (1,), (1, 1, 5, 1))
    constants = {1: token, 3: weight, 4: bias, 6: np.array([-1], np.int32)}
    converter = Converter(Graph(shapes, constants, operators, (0,), (7,)), "tokens")
    converter.names[0] = "x"
    x = random.normal(size=(3, 1, 4, 3)).astype(np.float32)
    joined = np.concatenate([np.repeat(token, 3, 0), x], 2)
    wanted = np.maximum(joined @ weight[:, 0, 0].T + bias, 0).mean(3, keepdims=True)
    np.testing.assert_allclose(answer(converter, 7, x, "x"), wanted, atol=1e-5)


def test_what_the_converter_does_not_know_is_refused() -> None:
    graph = Graph(((1,), (1,)), {}, (Operator("SOFTMAX", (0,), (1,)),), (0,), (1,))
    with pytest.raises(ValueError, match="SOFTMAX"):
        Converter(graph, "tokens").tensor(1)
    with pytest.raises(ValueError, match="layout"):
        Converter(graph, "nchw")
    with pytest.raises(ValueError, match="TFL3"):
        tflite_file.read(b"\x00" * 64)


def test_tables_of_points_are_whole() -> None:
    assert len(points.BLENDSHAPE_POINTS) == len(set(points.BLENDSHAPE_POINTS)) == 146
    assert list(points.BLENDSHAPE_POINTS) == sorted(points.BLENDSHAPE_POINTS)
    assert len(points.BLENDSHAPES) == len(set(points.BLENDSHAPES)) == 52
    assert len(points.POINTS_68) == 68
    mesh = np.arange(478 * 2, dtype=float).reshape(478, 2)
    np.testing.assert_allclose(points.to_68(mesh)[[0, 3, 8]], [mesh[127], (mesh[132] + mesh[58]) / 2, mesh[152]])


def test_a_square_follows_the_box_and_the_eyes() -> None:
    level = roi.from_box(np.array([10, 20, 50, 100]), np.array([[20, 50], [40, 50]]))
    assert level == roi.Square((30.0, 60.0), 120.0, 0.0)
    # The middle stays, a corner of the network's picture is half a diagonal away.
    np.testing.assert_allclose(level.matrix @ (128, 128, 1), (30, 60))
    np.testing.assert_allclose(level.matrix @ (0, 0, 1), (-30, 0))
    tilted = roi.from_box(np.array([0, 0, 100, 100]), np.array([[40, 40], [40, 60]]))  # rolled by a quarter, clockwise
    np.testing.assert_allclose(tilted.angle, np.pi / 2)
    np.testing.assert_allclose(tilted.matrix @ (256, 128, 1), (50, 125), atol=1e-9)
    there = tilted.to_frame(np.array([[128.0, 128.0, 64.0]]))
    np.testing.assert_allclose(there, [[50, 50, 64 * 150 / 256]])


def test_a_square_follows_five_points() -> None:
    square = roi.Square((70.0, 40.0), 90.0, 0.4)
    template = np.array(roi.TEMPLATE)
    five = template @ square.matrix[:, :2].T + square.matrix[:, 2]
    found = roi.from_five(five)
    np.testing.assert_allclose([*found.centre, found.side, found.angle], [70, 40, 90, 0.4])
    alignment = pytest.importorskip("edgeaffect.face.alignment")
    moved = five + np.random.default_rng(0).normal(0, 2, (5, 2))
    np.testing.assert_allclose(
        roi.from_five(moved).matrix, alignment.similarity_matrix(moved[None], template)[0], atol=1e-9
    )


def test_the_square_of_landmarks_is_half_as_wide_again_as_they_are() -> None:
    mesh = np.full((478, 3), 50.0)
    mesh[0, :2], mesh[1, :2], mesh[33, :2], mesh[263, :2] = (30, 40), (70, 100), (40, 60), (60, 60)
    assert roi.from_landmarks(mesh) == roi.Square((50.0, 70.0), 90.0, 0.0)


def shapes_of(units: tuple[int, ...]) -> np.ndarray:
    """Blendshapes [1, 51] in which just these units move, fully and on both sides; 25 as a jaw that drops."""
    row = np.zeros((1, len(INPUTS)), np.float32)
    for unit in units:
        shape = SHAPES[26 if unit == 25 else unit]
        for name in (shape, f"{shape}Left", f"{shape}Right"):
            if name in INPUTS:
                row[0, INPUTS.index(name)] = 1
    return row


@pytest.mark.parametrize(("label", "units"), [(k, row) for k, rows in WHOLE_PROTOTYPES.items() for row in rows])
def test_a_prototype_wins_on_its_own_movement(label: str, units: tuple[int, ...]) -> None:
    probabilities = expression(shapes_of(units))[0]
    assert LABELS[int(probabilities.argmax())] == label
    assert probabilities.max() > 0.5
    weak = expression(0.7 * shapes_of(units))[0]
    assert LABELS[int(weak.argmax())] == label


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_contempt_is_one_sided(side: str) -> None:
    row = np.zeros((1, len(INPUTS)), np.float32)
    row[0, [INPUTS.index("mouthSmile" + side), INPUTS.index("mouthDimple" + side)]] = 0.9
    assert LABELS[int(expression(row)[0].argmax())] == "contempt"


def test_a_still_face_is_neutral_and_so_is_one_that_fits_no_row() -> None:
    np.testing.assert_array_equal(expression(np.zeros((1, 51)))[0], np.eye(8, dtype=np.float32)[0])
    assert expression(shapes_of((17,)))[0].argmax() == 0


def test_probabilities_are_shares_and_a_mirror_changes_nothing() -> None:
    random = np.random.default_rng(3).beta(0.4, 1.2, (300, 51)).astype(np.float32)
    probabilities = expression(random)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    assert (probabilities >= 0).all()
    swap = {"Left": "Right", "Right": "Left"}
    mirrored = [
        INPUTS.index(next((n.removesuffix(a) + b for a, b in swap.items() if n.endswith(a)), n)) for n in INPUTS
    ]
    np.testing.assert_allclose(expression(random[:, mirrored]), probabilities, atol=1e-6)


def test_units_are_strengths_and_a_smile_does_not_raise_the_upper_lip() -> None:
    units = action_units(np.random.default_rng(4).random((100, 51)))
    assert units.shape == (100, len(NAMES)) and units.min() >= 0 and units.max() <= 1
    smile = dict(zip(NAMES, action_units(shapes_of((10, 12)))[0], strict=True))
    assert smile["AU12"] == 1 and smile["AU10"] == 0


def test_the_graph_says_what_the_table_says() -> None:
    session = open_on_one_thread(expression_model().SerializeToString())
    random = np.random.default_rng(5).beta(0.3, 1.5, (200, 51)).astype(np.float32)
    probabilities, units = session.run(["probabilities", "action_units"], {"blendshapes": random})
    np.testing.assert_allclose(probabilities, expression(random), atol=1e-6)
    np.testing.assert_allclose(units, action_units(random), atol=1e-6)


def test_every_row_names_units_that_exist() -> None:
    assert list(PROTOTYPES) == list(LABELS[1:])
    assert all(unit in NAMES for rows in PROTOTYPES.values() for row in rows for unit in row.needs + row.without)
    assert set(NAMES[i] for i in tables().moves) == {f"AU{unit}" for unit in SHAPES}


def test_the_score_is_exact_from_one_end_to_the_other() -> None:
    builder = detector._Builder({})
    builder.logit("s", "face", "good")
    value = onnx.helper.make_tensor_value_info
    kind = onnx.TensorProto.FLOAT
    stored = [onnx.numpy_helper.from_array(v, k) for k, v in builder.stored.items()]
    graph = onnx.helper.make_graph(
        builder.nodes, "g", [value("face", kind, ["n"]), value("good", kind, ["n"])],
        [value("s_logit", kind, ["n"])], stored,
    )  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    a, b = (x.ravel().astype(np.float32) for x in np.meshgrid(np.linspace(-30, 30, 41), np.linspace(-30, 30, 41)))
    got = open_on_one_thread(model.SerializeToString()).run(None, {"face": a, "good": b})[0]
    log_root = -(np.logaddexp(0, -a.astype(float)) + np.logaddexp(0, -b.astype(float))) / 2
    np.testing.assert_allclose(got, log_root - np.log(-np.expm1(log_root)), rtol=1e-4, atol=1e-4)
    extreme = np.array([-200, 200], np.float32)
    far = open_on_one_thread(model.SerializeToString()).run(None, {"face": extreme, "good": extreme})[0]
    assert np.isfinite(far).all()


def test_the_detector_says_what_yunet_says(data: Path) -> None:
    from training.face.teacher import YuNet

    image = np.random.default_rng(6).integers(0, 256, (12, 20, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    session = open_on_one_thread(detector.detector_model(data / YUNET).SerializeToString())
    maps = session.run(None, {"image": image.transpose(2, 0, 1)[None].astype(np.float32)})
    boxes, scores, five = YuNet(data / YUNET).raw(image, 0.0)
    start = 0
    for stride, found in zip(detector.STRIDES, maps, strict=True):
        _, channels, height, width = found.shape
        assert (channels, height, width) == (15, 96 // stride, 160 // stride)
        rows, columns = np.divmod(np.arange(height * width), width)
        centre = np.stack([columns + 0.5, rows + 0.5], 1)
        flat = found[0].reshape(15, -1).T
        part = slice(start, start + height * width)
        np.testing.assert_allclose(1 / (1 + np.exp(-flat[:, 0])), scores[part], atol=2e-3)
        mine = np.concatenate([centre - flat[:, 1:3], centre + flat[:, 3:5]], 1) * stride
        np.testing.assert_allclose(mine, boxes[part], atol=0.05 * stride)
        spots = (centre[:, None] + flat[:, 5:].reshape(-1, 5, 2)) * stride
        np.testing.assert_allclose(spots, five[part], atol=0.05 * stride)
        start += height * width


def test_the_detector_file_opens_as_ours(data: Path, tmp_path: Path) -> None:
    from edgeaffect import FaceDetector

    path = tmp_path / "d.onnx"
    path.write_bytes(detector.detector_model(data / YUNET).SerializeToString())
    specs.detector(hashlib.sha256((data / YUNET).read_bytes()).hexdigest()).write_to(path)
    found = FaceDetector(str(path), device="cpu", max_side=0)
    assert found.score_threshold == 0.5
    assert not len(found.detect(np.full((96, 128, 3), 127, np.uint8)).scores)


def test_the_networks_take_a_batch_and_ignore_place_and_size(data: Path) -> None:
    landmarks, blendshapes = (open_on_one_thread(m.SerializeToString()) for m in mediapipe.models(data / TASK))
    pictures = np.random.default_rng(7).random((2, 3, 256, 256), np.float32)
    together, sure = landmarks.run(None, {"image": pictures})
    alone, _ = landmarks.run(None, {"image": pictures[1:]})
    assert together.shape == (2, 478, 3) and sure.shape == (2, 1) and (sure >= 0).all() and (sure <= 1).all()
    np.testing.assert_allclose(together[1:], alone, atol=1e-2)
    mesh = np.concatenate([canonical.vertices(data / TASK)[:, :2] * (1, -1), np.zeros((10, 2))]).astype(np.float32)
    rest, far = blendshapes.run(None, {"points": np.stack([mesh, 20 * mesh + 300])})[0]
    assert rest.shape == (52,)
    np.testing.assert_allclose(rest, far, atol=1e-3)


def test_the_template_is_the_canonical_face(data: Path) -> None:
    np.testing.assert_allclose(canonical.template(data / TASK), roi.TEMPLATE, atol=0.01)


def test_blazeface_anchors_and_merging() -> None:
    grid = anchors()
    assert grid.shape == (896, 2)
    np.testing.assert_allclose(32 * grid[[0, 1, 2, 512]], [[1, 1], [1, 1], [3, 1], [2, 2]])
    rows = np.array([[0, 0, 10, 10, 1], [0, 0, 10, 10, 4], [50, 50, 60, 60, 9]], float)
    np.testing.assert_allclose(weighted_best(rows, np.array([0.9, 0.45, 0.8])), [0, 0, 10, 10, 2])


def test_a_network_that_differs_is_refused() -> None:
    good = {"points_px_max": 0.0, "presence_max": 0.0, "blendshapes_max": 0.0}
    program = {"points_px": {"mean": 0.01}, "blendshapes": {"mean": 0.001}}
    parity.check({"networks": good, "program": program})
    for wrong in (0.2, float("nan")):
        with pytest.raises(ValueError, match="points_px_max"):
            parity.check({"networks": {**good, "points_px_max": wrong}, "program": program})


def test_specs_name_what_the_graphs_hold() -> None:
    facts = specs.expression()
    graph = expression_model().graph
    assert [i.name for i in graph.input] == [i.name for i in facts.inputs]
    assert {o.name for o in graph.output} == {o.name for o in facts.outputs}
    assert facts.calibration is None
    assert specs.landmarks("0" * 64).alignment.template == roi.TEMPLATE
    assert specs.blendshapes("0" * 64).outputs[0].labels == INPUTS


def test_the_recorded_figures_are_those_of_the_bundled_files() -> None:
    from edgeaffect.models.registry import known_digests

    record = json.loads(RESULTS.read_text())
    digests = known_digests()
    assert {name: digests[name] for name in record["sha256"]} == record["sha256"]
    assert record["bytes_together"] < 3.6e6
    parity.check(record["parity"])
    scores = record["runtime"]["expression"]
    assert scores["accuracy_if_not_found_is_wrong"] >= 0.62  # the gate, on `valid` and through `Pipeline`
    assert scores["calibrated"]["ece"] < scores["ece"]
    assert record["runtime"]["cues"]["head_pose_degrees_mean"] < 4


def test_the_pipeline_reads_faces_as_the_recipe_does(data: Path) -> None:
    """Faces of `valid` through `Pipeline` get the labels that the recipe's own path gives them."""
    from edgeaffect import FaceDetector
    from edgeaffect.models.registry import FILES
    from training.permissive import runtime
    from training.permissive.evaluate import look
    from training.permissive.path import DETECTOR, Path478

    if not (data / "ferplus_train_valid.zip").exists():
        pytest.skip("the data folder holds no FER+")
    faces, truth = runtime.labelled(data, "valid", 48)
    said = runtime.readings(faces)
    found = np.array([one is not None for one in said])
    with FaceDetector(FILES / DETECTOR, device="cpu", max_side=0) as detector:
        shapes, found_there = look(faces, Path478(FILES), detector)
    assert (found == found_there).mean() > 0.97 and found.mean() > 0.85
    wanted = expression(shapes[found, 1:])
    got = np.array([one.probabilities for one in said if one is not None])
    assert (got.argmax(1) == wanted.argmax(1)).mean() > 0.97
    np.testing.assert_allclose(np.median(np.abs(got - wanted), 0), 0, atol=0.02)
    # 62 % of 48 faces has a standard error of 7 points.
    assert (got.argmax(1) == truth[found]).mean() > 0.41


def test_the_head_of_the_run_time_is_the_canonical_face(data: Path) -> None:
    assert canonical.HEAD.read_text() == canonical.head(data / TASK)
