"""Thins a trained expression network: fewer channels inside its blocks, and the rest refitted to do the same.

What the blocks hand on keeps its width, so that block by block the thin network can be fitted to the trained one by
least squares, on what the thin blocks before it really give (He et al. 2017, "Channel pruning for accelerating very
deep neural networks"). What is lost then comes back by distillation in a few epochs.
"""

from __future__ import annotations

import torch
from edgeaffect.export.zoo.affect_net import AffectNet, ResidualBlock
from torch import nn
from torch.nn import functional

from training.affect.narrow import projection
from training.affect.networks import build
from training.norms import restore_norms, unfold

PLACES = 36  # of each map that take part in a fit
RIDGE = 1e-3
SEED = 0


def least_squares(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight [outputs, inputs] and bias [outputs] of the ridge regression from `x` [n, inputs] to `y` [n, outputs]."""
    known = torch.cat([x, torch.ones(len(x), 1)], 1).double()
    products = known.T @ known
    products += RIDGE * products.diagonal().mean() * torch.eye(len(products), dtype=torch.float64)
    solution = torch.linalg.solve(products, known.T @ y.double()).float()
    return solution[:-1].T.contiguous(), solution[-1].contiguous()


def _inside(block: ResidualBlock, x: torch.Tensor) -> torch.Tensor:
    return functional.relu(block.norm1(block.conv1(x)))


def _copy_norm(target: nn.BatchNorm2d, source: nn.BatchNorm2d, channels: torch.Tensor) -> None:
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(target, name).copy_(getattr(source, name)[channels])


def _copy_shortcut(target: ResidualBlock, source: ResidualBlock) -> None:
    """A mean over 2x2 pixels and a pointwise convolution are one strided convolution with a quarter of the weights."""
    if not isinstance(source.shortcut, nn.Sequential):
        return
    (conv, norm), (old_conv, old_norm) = projection(target.shortcut), projection(source.shortcut)
    size = conv.kernel_size[0] // old_conv.kernel_size[0]
    conv.weight.copy_(old_conv.weight.repeat(1, 1, size, size) / size**2)
    _copy_norm(norm, old_norm, torch.arange(len(norm.weight)))


def _refit(target: ResidualBlock, inside: torch.Tensor, wanted: torch.Tensor) -> None:
    """The second convolution that comes closest to `wanted` [N, C, H, W], given what is `inside` the block."""
    places = torch.randperm(wanted[0, 0].numel())[:PLACES]
    size = target.conv2.kernel_size[0]
    patches = functional.unfold(inside, size, padding=size // 2)[:, :, places]
    values = wanted.flatten(2)[:, :, places]
    weight, bias = least_squares(patches.transpose(1, 2).flatten(0, 1), values.transpose(1, 2).flatten(0, 1))
    unfold(target.conv2, target.norm2, weight.view_as(target.conv2.weight), bias)


@torch.no_grad()
def thinned(net: AffectNet, arch: str, batch: torch.Tensor) -> AffectNet:
    """The network `arch`, as wide as `net` between its blocks and thinner inside them, fitted to it.

    Args:
        net: trained.
        arch: a name of `training.affect.networks.CONFIGS`.
        batch: normalised faces [N, 1, 48, 48] to fit on.

    Raises:
        ValueError: the two networks hand on different numbers of channels.
    """
    result = build(arch)
    assert isinstance(result, AffectNet)
    if [b.conv2.out_channels for b in net.stages] != [b.conv2.out_channels for b in result.stages]:
        raise ValueError(
            f"{arch} hands on other widths than the network to thin: it takes those that only differ inside"
        )
    torch.manual_seed(SEED)
    net.eval(), result.eval()
    result.stem.load_state_dict(net.stem.state_dict())
    x = thin = net.stem(batch)
    for old, new in zip(net.stages, result.stages, strict=True):
        assert isinstance(old, ResidualBlock) and isinstance(new, ResidualBlock)
        inside = _inside(old, x)
        wanted = old.norm2(old.conv2(inside)) + old.shortcut(x)
        seen = _inside(old, thin)
        reach = seen.std((0, 2, 3)) * old.conv2.weight.flatten(2).norm(dim=(0, 2))
        kept = reach.topk(new.conv1.out_channels).indices.sort().values
        new.conv1.weight.copy_(old.conv1.weight[kept])
        _copy_norm(new.norm1, old.norm1, kept)
        _copy_shortcut(new, old)
        _refit(new, seen[:, kept], wanted - new.shortcut(thin))
        x, thin = functional.relu(wanted), new(thin)
    pooled = net.pool(thin).flatten(1)
    weight, bias = least_squares(pooled, net.head(net.pool(x).flatten(1)))
    result.head.weight.copy_(weight)
    result.head.bias.copy_(bias)
    restore_norms(result, [batch])
    return result
