"""What a first look saves and costs: `python -m training.affect.first_look --data DIR [--first FILE] [--hidden N]`.

A small network answers the faces that it is sure of, a larger one all others (`edgeaffect.face.first_look`). Both read
every face of the development part once; each rule is then a choice between two answers that are known.

* The threshold is chosen on one half of the faces and reported on the other, and the other way round: the lowest at
  which `SAME` of the faces that end have the label that the second network gives them too, with `quality` as `is_sure`
  wants it. (By its loss of accuracy it cannot be chosen: that is three faces in a thousand, and halves differ by more.
  "At most 0.2 points" gave 0.7 on one half and 0.95 on the other.)
* Beside it: the rule as it is by default, all thresholds of `GRID`, and what hides a face (`guard_kinds`): sure answers
  that are not those of the untouched face, with and without the first look.

Figures are printed, and for bundled models go to `FIRST_LOOK.json` beside this file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.evaluation import affect_metrics as metrics
from edgeaffect.face.affect import FaceAffect
from edgeaffect.models.registry import has_known_digest
from edgeaffect.options import AffectOptions
from training.affect.evaluate import rounded, stacked
from training.affect.guard_kinds import SEEN, UNSEEN, hide
from training.affect.guard_views import no_faces
from training.data import FerPlus, data_folder, read_ferplus
from training.provenance import provenance

RECORD = Path(__file__).with_name("FIRST_LOOK.json")
GRID = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
SAME = 0.98
NO_FACES, SEED = 1000, 3
Rule = tuple[float, float]
"""Least probability of the label and least quality with which a face ends."""
NEVER: Rule = (2.0, 0.0)


@dataclass(frozen=True)
class Said:
    """Answers for n faces: probabilities and votes [n, 8], quality and whether it was sure [n]."""

    probabilities: NDArray[np.float64]
    votes: NDArray[np.float64]
    quality: NDArray[np.float64]
    sure: NDArray[np.bool_]

    @classmethod
    def of(cls, stage: FaceAffect, images: np.ndarray) -> Said:
        """Shows gray crops uint8 [n, 48, 48] to a stage."""
        affects = stage.predict_crops(list(images), color="gray")
        return cls(*(stacked(affects, name) for name in ("probabilities", "votes", "quality", "is_sure")))

    @property
    def labels(self) -> NDArray[np.int64]:
        """Index of the label [n]."""
        return np.asarray(self.probabilities.argmax(1))

    def take(self, rows: NDArray[Any]) -> Said:
        """The faces at `rows`."""
        return replace(self, **{name: value[rows] for name, value in vars(self).items()})


@dataclass(frozen=True)
class Pair:
    """What both networks say of the same faces."""

    first: Said
    second: Said

    @classmethod
    def of(cls, stages: tuple[FaceAffect, FaceAffect], images: np.ndarray) -> Pair:
        """Shows all crops to both stages."""
        return cls(*(Said.of(stage, images) for stage in stages))

    def ends(self, rule: Rule) -> NDArray[np.bool_]:
        """Faces that the first network answers."""
        return (self.first.probabilities.max(1) >= rule[0]) & (self.first.quality >= rule[1])

    def together(self, rule: Rule) -> Said:
        """Each face's answer under a rule."""
        ends = self.ends(rule)
        both = ((name, value, vars(self.second)[name]) for name, value in vars(self.first).items())
        return Said(**{name: np.where(ends[:, None] if a.ndim == 2 else ends, a, b) for name, a, b in both})

    def take(self, rows: NDArray[Any]) -> Pair:
        """The faces at `rows`."""
        return Pair(self.first.take(rows), self.second.take(rows))


def scores(pair: Pair, faces: FerPlus, rule: Rule) -> dict[str, Any]:
    """Share of faces that end, and what the answers are worth beside those of the second network alone."""
    labels, majority = metrics.majority_labels(faces.votes)
    shares, voted = metrics.emotion_shares(faces.votes)
    mixed, ends = pair.together(rule), pair.ends(rule)
    gained = ((mixed.labels == labels).astype(float) - (pair.second.labels == labels))[majority]

    def cross_entropy(said: Said) -> float:
        return float(-(shares[voted] * np.log(np.maximum(said.votes[voted], 1e-9))).sum(1).mean())

    def ece(said: Said) -> float:
        return metrics.hard_ece(said.probabilities[majority], labels[majority])

    return {
        "rule": list(rule), "ended": float(ends.mean()),
        "accuracy": float((mixed.labels == labels)[majority].mean()),
        "difference": float(gained.mean()), "interval": list(metrics.bootstrap_interval(gained)),
        "cross_entropy": cross_entropy(mixed), "cross_entropy_second": cross_entropy(pair.second),
        "ece": ece(mixed), "ece_second": ece(pair.second),
        "same_label": float((pair.first.labels == pair.second.labels)[ends].mean()) if ends.any() else None,
        "sure": float(mixed.sure.mean()), "sure_second": float(pair.second.sure.mean()),
    }  # fmt: skip


