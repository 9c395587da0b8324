"""DAN ("Distract Your Attention"), keyed as the authors' files.

Architecture: Wen et al., Biomimetics 8(2), 2023: a ResNet-18 trunk and four cross-attention heads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_HEADS = 4
_FEATURES = 512


class BasicBlock(nn.Module):
    """Residual block of ResNet-18 (He et al., CVPR 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))


class SpatialAttention(nn.Module):
    """One attention map from parallel 3x3, 1x3 and 3x1 convolutions."""

    def __init__(self) -> None:
        super().__init__()
        narrow = _FEATURES // 2

        def branch(inputs: int, outputs: int, kernel: tuple[int, int]) -> nn.Sequential:
            padding = (kernel[0] // 2, kernel[1] // 2)
            return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.BatchNorm2d(outputs))

        self.conv1x1 = branch(_FEATURES, narrow, (1, 1))
        self.conv_3x3 = branch(narrow, _FEATURES, (3, 3))
        self.conv_1x3 = branch(narrow, _FEATURES, (1, 3))
        self.conv_3x1 = branch(narrow, _FEATURES, (3, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1x1(x)
        y = F.relu(self.conv_3x3(y) + self.conv_1x3(y) + self.conv_3x1(y))
        return x * y.sum(1, keepdim=True)


class ChannelAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.Sequential(
            nn.Linear(_FEATURES, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, _FEATURES), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean((2, 3))
        return pooled * self.attention(pooled)


class CrossAttentionHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sa = SpatialAttention()
        self.ca = ChannelAttention()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.ca(self.sa(x))
        return y


class DAN(nn.Module):
    """Image [N, 3, 224, 224] -> class logits [N, classes]."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        # Indices follow ResNet's children: conv, bn, relu, pool, layer1..4.
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            _stage(64, 64, 1),
            _stage(64, 128, 2),
            _stage(128, 256, 2),
            _stage(256, _FEATURES, 2),
        )
        for index in range(_HEADS):
            self.add_module(f"cat_head{index}", CrossAttentionHead())
        self.fc = nn.Linear(_FEATURES, classes)
        self.bn = nn.BatchNorm1d(classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        heads = torch.stack([self.get_submodule(f"cat_head{index}")(x) for index in range(_HEADS)], dim=1)
        # The heads compete per feature: the log-softmax runs across heads, not across features.
        logits: Tensor = self.bn(self.fc(F.log_softmax(heads, dim=1).sum(1)))
        return logits
