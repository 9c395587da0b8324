"""All weights learn the five points; scores and boxes are held where they are.

`points` teaches the last rows alone, which read features made for scores and boxes. Here the features move too, while a
frozen copy of the network says what scores and boxes must stay.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet
from torch import nn

from training.face import points
from training.face.augment import Composer
from training.face.batches import load_sources, normalised
from training.face.checkpoint import load_average, save_average
from training.face.distill import Drawn, Plan, ahead, draw_batch, update_average
from training.face.restore import restore

LOG = logging.getLogger("training.face.refine")
OUTPUT = "refined.pt"
STEPS, RATE, WARM_UP, AVERAGE, CLIP = 1500, 3e-4, 50, 0.995, 5.0
# Crops of the ordinary training beside those of `points`, so that scores are held on what has no face as well.
PLAN = Plan(steps=10**6, pixels=16 * points.SIZE**2, sizes={points.SIZE: 1.0}, seed=77)
# Share of the loss; cells from this score on have a box worth holding, and a score worth holding more.
POINTS, FACE, FACE_WEIGHT = 20.0, 0.2, 20.0


def draw(composer: Composer, step: int) -> Drawn:
    """Crops with given points and ordinary ones after them, rows and pictures of the former's faces."""
    images, faces, owner = points.draw(composer, step)
    return torch.cat([images, draw_batch(composer, PLAN, step)[0]]), faces, owner


def moved(now: tuple[torch.Tensor, ...], was: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """How far scores and boxes are from what they were."""
    total = torch.zeros(())
    for ours, theirs in zip(now, was, strict=True):
        score = theirs[:, :1].sigmoid()
        face = (score > FACE).float()
        total = total + 10 * ((ours[:, :1].sigmoid() - score) ** 2 * (1 + FACE_WEIGHT * face)).mean()
        boxes = ((ours[:, 1:5] - theirs[:, 1:5]).abs() * face).sum()
        total = total + 0.2 * boxes / (4 * face.sum()).clamp(min=1)
        before, after = (outputs[:, :1].clamp(-7, 7) for outputs in (theirs, ours))
        total = total + 0.1 * nn.functional.smooth_l1_loss(after, before)
    return total


def refine(net: FaceNet, composer: Composer, steps: int = STEPS) -> FaceNet:
    """The network after `steps`, its weights averaged over the last ones; norms keep their statistics."""
    net = net.to(memory_format=torch.channels_last).eval()
    first, average = copy.deepcopy(net).requires_grad_(False), copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.0)
    sums = np.zeros(2)
    for step, (images, faces, owner) in ahead(partial(draw, composer), 0, steps):
        x = normalised(images).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            was = first(x)
        now = net(x)
        wrong = points.error(tuple(outputs[: points.CROPS] for outputs in now), faces, owner)
        held = moved(now, was)
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        optimiser.zero_grad()
        (POINTS * wrong + held).backward()
        nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimiser.step()
        update_average(average, net, min(AVERAGE, (step + 1) / (step + 20)))
        sums += wrong.item(), held.item()
        if (step + 1) % 50 == 0:
            LOG.info("step %d points %.5f moved %.5f", step + 1, *sums / 50)
            sums[:] = 0
    return average


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; writes refined.pt")
    parser.add_argument("--start", type=Path, help="shipped file to begin with instead of pointed.pt")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.manual_seed(PLAN.seed)
    cv2.setNumThreads(1)
    composer = Composer(load_sources(args.data, args.out / "labels.npz"))
    if args.start:
        net = restore(args.start, [normalised(draw_batch(composer, PLAN, PLAN.steps + k)[0]) for k in range(6)])
    else:
        net, _, _ = load_average(args.out / points.OUTPUT)
    save_average(refine(net, composer), "full", STEPS, args.out / OUTPUT)


if __name__ == "__main__":
    main()
