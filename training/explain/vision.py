"""Trains the seeing part: `python -m training.explain.vision --data DIR --out DIR`; goes on where it stopped.

Loss: binary cross-entropy of cues (the teacher's verdict, else the evidence) and facts (drawn), cross-entropy of votes.
What nobody knows, and cues that something hides, weigh nothing.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional

from edgeaffect.explain.cues import CUES, FACTS
from edgeaffect.models.registry import FILES
from training.autocast import bfloat16
from training.cues.evaluate import auc
from training.data import data_folder
from training.explain.network import SeeingNet, load_cue_network
from training.explain.pictures import Pictures, Views, cue_truth, plain, read_pictures, views
from training.files import save_checkpoint

GLASSES = FACTS.index("glasses")
# Nobody has looked whether these faces wear glasses; one in eight does.
UNSEEN_GLASSES, UNSEEN_WEIGHT = 0.1, 0.15
# From here on, and up to here, a second training believes the first one's eyes about such a face.
SURE_GLASSES, SURE_NONE = 0.85, 0.45
CHECK = 200


@dataclass(frozen=True)
class Recipe:
    """One training; `seconds` of its own processor time end it, the rate falls with the time that is left."""

    seconds: float = 1300
    batch: int = 128
    learning_rate: float = 1.5e-3
    trunk_factor: float = 0.4
    """Factor on the learning rate of layers that come trained."""
    weight_decay: float = 0.02
    votes: float = 0.3
    facts: float = 1.0
    cues: float = 1.0
    average_decay: float = 0.998
    pretrained: bool = True
    seed: int = 0


def losses(net: SeeingNet, batch: Views, pictures: Pictures, recipe: Recipe) -> tuple[torch.Tensor, dict[str, float]]:
    """Loss of a batch and its parts."""
    with bfloat16():
        _, cues, facts, votes = net(torch.from_numpy(batch.x))
    truth, weight = (torch.from_numpy(a) for a in cue_truth(pictures, batch))
    cue_loss = functional.binary_cross_entropy_with_logits(cues.float(), truth, weight, reduction="sum")
    cue_loss = cue_loss / weight.sum().clamp(1)
    fact_target, fact_weight = fact_truth(batch.facts)
    fact_loss = functional.binary_cross_entropy_with_logits(facts.float(), fact_target, fact_weight, reduction="sum")
    fact_loss = fact_loss / fact_weight.sum().clamp(1)
    seen = torch.from_numpy((batch.facts[:, FACTS.index("no_face")] != 1).astype(np.float32))
    human = torch.from_numpy(pictures.human[batch.rows])
    vote_loss = (-(human * votes.float().log_softmax(1)).sum(1) * seen).sum() / seen.sum().clamp(1)
    loss = recipe.cues * cue_loss + recipe.facts * fact_loss + recipe.votes * vote_loss
    return loss, {
        "cues": float(cue_loss.detach()),
        "facts": float(fact_loss.detach()),
        "votes": float(vote_loss.detach()),
    }


def fact_truth(facts: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and weights [n, FACTS] of facts with NaN for unknown."""
    known = ~np.isnan(facts)
    target, weight = np.nan_to_num(facts).astype(np.float32), known.astype(np.float32)
    unseen = np.isnan(facts[:, GLASSES]) & (facts[:, FACTS.index("no_face")] != 1)
    target[unseen, GLASSES], weight[unseen, GLASSES] = UNSEEN_GLASSES, UNSEEN_WEIGHT
    return torch.from_numpy(target), torch.from_numpy(weight)


