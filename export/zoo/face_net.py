"""The bundled face detector: anchor-free, strides 8, 16 and 32, box and five points per cell.

Dense 3x3 convolutions where maps are large and channels few (one fast kernel instead of two memory-bound ones),
depthwise residual blocks on the small maps, a top-down pathway, and one light head per stride.
"""

from __future__ import annotations

import torch
from torch import nn

STRIDES = (8, 16, 32)
# 1 logit, 4 distances to the box sides, 5 points (x, y); all but the logit in units of the stride.
CHANNELS = 15
LARGEST_LOG_DISTANCE = 4.0


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """x + body(x); the body is one dense 3x3 convolution or a depthwise and a pointwise one."""

    def __init__(self, channels: int, kernel: int = 3, *, dense: bool = False) -> None:
        super().__init__()
        self.body = (
            conv(channels, channels)
            if dense
            else nn.Sequential(conv(channels, channels, kernel, groups=channels), conv(channels, channels, 1))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class FaceNet(nn.Module):
    """Image [1, 3, H, W], normalised, sides multiples of 32 -> three maps [1, 15, H/s, W/s].

    Channel 0 is the score's logit, 1 to 4 the distances left, top, right, bottom from the cell centre
    (positive, in strides), 5 to 14 the offsets of eyes, nose and mouth corners from the cell centre (in strides).
    """

    def __init__(self, neck: int = 64) -> None:
        super().__init__()
        self.stem = conv(3, 16, stride=2)
        self.stage4 = nn.Sequential(conv(16, 16, stride=2), Residual(16, dense=True))
        self.stage8 = nn.Sequential(conv(16, 48, stride=2), Residual(48, dense=True), Residual(48), Residual(48))
        self.stage16 = nn.Sequential(conv(48, 64, stride=2), *(Residual(64, 5) for _ in range(3)))
        self.stage32 = nn.Sequential(conv(64, 64, stride=2), *(Residual(64, 5) for _ in range(3)))
        self.lateral = nn.ModuleList(conv(c, neck, 1) for c in (48, 64, 64))
        self.smooth = nn.ModuleList(Residual(neck, k) for k in (3, 5, 5))
        self.head = nn.ModuleList(
            nn.Sequential(conv(neck, neck, groups=neck), nn.Conv2d(neck, CHANNELS, 1)) for _ in STRIDES
        )
        for branch in self.head:
            # A face is rare: start at a probability of 1 % so that early steps are not spent on background.
            nn.init.normal_(branch[1].weight, std=0.01)
            nn.init.zeros_(branch[1].bias)
            nn.init.constant_(branch[1].bias[:1], -4.6)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x = self.stage4(self.stem(image))
        maps = []
        for stage in (self.stage8, self.stage16, self.stage32):
            x = stage(x)
            maps.append(x)
        outputs = []
        above: torch.Tensor | None = None
        for level in (2, 1, 0):
            x = self.lateral[level](maps[level])
            if above is not None:
                x = x + nn.functional.interpolate(above, scale_factor=2.0, mode="nearest")
            above = self.smooth[level](x)
            raw = self.head[level](above)
            distances = raw[:, 1:5].clamp(max=LARGEST_LOG_DISTANCE).exp()
            outputs.append(torch.cat([raw[:, :1], distances, raw[:, 5:]], 1))
        return tuple(reversed(outputs))
