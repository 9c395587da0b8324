"""Second training stage: the network learns YuNet-n's maps and the labels together; resumes from its checkpoint.

It starts from `checkpoint.pt` of the first stage, or from the weights of a shipped file (`--start`).
"""

from __future__ import annotations

import argparse
import copy
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from edgeaffect.export.zoo.face_net import FaceNet

from training.face.augment import Composer
from training.face.dense import Adaptors, DenseTeacher, Maps, distillation_loss
from training.face.restore import restore
from training.face.train import MEAN, STD, draw_batch, load_sources, parameter_groups, update_average
from training.files import save_checkpoint

LOG = logging.getLogger("training.face.distill")
CHECKPOINT = "distilled.pt"
# Share of the steps after which crops are closer to what a camera gives.
PLAIN_FROM = 0.65


@dataclass(frozen=True)
class Plan:
    """What decides the result of the stage."""

    steps: int = 25_000
    pixels: int = 32 * 192 * 192
    sizes: dict[int, float] = field(default_factory=lambda: {192: 0.35, 256: 0.40, 320: 0.25})
    learning_rate: float = 2e-3
    weight_decay: float = 0.03
    warmup: int = 300
    average: float = 0.999
    clip: float = 5.0
    # Weight of the features at the start and at the end: they lead early and would hold back late.
    features: tuple[float, float] = (1.0, 0.1)
    seed: int = 1

    def mix(self, step: int) -> str:
        """Name of the mixture of crops (`Composer.crop`)."""
        return "plain" if step >= PLAIN_FROM * self.steps else "dense"

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


def normalised(images: torch.Tensor) -> torch.Tensor:
    return (images.float() - MEAN) / STD


def distill(
    plan: Plan,
    composer: Composer,
    teacher: Callable[[np.ndarray], Maps],
    start: FaceNet,
    out: Path,
    checkpoint_every: int = 500,
    stop: int | None = None,
) -> None:
    """Runs or resumes the plan up to step `stop` (its end when None).

    Writes `distilled.pt` with the network, the averaged network, the adaptors, the optimiser and the step.
    """
    torch.manual_seed(plan.seed)
    net = start.to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(net)
    adaptors = Adaptors()
    groups = [*parameter_groups(net, plan.weight_decay), *parameter_groups(adaptors, 0.0)]
    optimiser = torch.optim.AdamW(groups, lr=plan.learning_rate, fused=True)
    path, begin = out / CHECKPOINT, 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        for name, part in (("net", net), ("average", average), ("adaptors", adaptors), ("optimiser", optimiser)):
            part.load_state_dict(state[name])
        begin = state["step"]
        LOG.info("resumed at step %d", begin)
    necks: dict[int, torch.Tensor] = {}
    for level, module in enumerate(net.smooth):
        module.register_forward_hook(lambda _, __, output, level=level: necks.__setitem__(level, output))
    sums: dict[str, float] = {}
    clock = {"data": 0.0, "teacher": 0.0, "all": 0.0}
    end = plan.steps if stop is None else stop
    for step in range(begin, end):
        started = time.perf_counter()
        images, faces, owner = draw_batch(composer, plan, step)
        drawn = time.perf_counter()
        maps = teacher(images.permute(0, 2, 3, 1).numpy())
        taught = time.perf_counter()
        if step == 0:
            adaptors.measure(maps.features)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = net(normalised(images))
            feature_loss = adaptors.loss([necks[level] for level in range(len(necks))], maps)
        loss, parts = distillation_loss(outputs, maps, faces, owner)
        optimiser.zero_grad(set_to_none=True)
        (loss + plan.feature_weight(step) * feature_loss).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
        optimiser.step()
        update_average(average, net, min(plan.average, (step + 1) / (step + 50)))
        clock["data"] += drawn - started
        clock["teacher"] += taught - drawn
        clock["all"] += time.perf_counter() - started
        for key, value in {**parts, "features": feature_loss.item()}.items():
            sums[key] = sums.get(key, 0.0) + value
        done = step + 1
        if done % 100 == 0:
            report = " ".join(f"{k} {v / 100:.4f}" for k, v in sums.items())
            times = " ".join(f"{k} {v * 10:.0f}" for k, v in clock.items())
            LOG.info("step %d rate %.2g %s ms: %s", done, plan.rate(step), report, times)
            sums, clock = {}, dict.fromkeys(clock, 0.0)
        if done % checkpoint_every == 0 or done == end:
            state = {
                "net": net.state_dict(),
                "average": average.state_dict(),
                "adaptors": adaptors.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": done,
            }
            save_checkpoint(state, path)


def first_network(plan: Plan, composer: Composer, out: Path, start: Path | None) -> FaceNet:
    """The network to begin with: of a shipped file when one is named, of the first stage otherwise."""
    if start is not None:
        batches = (normalised(draw_batch(composer, plan, plan.steps + step)[0]) for step in range(4))
        return restore(start, batches)
    net = FaceNet()
    net.load_state_dict(torch.load(out / "checkpoint.pt", weights_only=True)["average"])
    return net


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder with labels.npz; checkpoints go here")
    parser.add_argument("--start", type=Path, help="shipped file to begin with instead of the first stage's checkpoint")
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--stop", type=int, help="pause after this step")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    plan = Plan(steps=args.steps, seed=args.seed)
    composer = Composer(load_sources(args.data, args.out / "labels.npz"))
    teacher = DenseTeacher(args.data / "baselines" / "yunet_n_dynamic.onnx")
    net = first_network(plan, composer, args.out, args.start)
    hard = args.out / "hard.npz"
    if hard.exists():
        table = np.load(hard)
        composer.add_hard(table["keys"], table["places"])
        LOG.info("%d hard places", len(composer.hard))
    distill(plan, composer, teacher, net, args.out, stop=args.stop)


if __name__ == "__main__":
    main()
