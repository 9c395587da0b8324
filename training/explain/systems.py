"""What the explainer is compared with, each asked the same `REQUESTS` about every face.

free     no gate, and the label is not told: what the model claims by itself
gated    the run time's gate over the evidence of the package's own cues, through the files of the bundle
blind    a decoder of the same size and schedule that sees nothing of the picture but what the affect stage says
nearest  what is true of the training view whose patches are most alike
template what the evidence says, without a model
oracle   what the teacher's own cues say, without a model
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import torch

from edgeaffect.explain.content import Known, plan
from edgeaffect.explain.cues import REGIONS
from edgeaffect.explain.decoder import Decoder as Runtime
from edgeaffect.explain.gate import Gate
from edgeaffect.explain.meaning import Request, prefix
from edgeaffect.explain.speak import Speaker
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from edgeaffect.runtime import open_session
from training.explain.cue_scores import cue_claims
from training.explain.decoder import Decoder
from training.explain.features import Seen
from training.explain.generate import claims_of, keys_and_values, speak
from training.explain.held import Held
from training.explain.sequences import Sequences

REQUESTS = (*(Request("describe_region", region) for region in REGIONS), Request("explain"))
_CHUNK = 250


def free_texts(
    decoder: Decoder, seen: Seen, vocabulary: Vocabulary, *, blind: bool = False, requests: Sequence[Request] = REQUESTS
) -> tuple[list[dict[str, str]], float]:
    """Cue claims per face over all requests, and the share of texts that are of the grammar and say their plan.

    Args:
        decoder: that speaks.
        seen: views.
        vocabulary: of the tokens.
        blind: sees nothing.
        requests: what is asked about each.
    """
    said: list[dict[str, str]] = [{} for _ in range(len(seen))]
    good = count = 0
    for first in range(0, len(seen), _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, len(seen)))
        memory = keys_and_values(decoder, seen, rows, blind=blind)
        for request in requests:
            front = vocabulary.encode(
                [*prefix(request, "neutral", 0.9)[:3], "[none]", prefix(request, "neutral", 0.7)[4]]
            )
            for row, ids in zip(rows.tolist(), speak(decoder, memory, [front] * len(rows)), strict=True):
                claims, is_good = claims_of(ids, vocabulary)
                good, count = good + is_good, count + 1
                for name, state in cue_claims(claims).items():
                    said[row].setdefault(name, state)
    return said, good / count


def gated_texts(
    bundle: ModelBundle, held: Held, known: list[Known], decoder: Decoder
) -> tuple[list[dict[str, str]], list[str]]:
    """Cue claims per face through the run time's gate and proof, and the texts, requests within faces."""
    vocabulary = Vocabulary.from_json(bundle.read("vocabulary"))
    said, texts = [], []
    with torch.no_grad():
        memory = keys_and_values(decoder, held.seen, np.arange(len(known))).numpy()
    session = open_session(bundle.model("decoder"))
    runtime = Runtime(session, longest=64, prefix=8, width=2)
    speaker = Speaker(runtime, vocabulary)
    for row, face in enumerate(known):
        claims: dict[str, str] = {}
        for request in REQUESTS:
            runtime.look_at(memory[row : row + 1])
            *_, draft = speaker.greedy(prefix(request, face.label, face.confidence), Gate(request, face))
            for name, state in cue_claims(draft.claims).items():
                claims.setdefault(name, state)
            texts.append(draft.text)
        said.append(claims)
    session.close()
    return said, texts


def template_claims(known: list[Known]) -> list[dict[str, str]]:
    """What the content planner says from the evidence."""
    return [
        {n: s for request in reversed(REQUESTS) for n, s in cue_claims(plan(request, face, Random(0))).items()}
        for face in known
    ]


def nearest(train: Seen, held: Held, sequences: Sequences) -> list[Known]:
    """What is true of the most similar training view (cosine of mean patches)."""
    rows = np.flatnonzero(train.plain)

    def flat(seen: Seen) -> np.ndarray:
        x = seen.patches.astype(np.float32).reshape(len(seen), 36, -1).mean(1)
        x = x - centre
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    some = train.take(rows)
    centre = some.patches.astype(np.float32).mean((0, 1))
    best = (flat(held.seen) @ flat(some).T).argmax(1)
    return sequences.known(rows[best])


def true_faces(held: Held, vocabulary: Vocabulary, salience: dict[str, Any]) -> list[Known]:
    """What the teacher says of the held-out faces: a template that is told this is the ceiling."""
    return Sequences(held.seen, vocabulary, salience, 2).known(np.arange(len(held)))
