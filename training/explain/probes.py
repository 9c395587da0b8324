"""What the decoder's words hang on: the picture, the label, what is covered, its weights and their precision."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import CUES, FACTS, region_of
from edgeaffect.explain.meaning import Request, prefix
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from training.explain.decoder import Decoder
from training.explain.generate import claims_of, keys_and_values, speak
from training.explain.held import Held
from training.explain.measures import REGION
from training.explain.sequences import Sequences
from training.explain.systems import free_texts
from training.files import open_on_one_thread

PAIRS = 200
_CHUNK = 250


def swap(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Pairs of faces: with the other's memory, how often the claims fit the other better than the own face.

    Twice: by the F1 of what is said to be there, and (`all_`) by the number of all claims that hold, denials too.
    """
    random = np.random.default_rng(3)
    shown = held.truth & held.told
    pairs: list[tuple[int, int]] = []
    while len(pairs) < PAIRS:
        a, b = random.integers(0, len(held), 2)
        if (shown[a] != shown[b]).sum() >= 2 and shown[b].any() and shown[a].any():
            pairs.append((a, b))
    first, second = np.array(pairs).T
    said, _ = free_texts(decoder, held.seen.take(second), vocabulary)  # the prefix says nothing of a face

    def fit(claims: dict[str, str], row: int) -> float:
        yes = np.array([claims.get(n) == "present" for n in CUES]) & held.told[row]
        return 2 * float((yes & shown[row]).sum()) / max(float(yes.sum() + shown[row].sum()), 1.0)

    def agreeing(claims: dict[str, str], row: int) -> float:
        """Claims, of what is there and of what is not, that hold of the face."""
        said = {name: state == "present" for name, state in claims.items() if held.told[row][CUES.index(name)]}
        return float(sum(shown[row][CUES.index(name)] == there for name, there in said.items()))

    record: dict[str, Any] = {"pairs": PAIRS}
    for name, measure in (("", fit), ("all_", agreeing)):
        scores = [(measure(c, a), measure(c, b)) for c, a, b in zip(said, first, second, strict=True)]
        record[f"{name}follows_the_other"] = round(float(np.mean([other > own for own, other in scores])), 4)
        record[f"{name}ties"] = round(float(np.mean([other == own for own, other in scores])), 4)
    return record


def label_follows(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> float:
    """Share of faces whose spoken emotion is the affect stage's, label not told."""
    good = []
    for first in range(0, len(held), _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, len(held)))
        front = vocabulary.encode([*prefix(Request("explain"), "neutral", 0.9)[:3], "[none]", "[probably]"])
        texts = speak(decoder, keys_and_values(decoder, held.seen, rows), [front] * len(rows))
        for row, ids in zip(rows.tolist(), texts, strict=True):
            named = [c.name for c in claims_of(ids, vocabulary)[0] if c.kind == "emotion" and c.state == "present"]
            good.append(bool(named) and named[0] == EMOTIONS[int(held.seen.label[row])])
    return round(float(np.mean(good)), 4)


def mask_regions(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Claims about mouth, eyes and brows on views where a drawn cover hides them, beside the same faces uncovered."""
    seen = held.all
    rows: dict[str, Any] = {}
    for region in ("mouth", "eyes", "brows"):
        column = FACTS.index(f"{region}_covered")
        covered = np.flatnonzero(
            ~seen.plain & seen.fact_known[:, column] & (seen.facts[:, column] > 0.5) & seen.taught
        )[:80]
        plain = {int(r): i for i, r in enumerate(seen.row.tolist()) if seen.plain[i]}
        pairs = [(i, plain[int(seen.row[i])]) for i in covered.tolist() if int(seen.row[i]) in plain]
        if len(pairs) < 10:
            continue
        counts = []
        for side in (0, 1):
            views = seen.take(np.array([p[side] for p in pairs]))
            said, _ = free_texts(decoder, views, vocabulary, requests=(Request("describe_region", region),))
            counts.append(sum(REGION.get(n) == region and region_of(n) == region for c in said for n in c))
        rows[region] = {
            "faces": len(pairs), "claims_covered": counts[0], "claims_as_they_are": counts[1],
            "drop": round(1 - counts[0] / max(counts[1], 1), 4),
        }  # fmt: skip
    return rows


def shuffled(decoder: Decoder, held: Held, vocabulary: Vocabulary) -> float:
    """Share of valid texts of the decoder with every weight matrix shuffled."""
    net = copy.deepcopy(decoder)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in net.parameters():
            if p.ndim > 1:
                p.copy_(p.flatten()[torch.randperm(p.numel(), generator=generator)].view_as(p))
    return round(free_texts(net, held.seen.take(np.arange(60)), vocabulary)[1], 4)


def agreement(decoder: Decoder, bundle: ModelBundle, sequences: Sequences, count: int = 256) -> dict[str, Any]:
    """Share of tokens that the bundle's file (8-bit weights) and float32 predict alike, on held-out texts."""
    session = open_on_one_thread(bundle.part("decoder"))
    c = decoder.config
    past = np.zeros((c.layers, 2, 1, c.heads, 0, c.head), np.float32)
    same = total = 0
    worst = 0.0
    for _ in range(count // 64):
        batch = sequences.next(64)
        with torch.no_grad():
            memory, _, _ = decoder.memory(batch.patches, batch.summary, batch.affect, batch.change)
            kv = decoder.keys_and_values(memory)
            wanted = decoder(batch.tokens, None, kv)[0].numpy()
        for row in range(64):
            counted = (batch.targets[row] >= 0).numpy()
            given = {
                "tokens": batch.tokens[row : row + 1].numpy(),
                "past": past,
                "keys_values": kv[row : row + 1].numpy(),
            }
            found = session.run(["logits"], given)[0][0]
            same += int((found.argmax(-1) == wanted[row].argmax(-1))[counted].sum())
            total += int(counted.sum())
            worst = max(worst, float(np.abs(found - wanted[row])[counted].max()))
    return {"tokens": total, "agree": round(same / total, 5), "largest_difference": round(worst, 4)}
