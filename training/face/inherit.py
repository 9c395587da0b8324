"""The detector's first weights: those of YuNet-n, cut to the width of the network.

YuNet-n has the network's topology. Its kernels are taken over as they are, its heads side by side into one. Where the
network has fewer channels, those are left out of which the next layer misses least, and that layer is fitted anew to
what remains, by least squares on the activations of training crops (channel pruning, He, Zhang and Sun 2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import STRIDES, FaceNet

from training.face.batches import MEAN, STD
from training.norms import restore_norms, unfold

# Cells of a crop whose activations decide which channels go.
CELLS = 2000

Kernel = tuple[torch.Tensor, torch.Tensor]


def kernels(path: Path) -> Iterator[Kernel]:
    """Weights and biases of YuNet-n's convolutions, in the order of its graph."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Conv":
            yield stored[node.input[1]], stored[node.input[2]]


@torch.no_grad()
def inherit(path: Path, batches: list[torch.Tensor], early: int | None = None) -> FaceNet:
    """A network that answers almost as YuNet-n does.

    Args:
        path: YuNet-n's ONNX file.
        batches: normalised crops float32 [b, 3, h, w] that training would see.
        early: channels at stride 4; the network's own by default.
    """
    whole = FaceNet(early=64)
    take(whole, list(kernels(path)))
    restore_norms(whole, batches)
    net = FaceNet() if early is None else FaceNet(early=early)
    narrow(whole, net, batches)
    return net


@torch.no_grad()
def take(net: FaceNet, stored: list[Kernel]) -> None:
    """Puts the kernels into a network of YuNet-n's own width.

    YuNet-n's score is the root of class times objectness; the second alone ranks as well.
    """
    stem, *rest = stored
    # (x - MEAN) / STD goes in where pixels did; the border of zeros is gray now, which nobody notices.
    weight, bias = stem
    unfold(net.stem[0], net.stem[1], weight * STD, bias + MEAN * weight.sum((1, 2, 3)))
    backbone = [net.stem[3:], *net.stage4, *net.stage8, *net.stage16, *net.stage32]
    neck = [net.lateral[2], net.lateral[1], net.lateral[0], *net.branch]
    pairs = iter(zip(rest[::2], rest[1::2], strict=True))
    for block, (pointwise, depthwise) in zip([*backbone, *neck], pairs, strict=False):
        unfold(block[0], None, *pointwise)
        unfold(block[1], block[2], *depthwise)
    _, box, score, points = ([next(pairs) for _ in STRIDES] for _ in range(4))
    for level, head in enumerate(net.head):
        parts = (score[level], box[level], points[level])
        for layer in (0, 1):
            head[layer].weight.copy_(torch.cat([part[layer][0] for part in parts]))
            head[layer].bias.copy_(torch.cat([part[layer][1] for part in parts]))
        # YuNet-n counts from a cell's corner and gives the logarithm of the whole side.
        last = head[1].bias
        last[1:3] -= 0.5
        last[3:5] -= math.log(2)
        last[5:] -= 0.5


@torch.no_grad()
def narrow(whole: FaceNet, net: FaceNet, batches: list[torch.Tensor]) -> None:
    """Gives `net` the weights of `whole` without some channels of the second and third layer at stride 4."""
    state = {key: value.clone() for key, value in whole.state_dict().items()}
    count = net.stage4[1][0].out_channels
    seen: dict[int, list[torch.Tensor]] = {1: [], 2: []}
    hooks = [
        whole.stage4[layer].register_forward_hook(lambda _, __, y, layer=layer: seen[layer].append(some_cells(y)))
        for layer in seen
    ]
    whole.eval()
    for batch in batches:
        whole(batch)
    for hook in hooks:
        hook.remove()
    for layer in (2, 1):
        after = f"stage4.{layer + 1}"
        weight, bias = state[f"{after}.0.weight"][:, :, 0, 0], state[f"{after}.0.bias"]
        loudness = state[f"{after}.1.weight"].flatten(1).norm(dim=1)
        keep, weight, bias = fewer(torch.cat(seen[layer]), weight, bias, loudness, count)
        state[f"{after}.0.weight"], state[f"{after}.0.bias"] = weight[:, :, None, None], bias
        for key, value in state.items():
            if key.startswith(f"stage4.{layer}.") and value.ndim:
                state[key] = value[keep]
    net.load_state_dict(state)
    restore_norms(net, batches)


def some_cells(maps: torch.Tensor) -> torch.Tensor:
    """Activations [n, channels] of cells spread over the maps [b, channels, h, w]."""
    rows = maps.float().permute(0, 2, 3, 1).flatten(0, 2)
    return rows[:: max(1, len(rows) // (CELLS * len(maps)))].double()


def fewer(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, loudness: torch.Tensor, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Keeps `count` inputs of a linear map, and fits it to what they can still tell.

    Args:
        x: inputs float64 [n, i].
        weight: [o, i], bias: [o] of the map.
        loudness: [o], how much an error of each output matters.
        count: inputs to keep.

    Returns:
        Kept inputs int64 [count], weight [o, count], bias [o].
    """
    mean = x.mean(0)
    centred = x - mean
    covariance = centred.T @ centred / len(x) + 1e-6 * torch.eye(x.shape[1], dtype=x.dtype)
    wanted = covariance @ (weight * loudness[:, None]).double().T  # of inputs with the outputs that matter

    def explained(rows: list[int]) -> float:
        part = wanted[rows]
        return float((part * torch.linalg.solve(covariance[rows][:, rows], part)).sum())

    keep = list(range(x.shape[1]))
    while len(keep) > count:
        keep.remove(max(keep, key=lambda gone: explained([row for row in keep if row != gone])))
    fitted = torch.linalg.solve(covariance[keep][:, keep], covariance[keep] @ weight.double().T).T
    shift = weight.double() @ mean - fitted @ mean[keep]
    return torch.tensor(keep), fitted.float(), bias + shift.float()
