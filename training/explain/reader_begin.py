"""A reader begins as the first layers of MiniLM, cut to its size."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .minilm import MiniLM
from .reader_network import ReaderNet

_NAMES = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
    "down": "output.dense", "norm2": "output.LayerNorm",
}  # fmt: skip


def word_table(teacher: MiniLM, words: Sequence[str], dimensions: int) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Words [N, D] and the axes [384, D] that turn them back into MiniLM's embeddings; the share of variance kept."""
    vectors = teacher.entered(words)
    values, axes = torch.linalg.eigh(vectors.T @ vectors)
    kept = axes[:, -dimensions:].flip(1)
    return vectors @ kept, kept, float(values[-dimensions:].sum() / values.sum())


@torch.no_grad()
def begin_as(net: ReaderNet, teacher: MiniLM, axes: torch.Tensor, texts: Sequence[str]) -> None:
    """Give `net` the weights of MiniLM's first layers.

    Of each feed-forward part those units stay that add most to its output over `texts`: root mean square of the unit
    times the length of what it adds.

    Args:
        net: of MiniLM's width and heads.
        teacher: whose weights.
        axes: [384, D] of `word_table`.
        texts: such as it will read.
    """
    embeddings = "embeddings."
    pieces = teacher.weight(embeddings + "word_embeddings.weight")
    net.enter.weight.copy_(axes)
    net.enter.bias.zero_()
    net.first.copy_(pieces[teacher.pieces.encode("")[0]])
    places = teacher.weight(embeddings + "position_embeddings.weight")[: len(net.places)]
    net.places.copy_(places + teacher.weight(embeddings + "token_type_embeddings.weight")[0])
    for kind in ("weight", "bias"):
        getattr(net.norm, kind).copy_(teacher.weight(f"{embeddings}LayerNorm.{kind}"))
    units = len(net.layers[0].up.bias)  # type: ignore[union-attr, arg-type]
    sizes = teacher.inner(texts, len(net.layers))
    for number, (layer, size) in enumerate(zip(net.layers, sizes, strict=True)):
        given = {
            (ours, kind): teacher.weight(f"encoder.layer.{number}.{theirs}.{kind}")
            for ours, theirs in _NAMES.items()
            for kind in ("weight", "bias")
        }
        adds = size * given["down", "weight"].norm(dim=0)
        kept = adds.topk(units).indices.sort().values
        given["up", "weight"], given["up", "bias"] = given["up", "weight"][kept], given["up", "bias"][kept]
        given["down", "weight"] = given["down", "weight"][:, kept]
        for (ours, kind), value in given.items():
            getattr(getattr(layer, ours), kind).copy_(value)
