"""Weights taken back out of the shipped bundle say what its files say."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
if not (Path(__file__).resolve().parents[2] / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

import training.explain.restore as module  # noqa: E402
from edgeaffect.models.bundle import ModelBundle  # noqa: E402
from edgeaffect.models.registry import FILES  # noqa: E402
from training.explain.decoder import AFFECT, TOKENS  # noqa: E402
from training.explain.export import DecoderGraph, EncoderGraph, difference  # noqa: E402
from training.explain.restore import restore  # noqa: E402

# Only the order of additions differs.
TOLERANCE = 1e-4


def test_restored_networks_say_what_the_files_say() -> None:
    bundle = ModelBundle.open(FILES / "explainer.zip")
    eyes, decoder = restore(bundle)
    files = {name: onnx.load(str(bundle.part(name))) for name in ("encoder", "decoder")}
    torch.manual_seed(1)
    face = {"image": torch.randn(1, 1, 96, 96), "affect": torch.rand(1, AFFECT), "change": torch.randn(1, 18)}
    assert difference(files["encoder"], EncoderGraph(eyes, decoder), face) < TOLERANCE
    c = decoder.config
    words = {
        "tokens": torch.arange(7)[None] + 4, "past": torch.zeros(c.layers, 2, 1, c.heads, 0, c.head),
        "keys_values": torch.randn(1, c.layers, 2, c.heads, TOKENS, c.head),
    }  # fmt: skip
    assert difference(files["decoder"], DecoderGraph(decoder), words) < TOLERANCE


def test_affect_may_be_learnt_on_without_changing_what_is_said() -> None:
    bundle = ModelBundle.open(FILES / "explainer.zip")
    plain = restore(bundle)[1]
    taught = restore(bundle, torch.randn(plain.config.words, 3))[1]
    assert taught.has_vad
    torch.testing.assert_close(taught.table(), plain.table())


def test_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = module.SIZES | {"student": module.SIZES["student"] | {"inner": 256}}
    monkeypatch.setattr(module, "SIZES", sizes)
    with pytest.raises(ValueError, match="shape"):
        restore(ModelBundle.open(FILES / "explainer.zip"))
