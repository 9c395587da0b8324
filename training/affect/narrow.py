"""A smaller expression network cut out of a trained larger one: its strongest channels and its first blocks.

A net that begins with what a better one has learnt needs a fraction of the epochs of a fresh one (structured pruning by
filter norms, Li et al. 2017); what the cut destroyed comes back by distillation.
"""

from __future__ import annotations

import torch
from edgeaffect.export.zoo.affect_net import AffectNet, ResidualBlock
from torch import nn

from training.affect.networks import CONFIGS
from training.norms import statistics

Channels = torch.Tensor  # int64, ascending


def strongest(strength: torch.Tensor, count: int) -> Channels:
    """The `count` channels with the largest strength, in their old order."""
    return strength.topk(count).indices.sort().values


def filter_norms(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> torch.Tensor:
    """Length of each filter with the gain of its batch norm."""
    gain = norm.weight / (statistics(norm)[1] + norm.eps).sqrt()
    return conv.weight.flatten(1).norm(dim=1) * gain.abs()


def projection(shortcut: nn.Module) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """The convolution and the norm of a shortcut that changes its shape."""
    assert isinstance(shortcut, nn.Sequential)
    conv, norm = shortcut[1], shortcut[2]
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    return conv, norm


def outputs_of(block: ResidualBlock) -> torch.Tensor:
    """Strength of a block's output channels: what its convolutions write there."""
    strength = filter_norms(block.conv2, block.norm2)
    if isinstance(block.shortcut, nn.Sequential):
        strength = strength + filter_norms(*projection(block.shortcut))
    return strength


def _take(target: nn.Conv2d, source: nn.Conv2d, outputs: Channels, inputs: Channels) -> None:
    target.weight.copy_(source.weight[outputs][:, inputs])


def _take_norm(target: nn.BatchNorm2d, source: nn.BatchNorm2d, channels: Channels) -> None:
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(target, name).copy_(getattr(source, name)[channels])


@torch.no_grad()
def narrowed(net: AffectNet, source: str, arch: str) -> AffectNet:
    """The network `arch` with the strongest channels of `net`, which is of the kind `source`.

    Raises:
        ValueError: `arch` is wider or deeper than `source` somewhere.
    """
    large, small = CONFIGS[source], CONFIGS[arch]
    pairs = [
        *zip(small.widths, large.widths, strict=True),
        *zip(small.blocks, large.blocks, strict=True),
        (small.stem, large.stem),
    ]
    if any(a > b for a, b in pairs):
        raise ValueError(f"{arch} is wider or deeper than {source}: {small} against {large}")
    result = AffectNet(small)
    kept = strongest(filter_norms(net.stem[0], net.stem[1]), small.stem)
    _take(result.stem[0], net.stem[0], kept, torch.zeros(1, dtype=torch.int64))
    _take_norm(result.stem[1], net.stem[1], kept)
    old, new = iter(net.stages), iter(result.stages)
    for width, blocks, count in zip(small.widths, large.blocks, small.blocks, strict=True):
        stage = [next(old) for _ in range(blocks)]
        after = strongest(sum((outputs_of(block) for block in stage), torch.zeros(())), width)
        for block in stage[:count]:
            target = next(new)
            reach = filter_norms(block.conv1, block.norm1) * block.conv2.weight.flatten(2).norm(dim=(0, 2))
            inner = strongest(reach, width)
            _take(target.conv1, block.conv1, inner, kept)
            _take_norm(target.norm1, block.norm1, inner)
            _take(target.conv2, block.conv2, after, inner)
            _take_norm(target.norm2, block.norm2, after)
            if isinstance(block.shortcut, nn.Sequential):
                (new_conv, new_norm), (conv, norm) = projection(target.shortcut), projection(block.shortcut)
                _take(new_conv, conv, after, kept)
                _take_norm(new_norm, norm, after)
            kept = after
    result.head.weight.copy_(net.head.weight[:, kept])
    result.head.bias.copy_(net.head.bias)
    return result
