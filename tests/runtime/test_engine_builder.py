"""The engine builder and its command: engines are really built, by TensorRT for RTX without a GPU."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import importlib.util
import json
import logging
from pathlib import Path

import pytest

from edgeaffect.cli import main
from edgeaffect.errors import DependencyError, Error
from edgeaffect.models import bundled, find, metadata
from edgeaffect.models.engine_file import read_engine
from edgeaffect.models.file import ModelFile
from edgeaffect.models.precision import PRECISION_KEY, graph_precision
from edgeaffect.runtime.tensorrt import BuildOptions, EngineCache, build_engine, build_plan, find_variant

pytest.importorskip("onnx")
pytest.importorskip("tensorrt_rtx_bindings", reason="TensorRT for RTX is not installed")

from backend_parts import model, own_home  # noqa: F401
from fixture_nets import tiny_affect, tiny_detector
from in_tree import in_tree


def test_free_height_and_width(tmp_path: Path) -> None:
    plan = build_plan(tiny_detector(tmp_path / "d.onnx").path, BuildOptions(max_side=640))
    assert plan.profile == {"image": ((1, 3, 32, 32), (1, 3, 256, 320), (1, 3, 640, 640))}
    detector = find(None, "face-detector").path
    for frames in (1, 4):
        plan = build_plan(detector, BuildOptions(max_side=320, max_frames=frames))
        assert plan.profile == {"image": ((1, 3, 32, 32), (frames, 3, 256, 320), (frames, 3, 320, 320))}


def test_any_number_of_log_mel_frames() -> None:
    plan = build_plan(find(None, "voice").path)
    assert plan.profile == {"log_mel": ((1, 4, 64), (2, 300, 64), (16, 1000, 64))}


def test_own_profile_and_fitted_defaults(model: ModelFile) -> None:
    shapes = ((1, 1, 16, 16), (3, 1, 16, 16), (5, 1, 16, 16))
    assert build_plan(model.path, profile={"image": shapes}).profile == {"image": shapes}
    assert build_plan(model.path, BuildOptions(max_batch=1)).profile["image"][1][0] == 1
    with pytest.raises(ValueError, match="inputs are image"):
        build_plan(model.path, profile={"picture": shapes})
    with pytest.raises(ValueError, match="MIN<=OPT<=MAX"):
        build_plan(model.path, profile={"image": (shapes[2], shapes[1], shapes[0])})


def test_progress_is_logged_where_nobody_shows_it(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edgeaffect.runtime.tensorrt.builder._LOG_INTERVAL", 0.0)
    with caplog.at_level(logging.INFO, "edgeaffect.runtime.tensorrt"):
        build_plan(model.path)
    assert "still building" in caplog.text


def test_progress_is_reported_and_can_cancel(model: ModelFile) -> None:
    seen: list[tuple[str, int, int]] = []
    build_plan(model.path, progress=lambda *a: seen.append(a))
    assert seen and all(1 <= done <= max(total, 1) for _, done, total in seen)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_plan(model.path, progress=stop)


@pytest.mark.parametrize("capabilities", [("SM86",), ("SM120", "SM89", "SM86")])
def test_compute_capabilities(model: ModelFile, capabilities: tuple[str, ...], tmp_path: Path) -> None:
    engine = build_engine(model, tmp_path / "x.engine", BuildOptions(compute_capabilities=capabilities))
    assert engine.header.target == {"compute_capabilities": sorted(capabilities)}


def test_impossible_wishes(model: ModelFile) -> None:
    with pytest.raises(ValueError, match="SM90"):
        build_plan(model.path, BuildOptions(compute_capabilities=("SM90",)))
    with pytest.raises(ValueError, match="variant must be one of"):
        build_plan(model.path, BuildOptions(variant="tensorflow"))
    with pytest.raises(ValueError, match="32 or more"):
        BuildOptions(max_side=16)
    with pytest.raises(ValueError, match="max_batch must be 1 or more"):
        BuildOptions(max_batch=0)
    with pytest.raises(ValueError, match="max_frames must be 1 or more"):
        BuildOptions(max_frames=0)


def test_missing_tensorrt_names_its_package() -> None:
    pytest.importorskip("onnx")
    if importlib.util.find_spec("tensorrt") is not None:
        pytest.skip("tensorrt is installed")
    with pytest.raises(DependencyError, match=r"(?s)edgeaffect\[tensorrt\].*JetPack|JetPack.*edgeaffect\[tensorrt\]"):
        find_variant("tensorrt")


def test_int8_in_name_only_is_refused(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "lie.onnx"
    path.write_bytes(model.path.read_bytes())
    for claim in ("int8", "fp16"):
        metadata.write(path, PRECISION_KEY, claim)
        with pytest.raises(Error, match="float"):
            build_plan(path)
    metadata.write(path, PRECISION_KEY, "int3")
    with pytest.raises(Error, match="int3"):
        build_plan(path)


def test_parser_errors_name_the_node(tmp_path: Path) -> None:
    import onnx

    model = onnx.load(str(tiny_affect(tmp_path / "x.onnx").path))
    next(n for n in model.graph.node if n.op_type == "Softmax").op_type = "NoSuchThing"
    onnx.save(model, str(tmp_path / "x.onnx"))
    with pytest.raises(Error, match="NoSuchThing"):
        build_plan(tmp_path / "x.onnx")


IN_INTEGERS = [model for model in bundled() if graph_precision(model.path) == "int8"]


@in_tree
@pytest.mark.parametrize("model", [m for m in bundled() if m not in IN_INTEGERS], ids=lambda m: m.name)
def test_bundled_models_build(model: ModelFile, tmp_path: Path) -> None:
    engine = build_engine(model, tmp_path / "x.engine")
    assert engine.header.payload_bytes > 10_000 and engine.header.self_test["outputs"]


@pytest.mark.parametrize("model", IN_INTEGERS, ids=lambda m: m.name)
def test_integers_for_a_cpu_are_no_engine(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(Error, match=r"int8.onnx holds the integers that ONNX Runtime wants.*float32 file"):
        build_engine(model, tmp_path / "x.engine")


def test_command(model: ModelFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines", "list"]) == 0 and "no engines" in capsys.readouterr().out
    assert main(["engines", "build", str(model.path), "--max-batch", "2"]) == 0
    assert "self-test" in capsys.readouterr().out
    file = tmp_path / "t.engine"
    assert main(["engines", "build", str(model.path), "-o", str(file), "--compute-capability", "SM86"]) == 0
    assert main(["engines", "list", str(file), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out.partition("[\n")[2].join(["[\n", ""]))
    assert facts[0]["target"] == {"compute_capabilities": ["SM86"]}
    assert main(["engines", "extract", str(file), "-o", str(tmp_path / "plan")]) == 0
    assert (tmp_path / "plan").read_bytes() == read_engine(file).payload()
    cached = EngineCache().entries()[0].path
    cached.write_bytes(b"broken")
    assert main(["engines", "list"]) == 2
    assert main(["engines", "clean"]) == 0 and not cached.exists()
    assert main(["engines", "build", str(model.path), "--compute-capability", "SM90"]) == 2
    assert main(["engines", "extract", str(model.path), "-o", str(tmp_path / "p")]) == 2
