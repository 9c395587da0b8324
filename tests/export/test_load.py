"""Checkpoints are read without running what they may carry."""

from __future__ import annotations

import collections
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import types
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import zoo_reference as reference  # noqa: E402  (needs torch)
from edgeaffect.export import zoo  # noqa: E402
from edgeaffect.export.errors import CheckpointError  # noqa: E402
from edgeaffect.export.load import load, read_state_dict  # noqa: E402


@pytest.fixture(scope="module")
def ddamfn() -> torch.nn.Module:
    return reference.fill(zoo.get("ddamfn-8").build(()))


@pytest.fixture
def foreign_class() -> Iterator[type]:
    """A module class that only the writer of the checkpoint has, as timm's for HSEmotion's files."""
    module = types.ModuleType("timm_like.models")

    class EfficientNet(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv_stem = torch.nn.Conv2d(3, 4, 3, bias=False)
            self.bn1 = torch.nn.BatchNorm2d(4)
            self.blocks = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
            self.classifier = torch.nn.Linear(4, 2)
            self.register_buffer("scratch", torch.zeros(3), persistent=False)
            self.config = types.SimpleNamespace(lr=1e-3)
            self.options = {"pad": torch.Size([1, 1]), "device": torch.device("cpu"), "dtype": torch.float16}

    EfficientNet.__module__, EfficientNet.__qualname__ = module.__name__, "EfficientNet"
    module.EfficientNet = EfficientNet
    sys.modules["timm_like"] = types.ModuleType("timm_like")
    sys.modules[module.__name__] = module
    yield EfficientNet
    sys.modules.pop("timm_like", None)
    sys.modules.pop(module.__name__, None)


def assert_same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> None:
    assert list(left) == list(right)
    for key in left:
        assert left[key].dtype == right[key].dtype and torch.equal(left[key], right[key]), key


WRAPPINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "plain": lambda s: s,
    "data parallel": lambda s: {f"module.{k}": v for k, v in s.items()},
    "DAN and DDAMFN": lambda s: {"iter": 3, "model_state_dict": s, "optimizer_state_dict": {"state": {}}},
    "lightning": lambda s: {"epoch": 1, "state_dict": {f"model.{k}": v for k, v in s.items()}},
    "compiled and parallel": lambda s: {"state_dict": {f"module._orig_mod.{k}": v for k, v in s.items()}},
    "no step counters": lambda s: {k: v for k, v in s.items() if not k.endswith("num_batches_tracked")},
    "half precision": lambda s: {k: v.half() if v.is_floating_point() else v for k, v in s.items()},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("legacy", [False, True])
def test_wrapped_state_dicts(wrapping: str, legacy: bool, ddamfn: torch.nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    state = dict(ddamfn.state_dict())
    torch.save(WRAPPINGS[wrapping](state), path, _use_new_zipfile_serialization=not legacy)
    loaded = load(path, arch="ddamfn-8")
    tolerance = 1e-3 if wrapping == "half precision" else 0
    for key, value in loaded.program.state_dict().items():
        assert value.dtype == state[key].dtype
        assert torch.allclose(value, state[key], rtol=tolerance, atol=tolerance), key
    assert loaded.spec.sha256_source and loaded.source == "net.pth"
    assert not loaded.program.training


@pytest.mark.parametrize("legacy", [False, True])
def test_pickled_module_needs_trust_and_then_yields_its_state_dict(
    legacy: bool, foreign_class: type, tmp_path: Path
) -> None:
    module = foreign_class()
    path = tmp_path / "enet.pt"
    torch.save(module, path, _use_new_zipfile_serialization=not legacy)
    del sys.modules["timm_like.models"]  # the reader does not have the class
    with pytest.raises(CheckpointError, match="--trust-pickle"):
        read_state_dict(path)
    assert_same(read_state_dict(path, trust_pickle=True), module.state_dict())


def test_pickled_module_inside_a_training_state(foreign_class: type, tmp_path: Path) -> None:
    module, path = foreign_class(), tmp_path / "state.pt"
    torch.save({"epoch": 7, "best": collections.Counter(a=1), "model": module}, path)
    assert_same(read_state_dict(path, trust_pickle=True), module.state_dict())


@pytest.mark.parametrize("sequential", [False, True])
def test_hsemotion_as_a_pickled_module(sequential: bool, tmp_path: Path) -> None:
    """Both forms of the classifier load, and the network computes what it did."""
    keys = ("classifier.0.weight",) if sequential else ()
    module = reference.fill(zoo.get("hsemotion-b0").build(keys), seed=3)
    path = tmp_path / "enet_b0_8.pt"
    torch.save(module, path)
    loaded = load(path, arch="hsemotion-b0", trust_pickle=True)
    picture = reference.reference_input(224, "imagenet")
    with torch.inference_mode():
        assert torch.equal(loaded.program(picture), module(picture))


def test_tensors_that_share_and_view_a_storage(tmp_path: Path, foreign_class: type) -> None:
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    module = foreign_class()
    module.config = None
    module.view = torch.nn.Parameter(base[1:, ::2].t())
    module.empty = torch.nn.Parameter(torch.zeros(0, 3))
    path = tmp_path / "views.pt"
    torch.save(module, path)
    state = read_state_dict(path, trust_pickle=True)
    assert torch.equal(state["view"], base[1:, ::2].t()) and state["empty"].shape == (0, 3)


class Hostile:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments

    def __call__(self) -> None:
        """Callable, so that one hostile object may be the function of another."""


def hostile_calls(marker: Path) -> dict[str, Any]:
    write = f"open({str(marker)!r}, 'w')"
    module = Hostile(__import__, "os")
    return {
        "os.system": Hostile(os.system, f"touch {marker}"),
        "eval": Hostile(eval, write),
        "exec": Hostile(exec, write),
        "getattr chain": Hostile(Hostile(getattr, module, "system"), f"touch {marker}"),
        "subprocess": Hostile(__import__("subprocess").check_call, ["touch", str(marker)]),
        "torch.load": Hostile(torch.load, str(marker)),
        "torch.hub.load": Hostile(torch.hub.load, "owner/repo", "net"),
        "torch.save": Hostile(torch.save, 1, str(marker)),
        "torch.from_file": Hostile(torch.from_file, str(marker), True, 4),
        "pickle.loads": Hostile(pickle.loads, pickle.dumps(Hostile(os.system, f"touch {marker}"))),
        "operator.attrgetter": Hostile(__import__("operator").attrgetter, "system"),
    }


@pytest.mark.parametrize("name", hostile_calls(Path("marker")))
@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("place", ["root", "value", "module attribute"])
def test_hostile_pickle_is_refused_and_not_run(
    name: str, legacy: bool, place: str, tmp_path: Path, foreign_class: type
) -> None:
    marker, path = tmp_path / "marker", tmp_path / "evil.pt"
    payload = hostile_calls(marker)[name]
    module = foreign_class()
    module.__dict__["payload"] = payload
    content = {"root": payload, "value": {"state_dict": {"w": torch.ones(2)}, "x": payload}, "module attribute": module}
    torch.save(content[place], path, _use_new_zipfile_serialization=not legacy)
    for trust in (False, True):
        with pytest.raises(CheckpointError):
            read_state_dict(path, trust_pickle=trust)
    assert not marker.exists()


def zip_of(path: Path, program: bytes, **storages: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("evil/data.pkl", program)
        for key, data in storages.items():
            archive.writestr(f"evil/data/{key.removeprefix('_')}", data)
    return path


def opcodes(*parts: bytes) -> bytes:
    return b"\x80\x02" + b"".join(parts) + b"."


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x04tQ"


@pytest.mark.parametrize(
    "program",
    {
        "size beyond the storage": opcodes(REBUILD, b"(", STORAGE, b"K\x00K\x09\x85K\x01\x85\x89}tR"),
        "offset beyond the storage": opcodes(REBUILD, b"(", STORAGE, b"K\x03K\x04\x85K\x01\x85\x89}tR"),
        "huge stride": opcodes(REBUILD, b"(", STORAGE, b"K\x00K\x02\x85J\xff\xff\xff\x7f\x85\x89}tR"),
        "negative stride": opcodes(REBUILD, b"(", STORAGE, b"K\x00K\x02\x85J\xff\xff\xff\xff\x85\x89}tR"),
        "tensor as storage": opcodes(REBUILD, b"(N", b"K\x00K\x02\x85K\x01\x85\x89}tR"),
        "persistent id is no tuple": opcodes(text("storage"), b"Q"),
        "persistent id with a path": opcodes(
            b"(", text("storage"), b"ctorch\nFloatStorage\n", text("../secret"), text("cpu"), b"K\x04tQ"
        ),
        "persistent id inside a persistent id": opcodes(
            b"(", text("storage"), b"ctorch\nFloatStorage\n", STORAGE, text("cpu"), b"K\x04tQ"
        ),
        "storage type that is none": opcodes(b"(", text("storage"), b"cos\nsystem\n", text("0"), b"NK\x04tQ"),
        "altered rebuilder": opcodes(REBUILD, b"}", text("__defaults__"), b"N", b"sb"),
        "altered tensor": opcodes(
            REBUILD, b"(", STORAGE, b"K\x00K\x02\x85K\x01\x85\x89}tR", b"}", text("size"), b"Nsb"
        ),
        "list that holds itself": opcodes(b"]q\x00(h\x00h\x00e"),
        "truncated": b"\x80\x02(",
        "no pickle": b"not a pickle at all",
    }.items(),
    ids=lambda item: item[0],
)
def test_malformed_pickle_is_refused(program: tuple[str, bytes], tmp_path: Path) -> None:
    path = zip_of(tmp_path / "evil.pt", program[1], _0=bytes(16))
    with pytest.raises(CheckpointError):
        read_state_dict(path, trust_pickle=True)


def test_objects_shared_exponentially_are_read_in_linear_time(tmp_path: Path) -> None:
    """A list of two references to a list of two references ...: 2^60 leaves when walked without memory."""
    nested: Any = [1]
    for _ in range(60):
        nested = [nested, nested]
    path = zip_of(tmp_path / "laughs.pt", pickle.dumps(nested, 2))
    with pytest.raises(CheckpointError, match="no weights"):
        read_state_dict(path, trust_pickle=True)


def test_modules_shared_exponentially_are_refused(tmp_path: Path) -> None:
    module = torch.nn.Module()
    for _ in range(60):
        parent = torch.nn.Module()
        parent.a = parent.b = module
        module = parent
    path = tmp_path / "laughs.pt"
    torch.save(module, path)
    with pytest.raises(CheckpointError, match="more than"):
        read_state_dict(path, trust_pickle=True)


def test_old_tar_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    with tarfile.open(path, "w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            data = pickle.dumps(Hostile(os.system, f"touch {tmp_path / 'marker'}"), 2)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    for trust in (False, True):
        with pytest.raises(CheckpointError):
            read_state_dict(path, trust_pickle=trust)
    assert not (tmp_path / "marker").exists()


def test_wrong_architecture_lists_the_differences_and_names_the_right_one(
    ddamfn: torch.nn.Module, tmp_path: Path
) -> None:
    path = tmp_path / "net.pth"
    torch.save(ddamfn.state_dict(), path)
    with pytest.raises(CheckpointError) as caught:
        load(path, arch="dan-8")
    message = str(caught.value)
    for part in ("missing: ", "features.4.0.conv1.weight", "unexpected: ", "more", "use --arch ddamfn-8"):
        assert part in message
    assert len(message) < 3000


def test_wrong_number_of_classes_names_the_shapes(ddamfn: torch.nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(ddamfn.state_dict(), path)
    with pytest.raises(CheckpointError, match=r"fc.weight \(8, 512\) instead of \(7, 512\)(.|\n)*--arch ddamfn-8"):
        load(path, arch="ddamfn-7")


def test_foreign_network_is_not_mistaken_for_a_known_one(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save(torch.nn.Linear(3, 4).state_dict(), path)
    with pytest.raises(CheckpointError, match="no architecture of the zoo fits"):
        load(path, arch="dan-7")


def test_file_without_weights_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "log.pth"
    torch.save({"epoch": 3, "loss": 0.5}, path)
    with pytest.raises(CheckpointError, match="epoch, loss"):
        read_state_dict(path)


def write_safetensors(path: Path, state: dict[str, torch.Tensor], shrink: int = 0) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    names = {torch.float32: "F32", torch.int64: "I64", torch.bfloat16: "BF16"}
    blob = b""
    for key, value in state.items():
        raw = value.contiguous().flatten().view(torch.uint8).numpy().tobytes() if value.numel() else b""
        header[key] = {
            "dtype": names[value.dtype],
            "shape": list(value.shape),
            "data_offsets": [len(blob), len(blob) + len(raw)],
        }
        blob += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + blob[: len(blob) - shrink])


def test_safetensors(tmp_path: Path) -> None:
    state = {
        "a": torch.randn(3, 4), "b": torch.arange(5), "c": torch.randn(2).bfloat16(), "d": torch.zeros(0, 2),
        "e": torch.tensor(3),
    }  # fmt: skip
    write_safetensors(tmp_path / "net.safetensors", state)
    assert_same(read_state_dict(tmp_path / "net.safetensors"), state)
    write_safetensors(tmp_path / "cut.safetensors", state, shrink=1)
    (tmp_path / "junk.safetensors").write_bytes(b"\xff" * 64)
    for name in ("cut", "junk"):
        with pytest.raises(CheckpointError, match=r"safetensors|bytes for shape"):
            read_state_dict(tmp_path / f"{name}.safetensors")


@pytest.fixture(scope="module")
def small() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(4 * 36, 8)).eval()


def test_torchscript_and_exported_programs_are_recognised(small: torch.nn.Module, tmp_path: Path) -> None:
    picture = torch.randn(2, 3, 8, 8)
    spec = zoo.get("dan-8").spec
    torch.jit.trace(small, picture).save(str(tmp_path / "net.ts"))
    batch = torch.export.Dim("batch")
    torch.export.save(torch.export.export(small, (picture,), dynamic_shapes=({0: batch},)), tmp_path / "net.pt2")
    script = load(tmp_path / "net.ts", spec=spec).program
    assert torch.equal(script(picture), small(picture))
    exported = load(tmp_path / "net.pt2", spec=spec).program
    assert torch.allclose(exported.module()(picture), small(picture), atol=1e-6)
    with pytest.raises(ValueError, match=r"--spec spec\.json"):
        load(tmp_path / "net.ts")


class Writes(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.save(x, "marker")
        return x


def test_torchscript_that_writes_files_is_refused(tmp_path: Path) -> None:
    torch.jit.script(Writes()).save(str(tmp_path / "evil.ts"))
    with pytest.raises(CheckpointError, match="touches files"):
        load(tmp_path / "evil.ts", spec=zoo.get("dan-8").spec)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.ops.aten.linear.default", "torch.hub.load"),
        ("torch.ops.aten.linear.default", "os.system"),
        ("Symbol(", "exec("),
        ("integer=True", "x=().__class__"),
        ('"guards_code": []', '"guards_code": ["print(1)"]'),
    ],
)
def test_exported_program_that_does_more_than_compute_is_refused(
    old: str, new: str, small: torch.nn.Module, tmp_path: Path
) -> None:
    good, evil = tmp_path / "good.pt2", tmp_path / "evil.pt2"
    batch = torch.export.Dim("batch")
    torch.export.save(torch.export.export(small, (torch.randn(2, 3, 8, 8),), dynamic_shapes=({0: batch},)), good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("model.json"):
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    with pytest.raises(CheckpointError, match=r"refused|if you trust it"):
        load(evil, spec=zoo.get("dan-8").spec)


def test_exported_program_with_a_pickled_sample_is_refused(small: torch.nn.Module, tmp_path: Path) -> None:
    good, evil = tmp_path / "good.pt2", tmp_path / "evil.pt2"
    torch.export.save(torch.export.export(small, (torch.randn(2, 3, 8, 8),)), good)
    buffer = io.BytesIO()
    torch.save(Hostile(os.system, f"touch {tmp_path / 'marker'}"), buffer)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            target.writestr(name, buffer.getvalue() if "sample_inputs" in name else source.read(name))
    with pytest.raises(CheckpointError, match="pickled object"):
        load(evil, spec=zoo.get("dan-8").spec)
    assert not (tmp_path / "marker").exists()


def test_weights_without_an_architecture_are_refused(ddamfn: torch.nn.Module, tmp_path: Path) -> None:
    torch.save(ddamfn.state_dict(), tmp_path / "net.pth")
    with pytest.raises(ValueError, match="name their architecture"):
        load(tmp_path / "net.pth")
