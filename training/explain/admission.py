"""May brows and corners of the mouth be given as reasons? `python -m training.explain.admission --out DIR`.

Two measures of our own, chosen on training faces of FER+ (`python -m training.explain.admission --choose` prints what
was looked at), go through the admission test of `training.cues.admission` once, on `valid`: ICC(3,1) of at least 0.75
and AUC of at least 0.65 for an emotion that FACS links to the action unit. Writes `ADMISSION.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceCues, FaceDetector, Faces
from edgeaffect.circumplex import EMOTIONS
from training.cues.admission import LEAST_AUC, LEAST_ICC, conditions, icc_3_1, landmarks_of, linked, shown
from training.cues.evaluate import auc
from training.cues.maps import mirrored_names
from training.data import data_folder, read_ferplus
from training.explain.faces import VALUES, box_about, fields_of
from training.explain.measures import MEASURES, Measure
from training.provenance import provenance

ADMISSION_FILE = Path(__file__).with_name("ADMISSION.json")
UNITS = {"brows_lowered": 4, "corners_down": 15}
STABLE, RESAMPLES = 400, 300
MIRROR_SIGN = {"gaze_yaw": -1.0, "head_yaw": -1.0, "head_roll": -1.0}
# What was compared on training faces: weights of browInnerUp, of mouthSmile, and of the head's pitch.
CHOICES: dict[str, dict[str, Measure]] = {
    "brows_lowered": {
        f"browDown {-a:+g} browInnerUp": Measure({"browDownLeft": 0.5, "browDownRight": 0.5, "browInnerUp": -a}, 0, 1)
        for a in (0, 0.25, 0.5, 1, 2)
    },
    "corners_down": {
        f"mouthFrown {-a:+g} mouthSmile {-b:+g} pitch": Measure(
            {
                "mouthFrownLeft": 0.5,
                "mouthFrownRight": 0.5,
                "mouthSmileLeft": -a / 2,
                "mouthSmileRight": -a / 2,
                "head_pitch": -b,
            },
            0,
            1,
        )
        for a in (0, 0.05, 0.1, 0.2, 0.4, 1)
        for b in (0, 0.001, 0.003)
    },
}


def majority(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows [n] have one, and the label [n] of votes [n, 10]."""
    return (votes.max(1) > votes.sum(1) / 2) & (votes.argmax(1) < len(EMOTIONS)), votes[:, : len(EMOTIONS)].argmax(1)


def choose(out: Path) -> dict[str, dict[str, dict[str, float]]]:
    """AUC of every choice for the linked emotions, training faces of FER+."""
    with np.load(out / "explain-ferplus.npz") as file:
        fields, votes = file["fields"], file["votes"]
    known, label = majority(votes)
    return {
        cue: {
            name: {
                e: round(auc(measure(fields)[known], label[known] == EMOTIONS.index(e)), 4) for e in linked(UNITS[cue])
            }
            for name, measure in choices.items()
        }
        for cue, choices in CHOICES.items()
    }


def read_valid(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values [n, VALUES] of faces of `valid`, their votes, and [m, conditions, VALUES] of the first ones."""
    faces = read_ferplus(data).part("valid")
    order = np.random.default_rng(0).permutation(len(faces.images))
    turned = np.concatenate([mirrored_names(list(VALUES[:51])), np.arange(51, len(VALUES))])
    signs = np.array([MIRROR_SIGN.get(name, 1.0) for name in VALUES])
    values, votes, repeated = [], [], []
    random = np.random.default_rng(0)
    with FaceDetector() as detector, FaceCues() as reader:

        def ask(frame: np.ndarray) -> np.ndarray | None:
            five = landmarks_of(detector, frame)
            if five is None:
                return None
            given = Faces(box_about(five)[None], np.ones(1, np.float32), five.astype(np.float32)[None])
            return fields_of(reader.predict(frame, given)[0])[: len(VALUES)]

        for number, row in enumerate(order.tolist()):
            frame = shown(faces.images[row])
            said = ask(frame)
            if said is None:
                continue
            values.append(said)
            votes.append(faces.votes[row])
            if number < STABLE:
                answers = {name: ask(view) for name, view in conditions(frame, 48, random).items()}
                if all(answer is not None for answer in answers.values()):
                    answers["mirror"] = answers["mirror"][turned] * signs  # type: ignore[index]
                    repeated.append(np.stack([a for a in answers.values() if a is not None]))
    return np.array(values), np.array(votes), np.array(repeated)


def test(data: Path) -> dict[str, Any]:
    """ICC, AUC and verdict of both measures."""
    values, votes, repeated = read_valid(data)
    known, label = majority(votes)
    random = np.random.default_rng(0)
    rows: dict[str, Any] = {}
    for cue, unit in UNITS.items():
        measure = MEASURES[cue]
        m, conditions_, _ = repeated.shape
        icc = icc_3_1(measure(repeated.reshape(m * conditions_, -1)).reshape(m, conditions_))
        score = measure(values)[known]
        emotions = {}
        for emotion in linked(unit):
            positive = label[known] == EMOTIONS.index(emotion)
            draws = [random.integers(0, len(score), len(score)) for _ in range(RESAMPLES)]
            low, high = np.percentile([auc(score[d], positive[d]) for d in draws], [2.5, 97.5])
            area = auc(score, positive)
            emotions[emotion] = {
                "faces": int(positive.sum()),
                "auc": round(area, 4),
                "interval": [round(float(low), 4), round(float(high), 4)],
                "admitted": bool(icc >= LEAST_ICC and area >= LEAST_AUC),
            }
        rows[cue] = {
            "measure": dict(measure.weights), "icc": round(icc, 4), "emotions": emotions,
            "admitted": any(e["admitted"] for e in emotions.values()),
        }  # fmt: skip
    return {"faces": len(values), "faces_under_all_conditions": len(repeated), "cues": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", type=Path, required=True, help="folder of training.explain.faces")
    parser.add_argument("--choose", action="store_true", help="print AUCs of all choices on training faces, and stop")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    chosen = choose(arguments.out)
    if arguments.choose:
        print(json.dumps(chosen, indent=1))
        return
    record = {
        **provenance(Path(__file__).parent), "least_icc": LEAST_ICC, "least_auc": LEAST_AUC,
        **test(data_folder(arguments.data)), "compared_on_training_faces": chosen,
    }  # fmt: skip
    ADMISSION_FILE.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["cues"], indent=1))


if __name__ == "__main__":
    main()
