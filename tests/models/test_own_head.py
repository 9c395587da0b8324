"""Heads that are added to a model file: the graph computes them, and everything else stays as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeaffect import FaceAffect
from edgeaffect.errors import SpecError
from edgeaffect.face.features import FaceFeatures
from edgeaffect.face.smoother import Smoother
from edgeaffect.models import ModelFile, ModelSpec
from edgeaffect.models.graph_edit import Addition, Node, append_to_graph
from edgeaffect.models.own_head import OwnHead, write_with_head
from edgeaffect.models.registry import FILES, find

pytestmark = pytest.mark.skipif(not (FILES / "affect-small-int8.onnx").exists(), reason="no bundled affect model")

CROPS = list(np.random.default_rng(0).integers(0, 256, (5, 60, 50, 3), np.uint8))


def head(labels: tuple[str, ...], channels: int, seed: int = 0) -> OwnHead:
    generator = np.random.default_rng(seed)
    columns = len(labels) or 1
    return OwnHead("engagement", labels, generator.normal(0, 2, (channels, columns)), generator.normal(size=columns),
                   (-0.5, 0.5) if not labels else (-np.inf, np.inf))  # fmt: skip


@pytest.mark.parametrize("model", ["affect-small-int8", "affect-small", "affect-nano"])
@pytest.mark.parametrize("labels", [("bored", "engaged", "away"), ()])
def test_the_graph_computes_the_head_and_leaves_the_rest(tmp_path: Path, model: str, labels: tuple[str, ...]) -> None:
    base = find(model, "affect")
    with FaceFeatures(model, device="cpu") as stage:
        features = np.stack(stage.run_crops(CROPS))
        axes = stage.axes
    given = head(labels, features.shape[1])
    file = write_with_head(base, given, tmp_path / "mine.onnx", feature_axes=axes or 0, told="a test", data="none")
    with FaceAffect(model, device="cpu") as plain, FaceAffect(file.path, device="cpu") as own:
        before, after = plain.predict_crops(CROPS), own.predict_crops(CROPS)
    names = labels or ("engagement",)
    assert [list(a.own) for a in after] == [list(names)] * 5
    # float32 sums of some hundred products
    assert np.array([list(a.own.values()) for a in after]) == pytest.approx(given.apply(features), abs=2e-5)
    for a, b in zip(before, after, strict=True):
        assert not a.own and not b.extra and a.label == b.label
        assert (a.probabilities == b.probabilities).all() and (a.valence, a.quality) == (b.valence, b.quality)
    assert file.spec.name == f"{model}-engagement" and file.spec.licence == base.spec.licence
    assert file.spec.training_data[-1] == "none" and file.spec.recipe.endswith("a test")
    with pytest.raises(SpecError, match="has a head already"):
        write_with_head(file, given, tmp_path / "twice.onnx", feature_axes=4, told="", data="none")


def test_the_file_is_sound_to_the_onnx_package(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    base = find("affect-small", "affect")
    file = write_with_head(
        base, head(("a", "b"), 144), tmp_path / "mine.onnx", feature_axes=4, told="a test", data="none"
    )
    model = onnx.load(file.path)
    onnx.checker.check_model(model, full_check=True)
    before = onnx.load(base.path).graph
    assert model.graph.node[: len(before.node)] == before.node
    assert [node.op_type for node in model.graph.node[len(before.node) :]] == [
        "GlobalAveragePool", "Flatten", "Gemm", "Softmax",
    ]  # fmt: skip


def test_attributes_are_encoded_as_onnx_reads_them(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    node = Node("LeakyRelu", ("features",), ("x",), {"alpha": 0.25, "axis": -1, "pads": (1, -2)})
    append_to_graph(find("affect-nano", "affect").path, tmp_path / "x.onnx", Addition((node,), {}, {}))
    attributes = onnx.load(tmp_path / "x.onnx").graph.node[-1].attribute
    assert {a.name: onnx.helper.get_attribute_value(a) for a in attributes} == {
        "alpha": 0.25, "axis": -1, "pads": [1, -2],
    }  # fmt: skip


def test_smoothing_follows_a_scale_beyond_one(tmp_path: Path) -> None:
    file = write_with_head(
        find("affect-nano", "affect"),
        OwnHead("pain", (), np.zeros((64, 1)), np.array([7.5])),
        tmp_path / "pain.onnx", feature_axes=4, told="a test", data="none",
    )  # fmt: skip
    with FaceAffect(file.path, device="cpu") as stage:
        raw = stage.predict_crops(CROPS[:2])
    smoother = Smoother()
    assert raw[0].own == {"pain": 7.5}
    assert [smoother.update(1, affect, t).own for t, affect in enumerate(raw)] == [{"pain": 7.5}] * 2
    assert smoother.update(1, raw[0], 2.0).label in raw[0].to_dict()["probabilities"]


def test_what_cannot_have_a_head_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "no.onnx"
    text.write_bytes(b"no model")
    with pytest.raises(SpecError, match="protobuf"):
        append_to_graph(text, tmp_path / "out.onnx", Addition((), {}, {}))
    assert not (tmp_path / "out.onnx").exists()
    base = find("affect-nano", "affect")
    spec = ModelSpec.from_dict({**base.spec.to_dict(), "outputs": base.spec.to_dict()["outputs"][:-1]})
    with pytest.raises(SpecError, match="gives no features: a head needs"):
        write_with_head(ModelFile(base.path, spec), head(("a", "b"), 64), text, feature_axes=4, told="", data="none")
    for labels, words in ((("happy", "b"), "means one of the eight emotions"), (("a", "a"), "different names"),
                          (("a",), "2 to 64"), (("a", " b"), "printable characters")):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            head(labels, 64)
