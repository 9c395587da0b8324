"""Bundles of two small graphs and a vocabulary: written, opened, run, and every way they can be wrong."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect.cli import main
from edgeaffect.errors import ModelNotFoundError, SpecError
from edgeaffect.models import (
    BundleError,
    FeatureInput,
    ModelBundle,
    ModelSpec,
    OutputSpec,
    StateInput,
    TokenInput,
    find_bundle,
    metadata,
    write_bundle,
)
from edgeaffect.models.bundle import MANIFEST, PAIR_KEY
from edgeaffect.runtime import open_session

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
TABLE = np.arange(40, dtype=np.float32).reshape(10, 4)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGEAFFECT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def save(path: Path, spec: ModelSpec, inputs: list[Any], outputs: list[Any], nodes: list[Any]) -> Path:
    infos = [[helper.make_tensor_value_info(*t) for t in tensors] for tensors in (inputs, outputs)]
    graph = helper.make_graph(nodes, "g", *infos, [numpy_helper.from_array(TABLE, "table")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    spec.write_to(path)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "made"
    folder.mkdir()
    encoder = ModelSpec("enc", "1", "explain", (FeatureInput("cues", (10,)),), (OutputSpec("memory", "features"),))
    decoder = ModelSpec(
        "dec", "1", "explain", (TokenInput("tokens", 10), StateInput("past", ("batch", "past", 4), "present")),
        (OutputSpec("present", "state"),),
    )  # fmt: skip
    embed = helper.make_node("Gather", ["table", "tokens"], ["embedded"])
    join = helper.make_node("Concat", ["past", "embedded"], ["present"], axis=1)
    multiply = helper.make_node("MatMul", ["cues", "table"], ["memory"])
    (folder / "vocabulary.json").write_text(json.dumps({"pair_id": "training-7", "tokens": [*"abcdefghij"]}))
    past, present = ("past", FLOAT, ["n", "p", 4]), ("present", FLOAT, ["n", "q", 4])
    return {
        "encoder": save(folder / "encoder.onnx", encoder, [("cues", FLOAT, ["n", 10])],
                        [("memory", FLOAT, ["n", 4])], [multiply]),
        "decoder": save(folder / "decoder.onnx", decoder, [("tokens", INT, ["n", "t"]), past], [present],
                        [embed, join]),
        "vocabulary": folder / "vocabulary.json",
    }  # fmt: skip


def make(target: Path, parts: dict[str, Path], **changes: Any) -> ModelBundle:
    facts = {"name": "tiny-explainer", "version": "1.0.0", "task": "explain", "pair_id": "training-7",
             "licence": "mit"}  # fmt: skip
    return write_bundle(target, parts, **{**facts, **changes})


@pytest.fixture(params=["folder", "zip"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path, parts: dict[str, Path]) -> ModelBundle:
    return make(tmp_path / ("b.zip" if request.param == "zip" else "b"), parts)


def test_a_bundle_opens_and_its_graphs_run(bundle: ModelBundle) -> None:
    opened = ModelBundle.open(bundle.path)
    assert opened == bundle and opened.is_permissive and opened.size_bytes > 500
    encoder, decoder = open_session(opened.model("encoder")), open_session(opened.model("decoder"))
    cues = np.eye(10, dtype=np.float32)[:3]
    np.testing.assert_array_equal(encoder.run({"cues": cues})["memory"], TABLE[:3])
    past = np.zeros((1, 0, 4), np.float32)
    for token in (2, 9):
        past = decoder.run({"tokens": np.array([[token]]), "past": past})["present"]
    np.testing.assert_array_equal(past[0], TABLE[[2, 9]])
    assert json.loads(opened.read("vocabulary"))["tokens"][2] == "c"
    with pytest.raises(BundleError, match=r"no 'tokenizer'; its parts are encoder, decoder, vocabulary"):
        opened.part("tokenizer")


def test_the_same_parts_give_the_same_zip(tmp_path: Path, parts: dict[str, Path]) -> None:
    first, second = (make(tmp_path / name, parts).path.read_bytes() for name in ("1.zip", "2.zip"))
    assert first == second and not (tmp_path / "1.parts").exists()


def test_a_zip_is_unpacked_once(tmp_path: Path, parts: dict[str, Path]) -> None:
    bundle = make(tmp_path / "b.zip", parts)
    before = bundle.part("decoder").stat().st_mtime_ns
    assert ModelBundle.open(bundle.path).part("decoder").stat().st_mtime_ns == before
    bundle.part("decoder").write_bytes(b"damaged")
    assert ModelBundle.open(bundle.path).model("decoder").name == "dec"


def edit(bundle: ModelBundle, change: Any) -> Path:
    """The bundle's folder with another manifest."""
    data = json.loads((bundle.path / MANIFEST).read_text())
    change(data)
    (bundle.path / MANIFEST).write_text(json.dumps(data))
    return bundle.path


