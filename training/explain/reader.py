"""Trains the reader: `python -m training.explain.reader --data DIR --mini-lm DIR --out DIR`.

It begins as MiniLM's first layers (`reader_begin`) and learns from wordings of the tables and from lines written one by
one (`written`), among them the opened test sets `LEARNT`; its temperatures are fitted to the set `DEVELOPMENT`. It
writes `OUT/reader.onnx` and `OUT/vocabulary.json`. A training that was stopped goes on at its last checkpoint.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from edgeaffect.explain.vocabulary import Vocabulary
from training.autocast import bfloat16

from .minilm import MiniLM
from .reader_begin import begin_as, word_table
from .reader_data import UNKNOWN, choose_words, examples
from .reader_export import export
from .reader_network import ReaderNet
from .wordings import wording
from .written import DEVELOPMENT, LEARNT, OPENED, apart, opened, varied, written

DIMENSIONS = 256
SAMPLES, VERSIONS = 240_000, 6
"""Wordings of the tables; versions of each written line."""
WRITTEN = 0.5
"""Share of a batch that was written one by one."""
_WRITTEN, _CHOOSING, _DRAWN = range(3)
BATCH, NOISE, DROPPED = 80, 0.15, 0.04
RATE, ANSWERING_RATE = 2.5e-4, 1.2e-3
"""Of MiniLM's layers, and of what is new."""
AVERAGE = 0.998
"""Each step leaves this share of the average of the weights, which is what is kept."""
AGREEMENT = 0.3
"""Weight of `disagreement`."""


def prepare(args: argparse.Namespace) -> None:
    """Words, embeddings, texts and the network's first weights, once, into `OUT/data.npz` and `OUT/begin.pt`."""
    target = args.out / "data.npz"
    if target.exists():
        return
    teacher, rng = MiniLM(args.mini_lm), Random(1)
    judging = sorted(path.name for path in OPENED.iterdir() if path.is_dir() and path.name not in args.opened)
    lines = apart([*written(), *opened(args.opened)], opened(judging))
    frequent = [word for word in teacher.pieces.words[1996:] if not word.startswith("##")]
    norms = args.data / "word_norms_glasgow.zip" if args.data else None
    vocabulary = Vocabulary(choose_words(frequent, [line.text for line in lines], norms, Random(0)))
    words = vocabulary.tokens[vocabulary.words_begin : len(vocabulary) - 256]
    table = torch.zeros(len(vocabulary), DIMENSIONS)
    known, axes, share = word_table(teacher, words, DIMENSIONS)
    table[vocabulary.words_begin : len(vocabulary) - 256] = known
    texts = [varied(line, rng) if i else line for line in lines for i in range(VERSIONS)]
    choosing = opened([DEVELOPMENT])
    found = examples([*texts, *choosing, *(wording(rng) for _ in range(args.samples))], vocabulary)
    print(f"{len(words)} words keep {share:.3f} of MiniLM's, {len(lines)} written lines", flush=True)
    net = ReaderNet(table, _learned(vocabulary))
    begin_as(net, teacher, axes, [line.text for line in rng.sample(lines, min(512, len(lines)))])
    torch.save(net.state_dict(), args.out / "begin.pt")
    np.savez(
        target, tokens=found.tokens, intents=found.intents, slots=found.slots, claims=found.claims,
        table=table.numpy(), reading=np.array(vocabulary.reading),
        part=np.repeat((_WRITTEN, _CHOOSING, _DRAWN), (len(texts), len(choosing), args.samples)),
    )  # fmt: skip


def _learned(vocabulary: Vocabulary) -> torch.Tensor:
    """[V] whether a row of the table is learned: specials and bytes."""
    learned = torch.ones(len(vocabulary), dtype=torch.bool)
    learned[vocabulary.words_begin : len(vocabulary) - 256] = False
    return learned


