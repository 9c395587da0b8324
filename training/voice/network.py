"""The voice network: residual convolutions over time and pitch, then attentive pooling over any length of time.

Gain is removed inside: frames are taken relative to the window's own mean power. A second picture is relative to each
band's own mean, in which the colour of a device or line does not show.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from edgeaffect.export.zoo.affect_net import ResidualBlock
from torch import nn
from torch.nn import functional

from training.voice.corpora import LABELS
from training.voice.front_end import BANDS

# What lies this far below the window's mean power (in nepers of power; 39 dB) is silence.
FLOOR = 9.0
# About the standard deviation of what is left.
SCALE = 3.0


@dataclass(frozen=True)
class VoiceConfig:
    """Sizes of the network; widths are multiples of 8."""

    stem: int = 16
    widths: tuple[int, ...] = (32, 56, 64)
    blocks: tuple[int, ...] = (1, 1, 1)
    hidden: int = 88
    context: int = 2
    """Convolutions over time alone, after the bands have been joined."""
    span: int = 3
    """Their width, in steps of 160 ms."""
    embedding: int = 64
    dropout: float = 0.3


def relative(log_mel: torch.Tensor) -> torch.Tensor:
    """Log-mel energies [N, T, 64] -> [N, 2, T, 64]: relative to the window's mean power, and to each band's mean."""
    # logsumexp written out: the maximum keeps the exponential in range, and every runtime has these operations.
    highest = log_mel.amax((1, 2), keepdim=True)
    level = highest + (log_mel - highest).exp().mean((1, 2), keepdim=True).log()
    x = ((log_mel - level).clamp(max=FLOOR).exp() + torch.exp(torch.tensor(-FLOOR))).log()
    return torch.stack([(x + FLOOR / 2) / SCALE, (x - x.mean(1, keepdim=True)) / SCALE], 1)


class AttentivePooling(nn.Module):
    """Weighted mean and deviation over time, [N, C, T] -> [N, 2 C] (Okabe et al. 2018, attentive statistics)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Conv1d(width, 32, 1), nn.Tanh(), nn.Conv1d(32, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.score(x).softmax(2)
        mean = (x * weight).sum(2)
        variance = (x * x * weight).sum(2) - mean * mean
        return torch.cat([mean, (variance.clamp(min=0) + 1e-4).sqrt()], 1)


class TimeBlock(nn.Module):
    """A residual convolution over time."""

    def __init__(self, width: int, span: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, span, padding=span // 2, bias=False)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(x + self.norm(self.conv(x)))


def halving(inputs: int, outputs: int, side: int) -> list[nn.Module]:
    """A convolution after which both axes are half as long (rounded up), with norm and rectifier."""
    conv = nn.Conv2d(inputs, outputs, side, 2, side // 2, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class VoiceNet(nn.Module):
    """Log-mel energies [N, T, 64] -> raw logits [N, 9], raw arousal [N], embedding [N, E]."""

    def __init__(self, config: VoiceConfig | None = None) -> None:
        super().__init__()
        config = config or VoiceConfig()
        self.config = config
        layers = halving(2, config.stem, 5)
        width = config.stem
        for wider, blocks in zip(config.widths, config.blocks, strict=True):
            layers += halving(width, wider, 3)
            layers += [ResidualBlock(wider, wider, 1) for _ in range(blocks)]
            width = wider
        self.encoder = nn.Sequential(*layers)
        bands = BANDS // 2 ** (1 + len(config.widths))
        self.join = nn.Sequential(
            nn.Conv2d(width, config.hidden, (1, bands), bias=False),
            nn.BatchNorm2d(config.hidden),
            nn.ReLU(inplace=True),
        )
        self.context = nn.Sequential(*(TimeBlock(config.hidden, config.span) for _ in range(config.context)))
        self.pool = AttentivePooling(config.hidden)
        self.embed = nn.Sequential(
            nn.Linear(2 * config.hidden, config.embedding, bias=False),
            nn.BatchNorm1d(config.embedding),
            nn.ReLU(inplace=True),
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.embedding, len(LABELS) + 1)

    def embedding(self, log_mel: torch.Tensor) -> torch.Tensor:
        """float32 [N, E]: what the heads see."""
        maps = self.join(self.encoder(relative(log_mel)))
        embedded: torch.Tensor = self.embed(self.pool(self.context(maps.squeeze(3)).float()))
        return embedded

    def forward(self, log_mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        embedding = self.embedding(log_mel)
        raw = self.head(self.dropout(embedding)).float()
        return raw[:, : len(LABELS)], raw[:, len(LABELS)], embedding
