"""Export end to end: every architecture to ONNX and to an engine, the parity gate, the command, use in the runtime."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import ParityError, export, inputs, parity, passes, zoo  # noqa: E402
from edgeaffect.export.errors import CheckpointError, GraphError  # noqa: E402
from edgeaffect.export.onnx_export import run_program, to_onnx  # noqa: E402
from edgeaffect.export.precision import PrecisionError  # noqa: E402
from edgeaffect.export.zoo.vision import import_timm  # noqa: E402
from fixture_nets import cues_spec, patterns  # noqa: E402

from edgeaffect import FaceAffect  # noqa: E402
from edgeaffect.circumplex import EMOTIONS  # noqa: E402
from edgeaffect.cli import main  # noqa: E402
from edgeaffect.errors import DependencyError  # noqa: E402
from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec  # noqa: E402

# One of each network. The others differ in the size of the last layer; continuous integration exports all.
REPRESENTATIVE = (
    "hsemotion-b0-va",
    "hsemotion-b2",
    "cage-maxvit-8va",
    "emonet-8",
    "dan-8",
    "ddamfn-8",
    "edgeaffect-base",
)
EVERY = os.environ.get("EDGEAFFECT_EVERY_ARCHITECTURE") == "1"


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEAFFECT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.mark.parametrize("name", zoo.ARCHITECTURES if EVERY else REPRESENTATIVE)
def test_architecture_becomes_onnx_and_an_engine(name: str, tmp_path: Path) -> None:
    architecture = zoo.get(name)
    spec = architecture.spec
    module = reference.fill(architecture.build(()), seed=11)
    graph = passes.for_tensorrt(to_onnx(module, spec))
    assert "Einsum" not in {node.op_type for node in graph.graph.node}
    assert graph.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    content = graph.SerializeToString()
    pictures = {"random": inputs.random_inputs(spec, 2), "real": inputs.sample_faces(spec)[::8]}
    sets = {
        key: (run_program(module, spec, batch), parity.run_onnx(content, spec, batch))
        for key, batch in pictures.items()
    }
    measured = parity.check(spec, parity.TOLERANCES["fp32"], sets)
    assert max(t["max_relative"] for t in measured["real"]["tensors"].values()) < 2e-5

    pytest.importorskip("tensorrt_rtx_bindings", reason="TensorRT for RTX is not installed")
    from edgeaffect.runtime.tensorrt import BuildOptions, build_plan

    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    plan = build_plan(path, BuildOptions(variant="tensorrt_rtx"))
    assert len(plan.data) > 10_000
    side = spec.image.size[0]
    assert plan.profile["image"][0] == (1, spec.image.channels, side, side)


class Tiny(torch.nn.Module):
    """Some operators of every kind, in a few thousand parameters."""

    def __init__(self, outputs: int = 10) -> None:
        super().__init__()
        self.trunk = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, 2, padding=1), torch.nn.BatchNorm2d(8), torch.nn.SiLU(),
            torch.nn.Conv2d(8, 16, 3, 2, padding=1), torch.nn.GELU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        )  # fmt: skip
        self.head = torch.nn.Linear(16, outputs)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(image))


def spec_of(*outputs: OutputSpec, side: int = 32) -> ModelSpec:
    if not outputs:
        outputs = (
            OutputSpec("output", "logits", (0, 8), zoo.HSEMOTION),
            OutputSpec("output", "valence", (8, 9)),
            OutputSpec("output", "arousal", (9, 10)),
        )
    return ModelSpec(
        name="tiny", version="1.0.0", task="affect", outputs=outputs, va_source="rated",
        inputs=(ImageInput("image", (side, side), mean=zoo.IMAGENET_MEAN, std=zoo.IMAGENET_STD),),
        alignment=Alignment(kind="box", rotate=False),
    )  # fmt: skip


@pytest.fixture(scope="module")
def tiny() -> torch.nn.Module:
    return reference.fill(Tiny(), seed=2)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (50, 40, 3), np.uint8)


def test_exported_file_runs_in_the_pipelines_stage(tiny: torch.nn.Module, picture: np.ndarray, tmp_path: Path) -> None:
    """Preprocessing, class order, softmax and valence of the runtime equal those done by hand in PyTorch."""
    spec = spec_of()
    report = export(tiny, tmp_path, spec=spec)
    assert report["schema"] == "edgeaffect.export/1" and report["parity"]["real"]["labels"] == {"logits": 1.0}
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == report
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.onnx", "report.json"]
    assert ModelSpec.from_onnx(tmp_path / "model.onnx") == replace(spec, recipe="edgeaffect export Tiny")

    same_size = np.random.default_rng(6).integers(0, 256, (32, 32, 3), np.uint8)
    rgb = same_size[..., ::-1].astype(np.float32) / 255
    batch = (rgb - np.float32(zoo.IMAGENET_MEAN)) / np.float32(zoo.IMAGENET_STD)
    with torch.inference_mode():
        raw = tiny(torch.from_numpy(batch.transpose(2, 0, 1)[None].copy()))[0]
    probabilities = dict(zip(zoo.HSEMOTION, raw[:8].softmax(0).tolist(), strict=True))
    affects = FaceAffect(tmp_path / "model.onnx", device="cpu").predict_crops([same_size, picture, picture[:9, :7]])
    assert len(affects) == 3
    np.testing.assert_allclose(affects[0].probabilities, [probabilities[e] for e in EMOTIONS], atol=1e-5)
    assert affects[0].valence == pytest.approx(float(raw[8].clamp(-1, 1)), abs=1e-5)
    assert affects[0].arousal == pytest.approx(float(raw[9].clamp(-1, 1)), abs=1e-5)
    assert affects[0].va_source == "rated"


class Constant(torch.nn.Module):
    """Says one class whatever it sees."""

    def __init__(self, classes: int, chosen: int) -> None:
        super().__init__()
        self.register_buffer("logits", 9.0 * torch.nn.functional.one_hot(torch.tensor(chosen), classes).float())

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image.mean((1, 2, 3))[:, None] * 1e-3 + self.logits


@pytest.mark.parametrize(
    "order", [zoo.HSEMOTION, zoo.AFFECTNET, zoo.EMONET_5], ids=["hsemotion", "affectnet", "emonet-5"]
)
def test_every_class_reaches_the_user_under_its_own_name(
    order: tuple[str, ...], picture: np.ndarray, tmp_path: Path
) -> None:
    for column, label in enumerate(order):
        spec = spec_of(OutputSpec("output", "logits", (0, len(order)), order))
        export(Constant(len(order), column), tmp_path / label, spec=spec)
        affect = FaceAffect(tmp_path / label / "model.onnx", device="cpu").predict_crops([picture])[0]
        assert affect.label == label and affect.confidence > 0.99


class ManyOutputs(Tiny):
    def forward(self, image: torch.Tensor) -> Any:
        raw = super().forward(image)
        return {"heat": image, "arousal": raw[:, 9], "expression": raw[:, :8], "valence": raw[:, 8]}


NAMED = (
    OutputSpec("expression", "logits", (0, 8), zoo.AFFECTNET),
    OutputSpec("valence", "valence", (0, 1)),
    OutputSpec("arousal", "arousal", (0, 1)),
)


def test_outputs_are_taken_by_name_from_a_dict() -> None:
    module = reference.fill(ManyOutputs(), seed=2)
    graph = to_onnx(module, spec_of(*NAMED))
    assert [o.name for o in graph.graph.output] == ["expression", "valence", "arousal"]
    batch = inputs.random_inputs(spec_of(*NAMED), 3)
    got = parity.run_onnx(graph.SerializeToString(), spec_of(*NAMED), batch)
    with torch.inference_mode():
        expected = module(torch.from_numpy(batch))
    for name, value in got.items():
        np.testing.assert_allclose(value.squeeze(-1) if name != "expression" else value, expected[name], atol=1e-5)


def test_outputs_that_the_model_does_not_have_are_refused(tiny: torch.nn.Module) -> None:
    with pytest.raises(CheckpointError, match=r"returns 1 tensors; the spec names \['a', 'b'\]"):
        to_onnx(tiny, spec_of(OutputSpec("a", "logits", (0, 8), zoo.AFFECTNET), OutputSpec("b", "valence", (0, 1))))
    with pytest.raises(CheckpointError, match="logits"):
        to_onnx(ManyOutputs().eval(), spec_of(OutputSpec("logits", "logits", (0, 8), zoo.AFFECTNET)))


@pytest.mark.parametrize(
    "kind", ["torchscript trace", "torchscript script", "exported", "exported with a fixed batch", "exported dict"]
)
def test_other_forms_of_a_program(kind: str, tiny: torch.nn.Module, tmp_path: Path) -> None:
    example = torch.zeros(2, 3, 32, 32)
    batch = ({0: torch.export.Dim("batch")},)
    spec, program = spec_of(), None
    if kind == "torchscript trace":
        program = torch.jit.trace(tiny, example)
    elif kind == "torchscript script":
        program = torch.jit.script(torch.nn.Sequential(tiny.trunk, tiny.head))
    elif kind == "exported dict":
        spec, program = (
            spec_of(*NAMED),
            torch.export.export(reference.fill(ManyOutputs(), 2), (example,), dynamic_shapes=batch),
        )
    else:
        program = torch.export.export(tiny, (example,), dynamic_shapes=None if "fixed" in kind else batch)
    report = export(program, tmp_path, spec=spec)
    assert report["parity"]["random"]["pictures"] == 4
    affects = FaceAffect(tmp_path / "model.onnx", device="cpu").predict_crops([np.zeros((32, 32, 3), np.uint8)] * 3)
    assert len({affect.label for affect in affects}) == 1


class Branches(torch.nn.Module):
    """Control flow that depends on the picture: a trace keeps the branch that its example took."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        pooled = image.mean((2, 3))
        return torch.cat([pooled, -pooled], 1) if float(image.sum()) > 0 else torch.cat([-pooled, pooled], 1) * 2


