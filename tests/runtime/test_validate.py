"""What opening a model finds out, and that `models annotate` and `models verify` find the same."""

# ruff: noqa: E501  (fixtures are handed over by the name they were imported by; the table is wide)
from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect import FaceAffect, FaceDetector
from edgeaffect.cli import main
from edgeaffect.errors import ModelError, SpecError
from edgeaffect.models import AudioInput, FeatureInput, ImageInput, ModelSpec, OutputSpec, StateInput, TokenInput
from edgeaffect.models.file import ModelFile
from edgeaffect.runtime import open_session

onnx = pytest.importorskip("onnx")
from backend_parts import own_home  # noqa: E402, F401
from fixture_nets import affect_spec, tiny_detector  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
SPEC = dataclasses.replace(
    affect_spec("own"),
    inputs=(ImageInput("x", (16, 16), "gray", mean=(0.5,), std=(0.25,)),),
    outputs=(OutputSpec("y", "logits", None, LABELS),),
)
FLOAT = TensorProto.FLOAT
FLAT = [helper.make_node("Flatten", ["x"], ["f"]), helper.make_node("MatMul", ["f", "W"], ["y"])]


def net(
    path: Path, inputs: list[Any], outputs: list[Any], nodes: list[Any], extra: list[Any] | None = None
) -> ModelFile:
    weight = np.random.RandomState(0).randn(256, 7).astype(np.float32) / 16
    initializers = [numpy_helper.from_array(weight, "W"), *(extra or [])]
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info(*i) for i in inputs], [helper.make_tensor_value_info(*o) for o in outputs],
        initializers,
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return ModelFile(path, SPEC)


def constant(name: str, *values: int) -> Any:
    return numpy_helper.from_array(np.array(values, np.int64), name)


X = ("x", FLOAT, ["n", 1, 16, 16])
Y = ("y", FLOAT, ["n", 7])
UNSQUEEZED = [FLAT[0], helper.make_node("MatMul", ["f", "W"], ["z"]), helper.make_node("Unsqueeze", ["z", "a"], ["y"])]
SHORT = [FLAT[0], helper.make_node("MatMul", ["f", "W"], ["z"]), helper.make_node("ReduceMean", ["z"], ["y"], axes=[0])]
WITH_NAN = [*FLAT[:1], helper.make_node("MatMul", ["f", "W"], ["z"]), helper.make_node("Log", ["z"], ["y"])]
TOO_FEW = [*FLAT[:1], helper.make_node("Slice", ["f", "s", "e", "one"], ["y"])]
SQUEEZED = [helper.make_node("Flatten", ["x"], ["f"]), *FLAT[1:]]
NETS: dict[str, tuple[Any, str]] = {
    "an axis too many": (([X], [("y", FLOAT, ["n", 1, 7])], UNSQUEEZED, [constant("a", 1)]), r"must be \[batch, columns\]"),
    "an axis too many, undeclared": (([X], [("y", FLOAT, None)], UNSQUEEZED, [constant("a", 1)]), r"must be \[batch, columns\]"),
    "a batch of four": (([("x", FLOAT, [4, 1, 16, 16])], [("y", FLOAT, [4, 7])], FLAT), "fixed batch of 4"),
    "rows are lost": (([X], [("y", FLOAT, ["m", 7])], [*SHORT]), "1 rows for 2 inputs"),
    "a second input": (([X, ("training", TensorProto.BOOL, [])], [Y], FLAT), r"'training' \(bool \[\]\) is not in the spec"),
    "no channel axis": (([("x", FLOAT, ["n", 16, 16])], [Y], SQUEEZED), "with 4 axes, the file's is"),
    "doubles": (([("x", TensorProto.DOUBLE, ["n", 1, 16, 16])], [Y], [helper.make_node("Cast", ["x"], ["c"], to=1), helper.make_node("Flatten", ["c"], ["f"]), FLAT[1]]), "is float32, the file's is float64"),
    "too few columns": (([X], [("y", FLOAT, ["n", "k"])], TOO_FEW, [constant("s", 0), constant("e", 5), constant("one", 1)]), "has 5 columns, the spec names 7"),
    "not a number": (([X], [Y], WITH_NAN), "is not finite on a blank input"),
    "integers": (([X], [("y", TensorProto.INT64, ["n", 7])], [FLAT[0], helper.make_node("MatMul", ["f", "W"], ["z"]), helper.make_node("Cast", ["z"], ["y"], to=7)]), "tensor of floats"),
}  # fmt: skip


