"""Many texts at once, without any gate: greedy, or sampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from edgeaffect.explain.meaning import Claim
from edgeaffect.explain.parsing import ParseError, parse, plan_of, words_of
from edgeaffect.explain.vocabulary import EOS, PAD, Vocabulary
from training.explain.decoder import Decoder
from training.explain.features import Seen


@torch.no_grad()
def keys_and_values(
    decoder: Decoder, seen: Seen, rows: np.ndarray, *, change: np.ndarray | None = None, affect: bool = True,
    blind: bool = False,
) -> torch.Tensor:  # fmt: skip
    """Memory [n, L, 2, H, S, dh] of views.

    Args:
        decoder: whose.
        seen: views.
        rows: which.
        change: [n, CUES]; None is unknown.
        affect: False hides what the affect stage says.
        blind: hides what the eyes say.
    """
    patches, summary = seen.patches[rows].astype(np.float32), seen.summary[rows]
    if blind:
        patches, summary = np.zeros_like(patches), np.zeros_like(summary)
    told = seen.affect[rows] * np.float32(affect)
    moved = np.zeros((len(rows), seen.cues.shape[1]), np.float32) if change is None else change
    given = (torch.from_numpy(a) for a in (patches, summary, told, moved))
    return decoder.keys_and_values(decoder.memory(*given)[0])


@torch.no_grad()
def speak(
    decoder: Decoder,
    keys_values: torch.Tensor,
    prefixes: Sequence[Sequence[int]],
    *,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[list[int]]:
    """Ids behind the prefix, up to and without the end, of each row; the most likely each time, or drawn.

    Args:
        decoder: that speaks.
        keys_values: [n, L, 2, H, S, dh].
        prefixes: [n] of one length.
        temperature: 0 is greedy.
        seed: of what is drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.tensor(prefixes)
    logits, past = decoder(tokens, None, keys_values)
    said: list[list[int]] = [[] for _ in prefixes]
    alive = np.ones(len(said), bool)
    for _ in range(decoder.config.longest - tokens.shape[1] - 1):
        scores = logits[:, -1].float()
        if temperature:
            p = (scores / temperature).softmax(-1)
            nexts = torch.multinomial(p, 1, generator=generator)
        else:
            nexts = scores.argmax(-1, keepdim=True)
        for row, token in enumerate(nexts[:, 0].tolist()):
            if not alive[row]:
                continue
            if token in (EOS, PAD):
                alive[row] = False
            else:
                said[row].append(token)
        if not alive.any():
            break
        logits, past = decoder(nexts, past, keys_values)
    return said


def claims_of(ids: Sequence[int], vocabulary: Vocabulary) -> tuple[tuple[Claim, ...], bool]:
    """What a text says by its words, and whether it is of the grammar and says its plan; without grammar its plan."""
    tokens = vocabulary.decode(list(ids))
    plan = plan_of(tokens)
    try:
        said = parse(words_of(tokens))
    except ParseError:
        return plan, False
    return said, said == plan
