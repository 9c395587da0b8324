"""Scenes -> weights of voice activity.

    python -m training.voice.activity_train --scenes DIR [--minutes 8]

Writes DIR/activity.pt every minute, the mean of the weights of the last steps, and goes on from it with --resume.
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

from training.files import in_layout, save_checkpoint
from training.voice.activity_network import ActivityConfig, ActivityNet
from training.voice.augment import coloured_noise
from training.voice.corpora import SAMPLE_RATE
from training.voice.front_end import frames_of

_WARM_UP = 30
FLOOR = -52.0
"""Level of the pink noise whose energies are added to every sound, dBFS; see Note [Floor]."""
_LIKEST = 40
"""Frames of a scene without speech that count once more: those that look most like speech."""


@dataclass(frozen=True)
class Recipe:
    """How it is trained."""

    rows: int = 32
    rate: float = 3e-3
    decay: float = 1e-3
    average: float = 0.995
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
        x = self.log_mel[np.sort(index)].astype(np.float32)
        return torch.from_numpy(self._changed(x)), torch.from_numpy(self.label[np.sort(index)])

    def _changed(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        random, (rows, _, bands) = self.random, x.shape
        for row in np.flatnonzero(random.uniform(size=rows) < self.recipe.mixed):
            # Energies of unrelated sounds add up.
            below = self.log_mel[int(random.choice(self.silent))].astype(np.float32)
            drop = random.uniform(1, 5) + max(0.0, float(np.percentile(below, 99) - np.percentile(x[row], 99)))
            x[row] = np.logaddexp(x[row], np.roll(below, int(random.integers(len(below))), 0) - np.float32(drop))
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


def train(folder: Path, minutes: float, recipe: Recipe, *, seed: int = 0, resume: bool = False) -> Path:
    """Train for so long and return the checkpoint."""
    torch.manual_seed(seed)
    path = folder / "activity.pt"
    fit, validation = Batches(folder, "fit", seed, recipe), Batches(folder, "validation", seed, recipe)
    net = in_layout(ActivityNet(ActivityConfig()), torch.channels_last)
    some = fit.log_mel[:: max(1, len(fit.label) // 200)].astype(np.float32)
    net.floor.copy_(pink_floor())
    net.mean.copy_(torch.from_numpy(some.mean((0, 1))))
    net.scale.copy_(1 / torch.from_numpy(some.std((0, 1))))
    if resume:
        net.load_state_dict(torch.load(path, weights_only=True)["net"])
    averaged = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average)
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    start, told, step, losses = time.monotonic(), time.monotonic(), 0, []
    while (done := (time.monotonic() - start) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1, (step + 1) / _WARM_UP) * (0.02 + 0.98 * (1 - done))
        x, label = fit.take(recipe.rows)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x, net.zeros(len(x)))[0]
        loss = loss_of(logits.float(), label, recipe)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(net)
        losses.append(loss.item())
        step += 1
        if time.monotonic() - told > 60 or (time.monotonic() - start) / (60 * minutes) >= 1:
            told = time.monotonic()
            mean = averaged.module
            assert isinstance(mean, ActivityNet)
            scores = judge(mean, validation)
            print(f"{step} steps, {told - start:.0f} s, loss {np.mean(losses[-100:]):.4f}, "
                  + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()), flush=True)  # fmt: skip
            record = {
                "net": mean.state_dict(),
                "step": step,
                "seed": seed,
                "minutes": minutes,
                "scores": scores,
            }
            save_checkpoint(record, path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train(arguments.scenes, arguments.minutes, Recipe(), seed=arguments.seed, resume=arguments.resume)


if __name__ == "__main__":
    main()
