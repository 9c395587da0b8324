"""How much of a word's affect each layer of the decoder holds: `python -m training.explain.layer_probe --out DIR`.

True texts of held-out faces are read by a finished decoder (`--decoder NAME` of DIR). At every place whose next word
has valence, arousal and dominance (`vad.py`), the hidden state behind the embedding and behind each block goes into a
ridge regression onto that word's values, fitted on development faces; R² is on test faces, 95 % intervals by
resampling faces. `same word` is the R² of knowing only the word before: what syntax alone gives away. A second decoder
(`--beside NAME`), trained without affect, tells what the training put there. Writes LAYER_PROBE.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from edgeaffect.circumplex import DIMENSIONS
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from edgeaffect.models.registry import FILES
from training.data import data_folder
from training.explain import features
from training.explain.decoder import Decoder
from training.explain.sequences import IGNORED, Batch, Sequences
from training.explain.speak import load
from training.explain.vad import vad_table
from training.provenance import provenance

RESULTS = Path(__file__).with_name("LAYER_PROBE.json")
BATCHES, SIZE, RIDGE, RESAMPLES = 24, 32, 10.0, 200


@torch.no_grad()
def layers(decoder: Decoder, batch: Batch) -> list[torch.Tensor]:
    """Hidden states [n, T, W] behind the embedding, behind each block, and behind the last norm."""
    memory = decoder.memory(batch.patches, batch.summary, batch.affect, batch.change)[0]
    keys_values = decoder.keys_and_values(memory)
    place = torch.arange(batch.tokens.shape[1])
    mask = torch.where(place[None] <= place[:, None], 0.0, -1e9)
    x = functional.embedding(batch.tokens, decoder.table()) + functional.embedding(place, decoder.places)
    found = [x]
    for number, block in enumerate(decoder.blocks):
        x, _ = block(x, None, keys_values[:, number].transpose(0, 1), mask)
        found.append(x)
    return [*found, decoder.norm(x)]


def states(
    decoder: Decoder, batches: list[Batch], vad: torch.Tensor
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """Per layer [m, W]; next word's VAD [m, 3]; the word before [m]; face [m], of all places that count."""
    rows: list[list[np.ndarray]] = []
    wanted, before, faces = [], [], []
    for batch in batches:
        counted = (batch.targets != IGNORED) & (vad[batch.targets.clamp(0)] != 0).any(-1)
        rows.append([x[counted].numpy() for x in layers(decoder, batch)])
        wanted.append(vad[batch.targets[counted]].numpy())
        before.append(batch.tokens[counted].numpy())
        faces.append(batch.rows[counted.nonzero()[:, 0].numpy()])
    stacked = [np.concatenate(parts) for parts in zip(*rows, strict=True)]
    return stacked, np.concatenate(wanted), np.concatenate(before), np.concatenate(faces)


def ridge(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Predictions [k, 3] for `test` [k, d] of a ridge regression of y [m, 3] on standardised x [m, d]."""
    mean, spread = x.mean(0), x.std(0) + 1e-6
    a = np.c_[(x - mean) / spread, np.ones(len(x))].astype(np.float64)
    penalty = RIDGE * np.eye(a.shape[1])
    penalty[-1, -1] = 0
    weights = np.linalg.solve(a.T @ a + penalty, a.T @ y)
    return np.asarray(np.c_[(test - mean) / spread, np.ones(len(test))] @ weights)


def score(predicted: np.ndarray, y: np.ndarray, faces: np.ndarray) -> dict[str, dict[str, object]]:
    """R² of each dimension with its interval over faces."""
    random = np.random.default_rng(0)
    _, inverse = np.unique(faces, return_inverse=True)
    counts = inverse.max() + 1
    found: dict[str, dict[str, object]] = {}
    for axis, name in enumerate(DIMENSIONS):
        error, spread = (predicted[:, axis] - y[:, axis]) ** 2, (y[:, axis] - y[:, axis].mean()) ** 2
        drawn = []
        for _ in range(RESAMPLES):
            weight = np.bincount(random.integers(0, counts, counts), minlength=counts)[inverse]
            drawn.append(1 - (error * weight).sum() / (spread * weight).sum())
        low, high = np.quantile(drawn, (0.025, 0.975))
        value = 1 - error.sum() / spread.sum()
        found[name] = {"value": round(float(value), 3), "interval": [round(float(low), 3), round(float(high), 3)]}
    return found


def probe(decoder: Decoder, parts: dict[str, list[Batch]], vad: torch.Tensor) -> dict[str, Any]:
    """R² per layer, and of the word before alone."""
    fit, wanted, before, _ = states(decoder, parts["dev"], vad)
    test, y, word, faces = states(decoder, parts["test"], vad)
    found: dict[str, Any] = {"places": len(y), "faces": len(np.unique(faces))}
    means = {int(w): wanted[before == w].mean(0) for w in np.unique(before)}
    guess = np.stack([means.get(int(w), wanted.mean(0)) for w in word])
    found["same word"] = score(guess, y, faces)
    names = ["embedding", *(f"block {i + 1}" for i in range(len(fit) - 2)), "last norm"]
    for name, x, held in zip(names, fit, test, strict=True):
        found[name] = score(ridge(x, wanted, held), y, faces)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder of the explainer's training")
    parser.add_argument("--decoder", default="student-long")
    parser.add_argument("--beside", nargs="*", default=[])
    arguments = parser.parse_args()
    out = arguments.out
    vocabulary = Vocabulary.from_json(ModelBundle.open(FILES / "explainer.zip").read("vocabulary"))
    vad = torch.from_numpy(vad_table(vocabulary, data_folder(arguments.data)))
    salience = json.loads((out / "salience.json").read_text())
    parts = {}
    for name in ("dev", "test"):
        seen = features.read(out / f"seen-{name}.npz")
        seen = seen.take(np.flatnonzero(seen.plain & seen.taught))
        sequences = Sequences(seen, vocabulary, salience, seed=5)
        parts[name] = [sequences.next(SIZE) for _ in range(BATCHES)]
    record: dict[str, Any] = provenance(Path(__file__).parent)
    for name in (arguments.decoder, *arguments.beside):
        decoder = load(out / f"{name}.pt")
        if decoder.config.words != len(vad):
            raise SystemExit(f"{name}.pt speaks {decoder.config.words} words, the bundled vocabulary {len(vad)}")
        record[name] = probe(decoder, parts, vad)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
