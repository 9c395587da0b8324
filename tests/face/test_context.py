"""Body and scene: boxes, crops, labels under their own names, VAD in [-1, 1]."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeaffect import ContextAffect, FaceAffect, Faces
from edgeaffect.errors import SpecError
from edgeaffect.face.context import bodies_from_faces
from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec

onnx = pytest.importorskip("onnx")

LABELS = ("Peace", "Fear", "Doubt/Confusion")


def spec_of(**changes: object) -> ModelSpec:
    values: dict[str, object] = {
        "name": "context-test", "version": "1", "task": "context", "va_source": "rated",
        "inputs": (ImageInput("body", (8, 16)), ImageInput("scene", (16, 16))),
        "outputs": (
            OutputSpec("scores", "label_scores", None, LABELS),
            OutputSpec("vad", "valence", (0, 1), range=(1, 10)),
            OutputSpec("vad", "arousal", (1, 2), range=(1, 10)),
            OutputSpec("vad", "dominance", (2, 3), range=(1, 10)),
        ),
        "alignment": Alignment(kind="box", square=False, rotate=False),
    }  # fmt: skip
    return ModelSpec(**{**values, **changes})  # type: ignore[arg-type]


def write_net(path: Path, spec: ModelSpec) -> Path:
    """scores = mean colour (RGB) of the body; vad = 1 + 9 * mean colour of the scene."""
    make, helper = onnx.helper.make_node, onnx.helper
    tensors = {"body": (16, 8), "scene": (16, 16)}
    inputs = [helper.make_tensor_value_info(n, 1, ["n", 3, *s]) for n, s in tensors.items()]
    outputs = [helper.make_tensor_value_info(n, 1, ["n", 3]) for n in ("scores", "vad")]
    nodes = [
        make("ReduceMean", ["body"], ["scores"], axes=[2, 3], keepdims=0),
        make("ReduceMean", ["scene"], ["mean"], axes=[2, 3], keepdims=0),
        make("Mul", ["mean", "nine"], ["nines"]),
        make("Add", ["nines", "one"], ["vad"]),
    ]
    constants = [helper.make_tensor(n, 1, [1], [v]) for n, v in (("nine", 9.0), ("one", 1.0))]
    graph = helper.make_graph(nodes, "context", inputs, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    spec.write_to(path)
    return path


def two_people() -> np.ndarray:
    """A black picture; the left person is red, the right one blue (BGR)."""
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[:, 20:60, 2], frame[:, 120:160, 0] = 255, 255
    return frame


def faces(*boxes: tuple[float, float, float, float]) -> Faces:
    n = len(boxes)
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.ones(n, np.float32), np.zeros((n, 5, 2), np.float32))


def test_body_and_scene_reach_the_net_and_vad_is_scaled(tmp_path: Path) -> None:
    with ContextAffect(write_net(tmp_path / "net.onnx", spec_of()), device="cpu") as stage:
        red, blue = stage.predict(two_people(), bodies=[(20, 0, 60, 100), (120, 0, 160, 100)])
        assert stage.predict(two_people(), faces()) == []
    assert red.extra == pytest.approx({"Peace": 1, "Fear": 0, "Doubt/Confusion": 0}, abs=1e-3)
    assert blue.extra["Doubt/Confusion"] == pytest.approx(1, abs=1e-3) and red.body_source == "given"
    # a fifth of the scene is red, a fifth blue: 1 + 9 * 0.2 on a scale from 1 to 10 is -0.6
    assert (red.valence, red.arousal, red.dominance) == pytest.approx((-0.6, -1, -0.6), abs=0.02)
    assert (red.valence, red.va_source) == (blue.valence, "rated")
    assert red.top(1)[0][0] == "Peace" and "Peace 1.00" in repr(red)
    assert set(red.to_dict()) == {
        "extra", "valence", "arousal", "dominance", "va_source", "body", "body_source",
    }  # fmt: skip


def test_a_body_is_guessed_under_the_face_and_cut_off_at_the_frame(tmp_path: Path) -> None:
    (box,) = bodies_from_faces([(90, 40, 106, 60)], (400, 600))
    # head 25, stature 192.3, from the crown at 60 - 25; breadth 1.25 * 0.259 * 192.3 = 62.3
    assert box.tolist() == pytest.approx([98 - 31.13, 35, 98 + 31.13, 35 + 192.3], abs=0.1)
    assert bodies_from_faces([(0, 0, 40, 50)], (60, 80)).tolist() == [[0, 0, 60, 80]]
    with pytest.raises(ValueError, match="face 0 has no size inside the frame"):
        bodies_from_faces([(500, 0, 500, 0)], (60, 80))
    with ContextAffect(write_net(tmp_path / "net.onnx", spec_of()), device="cpu") as stage:
        (found,) = stage.predict(two_people(), faces((35, 5, 45, 12)))
    assert found.body_source == "face" and found.extra["Peace"] > 0.9


def test_logits_pass_a_sigmoid_and_what_the_net_does_not_say_is_unknown(tmp_path: Path) -> None:
    spec = spec_of(outputs=(OutputSpec("scores", "label_logits", None, LABELS), OutputSpec("vad", "valence", (0, 1))))
    with ContextAffect(write_net(tmp_path / "net.onnx", spec), device="cpu") as stage:
        (found,) = stage.predict(two_people(), bodies=[(20, 0, 60, 100)])
    assert found.extra["Peace"] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-3)
    assert found.valence == 1 and np.isnan(found.arousal) and found.to_dict()["arousal"] is None


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    path = write_net(tmp_path / "net.onnx", spec_of())
    with ContextAffect(path, device="cpu") as stage:
        with pytest.raises(TypeError, match="give `faces`"):
            stage.predict(two_people())
        with pytest.raises(ValueError, match="got 1 bodies and 2 faces"):
            stage.predict(two_people(), faces((0, 0, 9, 9), (9, 9, 20, 20)), bodies=[(0, 0, 9, 9)])
        with pytest.raises(ValueError, match="body 0 has no size inside the frame"):
            stage.predict(two_people(), bodies=[(300, 0, 400, 50)])
    with pytest.raises(ValueError, match="'affect' was asked for"):
        FaceAffect(path, device="cpu")
    for number, (changes, words) in enumerate(
        (
            ({"inputs": (ImageInput("body", (8, 16)),)}, "not in the spec|takes two pictures"),
            ({"alignment": Alignment()}, "rotate false"),
            ({"outputs": (OutputSpec("scores", "other"),)}, "nothing to read"),
        )
    ):
        bad = write_net(tmp_path / f"bad{number}.onnx", spec_of(**changes))
        with pytest.raises(SpecError, match=words):
            ContextAffect(bad, device="cpu")


@pytest.mark.parametrize(
    ("meaning", "given", "words"),
    [("quality", (0, 1), "range is for valence"), ("valence", (5, 5), r"\[least, most\]"), ("valence", (1,), "2")],
)
def test_a_range_is_checked(meaning: str, given: tuple[float, ...], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        OutputSpec("x", meaning, (0, 1), range=given)  # type: ignore[arg-type]


def test_a_range_survives_the_file(tmp_path: Path) -> None:
    path = write_net(tmp_path / "net.onnx", spec_of())
    assert ModelSpec.from_onnx(path) == spec_of()
