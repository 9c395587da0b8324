"""The seeing part: the trunk of the cue network with heads for cues, facts, votes, and patch tokens for the decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from edgeaffect.explain.cues import CUES, FACTS
from training.cues.network import CuesConfig, CuesNet

PATCHES, WIDTH = 36, 128
VOTES = 8


def float_weights(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Constants of a shipped file by name, those stored in 8 bits or as fp16 turned back (`training.storage`)."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if all(name in values for name in node.input) and node.input:
            given = [values[name] for name in node.input]
            if node.op_type == "Cast":
                values[node.output[0]] = given[0].astype(np.float32)
            elif node.op_type == "Sub":
                values[node.output[0]] = given[0] - given[1]
            elif node.op_type == "Mul":
                values[node.output[0]] = given[0] * given[1]
    return values


def load_cue_network(path: Path) -> CuesNet:
    """The network inside of `face-cues.onnx`: its convolutions in order, its normalisations folded into them."""
    model = onnx.load(str(path))
    values = float_weights(model)
    stored = [(values[n.input[1]], values[n.input[2]]) for n in model.graph.node if n.op_type == "Conv"]
    net = CuesNet(CuesConfig())
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    # The file runs a block as conv1, conv2, shortcut, which is the order of its modules too.
    if [tuple(m.weight.shape) for m in convolutions] != [w.shape for w, _ in stored]:
        raise ValueError(f"{path} holds another network than training.cues.network.CuesNet")
    norms: dict[nn.Conv2d, nn.BatchNorm2d] = {}
    previous: nn.Module | None = None
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and isinstance(previous, nn.Conv2d):
            norms[previous] = module
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            previous = module
    with torch.no_grad():
        for convolution, (weight, bias) in zip(convolutions, stored, strict=True):
            convolution.weight.copy_(torch.from_numpy(weight.copy()))
            if convolution in norms:
                norm = norms[convolution]
                assert norm.running_mean is not None and norm.running_var is not None
                norm.running_var.fill_(1 - norm.eps)
                norm.bias.copy_(torch.from_numpy(bias.copy()))
            elif convolution.bias is not None:
                convolution.bias.copy_(torch.from_numpy(bias.copy()))
    return net.eval()


class SeeingNet(nn.Module):
    """Normalised gray crops [n, 1, 96, 96] -> patches [n, 36, 128], cues [n, 18], facts [n, 9] and votes [n, 8].

    All three are logits. The trunk begins as the cue network's; normalisations stay as they are in the file, folded,
    with their scales and shifts trained.
    """

    def __init__(self, trunk: CuesNet | None = None) -> None:
        super().__init__()
        trunk = trunk or CuesNet(CuesConfig())
        self.encoder = trunk.encoder
        self.read = nn.Sequential(*list(trunk.head)[:-1])
        hidden = trunk.config.hidden
        self.pooled = nn.Sequential(nn.Linear(2 * WIDTH + hidden, 192), nn.ReLU(inplace=True))
        self.cues = nn.Linear(192 + hidden, len(CUES))
        self.facts = nn.Linear(192 + hidden, len(FACTS))
        self.votes = nn.Linear(192 + hidden, VOTES)

    def train(self, mode: bool = True) -> SeeingNet:
        """Training mode without statistics of batches."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        last = self.encoder(x)
        hidden = self.read(last).flatten(1)
        pooled = self.pooled(torch.cat([last.mean((2, 3)), last.amax((2, 3)), hidden], 1))
        both = torch.cat([pooled, hidden], 1)
        return last.flatten(2).transpose(1, 2), self.cues(both), self.facts(both), self.votes(both)
