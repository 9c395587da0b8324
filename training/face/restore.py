"""Takes the weights of a shipped file back into the network, so that training can go on from them.

A shipped file has its normalisation folded into the kernels. Every kernel gets unit length again and a normalisation
that undoes it: statistics of a few batches, and a scale and a shift by which the network answers as the file does.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet
from torch import nn


def stored_kernels(path: Path) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Weights and biases of the convolutions of a file written by `export`, in the order of the network's modules."""
    import onnx
    from onnx import numpy_helper

    tensors = (np.array(numpy_helper.to_array(t), np.float32) for t in onnx.load(path).graph.initializer)
    stored = [torch.from_numpy(t) for t in tensors]
    return list(zip(stored[::2], stored[1::2], strict=False))  # a file of another kind may hold an odd number


def restore(path: Path, batches: Iterable[torch.Tensor]) -> FaceNet:
    """A network that answers as the file does.

    Args:
        batches: normalised crops float32 [b, 3, h, w] that training would see.

    Raises:
        ValueError: the file's kernels are not those of `FaceNet`.
    """
    net = FaceNet()
    pairs = list(normalised(net))
    stored = stored_kernels(path)
    if [w.shape for w, _ in stored] != [conv.weight.shape for conv, _ in pairs]:
        raise ValueError(f"{path} does not hold the kernels of FaceNet; export it with training.face.export")
    with torch.no_grad():
        for (conv, norm), (weight, bias) in zip(pairs, stored, strict=True):
            if norm is None:
                conv.weight.copy_(weight)
                conv.bias.copy_(bias)
                continue
            length = weight.flatten(1).norm(dim=1).clamp(min=1e-4)
            conv.weight.copy_(weight / length[:, None, None, None])
            # Until the statistics are known: mean 0 and variance 1, so that the output is length * (Wx) + bias.
            norm.weight.copy_(length)
            norm.bias.copy_(bias)
    net.eval()
    moments: dict[nn.BatchNorm2d, list[torch.Tensor]] = {}

    def look(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor]) -> None:
        x = inputs[0].float()
        moments.setdefault(norm, []).append(torch.stack([x.mean((0, 2, 3)), (x**2).mean((0, 2, 3))]))

    hooks = [norm.register_forward_pre_hook(look) for _, norm in pairs if norm is not None]
    with torch.no_grad():
        for batch in batches:
            net(batch)
        for hook in hooks:
            hook.remove()
        for norm, rows in moments.items():
            mean, square = torch.stack(rows).mean(0)
            spread = (square - mean**2).clamp(min=0) + norm.eps
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(spread - norm.eps)
            norm.bias.add_(norm.weight * mean)
            norm.weight.mul_(spread.sqrt())
    return net


def normalised(net: nn.Module) -> Iterable[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """All convolutions, in the order of the modules, each with the normalisation that follows it."""
    modules = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    for index, module in enumerate(modules):
        if isinstance(module, nn.Conv2d):
            after = modules[index + 1] if index + 1 < len(modules) else None
            yield module, after if isinstance(after, nn.BatchNorm2d) else None
