"""Scenes -> weights of voice activity.

    python -m training.voice.activity_train --scenes DIR [--begin FILE] [--steps 2500] [--rate 2e-3]

Writes DIR/activity.pt every 500 steps: the mean of the weights of the last steps. FILE is a model to begin with, such
as an older `voice-activity.onnx` from the history of this repository; without it, training begins with nothing.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.autocast import bfloat16
from training.files import in_layout, save_checkpoint
from training.voice.activity_network import ActivityNet, from_file, renormalise
from training.voice.augment import coloured_noise
from training.voice.batches import warped
from training.voice.corpora import SAMPLE_RATE
from training.voice.front_end import frames_of

_WARM_UP = 100
_CHECK = 500
FLOOR = -60.0
"""Level of the pink noise whose energies are added to every sound, dBFS; see Note [Floor]."""
_LIKEST = 40
"""Frames of a scene without speech that count once more: those that look most like speech."""


@dataclass(frozen=True)
class Recipe:
    """How it is trained."""

    steps: int = 2500
    rows: int = 24
    frames: int = 400
    """Length of the stretch of a scene that a step sees: it begins anywhere, also within a word."""
    rate: float = 2e-3
    decay: float = 1e-3
    average: float = 0.995
    warp: float = 0.1
    """Largest change of all frequencies of a scene: other vocal tracts, other animals."""
    positive: float = 2.0
    """Weight of a frame of speech: there are four others for each."""
    peaks: float = 0.5
    """Weight of the frames of scenes without speech that look most like speech."""
    mixed: float = 0.3
    """How often a second scene without speech is laid under the first."""


def pink_floor(dbfs: float = FLOOR) -> Tensor:
    """Log-mel energies [bands] of pink noise at a level: logarithms of the mean energies of ten seconds."""
    noise = coloured_noise(10 * SAMPLE_RATE, np.random.default_rng(0), -3.0)
    energies = np.exp(frames_of(noise).astype(np.float64)).mean(0) * 10 ** (dbfs / 10)
    return torch.from_numpy(np.log(energies).astype(np.float32))


class Batches:
    """Batches of scenes, changed a little each time: level, colour, band, another sound beneath."""

    def __init__(self, folder: Path, part: str, seed: int, recipe: Recipe) -> None:
        self.log_mel = np.load(folder / f"{part}_log_mel.npy", mmap_mode="r")
        self.label: NDArray[np.int8] = np.load(folder / f"{part}_label.npy")
        self.kind = np.load(folder / f"{part}_kind.npy")
        self.silent = np.flatnonzero((self.label == 1).sum(1) == 0)
        self.random = np.random.default_rng([seed, 3])
        self.recipe = recipe
        self._order: list[int] = []

    def take(self, rows: int) -> tuple[Tensor, Tensor]:
        """log-mel [rows, T, bands] and labels [rows, T]."""
        if len(self._order) < rows:
            self._order += self.random.permutation(len(self.label)).tolist()
        index, self._order = self._order[:rows], self._order[rows:]
        count = min(self.recipe.frames, self.label.shape[1])
        starts = self.random.integers(0, self.label.shape[1] - count + 1, rows)
        cuts = [(row, slice(start, start + count)) for row, start in zip(index, starts.tolist(), strict=True)]
        x = np.stack([self.log_mel[cut].astype(np.float32) for cut in cuts])
        return torch.from_numpy(self._changed(x)), torch.from_numpy(np.stack([self.label[cut] for cut in cuts]))

    def _changed(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        random, (rows, _, bands) = self.random, x.shape
        for row in np.flatnonzero(random.uniform(size=rows) < self.recipe.mixed):
            # Energies of unrelated sounds add up.
            below = self.log_mel[int(random.choice(self.silent))].astype(np.float32)
            below = np.roll(below, int(random.integers(len(below))), 0)[: len(x[row])]
            drop = random.uniform(1, 5) + max(0.0, float(np.percentile(below, 99) - np.percentile(x[row], 99)))
            x[row] = np.logaddexp(x[row], below - np.float32(drop))
        x = np.stack([warped(row, float(np.exp(random.uniform(-self.recipe.warp, self.recipe.warp)))) for row in x])
        x += random.uniform(-2.5, 1.5, (rows, 1, 1)).astype(np.float32)
        ends = random.normal(0, 0.7, (rows, 5))
        at = np.linspace(0, 4, bands)
        x += np.stack([np.interp(at, np.arange(5), e) for e in ends])[:, None].astype(np.float32)
        for row in np.flatnonzero(random.uniform(size=rows) < 0.2):
            if random.uniform() < 0.5:
                x[row, :, int(random.integers(44, bands)) :] -= np.float32(random.uniform(2, 10))
            else:
                x[row, :, : int(random.integers(1, 12))] -= np.float32(random.uniform(1, 8))
        return np.maximum(x, np.float32(np.log(1e-10)))


def loss_of(logits: Tensor, label: Tensor, recipe: Recipe) -> Tensor:
    """Cross-entropy of sure frames, and once more of those that look most like speech in scenes without any.

    Args:
        logits: [rows, T].
        label: [rows, T], -1 where nobody is sure.
        recipe: weights.
    """
    sure = label >= 0
    each = functional.binary_cross_entropy_with_logits(logits, (label == 1).float(), reduction="none")
    weight = sure * (1 + (recipe.positive - 1) * (label == 1))
    loss = (each * weight).sum() / weight.sum().clamp(min=1)
    empty = (label == 1).sum(1) == 0
    if recipe.peaks and bool(empty.any()):
        loss = loss + recipe.peaks * each[empty].topk(min(_LIKEST, logits.shape[1]), 1).values.mean()
    return loss


def auc(score: NDArray[np.floating[Any]], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve; ties count half."""
    from scipy.stats import rankdata

    count = int(positive.sum())
    ranks = rankdata(score)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))


