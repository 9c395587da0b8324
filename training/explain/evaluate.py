"""How well the explainer sees and speaks, on people no training has seen: `python -m training.explain.evaluate`.

`--data DIR --out DIR --decoder NAME --blind NAME` writes `RESULTS.json`. Truth of cues is MediaPipe's answer (mean of
picture and mirror) on held-out faces: FER+ `valid`, and test people, clips and pictures of the other pools. `cues`
holds the scores (`cue_scores`) of what is compared (`systems`); `people` the same on faces of which people say what is
there (`human_truth`); `language` the words' scores; the rest comes from `probes` and `sight_scores`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgeaffect.explain.content import Known
from edgeaffect.explain.vocabulary import Vocabulary
from edgeaffect.models.bundle import ModelBundle
from training.data import data_folder
from training.explain import features, language, probes, sight_scores
from training.explain.cue_scores import scores_of
from training.explain.decoder import Decoder
from training.explain.features import Seen
from training.explain.held import Held, People, evidence_known
from training.explain.sequences import Sequences
from training.explain.speak import load
from training.explain.systems import REQUESTS, free_texts, gated_texts, nearest, template_claims, true_faces
from training.provenance import provenance

RESULTS = Path(__file__).with_name("RESULTS.json")
GATED_FACES, ABLATION_FACES = 200, 200

Parts = Mapping[str, Callable[[], Any]]
"""Name in the record -> what measures it."""


@dataclass(frozen=True)
class Trained:
    """What a training made, and the held-out faces that judge it."""

    out: Path
    decoder: Decoder
    bundle: ModelBundle
    blind: Path
    """Checkpoint of the blind language model, which may be missing."""
    held: Held
    known: list[Known]
    """What the run time knows of the held-out faces."""
    train: Seen
    sequences: Sequences
    """The training views' sequences."""
    vocabulary: Vocabulary
    salience: dict[str, Any]

    @classmethod
    def read(cls, out: Path, decoder: str, blind: str, bundle: Path | None) -> Trained:
        """From checkpoints of these names, and a bundle that is `OUT/explainer.zip` unless told."""
        vocabulary, held = Vocabulary(), Held(out)
        salience = json.loads((out / "salience.json").read_text())
        train = features.read(out / "seen-train.npz")
        return cls(
            out, load(out / f"{decoder}.pt"), ModelBundle.open(bundle or out / "explainer.zip"), out / f"{blind}.pt",
            held, evidence_known(held, out), train, Sequences(train, vocabulary, salience, 1), vocabulary, salience,
        )  # fmt: skip

    def true_faces(self) -> list[Known]:
        """What the teacher says of the held-out faces."""
        return true_faces(self.held, self.vocabulary, self.salience)

    def nearest(self, held: Held) -> list[Known]:
        """What is true of the training views most like some faces."""
        return nearest(self.train, held, self.sequences)

    def blind_texts(self, held: Held) -> list[dict[str, str]]:
        """Cue claims of the blind language model."""
        return free_texts(load(self.blind), held.seen, self.vocabulary, blind=True)[0]


def by_cues(made: Trained) -> dict[str, Any]:
    """The scores of all systems, how many free texts are of the grammar, and the first gated texts."""
    held = made.held
    said, parsed = free_texts(made.decoder, held.seen, made.vocabulary)
    cues: dict[str, Any] = {"free": scores_of(said, held)}
    print("free", cues["free"], parsed, flush=True)
    gated, texts = gated_texts(made.bundle, held, made.known[:GATED_FACES], made.decoder)
    cues["gated"] = scores_of(gated, held, np.arange(GATED_FACES))
    print("gated", cues["gated"], flush=True)
    cues["template"] = scores_of(template_claims(made.known), held)
    if made.blind.exists():
        cues["blind"] = scores_of(made.blind_texts(held), held)
    cues["nearest"] = scores_of(template_claims(made.nearest(held)), held)
    cues["oracle"] = scores_of(template_claims(made.true_faces()), held)
    for name, row in cues.items():
        print(name, row["f1"], row["hallucination"], flush=True)
    names = [f"{request.intent} {request.slot}" for request in REQUESTS] * 4
    return {
        "parse_rate": round(parsed, 4),
        "texts": [f"{name}: {text}" for name, text in zip(names, texts, strict=False)],
        "cues": cues,
    }


def by_people(made: Trained, people: People) -> dict[str, Any]:
    """The scores of all systems on faces of which people say what is there."""
    known = evidence_known(people, made.out)
    rows = {
        "free": scores_of(free_texts(made.decoder, people.seen, made.vocabulary)[0], people),
        "gated": scores_of(gated_texts(made.bundle, people, known, made.decoder)[0], people),
        "template": scores_of(template_claims(known), people),
        "nearest": scores_of(template_claims(made.nearest(people)), people),
    }
    if made.blind.exists():
        rows["blind"] = scores_of(made.blind_texts(people), people)
    return {"faces": len(people), "told": int(people.told.sum()), **rows}


