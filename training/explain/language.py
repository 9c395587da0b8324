"""How near what is said comes to what could be said: BLEU, ROUGE-L, CIDEr-D and distinct sentences, beside baselines.

References are five sentences each of the content planner about the teacher's cues of a held-out face, per question; so
the template that is told these cues (oracle) is the ceiling, and what the words of a template are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from edgeaffect.evaluation.text_metrics import bleu, cider_d, rouge_l
from edgeaffect.explain.content import Known, plan
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.meaning import Request, prefix
from edgeaffect.explain.parsing import words_of
from edgeaffect.explain.vocabulary import Vocabulary, detokenize
from training.explain.decoder import Decoder
from training.explain.features import Seen
from training.explain.generate import keys_and_values, speak

REFERENCES = 5
_CHUNK = 250


def told(request: Request, known: Known, rng: Random) -> str:
    """One sentence of the planner."""
    return detokenize(words_of(realise(plan(request, known, rng), rng)))


def planned(faces: Sequence[Known], requests: Sequence[Request], seed: int) -> list[str]:
    """One sentence about each face for each request, faces within requests."""
    rng = Random(seed)
    return [told(request, face, rng) for request in requests for face in faces]


def references(faces: Sequence[Known], requests: Sequence[Request]) -> list[list[str]]:
    """`REFERENCES` sentences each, in the order of `planned`."""
    columns = [planned(faces, requests, 100 + i) for i in range(REFERENCES)]
    return [list(row) for row in zip(*columns, strict=True)]


def spoken_freely(
    decoder: Decoder, seen: Seen, faces: Sequence[Known], requests: Sequence[Request], *, blind: bool = False
) -> list[str]:
    """What the model says without a gate, its label told; in the order of `planned`."""
    vocabulary, said = Vocabulary(), []
    for request in requests:
        for first in range(0, len(faces), _CHUNK):
            rows = np.arange(first, min(first + _CHUNK, len(faces)))
            fronts = [vocabulary.encode(prefix(request, faces[i].label, faces[i].confidence)) for i in rows.tolist()]
            for ids in speak(decoder, keys_and_values(decoder, seen, rows, blind=blind), fronts):
                said.append(detokenize(words_of(vocabulary.decode(list(ids)))))
    return said


def scores(texts: Sequence[str], wanted: Sequence[Sequence[str]]) -> dict[str, Any]:
    """BLEU-4, mean ROUGE-L, CIDEr-D, and the share of different sentences."""
    return {
        "bleu": round(bleu(texts, wanted), 4),
        "rouge_l": round(float(np.mean([rouge_l(t, w) for t, w in zip(texts, wanted, strict=True)])), 4),
        "cider_d": round(cider_d(texts, wanted), 4),
        "distinct": round(len(set(texts)) / len(texts), 4),
        "texts": len(texts),
    }


def compare(systems: Mapping[str, Callable[[], list[str]]], wanted: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The scores of each system."""
    return {name: scores(texts(), wanted) for name, texts in systems.items()}