def run(net: SeeingNet, x: np.ndarray, batch: int = 256) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of cues, facts and votes of crops [n, 1, 96, 96]."""
    found: list[list[np.ndarray]] = [[], [], []]
    net.eval()
    with torch.no_grad():
        for start in range(0, len(x), batch):
            for kept, value in zip(found, net(torch.from_numpy(x[start : start + batch]))[1:], strict=True):
                kept.append(value.numpy())
    cues, facts, votes = (np.concatenate(kept) for kept in found)
    return cues, facts, votes


def scores(net: SeeingNet, pictures: Pictures, batch: Views) -> dict[str, float]:
    """AUC per cue and fact, on views whose truth is known."""
    cues, facts, votes = run(net, batch.x)
    truth, weight = cue_truth(pictures, batch)
    taught = ~np.isnan(pictures.teacher[batch.rows, 0])
    rows: dict[str, float] = {}
    for place, name in enumerate(CUES):
        known = (weight[:, place] > 0.1) & taught
        if truth[known, place].sum() > 4:
            rows[name] = round(auc(cues[known, place], truth[known, place] > 0.5), 3)
    for place, name in enumerate(FACTS):
        known = ~np.isnan(batch.facts[:, place])
        if 4 < batch.facts[known, place].sum() < known.sum():
            rows[name] = round(auc(facts[known, place], batch.facts[known, place] > 0.5), 3)
    human = pictures.votes[batch.rows, :8]
    voted = np.nan_to_num(human).max(1) > np.nan_to_num(human).sum(1) / 2
    rows["votes"] = round(float((votes[voted].argmax(1) == human[voted].argmax(1)).mean()), 3)
    return rows


def believe(pictures: Pictures, net: SeeingNet) -> None:
    """Fills in glasses where nobody has looked and the net is sure."""
    unseen = np.flatnonzero(np.isnan(pictures.facts[:, GLASSES]) & (pictures.pool != "none"))
    guess = np.concatenate(
        [run(net, plain(pictures, rows))[1][:, GLASSES] for rows in np.array_split(unseen, max(len(unseen) // 1024, 1))]
    )
    p = 1 / (1 + np.exp(-guess))
    pictures.facts[unseen, GLASSES] = np.where(p >= SURE_GLASSES, 1, np.where(p <= SURE_NONE, 0, np.nan))


def train(data: Path, out: Path, name: str, recipe: Recipe, begin: str | None = None) -> Path:
    """Trains for `recipe.seconds` of work and returns the checkpoint.

    Args:
        data: folder of the data sets.
        out: folder of faces and checkpoints.
        name: of the checkpoint.
        recipe: schedule and weights.
        begin: name of a first training to begin with, whose eyes are believed about glasses where they are sure.
    """
    path = out / f"{name}.pt"
    torch.manual_seed(recipe.seed)
    net = SeeingNet(load_cue_network(FILES / "face-cues.onnx") if recipe.pretrained else None)
    if begin is not None:
        net.load_state_dict(load(out / f"{begin}.pt").state_dict())
    average = copy.deepcopy(net)
    trained = [*net.encoder.parameters(), *net.read.parameters()]
    fresh = [p for p in net.parameters() if not any(p is q for q in trained)]
    factor = recipe.trunk_factor if recipe.pretrained else 1.0
    optimiser = torch.optim.AdamW(
        [{"params": trained, "factor": factor}, {"params": fresh, "factor": 1.0}],
        recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True,
    )  # fmt: skip
    step, spent = 0, 0.0
    if path.exists():
        state = torch.load(path, map_location="cpu", weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["seconds"]
    whole = read_pictures(data, out, json.loads(Path(__file__).with_name("glasses.json").read_text())["train"])
    pictures, held = whole.take(whole.split == "train"), whole.take(whole.split == "dev")
    if begin is not None:
        believe(pictures, load(out / f"{begin}.pt"))
    random = np.random.default_rng([recipe.seed, step])
    chosen = np.flatnonzero(~np.isnan(held.teacher[:, 0]) | np.isin(held.pool, ("masks", "none")))
    development = views(held, chosen, np.random.default_rng(1), jitter=0.3)
    moving, kept = list(net.parameters()), list(average.parameters())
    taught = np.flatnonzero(~np.isnan(pictures.teacher[:, 0]) | np.isin(pictures.pool, ("masks", "none")))
    order, count = np.zeros(0, np.int64), 0
    sums: dict[str, float] = {}
    started = time.process_time() - spent
    while (spent := time.process_time() - started) < recipe.seconds:
        if len(order) < recipe.batch:
            order = np.concatenate([order, random.permutation(np.concatenate([np.arange(len(pictures)), taught]))])
        rows, order = order[: recipe.batch], order[recipe.batch :]
        batch = views(pictures, rows, random)
        warm, left = min(1.0, (step + 1) / 100), 1 - spent / recipe.seconds
        for group in optimiser.param_groups:
            group["lr"] = float(recipe.learning_rate * group["factor"] * warm * (0.5 - 0.5 * np.cos(np.pi * left)))
        net.train()
        loss, parts = losses(net, batch, pictures, recipe)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step, count = step + 1, count + 1
        decay = min(recipe.average_decay, (step + 1) / (step + 10))
        with torch.no_grad():
            for slow, fast in zip(kept, moving, strict=True):
                slow.lerp_(fast, 1 - decay)
        sums = {key: sums.get(key, 0.0) + value for key, value in parts.items()}
        if step % CHECK == 0:
            line = {"step": step, "seconds": round(spent, 1)} | {k: round(v / count, 4) for k, v in sums.items()}
            print(json.dumps(line | scores(average, held, development)), flush=True)
            save(path, net, average, optimiser, step, spent, recipe)
            sums, count = {}, 0
    save(path, net, average, optimiser, step, spent, recipe)
    print(json.dumps({"step": step, "seconds": round(spent, 1)} | scores(average, held, development)), flush=True)
    return path


def save(
    path: Path,
    net: SeeingNet,
    average: SeeingNet,
    optimiser: torch.optim.Optimizer,
    step: int,
    spent: float,
    recipe: Recipe,
) -> None:
    """Writes the checkpoint."""
    state = {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
    save_checkpoint(state | {"step": step, "seconds": spent, "recipe": asdict(recipe)}, path)


def load(path: Path) -> SeeingNet:
    """The averaged network of a checkpoint."""
    net = SeeingNet()
    with torch.serialization.safe_globals([np._core.multiarray.scalar, np.dtype, np.dtypes.Float64DType]):  # type: ignore[attr-defined]
        net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["average"])
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", default="vision")
    parser.add_argument("--seconds", type=float, default=Recipe.seconds)
    parser.add_argument("--rate", type=float, default=Recipe.learning_rate)
    parser.add_argument("--begin", help="name of a first training")
    parser.add_argument("--scratch", action="store_true", help="without the cue network's weights")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    recipe = Recipe(seconds=arguments.seconds, learning_rate=arguments.rate, pretrained=not arguments.scratch)
    train(data_folder(arguments.data), arguments.out, arguments.name, recipe, arguments.begin)


if __name__ == "__main__":
    main()
