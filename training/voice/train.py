"""Trains a voice network on prepared frames: `python -m training.voice.train --data DIR --out DIR [--name NAME]`.

Writes `OUT/NAME.pt` (weights, their running average, optimiser) every `CHECK` steps and a line to `OUT/NAME.log`; the
same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from training.autocast import bfloat16
from training.data import data_folder
from training.files import in_layout, save_checkpoint
from training.voice.batches import GENTLE, Batch, Views, Windows, read_versions
from training.voice.corpora import TRAINED, Clip, read_clips
from training.voice.loss import arousal_loss, emotion_loss
from training.voice.network import VoiceConfig, VoiceNet
from training.voice.prepare import Rows
from training.voice.scores import quick_scores
from training.voice.teacher import read_lessons

CHECK = 500


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides data, code and network."""

    steps: int = 5400
    stop: int | None = None
    """Step at which it ends before the cosine does; None is all of them."""
    batch: int = 48
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 200
    average_decay: float = 0.998
    smoothing: float = 0.08
    """Share of a target that goes to the other labels of its corpus."""
    arousal: float = 0.5
    """What the arousal loss counts."""
    soft: float = 0.5
    """Share of the target that is the teacher's."""
    features: float = 1.0
    """What the guess of the teacher's features counts."""
    bfloat16: bool = True
    """Whether convolutions run in bfloat16 where the processor has it: twice as fast on a core with AVX-512 BF16."""
    parts: tuple[str, ...] = ("fit",)
    corpora: tuple[str, ...] = TRAINED
    seed: int = 0


SECOND = Recipe(steps=3000, stop=2500, learning_rate=1.2e-3, average_decay=0.999, seed=2)
"""The second stage: from the first one's weights, with other vocal tracts, lines and rooms (`Views`)."""
FINISH = Recipe(steps=600, learning_rate=5e-4, warm_up=50, average_decay=0.99, parts=("fit", "validation"), seed=1)
"""The last steps, in which the validation speakers take part: the temperature has been fitted before, by strangers."""


def rate(step: int, recipe: Recipe) -> float:
    """Factor on the learning rate: a short warm-up, then half a cosine to 0."""
    return min(1.0, (step + 1) / recipe.warm_up) * 0.5 * (1 + float(np.cos(np.pi * min(1.0, step / recipe.steps))))


def smoothed(targets: torch.Tensor, mask: torch.Tensor, share: float) -> torch.Tensor:
    """Targets [N, C] of which `share` is spread over each row's own columns; rows of zeros stay."""
    spread = mask / mask.sum(1, keepdim=True).clamp(min=1)
    return torch.where(targets.sum(1, keepdim=True) > 0, targets * (1 - share) + share * spread, targets)


class Student(nn.Module):
    """The network, and during training a linear guess of the teacher's features from its embedding."""

    def __init__(self, config: VoiceConfig, features: int) -> None:
        super().__init__()
        self.net = VoiceNet(config)
        self.guess = nn.Linear(config.embedding, features) if features else None


def loss_of(student: Student, batch: Batch, recipe: Recipe) -> tuple[torch.Tensor, dict[str, float]]:
    """The loss of one batch, and its parts."""
    with bfloat16(recipe.bfloat16):
        logits, raw_arousal, embedding = student.net(batch.log_mel)
    hard = smoothed(batch.targets, batch.mask, recipe.smoothing)
    targets = (1 - recipe.soft) * hard + recipe.soft * batch.soft
    emotion = emotion_loss(logits, targets, batch.mask).mean()
    arousal = arousal_loss(raw_arousal, batch.arousal).mean()
    loss, parts = emotion + recipe.arousal * arousal, {"emotion": emotion.item(), "arousal": arousal.item()}
    if student.guess is not None:
        taught = batch.features.abs().sum(1, keepdim=True) > 0
        guessed = student.guess(embedding.float())
        features = (functional.smooth_l1_loss(guessed, batch.features, reduction="none") * taught).mean()
        loss, parts = loss + recipe.features * features, parts | {"features": features.item()}
    return loss, parts


def rows_of(clips: Sequence[Clip], parts: Sequence[str], corpora: Sequence[str]) -> NDArray[np.int64]:
    """Positions of the clips of these parts and corpora."""
    return np.array([i for i, clip in enumerate(clips) if clip.part in parts and clip.corpus in corpora], np.int64)


