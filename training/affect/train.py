"""Trains one expression network on FER+ vote distributions, optionally distilled from teachers.

`python -m training.affect.train --data DIR --arch base --out DIR [--name NAME] [--teacher FILE ...] [--resume]`

Needs `OUT/landmarks.npz` from `training.affect.alignment`. Writes `OUT/NAME.pt` after every epoch (weights, their
running average, optimiser and random state) and a log line to `OUT/NAME.log`. Shipped files are made by
`training.affect.make`.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from edgeaffect.export.zoo.affect_net import AffectNet
from torch import nn
from torch.nn import functional

from edgeaffect.evaluation.affect_metrics import EMOTION_COUNT, majority_labels
from training.affect.narrow import narrowed
from training.affect.networks import CONFIGS, build, build_pretrained
from training.affect.thin import thinned
from training.affect.views import Batch, LiveViews, RenderedViews, Rendering, Views, network_input, normalise
from training.autocast import bfloat16
from training.data import FACE_SIZE, FerPlus, data_folder, read_ferplus, soft_targets
from training.files import in_layout, save_checkpoint


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
    teacher_weights: tuple[float, ...] = ()
    """How much each teacher counts; empty for all alike."""
    seed: int = 0
    damage: float = 1.0
    """Factor on the probabilities of degraded and erased views, see `Augmenter`."""
    norm_faces: int = 512
    """Faces that give a pretrained encoder's norms their first statistics, and on which a thinned network is fitted."""
    frozen_layers: int = 0
    """First layers of a pretrained encoder that stay as published."""
    rare_share: float = 0.0
    """Views of rare emotions shown once more, as a share of all, see `RenderedViews`."""
    clean_epochs: int = 0
    """Last epochs with little damage and no mixup: the model meets faces as they are before it is done."""
    sides: tuple[int, ...] = (FACE_SIZE,)
    """Sides of the pictures in pixels, one after another for equal parts of the epochs: what is learnt from small ones
    costs less and stays (Tan and Le 2021, "EfficientNetV2", progressive learning)."""


@torch.no_grad()
def predict_logits(net: nn.Module, images: np.ndarray, *, batch: int = 256, exact: bool = False) -> torch.Tensor:
    """Vote logits [N, 10] of uint8 faces; `exact` in float32 on every processor."""
    net.eval()
    parts = []
    for start in range(0, len(images), batch):
        x = normalise(torch.from_numpy(images[start : start + batch]).unsqueeze(1).float() / 255)
        x = x.contiguous(memory_format=torch.channels_last)
        with nullcontext() if exact else bfloat16():
            parts.append(net(x).float())
    return torch.cat(parts)


def load_network(checkpoint: Path) -> nn.Module:
    """The averaged weights of a checkpoint, ready for inference."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = build(state["arch"])
    # The guard is fitted when everything else is done (`guard_fit`): until then it keeps its fresh weights.
    missing, unexpected = net.load_state_dict(state["average"], strict=False)
    if unexpected or any(not name.startswith("guard.") for name in missing):
        raise ValueError(f"{checkpoint} does not hold a network {state['arch']!r}: {sorted({*missing, *unexpected})}")
    return in_layout(net.eval(), torch.channels_last)


def load_start(checkpoint: Path, arch: str, batch: torch.Tensor) -> nn.Module:
    """The averaged weights of a checkpoint for the network `arch`: cut out or thinned where that is smaller.

    Args:
        checkpoint: of the same network or a larger one.
        arch: a name of `training.affect.networks`.
        batch: normalised faces [N, 1, S, S] on which a thinned network is fitted.
    """
    source = torch.load(checkpoint, map_location="cpu", weights_only=True)["arch"]
    net = load_network(checkpoint)
    if source == arch:
        return net
    if arch in CONFIGS and CONFIGS[arch].inner:
        assert isinstance(net, AffectNet)
        return thinned(net, arch, batch)
    return narrowed(net, source, arch)


def development_scores(net: nn.Module, faces: FerPlus) -> dict[str, float]:
    """Majority accuracy and cross-entropy to the votes on clean crops."""
    logits = predict_logits(net, faces.images)
    targets, usable = soft_targets(faces.votes)
    loss = functional.cross_entropy(logits[usable], torch.from_numpy(targets[usable])).item()
    labels, majority = majority_labels(faces.votes)
    right = logits[:, :EMOTION_COUNT].argmax(1).numpy() == labels
    return {"accuracy": float(right[majority].mean()), "loss": loss}


def distillation_loss(logits: torch.Tensor, batch: Batch, recipe: Recipe) -> torch.Tensor:
    """Cross-entropy to the human votes, blended with the divergence from the teachers' mean (Hinton et al. 2015)."""
    voted = batch.targets.sum(1) > 0
    human = -(batch.targets * logits.log_softmax(1)).sum() / voted.sum().clamp(min=1)
    if not len(batch.hints):
        return human
    t = recipe.teacher_temperature
    weights = batch.hints.new_tensor(recipe.teacher_weights or [1 / len(batch.hints)] * len(batch.hints))
    taught = torch.tensordot(weights, (batch.hints / t).softmax(2), 1)
    imitation = functional.kl_div((logits / t).log_softmax(1), taught, reduction="batchmean") * t * t
    return (1 - recipe.teacher_share) * human + recipe.teacher_share * imitation


