"""Measures a reader on held-out families of wordings, beside the parser of keywords.

`python -m training.explain.reader_report --reader OUT/report.onnx --vocabulary OUT/vocabulary.json [--count N]`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from edgeaffect.explain.meaning import OPPOSABLE, Request
from edgeaffect.explain.reader import Reader
from edgeaffect.explain.reading import Reading
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import ModelSpec
from edgeaffect.runtime import open_session
from training.provenance import provenance

from .keywords import Parsed, parse_keywords
from .reader_data import held_out
from .wordings import STATEMENT, Wording, wording


def open_reader(path: Path, vocabulary: Path) -> Reader:
    """The reader of a file outside of a bundle."""
    words = Vocabulary.from_json(vocabulary.read_bytes())
    return Reader(open_session(ModelFile(path, ModelSpec.from_onnx(path))), words)


def asked(found: Wording) -> Request:
    """The request that a question is."""
    present = found.claims.get(found.slot, True) or found.intent not in OPPOSABLE
    return Request(found.intent, found.slot, present)


def right_claims(said: Mapping[str, bool], truth: Mapping[str, bool]) -> bool:
    """Whether every claim was found, with its sign, and no other."""
    return dict(said) == dict(truth)


def figures(
    wordings: Sequence[Wording],
    requests: Sequence[Request],
    claims: Sequence[Mapping[str, bool]],
    refused: Sequence[bool],
) -> dict[str, Any]:
    """Shares that were right, with their counts."""
    questions = [i for i, w in enumerate(wordings) if w.intent != STATEMENT]
    asks = [i for i in questions if wordings[i].intent not in ("refuse", "unclear")]
    statements = [i for i, w in enumerate(wordings) if w.intent == STATEMENT]
    single = [i for i in statements if len(wordings[i].claims) == 1]
    to_refuse = np.array([wordings[i].intent == "refuse" for i in questions])
    did_refuse = np.array([refused[i] for i in questions])
    both = float((to_refuse & did_refuse).sum())
    signs = [(name, holds, claims[i]) for i in statements for name, holds in wordings[i].claims.items()]
    return {
        "intent": _share(requests[i].intent == wordings[i].intent for i in asks),
        "slot": _share(requests[i].slot == wordings[i].slot for i in asks),
        "request": _share(requests[i] == asked(wordings[i]) for i in asks),
        "refusal_recall": both / max(1, to_refuse.sum()),
        "refusal_precision": both / max(1, did_refuse.sum()),
        "refusal_reason": _share(
            requests[i].slot == wordings[i].slot for i in questions if wordings[i].intent == "refuse"
        ),
        "statement": _share(right_claims(claims[i], wordings[i].claims) for i in statements),
        "statement_of_one_claim": _share(right_claims(claims[i], wordings[i].claims) for i in single),
        "claim_found": _share(name in said for name, _, said in signs),
        "claim_sign": _share(said[name] == holds for name, holds, said in signs if name in said),
        "questions": len(questions), "statements": len(statements),
    }  # fmt: skip


def _share(values: Any) -> float:
    values = list(values)
    return float(np.mean(values)) if values else float("nan")


def of_reader(readings: Sequence[Reading]) -> tuple[list[Request], list[dict[str, bool]], list[bool]]:
    """Requests, claims and refusals of the reader."""
    requests = [reading.request() for reading in readings]
    return requests, [reading.said() for reading in readings], [request.intent == "refuse" for request in requests]


def of_keywords(parsed: Sequence[Parsed]) -> tuple[list[Request], list[dict[str, bool]], list[bool]]:
    """The same of the parser of keywords."""
    requests = [found.request for found in parsed]
    return requests, [dict(found.claims) for found in parsed], [request.intent == "refuse" for request in requests]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--count", type=int, default=6000, help="held-out wordings")
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes")
    args = parser.parse_args(argv)
    reader, rng = open_reader(args.reader, args.vocabulary), Random(977)
    wordings: list[Wording] = []
    while len(wordings) < args.count:
        found = wording(rng)
        if any(map(held_out, found.families)):
            wordings.append(found)
    readings = [
        reading
        for i in range(0, args.count, 64)
        for reading in reader.read_many([w.text for w in wordings[i : i + 64]])
    ]
    ours = of_reader(readings)
    theirs = of_keywords([parse_keywords(found.text) for found in wordings])
    shown = 0
    for found, request, said in zip(wordings, ours[0], ours[1], strict=True):
        wrong = not right_claims(said, found.claims) if found.intent == STATEMENT else request != asked(found)
        if wrong and shown < args.show:
            shown += 1
            print(f"{found.text} | {found.intent} {found.slot} {dict(found.claims)} | read {request} {said}")
    record = {
        "reader": figures(wordings, *ours), "keywords": figures(wordings, *theirs),
        "bytes": args.reader.stat().st_size, **provenance(Path(__file__).parent),
    }  # fmt: skip
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
