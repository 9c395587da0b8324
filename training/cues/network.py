"""The cue network: a plain residual encoder of a gray crop, one wide filter over its last map, one linear layer.

Raw outputs are scaled so that all are of the order of 1: `split` names them, `CuesHead` gives them their units.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from edgeaffect.export.zoo.affect_net import ResidualBlock
from torch import nn

SHAPES = 51
LANDMARKS = 68
# Columns of the raw output: name -> width. Deviations are natural logarithms, in the unit of what they belong to.
COLUMNS = {
    "landmarks": 2 * LANDMARKS,
    "shapes": SHAPES,
    "pose": 3,
    "gaze": 2,
    "landmarks_log": LANDMARKS,
    "shapes_log": SHAPES,
    "pose_log": 3,
    "gaze_log": 2,
}
WIDTH = sum(COLUMNS.values())
# Degrees that one unit of the raw output means.
POSE_UNIT, GAZE_UNIT = 10.0, 5.0
# Shares of the crop's side that one unit means.
POINT_UNIT = 0.02


@dataclass(frozen=True)
class CuesConfig:
    """Sizes of the network; widths are multiples of 8, the block in which runtimes work with AVX2."""

    side: int = 96
    channels: int = 1
    stem: int = 16
    widths: tuple[int, ...] = (32, 64, 128)
    blocks: tuple[int, ...] = (1, 1, 1)
    squeeze: int = 40
    hidden: int = 128


class CuesNet(nn.Module):
    """Normalised crops [n, C, S, S] -> raw outputs [n, WIDTH], columns as in `COLUMNS`."""

    def __init__(self, config: CuesConfig = CuesConfig()) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = [
            nn.Conv2d(config.channels, config.stem, 5, 2, 2, bias=False),
            nn.BatchNorm2d(config.stem),
            nn.ReLU(inplace=True),
        ]
        inputs = config.stem
        for width, blocks in zip(config.widths, config.blocks, strict=True):
            for block in range(blocks):
                layers.append(ResidualBlock(inputs, width, 2 if block == 0 else 1))
                inputs = width
        self.encoder = nn.Sequential(*layers)
        last = config.side // 2 ** (1 + len(config.widths))
        # Where something is matters, so the map is read whole instead of averaged; as a convolution, because those are
        # what the files store in 8 bits.
        self.head = nn.Sequential(
            nn.Conv2d(inputs, config.squeeze, 1, bias=False),
            nn.BatchNorm2d(config.squeeze),
            nn.ReLU(inplace=True),
            nn.Conv2d(config.squeeze, config.hidden, last, bias=False),
            nn.BatchNorm2d(config.hidden),
            nn.ReLU(inplace=True),
            nn.Conv2d(config.hidden, WIDTH, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(x)).flatten(1)


def split(raw: torch.Tensor) -> dict[str, torch.Tensor]:
    """The named columns of raw outputs [n, WIDTH]."""
    return dict(zip(COLUMNS, raw.split(list(COLUMNS.values()), 1), strict=True))
