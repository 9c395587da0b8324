"""EMOTIC-style nets with two inputs through the exporter: same numbers as PyTorch, and used by the runtime."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from edgeaffect.export import export  # noqa: E402
from edgeaffect.export.errors import CheckpointError, ParityError  # noqa: E402
from export_parts import cache_folder  # noqa: E402, F401

from edgeaffect import ContextAffect, cli  # noqa: E402
from edgeaffect.evaluation.protocols import EMOTIC_LABELS  # noqa: E402
from edgeaffect.face.alignment import box_matrix, whole_matrix  # noqa: E402
from edgeaffect.models.preprocess import crop_to_input  # noqa: E402
from edgeaffect.models.spec import Alignment, ImageInput, ModelSpec, OutputSpec  # noqa: E402


class Emotic(torch.nn.Module):
    """Two trunks, their features joined, 26 scores and VAD from 1 to 10: the layout of Kosti et al. 2017, small."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.scene = self.trunk(), self.trunk()
        self.join = torch.nn.Sequential(torch.nn.Linear(32, 24), torch.nn.BatchNorm1d(24), torch.nn.ReLU())
        self.labels, self.vad = torch.nn.Linear(24, 26), torch.nn.Linear(24, 3)

    @staticmethod
    def trunk() -> torch.nn.Sequential:
        return torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(),
            torch.nn.Conv2d(8, 16, 3, 2, 1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        )  # fmt: skip

    def forward(self, body: torch.Tensor, scene: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.join(torch.cat([self.scene(scene), self.body(body)], 1))
        return self.labels(x), 5.5 + 4 * torch.tanh(self.vad(x))


SPEC = ModelSpec(
    name="emotic-small", version="1.0.0", task="context", va_source="rated", licence="unknown",
    inputs=(
        ImageInput("body", (48, 64), mean=(0.438, 0.396, 0.371), std=(0.248, 0.236, 0.232)),
        ImageInput("scene", (64, 64), mean=(0.469, 0.441, 0.405), std=(0.251, 0.243, 0.243)),
    ),
    outputs=(
        OutputSpec("labels", "label_logits", None, EMOTIC_LABELS),
        OutputSpec("vad", "valence", (0, 1), range=(1, 10)),
        OutputSpec("vad", "arousal", (1, 2), range=(1, 10)),
        OutputSpec("vad", "dominance", (2, 3), range=(1, 10)),
    ),
    alignment=Alignment(kind="box", square=False, rotate=False),
)  # fmt: skip


def network() -> Emotic:
    torch.manual_seed(3)
    return Emotic().eval()


def scripted(folder: Path) -> Path:
    torch.jit.script(network()).save(str(folder / "net.pt"))
    return folder / "net.pt"


def exported() -> torch.export.ExportedProgram:
    """In memory: a saved one holds Python code that compares the two batches, which is refused unless one trusts it."""
    batch = torch.export.Dim("batch")
    example = (torch.zeros(2, 3, 64, 48), torch.zeros(2, 3, 64, 64))
    return torch.export.export(network(), example, dynamic_shapes=({0: batch}, {0: batch}))


# PyTorch's newer exporter takes ten seconds of a processor; continuous integration runs every form.
FORMS = ["module", "script", *(["program"] if os.environ.get("EDGEAFFECT_EVERY_ARCHITECTURE") == "1" else [])]


@pytest.mark.parametrize("form", FORMS)
def test_two_inputs_become_onnx_that_computes_the_same(form: str, tmp_path: Path) -> None:
    given = network() if form == "module" else scripted(tmp_path) if form == "script" else exported()
    report = export(given, tmp_path / "out", spec=SPEC)
    assert report["parity"]["real"]["tensors"]["labels"]["max_relative"] < 1e-5
    assert set(report["parity"]["real"]["affect"]) == {"valence", "arousal", "dominance"}
    frame = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    bodies = np.array([(10, 5, 60, 80), (50, 10, 119, 90), (0, 0, 120, 90)], np.float32)
    with ContextAffect(tmp_path / "out" / "model.onnx", device="cpu") as stage:
        people = stage.predict(frame, bodies=bodies)
    matrices = box_matrix(bodies, (48, 64), square=False).astype(np.float32)
    body = crop_to_input(SPEC.pictures[0], frame, matrices, color="bgr", border="replicate")
    scene = crop_to_input(SPEC.pictures[1], frame, whole_matrix((120, 90), (64, 64))[None], color="bgr",
                          border="replicate")  # fmt: skip
    with torch.inference_mode():
        labels, vad = network()(torch.from_numpy(body), torch.from_numpy(scene).expand(3, -1, -1, -1))
    for i, person in enumerate(people):
        assert list(person.extra) == list(EMOTIC_LABELS)
        assert list(person.extra.values()) == pytest.approx(torch.sigmoid(labels[i]).tolist(), abs=1e-5)
        assert [person.valence, person.arousal, person.dominance] == pytest.approx(
            ((vad[i] - 5.5) / 4.5).tolist(), abs=1e-5
        )


def test_the_command_and_the_check_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(SPEC.to_json())
    assert cli.main(["export", str(scripted(tmp_path)), "--spec", str(spec), "-o", str(tmp_path / "out")]) == 0
    assert cli.main(["models", "verify", str(tmp_path / "out" / "model.onnx")]) == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["spec"]["task"] == "context"
    words = ["export", str(tmp_path / "net.pt"), "--spec", str(spec), "-o", str(tmp_path / "x"), "--precision", "int8"]
    capsys.readouterr()
    assert cli.main(words) == 2
    assert "a context model takes a body and a scene: it is exported to ONNX in fp32" in capsys.readouterr().err


def test_other_nets_are_refused(tmp_path: Path) -> None:
    class Swapped(Emotic):
        """Depends on its batch: parity must find it."""

        def forward(self, body: torch.Tensor, scene: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            labels, vad = super().forward(body, scene)
            return labels * len(body), vad

    torch.manual_seed(3)
    with pytest.raises(ParityError, match="labels differs"):
        export(Swapped().eval(), tmp_path / "out", spec=SPEC)
    assert not (tmp_path / "out" / "model.onnx").exists()
    single = torch.export.export(torch.nn.Flatten(), (torch.zeros(2, 3, 64, 48),))
    with pytest.raises(CheckpointError, match="takes 1 inputs; 2 picture batches are expected"):
        export(single, tmp_path / "out", spec=SPEC)
