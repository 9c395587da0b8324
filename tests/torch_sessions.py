"""Nets for `benchmarks.cuda.torch_runtime.TorchSession`: arithmetic with known answers, not trained.

What is tested with them is the path to and from a model.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn


class RedSquares(nn.Module):
    """A detector's maps in which a cell's score is how red its surroundings are; boxes and points are fixed."""

    def __init__(self, strides: tuple[int, ...]) -> None:
        super().__init__()
        self.strides = strides
        # A buffer: a copy from the host inside `forward` could not be recorded in a graph.
        self.register_buffer("rest", torch.tensor([2.0] * 4 + [-0.6, -0.5, 0.6, -0.5, 0, 0, -0.5, 0.7, 0.5, 0.7]))

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        image = (image - image.amin()) / (image.amax() - image.amin() + 1e-6)
        red = image[:, :1] - image[:, 1:2].maximum(image[:, 2:3])
        red = red.maximum(image[:, 2:3] - image[:, 1:2].maximum(image[:, :1]))  # whichever end red is at
        maps = []
        for stride in self.strides:
            share = nn.functional.avg_pool2d(red, stride)
            n, _, h, w = share.shape
            # A slope over the frame: no two cells score the same, so that rounding cannot change their order.
            slope = torch.linspace(0, 1, h * w, device=image.device).reshape(1, 1, h, w)
            logit = 12 * share - 6 + slope
            maps.append(torch.cat([logit, self.rest.reshape(1, -1, 1, 1).expand(n, -1, h, w)], 1))
        return maps


class Shades(nn.Module):
    """Affect outputs that depend smoothly on where a crop is bright."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.shapes = dict(shapes)

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        outputs = []
        for name, shape in self.shapes.items():
            count = int(np.prod(shape))
            cells = nn.functional.adaptive_avg_pool2d(image.mean(1, keepdim=True), (1, count)).flatten(1)
            if name in ("probabilities", "votes"):
                cells = cells.softmax(1)
            outputs.append(cells.reshape(-1, *shape))
        return outputs