class Trainer:
    """One run: fixed recipe, checkpoint after every epoch, exact resumption.

    Args:
        arch: a name of `training.affect.networks`.
        net: the network to train, fresh or with the weights to start from.
        recipe: how.
        views: where the batches come from.
        development: the faces that score every epoch.
        file: the checkpoint.
    """

    def __init__(
        self, arch: str, net: nn.Module, recipe: Recipe, views: Views, development: FerPlus, file: Path
    ) -> None:
        self.arch, self.recipe, self.views, self.development, self.file = arch, recipe, views, development, file
        self.net = in_layout(net, torch.channels_last)
        self.average = copy.deepcopy(self.net)
        trained = [p for p in self.net.parameters() if p.requires_grad]
        decayed = [p for p in trained if p.ndim > 1]
        plain = [p for p in trained if p.ndim <= 1]
        self.optimiser = torch.optim.SGD(
            [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
            momentum=0.9,
            nesterov=True,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            max_lr=recipe.learning_rate,
            total_steps=recipe.epochs * views.steps,
            pct_start=recipe.warm_up,
            cycle_momentum=False,
            final_div_factor=1e3,
        )
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
            "generator": self.views.generator.get_state(),
            "torch": torch.get_rng_state(),
        }
        save_checkpoint(state, self.file)

    def resume(self) -> None:
        """Continues from the checkpoint; raises ValueError if it was made by another recipe."""
        state: dict[str, Any] = torch.load(self.file, map_location="cpu", weights_only=True)
        if state["recipe"] != asdict(self.recipe) or state["arch"] != self.arch:
            raise ValueError(f"{self.file} was made by another recipe ({state['recipe']}): move it or use its options")
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.views.generator.set_state(state["generator"])
        torch.set_rng_state(state["torch"])
        self.epoch, self.step = state["epoch"], state["step"]

    def train_epoch(self) -> float:
        """One pass over the views; returns the mean loss."""
        self.net.train()
        clean = self.epoch >= self.recipe.epochs - self.recipe.clean_epochs
        side = self.recipe.sides[self.epoch * len(self.recipe.sides) // self.recipe.epochs]
        total = sum(self._train_step(batch, side) for batch in self.views.epoch(self.epoch, clean=clean))
        self.epoch += 1
        return total / self.views.steps

    def _train_step(self, batch: Batch, side: int) -> float:
        x = batch.x
        if side != FACE_SIZE:
            x = functional.interpolate(x, (side, side), mode="bilinear", antialias=True)
        with bfloat16():
            logits = self.net(x).float()
        loss = distillation_loss(logits, batch, self.recipe)
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
    pretrained: bool = False,
    rendering: Rendering | None = None,
    resume: bool = False,
) -> Path:
    """Runs a recipe to its end and returns the checkpoint `OUT/NAME.pt`.

    Args:
        arch: a name of `training.affect.networks`.
        recipe: how.
        data: folder of the data sets.
        out: folder with `landmarks.npz`; checkpoint and log go there.
        name: of the checkpoint.
        teachers: checkpoints whose distribution is imitated: asked on the spot, or beforehand with `rendering`.
        start: checkpoint to go on from instead of fresh weights; of the same network or a larger one.
        pretrained: begin with the published weights of the encoder `arch`, kept in `OUT/pretrained`.
        rendering: learn from the rounds in `OUT/views` that it describes instead of fresh views.
        resume: continue this run's own checkpoint if there is one.
    """
    torch.manual_seed(recipe.seed)
    faces = read_ferplus(data)
    generator = torch.Generator().manual_seed(recipe.seed)
    views: Views
    if rendering:
        views = RenderedViews(
            out / "views",
            rendering,
            generator,
            batch=recipe.batch,
            teachers=[teacher.stem for teacher in teachers],
            rare_share=recipe.rare_share,
        )
    else:
        views = LiveViews(
            faces,
            np.load(out / "landmarks.npz")["landmarks"],
            generator,
            batch=recipe.batch,
            damage=recipe.damage,
            mixup_share=recipe.mixup_share,
            teachers=[load_network(teacher) for teacher in teachers],
        )
    fit = network_input(torch.from_numpy(faces.images[faces.split == "fit"][: recipe.norm_faces]))
    if start:
        net = load_start(start, arch, fit)
    elif pretrained:
        encoder = build_pretrained(out / "pretrained", fit.contiguous())
        encoder.freeze(recipe.frozen_layers)
        net = encoder
    else:
        net = build(arch)
    trainer = Trainer(arch, net, recipe, views, faces.part("development"), out / f"{name}.pt")
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
    parser.add_argument("--arch", required=True, help="a name of `training.affect.networks`")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", help="of the checkpoint (default: the arch)")
    parser.add_argument("--teacher", type=Path, nargs="*", default=[], help="checkpoints to distil from")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from, instead of fresh weights")
    parser.add_argument("--pretrained", action="store_true", help="begin with the encoder's published weights")
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
        pretrained=arguments.pretrained,
        resume=arguments.resume,
    )


if __name__ == "__main__":
    main()
