"""Checkpoints -> the bundle: `python -m training.explain.export --out DIR --vision NAME --decoder NAME`.

Writes `encoder.onnx` and `decoder.onnx` (growing cache; `edgeaffect.explain.static_cache` derives the static one of the
same weights), checks them against PyTorch, and packs them with vocabulary, evidence and reader.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from edgeaffect.explain.cues import CUES, FACTS
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models import metadata
from edgeaffect.models.bundle import PAIR_KEY, ModelBundle, write_bundle
from edgeaffect.models.registry import FILES
from edgeaffect.models.spec import (
    METADATA_KEY,
    Alignment,
    FeatureInput,
    ImageInput,
    ModelSpec,
    OutputSpec,
    StateInput,
    TokenInput,
)  # fmt: skip
from training.explain import speak, vision
from training.explain.decoder import AFFECT, TOKENS, Decoder
from training.explain.network import SeeingNet
from training.explain.store import fuse_copies, store_weights
from training.files import open_on_one_thread
from training.provenance import commit
from training.storage import shorten_names

VERSION = "1.1.0"
LICENCE = "research-data"
TRAINING_DATA = (
    "FER2013 training images with FER+ votes",
    "labels of MediaPipe Face Landmarker (Apache-2.0) on the following pictures",
    "YouTube Faces frames; LFW, film and web face crops; Flickr, web, webcam and campus photographs; multi-face "
    "photographs of a welfare foundation",
    "webmorph portraits (CC BY 4.0)",
    "One Million Impressions faces (CC BY-NC-SA 4.0)",
    "Glasgow Norms (CC BY 4.0)",
)
# Largest difference of a file from PyTorch before its weights are rounded.
TOLERANCE = 1e-4
ENCODER_OUTPUTS = ("cues", "facts", "keys_values", "confidence")


class EncoderGraph(nn.Module):
    """Image [1, 1, 96, 96], affect [1, 12], change [1, CUES] -> `ENCODER_OUTPUTS`."""

    def __init__(self, eyes: SeeingNet, decoder: Decoder) -> None:
        super().__init__()
        self.eyes, self.decoder = eyes, decoder

    def forward(self, image: torch.Tensor, affect: torch.Tensor, change: torch.Tensor) -> tuple[torch.Tensor, ...]:
        patches, cues, facts, _ = self.eyes(image)
        memory, _, sure = self.decoder.memory(patches, torch.cat([cues, facts], 1), affect, change)
        return cues, facts, self.decoder.keys_and_values(memory), sure.sigmoid()[:, None]


class DecoderGraph(nn.Module):
    """Tokens [1, T], past [L, 2, 1, H, P, dh], keys_values [1, L, 2, H, S, dh] -> logits [1, T, V], present."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self, tokens: torch.Tensor, past: torch.Tensor, keys_values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, present = self.decoder.hidden(tokens, past, keys_values)
        # The table on the left, so that looking up and speaking use one copy of it.
        return (self.decoder.words.weight @ hidden.transpose(1, 2)).transpose(1, 2), present


class StaticGraph(nn.Module):
    """The same with past and present [L, 2, 1, H, M, dh] and one more input, position [1, 1]."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self, tokens: torch.Tensor, past: torch.Tensor, keys_values: torch.Tensor, position: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, present = self.decoder.static_hidden(tokens, past, keys_values, position)
        return (self.decoder.words.weight @ hidden.transpose(1, 2)).transpose(1, 2), present


def folded(decoder: Decoder) -> Decoder:
    """A copy whose table of words holds affect already."""
    copied = copy.deepcopy(decoder).eval()
    with torch.no_grad():
        copied.words.weight.copy_(copied.table())
    copied.has_vad = False
    return copied


def to_onnx(
    module: nn.Module, inputs: Mapping[str, torch.Tensor], outputs: Sequence[str], axes: Mapping[str, Mapping[int, str]]
) -> onnx.ModelProto:
    """The graph of a module."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), tuple(inputs.values()), buffer, input_names=list(inputs), output_names=list(outputs),  # type: ignore[arg-type]
            opset_version=17, dynamo=False, dynamic_axes=axes,
        )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())


def encoder_graph(eyes: SeeingNet, decoder: Decoder) -> onnx.ModelProto:
    """Graph of the encoder, float32."""
    inputs = {
        "image": torch.randn(1, 1, 96, 96), "affect": torch.randn(1, AFFECT), "change": torch.zeros(1, len(CUES)),
    }  # fmt: skip
    return to_onnx(EncoderGraph(eyes, decoder), inputs, ENCODER_OUTPUTS, {})


def decoder_graph(decoder: Decoder) -> onnx.ModelProto:
    """Graph of the decoder with a growing cache, float32."""
    c = decoder.config
    inputs = {
        "tokens": torch.ones(1, 3, dtype=torch.int64),
        "past": torch.randn(c.layers, 2, 1, c.heads, 2, c.head),
        "keys_values": torch.randn(1, c.layers, 2, c.heads, TOKENS, c.head),
    }  # fmt: skip
    axes = {"tokens": {1: "T"}, "past": {4: "P"}, "logits": {1: "T"}, "present": {4: "N"}}
    graph = to_onnx(DecoderGraph(decoder), inputs, ("logits", "present"), axes)
    fuse_copies(graph)
    return graph