def rewrite(path: Path, name: str, content: bytes | None, *, add: dict[str, bytes] | None = None) -> None:
    """A zip file with one entry replaced, or left out."""
    with zipfile.ZipFile(path) as source:
        entries = {info.filename: source.read(info) for info in source.infolist()}
    if content is None:
        del entries[name]
    else:
        entries[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for file, data in {**entries, **(add or {})}.items():
            target.writestr(file, data)


@pytest.mark.parametrize("file", ["decoder.onnx", "vocabulary.json"])
def test_missing_and_altered_parts(tmp_path: Path, parts: dict[str, Path], file: str) -> None:
    folder, archive = make(tmp_path / "b", parts).path, make(tmp_path / "b.zip", parts).path
    shutil.rmtree(tmp_path / "home")
    data = (folder / file).read_bytes()
    for altered in (data[:-1] + bytes([data[-1] ^ 1]), data + b"x", data[:-1]):
        (folder / file).write_bytes(altered)
        rewrite(archive, file, altered)
        for path in (folder, archive):
            with pytest.raises(BundleError, match=f"{file} is not the one"):
                ModelBundle.open(path)
    (folder / file).unlink()
    rewrite(archive, file, None)
    with pytest.raises(BundleError, match="is missing"):
        ModelBundle.open(folder)
    with pytest.raises(BundleError, match=f"holds no {file}"):
        ModelBundle.open(archive)


def test_parts_of_another_pair_are_refused_even_with_their_digest(tmp_path: Path, parts: dict[str, Path]) -> None:
    own = make(tmp_path / "own", parts)
    foreign = make(tmp_path / "foreign", {"decoder": parts["decoder"]}, pair_id="training-8")
    theirs = foreign.manifest.parts["decoder"]
    shutil.copy(foreign.part("decoder"), own.part("decoder"))

    def adopt(data: dict[str, Any]) -> None:
        data["parts"]["decoder"] = {"file": theirs.file, "sha256": theirs.sha256, "bytes": theirs.bytes}

    with pytest.raises(BundleError, match="is of pair 'training-8', the bundle is pair 'training-7'"):
        ModelBundle.open(edit(own, adopt))
    with pytest.raises(BundleError, match="of another pair"):
        make(tmp_path / "mixed", {"decoder": foreign.part("decoder")})
    with pytest.raises(BundleError, match=r"vocabulary vocabulary\.json is of pair"):
        make(tmp_path / "words", {"vocabulary": parts["vocabulary"]}, pair_id="training-8")


def test_a_graph_without_a_pair_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    own = make(tmp_path / "own", parts)
    shutil.copy(parts["encoder"], own.part("encoder"))  # not stamped
    size = own.part("encoder").stat().st_size
    from edgeaffect._files import file_sha256

    def adopt(data: dict[str, Any]) -> None:
        data["parts"]["encoder"] |= {"sha256": file_sha256(own.part("encoder")), "bytes": size}

    assert PAIR_KEY not in metadata.read(own.part("encoder"))
    with pytest.raises(BundleError, match="says no pair"):
        ModelBundle.open(edit(own, adopt))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["parts"]["decoder"].update(file="../decoder.onnx"), "plain file name"),
        (lambda d: d["parts"]["decoder"].update(file="/etc/passwd"), "plain file name"),
        (lambda d: d["parts"]["decoder"].update(file="a\\b.onnx"), "plain file name"),
        (lambda d: d["parts"]["decoder"].update(file=".hidden"), "plain file name"),
        (lambda d: d["parts"]["decoder"].update(file=MANIFEST), "plain file name"),
        (lambda d: d["parts"]["decoder"].update(file="encoder.onnx"), "twice"),
        (lambda d: d["parts"]["decoder"].update(bytes=10**15), "whole number from 1 to"),
        (lambda d: d["parts"]["decoder"].update(sha256="x"), "64 hexadecimal"),
        (lambda d: d["parts"]["decoder"].update(mode=7), "unknown key"),
        (lambda d: d["parts"].update({"../x": d["parts"]["decoder"]}), "role"),
        (lambda d: d.update(parts=[]), "JSON object of roles"),
        (lambda d: d.update(parts={}), "1 to 32"),
        (lambda d: d.update(pair_id=""), "pair_id"),
        (lambda d: d.update(name="../x"), "slash"),
        (lambda d: d.update(task="chess"), "task"),
        (lambda d: d.update(schema="edgeaffect.bundle/2"), "update edgeaffect"),
        (lambda d: d.pop("pair_id"), "lacks pair_id"),
    ],
)
def test_hostile_manifests(tmp_path: Path, parts: dict[str, Path], change: Any, message: str) -> None:
    with pytest.raises(BundleError, match=message) as caught:
        ModelBundle.open(edit(make(tmp_path / "b", parts), change))
    assert str(tmp_path / "b") in str(caught.value) and str(caught.value).isprintable()


