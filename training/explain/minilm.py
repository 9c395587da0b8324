"""all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers) in PyTorch: the teacher of words and sentences.

`--mini-lm FOLDER` holds `model.safetensors` and `vocab.txt` of https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional as F

_HEADS, _LAYERS, _EPS, _LONGEST = 12, 6, 1e-12, 64


class WordPieces:
    """BERT's uncased word pieces: the longest known piece first."""

    def __init__(self, path: Path) -> None:
        self.words = path.read_text(encoding="utf-8").splitlines()
        self._ids = {word: i for i, word in enumerate(self.words)}

    def encode(self, text: str) -> list[int]:
        """Ids with [CLS] and [SEP], at most 64."""
        text = unicodedata.normalize("NFD", text.lower())
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
        ids = [piece for word in re.findall(r"\w+|[^\w\s]", text) for piece in self._pieces(word)]
        return [self._ids["[CLS]"], *ids[: _LONGEST - 2], self._ids["[SEP]"]]

    def _pieces(self, word: str) -> list[int]:
        ids, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = ("##" if at else "") + word[at:end]
                if piece in self._ids:
                    ids.append(self._ids[piece])
                    break
            else:
                return [self._ids["[UNK]"]]
            at = end
        return ids


class MiniLM:
    """Sentence embeddings: mean of the last layer's tokens, of length 1."""

    def __init__(self, folder: str | Path) -> None:
        from safetensors.torch import load_file

        self.pieces = WordPieces(Path(folder) / "vocab.txt")
        self._w = load_file(str(Path(folder) / "model.safetensors"))
        self._seen = [torch.zeros(0)] * _LAYERS

    def weight(self, name: str) -> torch.Tensor:
        """A weight by its name in the file."""
        return self._w[name]

    def entered(self, words: Sequence[str]) -> torch.Tensor:
        """[N, 384] what words are before the first layer: the mean of their pieces' embeddings."""
        table = self._w["embeddings.word_embeddings.weight"]
        return torch.stack([table[self.pieces.encode(word)[1:-1]].mean(0) for word in words])

    @torch.inference_mode()
    def inner(self, texts: Sequence[str], layers: int) -> list[torch.Tensor]:
        """[1536] per layer: root mean square of the feed-forward units over the words of texts."""
        self.embed(texts, batch=len(texts))
        return self._seen[:layers]

    @torch.inference_mode()
    def embed(self, texts: Sequence[str], batch: int = 128) -> torch.Tensor:
        """[N, 384] embeddings."""
        ids = [self.pieces.encode(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = torch.empty(len(ids), 384)
        for begin in range(0, len(order), batch):
            chosen = order[begin : begin + batch]
            longest = max(len(ids[i]) for i in chosen)
            tokens = torch.tensor([ids[i] + [0] * (longest - len(ids[i])) for i in chosen])
            mask = torch.tensor([[1.0] * len(ids[i]) + [0.0] * (longest - len(ids[i])) for i in chosen])
            out[chosen] = self._forward(tokens, mask)
        return out

    def _forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        n, t = tokens.shape
        e = "embeddings."
        x = self._w[e + "word_embeddings.weight"][tokens] + self._w[e + "position_embeddings.weight"][:t]
        x = self._norm(x + self._w[e + "token_type_embeddings.weight"][0], e + "LayerNorm")
        bias = (mask[:, None, None, :] - 1) * 1e9
        for layer in range(_LAYERS):
            p = f"encoder.layer.{layer}."
            q, k, v = (
                self._linear(x, f"{p}attention.self.{name}").view(n, t, _HEADS, -1).transpose(1, 2)
                for name in ("query", "key", "value")
            )
            seen = F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(n, t, -1)
            x = self._norm(x + self._linear(seen, p + "attention.output.dense"), p + "attention.output.LayerNorm")
            inner = F.gelu(self._linear(x, p + "intermediate.dense"))
            self._seen[layer] = inner[mask > 0].square().mean(0).sqrt()
            x = self._norm(x + self._linear(inner, p + "output.dense"), p + "output.LayerNorm")
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(mean, dim=1)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self._w[name + ".weight"], self._w[name + ".bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, x.shape[-1:], self._w[name + ".weight"], self._w[name + ".bias"], _EPS)
