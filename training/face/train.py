"""Trains the face detector; resumes from its last checkpoint when one is there.

A step is about 32 crops of 192 px (or as many pixels at other sizes) and takes 0.14 s on one server core with
AVX-512 and bf16; `training/face/README.md` has the times of the shipped file.
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet

from training.face.augment import Composer, Source, face_rows
from training.face.data import is_empty_scene, read_pictures
from training.face.loss import detection_loss
from training.files import save_checkpoint

LOG = logging.getLogger("training.face.train")

MEAN, STD = 127.5, 64.0
# Crop sides and how often each is drawn; the batch holds about the same number of pixels at every side.
SIZES = {160: 0.25, 192: 0.35, 256: 0.25, 320: 0.15}
# Share of the steps after which crops are calmer.
CALM_FROM = 0.8
# Teacher scores below which a face is taken for background; hands and lettering reach 0.3 in enlarged views.
BACKGROUND, SCENES_BACKGROUND = 0.36, 0.6


@dataclass(frozen=True)
class Plan:
    """What decides the result of a training run."""

    steps: int = 34_500
    pixels: int = 32 * 192 * 192
    learning_rate: float = 3e-3
    weight_decay: float = 0.03
    warmup: int = 500
    average: float = 0.9995
    clip: float = 5.0
    seed: int = 0
    sizes: dict[int, float] = field(default_factory=lambda: dict(SIZES))

    def mix(self, step: int) -> str:
        """Name of the mixture of crops (`Composer.crop`)."""
        return "calm" if step >= CALM_FROM * self.steps else "wild"

    def rate(self, step: int) -> float:
        """Linear warm-up, then a cosine to 1 % of the peak."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        done = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        return self.learning_rate * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))


def load_sources(data: Path, labels: Path, split: str = "train") -> list[Source]:
    """Decodes all pictures of a split into memory, with the faces of `labels.npz`."""
    table = np.load(labels)
    ends = np.cumsum(table["counts"])
    rows = {key: slice(end - n, end) for key, n, end in zip(table["keys"], table["counts"], ends, strict=True)}
    faces = face_rows(table["boxes"], table["scores"], table["points"])
    sources = []
    for picture in read_pictures(data):
        if picture.split == split:
            mine = faces[rows[picture.key]]
            mine = mine[mine[:, 4] >= (SCENES_BACKGROUND if is_empty_scene(picture) else BACKGROUND)]
            sources.append(Source.of(picture.image, mine, picture.dataset, picture.key))
    return sources


class Draws(Protocol):
    """What decides the crops of a step."""

    @property
    def seed(self) -> int: ...
    @property
    def pixels(self) -> int: ...
    @property
    def sizes(self) -> dict[int, float]: ...
    def mix(self, step: int) -> str: ...


def draw_batch(composer: Composer, plan: Draws, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Crops [b, 3, s, s] uint8 (channels last), faces [f, 16], their picture [f]; depends on seed and step only."""
    rng = np.random.default_rng([plan.seed, step])
    size = int(rng.choice(list(plan.sizes), p=list(plan.sizes.values())))
    count = plan.pixels // size**2
    images = np.empty((count, size, size, 3), np.uint8)
    rows = []
    for index in range(count):
        images[index], faces = composer.crop(rng, size, plan.mix(step))
        rows.append(faces)
    owner = np.repeat(np.arange(count), [len(r) for r in rows])
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(np.concatenate(rows)), torch.from_numpy(owner)


def parameter_groups(net: torch.nn.Module, decay: float) -> list[dict[str, object]]:
    """Weight decay on convolution kernels only, not on biases and normalisation."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def train(plan: Plan, composer: Composer, out: Path, checkpoint_every: int = 500, stop: int | None = None) -> None:
    """Runs or resumes the plan up to step `stop` (its end when None).

    Writes `checkpoint.pt` with the network, the averaged network, the optimiser and the step.
    """
    torch.manual_seed(plan.seed)
    net = FaceNet().to(memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(parameter_groups(net, plan.weight_decay), lr=plan.learning_rate, fused=True)
    path, begin = out / "checkpoint.pt", 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        begin = state["step"]
        LOG.info("resumed at step %d", begin)
    net.train()
    sums: dict[str, float] = {}
    spent = {"data": 0.0, "all": 0.0}
    end = plan.steps if stop is None else stop
    for step in range(begin, end):
        started = time.perf_counter()
        images, faces, owner = draw_batch(composer, plan, step)
        spent["data"] += time.perf_counter() - started
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = net((images.float() - MEAN) / STD)
        loss, parts = detection_loss(outputs, faces, owner)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
        optimiser.step()
        update_average(average, net, min(plan.average, (step + 1) / (step + 50)))
        spent["all"] += time.perf_counter() - started
        for key, value in parts.items():
            sums[key] = sums.get(key, 0.0) + value
        done = step + 1
        if done % 100 == 0:
            report = " ".join(f"{k} {v / 100:.4f}" for k, v in sums.items())
            LOG.info(
                "step %d rate %.2g %s ms/step %.0f (data %.0f)",
                done,
                plan.rate(step),
                report,
                spent["all"] * 10,
                spent["data"] * 10,
            )
            sums, spent = {}, {"data": 0.0, "all": 0.0}
        if done % checkpoint_every == 0 or done == end:
            state = {
                "net": net.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": done,
            }
            save_checkpoint(state, path)


@torch.no_grad()
def update_average(average: torch.nn.Module, net: torch.nn.Module, keep: float) -> None:
    """Moves the averaged network towards the current one, statistics included."""
    for old, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - keep)
        else:
            old.copy_(new)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; checkpoints go here")
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    composer = Composer(load_sources(args.data, args.out / "labels.npz"))
    LOG.info("%s", {name: len(rows) for name, rows in composer.by_set.items()})
    train(Plan(steps=args.steps, seed=args.seed), composer, args.out)


if __name__ == "__main__":
    main()
