"""Trains the cue network on prepared faces: `python -m training.cues.train --out DIR [--name NAME] [--steps N]`.

Writes `OUT/NAME.pt` (weights, their running average, optimiser, random state) every `CHECK` steps and a line to
`OUT/NAME.log`; the same command goes on where it stopped. Rates are constant after a warm-up and fall to 0 over the
last part, so a longer training may be asked for before that part begins.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from training.autocast import bfloat16
from training.cues import maps
from training.cues.loss import BLINK, loss_of, mean_points, mirror_loss, shape_weights
from training.cues.network import POINT_UNIT, POSE_UNIT, CuesConfig, CuesNet, split
from training.cues.views import Batch, Faces, Views, in_colour, plain
from training.files import in_layout, save_checkpoint

CHECK = 500
# Share of the steps over which the rate falls.
FALL = 0.4
# Mean of the teacher's two eyeBlink blendshapes from which on a face counts as one with closed eyes.
CLOSED = 0.4


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides data, code and network."""

    steps: int = 8000
    batch: int = 64
    """Views of one step: half as many faces, each as it is and mirrored."""
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    warm_up: int = 200
    average_decay: float = 0.998
    clean_share: float = 0.1
    """Last part of the steps, with half of the damage."""
    damage: float = 0.6
    """Factor on the probabilities of degraded views, see `Views`."""
    real_again: int = 1
    """How many times more than the others faces with points set by people are shown."""
    closed_again: int = 2
    """The same for faces with closed eyes."""
    mirror: float = 1.0
    """What `mirror_loss` counts."""
    bfloat16: bool = True
    """Whether convolutions run in bfloat16: twice as fast on a core with AMX, slower on one without AVX-512 BF16."""
    seed: int = 0


def read_faces(path: Path, channels: int, splits: tuple[str, ...], pools: tuple[str, ...] | None = None) -> Faces:
    """The faces of `faces.npz` in the given splits (and pools)."""
    with np.load(path) as file:
        keep = np.isin(file["split"], splits)
        if pools is not None:
            keep &= np.isin(file["pool"], pools)
        names = file["names"].tolist()
        rows = {k: file[k][keep] for k in ("landmarks", "points", "real", "shapes", "shaped", "pose", "gaze")}
        rows["gaze"] = np.nan_to_num(rows["gaze"])
        return Faces(in_colour(file["images"][keep], channels), mirrored=maps.mirrored_names(names), **rows)


@torch.no_grad()
def predict(net: CuesNet, x: torch.Tensor, size: int = 256) -> torch.Tensor:
    """Raw outputs of many crops."""
    net.eval()
    return torch.cat([net(part) for part in x.split(size)])