@pytest.mark.parametrize("case", NETS)
def test_what_cannot_run_is_refused_by_annotate_verify_and_the_stage(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    parts, message = NETS[case]
    file = net(tmp_path / "own.onnx", *parts)
    with pytest.raises((SpecError, ModelError), match=message) as caught:
        open_session(file)
    assert "own.onnx" in str(caught.value) and "\n" not in str(caught.value)
    (tmp_path / "s.json").write_text(SPEC.to_json())
    assert main(["models", "annotate", str(file.path), "--spec", str(tmp_path / "s.json")]) == 2
    assert "nothing was written" in capfd.readouterr().err
    SPEC.write_to(file.path)
    assert main(["models", "verify", str(file.path)]) == 1
    said = capfd.readouterr().out
    assert str(caught.value) in said
    with pytest.raises((SpecError, ModelError), match=message):
        FaceAffect(file.path)


def test_the_same_net_done_right_is_accepted_and_reads_faces(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = net(tmp_path / "own.onnx", [X], [Y], FLAT)
    (tmp_path / "s.json").write_text(SPEC.to_json())
    assert main(["models", "annotate", str(file.path), "--spec", str(tmp_path / "s.json")]) == 0
    assert main(["models", "verify", str(file.path)]) == 0
    assert len(FaceAffect(file.path).predict_crops([np.zeros((9, 9, 3), np.uint8)] * 3)) == 3


def test_uint8_and_nhwc_run(tmp_path: Path) -> None:
    nodes = [helper.make_node("Cast", ["x"], ["c"], to=1), helper.make_node("Div", ["c", "k"], ["d"]),
             helper.make_node("Flatten", ["d"], ["f"]), FLAT[1]]  # fmt: skip
    extra = [numpy_helper.from_array(np.array(255, np.float32), "k")]
    file = net(tmp_path / "own.onnx", [("x", TensorProto.UINT8, ["n", 16, 16, 1])], [Y], nodes, extra)
    spec = dataclasses.replace(SPEC, inputs=(ImageInput("x", (16, 16), "gray", "nhwc", "uint8"),))
    spec.write_to(file.path)
    crop = np.random.RandomState(3).randint(0, 256, (16, 16)).astype(np.uint8)
    (got,) = FaceAffect(file.path).predict_crops([crop])
    weight = np.random.RandomState(0).randn(256, 7).astype(np.float32) / 16
    logits = (crop.reshape(1, -1) / 255).astype(np.float32) @ weight
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(got.probabilities[:7], (expected / expected.sum())[0], atol=1e-5)


def test_a_detector_of_a_fixed_size_says_so(tmp_path: Path) -> None:
    file = tiny_detector(tmp_path / "d.onnx")
    spec = dataclasses.replace(file.spec, inputs=(ImageInput("image", (320, 256), "rgb"),))
    with pytest.raises(SpecError, match="takes 320x256 only"):
        open_session(ModelFile(file.path, spec))


def test_a_session_runs_inputs_of_every_kind(tmp_path: Path) -> None:
    inputs = [("wave", FLOAT, ["n", 100]), ("tokens", TensorProto.INT64, ["n", "t"]),
              ("past", FLOAT, ["n", "p", 4]), ("points", FLOAT, ["n", 3, 2])]  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["table", "tokens"], ["embedded"]),
        helper.make_node("Concat", ["past", "embedded"], ["present"], axis=1),
        helper.make_node("ReduceMean", ["wave"], ["level"], axes=[1], keepdims=1),
        helper.make_node("Flatten", ["points"], ["flat"]),
        helper.make_node("Concat", ["level", "flat"], ["features"], axis=1),
    ]
    table = np.arange(40, dtype=np.float32).reshape(10, 4)
    file = net(
        tmp_path / "m.onnx", inputs, [("present", FLOAT, ["n", "q", 4]), ("features", FLOAT, ["n", 7])], nodes,
        [numpy_helper.from_array(table, "table")],
    )  # fmt: skip
    spec = ModelSpec(
        "several", "1", "explain",
        (AudioInput("wave", 16000, samples=100), TokenInput("tokens", 10),
         StateInput("past", ("batch", "past", 4), "present"), FeatureInput("points", (3, 2))),
        (OutputSpec("present", "state"), OutputSpec("features", "features")),
    )  # fmt: skip
    session = open_session(ModelFile(file.path, spec))
    wave, points = np.ones((1, 100), np.float32), np.arange(6, dtype=np.float32).reshape(1, 3, 2)
    past = np.zeros(spec.inputs[2].shape(1), np.float32)  # type: ignore[call-arg]
    for step, token in enumerate([3, 7, 1]):
        feeds = {"wave": wave, "tokens": np.array([[token]]), "past": past, "points": points}
        answers = session.run(feeds)
        past = answers["present"]
        assert past.shape == (1, step + 1, 4) and np.array_equal(past[0, -1], table[token])
    np.testing.assert_array_equal(answers["features"], [[1, 0, 1, 2, 3, 4, 5]])


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ("sum", None),
        ("both", r"output 'out' is float32 \[1, 8\], but as state 'in' of the next run it must be float32 \[1, 4\]"),
        ("log", "output 'out' is not finite on a blank input"),
    ],
)
def test_a_static_state_must_fit_the_next_run(tmp_path: Path, kept: str, message: str | None) -> None:
    inputs = [("tokens", TensorProto.INT64, ["n", "t"]), ("in", FLOAT, [1, 4])]
    nodes = [
        helper.make_node("Gather", ["table", "tokens"], ["embedded"]),
        helper.make_node("ReduceMean", ["embedded"], ["mean"], axes=[1], keepdims=0),
        {
            "sum": helper.make_node("Add", ["mean", "in"], ["out"]),
            "both": helper.make_node("Concat", ["mean", "in"], ["out"], axis=1),
            "log": helper.make_node("Log", ["in"], ["out"]),
        }[kept],
    ]
    table = numpy_helper.from_array(np.arange(40, dtype=np.float32).reshape(10, 4), "table")
    shape = None if kept == "both" else [1, 4]  # not declared: only a run shows it
    file = net(tmp_path / "own.onnx", inputs, [("out", FLOAT, shape)], nodes, [table])
    spec = ModelSpec(
        "own", "1", "explain", (TokenInput("tokens", 10), StateInput("in", (1, 4), "out")),
        (OutputSpec("out", "state"),),
    )  # fmt: skip
    if message is None:
        session = open_session(ModelFile(file.path, spec))
        fed = {"tokens": np.array([[1, 3]]), "in": np.ones((1, 4), np.float32)}
        np.testing.assert_array_equal(session.run(fed)["out"], [[9, 10, 11, 12]])
        return
    with pytest.raises((SpecError, ModelError), match=message):
        open_session(ModelFile(file.path, spec))


