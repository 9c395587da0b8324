"""Last stage: only the rows of the heads that answer for the five points, on faces whose points were given by people.

Scores and boxes stay as they are, bit for bit. The distillation learnt points from labels and from YuNet-n alike, which
places them differently; here the given ones alone decide.
"""

from __future__ import annotations

import argparse
import logging
import math
from pathlib import Path

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import STRIDES, FaceNet
from torch import nn

from training.face import blend
from training.face.augment import Composer
from training.face.batches import load_sources, normalised
from training.face.checkpoint import load_average, save_average
from training.face.loss import cell_centres, flatten, giou

LOG = logging.getLogger("training.face.points")
OUTPUT = "pointed.pt"
STEPS, CROPS, SIZE, SEED = 1000, 24, 192, 2
RATE = 1e-3
# Cells that may answer for a face: sure enough, with a box that fits.
SURE, FITS = 0.3, 0.5
FIRST = 5  # row of the first coordinate


def draw(composer: Composer, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Crops around faces with given points, their rows [f, 16], and the picture of each."""
    rng = np.random.default_rng([SEED, step])
    images, rows = np.empty((CROPS, SIZE, SIZE, 3), np.uint8), []
    for index in range(CROPS):
        pool = composer.by_set["points68" if rng.random() < 0.6 else "crops80"]
        image, faces = composer._window(rng, SIZE, pool[rng.integers(len(pool))], smallest=16.0)
        images[index] = image if rng.random() < 0.3 else composer._photometric(rng, image)
        rows.append(faces[(faces[:, 4] == 1) & (faces[:, 5] > 0)])
    owner = np.repeat(np.arange(CROPS), [len(r) for r in rows])
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(np.concatenate(rows)), torch.from_numpy(owner)


def error(outputs: tuple[torch.Tensor, ...], faces: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """Smooth L1 of the points over the face's side, at the cells that answer for a face."""
    centres, strides = cell_centres(SIZE, SIZE)
    flat, step = flatten(outputs), strides[:, None]
    boxes = torch.cat([centres - flat[..., 1:3] * step, centres + flat[..., 3:5] * step], -1).detach()
    score = flat[..., 0].detach().sigmoid()
    iou, _ = giou(boxes[owner], faces[:, None, :4])
    face, cell = torch.nonzero((iou >= FITS) & (score[owner] >= SURE), as_tuple=True)
    side = (faces[face, 2:4] - faces[face, :2]).prod(-1).sqrt()[:, None]
    points = centres[cell].repeat(1, 5) + flat[owner[face], cell, FIRST:] * strides[cell, None]
    loss = nn.functional.smooth_l1_loss(points / side, faces[face, 6:] / side, beta=0.03, reduction="none").mean(-1)
    weight = score[owner[face], cell] ** 2
    return (loss * weight).sum() / weight.sum().clamp(min=1)


def teach_points(net: FaceNet, composer: Composer, steps: int = STEPS) -> FaceNet:
    """Trains the points' rows of the three heads in place; everything else stays."""
    net.eval().requires_grad_(False)
    rows = [
        [nn.Parameter(t[FIRST:].detach().clone()) for layer in head for t in (layer.weight, layer.bias)]
        for head in net.head
    ]
    inputs: dict[int, torch.Tensor] = {}
    hooks = [
        head.register_forward_pre_hook(lambda _, args, level=level: inputs.__setitem__(level, args[0]))
        for level, head in enumerate(net.head)
    ]
    optimiser = torch.optim.AdamW([row for level in rows for row in level], lr=RATE, weight_decay=0.0)
    mean = 0.0
    for step in range(steps):
        images, faces, owner = draw(composer, step)
        with torch.no_grad():
            outputs = net(normalised(images).contiguous(memory_format=torch.channels_last))
        whole = []
        for level in range(len(STRIDES)):
            whole.append(torch.cat([outputs[level][:, :FIRST], points_of(inputs[level], *rows[level])], 1))
        loss = error(tuple(whole), faces, owner)
        for group in optimiser.param_groups:
            group["lr"] = RATE * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        mean += loss.item()
        if (step + 1) % 100 == 0:
            LOG.info("step %d points %.5f", step + 1, mean / 100)
            mean = 0.0
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for head, trained in zip(net.head, rows, strict=True):
            for old, new in zip((t for layer in head for t in (layer.weight, layer.bias)), trained, strict=True):
                old[FIRST:] = new
    return net


def points_of(
    x: torch.Tensor, pointwise: torch.Tensor, bias: torch.Tensor, depthwise: torch.Tensor, last_bias: torch.Tensor
) -> torch.Tensor:
    """The points' channels of a head, which share nothing with the others."""
    x = nn.functional.conv2d(x, pointwise, bias)
    return nn.functional.conv2d(x, depthwise, last_bias, padding=1, groups=len(depthwise))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with the checkpoint; writes pointed.pt")
    parser.add_argument("--checkpoint", default=blend.OUTPUT, help="name of the checkpoint in the work folder")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    net, config, step = load_average(args.out / args.checkpoint)
    teach_points(net, Composer(load_sources(args.data, args.out / "labels.npz")))
    save_average(net, config, step, args.out / OUTPUT)


if __name__ == "__main__":
    main()
