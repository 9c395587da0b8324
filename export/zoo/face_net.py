"""The bundled face detector: anchor-free, strides 8, 16 and 32, box and five points per cell.

The topology is that of YuNet-n (Wu, Peng and Yu 2023: pairs of a pointwise and a depthwise convolution, a top-down
pathway, one shared branch per stride), from whose weights training begins. One head per stride stands in place of four,
which is faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

STRIDES = (8, 16, 32)
# 1 logit, 4 distances to the box sides, 5 points (x, y); all but the logit in units of the stride.
CHANNELS = 15
WIDTH = 64


@dataclass(frozen=True)
class FaceConfig:
    """Where a network spends its time: three fifths of it go into the largest maps."""

    early: tuple[int, ...] = (16, WIDTH, WIDTH, WIDTH)
    """Channels that the pairs at stride 4 give."""
    fine_branch: bool = True
    """Whether stride 8 has a branch of its own after the lateral pair, as the others have."""


CONFIGS = {"full": FaceConfig(), "lean": FaceConfig((16, 32, 32), fine_branch=False)}
# Largest logarithm of half a box side, in strides: e^4 strides of 8 are 437 pixels.
LARGEST_LOG_SIDE = 4.0


def pair(inputs: int, outputs: int) -> nn.Sequential:
    """Pointwise, then depthwise 3x3 convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 1),
        nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class FaceNet(nn.Module):
    """Image [1, 3, H, W], normalised, sides multiples of 32 -> three maps [1, 15, H/s, W/s].

    Channel 0 is the score's logit, 1 to 4 the distances left, top, right, bottom from the cell centre
    (in strides), 5 to 14 the offsets of eyes, nose and mouth corners from the cell centre (in strides).
    """

    def __init__(self, config: FaceConfig | None = None) -> None:
        super().__init__()
        config = config or FaceConfig()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True), *pair(16, 16)
        )
        self.stage4 = nn.Sequential(*(pair(*widths) for widths in pairwise((16, *config.early))))
        self.stage8, self.stage16, self.stage32 = (
            nn.Sequential(pair(inputs, WIDTH), pair(WIDTH, WIDTH)) for inputs in (config.early[-1], WIDTH, WIDTH)
        )
        self.lateral = nn.ModuleList(pair(WIDTH, WIDTH) for _ in STRIDES)
        self.branch = nn.ModuleList(
            pair(WIDTH, WIDTH) if level or config.fine_branch else nn.Identity() for level in range(len(STRIDES))
        )
        self.head = nn.ModuleList(
            nn.Sequential(nn.Conv2d(WIDTH, CHANNELS, 1), nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, groups=CHANNELS))
            for _ in STRIDES
        )

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x = halved(self.stem(image))
        x = self.stage4(x)
        maps = []
        for stage in (self.stage8, self.stage16, self.stage32):
            x = stage(halved(x))
            maps.append(x)
        outputs = []
        above: torch.Tensor | None = None
        for level in (2, 1, 0):
            x = maps[level]
            if above is not None:
                x = x + nn.functional.interpolate(above, scale_factor=2.0, mode="nearest")
            above = self.lateral[level](x)
            raw = self.head[level](self.branch[level](above))
            shift, half = raw[:, 1:3], raw[:, 3:5].clamp(max=LARGEST_LOG_SIDE).exp()
            outputs.append(torch.cat([raw[:, :1], half - shift, half + shift, raw[:, 5:]], 1))
        return tuple(reversed(outputs))


def halved(x: torch.Tensor) -> torch.Tensor:
    """The larger of every 2x2 cells."""
    return nn.functional.max_pool2d(x, 2)