def test_what_onnx_runtime_says_becomes_one_line_of_ours(tmp_path: Path) -> None:
    file = net(tmp_path / "own.onnx", [X], [Y], FLAT)
    session = open_session(file)
    with pytest.raises(ModelError, match=r"could not run .*own\.onnx on x float32 \[1, 1, 9, 9\].*verify") as caught:
        session.run({"x": np.zeros((1, 1, 9, 9), np.float32)})
    assert "\n" not in str(caught.value) and "ONNXRuntimeError" not in str(caught.value)
    graph = helper.make_graph([helper.make_node("Nonsense", ["x"], ["y"])], "g",
                              [helper.make_tensor_value_info(*X)], [helper.make_tensor_value_info(*Y)])  # fmt: skip
    onnx.save(helper.make_model(graph), str(file.path))
    with pytest.raises(ModelError, match=r"cannot load .*own\.onnx"):
        open_session(file)
    file.path.write_bytes(b"\x08\x08" + b"junk" * 50)
    with pytest.raises(ModelError, match=r"cannot load .*own\.onnx"):
        open_session(file)


def test_a_bad_file_in_the_store_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "home" / "models"
    store.mkdir(parents=True)
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    (store / "bad.onnx").write_bytes(b"\xff" * 40)
    (store / "\x1b[2Jclear.onnx").write_bytes(b"")
    (store / "loop.onnx").symlink_to("loop.onnx")
    file = net(store / "good.onnx", [X], [Y], FLAT)
    SPEC.write_to(file.path)
    assert main(["models", "list"]) == 0
    said = capfd.readouterr().out
    assert "\x1b" not in said and "\\x1b[2Jclear.onnx" in said
    assert "own " in said and "affect-nano" in said and "cannot be read: " in said and "bad.onnx" in said
    assert main(["models", "list", "--json"]) == 0
    assert '"problem"' in capfd.readouterr().out
    assert main(["models", "verify", "bad"]) == 1


def test_maps_that_turn_into_nan_in_the_middle_of_a_stream_name_the_file(tmp_path: Path) -> None:
    """A detector that answers a blank picture and fails at a bright one: the logarithm of a negative number."""
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["m"], axes=[1], keepdims=1),
        helper.make_node("AveragePool", ["m"], ["p"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Sub", ["limit", "p"], ["rest"]),
        helper.make_node("Log", ["rest"], ["score"]),
        helper.make_node("Concat", ["score"] + ["p"] * 14, ["stride8"], axis=1),
    ]
    limit = numpy_helper.from_array(np.array(0.5, np.float32), "limit")
    file = net(tmp_path / "d.onnx", [("image", FLOAT, [1, 3, "h", "w"])], [("stride8", FLOAT, [1, 15, "a", "b"])],
               nodes, [limit])  # fmt: skip
    tiny_detector(tmp_path / "like.onnx").spec.write_to(file.path)
    detector = FaceDetector(file.path)
    detector.detect(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(ModelError, match=r"d\.onnx returned values that are not finite.*'stride8'.*models verify"):
        detector.detect(np.full((64, 64, 3), 255, np.uint8))
