"""The speaking part: memory of a face -> words, a causal transformer with cross-attention and KV cache.

    memory   36 patches, affect, change and cue summary of a face -> [n, S, D], keys and values of every layer
    decoder  pre-LN blocks of causal self-attention, cross-attention and a feed-forward net; the table of embeddings is
             the output layer too (tied), and folds affect in: e(w) = W[w] + vad(w) V, vad of `training.explain.vad`

Beside words it learns, for training alone, the next word's valence, arousal and dominance (SEVLM's head, with a causal
mask), and an embedding of texts for the match with the face's own; see `losses.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from edgeaffect.explain.cues import CUES, FACTS
from training.explain.network import PATCHES
from training.explain.network import WIDTH as PATCH_WIDTH

AFFECT, MATCH = 12, 64
SUMMARY = len(CUES) + len(FACTS)
TOKENS = PATCHES + 3
"""Memory tokens: patches, affect, change, summary of the encoder's own cues and facts."""


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder and of the memory it looks at."""

    words: int
    layers: int = 3
    width: int = 128
    heads: int = 4
    inner: int = 384
    longest: int = 80
    dropout: float = 0.05

    @property
    def head(self) -> int:
        """Numbers per head."""
        return self.width // self.heads


class Memory(nn.Module):
    """What is seen -> memory tokens [n, TOKENS, D], an embedding [n, MATCH] of length 1, and a confidence [n] (logit).

    Takes patches [n, 36, 128], logits of cues and facts [n, SUMMARY], affect [n, 12] and change [n, CUES].
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width = config.width
        self.patches = nn.Linear(PATCH_WIDTH, width)
        self.places = nn.Parameter(torch.randn(TOKENS, width) * 0.02)
        self.affect = nn.Sequential(nn.Linear(AFFECT, 64), nn.GELU(approximate="tanh"), nn.Linear(64, width))
        self.change = nn.Sequential(nn.Linear(len(CUES), 64), nn.GELU(approximate="tanh"), nn.Linear(64, width))
        self.summary = nn.Sequential(nn.Linear(SUMMARY, 64), nn.GELU(approximate="tanh"), nn.Linear(64, width))
        self.norm = nn.LayerNorm(width)
        self.match = nn.Linear(2 * width, MATCH)
        self.sure = nn.Sequential(nn.Linear(2 * width + AFFECT, 32), nn.GELU(approximate="tanh"), nn.Linear(32, 1))

    def forward(
        self, patches: torch.Tensor, summary: torch.Tensor, affect: torch.Tensor, change: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        own = self.summary(summary.clamp(-8, 8) / 4)
        tokens = torch.cat(
            [self.patches(patches), self.affect(affect)[:, None], self.change(change)[:, None], own[:, None]], 1
        )
        memory = self.norm(tokens + self.places)
        seen = torch.cat([memory[:, :PATCHES].mean(1), memory[:, -1]], 1)
        match = functional.normalize(self.match(seen), dim=1)
        return memory, match, self.sure(torch.cat([seen, affect], 1))[:, 0]


class Block(nn.Module):
    """Self-attention over the cache and itself, cross-attention over the memory, feed-forward; pre-LN."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width, self.heads, self.head = config.width, config.heads, config.head
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.query, self.cross_out = nn.Linear(width, width), nn.Linear(width, width)
        self.inner = nn.Linear(width, config.inner)
        self.outer = nn.Linear(config.inner, width)
        self.drop = nn.Dropout(config.dropout)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """[n, T, W] -> [n, H, T, dh]."""
        return x.unflatten(2, (self.heads, self.head)).transpose(1, 2)

    def forward(
        self,
        x: torch.Tensor,
        past: torch.Tensor | None,
        memory: torch.Tensor,
        mask: torch.Tensor,
        written: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states [n, T, W] and the cache [2, n, H, P + T, dh], or [2, n, H, M, dh] of a static one.

        Args:
            x: [n, T, W].
            past: [2, n, H, P, dh] or None.
            memory: keys and values [2, n, H, S, dh].
            mask: [T, P + T], added to the scores.
            written: [T, M], 1 where a token is written in a cache of M slots; None: the cache grows.
        """
        q, k, v = (self.split(part) for part in self.qkv(self.norm1(x)).chunk(3, 2))
        if written is not None and past is not None:
            kept = (1 - written.sum(0))[:, None]
            k, v = past[0] * kept + written.T @ k, past[1] * kept + written.T @ v
        elif past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        x = x + self.drop(self.out(self.merge(attend(q, k, v, mask))))
        q = self.split(self.query(self.norm2(x)))
        x = x + self.drop(self.cross_out(self.merge(attend(q, memory[0], memory[1], None))))
        return x + self.drop(self.outer(functional.gelu(self.inner(self.norm3(x)), approximate="tanh"))), torch.stack(
            [k, v]
        )

    def merge(self, x: torch.Tensor) -> torch.Tensor:
        """[n, H, T, dh] -> [n, T, W]."""
        return x.transpose(1, 2).flatten(2)


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """softmax(q k' / sqrt(dh) + mask) v."""
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + mask
    return scores.softmax(-1) @ v


class Decoder(nn.Module):
    """Words so far and memory -> logits of the next word.

    Args:
        config: sizes.
        vad: [words, 3] valence, arousal and dominance of each token, 0 where it has none; None leaves affect out.
    """

    vad: torch.Tensor

    def __init__(self, config: DecoderConfig, vad: torch.Tensor | None = None) -> None:
        super().__init__()
        self.config = config
        self.memory = Memory(config)
        self.words = nn.Embedding(config.words, config.width)
        nn.init.normal_(self.words.weight, std=0.05)
        self.has_vad = vad is not None
        self.register_buffer("vad", torch.zeros(config.words, 3) if vad is None else vad)
        self.vad_in = nn.Linear(3, config.width, bias=False)
        nn.init.normal_(self.vad_in.weight, std=0.02)
        self.places = nn.Parameter(torch.randn(config.longest, config.width) * 0.02)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.keys_values = nn.ModuleList([nn.Linear(config.width, 2 * config.width) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(config.width)
        self.drop = nn.Dropout(config.dropout)
        self.vad_head = nn.Linear(config.width, 3)
        self.text = nn.Sequential(nn.Linear(config.width, 128), nn.GELU(approximate="tanh"), nn.Linear(128, MATCH))

    def table(self) -> torch.Tensor:
        """Embeddings [words, W] with affect folded in."""
        return self.words.weight + self.vad_in(self.vad) if self.has_vad else self.words.weight

    def keys_and_values(self, memory: torch.Tensor) -> torch.Tensor:
        """[n, L, 2, H, S, dh] of memory tokens [n, S, W]."""
        heads, head = self.config.heads, self.config.head
        layers = [project(memory).unflatten(2, (2, heads, head)) for project in self.keys_values]
        return torch.stack(layers, 1).permute(0, 1, 3, 4, 2, 5)

    def hidden(
        self, tokens: torch.Tensor, past: torch.Tensor | None, keys_values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """States [n, T, W] and cache [L, 2, n, H, P + T, dh] of tokens [n, T] that stand behind P cached ones."""
        behind = 0 if past is None else past.shape[4]
        count = tokens.shape[1]
        place = torch.arange(count, device=tokens.device) + behind
        seen = torch.arange(behind + count, device=tokens.device)
        mask = torch.where(seen[None] <= place[:, None], 0.0, -1e9)
        x = self.drop(functional.embedding(tokens, self.table()) + functional.embedding(place, self.places))
        caches = []
        for number, block in enumerate(self.blocks):
            memory = keys_values[:, number].transpose(0, 1)
            x, cache = block(x, None if past is None else past[number], memory, mask)
            caches.append(cache)
        return self.norm(x), torch.stack(caches)

    def static_hidden(
        self, tokens: torch.Tensor, past: torch.Tensor, keys_values: torch.Tensor, position: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """`hidden` with a cache of fixed length.

        Args:
            tokens: [n, T].
            past: [L, 2, n, H, M, dh], of which `position` slots are filled.
            keys_values: [n, L, 2, H, S, dh].
            position: [1, 1], a float.
        """
        place = torch.arange(tokens.shape[1], device=tokens.device) + position[0, 0].to(torch.int64)
        slots = torch.arange(self.config.longest, device=tokens.device)
        mask = torch.where(slots[None] <= place[:, None], 0.0, -1e9)
        written = (slots[None] == place[:, None]).to(past.dtype)
        x = self.drop(functional.embedding(tokens, self.table()) + functional.embedding(place, self.places))
        caches = []
        for number, block in enumerate(self.blocks):
            x, cache = block(x, past[number], keys_values[:, number].transpose(0, 1), mask, written)
            caches.append(cache)
        return self.norm(x), torch.stack(caches)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """[..., words] of states [..., W]."""
        return hidden @ self.table().T

    def forward(
        self, tokens: torch.Tensor, past: torch.Tensor | None, keys_values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [n, T, words] and cache."""
        hidden, present = self.hidden(tokens, past, keys_values)
        return self.logits(hidden), present

    def text_match(self, tokens: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
        """Embedding [n, MATCH] of length 1 of texts [n, T]: of the mean of the counted [n, T] words' embeddings."""
        weight = counted.float()[..., None]
        mean = (functional.embedding(tokens, self.table()) * weight).sum(1) / weight.sum(1).clamp(1)
        return functional.normalize(self.text(mean), dim=1)
