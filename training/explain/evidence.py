"""Probability that a cue is there, from the package's own cues: `python -m training.explain.evidence --out DIR`.

Per cue a logistic regression from a few numbers of `Cues` to "the teacher's measure reaches its threshold", fitted on
faces of training people, and two thresholds chosen on development people: at `hi` and above the cue is present with
the wanted precision, at `lo` and below it is absent with the wanted precision; between both nobody says anything.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from edgeaffect.explain.cues import CUES
from training.cues.evaluate import auc
from training.cues.labels import split_of
from training.explain.faces import FIELDS
from training.explain.measures import MEASURES
from training.provenance import provenance

SCHEMA = "edgeaffect.evidence/1"
# Precision of "present", and the least recall with which it is taken; else the next one.
PRESENT = ((0.95, 0.25), (0.9, 0.25), (0.85, 0.25), (0.8, 0.15))
ABSENT_PRECISION, MOST_ABSENT = 0.96, 0.4
LEAST_CALLED = 15
_LARGEST_Z, _LEAST_SPREAD = 8.0, 1e-3
# Values of `Cues` beside the measure itself that help: what the cue is often taken for. Names as in
# `edgeaffect.explain.evidence.values_of`.
RELATED: dict[str, tuple[str, ...]] = {
    "smile": (
        "jawOpen", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthPucker",
    ),
    "mouth_open": ("mouthClose", "mouthFunnel", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft"),
    "inner_brows_raised": ("browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight", "head_pitch"),
    "outer_brows_raised": ("browInnerUp", "browDownLeft", "browDownRight", "head_pitch"),
    "eyes_wide": ("browInnerUp", "eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeSquintRight", "head_pitch"),
    "eyes_closed": ("eyeLookDownLeft", "eyeLookDownRight", "gaze_pitch", "eyeSquintLeft", "eyeSquintRight"),
    "looking_at_camera": ("looking_at_camera", "gaze_pitch"),
    "looking_left": ("head_yaw",),
    "looking_right": ("head_yaw",),
    "looking_up": ("head_pitch", "eyeLookUpLeft", "eyeLookUpRight"),
    "looking_down": ("head_pitch", "eyeLookDownLeft", "eyeLookDownRight", "eyeBlinkLeft", "eyeBlinkRight"),
    "brows_lowered": ("browOuterUpLeft", "browOuterUpRight", "eyeSquintLeft", "eyeSquintRight", "head_pitch"),
    "corners_down": (
        "mouthSmileLeft", "mouthSmileRight", "mouthShrugLower", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """The constants of `evidence.json`."""

    cues: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Evidence:
        return cls(json.loads(path.read_text())["cues"])

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """`lo` and `hi` [CUES]."""
        low, high = ([self.cues[name][key] for name in CUES] for key in ("lo", "hi"))
        return np.array(low), np.array(high)

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
    return ("measure", "z", *RELATED.get(cue, ()))


def features(cue: str, fields: np.ndarray) -> np.ndarray:
    """[n, k] of fields [n, FIELDS]: the measure, how far it is above the threshold, and what is `RELATED`.

    The distance counts deviations, summed over the measure's parts, and is clipped to +-8.
    """
    measure = MEASURES[cue]
    value = measure(fields)
    parts = fields[:, [FIELDS.index(f"{name}_std") for name in measure.weights]] * np.array([*measure.weights.values()])
    z = (value - measure.threshold) / np.maximum(np.abs(parts).sum(1), _LEAST_SPREAD)
    columns = [value, np.clip(z, -_LARGEST_Z, _LARGEST_Z)]
    columns += [fields[:, FIELDS.index(name)] for name in RELATED.get(cue, ())]
    return np.stack(columns, 1).astype(np.float64)


def thresholds(p: np.ndarray, truth: np.ndarray) -> tuple[float, float, dict[str, float]]:
    """`hi`, `lo`, and what they call: precisions and recalls; impossible ones lie outside of 0..1."""
    order = np.argsort(-p)
    right = np.cumsum(truth[order]) / np.arange(1, len(p) + 1)
    found = np.cumsum(truth[order]) / max(int(truth.sum()), 1)
    enough = np.arange(1, len(p) + 1) >= LEAST_CALLED
    hi = 1.0
    for precision, recall in PRESENT:
        good = np.flatnonzero((right >= precision) & enough)
        if len(good) and found[good[-1]] >= recall:
            hi = max(float(p[order[good[-1]]]), 0.5)
            break
    wrong = np.cumsum(~truth[order[::-1]]) / np.arange(1, len(p) + 1)
    good = np.flatnonzero((wrong >= ABSENT_PRECISION) & enough)
    lo = min(float(p[order[::-1][good[-1]]]) if len(good) else 0.0, MOST_ABSENT)
    called, absent = p >= hi, p <= lo
    return hi, lo, {
        "present_precision": float(truth[called].mean()) if called.any() else 1.0,
        "present_recall": float(called[truth].mean()) if truth.any() else 0.0,
        "absent_precision": float((~truth[absent]).mean()) if absent.any() else 1.0,
        "absent_recall": float(absent[~truth].mean()) if (~truth).any() else 0.0,
    }  # fmt: skip


def lean(p: np.ndarray, truth: np.ndarray, low: float, high: float) -> float:
    """Between `low` and `high`, from where on it is rather there: most often right where yes and no are asked alike."""
    at = np.linspace(low, high, 41)
    right = [(p[truth] >= t).mean() + (p[~truth] < t).mean() for t in at]
    return float(at[int(np.argmax(right))])


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
            "hi": round(hi, 4),
            "lo": round(lo, 4),
            "lean": round(lean(p["dev"], truth["dev"], max(lo, 0.0), min(hi, 1.0)), 4),
            "development": {k: round(v, 4) for k, v in called.items()}
            | {"share": round(float(truth["dev"].mean()), 4), "auc": round(auc(p["dev"], truth["dev"]), 4)},
        }  # fmt: skip
    return {
        "schema": SCHEMA,
        **provenance(Path(__file__).parent),
        "faces": {s: len(f) for s, (f, _, _) in data.items()},
        "wanted": {"present_precision_and_recall": PRESENT, "absent_precision": ABSENT_PRECISION},
        "cues": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder of training.explain.faces")
    record = fit(parser.parse_args().out)
    path = parser.parse_args().out / "evidence.json"
    path.write_text(json.dumps(record, indent=1) + "\n")
    for name, row in record["cues"].items():
        print(name, row["lo"], row["hi"], row["development"])


if __name__ == "__main__":
    main()
