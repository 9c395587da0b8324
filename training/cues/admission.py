"""Which cues may be spoken of: `python -m training.cues.admission --data DIR --file FILE` writes `ADMISSION.json`.

A cue is admitted when it is stable (ICC(3,1) of at least 0.75 between a face and the same face mirrored, shifted by
2 px, scaled by 10 %, brightened, darkened and noisy) and valid (AUC of at least 0.65: shown more in the faces of an
emotion that FACS links it to than in all others, on votes of people about faces that no training has seen: `valid` of
FER+).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.cues.evaluate import auc
from training.cues.maps import mirrored_names
from training.cues.runtime import CueModel
from training.cues.sdk import EMOTIONS, FaceDetector, similarity
from training.data import data_folder, read_ferplus
from training.provenance import provenance

ADMISSION_FILE = Path(__file__).with_name("ADMISSION.json")
LEAST_ICC, LEAST_AUC = 0.75, 0.65
# How faces of 48 px are shown to the detector: enlarged, with replicated borders.
ENLARGE, BORDER = 4, 48
RESAMPLES = 300

# Emotion -> the action units that FACS links to it, as public summaries list them: the table of emotions in Wikipedia's
# "Facial Action Coding System" (disgust as 9+15+16 and as 9+15+17, fear with and without 7); compare the "related
# expressions" of py-feat's "Action Unit Reference". AU23 has no blendshape.
FACS: dict[str, tuple[int, ...]] = {
    "happiness": (6, 12),
    "surprise": (1, 2, 5, 26),
    "sadness": (1, 4, 15),
    "anger": (4, 5, 7, 23),
    "disgust": (9, 15, 16, 17),
    "fear": (1, 2, 4, 5, 7, 20, 26),
    "contempt": (12, 14),
}
# Cue -> its action unit and the blendshapes whose mean it is. A unit without an emotion in `FACS` has nothing to be
# valid for, and is never admitted.
CUES: dict[str, tuple[int, tuple[str, ...]]] = {
    "smile": (12, ("mouthSmileLeft", "mouthSmileRight")),
    "cheeks raised": (6, ("cheekSquintLeft", "cheekSquintRight")),
    "inner brows raised": (1, ("browInnerUp",)),
    "outer brows raised": (2, ("browOuterUpLeft", "browOuterUpRight")),
    "brows lowered": (4, ("browDownLeft", "browDownRight")),
    "eyes wide": (5, ("eyeWideLeft", "eyeWideRight")),
    "lids tightened": (7, ("eyeSquintLeft", "eyeSquintRight")),
    "nose wrinkled": (9, ("noseSneerLeft", "noseSneerRight")),
    "upper lip raised": (10, ("mouthUpperUpLeft", "mouthUpperUpRight")),
    "dimples": (14, ("mouthDimpleLeft", "mouthDimpleRight")),
    "corners of the mouth down": (15, ("mouthFrownLeft", "mouthFrownRight")),
    "lower lip down": (16, ("mouthLowerDownLeft", "mouthLowerDownRight")),
    "chin raised": (17, ("mouthShrugLower",)),
    "lips puckered": (18, ("mouthPucker",)),
    "lips stretched": (20, ("mouthStretchLeft", "mouthStretchRight")),
    "lips pressed": (24, ("mouthPressLeft", "mouthPressRight")),
    "mouth open": (26, ("jawOpen",)),
    "lips rolled in": (28, ("mouthRollLower", "mouthRollUpper")),
    "eyes closed": (43, ("eyeBlinkLeft", "eyeBlinkRight")),
    "looks down": (64, ("eyeLookDownLeft", "eyeLookDownRight")),
}


def linked(unit: int) -> list[str]:
    """Emotions in whose faces FACS lists the action unit."""
    return [emotion for emotion, units in FACS.items() if unit in units]


def icc_3_1(ratings: np.ndarray) -> float:
    """ICC(3,1), consistency of single ratings (Shrout and Fleiss 1979), of [faces, conditions]."""
    n, k = ratings.shape
    total = ratings - ratings.mean()
    rows = k * (ratings.mean(1) - ratings.mean()) ** 2
    columns = n * (ratings.mean(0) - ratings.mean()) ** 2
    error = (total**2).sum() - rows.sum() - columns.sum()
    between, within = rows.sum() / (n - 1), error / ((n - 1) * (k - 1))
    return float((between - within) / max(between + (k - 1) * within, 1e-12))


def conditions(crop: np.ndarray, side: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """The same enlarged face under every condition; `side` is the face's own size, whose pixels shifts count in."""
    size = crop.shape[0]
    pixel = 2 * size / side

    def moved(matrix: list[list[float]]) -> np.ndarray:
        return cv2.warpAffine(crop, np.array(matrix), (size, size), borderMode=cv2.BORDER_REPLICATE)

    def zoomed(factor: float) -> np.ndarray:
        return moved([[factor, 0, size / 2 * (1 - factor)], [0, factor, size / 2 * (1 - factor)]])

    def bent(gamma: float) -> np.ndarray:
        return np.rint((crop / 255.0) ** gamma * 255).astype(np.uint8)

    noise = cv2.resize(random.normal(0, 8, (side, side, 1)), (size, size), interpolation=cv2.INTER_LINEAR)[..., None]
    return {
        "as it is": crop,
        "mirror": np.ascontiguousarray(crop[:, ::-1]),
        "shift right 2 px": moved([[1, 0, pixel], [0, 1, 0]]),
        "shift up 2 px": moved([[1, 0, 0], [0, 1, -pixel]]),
        "scale 0.9": zoomed(0.9),
        "scale 1.1": zoomed(1.1),
        "gamma 0.7": bent(0.7),
        "gamma 1.4": bent(1.4),
        "noise 8": np.clip(np.rint(crop + noise), 0, 255).astype(np.uint8),
    }


