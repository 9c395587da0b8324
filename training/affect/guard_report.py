"""How often a sure answer is another one when something hides the face, per kind and strength.

`python -m training.affect.guard_report --data DIR --file FILE.onnx [--before FILE.onnx] [--split valid]`

The reference is the same model's answer for the untouched crop. On `valid` (reported once for every shipped file) the
figures go to `GUARD.json` beside this file; choices are made with `--split development`, which only prints.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.evaluation.affect_metrics import hard_ece, majority_labels, wilson_interval
from edgeaffect.face.affect import FaceAffect
from edgeaffect.results import Affect
from training.affect.evaluate import rounded
from training.affect.guard_kinds import COVERAGES, KINDS, RESULTS_FILE, UNSEEN, hide
from training.affect.guard_views import no_faces
from training.data import FerPlus, data_folder, read_ferplus
from training.provenance import provenance

NO_FACES = 1000


@dataclass(frozen=True)
class Answers:
    """What a model said of N crops: index of the label, probabilities, quality, and whether it was sure."""

    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    quality: NDArray[np.float64]
    sure: NDArray[np.bool_]

    @classmethod
    def of(cls, affects: Sequence[Affect]) -> Answers:
        """Takes the fields out of the results."""
        probabilities = np.stack([affect.probabilities for affect in affects]).astype(np.float64)
        quality = np.array([affect.quality for affect in affects])
        sure = np.array([affect.is_sure for affect in affects])
        return cls(probabilities.argmax(1), probabilities, quality, sure)


def read(model: FaceAffect, images: np.ndarray) -> Answers:
    """The answers for gray crops uint8 [N, 48, 48]."""
    return Answers.of(model.predict_crops(list(images), color="gray"))


def risk_at_coverage(differs: NDArray[np.bool_], score: NDArray[np.float64]) -> list[float]:
    """Share of other answers among the best `COVERAGES` of the faces, ordered by `score`."""
    ordered = differs[np.argsort(-score, kind="stable")]
    return [float(ordered[: max(1, round(share * len(ordered)))].mean()) for share in COVERAGES]


def row(plain: Answers, hidden: Answers, truth: NDArray[np.int64], majority: NDArray[np.bool_]) -> dict[str, Any]:
    """One kind at one strength."""
    differs = hidden.labels != plain.labels
    count = int(hidden.sure.sum())
    wrong = int((differs & hidden.sure).sum())
    kept = float(hidden.sure[plain.sure].mean()) if plain.sure.any() else 0.0
    right = (hidden.labels == truth)[majority]
    return {
        "sure": count,
        "other": wrong,
        "other_among_sure": wrong / count if count else 0.0,
        "interval": list(wilson_interval(wrong, count)) if count else [0.0, 1.0],
        "still_sure": kept,
        "accuracy": float(right.mean()),
        "ece": hard_ece(hidden.probabilities[majority], truth[majority]),
        "risk": risk_at_coverage(differs, np.minimum(hidden.quality, 1) + 1e-6 * hidden.probabilities.max(1)),
    }


def report(model: FaceAffect, faces: FerPlus, scenes: np.ndarray, before: FaceAffect | None = None) -> dict[str, Any]:
    """All kinds and strengths for one model; `before` is an older one whose sure answers are to be kept."""
    truth, majority = majority_labels(faces.votes)
    plain = read(model, faces.images)
    found: dict[str, Any] = {
        "version": model.model.spec.version,
        "faces": len(faces.images),
        "plain": {
            "sure": float(plain.sure.mean()),
            "accuracy": float((plain.labels == truth)[majority].mean()),
            "accuracy_of_sure": float((plain.labels == truth)[majority & plain.sure].mean()),
        },
    }
    if before is not None:
        old = read(before, faces.images)
        found["plain"] |= {"sure_before": float(old.sure.mean()), "kept": float(plain.sure[old.sure].mean())}
    found["no_face"] = {"sure": float(read(model, scenes).sure.mean()), "pictures": len(scenes)}
    found["kinds"] = {
        name: {
            "unseen": name in UNSEEN,
            "strengths": list(strengths),
            "rows": [row(plain, read(model, hide(faces.images, name, s)), truth, majority) for s in strengths],
        }
        for name, (_, strengths) in KINDS.items()
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--before", type=Path, help="an older file, to see how many plain faces stay sure")
    parser.add_argument("--split", choices=("development", "valid"), default="valid")
    arguments = parser.parse_args()
    folder = data_folder(arguments.data)
    faces = read_ferplus(folder).part(arguments.split)
    scenes = no_faces(folder, NO_FACES, np.random.default_rng(1), split="test")
    before = FaceAffect(arguments.before, device="cpu") if arguments.before else None
    found = report(FaceAffect(arguments.file, device="cpu"), faces, scenes, before)
    found["measured"] = provenance(Path(__file__).parent)
    if arguments.split == "valid":
        results = json.loads(RESULTS_FILE.read_text()) if RESULTS_FILE.exists() else {}
        results[arguments.file.stem] = rounded(found)
        RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n")
    _print(found)


def _print(found: dict[str, Any]) -> None:
    print(json.dumps({key: found[key] for key in ("version", "plain", "no_face")}))
    for name, kind in found["kinds"].items():
        cells = [
            f"{100 * r['other_among_sure']:5.1f}/{100 * r['still_sure']:3.0f}/{100 * r['ece']:4.1f}"
            for r in kind["rows"]
        ]
        print(f"{name:26}{'unseen ' if kind['unseen'] else '       '}" + "  ".join(cells))


if __name__ == "__main__":
    main()