def train(args: argparse.Namespace, data: Mapping[str, np.ndarray]) -> ReaderNet:
    """The network after `--steps` of training; its state is written every 200 steps."""
    vocabulary = Vocabulary(tuple(data["reading"].tolist()))
    tokens = torch.from_numpy(data["tokens"].astype(np.int32))
    intents, slots = torch.from_numpy(data["intents"]), torch.from_numpy(data["slots"])
    claims, meanings = torch.from_numpy(data["claims"]).long(), torch.from_numpy(_meanings(data))
    torch.manual_seed(0)
    net = ReaderNet(torch.from_numpy(data["table"]), _learned(vocabulary))
    net.load_state_dict(torch.load(args.out / "begin.pt", weights_only=True))
    old = [p for part in (net.enter, net.norm, net.layers) for p in part.parameters()] + [net.places, net.first]
    taken = set(map(id, old))
    new = [p for p in net.parameters() if id(p) not in taken]
    optimiser = torch.optim.AdamW([{"params": old}, {"params": new}], weight_decay=0.02, betas=(0.9, 0.98))
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    last, first = args.out / "last.pt", 0
    if last.exists():
        state = torch.load(last, weights_only=True)
        first = state["step"]
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        average.load_state_dict(state["average"])
    begin = time.process_time()
    batches = _batches(data, np.random.default_rng(first))
    for step in range(first, args.steps):
        for group, rate in zip(optimiser.param_groups, (RATE, ANSWERING_RATE), strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / 200) * (1 - step / args.steps) ** 0.8
        rows = torch.from_numpy(next(batches))
        batch = tokens[rows]
        batch = batch[:, : int((batch != 0).sum(1).max())].long()
        with bfloat16():
            out = net(batch, noise=NOISE, dropped=DROPPED)
        out = tuple(part.float() for part in out)
        loss = losses(out, intents[rows], slots[rows], claims[rows])
        loss = loss + AGREEMENT * (disagreement(out[0], meanings[rows]) + disagreement(out[1], meanings[rows]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.update_parameters(net)
        if step % 200 == 199:
            print(f"{time.process_time() - begin:.0f} s, step {step + 1}: loss {loss.item():.4f}", flush=True)
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "average": average.state_dict()}
            torch.save({**state, "step": step + 1}, last)
    return cast(ReaderNet, average.module).eval()


def _meanings(data: Mapping[str, np.ndarray]) -> NDArray[np.int64]:
    """[N] a number per meaning: texts that ask or claim the same have the same."""
    columns = np.column_stack([data["intents"], data["slots"], np.maximum(data["claims"], 0)])
    return np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def disagreement(logits: torch.Tensor, meanings: torch.Tensor) -> torch.Tensor:
    """How far wordings of one meaning are read apart: mean divergence of each from the mean of its batch's group.

    Args:
        logits: [B, C].
        meanings: [B] of `_meanings`.
    """
    _, group = meanings.unique(return_inverse=True)
    logs = logits.log_softmax(-1)
    size = torch.bincount(group).to(logs.dtype)
    mean = torch.zeros(len(size), logs.shape[1]).index_add(0, group, logs.exp()) / size[:, None]
    return F.kl_div(logs, mean[group].clamp(min=1e-8).log(), log_target=True, reduction="batchmean")


def _batches(data: Mapping[str, np.ndarray], generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Rows of texts of about the same length, so that little is padded; `WRITTEN` of them were written one by one."""
    lengths = (data["tokens"] != 0).sum(1)
    parts = [np.flatnonzero(data["part"] == part) for part in (_WRITTEN, _DRAWN)]
    counts = [round(32 * BATCH * WRITTEN), 32 * BATCH - round(32 * BATCH * WRITTEN)]
    while True:
        rows = np.concatenate([generator.choice(part, n) for part, n in zip(parts, counts, strict=True) if len(part)])
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        pieces = np.array_split(rows, 32)
        yield from (pieces[i] for i in generator.permutation(32))


def losses(
    out: tuple[torch.Tensor, ...], intents: torch.Tensor, slots: torch.Tensor, claims: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy of intent and slot, of mention and polarity of each aspect; what is unknown does not count."""
    intent, slot, mention, polarity = out
    loss = F.cross_entropy(intent, intents, label_smoothing=0.02)
    if (slots != UNKNOWN).any():
        loss = loss + F.cross_entropy(slot, slots, ignore_index=UNKNOWN, label_smoothing=0.02)
    said, known = claims > 0, claims >= 0
    if known.any():
        loss = loss + 12 * F.binary_cross_entropy_with_logits(mention[known], said[known].float())
    if said.any():
        loss = loss + 2.5 * F.binary_cross_entropy_with_logits(polarity[said], (claims[said] == 1).float())
    return loss


@torch.no_grad()
def predict(net: ReaderNet, tokens: torch.Tensor) -> list[torch.Tensor]:
    """Logits of many rows."""
    parts = [net(rows) for rows in tokens.split(512)]
    return [torch.cat(column) for column in zip(*parts, strict=True)]


@torch.no_grad()
def calibrate(net: ReaderNet, data: Mapping[str, np.ndarray]) -> list[float]:
    """Temperatures of intent, slot, mention and polarity, fitted to the set that chooses."""
    rows = np.flatnonzero(data["part"] == _CHOOSING)
    intent, slot, mention, polarity = predict(net, torch.from_numpy(data["tokens"][rows].astype(np.int64)))
    claims = torch.from_numpy(data["claims"][rows]).long()
    said, known = claims > 0, claims >= 0
    intents, slots = torch.from_numpy(data["intents"][rows]), torch.from_numpy(data["slots"][rows])
    bce = F.binary_cross_entropy_with_logits
    grid = np.geomspace(0.4, 4, 47)
    return [
        float(min(grid, key=lambda t: F.cross_entropy(intent / t, intents).item())),
        float(min(grid, key=lambda t: F.cross_entropy(slot / t, slots, ignore_index=UNKNOWN).item())),
        float(min(grid, key=lambda t: bce(mention[known] / t, said[known].float()).item())),
        float(min(grid, key=lambda t: bce(polarity[said] / t, (claims[said] == 1).float()).item())),
    ]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with word_norms_glasgow.zip (optional)")
    parser.add_argument("--mini-lm", type=Path, required=True, help="folder with all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="where data, states and results go")
    parser.add_argument("--steps", type=int, default=4800)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="wordings that are drawn of the tables")
    parser.add_argument("--opened", nargs="*", default=LEARNT, help="test sets to learn from")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    prepare(args)
    data = dict(np.load(args.out / "data.npz"))
    net = train(args, data)
    net.temperatures.copy_(torch.tensor(calibrate(net, data)))
    torch.save(net.state_dict(), args.out / "reader.pt")
    vocabulary = Vocabulary(tuple(data["reading"].tolist()))
    (args.out / "vocabulary.json").write_text(vocabulary.to_json())
    export(net, vocabulary, args.out / "reader.onnx")


if __name__ == "__main__":
    main()
