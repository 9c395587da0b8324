"""Takes the weights of a shipped file back into the network, so that training can go on from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet

from training.norms import convolutions, restore_norms, unfold


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
    pairs = list(convolutions(net))
    stored = stored_kernels(path)
    if [w.shape for w, _ in stored] != [conv.weight.shape for conv, _ in pairs]:
        raise ValueError(f"{path} does not hold the kernels of FaceNet; export it with training.face.export")
    for (conv, norm), (weight, bias) in zip(pairs, stored, strict=True):
        unfold(conv, norm, weight, bias)
    restore_norms(net, batches)
    return net