def quick_scores(net: CuesNet, batch: Batch, mean: torch.Tensor) -> dict[str, Any]:
    """Landmark error of people's points (share of the box), mean r of blendshapes that move, degrees, r of the gaze."""
    said = split(predict(net, batch.x))
    points = said["landmarks"].view(-1, 68, 2) * POINT_UNIT + mean
    box = batch.points.amax(1) - batch.points.amin(1)
    error = (points - batch.points).norm(dim=2).mean(1) / box.prod(1).sqrt()
    known = batch.shaped >= 1
    moving = batch.shapes[known].std(0) > 0.05

    def correlation(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        a, b = a - a.mean(0), b - b.mean(0)
        return (a * b).sum(0) / (a.norm(dim=0) * b.norm(dim=0)).clamp(min=1e-9)

    r = correlation(said["shapes"].sigmoid()[known], batch.shapes[known])
    looks = correlation(said["gaze"][known], batch.gaze[known])
    turn = (said["pose"] * POSE_UNIT - batch.pose).abs().mean(0)
    return {
        "nme": round(float(error[batch.real].mean()) if batch.real.any() else float(error.mean()), 5),
        "r": round(float(r[moving].mean()), 4),
        "pose": [round(v, 2) for v in turn.tolist()],
        "gaze": [round(v, 3) for v in looks.tolist()],
    }


def again(faces: Faces, recipe: Recipe) -> np.ndarray:
    """Rows of the faces of one round; some come more than once."""
    closed = faces.shapes[:, BLINK].mean(1) > CLOSED
    rows = [np.arange(len(faces))]
    rows += [np.flatnonzero(faces.real)] * recipe.real_again + [np.flatnonzero(closed)] * recipe.closed_again
    return np.concatenate(rows)


def rate(step: int, recipe: Recipe) -> float:
    """Factor on the learning rate."""
    fall = max(1.0, recipe.steps * FALL)
    return min(1.0, (step + 1) / recipe.warm_up, max(0.0, (recipe.steps - step) / fall))


def train(
    faces_file: Path,
    out: Path,
    name: str,
    recipe: Recipe,
    config: CuesConfig,
    *,
    pools: tuple[str, ...] | None = None,
    threads: int = 2,
) -> Path:
    """Trains until `recipe.steps` and returns the checkpoint; goes on from it if it is there."""
    path = out / f"{name}.pt"
    torch.manual_seed(recipe.seed)
    net = in_layout(CuesNet(config), torch.channels_last)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)
    random = np.random.default_rng(recipe.seed)
    step = 0
    if path.exists():
        state = torch.load(path, map_location="cpu", weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
        random = np.random.default_rng([recipe.seed, step])
    if step >= recipe.steps:
        return path
    faces = read_faces(faces_file, config.channels, ("train",), pools)
    held = read_faces(faces_file, config.channels, ("dev",), pools)
    development = plain(held, np.flatnonzero(held.real | (np.arange(len(held)) % 3 == 0)), config.side)
    del held
    weights, mean = shape_weights(faces_file), mean_points()
    views = Views(faces, config.side, random)
    order = np.zeros(0, np.int64)
    every = again(faces, recipe)
    kept = [v for v in average.state_dict().values() if v.dtype.is_floating_point]
    moving = [v for v in net.state_dict().values() if v.dtype.is_floating_point]
    sums: dict[str, float] = {}
    start, count = time.time(), 0
    while step < recipe.steps:
        count_faces = recipe.batch // 2
        if len(order) < count_faces:
            order = np.concatenate([order, random.permutation(every)])
        rows, order = order[:count_faces], order[count_faces:]
        views.damage = recipe.damage * (0.5 if step > recipe.steps * (1 - recipe.clean_share) else 1.0)
        batch = views.pairs(rows)
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate(step, recipe)
        net.train()
        with bfloat16(recipe.bfloat16):
            raw = net(batch.x)
        raw = raw.float()
        loss, parts = loss_of(raw, batch, weights, mean)
        mirror = mirror_loss(raw, batch)
        loss, parts = loss + recipe.mirror * mirror, parts | {"mirror": float(mirror.detach())}
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step, count = step + 1, count + 1
        decay = min(recipe.average_decay, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(kept, moving, 1 - decay)
        sums = {key: sums.get(key, 0.0) + value for key, value in parts.items()}
        if step % CHECK == 0 or step == recipe.steps:
            line: dict[str, Any] = {"step": step, "seconds": round(time.time() - start, 1)}
            line |= {key: round(value / count, 4) for key, value in sums.items()}
            line |= quick_scores(average, development, mean)
            with (out / f"{name}.log").open("a") as log:
                log.write(json.dumps(line) + "\n")
            print(line, flush=True)
            save_checkpoint(
                {
                    "net": net.state_dict(),
                    "average": average.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "step": step,
                    "recipe": asdict(recipe),
                    "config": asdict(config),
                },
                path,
            )
            sums, start, count = {}, time.time(), 0
    return path


def load_network(checkpoint: Path) -> CuesNet:
    """The averaged weights of a checkpoint, ready for inference."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    config: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in state["config"].items()}
    net = CuesNet(CuesConfig(**config))
    net.load_state_dict(state["average"])
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder with faces.npz; checkpoints and logs go here")
    parser.add_argument("--name", default="face-cues")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--batch", type=int, default=Recipe.batch)
    parser.add_argument("--side", type=int, default=CuesConfig.side)
    parser.add_argument("--channels", type=int, default=1, choices=(1, 3))
    parser.add_argument("--pools", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    recipe = Recipe(steps=arguments.steps, batch=arguments.batch)
    config = CuesConfig(side=arguments.side, channels=arguments.channels)
    pools = tuple(arguments.pools) if arguments.pools else None
    train(arguments.out / "faces.npz", arguments.out, arguments.name, recipe, config, pools=pools)


if __name__ == "__main__":
    main()