def static_graph(decoder: Decoder) -> onnx.ModelProto:
    """Graph of the decoder with a cache of fixed length, float32."""
    c = decoder.config
    inputs = {
        "tokens": torch.ones(1, 3, dtype=torch.int64),
        "past": torch.randn(c.layers, 2, 1, c.heads, c.longest, c.head),
        "keys_values": torch.randn(1, c.layers, 2, c.heads, TOKENS, c.head), "position": torch.ones(1, 1),
    }  # fmt: skip
    axes = {"tokens": {1: "T"}, "logits": {1: "T"}}
    graph = to_onnx(StaticGraph(decoder), inputs, ("logits", "present"), axes)
    fuse_copies(graph)
    return graph


def skeleton(static: onnx.ModelProto, growing: onnx.ModelProto) -> onnx.ModelProto:
    """The static graph without the constants that the growing file holds already, which it calls by their names there.

    `edgeaffect.explain.static_cache` puts both together.
    """
    known = {
        (t.data_type, tuple(t.dims), numpy_helper.to_array(t).tobytes()): t.name for t in growing.graph.initializer
    }
    keep = {value.name for value in [*static.graph.input, *static.graph.output]}
    names: dict[str, str] = {}
    own = []
    for tensor in static.graph.initializer:
        shared = known.get((tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes()))
        names[tensor.name] = shared or f"s_{tensor.name}"
        if shared is None:
            own.append(tensor)
    for node in static.graph.node:
        node.input[:] = [names.get(n, n if n in keep or not n else f"s_{n}") for n in node.input]
        node.output[:] = [n if n in keep else f"s_{n}" for n in node.output]
    for tensor in own:
        tensor.name = names[tensor.name]
    kept = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in own]
    del static.graph.initializer[:]
    static.graph.initializer.extend(kept)
    return static


def encoder_spec(config: Any, recipe: str) -> ModelSpec:
    """What the encoder says of itself; its crop is cut as that of face-cues."""
    cues = ModelSpec.from_onnx(FILES / "face-cues.onnx")
    image = cues.image
    affect = tuple(f"vote_{i}" for i in range(8))
    return ModelSpec(
        "explainer-encoder", VERSION, "explain",
        (
            ImageInput("image", image.size, image.color, scale=image.scale, mean=image.mean, std=image.std),
            FeatureInput("affect", (AFFECT,), labels=(*affect, "valence", "arousal", "entropy", "confidence")),
            FeatureInput("change", (len(CUES),), labels=CUES),
        ),
        (
            OutputSpec("cues", "logits", None, CUES), OutputSpec("facts", "logits", None, FACTS),
            OutputSpec("keys_values", "features"), OutputSpec("confidence", "other"),
        ),
        alignment=Alignment(
            "landmarks5", template=cues.alignment.template, rotate=cues.alignment.rotate, border=cues.alignment.border
        ),
        licence=LICENCE, training_data=TRAINING_DATA, recipe=recipe,
    )  # fmt: skip


def decoder_spec(config: Any, recipe: str, slots: int | None = None) -> ModelSpec:
    """What the decoder says of itself; with a static cache when `slots` says how long it is."""
    position = () if slots is None else (FeatureInput("position", (1,)),)
    return ModelSpec(
        "explainer-decoder", VERSION, "explain",
        (
            TokenInput("tokens", config.words),
            StateInput("past", (config.layers, 2, 1, config.heads, slots or "past", config.head), "present"),
            FeatureInput("keys_values", (config.layers, 2, config.heads, TOKENS, config.head)), *position,
        ),
        (OutputSpec("logits", "token_logits"), OutputSpec("present", "state")),
        licence=LICENCE, training_data=TRAINING_DATA, recipe=recipe,
    )  # fmt: skip


def difference(graph: onnx.ModelProto, module: nn.Module, inputs: Mapping[str, torch.Tensor]) -> float:
    """Largest difference between a graph and its module."""
    session = open_on_one_thread(graph.SerializeToString())
    with torch.no_grad():
        wanted = module.eval()(*inputs.values())
    found = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted, strict=True))


def finish(graph: onnx.ModelProto, spec: ModelSpec, pair: str, path: Path) -> Path:
    """Rounds the weights, names the graph and writes it."""
    store_weights(graph)
    shorten_names(graph)
    onnx.checker.check_model(graph)
    path.write_bytes(graph.SerializeToString())
    metadata.write(path, METADATA_KEY, spec.to_json())
    metadata.write(path, PAIR_KEY, pair)
    return path


