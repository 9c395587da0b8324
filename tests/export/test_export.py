"""Export end to end: every architecture to ONNX and to an engine, outputs, use in the runtime."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import export, inputs, parity, passes, zoo  # noqa: E402
from edgeaffect.export.errors import CheckpointError, GraphError  # noqa: E402
from edgeaffect.export.onnx_export import run_program, to_onnx  # noqa: E402
from export_parts import Tiny, cache_folder, picture, spec_of, tiny  # noqa: E402, F401
from in_tree import in_tree  # noqa: E402

from edgeaffect import FaceAffect  # noqa: E402
from edgeaffect.circumplex import EMOTIONS  # noqa: E402
from edgeaffect.models.spec import ModelSpec, OutputSpec  # noqa: E402

OWN = "edgeaffect-base"
# One of each network. The others differ in the size of the last layer; continuous integration exports all.
REPRESENTATIVE = (
    "hsemotion-b0-va",
    "hsemotion-b2",
    "cage-maxvit-8va",
    "emonet-8",
    "dan-8",
    "ddamfn-8",
    OWN,
)

EVERY = os.environ.get("EDGEAFFECT_EVERY_ARCHITECTURE") == "1"


@pytest.mark.parametrize(
    "name",
    [
        name if name == OWN else pytest.param(name, marks=in_tree)
        for name in (zoo.ARCHITECTURES if EVERY else REPRESENTATIVE)
    ],
)
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


def test_model_that_pytorch_cannot_export_is_named() -> None:
    class Inverse(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return torch.linalg.eigvals(image[:, 0]).real

    with pytest.raises(GraphError, match="cannot export"):
        to_onnx(Inverse(), spec_of())
