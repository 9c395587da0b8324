"""`edgeaffect export`, timm models, and the examples of the guide."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import export, passes, zoo  # noqa: E402
from edgeaffect.export.zoo.vision import import_timm  # noqa: E402
from export_parts import Tiny, cache_folder  # noqa: E402, F401

from edgeaffect import FaceAffect  # noqa: E402
from edgeaffect.circumplex import EMOTIONS  # noqa: E402
from edgeaffect.cli import main  # noqa: E402
from edgeaffect.errors import DependencyError  # noqa: E402
from edgeaffect.models.spec import ModelSpec  # noqa: E402


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "small.pth"
    torch.save({"state_dict": reference.fill(zoo.get("edgeaffect-small").build(()), seed=4).state_dict()}, path)
    return path


def test_command_writes_model_and_report(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["export", str(checkpoint), "--arch", "edgeaffect-small", "-o", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "model.onnx" in printed and "parity on 24 real pictures" in printed
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["architecture"] == "edgeaffect-small" and report["source"] == "small.pth"
    assert report["spec"]["sha256_source"] and report["opset"] == passes.OPSET
    assert (
        FaceAffect(out / "model.onnx", device="cpu").predict_crops([np.zeros((48, 48), np.uint8)])[0].label in EMOTIONS
    )


def test_command_with_crops_of_the_user(checkpoint: Path, tmp_path: Path) -> None:
    crops = tmp_path / "crops.npz"
    np.savez(crops, images=np.random.default_rng(0).integers(0, 256, (5, 60, 50), np.uint8))
    arguments = [
        "export",
        str(checkpoint),
        "--arch",
        "edgeaffect-small",
        "--calibrate",
        str(crops),
        "-o",
        str(tmp_path),
    ]
    assert main(arguments) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert str(crops) in report["real_faces"] and report["parity"]["real"]["pictures"] >= 5


def test_command_refuses_with_the_right_code(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, out = ["--arch", "edgeaffect-small"], ["-o", str(tmp_path / "out")]
    for arguments, words in (
        ([str(tmp_path / "none.pth"), *own, *out], "no checkpoint"),
        ([str(checkpoint), *out], "name their architecture"),
        ([str(checkpoint), "--arch", "resnet", *out], "choose hsemotion-b0"),
        ([str(checkpoint), *own, "--to", "coreml", *out], "targets are onnx, tensorrt"),
        ([str(checkpoint), *own, "--precision", "fp8", *out], "fp32, fp16, int8"),
        ([str(checkpoint), *own, "--max-drop", "-1", *out], "max_drop"),
        ([str(checkpoint), *own, "--labels", "a,b", *out], "8 classes; got 2 labels"),
        ([str(checkpoint), *own], "-o"),
    ):
        assert main(["export", *arguments]) == 2, arguments
        assert words in capsys.readouterr().err
    assert main(["export", str(checkpoint), "--arch", "edgeaffect-nano", *out]) == 2
    differences = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0].strip() for line in differences[1:-1]] == ["missing", "unexpected", "other shape"]
    assert differences[-1].strip() == "it is a checkpoint of edgeaffect-small: use --arch edgeaffect-small"
    assert not (tmp_path / "out").exists()


def test_help_needs_no_pytorch() -> None:
    code = "import sys; from edgeaffect.cli import main; main(['export', '--help']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "emonet-8" in done.stdout and done.stdout.splitlines()[-1] == "False"


def test_timm_model_needs_labels_and_timm() -> None:
    try:
        import_timm()
    except DependencyError:
        with pytest.raises(DependencyError, match="timm"):
            zoo.get("timm:resnet18", zoo.AFFECTNET)
    else:
        with pytest.raises(ValueError, match="--labels"):
            zoo.get("timm:resnet18")
        module = zoo.get("timm:resnet18", zoo.AFFECTNET[:3]).build(())
        assert module(torch.zeros(1, 3, 224, 224)).shape == (1, 3)


def test_facts_of_a_timm_model_come_from_its_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in with timm's three functions: here only our side of the call is checked."""
    config = types.SimpleNamespace(input_size=(3, 32, 24), mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.1))
    stand_in: Any = types.ModuleType("timm")
    stand_in.__version__ = "1.0"
    stand_in.is_model = lambda name: name == "net"
    stand_in.get_pretrained_cfg = lambda name: config
    stand_in.create_model = lambda name, num_classes, **_: Tiny(num_classes)
    monkeypatch.setitem(sys.modules, "timm", stand_in)
    torch.save(Tiny(3).state_dict(), tmp_path / "net.pth")
    labels = ("fear", "bored", "anger")
    report = export(tmp_path / "net.pth", tmp_path / "out", arch="timm:net", labels=labels)
    spec = ModelSpec.from_dict(report["spec"])
    assert spec.image.size == (24, 32) and spec.image.mean == config.mean and spec.outputs[0].labels == labels
    with pytest.raises(ValueError, match="has no model 'other'"):
        zoo.get("timm:other", labels)


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own-checkpoint.md"


@pytest.mark.skipif(not GUIDE.is_file(), reason="needs the source tree around tests/")
def test_examples_of_the_guide_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = GUIDE.read_text("utf-8")
    for name in zoo.ARCHITECTURES:
        short = f"`-{name.rsplit('-', 1)[1]}`"
        assert f"`{name}`" in text or short in text, f"the guide does not list {name}"
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in text.split("```python\n")[1:]:
        exec(compile(block.split("```")[0], str(GUIDE), "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert float(printed[0]) < 1e-4
    assert printed[1].split()[0] in ("happiness", "anger", "bored")
    assert "my-expressions" in printed[2]
    assert ModelSpec.from_onnx(tmp_path / "out-pt2" / "model.onnx").name == "my-expressions"
