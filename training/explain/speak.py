"""Trains a decoder: `python -m training.explain.speak --data DIR --out DIR --name NAME`; goes on where it stopped.

Loss: next word, and with small weights its affect, the affect of the whole text, the match of face and text, and the
confidence; `--teacher` adds the teacher's distribution, `--texts` its proved texts. Each part can be left out.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgeaffect.explain.vocabulary import Vocabulary
from training.autocast import bfloat16
from training.data import data_folder
from training.explain import features, losses
from training.explain.decoder import Decoder, DecoderConfig
from training.explain.sequences import Batch, Sequences
from training.explain.vad import vad_table
from training.files import save_checkpoint

CHECK = 100
PLANS = Vocabulary().words_begin
SIZES: dict[str, dict[str, int]] = {
    "student": {"layers": 3, "width": 128, "heads": 4, "inner": 384},
    "teacher": {"layers": 4, "width": 256, "heads": 8, "inner": 768},
}


@dataclass(frozen=True)
class Recipe:
    """One training; it ends after `steps`, or after `seconds` of its own processor time when these come first."""

    steps: int = 2000
    seconds: float = 3600
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    vad: float = 0.1
    soft_vad: float = 0.1
    match: float = 0.1
    sure: float = 0.2
    distil: float = 0.0
    blind: bool = False
    decisions: float = 3.0
    """What a plan token counts beside a word."""
    honest: float = 0.0
    """Weight of the unlikelihood of claims that the face does not bear out."""
    seed: int = 0


@dataclass(frozen=True)
class Said:
    """What a decoder makes of a batch."""

    hidden: torch.Tensor
    logits: torch.Tensor
    match: torch.Tensor
    sure: torch.Tensor


def say(decoder: Decoder, batch: Batch, *, blind: bool = False) -> Said:
    """Forward pass; a blind one sees neither patches nor what the eyes make of them."""
    patches, summary = batch.patches, batch.summary
    if blind:
        patches, summary = torch.zeros_like(patches), torch.zeros_like(summary)
    memory, match, sure = decoder.memory(patches, summary, batch.affect, batch.change)
    hidden, _ = decoder.hidden(batch.tokens, None, decoder.keys_and_values(memory))
    return Said(hidden, decoder.logits(hidden), match, sure)


def loss_of(
    decoder: Decoder, batch: Batch, recipe: Recipe, teacher: Decoder | None = None
) -> tuple[torch.Tensor, dict[str, float]]:
    """Loss of a batch and its parts."""
    with bfloat16():
        said = say(decoder, batch, blind=recipe.blind)
        told = None
        if teacher is not None:
            with torch.no_grad():
                told = say(teacher, batch).logits.float()
    logits, hidden = said.logits.float(), said.hidden.float()
    parts = {"words": losses.word_loss(logits, batch.targets, PLANS, recipe.decisions)}
    weights = {"words": 1.0 - recipe.distil * 0.5 if told is not None else 1.0}
    if recipe.honest:
        parts["false"] = losses.false_claim_loss(logits, batch.targets, batch.false, PLANS)
        weights["false"] = recipe.honest
    if recipe.vad:
        parts["vad"], weights["vad"] = losses.vad_loss(hidden, decoder, batch.targets), recipe.vad
    if recipe.soft_vad:
        parts["soft_vad"] = losses.soft_vad_loss(logits, decoder, batch.targets, batch.vad, batch.speaks)
        weights["soft_vad"] = recipe.soft_vad
    if recipe.match:
        texts = decoder.text_match(batch.tokens, losses.counted_words(batch.tokens))
        others = decoder.text_match(batch.other, losses.other_words(batch))
        parts["match"] = losses.match_loss(said.match.float(), texts, others, batch.speaks)
        weights["match"] = recipe.match
    if recipe.sure:
        parts["sure"], weights["sure"] = losses.sure_loss(said.sure.float(), batch.share), recipe.sure
    if told is not None:
        parts["distil"], weights["distil"] = losses.distil_loss(logits, told, batch.targets), recipe.distil * 0.5
    total = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
    return total, {name: float(value.detach()) for name, value in parts.items()}


def rate(step: int, spent: float, recipe: Recipe) -> float:
    """Factor on the learning rate: warm-up, then a cosine over what is left of steps or time."""
    done = max(step / recipe.steps, spent / recipe.seconds)
    return min(1.0, (step + 1) / 100) * (0.52 + 0.48 * float(np.cos(np.pi * min(done, 1.0))))


def train(
    out: Path,
    name: str,
    config: DecoderConfig,
    recipe: Recipe,
    sequences: Sequences,
    vad: np.ndarray | None,
    *,
    teacher: Decoder | None = None,
    texts: Any = None,
    begin: Path | None = None,
) -> Path:
    """Trains and returns the checkpoint.

    Args:
        out: folder.
        name: of the checkpoint.
        config: sizes.
        recipe: schedule and weights.
        sequences: batches.
        vad: table, or None to leave affect out of the embeddings.
        teacher: whose distribution is learnt beside the words.
        texts: gives batches of the teacher's proved texts, every other step.
        begin: checkpoint to begin with.
    """
    path = out / f"{name}.pt"
    torch.manual_seed(recipe.seed)
    decoder = Decoder(config, None if vad is None else torch.from_numpy(vad))
    if begin is not None:
        decoder.load_state_dict(torch.load(begin, map_location="cpu", weights_only=True)["net"])
    decay = [p for p in decoder.parameters() if p.ndim > 1]
    rest = [p for p in decoder.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    step, before = 0, 0.0
    if path.exists():
        state = torch.load(path, map_location="cpu", weights_only=True)
        decoder.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        step, before = state["step"], state["seconds"]
    start, count = time.process_time() - before, 0
    sums: dict[str, float] = {}
    spent = before
    while step < recipe.steps and spent < recipe.seconds:
        given = texts if texts is not None and step % 2 else sequences
        batch = given.next(recipe.batch)
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate(step, spent, recipe)
        decoder.train()
        loss, parts = loss_of(decoder, batch, recipe, teacher)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        step, count, spent = step + 1, count + 1, time.process_time() - start
        sums = {key: sums.get(key, 0.0) + value for key, value in parts.items()}
        if step % CHECK == 0 or step == recipe.steps:
            print(
                json.dumps({"step": step, "seconds": round(spent)} | {k: round(v / count, 4) for k, v in sums.items()}),
                flush=True,
            )
            sums, count = {}, 0
            save(path, decoder, optimiser, step, spent, recipe)
    save(path, decoder, optimiser, step, spent, recipe)
    return path


def save(
    path: Path, decoder: Decoder, optimiser: torch.optim.Optimizer, step: int, spent: float, recipe: Recipe
) -> None:
    """Writes the checkpoint."""
    state = {"net": decoder.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "seconds": spent}
    save_checkpoint(
        state | {"recipe": asdict(recipe), "config": asdict(decoder.config), "has_vad": decoder.has_vad}, path
    )


def load(path: Path) -> Decoder:
    """The decoder of a checkpoint, ready for inference."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    config = DecoderConfig(**state["config"])
    decoder = Decoder(config, torch.zeros(config.words, 3) if state["has_vad"] else None)
    decoder.load_state_dict(state["net"])
    return decoder.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--size", choices=tuple(SIZES), default="student")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--seconds", type=float, default=Recipe.seconds)
    parser.add_argument("--batch", type=int, default=Recipe.batch)
    parser.add_argument("--rate", type=float, default=Recipe.learning_rate)
    parser.add_argument("--seen", default="seen-train.npz", help="views, of training.explain.features")
    parser.add_argument("--teacher", help="name of the teacher's checkpoint")
    parser.add_argument("--texts", help="file of the teacher's proved texts, of training.explain.distil")
    parser.add_argument("--begin", help="name of a checkpoint to begin with")
    parser.add_argument("--without", nargs="*", default=[], choices=("vad", "match"), help="leave a part out")
    parser.add_argument("--honest", type=float, default=0.0, help="weight of the unlikelihood of false claims")
    parser.add_argument("--blind", action="store_true", help="see nothing of the picture: the blind language model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data, out = data_folder(arguments.data), arguments.out
    vocabulary = Vocabulary()
    salience = json.loads((out / "salience.json").read_text())
    sequences = Sequences(features.read(out / arguments.seen), vocabulary, salience, seed=1)
    affect = 0.0 if "vad" in arguments.without else Recipe.vad
    recipe = Recipe(
        steps=arguments.steps, seconds=arguments.seconds, batch=arguments.batch, learning_rate=arguments.rate,
        vad=affect, soft_vad=affect, match=0.0 if "match" in arguments.without else Recipe.match,
        distil=1.0 if arguments.teacher else 0.0, blind=arguments.blind, honest=arguments.honest,
    )  # fmt: skip
    config = DecoderConfig(vocabulary.speakable_end, **SIZES[arguments.size])
    texts = None
    if arguments.texts:
        from training.explain.distil import Texts

        texts = Texts(out / arguments.texts, sequences)
    train(
        out, arguments.name, config, recipe, sequences, vad_table(vocabulary, data) if affect else None,
        teacher=load(out / f"{arguments.teacher}.pt") if arguments.teacher else None, texts=texts,
        begin=out / f"{arguments.begin}.pt" if arguments.begin else None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
