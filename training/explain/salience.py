"""What speaks for an emotion: a linear model of people's votes from cues, and nothing else.

`python -m training.explain.salience --out DIR` fits a multinomial logistic regression on training faces of FER+:
shares of votes ~ softmax(b + W (p - mean)), p the probabilities of the admitted cues. The share of cue c in emotion k
is W[k, c] (p_c - mean_c): that, and no other motive, is what "because" means. Writes `DIR/salience.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import ADMITTED, CUES
from training.explain.evidence import Evidence
from training.provenance import provenance

# A cue counts as a reason, or as missing, from this size of its share on (natural logarithm of odds).
LEAST = 0.1
RIDGE = 2e-3


def fit(cues: np.ndarray, votes: np.ndarray, ridge: float = RIDGE, steps: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Weights [8, c], zero-sum over emotions, and biases [8] from centred cues [n, c] to shares of votes [n, 8]."""
    x, y = torch.tensor(cues, dtype=torch.float64), torch.tensor(votes, dtype=torch.float64)
    weight = torch.zeros(y.shape[1], x.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(y.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = -(y * (x @ weight.T + bias).log_softmax(1)).sum(1).mean() + ridge * (weight**2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    found = weight.detach().numpy()
    return found - found.mean(0), bias.detach().numpy()


def cross_entropy(weights: np.ndarray, bias: np.ndarray, cues: np.ndarray, votes: np.ndarray) -> float:
    """Mean -sum votes log softmax, nats."""
    z = cues @ weights.T + bias
    z -= z.max(1, keepdims=True)
    return float(-(votes * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum(1).mean())


def faces(out: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Cue probabilities [n, CUES] and shares of votes [n, 8] of faces of FER+ with votes."""
    with np.load(out / "explain-ferplus.npz") as file:
        chosen = file["split"] == split
        fields, votes = file["fields"][chosen], file["votes"][chosen][:, :8]
    voted = votes.sum(1) > 0
    votes = votes[voted] / votes[voted].sum(1, keepdims=True)
    return Evidence.read(out / "evidence.json").probabilities(fields[voted]), votes


def record(out: Path) -> dict[str, Any]:
    """The model, and how well it does beside the mean of all votes."""
    cues, votes = faces(out, "train")
    columns = [CUES.index(name) for name in ADMITTED]
    mean = cues[:, columns].mean(0)
    weights, bias = fit(cues[:, columns] - mean, votes)
    held, wanted = faces(out, "dev")
    prior = np.log(votes.mean(0))
    return {
        **provenance(Path(__file__).parent),
        "faces": len(cues),
        "salience": {
            emotion: {name: round(float(w), 4) for name, w in zip(ADMITTED, weights[k], strict=True)}
            for k, emotion in enumerate(EMOTIONS)
        },
        "means": {name: round(float(m), 5) for name, m in zip(ADMITTED, mean, strict=True)},
        "least_salience": LEAST,
        "development": {
            "cross_entropy": round(cross_entropy(weights, bias, held[:, columns] - mean, wanted), 4),
            "cross_entropy_of_the_mean_vote": round(cross_entropy(0 * weights, prior, held[:, columns], wanted), 4),
            "same_first": round(
                float((((held[:, columns] - mean) @ weights.T + bias).argmax(1) == wanted.argmax(1)).mean()), 4
            ),
        },
    }


def contributions(table: dict[str, Any], cues: np.ndarray) -> np.ndarray:
    """[n, 8, CUES]: what each cue adds to each emotion, for cue probabilities [n, CUES]."""
    weights = np.array([[table["salience"][e].get(name, 0.0) for name in CUES] for e in EMOTIONS])
    means = np.array([table["means"].get(name, 0.0) for name in CUES])
    return weights[None] * (cues - means)[:, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder of training.explain.faces")
    arguments = parser.parse_args()
    table = record(arguments.out)
    (arguments.out / "salience.json").write_text(json.dumps(table, indent=1) + "\n")
    print(json.dumps({k: table[k] for k in ("salience", "means", "development")}, indent=1))


if __name__ == "__main__":
    main()
