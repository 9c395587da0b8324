"""Trains one expression network on FER+ vote distributions, optionally distilled from teachers.

`python -m training.affect.train --data DIR --arch base --out DIR [--name NAME] [--teacher FILE ...] [--resume]`

Needs `OUT/landmarks.npz` from `training.affect.framing`. Writes `OUT/NAME.pt` after every epoch (weights, their running
average, optimiser and random state) and a log line to `OUT/NAME.log`. Shipped files are made by `training.affect.make`.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from edgeaffect.export.zoo.affect_net import AffectNet, build
from torch import nn
from torch.nn import functional

from edgeaffect.geometry import similarity_matrix
from edgeaffect.metrics import EMOTION_COUNT, majority_labels
from training.affect.augment import Augmenter, mixup
from training.affect.framing import read_template
from training.data import FerPlus, data_folder, read_ferplus, soft_targets

# Of the pixels in 0..1; fixed, so that the runtime needs no statistics of the picture.
MEAN, STD = 0.5, 0.25
CLEAN_DAMAGE = 0.3


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides data, network, teachers and code."""

    epochs: int = 36
    batch: int = 128
    learning_rate: float = 0.1
    warm_up: float = 0.1
    weight_decay: float = 5e-4
    mixup_share: float = 0.25
    average_decay: float = 0.999
    teacher_share: float = 0.6
    teacher_temperature: float = 2.0
    seed: int = 0
    damage: float = 1.0
    """Factor on the probabilities of degraded and erased views, see `Augmenter`."""
    clean_epochs: int = 0
    """Last epochs with little damage and no mixup: the model meets faces as they are before it is done."""


def normalise(x: torch.Tensor) -> torch.Tensor:
    """Pixels in 0..1 -> network input."""
    return (x - MEAN) / STD


@torch.no_grad()
def predict_logits(
    net: nn.Module, images: np.ndarray, *, flip: bool = False, batch: int = 256, bfloat16: bool = True
) -> torch.Tensor:
    """Vote logits [N, 10] of uint8 faces; with `flip`, log of the mean distribution of a face and its mirror."""
    net.eval()
    parts = []
    for start in range(0, len(images), batch):
        x = normalise(torch.from_numpy(images[start : start + batch]).unsqueeze(1).float() / 255)
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = net(x).float()
            if flip:
                both = (logits.softmax(1) + net(x.flip(3)).float().softmax(1)) / 2
                logits = both.clamp(min=1e-8).log()
        parts.append(logits)
    return torch.cat(parts)


