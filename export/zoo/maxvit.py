"""MaxViT-T with CAGE's head, keyed as torchvision's ``maxvit_t``.

Architecture: Tu et al., "MaxViT: Multi-Axis Vision Transformer", ECCV 2022 (tiny variant).
Attention is written as batched matrix products on fixed shapes: the same numbers as an einsum, and a
graph that every ONNX parser takes.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_BN_EPS = 1e-3
_PARTITION = 7
_HEAD_DIM = 32
_EXPANSION = 4
_STEM_CHANNELS = 64
_BLOCK_CHANNELS = (64, 128, 256, 512)
_BLOCK_LAYERS = (2, 2, 5, 2)


def _batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_BN_EPS)


def relative_position_index(side: int) -> Tensor:
    """Row of the bias table for each (query, key) pair of a ``side`` x ``side`` window: int64 [side^2, side^2]."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    position = torch.stack([rows.flatten(), columns.flatten()])
    offset = position[:, :, None] - position[:, None, :] + (side - 1)
    return offset[0] * (2 * side - 1) + offset[1]


class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, reduced, 1)
        self.fc2 = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.fc2(F.silu(self.fc1(x.mean((2, 3), keepdim=True))))
        return x * gate.sigmoid()


class MBConv(nn.Module):
    """Inverted residual with pre-normalisation; a strided one pools and projects its shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.proj: nn.Module = nn.Identity()
        if stride != 1:
            self.proj = nn.Sequential(nn.AvgPool2d(3, stride, padding=1), nn.Conv2d(inputs, outputs, 1))
        middle, reduced = outputs * _EXPANSION, outputs // 4
        self.layers = nn.Sequential(
            OrderedDict(
                pre_norm=_batch_norm(inputs),
                conv_a=nn.Sequential(nn.Conv2d(inputs, middle, 1, bias=False), _batch_norm(middle), nn.GELU()),
                conv_b=nn.Sequential(
                    nn.Conv2d(middle, middle, 3, stride, padding=1, groups=middle, bias=False),
                    _batch_norm(middle),
                    nn.GELU(),
                ),
                squeeze_excitation=SqueezeExcitation(middle, reduced),
                conv_c=nn.Conv2d(middle, outputs, 1),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut: Tensor = self.proj(x)
        return shortcut + self.layers(x)


class RelativeAttention(nn.Module):
    """Multi-head self-attention within a window of ``_PARTITION``^2 tokens, with a learnt relative bias."""

    relative_position_index: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // _HEAD_DIM
        self.tokens = _PARTITION**2
        self.to_qkv = nn.Linear(channels, 3 * channels)
        # Scaled by the full width, not by the head's: torchvision's checkpoints are trained so.
        self.scale = channels**-0.5
        self.merge = nn.Linear(channels, channels)
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * _PARTITION - 1) ** 2, self.heads))
        self.register_buffer("relative_position_index", relative_position_index(_PARTITION))

    def _split_heads(self, x: Tensor) -> Tensor:
        return x.reshape(-1, self.tokens, self.heads, _HEAD_DIM).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        width = self.heads * _HEAD_DIM
        query, key, value = (self._split_heads(part) for part in self.to_qkv(x).split(width, dim=-1))
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.reshape(self.tokens, self.tokens, self.heads).permute(2, 0, 1).unsqueeze(0)
        scores = query @ (key * self.scale).transpose(-2, -1) + bias
        mixed = (scores.softmax(dim=-1) @ value).transpose(1, 2)
        merged: Tensor = self.merge(mixed.reshape(-1, self.tokens, width))
        return merged


class PartitionAttention(nn.Module):
    """Attention within local windows, or (``grid=True``) across the image at a fixed stride.

    Input and output [N, C, side, side].
    """

    def __init__(self, channels: int, side: int, *, grid: bool) -> None:
        super().__init__()
        self.channels, self.cells, self.grid = channels, side // _PARTITION, grid
        self.attn_layer = nn.Sequential(nn.LayerNorm(channels), RelativeAttention(channels))
        self.mlp_layer = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, channels * _EXPANSION),
            nn.GELU(),
            nn.Linear(channels * _EXPANSION, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        # The two axes of a side are (cell, within) for windows and (within, cell) for the grid.
        c, g, p = self.channels, self.cells, _PARTITION
        if self.grid:
            tokens = x.reshape(-1, c, p, g, p, g).permute(0, 3, 5, 2, 4, 1)
        else:
            tokens = x.reshape(-1, c, g, p, g, p).permute(0, 2, 4, 3, 5, 1)
        tokens = tokens.reshape(-1, p * p, c)
        tokens = tokens + self.attn_layer(tokens)
        tokens = tokens + self.mlp_layer(tokens)
        cells = tokens.reshape(-1, g, g, p, p, c)
        cells = cells.permute(0, 5, 3, 1, 4, 2) if self.grid else cells.permute(0, 5, 1, 3, 2, 4)
        return cells.reshape(-1, c, g * p, g * p)


class MaxVitLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, side: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            OrderedDict(
                MBconv=MBConv(inputs, outputs, stride),
                window_attention=PartitionAttention(outputs, side, grid=False),
                grid_attention=PartitionAttention(outputs, side, grid=True),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return y


class MaxVitBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, count: int, side: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            MaxVitLayer(inputs if i == 0 else outputs, outputs, 2 if i == 0 else 1, side) for i in range(count)
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class CageMaxVit(nn.Module):
    """Image [N, 3, 224, 224] -> [N, outputs] (class logits, then valence and arousal where trained with them).

    Args:
        outputs: size of the last layer.
        dropout_head: CAGE's valence-arousal model has a Dropout before its last layer, which moves that
            layer's key from ``classifier.5`` to ``classifier.6``.
    """

    def __init__(self, outputs: int, *, dropout_head: bool = False) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Sequential(
                nn.Conv2d(3, _STEM_CHANNELS, 3, 2, padding=1, bias=False), _batch_norm(_STEM_CHANNELS), nn.GELU()
            ),
            nn.Sequential(nn.Conv2d(_STEM_CHANNELS, _STEM_CHANNELS, 3, padding=1)),
        )
        self.blocks = nn.ModuleList()
        inputs, side = _STEM_CHANNELS, 112
        for channels, count in zip(_BLOCK_CHANNELS, _BLOCK_LAYERS, strict=True):
            side //= 2
            self.blocks.append(MaxVitBlock(inputs, channels, count, side))
            inputs = channels
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(inputs), nn.Linear(inputs, inputs), nn.Tanh()]
        if dropout_head:
            head.append(nn.Dropout(0.3))
        self.classifier = nn.Sequential(*head, nn.Linear(inputs, outputs, bias=False))

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        for block in self.blocks:
            x = block(x)
        output: Tensor = self.classifier(x)
        return output
