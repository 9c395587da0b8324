"""EmoNet: expression, valence and arousal on top of a face alignment network, keyed as the authors' files.

Architecture: Toisoul et al., Nature Machine Intelligence 3, 2021; its trunk is FAN (Bulat & Tzimiropoulos,
ICCV 2017) with two hourglasses. The published weights belong to BatchNorm layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_CHANNELS = 256
_LANDMARKS = 68
_HOURGLASS_DEPTH = 4
_HOURGLASSES = 2
_EMOTION_BLOCKS = 4


class ConvBlock(nn.Module):
    """Three pre-activated 3x3 convolutions whose outputs (1/2, 1/4, 1/4 of the channels) are concatenated."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half, quarter = outputs // 2, outputs // 4
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, quarter, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(quarter)
        self.conv3 = nn.Conv2d(quarter, quarter, 3, padding=1, bias=False)
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs:
            self.downsample = nn.Sequential(
                nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False)
            )

    def forward(self, x: Tensor) -> Tensor:
        first = self.conv1(F.relu(self.bn1(x)))
        second = self.conv2(F.relu(self.bn2(first)))
        third = self.conv3(F.relu(self.bn3(second)))
        return torch.cat((first, second, third), 1) + self.downsample(x)


class Hourglass(nn.Module):
    """Recursive encoder-decoder; the names of its blocks carry the level."""

    def __init__(self) -> None:
        super().__init__()
        for level in range(_HOURGLASS_DEPTH, 0, -1):
            self.add_module(f"b1_{level}", ConvBlock(_CHANNELS, _CHANNELS))
            self.add_module(f"b2_{level}", ConvBlock(_CHANNELS, _CHANNELS))
        self.add_module("b2_plus_1", ConvBlock(_CHANNELS, _CHANNELS))
        for level in range(1, _HOURGLASS_DEPTH + 1):
            self.add_module(f"b3_{level}", ConvBlock(_CHANNELS, _CHANNELS))

    def _level(self, level: int, x: Tensor) -> Tensor:
        kept = self.get_submodule(f"b1_{level}")(x)
        low = self.get_submodule(f"b2_{level}")(F.max_pool2d(x, 2))
        low = self._level(level - 1, low) if level > 1 else self.get_submodule("b2_plus_1")(low)
        low = self.get_submodule(f"b3_{level}")(low)
        return kept + F.interpolate(low, scale_factor=2.0, mode="nearest")

    def forward(self, x: Tensor) -> Tensor:
        return self._level(_HOURGLASS_DEPTH, x)


class EmoNet(nn.Module):
    """Image [N, 3, 256, 256] (RGB in [0, 1]) -> expression logits [N, classes], valence [N, 1], arousal [N, 1].

    Valence and arousal are the raw linear outputs, as in the authors' forward pass; whoever shows them
    clamps to [-1, 1]. The 68 heat maps attend the features and are not returned.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = ConvBlock(64, 128)
        self.conv3 = ConvBlock(128, 128)
        self.conv4 = ConvBlock(128, _CHANNELS)
        for index in range(_HOURGLASSES):
            self.add_module(f"m{index}", Hourglass())
            self.add_module(f"top_m_{index}", ConvBlock(_CHANNELS, _CHANNELS))
            self.add_module(f"conv_last{index}", nn.Conv2d(_CHANNELS, _CHANNELS, 1))
            self.add_module(f"bn_end{index}", nn.BatchNorm2d(_CHANNELS))
            self.add_module(f"l{index}", nn.Conv2d(_CHANNELS, _LANDMARKS, 1))
            if index < _HOURGLASSES - 1:
                self.add_module(f"bl{index}", nn.Conv2d(_CHANNELS, _CHANNELS, 1))
                self.add_module(f"al{index}", nn.Conv2d(_LANDMARKS, _CHANNELS, 1))
        self.conv1x1_input_emo_2 = nn.Conv2d(_CHANNELS * (_HOURGLASSES + 1), _CHANNELS, 1)
        blocks: list[nn.Module] = []
        for _ in range(_EMOTION_BLOCKS):
            blocks += [ConvBlock(_CHANNELS, _CHANNELS), nn.MaxPool2d(2)]
        self.emo_net_2 = nn.Sequential(*blocks)
        self.emo_fc_2 = nn.Sequential(
            nn.Linear(_CHANNELS, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, classes + 2)
        )

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        x = F.relu(self.bn1(self.conv1(image)))
        x = self.conv3(F.max_pool2d(self.conv2(x), 2))
        x = self.conv4(x)

        previous, features = x, []
        for index in range(_HOURGLASSES):
            part = self.get_submodule
            y = part(f"top_m_{index}")(part(f"m{index}")(previous))
            y = F.relu(part(f"bn_end{index}")(part(f"conv_last{index}")(y)))
            heatmaps = part(f"l{index}")(y)
            if index < _HOURGLASSES - 1:
                y = part(f"bl{index}")(y)
                previous = previous + y + part(f"al{index}")(heatmaps)
            features.append(y)

        attended = torch.cat(features, 1) * heatmaps.sum(1, keepdim=True)
        x = self.conv1x1_input_emo_2(torch.cat((x, attended), 1))
        x = F.avg_pool2d(self.emo_net_2(x), 4)
        output = self.emo_fc_2(torch.flatten(x, 1))
        n = self.classes
        return {"expression": output[:, :n], "valence": output[:, n : n + 1], "arousal": output[:, n + 1 :]}