def by_language(made: Trained) -> dict[str, Any]:
    """`language.compare` on the first `GATED_FACES` faces."""
    some = np.arange(min(GATED_FACES, len(made.held)))
    faces, seen, known = made.true_faces()[: len(some)], made.held.seen.take(some), made.known[: len(some)]
    gated: list[str] = []
    systems: dict[str, Callable[[], list[str]]] = {
        "free": lambda: language.spoken_freely(made.decoder, seen, known, REQUESTS),
        "gated": lambda: gated,
        "template": lambda: language.planned(known, REQUESTS, 7),
        "nearest": lambda: language.planned(made.nearest(made.held)[: len(some)], REQUESTS, 7),
        "oracle": lambda: language.planned(faces, REQUESTS, 7),
    }
    if made.blind.exists():
        systems["blind"] = lambda: language.spoken_freely(load(made.blind), seen, known, REQUESTS, blind=True)
    told = gated_texts(made.bundle, made.held, known, made.decoder)[1]
    gated.extend(told[face * len(REQUESTS) + place] for place in range(len(REQUESTS)) for face in range(len(some)))
    return language.compare(systems, language.references(faces, REQUESTS))


def ablations(out: Path, names: Sequence[str], held: Held, vocabulary: Vocabulary) -> dict[str, Any]:
    """Free F1 and hallucination of other checkpoints, on the first `ABLATION_FACES` faces.

    `NAME=FOLDER` is one that sees with other eyes, whose features lie in that folder beside it.
    """
    rows: dict[str, Any] = {}
    for given in names:
        name, _, folder = given.partition("=")
        faces, place = (Held(Path(folder)), Path(folder)) if folder else (held, out)
        some = np.arange(min(ABLATION_FACES, len(faces)))
        said, share = free_texts(load(place / f"{name}.pt"), faces.seen.take(some), vocabulary)
        row = scores_of(said, faces, some)
        rows[name] = {"f1": row["f1"], "hallucination": row["hallucination"], "parse_rate": round(share, 4),
                      "commit": provenance(Path(__file__).parent)["commit"]}  # fmt: skip
        print(name, rows[name], flush=True)
    return rows


def parts_of(made: Trained, data: Path, others: Sequence[str]) -> Parts:
    """All of the record but `cues`, in its order; `others` are the checkpoints of `ablations`."""
    decoder, held, vocabulary = made.decoder, made.held, made.vocabulary
    return {
        "swap": lambda: probes.swap(decoder, held, vocabulary),
        "people": lambda: by_people(made, People(made.out, data)),
        "language": lambda: by_language(made),
        "label_not_told": lambda: probes.label_follows(decoder, held, vocabulary),
        "facts": lambda: sight_scores.facts_auc(held),
        "covered": lambda: probes.mask_regions(decoder, held, vocabulary),
        "shuffled_weights_valid": lambda: probes.shuffled(decoder, held, vocabulary),
        "int8": lambda: probes.agreement(decoder, made.bundle, Sequences(held.all, vocabulary, made.salience, 2)),
        "confidence": lambda: sight_scores.confidence(decoder, held),
        "ablations": lambda: ablations(made.out, others, held, vocabulary),
    }


def refresh(results: Path, parts: Parts, names: Sequence[str]) -> None:
    """Measures some parts of a record anew."""
    record = json.loads(results.read_text())
    for name in names:
        found = parts[name]()
        record[name] = record.get(name, {}) | found if name == "ablations" else found
        record.setdefault("refreshed", {})[name] = provenance(Path(__file__).parent)["commit"]
        print(name, found, flush=True)
        results.write_text(json.dumps(record, indent=1) + "\n")


def choose(out: Path, names: Sequence[str]) -> None:
    """Prints how the checkpoints do on development faces: what to ship is decided here."""
    torch.set_num_threads(1)
    held, vocabulary = Held(out, "dev"), Vocabulary()
    some = np.arange(min(ABLATION_FACES, len(held)))
    for name in names:
        said, share = free_texts(load(out / f"{name}.pt"), held.seen.take(some), vocabulary)
        row = scores_of(said, held, some)
        print(name, row["f1"], row["hallucination"], row["recall"], row["absent_claims"], round(share, 4), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--decoder", default="student", help="checkpoint in the bundle")
    parser.add_argument("--bundle", type=Path, help="default: OUT/explainer.zip")
    parser.add_argument("--blind", default="blind", help="checkpoint of the blind language model")
    parser.add_argument("--ablations", nargs="*", default=[], help="NAME or NAME=FOLDER: other checkpoints to measure")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--parts", nargs="*", help="measure only these parts of the results anew")
    parser.add_argument("--choose", nargs="*", help="only compare these checkpoints, on development faces")
    arguments = parser.parse_args()
    if arguments.choose:
        choose(arguments.out, arguments.choose)
        return
    data = data_folder(arguments.data)
    torch.set_num_threads(1)
    made = Trained.read(arguments.out, arguments.decoder, arguments.blind, arguments.bundle)
    parts, held = parts_of(made, data, arguments.ablations), made.held
    if arguments.parts:
        refresh(arguments.results, parts, arguments.parts)
        return
    record = {
        **provenance(Path(__file__).parent),
        "decoder": arguments.decoder,
        "bundle_bytes": made.bundle.path.stat().st_size,
        "faces": len(held),
        "pools": dict(zip(*(a.tolist() for a in np.unique(held.pool[held.rows], return_counts=True)), strict=True)),
        **by_cues(made),
        **{name: part() for name, part in parts.items()},
    }
    if arguments.results.exists():  # rows of earlier trainings, whose checkpoints are gone
        record["ablations"] = json.loads(arguments.results.read_text()).get("ablations", {}) | record["ablations"]
    arguments.results.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps({k: v for k, v in record.items() if k not in ("cues", "packages")}, indent=1))


if __name__ == "__main__":
    main()