class KeepsTracedBatch(torch.nn.Module):
    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image.reshape(int(image.shape[0]), 3, -1).mean(2)


class Explodes(torch.nn.Module):
    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return (image.mean((2, 3)) - 1e4).sqrt()


@pytest.mark.parametrize(
    ("module", "reason"), [(Branches(), "differs"), (KeepsTracedBatch(), "batch"), (Explodes(), "finite")]
)
def test_gate_refuses_a_graph_that_differs_and_writes_nothing(
    module: torch.nn.Module, reason: str, tmp_path: Path
) -> None:
    spec = spec_of(OutputSpec("output", "logits", (0, 3), ("anger", "fear", "neutral")))
    with pytest.raises(ParityError, match=reason):
        export(module, tmp_path / "out", spec=spec)
    assert not (tmp_path / "out").exists()


def test_model_that_pytorch_cannot_export_is_named() -> None:
    class Inverse(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return torch.linalg.eigvals(image[:, 0]).real

    with pytest.raises(GraphError, match="cannot export"):
        to_onnx(Inverse(), spec_of())


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred small pictures in the form that --calibrate takes."""
    path = tmp_path_factory.mktemp("crops") / "crops.npz"
    np.savez(path, images=patterns(100, 32))
    return path


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_lower_precision_is_judged_against_pytorch_too(
    precision: str, tiny: torch.nn.Module, crops: Path, tmp_path: Path
) -> None:
    report = export(tiny, tmp_path, spec=spec_of(), precision=precision, calibrate=crops, max_drop=10.0)
    assert report["precision"]["precision"] == precision and report["precision"]["layers"]
    assert report["parity"]["tolerance"]["relative"] == parity.TOLERANCES["fp32"].relative
    lowered = report["parity_lowered"]
    assert lowered["tolerance"]["label_agreement"] == pytest.approx(0.9)
    assert lowered["real"]["tensors"]["output"]["max_abs"] > report["parity"]["real"]["tensors"]["output"]["max_abs"]
    assert ModelSpec.from_onnx(tmp_path / "model.onnx").name == f"tiny-{precision}"


class Cues(torch.nn.Module):
    """Outputs of `cues_spec`; the angles are small, so that their cosine says nothing about how near they are."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.conv = torch.nn.Conv2d(1, 16, 3, 2)
        self.heads = torch.nn.ModuleList(torch.nn.Linear(16, n) for n in (8, 3, 3, 2))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        pooled = self.conv(image).relu().mean((2, 3))
        points, shapes, pose, gaze = (head(pooled) for head in self.heads)
        return 8 + 20 * points, shapes.sigmoid(), pose, gaze - gaze.detach().new_tensor([-0.35, 0.35])


def test_cues_are_held_to_their_own_measure(crops: Path, tmp_path: Path) -> None:
    report = export(Cues().eval(), tmp_path, spec=cues_spec(), precision="int8", calibrate=crops, max_drop=2.0)
    cues = report["parity_lowered"]["real"]["cues"]
    assert 0 < cues["points"] <= 2.0 and report["parity_lowered"]["tolerance"]["cue_points"] == 2.0
    assert report["parity"]["real"]["cues"]["points"] < 1e-2
    gaze = report["parity_lowered"]["real"]["tensors"]["gaze"]
    assert gaze["min_cosine"] < parity.TOLERANCES["int8"].cosine  # and yet no angle is off


class Hairline(torch.nn.Module):
    """Tells classes apart by differences of 1e-4 between channels, which int8 rounds away in either layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, bias=False)
        self.head = torch.nn.Linear(8, 8, bias=False)
        rng = torch.Generator().manual_seed(1)
        same = torch.rand(1, 3, 3, 3, generator=rng)
        self.conv.weight.data = same + 1e-4 * torch.randn(8, 3, 3, 3, generator=rng)
        self.head.weight.data = torch.eye(8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.conv(image).relu().mean((2, 3)))


def test_lower_precision_that_costs_too_much_is_refused(crops: Path, tmp_path: Path) -> None:
    spec = spec_of(OutputSpec("output", "logits", (0, 8), zoo.AFFECTNET))
    with pytest.raises(PrecisionError, match="points of agreement"):
        export(Hairline(), tmp_path / "out", spec=spec, precision="int8", calibrate=crops)
    assert not (tmp_path / "out").exists()


def outputs_of(values: list[list[float]]) -> dict[str, np.ndarray]:
    return {"output": np.array(values, np.float32)}


def test_parity_measures_by_hand() -> None:
    spec = spec_of(
        OutputSpec("output", "logits", (0, 2), ("anger", "fear")), OutputSpec("output", "valence", (2, 3)),
    )  # fmt: skip
    expected, got = outputs_of([[1, 2, 0.5], [4, 3, 7.0]]), outputs_of([[1, 2, 0.1], [3, 4, 5.0]])
    measured = parity.compare(spec, expected, got)
    tensor = measured["tensors"]["output"]
    assert tensor["max_abs"] == pytest.approx(2.0) and tensor["max_relative"] == pytest.approx(2 / 7)
    cosine = (12 + 12 + 35) / np.sqrt((16 + 9 + 49) * (9 + 16 + 25))
    assert tensor["min_cosine"] == pytest.approx(cosine, abs=1e-6)
    assert measured["labels"] == {"logits": 0.5}
    # Clamped to [-1, 1] first: the second picture's 7 and 5 are both 1.
    assert measured["affect"] == {"valence": pytest.approx(np.sqrt(0.16 / 2))}


def test_cues_that_moved_are_out_of_tolerance() -> None:
    spec = replace(cues_spec(), outputs=(OutputSpec("gaze", "gaze"),))
    expected, moved = ({"gaze": np.array([[value, 1.0]], np.float32)} for value in (1.0, 4.0))
    parity.check(spec, parity.TOLERANCES["int8"], {"real": (expected, expected)})
    with pytest.raises(ParityError, match=r"cues differ by 1\.50 points \(allowed 1\.0\)"):
        parity.check(spec, parity.TOLERANCES["int8"], {"real": (expected, moved)})


def test_label_that_was_level_counts_as_agreement() -> None:
    spec = spec_of(OutputSpec("output", "logits", (0, 2), ("anger", "fear")))
    measured = parity.compare(spec, outputs_of([[1.0, 1.0 + 1e-6]]), outputs_of([[1.0 + 1e-6, 1.0]]))
    assert measured["labels"] == {"logits": 1.0}


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        ([[1, 2, np.nan]], "not finite"),
        ([[1, 2.1, 0.5]], "differs by"),
        ([[2, 1, 0.5]], "labels by logits agree on 0.00%"),
        ([[1, 2, -0.5]], "valence has RMSE 1.0000"),
        ([[1, 2]], r"shape \[1, 2\] instead of \[1, 3\]"),
    ],
)
def test_every_measure_can_fail(got: list[list[float]], reason: str) -> None:
    spec = spec_of(OutputSpec("output", "logits", (0, 2), ("anger", "fear")), OutputSpec("output", "valence", (2, 3)))
    expected = outputs_of([[1, 2, 0.5]])
    parity.check(spec, parity.TOLERANCES["fp32"], {"real": (expected, expected)})
    with pytest.raises(ParityError, match=reason):
        parity.check(spec, parity.TOLERANCES["fp32"], {"real": (expected, outputs_of(got))})


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
