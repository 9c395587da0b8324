"""Probability that a cue is there, from the package's own cues: `python -m training.explain.evidence --out DIR`.

Per cue a logistic regression from a few numbers of `Cues` to "the teacher's measure reaches its threshold", fitted on
faces of training people, and two thresholds chosen on development people: at `high` and above the cue is present with
the wanted precision, at `low` and below it is absent with the wanted precision; between both nobody says anything.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from training.cues.evaluate import auc
from training.cues.labels import split_of
from training.explain.faces import FIELDS, VALUES
from training.explain.measures import CUES, MEASURES
from training.provenance import provenance

SCHEMA = "edgeaffect.evidence/1"
# Share of faces with the cue among those said to have it, and of faces without it among those said to be without.
PRESENT_PRECISION, ABSENT_PRECISION = 0.95, 0.95
LEAST_CALLED = 15
# Numbers that tell a cue: what its measure is made of, and what it is often taken for. Names as in
# `edgeaffect.explain.evidence.features`.
FEATURES: dict[str, tuple[str, ...]] = {
    "smile": ("mouthSmile", "mouthStretch", "mouthUpperUp", "mouthPucker", "jawOpen"),
    "mouth_open": ("jawOpen", "mouthClose", "mouthFunnel", "mouthLowerDown", "mouthUpperUp"),
    "inner_brows_raised": ("browInnerUp", "browOuterUp", "browDown", "head_pitch"),
    "outer_brows_raised": ("browOuterUp", "browInnerUp", "browDown", "head_pitch"),
    "eyes_wide": ("eyeWide", "browInnerUp", "eyeBlink", "eyeSquint", "head_pitch"),
    "eyes_closed": ("eyeBlink", "eyeLookDown", "gaze_pitch", "eyeSquint"),
    "looking_at_camera": ("looking_at_camera", "gaze_pitch"),
    "looking_left": ("gaze_yaw", "head_yaw"),
    "looking_right": ("gaze_yaw", "head_yaw"),
    "looking_up": ("gaze_pitch", "head_pitch", "eyeLookUp"),
    "looking_down": ("gaze_pitch", "head_pitch", "eyeLookDown", "eyeBlink"),
    "head_left": ("head_yaw",),
    "head_right": ("head_yaw",),
    "head_up": ("head_pitch",),
    "head_down": ("head_pitch",),
    "head_tilted": ("head_roll:abs",),
    "brows_lowered": ("browDown", "browInnerUp", "browOuterUp", "eyeSquint", "head_pitch"),
    "corners_down": ("mouthFrown", "mouthSmile", "mouthShrugLower", "mouthPress", "mouthPucker", "head_pitch"),
}
_ANGLES = ("gaze_yaw", "gaze_pitch", "head_yaw", "head_pitch", "head_roll")


@dataclass(frozen=True)
class Evidence:
    """The constants of `evidence.json`."""

    cues: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Evidence:
        return cls(json.loads(path.read_text())["cues"])

    def probabilities(self, fields: np.ndarray) -> np.ndarray:
        """[n, CUES] of fields [n, FIELDS]."""
        columns = []
        for name in CUES:
            row = self.cues[name]
            x = features(name, fields)
            weights = np.array([row["weights"][key] for key in feature_names(name)])
            columns.append(1 / (1 + np.exp(-(x @ weights + row["bias"]))))
        return np.stack(columns, 1)


def feature_names(cue: str) -> tuple[str, ...]:
    """Names of the columns of `features`."""
    return FEATURES[cue]


def feature(name: str, fields: np.ndarray) -> np.ndarray:
    """One feature [n] of fields [n, FIELDS], by its name in the package."""
    if name in _ANGLES:
        return fields[:, FIELDS.index(name)] / 10
    if name.endswith(":abs"):
        return np.abs(feature(name.removesuffix(":abs"), fields))
    if name in FIELDS:
        return fields[:, FIELDS.index(name)]
    return (fields[:, FIELDS.index(f"{name}Left")] + fields[:, FIELDS.index(f"{name}Right")]) / 2


def features(cue: str, fields: np.ndarray) -> np.ndarray:
    """[n, k] of fields [n, FIELDS]."""
    return np.stack([feature(name, fields) for name in feature_names(cue)], 1).astype(np.float64)


def thresholds(p: np.ndarray, truth: np.ndarray) -> tuple[float, float, dict[str, float]]:
    """`high`, `low`, and what they call: precisions and recalls; impossible ones lie outside of 0..1."""
    order = np.argsort(-p)
    right = np.cumsum(truth[order]) / np.arange(1, len(p) + 1)
    enough = np.arange(1, len(p) + 1) >= LEAST_CALLED
    good = np.flatnonzero((right >= PRESENT_PRECISION) & enough)
    hi = float(p[order[good[-1]]]) if len(good) else 1.0
    wrong = np.cumsum(~truth[order[::-1]]) / np.arange(1, len(p) + 1)
    good = np.flatnonzero((wrong >= ABSENT_PRECISION) & enough)
    lo = float(p[order[::-1][good[-1]]]) if len(good) else 0.0
    hi = max(hi, 0.5)
    lo = min(lo, 0.5, hi - 1e-3)
    called, absent = p >= hi, p <= lo
    return hi, lo, {
        "present_precision": float(truth[called].mean()) if called.any() else 1.0,
        "present_recall": float(called[truth].mean()) if truth.any() else 0.0,
        "absent_precision": float((~truth[absent]).mean()) if absent.any() else 1.0,
        "absent_recall": float(absent[~truth].mean()) if (~truth).any() else 0.0,
    }  # fmt: skip


def parts(out: Path) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """`train`, `dev` and `test`: fields, teacher's values and pool of the faces that the teacher has answered about.

    Training faces of FER+ that the cue network has not been trained on (another hash) are development faces.
    """
    with np.load(out / "explain-pools.npz") as file:
        teacher, fields, split, keys, pool = (file[k] for k in ("teacher", "fields", "split", "keys", "pool"))
    split = split.astype("<U5")
    for row in np.flatnonzero(pool == "ferplus").tolist():
        index = str(keys[row]).split("/")[1].split("#")[0]
        split[row] = "train" if split_of(f"ferplus{index}") == "train" else "dev"
    known = ~np.isnan(teacher[:, 0])
    return {s: (fields[known & (split == s)], teacher[known & (split == s)], pool[known & (split == s)])
            for s in ("train", "dev", "test")}  # fmt: skip


def fit(out: Path) -> dict[str, Any]:
    """The whole record."""
    data = parts(out)
    rows: dict[str, Any] = {}
    for name in CUES:
        measure = MEASURES[name]
        truth = {s: measure(t) >= measure.threshold for s, (_, t, _) in data.items()}
        x = {s: features(name, f) for s, (f, _, _) in data.items()}
        scale = x["train"].std(0) + 1e-9
        model = LogisticRegression(C=1.0, max_iter=2000).fit(x["train"] / scale, truth["train"])
        weights, bias = model.coef_[0] / scale, float(model.intercept_[0])
        p = {s: 1 / (1 + np.exp(-(v @ weights + bias))) for s, v in x.items()}
        hi, lo, called = thresholds(p["dev"], truth["dev"])
        rows[name] = {
            "measure": {"weights": dict(measure.weights), "kind": measure.kind, "threshold": measure.threshold},
            "bias": round(bias, 5),
            "weights": {k: round(float(w), 5) for k, w in zip(feature_names(name), weights, strict=True)},
            "low": round(lo, 4),
            "high": round(hi, 4),
            "development": {k: round(v, 4) for k, v in called.items()}
            | {"share": round(float(truth["dev"].mean()), 4), "auc": round(auc(p["dev"], truth["dev"]), 4)},
        }  # fmt: skip
    return {
        "schema": SCHEMA,
        **provenance(Path(__file__).parent),
        "faces": {s: len(f) for s, (f, _, _) in data.items()},
        "wanted": {"present_precision": PRESENT_PRECISION, "absent_precision": ABSENT_PRECISION},
        "cues": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder of training.explain.faces")
    record = fit(parser.parse_args().out)
    path = parser.parse_args().out / "evidence.json"
    path.write_text(json.dumps(record, indent=1) + "\n")
    for name, row in record["cues"].items():
        print(name, row["low"], row["high"], row["development"])


if __name__ == "__main__":
    main()
