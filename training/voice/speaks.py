"""Who speaks: fits `edgeaffect/voice/speaker.json` and measures it: `python -m training.voice.speaks --mouths DIR`.

`DIR` is what `training.voice.mouths` rendered. The network is fitted on people of the training part with voices of the
training speakers, its size and how long it learns are chosen on the development part, and `SPEAKS.json` holds what it
does on people and speakers of neither, whom the cue models have not seen either. All faces are rendered from stills:
the figures are synthetic. `--check` measures the constants as they are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgeaffect.voice.activity_model import ActivityModel
from edgeaffect.voice.lip_sync import FEATURES
from edgeaffect.voice.speaker import CONSTANTS, probability_of
from training.cues.evaluate import auc
from training.provenance import provenance
from training.voice.mouths import load
from training.voice.scenes import KINDS, Example, examples

RESULTS_FILE = Path(__file__).with_name("SPEAKS.json")
# Fitted with more than is asked for: a camera that is early, a sound that is late.
FIT_DELAYS, DELAYS = (-0.08, 0.2), (0.04, 0.16)
ROUNDS = {"train": 6, "dev": 4, "test": 4}
HIDDEN = (1, 4, 8)
_STEPS, _EVERY = 1500, 100
_RESAMPLES = 1000

Array = NDArray[np.float64]


def arrays(found: Sequence[Example]) -> tuple[Array, Array]:
    """Features [n, 14] and truth [n]."""
    return np.stack([one.values for one in found]), np.array([one.is_speaker for one in found], np.float64)


def fit(train: Sequence[Example], dev: Sequence[Example], hidden: int) -> tuple[dict[str, Any], float]:
    """Constants of one network and its area under the ROC curve on the development part.

    Positives and negatives count the same, so that 0.5 means as likely as not.
    """
    torch.manual_seed(0)
    x, y = arrays(train)
    mean, scale = x.mean(0), x.std(0) + 1e-3
    inputs, truth = (torch.tensor(values, dtype=torch.float32) for values in (((x - mean) / scale).clip(-4, 4), y))
    weight = torch.where(truth > 0, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    first, last = torch.nn.Linear(x.shape[1], hidden), torch.nn.Linear(hidden, 1)
    net = torch.nn.Sequential(first, torch.nn.Tanh(), last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2)
    best: tuple[float, dict[str, Any]] = (-1.0, {})
    dev_x, dev_y = arrays(dev)
    for step in range(1, _STEPS + 1):
        optimiser.zero_grad()
        loss = (weight * torch.nn.functional.binary_cross_entropy_with_logits(
            net(inputs)[:, 0], truth, reduction="none")).mean()  # fmt: skip
        loss.backward()
        optimiser.step()
        if step % _EVERY == 0:
            constants = _constants(first, last, mean, scale)
            score = auc(scores(constants, dev_x), dev_y > 0.5)
            if score > best[0]:
                best = (score, constants)
    return best[1], best[0]


def _constants(first: torch.nn.Linear, last: torch.nn.Linear, mean: Array, scale: Array) -> dict[str, Any]:
    values = {
        "mean": mean, "scale": scale, "hidden": first.weight.detach().numpy().T,
        "hidden_bias": first.bias.detach().numpy(), "out": last.weight.detach().numpy()[0],
    }  # fmt: skip
    rounded = {name: np.round(value.astype(np.float64), 4).tolist() for name, value in values.items()}
    return {"features": list(FEATURES), **rounded, "out_bias": round(float(last.bias.item()), 4)}


def scores(constants: dict[str, Any], x: Array) -> Array:
    """[n] probabilities; the formula of `speaker.probability_of`, for many at once."""
    mean, scale, hidden, bias, out = (
        np.array(constants[name]) for name in ("mean", "scale", "hidden", "hidden_bias", "out")
    )
    inner = np.tanh(((x - mean) / scale).clip(-4, 4) @ hidden + bias)
    result: Array = 1 / (1 + np.exp(-(inner @ out + constants["out_bias"])))
    return result


def interval(
    found: Sequence[Example], score: Array, measure: Callable[[Array, NDArray[np.bool_]], float]
) -> list[float]:
    """95 % interval of a measure, over people drawn anew."""
    truth = np.array([one.is_speaker for one in found])
    person = np.array([one.person for one in found])
    rows = [np.flatnonzero(person == name) for name in np.unique(person)]
    random = np.random.default_rng(0)
    values = []
    for _ in range(_RESAMPLES):
        taken = np.concatenate([rows[i] for i in random.integers(0, len(rows), len(rows))])
        if 0 < truth[taken].mean() < 1:
            values.append(measure(score[taken], truth[taken]))
    return np.round(np.percentile(values, [2.5, 97.5]), 4).tolist()


def measured(found: Sequence[Example], score: Array) -> dict[str, Any]:
    """Area under the ROC curve with its interval, and how many answers it rests on."""
    truth = np.array([one.is_speaker for one in found])
    return {
        "auc": round(auc(score, truth), 4), "interval": interval(found, score, auc),
        "answers": len(found), "people": len({one.person for one in found}),
    }  # fmt: skip


def pair_accuracy(found: Sequence[Example], score: Array) -> dict[str, float]:
    """Two faces of which one speaks: how often it is the likelier one, by what the other does (drawn at random)."""
    random = np.random.default_rng(0)
    speaking = np.array([value for one, value in zip(found, score, strict=True) if one.is_speaker])
    result = {}
    for kind in KINDS:
        other = np.array([value for one, value in zip(found, score, strict=True) if one.kind == kind])
        count = 5000
        won = random.choice(speaking, count) > random.choice(other, count)
        result[kind] = round(float(won.mean()), 4)
    return result


def evaluate(found: Sequence[Example], score: Array) -> dict[str, Any]:
    """Everything that `SPEAKS.json` holds of one part."""

    def among(keep: Callable[[Example], bool]) -> dict[str, Any]:
        index = [i for i, one in enumerate(found) if keep(one)]
        return measured([found[i] for i in index], score[index])

    truth = np.array([one.is_speaker for one in found])
    return {
        "all": measured(found, score),
        "against": {kind: among(lambda one, k=kind: one.is_speaker or one.kind == k) for kind in KINDS},  # type: ignore[misc]
        "pool": {pool: among(lambda one, p=pool: one.pool == p) for pool in ("youtube", "webmorph")},  # type: ignore[misc]
        "voices": {
            corpus: among(lambda one, c=corpus: one.corpus == c)  # type: ignore[misc]
            for corpus in sorted({one.corpus for one in found})
        },
        "frame_rate": {
            "8 to 15": among(lambda one: one.conditions.fps < 15),
            "15 to 30": among(lambda one: one.conditions.fps >= 15),
        },
        "noise": {
            "none": among(lambda one: not np.isfinite(one.conditions.snr)),
            "5 to 15 dB": among(lambda one: one.conditions.snr < 15),
            "15 to 30 dB": among(lambda one: 15 <= one.conditions.snr < np.inf),
        },
        "two_faces": pair_accuracy(found, score),
        "at_0.6": {
            "found": round(float((score[truth] >= 0.6).mean()), 4),
            "false": {
                kind: round(float((score[[one.kind == kind for one in found]] >= 0.6).mean()), 4) for kind in KINDS
            },
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mouths", required=True, type=Path, help="what training.voice.mouths rendered")
    parser.add_argument("--check", action="store_true", help="measure the constants as they are")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    part = {name: load(arguments.mouths, name) for name in ROUNDS}
    if not arguments.check:
        train = examples(part["train"], np.random.default_rng(1), rounds=ROUNDS["train"], delays=FIT_DELAYS, vary=True)
        dev = examples(part["dev"], np.random.default_rng(2), rounds=ROUNDS["dev"], delays=DELAYS)
        tried = {hidden: fit(train, dev, hidden) for hidden in HIDDEN}
        for hidden, (_, score) in tried.items():
            print(f"{hidden} hidden: AUC {score:.4f} on the development part", flush=True)
        chosen = max(tried, key=lambda hidden: tried[hidden][1])
        made = {"by": "python -m training.voice.speaks", "people": len(part["train"]), "synthetic": True}
        CONSTANTS.write_text(json.dumps({"made": made, **tried[chosen][0]}) + "\n", "utf-8")
    test = examples(part["test"], np.random.default_rng(3), rounds=ROUNDS["test"], delays=DELAYS)
    found = np.array([probability_of(one.values) for one in test])
    with contextlib.closing(ActivityModel()) as model:
        real = examples(part["test"], np.random.default_rng(3), rounds=2, delays=DELAYS, activity=model.stream())
    facts = {"synthetic": True, "delay_seconds": DELAYS, **provenance(RESULTS_FILE.parent), **evaluate(test, found)}
    facts["with_activity_model"] = measured(real, np.array([probability_of(one.values) for one in real]))
    RESULTS_FILE.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    print(
        json.dumps(
            {name: facts[name] for name in ("all", "against", "two_faces", "at_0.6", "with_activity_model")}, indent=1
        )
    )


if __name__ == "__main__":
    main()
