"""DDAMFN++ (MixedFeatureNet with dual-direction attention), keyed as the authors' files.

Architecture: Zhang et al., "A Dual-Direction Attention Mixed Feature Network for Facial Expression
Recognition", Electronics 12(17), 2023. Some layers of the published files take no part in the forward pass
(``conv_dw.bn``, ``conv_dw.prelu``, the heads' ``CoordAtt.Linear``, the last ``bn``); they stand here
because the files hold them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_HEADS = 2
_FEATURES = 512
_SIDE = 7
_REDUCTION = 32

_Pair = tuple[int, int]


class ConvUnit(nn.Module):
    """Bias-free convolution and BatchNorm, with a PReLU unless ``linear``."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: _Pair = (1, 1),
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        if not linear:
            self.prelu = nn.PReLU(outputs)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn(self.conv(x))
        return y if self.linear else self.prelu(y)


class MixedDepthwise(nn.Module):
    """Depthwise convolutions of several kernel sizes, each on its own share of the channels."""

    def __init__(self, shares: tuple[int, ...], stride: int) -> None:
        super().__init__()
        self.shares = shares
        kernels = range(3, 3 + 2 * len(shares), 2)
        self.mixed_depthwise_conv = nn.ModuleList(
            nn.Conv2d(share, share, kernel, stride, kernel // 2, groups=share, bias=False)
            for share, kernel in zip(shares, kernels, strict=True)
        )
        self.bn = nn.BatchNorm2d(sum(shares))
        self.prelu = nn.PReLU(sum(shares))

    def forward(self, x: Tensor) -> Tensor:
        parts = x.split(self.shares, dim=1)
        return torch.cat([conv(part) for conv, part in zip(self.mixed_depthwise_conv, parts, strict=True)], 1)


class CoordinateGate(nn.Module):
    """Coordinate attention (Hou et al., CVPR 2021): [N, C, side, side] -> attention map of the same shape.

    A profile of the rows and one of the columns pass a shared bottleneck and become one gate per row and
    per column. The trunk's profiles are means; a head's are learnt (``learnt=True``).
    """

    def __init__(self, channels: int, side: int, *, learnt: bool) -> None:
        super().__init__()
        reduced = max(8, channels // _REDUCTION)
        self.side, self.learnt = side, learnt
        if learnt:
            self.Linear_h = ConvUnit(channels, channels, (1, side), groups=channels, linear=True)
            self.Linear_w = ConvUnit(channels, channels, (side, 1), groups=channels, linear=True)
        self.conv1 = nn.Conv2d(channels, reduced, 1)
        self.bn1 = nn.BatchNorm2d(reduced)
        self.conv2 = nn.Conv2d(reduced, channels, 1)
        self.conv3 = nn.Conv2d(reduced, channels, 1)
        if learnt:
            self.Linear = ConvUnit(channels, channels, (side, side), groups=channels, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.Linear_h(x) if self.learnt else x.mean(3, keepdim=True)
        columns = self.Linear_w(x) if self.learnt else x.mean(2, keepdim=True)
        y = torch.cat([rows, columns.transpose(2, 3)], dim=2)
        y = F.hardswish(self.bn1(self.conv1(y)))
        rows, columns = y.split([self.side, self.side], dim=2)
        return self.conv3(columns.transpose(2, 3)).sigmoid() * self.conv2(rows).sigmoid()


class MixedBlock(nn.Module):
    """Inverted residual with mixed depthwise kernels and coordinate attention; residual at stride 1."""

    def __init__(self, inputs: int, outputs: int, shares: tuple[int, ...], *, side: int, stride: int = 1) -> None:
        super().__init__()
        middle = sum(shares)
        self.conv = ConvUnit(inputs, middle)
        self.conv_dw = MixedDepthwise(shares, stride)
        self.CA = CoordinateGate(middle, side, learnt=False)
        self.project = ConvUnit(middle, outputs, linear=True)
        self.residual = stride == 1

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv_dw(self.conv(x))
        y = self.project(y * self.CA(y))
        return x + y if self.residual else y


class MixedStage(nn.Module):
    def __init__(self, channels: int, count: int, shares: tuple[int, ...], side: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*(MixedBlock(channels, channels, shares, side=side) for _ in range(count)))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.model(x)
        return y


class AttentionHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.CoordAtt = CoordinateGate(_FEATURES, _SIDE, learnt=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.CoordAtt(x)
        return y


class DDAMNet(nn.Module):
    """Image [N, 3, 112, 112] -> class logits [N, classes]."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            ConvUnit(3, 64, (3, 3), stride=2, padding=1),
            ConvUnit(64, 64, (3, 3), padding=1, groups=64),
            MixedBlock(64, 64, (64, 32, 32), side=28, stride=2),
            MixedStage(64, 9, (96, 32), side=28),
            MixedBlock(64, 128, (128, 64, 64), side=14, stride=2),
            MixedStage(128, 16, (192, 64), side=14),
            MixedBlock(128, 256, (256, 256, 256, 256), side=_SIDE, stride=2),
            MixedStage(256, 6, (172, 170, 170), side=_SIDE),
            ConvUnit(256, _FEATURES),
        )
        for index in range(_HEADS):
            self.add_module(f"cat_head{index}", AttentionHead())
        self.Linear = ConvUnit(_FEATURES, _FEATURES, (_SIDE, _SIDE), groups=_FEATURES, linear=True)
        self.fc = nn.Linear(_FEATURES, classes)
        self.bn = nn.BatchNorm1d(classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        attention = torch.maximum(*(self.get_submodule(f"cat_head{index}")(x) for index in range(_HEADS)))
        logits: Tensor = self.fc(torch.flatten(self.Linear(x * attention), 1))
        return logits
