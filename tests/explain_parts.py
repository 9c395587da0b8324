"""A tiny explainer with random weights: the graphs that `edgeaffect/explain/decoder.py` describes, made by PyTorch."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from edgeaffect.explain.cues import ASPECTS, CUES, FACTS
from edgeaffect.explain.meaning import SLOTS
from edgeaffect.explain.reading import READ_INTENTS
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle, write_bundle
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import Alignment, FeatureInput, ImageInput, ModelSpec, OutputSpec, StateInput, TokenInput

LAYERS, HEADS, WIDTH, MEMORY = 2, 2, 16, 5
HEAD = WIDTH // HEADS
PAIR = "tiny-pair"


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 40
    longest: int = 24


class Block(nn.Module):
    """Pre-norm: self-attention over the cache, cross-attention over the memory, a feed-forward part."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.query, self.cross = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    @staticmethod
    def heads(x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], HEADS, HEAD).transpose(1, 2)

    @staticmethod
    def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
        scores = q @ k.transpose(-1, -2) / math.sqrt(HEAD)
        if mask is not None:
            scores = scores + mask
        x = scores.softmax(-1) @ v
        return x.transpose(1, 2).reshape(q.shape[0], q.shape[2], WIDTH)


class TinyDecoder(nn.Module):
    """Growing cache."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.shape = shape
        self.words = nn.Embedding(shape.vocabulary, WIDTH)
        self.places = nn.Embedding(shape.longest, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, shape.vocabulary)

    def forward(self, tokens: Tensor, past: Tensor, keys_values: Tensor) -> tuple[Tensor, Tensor]:
        count, before = tokens.shape[1], past.shape[4]
        x = self.words(tokens) + self.places(torch.arange(count) + before)
        ahead = torch.arange(before + count)[None] > torch.arange(count)[:, None] + before
        mask = ahead.to(x.dtype) * -1e4
        present = []
        for layer, block in enumerate(self.blocks):
            q, k, v = (block.heads(part) for part in block.qkv(block.norms[0](x)).chunk(3, -1))
            k, v = torch.cat([past[layer, 0], k], 2), torch.cat([past[layer, 1], v], 2)
            present.append(torch.stack([k, v]))
            x = x + block.out(block.attend(q, k, v, mask))
            memory = keys_values[0, layer]
            q = block.heads(block.query(block.norms[1](x)))
            x = x + block.cross(block.attend(q, memory[0][None], memory[1][None]))
            x = x + block.feed(block.norms[2](x))
        return self.head(self.norm(x)), torch.stack(present)


class StaticDecoder(nn.Module):
    """The same weights with a cache of fixed length."""

    def __init__(self, decoder: TinyDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, tokens: Tensor, past: Tensor, keys_values: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        d = self.decoder
        count, slots = tokens.shape[1], d.shape.longest
        place = position[0, 0].to(torch.int64)
        at = torch.arange(count) + place
        x = d.words(tokens) + d.places(at)
        slot = torch.arange(slots)
        mask = (slot[None] > at[:, None]).to(x.dtype) * -1e4
        written = (slot[None] == at[:, None]).to(x.dtype)  # [T, M]
        kept = (1 - written.sum(0))[:, None]
        present = []
        for layer, block in enumerate(d.blocks):
            q, k, v = (block.heads(part) for part in block.qkv(block.norms[0](x)).chunk(3, -1))
            k = past[layer, 0] * kept + written.T @ k
            v = past[layer, 1] * kept + written.T @ v
            present.append(torch.stack([k, v]))
            x = x + block.out(block.attend(q, k, v, mask))
            memory = keys_values[0, layer]
            q = block.heads(block.query(block.norms[1](x)))
            x = x + block.cross(block.attend(q, memory[0][None], memory[1][None]))
            x = x + block.feed(block.norms[2](x))
        return d.head(d.norm(x)), torch.stack(present)


def memory_input() -> FeatureInput:
    return FeatureInput("keys_values", (LAYERS, 2, HEADS, MEMORY, HEAD))


def decoder_outputs() -> tuple[OutputSpec, OutputSpec]:
    return OutputSpec("logits", "token_logits"), OutputSpec("present", "state")


def export(module: nn.Module, path: Path, inputs: dict[str, Tensor], outputs: list[str], free: dict[str, Any],
           spec: ModelSpec) -> ModelFile:  # fmt: skip
    torch.onnx.export(
        module.eval(), tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
        dynamic_axes=free, opset_version=17, dynamo=False,
    )  # fmt: skip
    spec.write_to(path)
    return ModelFile(path, spec)


def tiny_decoder(path: Path, shape: Shape | None = None, seed: int = 0) -> tuple[ModelFile, TinyDecoder]:
    shape = shape or Shape()
    net = TinyDecoder(shape, seed)
    spec = ModelSpec(
        "tiny-decoder", "1.0.0", "explain",
        (
            TokenInput("tokens", shape.vocabulary),
            StateInput("past", (LAYERS, 2, 1, HEADS, "past", HEAD), "present"), memory_input(),
        ),
        decoder_outputs(), licence="apache-2.0",
    )  # fmt: skip
    inputs = {
        "tokens": torch.zeros(1, 3, dtype=torch.int64), "past": torch.zeros(LAYERS, 2, 1, HEADS, 2, HEAD),
        "keys_values": torch.zeros(1, LAYERS, 2, HEADS, MEMORY, HEAD),
    }  # fmt: skip
    free = {"tokens": {1: "T"}, "past": {4: "P"}, "logits": {1: "T"}, "present": {4: "N"}}
    return export(net, path, inputs, ["logits", "present"], free, spec), net


def tiny_static_decoder(path: Path, net: TinyDecoder) -> ModelFile:
    shape = net.shape
    spec = ModelSpec(
        "tiny-decoder", "1.0.0", "explain",
        (
            TokenInput("tokens", shape.vocabulary),
            StateInput("past", (LAYERS, 2, 1, HEADS, shape.longest, HEAD), "present"), memory_input(),
            FeatureInput("position", (1,)),
        ),
        decoder_outputs(), licence="apache-2.0",
    )  # fmt: skip
    inputs = {
        "tokens": torch.zeros(1, 3, dtype=torch.int64),
        "past": torch.zeros(LAYERS, 2, 1, HEADS, shape.longest, HEAD),
        "keys_values": torch.zeros(1, LAYERS, 2, HEADS, MEMORY, HEAD), "position": torch.zeros(1, 1),
    }  # fmt: skip
    free = {"tokens": {1: "T"}, "logits": {1: "T"}}
    return export(StaticDecoder(net), path, inputs, ["logits", "present"], free, spec)


class TinyEncoder(nn.Module):
    """Says its inputs: the first cue follows the brightness, the first fact the affect, the memory everything."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.memory = nn.Linear(36 + 12 + len(CUES), LAYERS * 2 * HEADS * MEMORY * HEAD)
        self.cues, self.facts = nn.Linear(36, len(CUES)), nn.Linear(12, len(FACTS))
        with torch.no_grad():
            self.facts.bias.fill_(-6)  # no fact holds
            self.facts.weight.mul_(0.1)

    def forward(self, image: Tensor, affect: Tensor, change: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        patches = nn.functional.avg_pool2d(image, 16).flatten(1)
        memory = self.memory(torch.cat([patches, affect, change], 1)).reshape(1, LAYERS, 2, HEADS, MEMORY, HEAD)
        return self.cues(patches), self.facts(affect), memory


def tiny_encoder(path: Path) -> ModelFile:
    spec = ModelSpec(
        "tiny-encoder", "1.0.0", "explain",
        (
            ImageInput("image", (96, 96), "gray", mean=(0.5,), std=(0.25,)),
            FeatureInput("affect", (12,)), FeatureInput("change", (len(CUES),), labels=CUES),
        ),
        (
            OutputSpec("cues", "logits", None, CUES), OutputSpec("facts", "logits", None, FACTS),
            OutputSpec("keys_values", "features"),
        ),
        alignment=Alignment(
            "landmarks5",
            template=((33.0, 26.4), (63.0, 26.4), (48.0, 44.2675), (35.3818, 58.4678), (60.6182, 58.4678)),
        ),
        licence="apache-2.0",
    )  # fmt: skip
    inputs = {"image": torch.zeros(1, 1, 96, 96), "affect": torch.zeros(1, 12), "change": torch.zeros(1, len(CUES))}
    return export(TinyEncoder(), path, inputs, ["cues", "facts", "keys_values"], {}, spec)


def evidence_json(pair_id: str = PAIR) -> str:
    """Rules that know four cues by one number each, and every fact by the encoder."""

    def rule(name: str, threshold: float, factor: float, kind: str = "sum") -> dict[str, Any]:
        return {
            "measure": {"weights": {name: 1.0}, "threshold": threshold, "kind": kind},
            "bias": -factor * threshold, "weights": {"measure": factor}, "hi": 0.7, "lo": 0.3,
        }  # fmt: skip

    return json.dumps({
        "schema": "edgeaffect.evidence/1", "pair_id": pair_id,
        "cues": {
            "smile": rule("mouthSmileLeft", 0.4, 20.0), "mouth_open": rule("mouth_open", 0.3, 20.0),
            "looking_left": rule("gaze_yaw", -15.0, -1.0), "head_tilted": rule("head_roll", 12.0, 1.0, "beyond"),
        },
        "facts": {name: {} for name in FACTS},
        "salience": {"happiness": {"smile": 2.0, "mouth_open": 0.5}, "sadness": {"smile": -1.0}},
        "means": {"smile": 0.3, "mouth_open": 0.3}, "least_salience": 0.1,
    })  # fmt: skip


def tiny_bundle(folder: Path) -> ModelBundle:
    """A bundle that can be opened, and whose decoder knows nothing."""
    words = tuple(word for word in ("she", "who", "lying", "glasses", "changed", "why") if word not in Vocabulary())
    vocabulary = Vocabulary(words, PAIR)
    reader = keyword_reader(folder / "reader.onnx", vocabulary)
    encoder = tiny_encoder(folder / "encoder.onnx")
    decoder, _ = tiny_decoder(folder / "decoder.onnx", Shape(vocabulary.speakable_end, 64))
    (folder / "vocabulary.json").write_text(vocabulary.to_json())
    (folder / "evidence.json").write_text(evidence_json())
    parts = {
        "encoder": encoder.path, "decoder": decoder.path, "vocabulary": folder / "vocabulary.json",
        "evidence": folder / "evidence.json", "reader": reader.path,
    }  # fmt: skip
    return write_bundle(
        folder / "tiny", parts, name="tiny", version="1.0.0", task="explain", pair_id=PAIR, licence="apache-2.0"
    )


KEYWORDS = {
    # word -> what it makes of a text: (intent, slot, aspects)
    "smiling": ("is_cue", "smile", ("smile",)), "smile": ("is_cue", "smile", ("smile",)),
    "open": ("is_cue", "mouth_open", ("mouth_open",)), "tilted": ("is_cue", "head_tilted", ("head_tilted",)),
    "happy": ("is_emotion", "happiness", ("happiness",)), "sad": ("is_emotion", "sadness", ("sadness",)),
    "glasses": ("is_fact", "glasses", ("glasses",)), "who": ("refuse", "identity", ()),
    "lying": ("refuse", "honesty", ()), "changed": ("what_changed", "none", ()), "why": ("explain", "none", ()),
    "mouth": ("describe_region", "mouth", ()),
}  # fmt: skip


class KeywordReader(nn.Module):
    """Reads `KEYWORDS`; "not" turns what is claimed round. The words "is" and "are" make no question of a statement."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        count = len(READ_INTENTS) + len(SLOTS) + len(ASPECTS) + 1
        table = torch.zeros(len(vocabulary), count)
        for word, (intent, slot, aspects) in KEYWORDS.items():
            row = table[vocabulary.id_of(word)] if word in vocabulary else None
            if row is None:
                continue
            row[READ_INTENTS.index(intent)] = 6
            row[len(READ_INTENTS) + SLOTS.index(slot)] = 6
            for aspect in aspects:
                row[len(READ_INTENTS) + len(SLOTS) + ASPECTS.index(aspect)] = 12
        table[vocabulary.id_of("not"), -1] = 12
        self.table = nn.Parameter(table)

    def forward(self, tokens: Tensor) -> tuple[Tensor, ...]:
        rows = self.table[tokens].sum(1)
        intent, slot, said, negated = rows.split([len(READ_INTENTS), len(SLOTS), len(ASPECTS), 1], 1)
        said, negated = torch.sigmoid(said - 6), torch.sigmoid(negated - 6)
        unclear = torch.zeros(len(READ_INTENTS))
        unclear[READ_INTENTS.index("unclear")] = 3
        return (intent + unclear).softmax(1), slot.softmax(1), said * (1 - negated), said * negated


def keyword_reader(path: Path, vocabulary: Vocabulary) -> ModelFile:
    labels = {"intent": READ_INTENTS, "slot": SLOTS, "present": ASPECTS, "absent": ASPECTS}
    spec = ModelSpec(
        "tiny-reader", "1.0.0", "explain", (TokenInput("tokens", len(vocabulary), pad=0),),
        tuple(OutputSpec(name, "other", None, names) for name, names in labels.items()), licence="apache-2.0",
    )  # fmt: skip
    names = list(labels)
    free = {"tokens": {0: "B", 1: "T"}, **{name: {0: "B"} for name in names}}
    return export(KeywordReader(vocabulary), path, {"tokens": torch.zeros(2, 3, dtype=torch.int64)}, names, free, spec)
