"""The reader's network: the first layers of MiniLM with fewer inner units, and one query per aspect."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from edgeaffect.explain.cues import ASPECTS
from edgeaffect.explain.meaning import SLOTS
from edgeaffect.explain.reading import LONGEST, READ_INTENTS

WIDTH, HEADS = 384, 12
"""Of MiniLM's layers."""
STEPS = 15
"""Largest step of an embedding: 5 bits, which a zip packs into fewer bytes than 8."""
_EPS = 1e-12
_ANSWERING = 160  # width of what answers


class Layer(nn.Module):
    """A layer of BERT: self-attention and feed-forward, each followed by its norm; names are BERT's, shortened."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out, self.norm1 = nn.Linear(width, width), nn.LayerNorm(width, eps=_EPS)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=_EPS)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, t, width = x.shape
        q, k, v = (part(x).view(n, t, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5 + bias[:, None]
        x = self.norm1(x + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, width)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class ReaderNet(nn.Module):
    """Tokens [B, T] -> logits of intent, slot, mention and polarity of each aspect.

    Every aspect looks at the text with its own query, and one network shared by all of them tells "it is there" from
    "it is not", so that a negation learned with one word works with another.

    Args:
        table: [V, D] embeddings of the vocabulary; they stay as they are, rows of specials and bytes (`learned`) apart.
        learned: [V] which rows are learned.
        layers: how many.
        inner: units of their feed-forward part.
        width: of the layers.
        heads: of their attention.
    """

    def __init__(
        self, table: torch.Tensor, learned: torch.Tensor, layers: int = 3, inner: int = 704, width: int = WIDTH,
        heads: int = HEADS,
    ) -> None:  # fmt: skip
        super().__init__()
        self.table: torch.Tensor
        self.learned: torch.Tensor
        self.temperatures: torch.Tensor
        self.register_buffer("table", table)
        self.register_buffer("learned", torch.nonzero(learned)[:, 0])
        self.own = nn.Parameter(table[learned].clone())
        self.enter, self.first = nn.Linear(table.shape[1], width), nn.Parameter(torch.zeros(width))
        self.places = nn.Parameter(torch.randn(LONGEST + 1, width) * 0.02)
        self.norm = nn.LayerNorm(width, eps=_EPS)
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))
        self.leave, self.last = nn.Linear(width, _ANSWERING), nn.LayerNorm(_ANSWERING)
        self.queries = nn.Parameter(torch.randn(len(ASPECTS) + 2, _ANSWERING) * 0.5)
        self.key = nn.Linear(_ANSWERING, _ANSWERING)
        self.mention_w = nn.Parameter(torch.randn(len(ASPECTS), _ANSWERING) * 0.05)
        self.mention_b = nn.Parameter(torch.full((len(ASPECTS),), -2.0))
        self.antonym = nn.Parameter(torch.zeros(len(ASPECTS), _ANSWERING))
        self.polarity = nn.Sequential(nn.Linear(_ANSWERING, 64), nn.GELU(), nn.Linear(64, 1))
        self.intent, self.slot = nn.Linear(_ANSWERING, len(READ_INTENTS)), nn.Linear(_ANSWERING, len(SLOTS))
        self.register_buffer("temperatures", torch.ones(4))

    def words(self) -> torch.Tensor:
        """[V, D] the whole table."""
        return self.table.index_copy(0, self.learned, self.own)

    def forward(
        self, tokens: torch.Tensor, noise: float = 0.0, dropped: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits; `noise` is added to the embeddings and words are `dropped` while it trains."""
        return self.answers(F.embedding(tokens, self.words()), tokens != 0, noise, dropped)

    def answers(
        self, x: torch.Tensor, mask: torch.Tensor, noise: float = 0.0, dropped: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same from embeddings [B, T, D]."""
        if noise:
            x = x + torch.randn_like(x) * noise * x.detach().std()
        if dropped:
            x = x * (torch.rand(x.shape[:2], device=x.device) >= dropped)[..., None]
        # MiniLM's texts begin with a token of their own.
        x = torch.cat([self.first.expand(x.shape[0], 1, -1), self.enter(x)], 1)
        x = self.norm(x + self.places[: x.shape[1]])
        bias = (F.pad(mask.to(x.dtype), (1, 0), value=1.0)[:, None, :] - 1) * 1e4
        for layer in self.layers:
            x = layer(x, bias)
        x = self.last(self.leave(x))
        scores = self.queries @ self.key(x).transpose(1, 2) * x.shape[-1] ** -0.5 + bias
        seen = scores.softmax(-1) @ x  # [B, N + 2, width]
        aspects, whole = seen[:, : len(ASPECTS)], seen[:, len(ASPECTS) :]
        mention = (aspects * self.mention_w).sum(-1) + self.mention_b
        polarity = self.polarity(aspects + self.antonym)[..., 0]
        return self.intent(whole[:, 0]), self.slot(whole[:, 1]), mention, polarity


class ExportedReader(nn.Module):
    """The network as it is shipped: embeddings in 5 bits with a scale per row, calibrated probabilities."""

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net
        words = net.words().detach()
        scale = words.abs().amax(1, keepdim=True).clamp(min=1e-6) / STEPS
        self.steps: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("steps", (words / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Probabilities: intent, slot, present, absent."""
        x = self.steps[tokens].float() * self.scale[tokens]
        intent, slot, mention, polarity = self.net.answers(x, tokens != 0)
        t = self.net.temperatures
        said, there = torch.sigmoid(mention / t[2]), torch.sigmoid(polarity / t[3])
        return (intent / t[0]).softmax(-1), (slot / t[1]).softmax(-1), said * there, said * (1 - there)
