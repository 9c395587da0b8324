"""Trains the reader: `python -m training.explain.reader --data DIR --mini-lm DIR --out DIR [--report]`.

With `--report` a twelfth of all families of wordings is held out and `OUT/report.onnx` is written, which
`training.explain.reader_report` measures on them; it also leaves its temperatures. Without, it goes on
from there with all families and `OUT/reader.onnx` is written, with those temperatures. `OUT/vocabulary.json` goes with
both.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from edgeaffect.explain.vocabulary import Vocabulary

from .minilm import MiniLM
from .reader_data import choose_words, examples
from .reader_export import export
from .reader_network import MATCH, ReaderNet
from .wordings import wording

DIMENSIONS = 64
SAMPLES = 240_000
SENTENCES = 10_000
"""So many wordings have MiniLM's sentence embedding beside them."""
BATCH, RATE, NOISE, DROPPED = 256, 2e-3, 0.3, 0.04


def prepare(args: argparse.Namespace) -> None:
    """Words, embeddings and wordings, once, into `OUT/data.npz`."""
    target = args.out / "data.npz"
    if target.exists():
        return
    teacher = MiniLM(args.mini_lm)
    frequent = [word for word in teacher.pieces.words[1996:] if not word.startswith("##")]
    norms = args.data / "word_norms_glasgow.zip" if args.data else None
    vocabulary = Vocabulary(choose_words(frequent, norms, Random(0)))
    words = vocabulary.tokens[vocabulary.words_begin : len(vocabulary) - 256]
    embedded = reduced(teacher.embed(words), DIMENSIONS)[0]
    table = torch.zeros(len(vocabulary), DIMENSIONS)
    table[vocabulary.words_begin : len(vocabulary) - 256] = embedded
    rng = Random(1)
    found = examples([wording(rng) for _ in range(SAMPLES)], vocabulary)
    sentences, explained = reduced(teacher.embed(found.texts[:SENTENCES]), MATCH)
    print(f"{len(words)} words, match keeps {explained:.3f} of the variance", flush=True)
    np.savez(
        target, tokens=found.tokens, intents=found.intents, slots=found.slots, claims=found.claims,
        held=found.is_held_out, table=table.numpy(), match=sentences.numpy(), reading=np.array(vocabulary.reading),
    )  # fmt: skip


def reduced(vectors: torch.Tensor, dimensions: int) -> tuple[torch.Tensor, float]:
    """Principal components of unit vectors, as vectors of mean length 1, and the share of variance that they keep."""
    centred = vectors - vectors.mean(0)
    values, axes = torch.linalg.eigh(centred.T @ centred)
    kept = centred @ axes[:, -dimensions:].flip(1)
    return kept / kept.norm(dim=1).mean(), float(values[-dimensions:].sum() / values.sum())


def train(args: argparse.Namespace, data: Mapping[str, np.ndarray]) -> ReaderNet:
    """The network after `--seconds` of training."""
    vocabulary = Vocabulary(tuple(data["reading"].tolist()))
    chosen = np.flatnonzero(~data["held"]) if args.report else np.arange(len(data["held"]))
    tokens, lengths = torch.from_numpy(data["tokens"]).long(), torch.from_numpy((data["tokens"] != 0).sum(1))
    intents, slots = torch.from_numpy(data["intents"]), torch.from_numpy(data["slots"])
    claims, match = torch.from_numpy(data["claims"]).long(), F.normalize(torch.from_numpy(data["match"]), dim=1)
    learned = torch.ones(len(vocabulary), dtype=torch.bool)
    learned[vocabulary.words_begin : len(vocabulary) - 256] = False
    torch.manual_seed(0)
    table = torch.from_numpy(data["table"])
    table[learned] = torch.randn(int(learned.sum()), DIMENSIONS) * DIMENSIONS**-0.5
    net, rate = ReaderNet(table, learned), RATE
    reported = args.out / "report.pt"
    if reported.exists() and not args.report:
        net.load_state_dict(torch.load(reported, weights_only=True), strict=False)
        rate = RATE / 2
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    begin, clock, step = time.process_time(), time.monotonic(), 0
    batches = _batches(chosen, lengths.numpy(), np.random.default_rng(0))
    while (share := _share(begin, clock, args.seconds)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, step / 200) * (1 - share) ** 0.7
        rows = torch.from_numpy(next(batches))
        batch = tokens[rows, : int(lengths[rows].max())]
        out = net(batch, noise=NOISE * DIMENSIONS**-0.5, dropped=DROPPED)
        loss = losses(out, intents[rows], slots[rows], claims[rows], rows, match)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 200 == 0:
            print(f"{time.process_time() - begin:.0f} s, step {step}: loss {loss.item():.4f}", flush=True)
    return net.eval()