def judge(net: ActivityNet, batches: Batches) -> dict[str, float]:
    """Frame AUC, and the share of validation scenes without speech that hold a quarter of a second of it."""
    net.eval()
    said = []
    with torch.no_grad():
        for row in range(0, len(batches.label), 50):
            x = torch.from_numpy(batches.log_mel[row : row + 50].astype(np.float32))
            said.append(net(x, net.zeros(len(x)))[0].sigmoid().numpy())
    net.train()
    speech, label = np.concatenate(said), batches.label
    sure, empty = label >= 0, (label == 1).sum(1) == 0
    heard = (speech > 0.5).sum(1) >= 25
    return {
        "auc": auc(speech[sure], label[sure] == 1),
        "false": float(heard[empty].mean()),
        "found": float(heard[~empty].mean()),
        "recall": float((speech > 0.5)[label == 1].mean()),
    }


def train(folder: Path, recipe: Recipe, *, seed: int = 0, begin: Path | None = None) -> Path:
    """Train, from nothing or from the model in `begin`, and return the checkpoint."""
    torch.manual_seed(seed)
    path = folder / "activity.pt"
    fit, validation = Batches(folder, "fit", seed, recipe), Batches(folder, "validation", seed, recipe)
    some = fit.log_mel[:: max(1, len(fit.label) // 200)].astype(np.float32)
    net = ActivityNet() if begin is None else from_file(begin)
    net.floor.copy_(pink_floor())
    if begin is None:
        net.mean.copy_(torch.from_numpy(some.mean((0, 1))))
        net.scale.copy_(1 / torch.from_numpy(some.std((0, 1))))
    else:
        renormalise(net, torch.from_numpy(some))
    net = in_layout(net, torch.channels_last)
    averaged = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average), use_buffers=True
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    start, losses = time.monotonic(), []
    for step in range(1, recipe.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1, step / _WARM_UP) * (0.02 + 0.98 * (1 - step / recipe.steps))
        x, label = fit.take(recipe.rows)
        with bfloat16():
            logits = net(x, net.zeros(len(x)))[0]
        loss = loss_of(logits.float(), label, recipe)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(net)
        losses.append(loss.item())
        if step % _CHECK == 0 or step == recipe.steps:
            mean = averaged.module
            assert isinstance(mean, ActivityNet)
            scores = judge(mean, validation)
            print(f"{step} steps, {time.monotonic() - start:.0f} s, loss {np.mean(losses[-_CHECK:]):.4f}, "
                  + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()), flush=True)  # fmt: skip
            save_checkpoint({"net": mean.state_dict(), "step": step, "seed": seed, "scores": scores}, path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--rate", type=float, default=Recipe.rate, help="largest learning rate (default %(default)s)")
    parser.add_argument("--begin", type=Path, help="ONNX file of a model to begin with")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train(
        arguments.scenes, Recipe(steps=arguments.steps, rate=arguments.rate), seed=arguments.seed, begin=arguments.begin
    )


if __name__ == "__main__":
    main()
