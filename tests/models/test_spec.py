"""Model files carry their own facts: round trips, foreign files, and every way they can be wrong."""

import copy
import json
import subprocess
import sys

import pytest

from edgeaffect import Error, SpecError
from edgeaffect.models import ModelSpec, bundled, check_licence, find, verify
from edgeaffect.models import metadata as onnx_metadata
from edgeaffect.models.registry import FILES

SPEC = {
    "schema": "edgeaffect.model/1", "name": "toy", "version": "1.0.0", "task": "affect",
    "inputs": [{"kind": "image", "name": "image", "size": [48, 48], "color": "gray", "mean": [0.5], "std": [0.25]}],
    "alignment": {"kind": "landmarks5", "template": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]},
    "outputs": [{"name": "p", "meaning": "probabilities", "slice": [0, 2], "labels": ["happy", "sad"]}],
    "calibration": {"temperature": {"votes": 0.9}, "fitted_on": "development"},
    "licence": "mit", "training_data": ["x"],
}  # fmt: skip


def changed(path, value):
    spec = copy.deepcopy(SPEC)
    node = spec
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return spec


def tiny_onnx(path):
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "g",
        [helper.make_tensor_value_info("x", 1, [1])], [helper.make_tensor_value_info("y", 1, [1])],
    )  # fmt: skip
    model = helper.make_model(graph)
    helper.set_model_props(model, {"author": "someone", "edgeaffect.other": "ünïcode"})
    onnx.save(model, path)
    return model


def test_json_round_trip():
    spec = ModelSpec.from_dict(SPEC)
    assert ModelSpec.from_json(spec.to_json()) == spec
    assert spec.image.size == (48, 48) and spec.alignment.template[4] == (9, 10)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema",), "edgeaffect.model/2", "edgeaffect.model/1"),
        (("task",), "chess", "task must be one of"),
        (("colour",), "x", "unknown key .colour"),
        (("inputs", 0, "color"), "yuv", r"inputs\[0\].color"),
        (("inputs", 0, "std"), [0.0], r"inputs\[0\].std must be a number from"),
        (("inputs", 0, "mean"), [0.1, 0.2, 0.3], r"inputs\[0\].mean"),
        (("inputs", 0, "quant"), [0.1, 0], "int8"),
        (("alignment", "kind"), "mesh", "alignment.kind"),
        (("alignment", "template"), [[1, 2]], "five points"),
        (("alignment", "expand"), -1, "expand"),
        (("outputs",), [], "names at least one"),
        (("outputs", 0, "meaning"), "mood", "meaning"),
        (("outputs", 0, "labels"), ["a"], "1 labels for 2 columns"),
        (("outputs", 0, "slice"), [2, 1], "slice"),
        (("detector",), {"strides": [8], "pad_multiple": 12}, "multiple of every stride"),
        (("detector",), {"strides": [8], "pad_multiple": 16}, "face-detector has a"),
        (("calibration", "temperature"), {"votes": 0}, "number from 0.001"),
        (("inputs",), [1], "JSON object"),
        (("name",), None, "name must be a text"),
        (("version",), 1.5, "version must be a text"),
        (("licence",), None, "licence must be a text"),
        (("inputs", 0, "size"), [48.0, 48.0], "whole pixels"),
        (("inputs", 0, "scale"), None, r"inputs\[0\].scale"),
        (("alignment", "template"), [[1, 2]] * 5, "different points"),
        (("calibration", "temperature"), "x", "maps meanings to numbers"),
        (
            ("detector",),
            {"strides": [8], "pad_multiple": 8, "nms": {"iou": "a", "score_threshold": 0.5, "top_k": 5}},
            "iou must be a number from 0 to 1",
        ),
        (
            ("detector",),
            {"strides": [8], "pad_multiple": 8, "nms": {"iou": 0.4, "score_threshold": 0.5, "top_k": 0}},
            "top_k must be",
        ),
    ],
)
def test_impossible_specs_name_the_key(path, value, message):
    with pytest.raises(SpecError, match=message):
        ModelSpec.from_dict(changed(path, value))


def test_metadata_survives_in_a_real_onnx_file(tmp_path):
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "m.onnx"
    before = tiny_onnx(path)
    spec = ModelSpec.from_dict(SPEC)
    spec.write_to(path)
    spec.write_to(path)  # replaces, does not append
    loaded = onnx.load(path)
    onnx.checker.check_model(loaded)
    assert loaded.graph == before.graph
    assert {p.key: p.value for p in loaded.metadata_props} == onnx_metadata.read(path)
    assert onnx_metadata.read(path)["edgeaffect.other"] == "ünïcode"
    assert len(loaded.metadata_props) == 3
    assert ModelSpec.from_onnx(path) == spec


def test_a_sidecar_speaks_for_a_file_without_metadata(tmp_path):
    path = tmp_path / "m.onnx"
    tiny_onnx(path)
    with pytest.raises(SpecError, match="edgeaffect models annotate"):
        ModelSpec.from_onnx(path)
    (tmp_path / "m.edgeaffect.json").write_text(json.dumps(SPEC))
    assert ModelSpec.from_onnx(path).name == "toy"


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"\xff" * 40, b"not a model at all", b"\x72\xff\xff\xff\x7f"])
def test_corrupt_files_are_named(tmp_path, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=r"broken\.onnx"):
        ModelSpec.from_onnx(path)


def test_truncated_bundled_model_is_refused(tmp_path):
    data = next(FILES.glob("*.onnx")).read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(SpecError):
        ModelSpec.from_onnx(path)


def test_bundled_models_are_whole_and_say_what_they_are():
    models = bundled()
    assert {m.spec.task for m in models} >= {"affect", "face-detector"}
    for model in models:
        assert model.path.stem == model.name
        assert verify(model) is None
        assert model.spec.training_data and model.spec.recipe and model.spec.licence
    assert sum(m.size_bytes for m in models) < 20e6
    for task in ("voice", "voice-activity"):  # their share of the wheel
        assert 0 < sum(m.size_bytes for m in models if m.spec.task == task) < 1.5e6


def test_a_changed_bundled_model_is_noticed(tmp_path, monkeypatch):
    from edgeaffect.models import registry

    source = find(None, "affect")
    (tmp_path / source.path.name).write_bytes(source.path.read_bytes() + b"")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  {source.path.name}\n")
    monkeypatch.setattr(registry, "FILES", tmp_path)
    assert "reinstall edgeaffect" in verify(registry.ModelFile(tmp_path / source.path.name, source.spec))
    with pytest.raises(Error, match="reinstall edgeaffect"):  # and not run
        find(None, "affect")


def test_find_refuses_the_wrong_task_and_unknown_names():
    with pytest.raises(FileNotFoundError, match="bundled ones are"):
        find("no-such-model", "affect")
    with pytest.raises(ValueError, match="face-detector"):
        find(find(None, "face-detector").path, "affect")


def test_licence_requirement_lists_offenders():
    from edgeaffect import LicenceError

    with pytest.raises(LicenceError, match="research-data"):
        check_licence(bundled(), "permissive")
    check_licence(bundled(), None)
    with pytest.raises(ValueError, match="permissive"):
        check_licence(bundled(), "gpl")


def test_import_is_light():
    code = (
        "import sys, edgeaffect; edgeaffect.PipelineOptions; "
        "heavy = {'torch', 'cv2', 'onnxruntime', 'numba', 'onnx', 'sounddevice'} & set(sys.modules); "
        "print(heavy or 'light')"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "light"