def choose(pair: Pair, quality: float) -> float:
    """The lowest threshold of `GRID` at which `SAME` of the faces that end are read alike; else the highest."""
    alike = pair.first.labels == pair.second.labels
    for threshold in GRID:
        ends = pair.ends((threshold, quality))
        if ends.any() and alike[ends].mean() >= SAME:
            return threshold
    return GRID[-1]


def cross_validated(pair: Pair, faces: FerPlus, quality: float) -> dict[str, Any]:
    """Each half judged by the threshold that the other half chose."""
    half = np.random.default_rng(SEED).permutation(len(faces.images)) % 2 == 0
    found = []
    for chooses, judges in ((half, ~half), (~half, half)):
        threshold = choose(pair.take(chooses), quality)
        found.append(scores(pair.take(judges), faces.take(judges), (threshold, quality)))
    return {
        "thresholds": [one["rule"][0] for one in found],
        "halves": found,
        **{key: float(np.mean([one[key] for one in found])) for key in ("ended", "difference")},
    }


def counted(hidden: Sequence[Pair], plain: Pair, rule: Rule) -> dict[str, Any]:
    """Sure answers about hidden faces, and those among them that are not the untouched face's."""
    before = plain.together(rule).labels
    said = [pair.together(rule) for pair in hidden]
    sure = sum(int(one.sure.sum()) for one in said)
    other = sum(int((one.sure & (one.labels != before)).sum()) for one in said)
    ended = float(np.mean([pair.ends(rule).mean() for pair in hidden]))
    return {"sure": sure, "other": other, "other_among_sure": other / max(sure, 1), "ended": ended}


def hidden_scores(stages: tuple[FaceAffect, FaceAffect], images: np.ndarray, strangers: np.ndarray) -> dict[str, Any]:
    """`counted` by rule, for kinds that trainings know and for the others, and sure answers where there is no face."""
    plain, nobody = Pair.of(stages, images), Pair.of(stages, strangers)
    options = AffectOptions()
    rules: dict[str, Rule] = {
        "first look": (options.first_confidence, options.first_quality),
        "without its quality": (options.first_confidence, 0.0),
        "second alone": NEVER,
    }
    found: dict[str, Any] = {"faces": len(images), "no_faces": len(strangers), **{name: {} for name in rules}}
    for group, kinds in (("seen", SEEN), ("unseen", UNSEEN)):
        pairs = [Pair.of(stages, hide(images, name, s)) for name, (_, strengths) in kinds.items() for s in strengths]
        for name, rule in rules.items():
            found[name][group] = counted(pairs, plain, rule)
    for name, rule in rules.items():
        found[name]["no_face_sure"] = float(nobody.together(rule).sure.mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--first", default="affect-nano", help="name or path of the small model")
    parser.add_argument("--second", help="name or path of the larger one (default: the default)")
    parser.add_argument("--hidden", type=int, default=0, metavar="N", help="also hide N faces in every way (minutes)")
    arguments = parser.parse_args()
    folder, options = data_folder(arguments.data), AffectOptions()
    faces = read_ferplus(folder).part("development")
    rule = (options.first_confidence, options.first_quality)
    with (
        FaceAffect(arguments.first, device="cpu") as first,
        FaceAffect(arguments.second, device="cpu") as second,
    ):
        stages = (first, second)
        pair = Pair.of(stages, faces.images)
        found: dict[str, Any] = {
            "models": [f"{one.model.name} {one.model.spec.version}" for one in stages],
            "faces": len(faces.images), "default": scores(pair, faces, rule),
        }  # fmt: skip
        alone = scores(pair, faces, (0.0, 0.0))
        found["first_alone"] = {key: alone[key] for key in ("accuracy", "cross_entropy", "ece", "sure")}
        for name, quality in (("guarded", rule[1]), ("unguarded", 0.0)):
            found[name] = [scores(pair, faces, (threshold, quality)) for threshold in GRID]
        found["cross_validated"] = cross_validated(pair, faces, rule[1])
        if arguments.hidden:
            random = np.random.default_rng(SEED)
            some = faces.images[np.sort(random.permutation(len(faces.images))[: arguments.hidden])]
            strangers = no_faces(folder, NO_FACES, np.random.default_rng(1), split="test")
            found["hidden"] = hidden_scores(stages, some, strangers)
    found["measured"] = provenance(Path(__file__).parent)
    print(json.dumps(rounded(found), indent=1))
    if all(has_known_digest(stage.model) for stage in stages):
        RECORD.write_text(json.dumps(rounded(found), indent=1) + "\n")


if __name__ == "__main__":
    main()
