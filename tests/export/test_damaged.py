"""Damaged, tiny and greedy checkpoints: one class of error, and no memory taken for what a file merely claims."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import random
import struct
import zipfile
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from edgeaffect.export import shell_pickle  # noqa: E402
from edgeaffect.export.errors import CheckpointError, SpecNeededError  # noqa: E402
from edgeaffect.export.load import load, read_state_dict  # noqa: E402
from edgeaffect.export.template import TEMPLATE  # noqa: E402

from edgeaffect.cli import main  # noqa: E402
from edgeaffect.models.spec import ModelSpec  # noqa: E402


def state_dict(**options: bool) -> bytes:
    stream = io.BytesIO()
    torch.save({"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2)}, stream, **options)
    return stream.getvalue()


def attempt(path: Path) -> None:
    """Read a file both ways; nothing but a refusal may come out."""
    for trust in (False, True):
        try:
            read_state_dict(path, trust_pickle=trust)
        except CheckpointError as error:
            said = str(error)
        else:
            continue
        assert path.name in said or "pickle" in said or "storage" in said
    with contextlib.suppress(CheckpointError):
        shell_pickle.read(path)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_files_of_no_byte_and_of_one(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    for content in (b"", *(bytes([value]) for value in range(256))):
        path.write_bytes(content)
        attempt(path)
        with pytest.raises(CheckpointError):
            read_state_dict(path, trust_pickle=True)


@pytest.mark.parametrize("legacy", [False, True])
def test_cut_and_flipped_files(tmp_path, legacy):
    content = state_dict(_use_new_zipfile_serialization=not legacy)
    path = tmp_path / "x.pt"
    source = random.Random(0)
    for _ in range(150):
        broken = bytearray(content)
        if source.random() < 0.3:
            del broken[source.randrange(len(broken)) :]
        for _ in range(source.randrange(1, 4)):
            if broken:
                broken[source.randrange(len(broken))] = source.randrange(256)
        path.write_bytes(broken)
        attempt(path)


def safetensors(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000,
        b'{"a": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [1e30], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [' + b"9" * 5000 + b", 4]}}",
        b'{"a": {"dtype": "F32", "shape": [0, 99999999999999999999], "data_offsets": [0, 0]}}',
        b'{"a": []}',
        b"[]",
        b"\xff",
    ],
)
def test_headers_of_safetensors(tmp_path, header):
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors(header, b"\0" * 4))
    with pytest.raises(CheckpointError, match=r"x\.safetensors"):
        read_state_dict(path)


class Rebuilt:
    """Pickles as a tensor of the given size and strides over a storage of one number."""

    def __init__(self, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.arguments = (size, stride)


def tensor_file(path: Path, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return ("storage", torch.FloatStorage, "0", "cpu", 1) if value == "STORAGE" else None

        def reducer_override(self, value: object) -> object:
            if isinstance(value, Rebuilt):
                return torch._utils._rebuild_tensor_v2, ("STORAGE", 0, *value.arguments, False, {})
            return NotImplemented

    stream = io.BytesIO()
    Pickler(stream, 2).dump({"a": Rebuilt(size, stride)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", stream.getvalue())
        archive.writestr("x/data/0", b"\0" * 4)
        archive.writestr("x/version", "3")


def test_a_tensor_that_repeats_one_number_a_trillion_times_is_refused(tmp_path):
    tensor_file(tmp_path / "x.pt", (1,), (1,))
    assert shell_pickle.read(tmp_path / "x.pt")["a"].tolist() == [0.0]
    tensor_file(tmp_path / "x.pt", (1 << 40,), (0,))
    with pytest.raises(CheckpointError, match="too few for a tensor"):
        shell_pickle.read(tmp_path / "x.pt")


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("x/data.pkl", pickle.dumps({}))
        archive.writestr("x/data/0", b"\0" * (64 << 20))
    for read in (shell_pickle.read, read_state_dict):
        with pytest.raises(CheckpointError, match="more than 200 times its size"):
            read(tmp_path / "x.pt")


# ---- models that nothing is known of ----


def test_the_template_is_a_spec():
    spec = ModelSpec.from_dict(TEMPLATE)
    assert (spec.task, spec.image.size) == ("affect", (224, 224))


def test_the_command_prints_the_template_and_nothing_else(capsys):
    assert main(["export", "--spec-template"]) == 0
    assert ModelSpec.from_json(capsys.readouterr().out).name == "my-model"


def test_weights_of_an_own_module_are_shown_the_way_on(tmp_path, capsys):
    (tmp_path / "mine.pt").write_bytes(state_dict())
    assert main(["export", str(tmp_path / "mine.pt"), "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    for part in (
        "mine.pt holds weights only",
        "name their architecture with --arch NAME, one of",
        "edgeaffect models annotate model.onnx --spec spec.json",
    ):
        assert part in error
    assert json.loads(error[error.index("{\n") : error.rindex("}\n") + 1]) == TEMPLATE
    with pytest.raises(SpecNeededError):
        load(tmp_path / "mine.pt")


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 8))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.layers(image)


def test_the_way_on_leads_there(tmp_path, capsys):
    """A program without a spec, the printed template, and the command again; and the way over ONNX and `annotate`."""
    program = tmp_path / "mine.pt"
    torch.jit.trace(Net().eval(), torch.zeros(2, 3, 224, 224)).save(str(program))
    assert main(["export", str(program), "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "--spec spec.json" in error
    (tmp_path / "spec.json").write_text(error[error.index("{\n") : error.rindex("}\n") + 1])
    assert main(["export", str(program), "--spec", str(tmp_path / "spec.json"), "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    made = tmp_path / "made.onnx"
    torch.onnx.export(
        Net().eval(), (torch.zeros(2, 3, 224, 224),), str(made), input_names=["image"], output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},), dynamo=True, verbose=False,
    )  # fmt: skip
    assert main(["models", "annotate", str(made), "--spec", str(tmp_path / "spec.json")]) == 0
    assert ModelSpec.from_onnx(made).name == "my-model"