def test_zip_bombs_are_cut_at_the_length_of_the_manifest(tmp_path: Path, parts: dict[str, Path]) -> None:
    path = make(tmp_path / "b.zip", parts).path
    shutil.rmtree(tmp_path / "home")
    rewrite(path, "decoder.onnx", bytes(64 << 20))
    with pytest.raises(BundleError, match="is not the one"):
        ModelBundle.open(path)
    assert sum(p.stat().st_size for p in (tmp_path / "home").rglob("*")) < 1 << 20
    path = make(tmp_path / "c.zip", parts).path
    rewrite(path, MANIFEST, b" " * (32 << 20))
    with pytest.raises(BundleError, match="longer than"):
        ModelBundle.open(path)
    path = make(tmp_path / "d.zip", parts).path
    rewrite(path, MANIFEST, b"[" * 200_000, add={f"x{i}": b"" for i in range(300)})
    with pytest.raises(BundleError, match="entries"):
        ModelBundle.open(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + bytes(40), os.urandom(300)])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BundleError, match=r"x\.zip is no bundle"):
        ModelBundle.open(tmp_path / "x.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError, match=f"has no {MANIFEST}"):
        ModelBundle.open(tmp_path / "empty")
    with pytest.raises(FileNotFoundError):
        ModelBundle.open(tmp_path / "nowhere.zip")


def test_every_cut_zip_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    path = make(tmp_path / "b.zip", parts).path
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(BundleError):
            ModelBundle.open(path)


def test_registry_and_command_line_know_bundles(
    bundle: ModelBundle, own_home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = own_home / "models"
    store.mkdir(parents=True, exist_ok=True)
    shutil.move(bundle.path, store / bundle.path.name)
    (store / "bad.zip").write_bytes(b"PK\x03\x04")
    assert find_bundle(bundle.path.stem, "explain").name == "tiny-explainer"
    with pytest.raises(ValueError, match="'voice' was asked for"):
        find_bundle(store / bundle.path.name, "voice")
    with pytest.raises(ModelNotFoundError, match=r"at hand are .*tiny-explainer"):
        find_bundle("nobody", "explain")
    assert main(["models", "list"]) == 0
    said = capfd.readouterr().out
    assert "tiny-explainer" in said and "3 parts" in said and "cannot be read: " in said and "bad.zip" in said
    assert main(["models", "show", "tiny-explainer"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["manifest"]["pair_id"] == "training-7" and facts["specs"]["decoder"]["inputs"][1]["kind"] == "state"
    assert main(["models", "verify", "tiny-explainer"]) == 0
    assert main(["models", "verify", str(store / "bad.zip")]) == 1


def test_verify_opens_every_graph(tmp_path: Path, parts: dict[str, Path], capfd: pytest.CaptureFixture[str]) -> None:
    spec = ModelSpec.from_onnx(parts["encoder"])
    wrong = ModelSpec.from_dict({**spec.to_dict(), "outputs": [{"name": "nothing", "meaning": "features"}]})
    wrong.write_to(parts["encoder"])
    make(tmp_path / "b", parts)
    assert main(["models", "verify", str(tmp_path / "b")]) == 1
    assert "output 'nothing' is not in the file" in capfd.readouterr().out
    with pytest.raises(SpecError, match="not in the file"):
        open_session(ModelBundle.open(tmp_path / "b").model("encoder"))