def load_network(checkpoint: Path) -> AffectNet:
    """The averaged weights of a checkpoint, ready for inference."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = build(state["arch"])
    net.load_state_dict(state["average"])
    return net.eval().to(memory_format=torch.channels_last)


def development_scores(net: nn.Module, faces: FerPlus) -> dict[str, float]:
    """Majority accuracy and cross-entropy to the votes on clean crops."""
    logits = predict_logits(net, faces.images)
    targets, usable = soft_targets(faces.votes)
    loss = functional.cross_entropy(logits[usable], torch.from_numpy(targets[usable])).item()
    labels, majority = majority_labels(faces.votes)
    right = logits[:, :EMOTION_COUNT].argmax(1).numpy() == labels
    return {"accuracy": float(right[majority].mean()), "loss": loss}


class Trainer:
    """One run: fixed recipe, checkpoint after every epoch, exact resumption."""

    def __init__(
        self,
        arch: str,
        recipe: Recipe,
        faces: FerPlus,
        landmarks: np.ndarray,
        file: Path,
        *,
        teachers: Sequence[Path] = (),
        start: Path | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.arch, self.recipe, self.file = arch, recipe, file
        fit = faces.split == "fit"
        targets, usable = soft_targets(faces.votes)
        fit &= usable
        self.images = torch.from_numpy(faces.images[fit])
        self.targets = torch.from_numpy(targets[fit])
        self.development = faces.part("development")
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.augment = Augmenter(similarity_matrix(landmarks[fit], read_template()).astype(np.float32), self.generator)
        self.net = build(arch).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.SGD(
            [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
            momentum=0.9,
            nesterov=True,
        )
        self.steps_per_epoch = len(self.images) // recipe.batch
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            max_lr=recipe.learning_rate,
            total_steps=recipe.epochs * self.steps_per_epoch,
            pct_start=recipe.warm_up,
            cycle_momentum=False,
            final_div_factor=1e3,
        )
        if start:
            for net in (self.net, self.average):
                net.load_state_dict(load_network(start).state_dict())
        self.teachers = [load_network(teacher) for teacher in teachers]
        self.mixup_share = recipe.mixup_share
        self.epoch = 0
        self.step = 0

    def save(self) -> None:
        """Writes the checkpoint atomically."""
        state = {
            "arch": self.arch,
            "recipe": asdict(self.recipe),
            "epoch": self.epoch,
            "step": self.step,
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "torch": torch.get_rng_state(),
        }
        partial = self.file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.file)

    def resume(self) -> None:
        """Continues from the checkpoint; raises ValueError if it was made by another recipe."""
        state: dict[str, Any] = torch.load(self.file, map_location="cpu", weights_only=True)
        if state["recipe"] != asdict(self.recipe) or state["arch"] != self.arch:
            raise ValueError(f"{self.file} was made by another recipe ({state['recipe']}): move it or use its options")
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["torch"])
        self.epoch, self.step = state["epoch"], state["step"]

    def train_epoch(self) -> float:
        """One pass over the fit part; returns the mean loss."""
        self.net.train()
        clean = self.epoch >= self.recipe.epochs - self.recipe.clean_epochs
        self.augment.damage = CLEAN_DAMAGE if clean else self.recipe.damage
        self.mixup_share = 0.0 if clean else self.recipe.mixup_share
        order = torch.randperm(len(self.images), generator=self.generator)
        total = 0.0
        for k in range(self.steps_per_epoch):
            index = order[k * self.recipe.batch : (k + 1) * self.recipe.batch]
            total += self._train_step(index)
        self.epoch += 1
        return total / self.steps_per_epoch

    def _train_step(self, index: torch.Tensor) -> float:
        recipe = self.recipe
        with torch.no_grad():
            views = self.augment(self.images[index], index)
            views, targets = mixup(views, self.targets[index], self.mixup_share, self.generator)
            x = normalise(views).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                hints = [teacher(x).float() for teacher in self.teachers]
            logits = self.net(x).float()
        loss = functional.cross_entropy(logits, targets)
        if hints:
            t = recipe.teacher_temperature
            taught = torch.stack([(hint / t).softmax(1) for hint in hints]).mean(0)
            imitation = functional.kl_div((logits / t).log_softmax(1), taught, reduction="batchmean") * t * t
            loss = (1 - recipe.teacher_share) * loss + recipe.teacher_share * imitation
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        self._update_average()
        return loss.item()

    @torch.no_grad()
    def _update_average(self) -> None:
        # The early average would remember the random start: its memory grows with the number of steps.
        decay = min(self.recipe.average_decay, self.step / (self.step + 10))
        source = self.net.state_dict()
        for name, value in self.average.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(source[name], 1 - decay)
            else:
                value.copy_(source[name])


def train(
    arch: str,
    recipe: Recipe,
    data: Path,
    out: Path,
    name: str,
    *,
    teachers: Sequence[Path] = (),
    start: Path | None = None,
    resume: bool = False,
) -> Path:
    """Runs a recipe to its end and returns the checkpoint `OUT/NAME.pt`.

    Args:
        arch: a name of `affect_net.CONFIGS`.
        recipe: how.
        data: folder of the data sets.
        out: folder with `landmarks.npz`; checkpoint and log go there.
        name: of the checkpoint.
        teachers: checkpoints whose distribution is imitated.
        start: checkpoint of the same network to go on from, instead of fresh weights.
        resume: continue this run's own checkpoint if there is one.
    """
    faces = read_ferplus(data)
    landmarks = np.load(out / "landmarks.npz")["landmarks"]
    trainer = Trainer(arch, recipe, faces, landmarks, out / f"{name}.pt", teachers=teachers, start=start)
    if resume and trainer.file.exists():
        trainer.resume()
    while trainer.epoch < recipe.epochs:
        started = time.perf_counter()
        loss = trainer.train_epoch()
        trainer.save()
        line = {"epoch": trainer.epoch, "loss": round(loss, 4), "seconds": round(time.perf_counter() - started, 1)}
        scores = development_scores(trainer.average, trainer.development)
        line |= {f"development_{key}": round(value, 4) for key, value in scores.items()}
        with (out / f"{name}.log").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
    return trainer.file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--arch", required=True, help="small or base")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", help="of the checkpoint (default: the arch)")
    parser.add_argument("--teacher", type=Path, nargs="*", default=[], help="checkpoints to distil from")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from, instead of fresh weights")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--clean-epochs", type=int, default=Recipe.clean_epochs)
    parser.add_argument("--learning-rate", type=float, default=Recipe.learning_rate)
    parser.add_argument("--damage", type=float, default=Recipe.damage)
    parser.add_argument("--mixup", type=float, default=Recipe.mixup_share)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = Recipe(
        epochs=arguments.epochs,
        clean_epochs=arguments.clean_epochs,
        damage=arguments.damage,
        mixup_share=arguments.mixup,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
    )
    train(
        arguments.arch,
        recipe,
        data_folder(arguments.data),
        arguments.out,
        arguments.name or arguments.arch,
        teachers=arguments.teacher,
        start=arguments.start,
        resume=arguments.resume,
    )


if __name__ == "__main__":
    main()
