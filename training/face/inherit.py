"""The detector's first weights: those of YuNet-n, which has the network's topology, its heads side by side in one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import STRIDES, FaceNet

from training.face.batches import MEAN, STD
from training.norms import restore_norms, unfold

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
def inherit(path: Path, batches: list[torch.Tensor]) -> FaceNet:
    """A network that answers almost as YuNet-n does.

    Args:
        path: YuNet-n's ONNX file.
        batches: normalised crops float32 [b, 3, h, w] that training would see.
    """
    net = FaceNet()
    take(net, list(kernels(path)))
    restore_norms(net, batches)
    return net


@torch.no_grad()
def take(net: FaceNet, stored: list[Kernel]) -> None:
    """Puts the kernels into the network.

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
