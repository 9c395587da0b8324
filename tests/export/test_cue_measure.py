"""The gate's measure of cues: by hand, for every unit, and on a net whose outputs are moved by known amounts."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx
from edgeaffect.export.cue_measure import CueDeviation, CueMeasure
from edgeaffect.export.precision import Crops, PrecisionError, convert
from edgeaffect.export.precision.crops import to_input
from edgeaffect.export.precision.gate import Judge
from fixture_nets import affect_spec, cues_spec, patterns, tiny_cues
from onnx import numpy_helper

from edgeaffect.models.spec import ModelSpec, OutputSpec

CUES = ("landmarks", "blendshapes", "pose", "gaze")


def outputs(**changes: object) -> dict[str, np.ndarray]:
    """Two faces: points in a box of 40 x 10 pixels and in one of 20 x 20."""
    values: dict[str, object] = {
        "landmarks": [[0, 0, 40, 10, 20, 5], [5, 5, 25, 25, 15, 15]],
        "blendshapes": [[0.1, 0.5], [0.0, 1.0]],
        "pose": [[10, 0, 175], [0, 0, 0]],
        "gaze": [[0, 0], [5, -5]],
    }
    return {name: np.array(value, np.float32) for name, value in {**values, **changes}.items()}


def measure(**changes: object) -> CueDeviation:
    found = CueMeasure.of(cues_spec(points=3, shapes=("a", "b")))
    assert found is not None
    return found.compare(outputs(), outputs(**changes))


def test_equal_cues_do_not_deviate() -> None:
    assert measure() == CueDeviation(0, 0, 0) and measure().points == 0


def test_points_are_measured_in_boxes() -> None:
    moved = measure(landmarks=[[3, 4, 40, 10, 20, 5], [5, 5, 25, 25, 15, 15]])
    # One point of six is 5 pixels off, in a box whose side is sqrt(40 * 10) = 20 pixels.
    assert moved.landmarks == pytest.approx(100 * 5 / 20 / 6) and moved.blendshapes == moved.angles == 0
    assert moved.points == moved.landmarks


def test_blendshapes_and_angles_have_their_own_units() -> None:
    shapes = measure(blendshapes=[[0.1, 0.5], [0.2, 0.8]])
    assert shapes.blendshapes == pytest.approx(0.1) and shapes.points == pytest.approx(10)
    # 175 and -179 degrees are 6 apart; the worse of pose (6 / 6) and gaze (8 / 4) counts.
    turned = measure(pose=[[10, 0, -179], [0, 0, 0]], gaze=[[4, 0], [5, -9]])
    assert turned.angles == pytest.approx(2) == turned.points
    assert measure(pose=[[10, 0, -179], [0, 0, 0]]).angles == pytest.approx(1)


def test_radians_count_as_degrees() -> None:
    spec = dataclasses.replace(cues_spec(), outputs=(OutputSpec("gaze", "gaze", None, (), "radians"),))
    found = CueMeasure.of(spec)
    assert found is not None
    a, b = ({"gaze": np.array([[value, 0.0]])} for value in (0.0, math.pi / 90))
    assert found.compare(a, b) == CueDeviation(None, None, pytest.approx(1))


@pytest.mark.parametrize(("name", "points"), [("landmarks", 100), ("blendshapes", 100), ("pose", 180), ("gaze", 180)])
def test_values_that_are_not_finite_are_all_wrong(name: str, points: float) -> None:
    assert measure(**{name: np.full_like(outputs()[name], np.nan)}).points == points


def test_models_without_cues_have_no_measure() -> None:
    assert CueMeasure.of(affect_spec()) is None


# --- in the gate


@pytest.fixture(scope="module")
def crops() -> Crops:
    return Crops(tuple(to_input(p, "gray", cues_spec()) for p in patterns(100)), "patterns")


@pytest.fixture
def graph(tmp_path: Path) -> onnx.ModelProto:
    return onnx.load(str(tiny_cues(tmp_path / "cues.onnx").path))


@pytest.mark.parametrize(("moved", "by", "points"), [("blendshapes", 0.02, 2), ("pose", 1.5, 1.5), ("gaze", -3, 3)])
def test_the_gate_sees_outputs_that_moved(
    graph: onnx.ModelProto, crops: Crops, moved: str, by: float, points: float
) -> None:
    judge = Judge(graph, cues_spec(), crops)
    assert judge.measure(graph).drop == 0
    shifted = onnx.ModelProto()
    shifted.CopyFrom(graph)
    bias = next(i for i in shifted.graph.initializer if i.name == f"{moved}_bias")
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(by), bias.name))
    deviation = judge.measure(shifted)
    assert deviation.drop == pytest.approx(points, rel=1e-3) and deviation.cues is not None
    assert deviation.cues.landmarks == 0 and deviation.count == 100


def test_cues_convert_and_a_loss_is_refused(tmp_path: Path, crops: Crops) -> None:
    model = tiny_cues(tmp_path / "cues.onnx")
    result = convert(model.path, tmp_path / "int8.onnx", "int8", crops, backend="onnxruntime", max_drop=5)
    assert 0 < result.deviation.drop <= 5 and ModelSpec.from_onnx(result.path).task == "cues"
    assert set(result.to_dict()["deviation_from_float32"]["cues"]) == {"landmarks", "blendshapes", "angles"}
    with pytest.raises(PrecisionError, match="points of agreement"):
        convert(model.path, tmp_path / "x.onnx", "int8", crops, backend="onnxruntime", max_drop=1e-6)
    assert not (tmp_path / "x.onnx").exists()
