"""The parity gate: what it measures and what it refuses."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from edgeaffect.export import ParityError, export, parity, zoo  # noqa: E402
from edgeaffect.export.precision import PrecisionError  # noqa: E402
from export_parts import cache_folder, picture, spec_of, tiny  # noqa: E402, F401
from fixture_nets import cues_spec, patterns  # noqa: E402

from edgeaffect.models.spec import ModelSpec, OutputSpec  # noqa: E402


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
