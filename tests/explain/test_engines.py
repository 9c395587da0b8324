"""Engines of the explainer's graphs, really built by TensorRT for RTX: encoder, growing and static decoder."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("tensorrt_rtx_bindings", reason="TensorRT for RTX is not installed")

from explain_parts import HEAD, HEADS, LAYERS, Shape, tiny_decoder, tiny_encoder, tiny_static_decoder

from edgeaffect.explain.explainer import DEFAULT_BUNDLE
from edgeaffect.explain.static_cache import static_decoder
from edgeaffect.models.registry import FILES, find_bundle
from edgeaffect.runtime.tensorrt import BuildOptions, build_engine


def test_the_encoder(tmp_path: Path) -> None:
    engine = build_engine(tiny_encoder(tmp_path / "e.onnx"), tmp_path / "e.engine")
    assert set(engine.header.self_test["outputs"]) == {"cues", "facts", "keys_values"}
    assert engine.header.profile == {}


def test_the_decoder_with_a_cache_of_fixed_length(tmp_path: Path) -> None:
    _, net = tiny_decoder(tmp_path / "d.onnx", Shape(longest=32))
    engine = build_engine(
        tiny_static_decoder(tmp_path / "s.onnx", net), tmp_path / "s.engine", BuildOptions(max_tokens=8)
    )
    # A prefix of up to eight tokens in one run, then one at a time.
    assert engine.header.profile == {"tokens": [[1, 1], [1, 1], [1, 8]]}
    assert set(engine.header.self_test["outputs"]) == {"logits", "present"}


def test_the_decoder_with_a_cache_that_grows(tmp_path: Path) -> None:
    growing, _ = tiny_decoder(tmp_path / "d.onnx", Shape(longest=32))
    engine = build_engine(growing, tmp_path / "d.engine", BuildOptions(max_tokens=32))
    past = [[LAYERS, 2, 1, HEADS, length, HEAD] for length in (0, 8, 32)]
    assert engine.header.profile == {"tokens": [[1, 1], [1, 1], [1, 32]], "past": past}


@pytest.mark.skipif(not any(FILES.glob(f"{DEFAULT_BUNDLE}*")), reason="no bundled explainer in this tree")
def test_the_bundled_graphs(tmp_path: Path) -> None:
    bundle = find_bundle(DEFAULT_BUNDLE, "explain")
    options = BuildOptions(max_tokens=8)
    engines = {
        "encoder": build_engine(bundle.model("encoder"), tmp_path / "encoder.engine", options),
        "growing": build_engine(bundle.model("decoder"), tmp_path / "growing.engine", options),
        "static": build_engine(static_decoder(bundle, tmp_path), tmp_path / "static.engine", options),
    }
    assert engines["static"].header.profile == {"tokens": [[1, 1], [1, 1], [1, 8]]}
    assert set(engines["growing"].header.profile) == {"tokens", "past"}
    assert all(engine.header.payload_bytes > 10_000 for engine in engines.values())