def read_windows(out: Path, clips: Sequence[Clip], recipe: Recipe, views: Views | None = None) -> Windows:
    """What `recipe` trains on, with the teacher's lessons where it has given any."""
    rows = rows_of(clips, recipe.parts, recipe.corpora)
    lessons = read_lessons(out / "teacher.npz")
    return Windows(clips, rows, read_versions(out), Rows.load(out / "clean.npz"), views or Views(), lessons)


def decayed(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Parameter groups: weights decay, biases and norms do not."""
    many = [p for p in net.parameters() if p.ndim > 1]
    few = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": many, "weight_decay": decay}, {"params": few, "weight_decay": 0.0}]


def train(
    clips: Sequence[Clip],
    windows: Windows,
    out: Path,
    name: str,
    recipe: Recipe,
    config: VoiceConfig | None = None,
    *,
    watched: NDArray[np.int64] | None = None,
    begin: Path | None = None,
) -> Path:
    """Trains until the recipe ends and returns the checkpoint; goes on from it if it is there.

    Args:
        clips: all clips of the cache.
        windows: source of batches.
        out: folder for the checkpoint and the log.
        name: of both.
        recipe: rates and lengths.
        config: sizes of the network.
        watched: positions of clips whose scores go to the log; they decide nothing.
        begin: a checkpoint whose averaged weights are the first ones.
    """
    path = out / f"{name}.pt"
    torch.manual_seed(recipe.seed)
    config = config or VoiceConfig()
    net = in_layout(Student(config, windows.features.shape[1]), torch.channels_last)
    if begin is not None:
        net.load_state_dict(torch.load(begin, map_location="cpu", weights_only=True)["average"])
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(decayed(net, recipe.weight_decay), recipe.learning_rate, fused=True)
    step = 0
    if path.exists():
        state = torch.load(path, map_location="cpu", weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
        torch.manual_seed(recipe.seed + step)
    random = np.random.default_rng([recipe.seed, step])
    kept = [v for v in average.state_dict().values() if v.dtype.is_floating_point]
    moving = [v for v in net.state_dict().values() if v.dtype.is_floating_point]
    sums: dict[str, float] = {}
    start, count = time.time(), 0
    end = recipe.steps if recipe.stop is None else recipe.stop
    while step < end:
        batch = windows.draw(recipe.batch, random)
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate(step, recipe)
        net.train()
        loss, parts = loss_of(net, batch, recipe)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step, count = step + 1, count + 1
        decay = min(recipe.average_decay, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(kept, moving, 1 - decay)
        sums = {key: sums.get(key, 0.0) + value for key, value in parts.items()}
        if step % CHECK == 0 or step == end:
            line: dict[str, Any] = {"step": step, "seconds": round(time.time() - start, 1)}
            line |= {key: round(value / count, 4) for key, value in sums.items()}
            if watched is not None:
                line |= quick_scores(average.net, clips, watched, windows.clean)
            with (out / f"{name}.log").open("a") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            state = {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
            save_checkpoint(state | {"step": step, "recipe": asdict(recipe), "config": asdict(config)}, path)
            sums, start, count = {}, time.time(), 0
    return path


def load_network(checkpoint: Path) -> VoiceNet:
    """The averaged weights of a checkpoint, ready for inference."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    config: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in state["config"].items()}
    net = VoiceNet(VoiceConfig(**config))
    net.load_state_dict({k[4:]: v for k, v in state["average"].items() if k.startswith("net.")})
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with prepared frames; checkpoints go here")
    parser.add_argument("--name", default="voice-small")
    parser.add_argument("--steps", type=int, help="default: those of the stage")
    parser.add_argument("--parts", nargs="*", default=list(Recipe.parts))
    parser.add_argument("--corpora", nargs="*", default=list(TRAINED), choices=TRAINED)
    parser.add_argument("--second", action="store_true", help="the second stage, which begins with NAME's weights")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    clips = read_clips(data_folder(arguments.data))
    stage, views = (SECOND, Views()) if arguments.second else (Recipe(), GENTLE)
    recipe = replace(
        stage, steps=arguments.steps or stage.steps, parts=tuple(arguments.parts), corpora=tuple(arguments.corpora)
    )
    watched = rows_of(clips, ("validation",), TRAINED)
    windows, out, name = read_windows(arguments.out, clips, recipe, views), arguments.out, arguments.name
    if arguments.second:
        train(clips, windows, out, f"{name}-second", recipe, watched=watched, begin=out / f"{name}.pt")
    else:
        train(clips, windows, out, name, recipe, watched=watched)


if __name__ == "__main__":
    main()
