"""The training: the network learns YuNet-n's maps and the labels together; resumes from its checkpoint.

It begins as YuNet-n (`inherit`), or with the weights of a shipped file (`--start`).
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import CONFIGS, FaceNet

from training.autocast import bfloat16
from training.face.augment import Composer
from training.face.batches import load_sources, normalised
from training.face.dense import DenseTeacher, FeatureLoss, Maps, distillation_loss
from training.face.inherit import inherit
from training.face.restore import restore
from training.face.thin import thinned
from training.files import save_checkpoint

LOG = logging.getLogger("training.face.distill")
CHECKPOINT = "distilled.pt"
# Share of the steps after which crops are closer to what a camera gives.
PLAIN_FROM = 0.65
Drawn = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What decides the result."""

    steps: int = 1_800
    pixels: int = 32 * 192 * 192
    sizes: dict[int, float] = field(default_factory=lambda: {192: 0.35, 256: 0.40, 320: 0.25})
    learning_rate: float = 3e-4
    weight_decay: float = 0.03
    warmup: int = 100
    average: float = 0.999
    clip: float = 5.0
    # Weight of the features at the start and at the end.
    features: tuple[float, float] = (0.5, 0.2)
    seed: int = 7

    def rate(self, step: int) -> float:
        """Linear warm-up, then a cosine to 1 % of the peak."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        return self.learning_rate * (0.01 + 0.99 * self._cosine(step))

    def feature_weight(self, step: int) -> float:
        first, last = self.features
        return last + (first - last) * self._cosine(step)

    def _cosine(self, step: int) -> float:
        done = min(1.0, max(0.0, (step - self.warmup) / max(1, self.steps - self.warmup)))
        return 0.5 + 0.5 * math.cos(math.pi * done)


def draw_batch(composer: Composer, plan: Plan, step: int) -> Drawn:
    """Crops [b, 3, s, s] uint8 (channels last), faces [f, 16], their picture [f]; depends on seed and step only."""
    rng = np.random.default_rng([plan.seed, step])
    size = int(rng.choice(list(plan.sizes), p=list(plan.sizes.values())))
    count = plan.pixels // size**2
    images = np.empty((count, size, size, 3), np.uint8)
    rows = []
    for index in range(count):
        images[index], faces = composer.crop(rng, size, plain=step >= PLAIN_FROM * plan.steps)
        rows.append(faces)
    owner = np.repeat(np.arange(count), [len(r) for r in rows])
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(np.concatenate(rows)), torch.from_numpy(owner)


def ahead(draw: Callable[[int], T], begin: int, end: int) -> Iterator[tuple[int, T]]:
    """Every step with what `draw` makes for it, on a thread of its own one step ahead."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(draw, begin) if begin < end else None
        for step in range(begin, end):
            assert following is not None
            drawn = following.result()
            following = thread.submit(draw, step + 1) if step + 1 < end else None
            yield step, drawn


def parameter_groups(net: torch.nn.Module, decay: float) -> list[dict[str, object]]:
    """Weight decay on convolution kernels only, not on biases and normalisation."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


@torch.no_grad()
def update_average(average: torch.nn.Module, net: torch.nn.Module, keep: float) -> None:
    """Moves the averaged network towards the current one, statistics included."""
    for old, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - keep)
        else:
            old.copy_(new)


def distill(
    plan: Plan,
    composer: Composer,
    teacher: Callable[[np.ndarray], Maps],
    start: FaceNet,
    out: Path,
    checkpoint_every: int = 300,
    stop: int | None = None,
    config: str = "full",
) -> None:
    """Runs or resumes the plan up to step `stop` (its end when None).

    Writes `distilled.pt` with the network, the averaged network, the unit of the features, the optimiser and the step.
    """
    torch.manual_seed(plan.seed)
    net = start.to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(net)
    feature_loss = FeatureLoss()
    optimiser = torch.optim.AdamW(parameter_groups(net, plan.weight_decay), lr=plan.learning_rate, fused=True)
    path, begin = out / CHECKPOINT, 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        for name, part in (("net", net), ("average", average), ("features", feature_loss), ("optimiser", optimiser)):
            part.load_state_dict(state[name])
        begin = state["step"]
        LOG.info("resumed at step %d", begin)
    branches: dict[int, torch.Tensor] = {}
    for level, module in enumerate(net.branch):
        module.register_forward_hook(lambda _, __, output, level=level: branches.__setitem__(level, output))
    sums: dict[str, float] = {}
    spent = 0.0
    end = plan.steps if stop is None else stop

    def draw(step: int) -> tuple[Drawn, Maps]:
        batch = draw_batch(composer, plan, step)
        return batch, teacher(batch[0].permute(0, 2, 3, 1).numpy())

    for step, ((images, faces, owner), maps) in ahead(draw, begin, end):
        started = time.perf_counter()
        if step == 0:
            feature_loss.measure(maps.features)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        with bfloat16():
            outputs = net(normalised(images))
        loss, parts = distillation_loss(outputs, maps, faces, owner)
        unlike = feature_loss([branches[level] for level in range(len(branches))], maps)
        optimiser.zero_grad(set_to_none=True)
        (loss + plan.feature_weight(step) * unlike).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
        optimiser.step()
        update_average(average, net, min(plan.average, (step + 1) / (step + 50)))
        spent += time.perf_counter() - started
        for key, value in {**parts, "features": unlike.item()}.items():
            sums[key] = sums.get(key, 0.0) + value
        done = step + 1
        if done % 100 == 0:
            report = " ".join(f"{k} {v / 100:.4f}" for k, v in sums.items())
            LOG.info("step %d rate %.2g %s, %.0f ms", done, plan.rate(step), report, spent * 10)
            sums, spent = {}, 0.0
        if done % checkpoint_every == 0 or done == end:
            state = {
                "net": net.state_dict(),
                "average": average.state_dict(),
                "features": feature_loss.state_dict(),
                "optimiser": optimiser.state_dict(),
                "config": config,
                "step": done,
            }
            save_checkpoint(state, path)


def first_network(plan: Plan, composer: Composer, teacher: Path, start: Path | None, config: str = "full") -> FaceNet:
    """The network to begin with: of a shipped file when one is named, YuNet-n otherwise; thinned to `config`."""
    batches = [normalised(draw_batch(composer, plan, plan.steps + step)[0]) for step in range(6)]
    net = inherit(teacher, batches) if start is None else restore(start, batches)
    return net if config == "full" else thinned(net, CONFIGS[config], batches[0])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; checkpoints go here")
    parser.add_argument("--start", type=Path, help="shipped file to begin with instead of YuNet-n")
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--stop", type=int, help="pause after this step")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--config", choices=tuple(CONFIGS), default="full", help="network, thinned from the start")
    parser.add_argument("--learning-rate", type=float, default=Plan.learning_rate)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    plan = Plan(steps=args.steps, seed=args.seed, learning_rate=args.learning_rate)
    composer = Composer(load_sources(args.data, args.out / "labels.npz"))
    yunet = args.data / "baselines" / "yunet_n_dynamic.onnx"
    net = first_network(plan, composer, yunet, args.start, args.config)
    hard = args.out / "hard.npz"
    if hard.exists():
        table = np.load(hard)
        composer.add_hard(table["keys"], table["places"])
        LOG.info("%d hard places", len(composer.hard))
    distill(plan, composer, DenseTeacher(yunet), net, args.out, stop=args.stop, config=args.config)


if __name__ == "__main__":
    main()
