"""The reader's network: word embeddings of MiniLM, two bidirectional layers, one query per aspect."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from edgeaffect.explain.cues import ASPECTS
from edgeaffect.explain.meaning import SLOTS
from edgeaffect.explain.reading import LONGEST, READ_INTENTS

MATCH = 64


class Layer(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        # How far apart two words stand: what a "not" belongs to is near it.
        self.distance = nn.Parameter(torch.zeros(heads, 2 * LONGEST - 1))
        self.near = nn.Conv1d(width, width, 3, padding=1, groups=width, bias=False)
        nn.init.zeros_(self.near.weight)
        self.apart: torch.Tensor
        steps = torch.arange(LONGEST)
        self.register_buffer("apart", steps[:, None] - steps + LONGEST - 1, persistent=False)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, t, width = x.shape
        seen = (bias[:, 0, :, None] > -1).to(x.dtype)  # padding has nothing to say to its neighbours
        x = x + self.near((x * seen).transpose(1, 2)).transpose(1, 2)
        qkv = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = qkv[0] @ qkv[1].transpose(2, 3) * (width // self.heads) ** -0.5
        scores = scores + bias[:, None] + self.distance[:, self.apart[:t, :t]]
        x = x + self.out((scores.softmax(-1) @ qkv[2]).transpose(1, 2).reshape(n, t, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class ReaderNet(nn.Module):
    """Tokens [B, T] -> logits of intent, slot, mention and polarity of each aspect, and the match vector.

    Every aspect looks at the text with its own query, and one network shared by all of them tells "it is there" from
    "it is not", so that a negation learned with one word works with another.

    Args:
        table: [V, D] embeddings of the vocabulary; they stay as they are, rows of specials and bytes (`learned`) apart.
        learned: [V] which rows are learned.
        width: of the layers.
        layers: how many.
    """

    def __init__(
        self, table: torch.Tensor, learned: torch.Tensor, width: int = 128, layers: int = 2, heads: int = 4
    ) -> None:
        super().__init__()
        self.table: torch.Tensor
        self.learned: torch.Tensor
        self.temperatures: torch.Tensor
        self.register_buffer("table", table)
        self.register_buffer("learned", torch.nonzero(learned)[:, 0])
        self.own = nn.Parameter(table[learned].clone())
        self.enter = nn.Linear(table.shape[1], width)
        self.places = nn.Parameter(torch.randn(LONGEST, width) * 0.02)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.queries = nn.Parameter(torch.randn(len(ASPECTS) + 3, width) * 0.5)
        self.key = nn.Linear(width, width)
        self.mention_w = nn.Parameter(torch.randn(len(ASPECTS), width) * 0.05)
        self.mention_b = nn.Parameter(torch.full((len(ASPECTS),), -2.0))
        self.antonym = nn.Parameter(torch.zeros(len(ASPECTS), width))
        self.polarity = nn.Sequential(nn.Linear(width, 64), nn.GELU(), nn.Linear(64, 1))
        self.intent, self.slot = nn.Linear(width, len(READ_INTENTS)), nn.Linear(width, len(SLOTS))
        self.match = nn.Linear(width, MATCH)
        self.register_buffer("temperatures", torch.ones(4))

    def words(self) -> torch.Tensor:
        """[V, D] the whole table."""
        return self.table.index_copy(0, self.learned, self.own)

    def forward(
        self, tokens: torch.Tensor, noise: float = 0.0, dropped: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits; `noise` is added to the embeddings and words are `dropped` while it trains."""
        return self.heads(F.embedding(tokens, self.words()), tokens != 0, noise, dropped)

    def heads(
        self, x: torch.Tensor, mask: torch.Tensor, noise: float = 0.0, dropped: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same from embeddings [B, T, D]."""
        if noise:
            x = x + torch.randn_like(x) * noise
        if dropped:
            x = x * (torch.rand(x.shape[:2], device=x.device) >= dropped)[..., None]
        x = self.enter(x) + self.places[: x.shape[1]]
        bias = (mask.to(x.dtype)[:, None, :] - 1) * 1e4
        for layer in self.layers:
            x = layer(x, bias)
        x = self.norm(x)
        scores = self.queries @ self.key(x).transpose(1, 2) * x.shape[-1] ** -0.5 + bias
        seen = scores.softmax(-1) @ x  # [B, N + 3, width]
        aspects = seen[:, : len(ASPECTS)]
        mention = (aspects * self.mention_w).sum(-1) + self.mention_b
        polarity = self.polarity(aspects + self.antonym)[..., 0]
        whole = seen[:, len(ASPECTS) :]
        match = F.normalize(self.match(whole[:, 2]), dim=-1)
        return self.intent(whole[:, 0]), self.slot(whole[:, 1]), mention, polarity, match


class ExportedReader(nn.Module):
    """The network as it is shipped: embeddings in 8 bits with a scale per row, calibrated probabilities."""

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net
        words = net.words().detach()
        scale = words.abs().amax(1, keepdim=True).clamp(min=1e-6) / 127
        self.steps: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("steps", (words / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Probabilities: intent, slot, present, absent; match."""
        x = self.steps[tokens].float() * self.scale[tokens]
        intent, slot, mention, polarity, match = self.net.heads(x, tokens != 0)
        t = self.net.temperatures
        said, there = torch.sigmoid(mention / t[2]), torch.sigmoid(polarity / t[3])
        return (intent / t[0]).softmax(-1), (slot / t[1]).softmax(-1), said * there, said * (1 - there), match
