"""A short preference stage: `python -m training.explain.preferences --out DIR --begin NAME --name NAME`.

Direct preference optimisation against the model as it was: the true text before one with a cue turned round or taken
for another (a hallucination), and a text with its own picture before the same text with the picture masked (AVERE's
idea: what is said must come from what is seen). The words' own loss stays beside it, so that the language holds.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import replace
from pathlib import Path

import torch

from edgeaffect.explain.vocabulary import Vocabulary
from training.autocast import bfloat16
from training.explain import features, losses
from training.explain.decoder import Decoder
from training.explain.sequences import PREFIX, Batch, Sequences, padded
from training.explain.speak import Recipe, load, save, say

BETA, WORDS = 0.1, 0.5


def with_other_text(batch: Batch, sequences: Sequences) -> tuple[Batch, torch.Tensor]:
    """The batch with the false texts in place of the true ones, and which rows [n] have one."""
    ids = []
    for row in range(len(batch.tokens)):
        text = [t for t in batch.other[row].tolist() if t > 2]
        ids.append([*batch.tokens[row, :PREFIX].tolist(), *text, 2])
    has = torch.tensor([len(i) > PREFIX + 1 for i in ids])
    tokens, targets = padded(ids)
    return replace(batch, tokens=tokens, targets=targets), has


def masked(batch: Batch) -> Batch:
    """The batch without its pictures."""
    return replace(batch, patches=torch.zeros_like(batch.patches), summary=torch.zeros_like(batch.summary))


def scores(decoder: Decoder, batch: Batch) -> torch.Tensor:
    """Log-probabilities [n] of the texts."""
    with bfloat16():
        logits = say(decoder, batch).logits
    return losses.sequence_log_probability(logits.float(), batch.targets)


def tune(out: Path, begin: str, name: str, sequences: Sequences, *, steps: int, seconds: float, size: int) -> Path:
    """Tunes the decoder `begin` and returns the checkpoint `name`."""
    decoder = load(out / f"{begin}.pt")
    before = copy.deepcopy(decoder).eval()
    optimiser = torch.optim.AdamW(decoder.parameters(), 2e-4, betas=(0.9, 0.98))
    start, path = time.time(), out / f"{name}.pt"
    sums: dict[str, float] = {}
    step = 0
    while step < steps and time.time() - start < seconds:
        batch = sequences.next(size)
        other, has = with_other_text(batch, sequences)
        other, batch_ = _rows(other, has), _rows(batch, has)
        decoder.eval()  # dropout would make the model differ from itself
        with torch.no_grad():
            told = [scores(before, b) for b in (batch_, other, masked(batch_))]
        said = [scores(decoder, b) for b in (batch_, other, masked(batch_))]
        text = losses.preference_loss(said[0], said[1], told[0], told[1], BETA)
        picture = losses.preference_loss(said[0], said[2], told[0], told[2], BETA)
        with bfloat16():
            logits = say(decoder, batch).logits
        words = losses.word_loss(logits.float(), batch.targets)
        loss = text + 0.5 * picture + WORDS * words
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        step += 1
        for key, value in (("text", text), ("picture", picture), ("words", words)):
            sums[key] = sums.get(key, 0.0) + float(value.detach())
        if step % 25 == 0:
            print(json.dumps({"step": step} | {k: round(v / 25, 4) for k, v in sums.items()}), flush=True)
            sums = {}
    save(path, decoder, optimiser, step, time.time() - start, Recipe())
    return path


def _rows(batch: Batch, chosen: torch.Tensor) -> Batch:
    names = ("tokens", "targets", "patches", "summary", "affect", "change")
    return replace(batch, **{name: getattr(batch, name)[chosen] for name in names})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--begin", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--batch", type=int, default=48)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    out = arguments.out
    salience = json.loads((out / "salience.json").read_text())
    sequences = Sequences(features.read(out / "seen-train.npz"), Vocabulary(), salience, seed=9)
    limits = {"steps": arguments.steps, "seconds": arguments.seconds, "size": arguments.batch}
    print(tune(out, arguments.begin, arguments.name, sequences, **limits))


if __name__ == "__main__":
    main()
