"""A reader on the opened texts of people who saw no grammar, without pictures, and the threshold of refusals.

`python -m training.explain.reader_opened --reader OUT/reader.onnx --vocabulary OUT/vocabulary.json [--show]`

Questions are read right when what they ask is what their writer meant; of paraphrases those count that are read like
the first of their group. The threshold from which on a question is refused is chosen for each set on the others, so
that refusals of this set have had no part in it; `chosen` is the one of all sets. What is measured here is development.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.explain.meaning import WHOLE_FACE, Request
from edgeaffect.explain.reader import Reader
from edgeaffect.explain.reading import Reading
from edgeaffect.explain.viewpoint import from_camera
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import ModelSpec
from edgeaffect.runtime import open_session

from .written import DEVELOPMENT, OPENED, question

THRESHOLDS = np.round(np.arange(0.2, 0.86, 0.05), 2)


def open_reader(path: Path, vocabulary: Path) -> Reader:
    """The reader of a file outside of a bundle."""
    words = Vocabulary.from_json(vocabulary.read_bytes())
    return Reader(open_session(ModelFile(path, ModelSpec.from_onnx(path))), words)


def meant(entry: Mapping[str, Any]) -> Request:
    """What the writer of a question meant."""
    found = question(entry.get("text", ""), entry["intent"], entry["slot"] or "none", entry["present"])
    if found.intent == "describe_visible":
        return WHOLE_FACE
    return Request(found.intent, found.slot, found.claims.get(found.slot, True))


def read(reader: Reader, texts: Sequence[str]) -> list[Reading]:
    """Readings as `ask` has them."""
    given = [from_camera(text) for text in texts]
    return [one for i in range(0, len(given), 64) for one in reader.read_questions(given[i : i + 64])]


def refusals(readings: Sequence[Reading], truth: Sequence[Request], threshold: float) -> np.ndarray:
    """[3] refused and meant to be, refused, meant to be."""
    did = np.array([one.intents["refuse"] >= threshold for one in readings])
    to = np.array([one.intent == "refuse" for one in truth])
    return np.array([(did & to).sum(), did.sum(), to.sum()])


def best(counts: Mapping[float, np.ndarray]) -> float:
    """The threshold with the best F1 of refusals."""
    return max(counts, key=lambda t: (round(2 * counts[t][0] / max(1, counts[t][1] + counts[t][2]), 4), -abs(t - 0.5)))


def right(request: Request, truth: Request) -> bool:
    """Whether a question is read as meant; why it is refused does not matter here, of paraphrases it does."""
    return request == truth or (request.intent == truth.intent == "refuse")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=[DEVELOPMENT])
    parser.add_argument("--show", action="store_true", help="print what is read wrongly")
    args = parser.parse_args(argv)
    reader = open_reader(args.reader, args.vocabulary)
    counts: dict[str, dict[float, np.ndarray]] = {}
    record: dict[str, Any] = {}
    for name in args.sets:
        questions = json.loads((OPENED / name / "questions.json").read_text())
        truth = [meant(entry) for entry in questions]
        readings = read(reader, [entry["text"] for entry in questions])
        counts[name] = {float(t): refusals(readings, truth, float(t)) for t in THRESHOLDS}
        asks = [i for i, one in enumerate(truth) if one.intent != "refuse"]
        wrong = [i for i, one in enumerate(readings) if not right(one.request(), truth[i])]
        groups = json.loads((OPENED / name / "paraphrases.json").read_text())
        pairs = []
        for group in groups:
            first, *others = [one.request() for one in read(reader, group["texts"])]
            pairs += [
                (group["texts"][0], text, first, one) for text, one in zip(group["texts"][1:], others, strict=True)
            ]
        record[name] = {
            "questions": len(asks), "read_right": round(1 - len(set(wrong) & set(asks)) / len(asks), 4),
            "paraphrases": len(pairs), "alike": round(float(np.mean([a == b for _, _, a, b in pairs])), 4),
        }  # fmt: skip
        if args.show:
            for i in wrong:
                print(f"{name} | {questions[i]['text']} | {truth[i]} | {readings[i].request()}")
            for first_text, text, a, b in pairs:
                if a != b:
                    print(f"{name} | {first_text} | {text} | {a} | {b}")
    for name in args.sets:
        rest = [counts[other] for other in args.sets if other != name] or [counts[name]]
        threshold = best({float(t): np.sum([one[float(t)] for one in rest], 0) for t in THRESHOLDS})
        for words, value in (("at_half", 0.5), ("at_the_others_threshold", threshold)):
            both, did, to = counts[name][value]
            record[name][words] = {
                "threshold": value, "recall": round(both / to, 4), "precision": round(both / max(1, did), 4),
            }  # fmt: skip
    record["chosen"] = best({float(t): np.sum([one[float(t)] for one in counts.values()], 0) for t in THRESHOLDS})
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
