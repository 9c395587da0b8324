"""Batch norms that a file had folded into its convolutions, put back so that training can go on from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import nn


def convolutions(net: nn.Module) -> Iterator[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """All convolutions, in the order of the modules, each with the norm that follows it."""
    modules = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    for index, module in enumerate(modules):
        if isinstance(module, nn.Conv2d):
            after = modules[index + 1] if index + 1 < len(modules) else None
            yield module, after if isinstance(after, nn.BatchNorm2d) else None


def statistics(norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Running mean and variance, which every norm here keeps."""
    assert norm.running_mean is not None and norm.running_var is not None
    return norm.running_mean, norm.running_var


@torch.no_grad()
def unfold(conv: nn.Conv2d, norm: nn.BatchNorm2d | None, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Takes a folded kernel: filters of unit length, and their length and the bias in the (still unmeasured) norm."""
    if norm is None:
        conv.weight.copy_(weight)
        assert conv.bias is not None  # without a norm there is nowhere else for it
        conv.bias.copy_(bias)
        return
    length = weight.flatten(1).norm(dim=1).clamp(min=1e-4)
    conv.weight.copy_(weight / length[:, None, None, None])
    mean, variance = statistics(norm)
    mean.zero_()
    variance.fill_(1)
    norm.weight.copy_(length * (1 + norm.eps) ** 0.5)
    norm.bias.copy_(bias)


@torch.no_grad()
def restore_norms(net: nn.Module, batches: Iterable[torch.Tensor]) -> None:
    """Gives every norm the statistics of `batches` (the network's own input), and gains that keep every output."""
    moments: dict[nn.BatchNorm2d, list[torch.Tensor]] = {}

    def look(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor]) -> None:
        x = inputs[0].float()
        moments.setdefault(norm, []).append(torch.stack([x.mean((0, 2, 3)), (x**2).mean((0, 2, 3))]))

    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm, rows in moments.items():
        mean, square = torch.stack(rows).mean(0)
        variance = (square - mean**2).clamp(min=0)
        old_mean, old_variance = statistics(norm)
        scale = norm.weight / (old_variance + norm.eps).sqrt()
        offset = norm.bias - scale * old_mean
        norm.weight.copy_(scale * (variance + norm.eps).sqrt())
        norm.bias.copy_(offset + scale * mean)
        old_mean.copy_(mean)
        old_variance.copy_(variance)
