"""Held-out faces with truth, and what the run time knows of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from edgeaffect.explain.content import Known
from edgeaffect.explain.cues import CUES, FACTS, MEASURED
from training.explain import features, human_truth
from training.explain.corpus import Thresholds, known_faces
from training.explain.evidence import Evidence
from training.explain.faces import VALUES
from training.explain.measures import THRESHOLDS, measured
from training.explain.pictures import read_pictures
from training.explain.salience import contributions

FACES = 400


class Held:
    """Held-out views with truth.

    Attributes:
        seen: the views; truth: bool [n, CUES] by the teacher; told: bool [n, CUES], whether it can be told at all.
        fields: float32 [n, FIELDS] of the package's cues.
    """

    def __init__(self, out: Path, split: str = "test") -> None:
        whole = features.read(out / f"seen-{split}.npz")
        with np.load(out / f"seen-{split}.npz") as file:
            keys, pool = file["keys"], file["pool"]
        self.all, self.pool, self.keys = whole, pool, keys
        fields, teacher = {}, {}
        for part in ("pools", "masks", "none"):
            with np.load(out / f"explain-{part}.npz") as file:
                some = file["split"] == split
                for key, f, t in zip(
                    file["keys"][some].tolist(), file["fields"][some], file["teacher"][some], strict=True
                ):
                    fields[key], teacher[key] = f, t
        rows = self.chosen()
        self.rows, self.seen = rows, whole.take(rows)
        self.fields = np.stack([fields[k] for k in keys[rows].tolist()])
        self._judge(np.stack([teacher[k] for k in keys[rows].tolist()]))

    def chosen(self) -> np.ndarray:
        """Rows of the split that are judged."""
        rows = np.flatnonzero(self.all.plain & self.all.taught & ~np.isin(self.pool, ("face_mask_sets", "sunglasses")))
        return np.random.default_rng(8).permutation(rows)[:FACES]

    def _judge(self, values: np.ndarray) -> None:
        self.truth = measured(values[:, : len(VALUES)]) >= THRESHOLDS
        # The crop is turned upright: a tilt is in the package's cues, not in the picture that the eyes see.
        self.told = np.tile([name in MEASURED and name != "head_tilted" for name in CUES], (len(values), 1))

    def __len__(self) -> int:
        return len(self.rows)


class People(Held):
    """Held-out faces of which people, not the cues' teacher, say what is there: see `human_truth`."""

    def __init__(self, out: Path, data: Path) -> None:
        self._pictures = read_pictures(data, out)
        self._data = data
        super().__init__(out)

    def chosen(self) -> np.ndarray:
        """All views as they are of faces that people have looked at."""
        return np.flatnonzero(self.all.plain & np.isin(self.pool, list(human_truth.POOLS)))

    def _judge(self, values: np.ndarray) -> None:
        pictures = self._pictures
        pictures = pictures.take(
            np.flatnonzero((pictures.split == "test") & np.isin(pictures.pool, list(human_truth.POOLS)))
        )
        found = human_truth.truths(self._data, pictures)
        known = {str(key): cues for key, (_, cues) in zip(pictures.keys, found, strict=True)}
        table = np.array([[known[str(k)].get(name, np.nan) for name in CUES] for k in self.keys[self.rows]])
        self.truth, self.told = table == 1, ~np.isnan(table)


def evidence_known(held: Held, out: Path) -> list[Known]:
    """What the run time knows of the held-out faces."""
    evidence = Evidence.read(out / "evidence.json")
    salience, rules = (json.loads((out / f"{n}.json").read_text()) for n in ("salience", "fact_limits"))
    cues = evidence.probabilities(held.fields)
    low, high = evidence.limits()
    logits = held.seen.summary[:, len(CUES) :]
    facts = np.stack(
        [1 / (1 + np.exp(-(logits[:, i] * rules[n]["scale"] + rules[n]["bias"]))) for i, n in enumerate(FACTS)], 1
    )
    affect = held.seen.affect
    return list(
        known_faces(
            cues,
            facts,
            affect[:, :8],
            affect[:, 8:10],
            contributions(salience, cues),
            cue_limits=Thresholds(low, high),
            fact_limits=Thresholds(
                np.array([rules[n]["lo"] for n in FACTS]), np.array([rules[n]["hi"] for n in FACTS])
            ),
            confidence=affect[:, 11],
            least=salience["least_salience"],
        )
    )
