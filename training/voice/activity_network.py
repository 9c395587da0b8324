"""The network of voice activity: two causal convolutions and two recurrent layers over log-mel frames.

Everything that one call hands to the next is one tensor, `state` [N, STATE], zeros at the start of a sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

KERNEL = 3


@dataclass(frozen=True)
class ActivityConfig:
    """Sizes."""

    bands: int = 64
    channels: int = 48
    first: int = 64
    second: int = 48

    @property
    def state(self) -> int:
        """Numbers that one call hands to the next."""
        return (KERNEL - 1) * (self.bands + self.channels) + self.first + self.second


class ActivityNet(nn.Module):
    """log-mel [N, T, bands], state [N, S] -> logits [N, T], next state [N, S]; frame t sees frames up to t."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: ActivityConfig | None = None) -> None:
        super().__init__()
        self.config = config or ActivityConfig()
        c = self.config
        self.register_buffer("mean", torch.full((c.bands,), -9.0))
        self.register_buffer("std", torch.full((c.bands,), 4.0))
        self.conv1 = nn.Conv1d(c.bands, c.channels, KERNEL)
        self.conv2 = nn.Conv1d(c.channels, c.channels, KERNEL)
        self.gru1 = nn.GRU(c.channels, c.first, batch_first=True)
        self.gru2 = nn.GRU(c.first, c.second, batch_first=True)
        self.out = nn.Linear(c.second, 1)

    def zeros(self, rows: int) -> Tensor:
        """The state of so many new sounds."""
        return torch.zeros(rows, self.config.state)

    def forward(self, log_mel: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        c, back = self.config, KERNEL - 1
        old1, old2, h1, h2 = state.split([back * c.bands, back * c.channels, c.first, c.second], 1)
        x = (log_mel - self.mean) / self.std
        x = torch.cat([old1.reshape(-1, back, c.bands), x], 1)
        new1 = x[:, -back:].flatten(1)
        y = functional.relu(self.conv1(x.transpose(1, 2)))
        y = torch.cat([old2.reshape(-1, c.channels, back), y], 2)
        new2 = y[:, :, -back:].flatten(1)
        y = functional.relu(self.conv2(y)).transpose(1, 2)
        y, n1 = self.gru1(y, h1[None].contiguous())
        y, n2 = self.gru2(y, h2[None].contiguous())
        return self.out(y)[..., 0], torch.cat([new1, new2, n1[0], n2[0]], 1)