def export(
    out: Path, eyes: SeeingNet, decoder: Decoder, reader: Path | None, evidence: dict[str, Any], pair: str,
    reading: tuple[str, ...] = (), target: Path | None = None,
) -> ModelBundle:  # fmt: skip
    """Writes the parts into `OUT/parts` and the bundle to `target` (default `OUT/explainer.zip`).

    Raises:
        ValueError: a graph differs from PyTorch by more than `TOLERANCE`.
    """
    folder = out / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    recipe = f"training/explain at {commit(Path(__file__).parent)}"
    spoken, config = folded(decoder), decoder.config
    graphs = {"encoder": encoder_graph(eyes.eval(), spoken), "decoder": decoder_graph(spoken)}
    torch.manual_seed(0)
    probes = {
        "encoder": {
            "image": torch.randn(1, 1, 96, 96),
            "affect": torch.rand(1, AFFECT),
            "change": torch.zeros(1, len(CUES)),
        },
        "decoder": {
            "tokens": torch.arange(5)[None] + 4,
            "past": torch.randn(config.layers, 2, 1, config.heads, 0, config.head),
            "keys_values": torch.randn(1, config.layers, 2, config.heads, TOKENS, config.head),
        },
    }
    modules: dict[str, nn.Module] = {"encoder": EncoderGraph(eyes, spoken), "decoder": DecoderGraph(spoken)}
    for name, graph in graphs.items():
        apart = difference(graph, modules[name], probes[name])
        if apart > TOLERANCE:
            raise ValueError(f"{name} differs from PyTorch by {apart}, allowed {TOLERANCE}")
    specs = {"encoder": encoder_spec(config, recipe), "decoder": decoder_spec(config, recipe)}
    parts: dict[str, str | Path] = {
        name: finish(graph, specs[name], pair, folder / f"{name}.onnx") for name, graph in graphs.items()
    }
    bones = static_graph(spoken)
    store_weights(bones)
    shorten_names(bones)
    path = folder / "decoder-static.onnx"
    path.write_bytes(skeleton(bones, onnx.load(str(parts["decoder"]))).SerializeToString())
    metadata.write(path, METADATA_KEY, decoder_spec(config, recipe, config.longest).to_json())
    metadata.write(path, PAIR_KEY, pair)
    parts["decoder-static"] = path
    (folder / "vocabulary.json").write_text(Vocabulary(reading, pair).to_json())
    (folder / "evidence.json").write_text(json.dumps({**evidence, "pair_id": pair}, separators=(",", ":")) + "\n")
    parts |= {"vocabulary": folder / "vocabulary.json", "evidence": folder / "evidence.json"}
    if reader is not None:
        parts["reader"] = stamped(reader, pair, folder / "reader.onnx")
    return write_bundle(
        target or out / "explainer.zip", parts, name="explainer", version=VERSION, task="explain", pair_id=pair,
        licence=LICENCE, training_data=TRAINING_DATA, recipe=recipe,
    )  # fmt: skip


def stamped(reader: Path, pair: str, target: Path) -> Path:
    """A copy of the reader that says it belongs to this pair."""
    target.write_bytes(reader.read_bytes())
    metadata.write(target, PAIR_KEY, pair)
    return target


def evidence_of(out: Path) -> dict[str, Any]:
    """Evidence, facts and salience as the bundle holds them."""
    evidence, salience = (json.loads((out / f"{name}.json").read_text()) for name in ("evidence", "salience"))
    path = out / "fact_limits.json"
    facts = json.loads(path.read_text()) if path.exists() else {name: {} for name in FACTS}
    rows = {name: {k: v for k, v in row.items() if k != "development"} for name, row in evidence["cues"].items()}
    told = {
        name: {k: v for k, v in row.items() if k in ("bias", "scale", "hi", "lo", "lean")}
        for name, row in facts.items()
    }
    return {
        "schema": evidence["schema"], "cues": rows, "facts": told, "salience": salience["salience"],
        "means": salience["means"], "least_salience": salience["least_salience"],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--vision", default="vision")
    parser.add_argument("--decoder", required=True, help="name of the decoder's checkpoint")
    parser.add_argument("--reader", type=Path, help="reader.onnx of training.explain.reader")
    parser.add_argument("--vocabulary", type=Path, help="vocabulary.json beside the reader: its reading words")
    parser.add_argument("--target", type=Path, help="bundle to write (default: OUT/explainer.zip)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    out = arguments.out
    reading, pair = (), f"explainer-{VERSION}-{arguments.decoder}"
    if arguments.vocabulary:
        read = json.loads(arguments.vocabulary.read_text())
        reading, pair = tuple(read["reading"]), read["pair_id"] or pair
    bundle = export(
        out, vision.load(out / f"{arguments.vision}.pt"), speak.load(out / f"{arguments.decoder}.pt"), arguments.reader,
        evidence_of(out), pair, reading, arguments.target,
    )  # fmt: skip
    print(bundle.path, bundle.size_bytes, {p.name: p.stat().st_size for p in (out / "parts").iterdir()})


if __name__ == "__main__":
    main()
