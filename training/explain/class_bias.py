"""Which emotions the explainer prefers: `python -m training.explain.class_bias --archive explain-test.zip`.

Unseen faces with a majority of FER+ votes (`training.explain.evaluation_set`) are explained. Three counts of the eight
classes: what people said, the affect stage's label, and emotions that the sentences name as what the face looks like.
A preference is the share of a class among sentences minus its share among people (a sentence that names none counts in
neither); `distance` is half the sum of their sizes (total variation), with a 95 % interval by resampling faces, and
`distance of chance` what as many faces drawn from people's own shares give. Writes CLASS_BIAS.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect import Explainer
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cli.eval_explain import read_face
from edgeaffect.evaluation.explain_data import read_explain_data
from edgeaffect.explain.parsing import ParseError, parse
from edgeaffect.explain.vocabulary import tokenize
from edgeaffect.face.affect import FaceAffect
from edgeaffect.face.cues import FaceCues
from training.provenance import provenance

RESULTS = Path(__file__).with_name("CLASS_BIAS.json")
RESAMPLES = 1000


def named(text: str) -> str | None:
    """The first emotion that a sentence says is there."""
    try:
        claims = parse(tokenize(text))
    except ParseError:
        return None
    return next((c.name for c in claims if c.kind == "emotion" and c.state == "present"), None)


def shares(classes: np.ndarray) -> np.ndarray:
    """[8] of numbers of classes."""
    return np.asarray(np.bincount(classes, minlength=len(EMOTIONS)) / len(classes))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Total variation of the classes of two sets of the same faces."""
    return float(np.abs(shares(a) - shares(b)).sum() / 2)


def compare(said: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    """Preferences, and their distance with its interval, of two [n] of the same faces."""
    random = np.random.default_rng(0)
    rows = [random.integers(0, len(said), len(said)) for _ in range(RESAMPLES)]
    low, high = np.quantile([distance(said[r], people[r]) for r in rows], (0.025, 0.975))
    chance = [distance(people[r], people) for r in rows]
    gap = shares(said) - shares(people)
    return {
        "faces": len(said),
        "distance": {"value": round(distance(said, people), 4), "interval": [round(float(v), 4) for v in (low, high)]},
        "distance of chance": round(float(np.mean(chance)), 4),
        "preference": {name: round(float(gap[i]), 4) for i, name in enumerate(EMOTIONS)},
        "counts": {
            name: [int((people == i).sum()), int((said == i).sum())] for i, name in enumerate(EMOTIONS)
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", required=True, type=Path)
    arguments = parser.parse_args()
    people, labels, texts = [], [], []
    with FaceAffect() as affect, FaceCues() as cues, Explainer() as explainer:
        for one in read_explain_data(arguments.archive).faces:
            if one.label is None:
                continue
            face = read_face(one, affect, cues)
            assert face.affect is not None
            name = named(explainer.explain(one.image, face).text)
            people.append(EMOTIONS.index(one.label))
            labels.append(EMOTIONS.index(face.affect.label))
            texts.append(-1 if name is None else EMOTIONS.index(name))
    truth, stage, said = np.array(people), np.array(labels), np.array(texts)
    there = said >= 0
    record = {
        **provenance(Path(__file__).parent),
        "sentences that name an emotion": round(float(there.mean()), 4),
        "affect stage": compare(stage, truth),
        "sentences": compare(said[there], truth[there]),
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
