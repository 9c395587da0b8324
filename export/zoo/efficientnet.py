"""EfficientNet with TensorFlow "SAME" padding, keyed as timm's ``tf_efficientnet_b0/b2`` (HSEmotion's backbone).

Architecture: Tan & Le, "EfficientNet", ICML 2019, table 1 and its compound scaling rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# BatchNorm constants of the TensorFlow checkpoints from which these weights were fine-tuned.
_BN_EPS = 1e-3
_SE_RATIO = 0.25


@dataclass(frozen=True)
class _Stage:
    expand: int
    channels: int
    repeats: int
    stride: int
    kernel: int


_B0_STAGES = (
    _Stage(1, 16, 1, 1, 3),
    _Stage(6, 24, 2, 2, 3),
    _Stage(6, 40, 2, 2, 5),
    _Stage(6, 80, 3, 2, 3),
    _Stage(6, 112, 3, 1, 5),
    _Stage(6, 192, 4, 2, 5),
    _Stage(6, 320, 1, 1, 3),
)


def _scaled_width(channels: int, factor: float) -> int:
    """Round ``channels * factor`` to a multiple of 8, never more than 10 % down (the paper's reference rule)."""
    wanted = channels * factor
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class SameConv2d(nn.Conv2d):
    """Bias-free convolution with TensorFlow's SAME padding, fixed at construction for one input side.

    SAME puts the odd pixel right and below and depends on the input's side, so that a symmetric
    ``padding`` gives other numbers at stride 2. A constant padding keeps the exported graph static.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, *, side: int, stride: int = 1, groups: int = 1) -> None:
        self.output_side = -(-side // stride)
        total = max(0, (self.output_side - 1) * stride + kernel - side)
        before, after = total // 2, total - total // 2
        even = before == after
        super().__init__(
            inputs, outputs, kernel, stride=stride, padding=before if even else 0, groups=groups, bias=False
        )
        self.asymmetric_padding = None if even else (before, after, before, after)

    def forward(self, input: Tensor) -> Tensor:
        if self.asymmetric_padding is not None:
            input = F.pad(input, self.asymmetric_padding)
        return super().forward(input)


class SqueezeExcite(nn.Module):
    """Channel gate from the global mean (Hu et al., CVPR 2018)."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.conv_reduce = nn.Conv2d(channels, reduced, 1)
        self.conv_expand = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.conv_expand(F.silu(self.conv_reduce(x.mean((2, 3), keepdim=True))))
        return x * gate.sigmoid()


class DepthwiseSeparable(nn.Module):
    """Block without expansion (first stage)."""

    def __init__(self, inputs: int, outputs: int, stage: _Stage, stride: int, side: int) -> None:
        super().__init__()
        self.conv_dw = SameConv2d(inputs, inputs, stage.kernel, side=side, stride=stride, groups=inputs)
        self.bn1 = nn.BatchNorm2d(inputs, eps=_BN_EPS)
        self.se = SqueezeExcite(inputs, int(inputs * _SE_RATIO))
        self.conv_pw = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, eps=_BN_EPS)
        self.has_skip = stride == 1 and inputs == outputs
        self.output_side = self.conv_dw.output_side

    def forward(self, x: Tensor) -> Tensor:
        y = F.silu(self.bn1(self.conv_dw(x)))
        y = self.bn2(self.conv_pw(self.se(y)))
        return x + y if self.has_skip else y


class InvertedResidual(nn.Module):
    """MBConv block: expand, depthwise, gate, project."""

    def __init__(self, inputs: int, outputs: int, stage: _Stage, stride: int, side: int) -> None:
        super().__init__()
        middle = inputs * stage.expand
        self.conv_pw = nn.Conv2d(inputs, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle, eps=_BN_EPS)
        self.conv_dw = SameConv2d(middle, middle, stage.kernel, side=side, stride=stride, groups=middle)
        self.bn2 = nn.BatchNorm2d(middle, eps=_BN_EPS)
        self.se = SqueezeExcite(middle, int(inputs * _SE_RATIO))
        self.conv_pwl = nn.Conv2d(middle, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs, eps=_BN_EPS)
        self.has_skip = stride == 1 and inputs == outputs
        self.output_side = self.conv_dw.output_side

    def forward(self, x: Tensor) -> Tensor:
        y = F.silu(self.bn1(self.conv_pw(x)))
        y = F.silu(self.bn2(self.conv_dw(y)))
        y = self.bn3(self.conv_pwl(self.se(y)))
        return x + y if self.has_skip else y


class EfficientNet(nn.Module):
    """Image [N, 3, side, side] -> [N, outputs] (raw linear outputs).

    Args:
        outputs: size of the last layer.
        side: height and width of the input, in pixels.
        width: channel multiplier.
        depth: layer multiplier.
        sequential_head: HSEmotion's files hold the classifier either as a Linear or as a Sequential of one
            Linear; True gives the keys ``classifier.0.*``.
    """

    def __init__(
        self,
        outputs: int,
        *,
        side: int,
        width: float = 1.0,
        depth: float = 1.0,
        sequential_head: bool = False,
    ) -> None:
        super().__init__()
        channels = _scaled_width(32, width)
        self.conv_stem = SameConv2d(3, channels, 3, side=side, stride=2)
        self.bn1 = nn.BatchNorm2d(channels, eps=_BN_EPS)
        side = self.conv_stem.output_side

        stages: list[nn.Module] = []
        for stage in _B0_STAGES:
            blocks: list[nn.Module] = []
            block_type = DepthwiseSeparable if stage.expand == 1 else InvertedResidual
            for index in range(math.ceil(stage.repeats * depth)):
                stride = stage.stride if index == 0 else 1
                wide = _scaled_width(stage.channels, width)
                block = block_type(channels, wide, stage, stride, side)
                blocks.append(block)
                channels, side = wide, block.output_side
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.Sequential(*stages)

        features = _scaled_width(1280, width)
        self.conv_head = nn.Conv2d(channels, features, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(features, eps=_BN_EPS)
        head = nn.Linear(features, outputs)
        self.classifier: nn.Module = nn.Sequential(head) if sequential_head else head

    def forward(self, image: Tensor) -> Tensor:
        x = F.silu(self.bn1(self.conv_stem(image)))
        x = self.blocks(x)
        x = F.silu(self.bn2(self.conv_head(x)))
        output: Tensor = self.classifier(torch.flatten(x.mean((2, 3), keepdim=True), 1))
        return output