def shown(face: np.ndarray) -> np.ndarray:
    """A gray face of 48 px as a BGR frame for the detector."""
    large = cv2.resize(face, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR)


def landmarks_of(detector: FaceDetector, frame: np.ndarray) -> np.ndarray | None:
    """Five landmarks [5, 2] of the face nearest to the middle of a frame; None without one."""
    found = np.asarray(detector.detect(frame).landmarks, np.float64)
    if not len(found):
        return None
    away = np.linalg.norm(found.mean(1) - np.array(frame.shape[1::-1]) / 2, axis=1)
    return found[away.argmin()] if away.min() < frame.shape[0] / 4 else None


def measure(
    model: CueModel, detector: FaceDetector, images: np.ndarray, stable: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blendshapes [n, 51] of FER+ faces, the rows that were found, and [m, conditions, 51] of the first `stable`."""
    random, mirrored = np.random.default_rng(0), mirrored_names(model.names)
    rows, values, repeated = [], [], []

    def ask(frame: np.ndarray) -> np.ndarray | None:
        five = landmarks_of(detector, frame)
        if five is None:
            return None
        return model.run(model.crops(frame, similarity(five[None], model.template)))["blendshapes"][0]

    for index, image in enumerate(images):
        frame = shown(image)
        said = ask(frame)
        if said is None:
            continue
        rows.append(index)
        values.append(said)
        if index < stable:
            answers = {name: ask(view) for name, view in conditions(frame, frame.shape[0] // ENLARGE, random).items()}
            if all(answer is not None for answer in answers.values()):
                answers["mirror"] = answers["mirror"][mirrored]  # type: ignore[index]
                repeated.append(np.stack([a for a in answers.values() if a is not None]))
    return np.array(values), np.array(rows), np.array(repeated)


def table(names: list[str], values: np.ndarray, votes: np.ndarray, repeated: np.ndarray) -> dict[str, Any]:
    """ICC, AUC and verdict of every cue.

    Args:
        names: of the 51 blendshapes.
        values: [n, 51] of faces with `votes` [n, 10].
        repeated: [m, conditions, 51].
    """
    label = votes[:, : len(EMOTIONS)].argmax(1)
    majority = votes.max(1) > votes.sum(1) / 2
    majority &= votes.argmax(1) < len(EMOTIONS)
    rows: dict[str, Any] = {}
    random = np.random.default_rng(0)
    for cue, (unit, shapes) in CUES.items():
        columns = [names.index(name) for name in shapes]
        icc = icc_3_1(repeated[:, :, columns].mean(2))
        score, emotions = values[majority][:, columns].mean(1), {}
        for emotion in linked(unit):
            positive = label[majority] == EMOTIONS.index(emotion)
            draws = []
            for _ in range(RESAMPLES):
                chosen = random.integers(0, len(score), len(score))
                draws.append(auc(score[chosen], positive[chosen]))
            low, high = np.nanpercentile(draws, [2.5, 97.5])
            area = auc(score, positive)
            emotions[emotion] = {
                "faces": int(positive.sum()),
                "auc": round(area, 4),
                "interval": [round(float(low), 4), round(float(high), 4)],
                "admitted": bool(icc >= LEAST_ICC and area >= LEAST_AUC),
            }
        rows[f"{cue} (AU{unit})"] = {
            "blendshapes": list(shapes),
            "icc": round(icc, 4),
            "emotions": emotions,
            "admitted": any(e["admitted"] for e in emotions.values()),
        }
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--faces", type=int, default=None, help="first faces of `valid` only")
    parser.add_argument("--stable", type=int, default=400, help="faces that are shown under all conditions")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    faces = read_ferplus(data_folder(arguments.data)).part("valid")
    order = np.random.default_rng(0).permutation(len(faces.images))[: arguments.faces]
    model = CueModel(arguments.file)
    with FaceDetector() as detector:
        values, rows, repeated = measure(model, detector, faces.images[order], arguments.stable)
    cues = table(model.names, values, faces.votes[order][rows], repeated)
    report = {
        **provenance(Path(__file__).parent),
        "file": arguments.file.name,
        "faces": len(order),
        "found": len(rows),
        "faces_under_all_conditions": len(repeated),
        "least_icc": LEAST_ICC,
        "least_auc": LEAST_AUC,
        "cues": cues,
        "admitted": [cue for cue, row in cues.items() if row["admitted"]],
    }
    ADMISSION_FILE.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report["admitted"], indent=1))


if __name__ == "__main__":
    main()
