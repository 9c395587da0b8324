"""The accuracy gate and whole conversions, on nets with outliers and on the bundled models."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from edgeaffect.errors import Error, SpecError
from edgeaffect.models import DEFAULTS, ModelSpec, bundled, find, metadata
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import graph_precision, refuse_cpu_integers

pytest.importorskip("onnx")

import onnx
from edgeaffect.export.precision import Crops, PrecisionError, PrecisionResult, convert, load_crops
from edgeaffect.export.precision.__main__ import main as command
from edgeaffect.export.precision.gate import Judge, _count_matches
from edgeaffect.export.precision.ranges import session_of
from edgeaffect.export.precision.speed import Speed
from fixture_nets import outlier_affect, patterns, tiny_affect, tiny_detector
from in_tree import in_tree
from onnx import numpy_helper
from precision_parts import PER_TENSOR, crops, crops_for, model  # noqa: F401

JUDGED = ("affect", "cues", "face-detector")  # tasks that the gate has a measure for
FLOATS = [model for model in bundled() if graph_precision(model.path) == "fp32" and model.spec.task in JUDGED]


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
    scope="module",
    params=[
        pytest.param(("fp16", "tensorrt"), marks=in_tree),
        pytest.param(("int8", "tensorrt"), marks=in_tree),
        ("int8", "onnxruntime"),
    ],
    ids="-".join,
)
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[PrecisionResult]:
    """Every bundled float32 model that the gate can judge, from scikit-image's real faces."""
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
