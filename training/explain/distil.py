"""The teacher's own texts, proved: `python -m training.explain.distil --data DIR --out DIR --teacher NAME`.

The teacher answers random questions about training views, once greedily and once drawn; a text is kept when it is of
the grammar, says what its plan promises, claims nothing that is not known of the face, and names at least half of the
reasons. Writes `OUT/texts.npz`, from which a student learns beside the corpus (sequence distillation, Kim and Rush).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from edgeaffect.explain.content import Known
from edgeaffect.explain.gate import true_claims
from edgeaffect.explain.meaning import Claim, Request, prefix
from edgeaffect.explain.vocabulary import Vocabulary
from training.explain import features
from training.explain.corpus import Sample, random_request
from training.explain.generate import claims_of, keys_and_values, speak
from training.explain.sequences import Batch, Sequences
from training.explain.speak import load

LEAST_RECALL = 0.5
_CHUNK = 128


def is_proved(claims: tuple[Claim, ...], request: Request, known: Known) -> bool:
    """Whether all claims are true of the face and, for "explain", half of the reasons are named."""
    if not claims or not {Claim(c.kind, c.name, c.state) for c in claims} <= set(true_claims(request, known)):
        return False
    reasons = list(known.reasons.get(known.label, ()))[:2]
    if request.intent != "explain" or not reasons:
        return True
    return len({c.name for c in claims if c.is_reason} & set(reasons)) >= LEAST_RECALL * len(reasons)


class Texts:
    """Batches of texts that `main` wrote, over the views of `sequences`."""

    def __init__(self, path: Path, sequences: Sequences) -> None:
        self.sequences = sequences
        with np.load(path) as file:
            self.rows = file["rows"]
            self.made = [json.loads(line) for line in file["texts"].tolist()]
        self.random = np.random.default_rng(4)

    def next(self, size: int) -> Batch:
        """A batch of `size` texts."""
        chosen = self.random.choice(len(self.rows), size, replace=len(self.rows) < size)
        samples = [
            Sample(Request(m["intent"], m["slot"], m["present"]), (), tuple(m["prefix"]), tuple(m["tokens"]))
            for m in (self.made[i] for i in chosen.tolist())
        ]
        change = np.zeros((size, self.sequences.seen.cues.shape[1]), np.float32)
        return self.sequences.batch(self.rows[chosen], samples, change, [()] * size)


def write(sequences: Sequences, teacher_path: Path, path: Path, seconds: float) -> dict[str, int]:
    """Asks the teacher until the time is over, and returns how many texts there were and how many were kept."""
    teacher, vocabulary = load(teacher_path), sequences.vocabulary
    rows, texts = [], []
    start, asked = time.time(), 0
    order = sequences.random.permutation(len(sequences.seen))
    for number, first in enumerate(range(0, len(order), _CHUNK)):
        if time.time() - start > seconds:
            break
        some = order[first : first + _CHUNK]
        faces = sequences.known(some)
        requests = [random_request(sequences.rng) for _ in faces]
        prefixes = [prefix(r, k.label, k.confidence) for r, k in zip(requests, faces, strict=True)]
        ids = [vocabulary.encode(p) for p in prefixes]
        memory = keys_and_values(teacher, sequences.seen, some)
        said = speak(teacher, memory, ids, temperature=0.0 if number % 2 else 0.7, seed=number)
        for row, request, known, front, spoken in zip(some.tolist(), requests, faces, prefixes, said, strict=True):
            asked += 1
            claims, is_plan = claims_of(spoken, vocabulary)
            if is_plan and (request.intent in ("refuse", "unclear") or is_proved(claims, request, known)):
                rows.append(row)
                tokens = [*vocabulary.decode(spoken), "<eos>"]
                made = {"intent": request.intent, "slot": request.slot, "present": request.present}
                texts.append(json.dumps(made | {"prefix": front, "tokens": tokens}))
    np.savez(path, rows=np.array(rows), texts=np.array(texts))
    return {"asked": asked, "kept": len(rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--teacher", default="teacher")
    parser.add_argument("--seconds", type=float, default=240)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    out = arguments.out
    salience = json.loads((out / "salience.json").read_text())
    sequences = Sequences(features.read(out / "seen-train.npz"), Vocabulary(), salience, seed=5)
    counts = write(sequences, out / f"{arguments.teacher}.pt", out / "texts.npz", arguments.seconds)
    (out / "texts.json").write_text(json.dumps(counts) + "\n")
    print(counts)


if __name__ == "__main__":
    main()