def _share(begin: float, clock: float, seconds: float) -> float:
    """How much of the time is over: of the processor's, or of 1.75 times as much on the clock."""
    return max((time.process_time() - begin) / seconds, (time.monotonic() - clock) / (1.75 * seconds))


def _batches(
    chosen: NDArray[np.int64], lengths: NDArray[np.int64], generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Rows of texts of about the same length, so that little is padded."""
    while True:
        rows = generator.choice(chosen, 32 * BATCH)
        rows = rows[np.argsort(lengths[rows], kind="stable")].reshape(32, BATCH)
        yield from rows[generator.permutation(32)]


def losses(
    out: tuple[torch.Tensor, ...], intents: torch.Tensor, slots: torch.Tensor, claims: torch.Tensor, rows: torch.Tensor,
    match: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Cross-entropy of intent and slot, of mention and polarity of each aspect, and distance to MiniLM's sentence."""
    intent, slot, mention, polarity, own = out
    loss = F.cross_entropy(intent, intents, label_smoothing=0.02) + F.cross_entropy(slot, slots, label_smoothing=0.02)
    mentioned = claims > 0
    loss = loss + 12 * F.binary_cross_entropy_with_logits(mention, mentioned.float())
    if mentioned.any():
        loss = loss + 2.5 * F.binary_cross_entropy_with_logits(polarity[mentioned], (claims[mentioned] == 1).float())
    known = rows < len(match)
    if known.any():
        loss = loss + 2 * (1 - (own[known] * match[rows[known]]).sum(1)).mean()
    return loss


@torch.no_grad()
def predict(net: ReaderNet, tokens: torch.Tensor) -> list[torch.Tensor]:
    """Logits of many rows."""
    parts = [net(rows) for rows in tokens.split(512)]
    return [torch.cat(column) for column in zip(*parts, strict=True)]


@torch.no_grad()
def calibrate(net: ReaderNet, data: Mapping[str, np.ndarray]) -> list[float]:
    """Temperatures of intent, slot, mention and polarity on every other held-out wording."""
    rows = np.flatnonzero(data["held"])[::2][:6000]
    intent, slot, mention, polarity, _ = predict(net, torch.from_numpy(data["tokens"][rows]).long())
    claims = torch.from_numpy(data["claims"][rows]).long()
    said, there = claims > 0, (claims == 1).float()
    intents, slots = torch.from_numpy(data["intents"][rows]), torch.from_numpy(data["slots"][rows])
    bce = F.binary_cross_entropy_with_logits
    grid = np.geomspace(0.4, 4, 47)
    return [
        float(min(grid, key=lambda t: F.cross_entropy(intent / t, intents).item())),
        float(min(grid, key=lambda t: F.cross_entropy(slot / t, slots).item())),
        float(min(grid, key=lambda t: bce(mention / t, said.float()).item())),
        float(min(grid, key=lambda t: bce(polarity[said] / t, there[said]).item())),
    ]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with word_norms_glasgow.zip (optional)")
    parser.add_argument("--mini-lm", type=Path, required=True, help="folder with all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="where data, states and results go")
    parser.add_argument(
        "--seconds", type=float, default=600, help="processor time to train, at most 1.75 times as long on the clock"
    )
    parser.add_argument("--report", action="store_true", help="hold families of wordings out and report on them")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    prepare(args)
    data = dict(np.load(args.out / "data.npz"))
    net = train(args, data)
    record = args.out / "temperatures.json"
    if args.report:
        record.write_text(json.dumps(calibrate(net, data)))
    net.temperatures.copy_(torch.tensor(json.loads(record.read_text())))
    name = "report" if args.report else "reader"
    torch.save(net.state_dict(), args.out / f"{name}.pt")
    vocabulary = Vocabulary(tuple(data["reading"].tolist()))
    (args.out / "vocabulary.json").write_text(vocabulary.to_json())
    export(net, vocabulary, args.out / f"{name}.onnx")


if __name__ == "__main__":
    main()
