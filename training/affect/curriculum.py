"""Easy faces first, by the entropy of people's votes: does it help? `python -m training.affect.curriculum --data DIR`.

The smallest network, FER+ fit faces, equal steps. *Curriculum*: the first third of the steps draws from the third of
the faces on which people agree most, the next from two thirds, the last from all. *Reversed*: the same with the faces
on which they agree least. *Shuffled*: all faces throughout. Scores on the development part, running average of the
weights, several seeds; differences are paired over faces, with 95 % intervals by bootstrap. Writes CURRICULUM.json.
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from edgeaffect.evaluation.affect_metrics import EMOTION_COUNT, bootstrap_interval, majority_labels
from training.affect.augment import Augmenter
from training.affect.networks import build
from training.affect.train import predict_logits
from training.affect.views import normalise
from training.autocast import bfloat16
from training.data import FerPlus, data_folder, read_ferplus, soft_targets
from training.files import in_layout
from training.provenance import provenance

RESULTS = Path(__file__).with_name("CURRICULUM.json")
ORDERS = ("shuffled", "curriculum", "reversed")
SEEDS = (0, 1, 2)
STEPS, BATCH, LEARNING_RATE, AVERAGE = 900, 128, 0.1, 0.99
STAGES = 3


def vote_entropy(targets: np.ndarray) -> np.ndarray:
    """Entropy in nats of each face's vote distribution [N, 10]."""
    p = np.clip(targets, 1e-12, 1)
    return np.asarray(-(p * np.log(p)).sum(1))


def pool(order: str, entropy: np.ndarray, step: int, steps: int) -> np.ndarray:
    """The faces that a step may draw from."""
    share = 1.0 if order == "shuffled" else (step * STAGES // steps + 1) / STAGES
    ranked = np.argsort(-entropy if order == "reversed" else entropy, kind="stable")
    return ranked[: max(1, round(share * len(ranked)))]


def train(order: str, faces: FerPlus, seed: int, steps: int) -> torch.nn.Module:
    """One run; returns the network with its averaged weights."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    random = np.random.default_rng(seed)
    targets, usable = soft_targets(faces.votes)
    images, wanted = torch.from_numpy(faces.images[usable]), torch.from_numpy(targets[usable]).float()
    entropy = vote_entropy(targets[usable])
    augment = Augmenter(np.full((len(images), 2, 3), np.nan, np.float32), generator)
    net = in_layout(build("nano"), torch.channels_last)
    average = copy.deepcopy(net).eval()
    optimiser = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9, nesterov=True, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    net.train()
    for step in range(steps):
        rows = torch.from_numpy(random.choice(pool(order, entropy, step, steps), BATCH))
        x = normalise(augment(images[rows], rows)).contiguous(memory_format=torch.channels_last)
        with bfloat16():
            logits = net(x).float()
        optimiser.zero_grad()
        functional.cross_entropy(logits, wanted[rows]).backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            source = net.state_dict()
            for name, value in average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(source[name], 1 - min(AVERAGE, step / (step + 10)))
    return average


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    faces = read_ferplus(data_folder(arguments.data))
    fit, development = faces.part("fit"), faces.part("development")
    labels, majority = majority_labels(development.votes)
    right: dict[str, np.ndarray] = {}
    scores: dict[str, list[float]] = {}
    for order in ORDERS:
        hits = []
        for seed in SEEDS:
            logits = predict_logits(train(order, fit, seed, arguments.steps), development.images)
            hits.append((logits[:, :EMOTION_COUNT].argmax(1).numpy() == labels)[majority])
        scores[order] = [round(float(one.mean()), 4) for one in hits]
        right[order] = np.mean(hits, axis=0)
    record: dict[str, Any] = provenance(Path(__file__).parent)
    record |= {"network": "nano", "steps": arguments.steps, "faces": int(majority.sum()), "accuracy by seed": scores}
    for order in ORDERS[1:]:
        difference = right[order] - right["shuffled"]
        low, high = bootstrap_interval(difference)
        record[f"{order} minus shuffled"] = {
            "value": round(float(difference.mean()), 4),
            "interval": [round(float(low), 4), round(float(high), 4)],
        }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
