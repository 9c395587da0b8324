"""The archive that `edgeaffect eval explain` reads: `python -m training.explain.evaluation_set --data DIR --out DIR`.

Faces of the test part of `training.explain.faces` (people, clips and photographs that no training of the explainer has
seen) for which MediaPipe's own blendshapes, gaze and head pose say what is there; a face near a measure's threshold
says nothing about that cue. Half of the faces stand in it a second time, with covers, glasses, a border, blur or
darkness drawn over them (`facts.alter`); then the facts are known, and cues of hidden regions are not. Writes
`OUT/explain-SPLIT.zip`.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.cues import CUES, FACTS
from training.data import data_folder
from training.explain.faces import MARGIN
from training.explain.facts import alter
from training.explain.measures import BANDS, THRESHOLDS, measured
from training.explain.pictures import Pictures, hidden_cues, read_pictures

_FIVE = ((36, 42), (42, 48), (30, 31), (48, 49), (54, 55))
# Half of the band about a threshold is left out.
_UNSURE = 0.5
_MAJORITY = 0.5
# A fact that stands over a face by less than this does not hide it.
_HIDDEN = 0.5


def five_points(points: np.ndarray) -> np.ndarray:
    """[5, 2] of landmarks [68, 2], in `Face.landmarks` order."""
    return np.stack([points[a:b].mean(0) for a, b in _FIVE])


def cue_truth(teacher: np.ndarray) -> np.ndarray:
    """[n, CUES]: 1 there, 0 not there, NaN near the threshold or without an answer."""
    away = (measured(teacher) - THRESHOLDS) / BANDS
    return np.where(np.abs(away) >= _UNSURE, (away > 0).astype(float), np.nan)


def majority(votes: np.ndarray) -> str:
    """Label that more than half of the votes for an emotion name, by the FER+ protocol; empty where there is none."""
    counts = np.where(votes <= 1, 0, votes)
    total = counts.sum()
    best = int(counts.argmax())
    return EMOTIONS[best] if best < len(EMOTIONS) and total > 0 and counts[best] > _MAJORITY * total else ""


def rows_of(pictures: Pictures, count: int, seed: int, split: str = "test") -> np.ndarray:
    """Rows of faces with an answer of the teacher; half with people's votes, half from the other pools."""
    random = np.random.default_rng(seed)
    usable = (pictures.split == split) & ~np.isnan(pictures.teacher[:, 0])
    voted = usable & np.array([bool(majority(np.nan_to_num(votes))) for votes in pictures.votes])
    parts = []
    for part in (voted, usable & np.isnan(pictures.votes[:, 0])):
        rows = random.permutation(np.flatnonzero(part))
        parts.append(rows[: count // 2])
    return np.concatenate(parts)


def person_of(key: str, pool: str) -> str:
    """A name under which pictures of the same person or clip fall together; of single photographs the photograph."""
    return f"{pool}/{key.split('/')[1].split('#')[0].rsplit('_', 1)[0] if pool == 'points68' else key.split('#')[0]}"


def write(pictures: Pictures, path: Path, seed: int) -> dict[str, int]:
    """Write the archive; returns what is in it."""
    random = np.random.default_rng(seed)
    truth = cue_truth(pictures.teacher)
    header = ["file", "person", *(f"{axis}{i}" for i in range(5) for axis in "xy"), "label"]
    header += [*(f"cue:{name}" for name in CUES), *(f"fact:{name}" for name in FACTS)]
    table, count = io.StringIO(), {"plain": 0, "altered": 0}
    rows = csv.writer(table)
    rows.writerow(header)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for i in range(len(pictures)):
            points = pictures.points[i] + MARGIN
            for kind in ("plain", "altered")[: 1 + i % 2]:
                image, facts = pictures.crops[i], pictures.facts[i]
                cues = truth[i]
                if kind == "altered":
                    image, facts = alter(image.astype(np.float32), points, random)
                    image = np.rint(image).clip(0, 255).astype(np.uint8)
                    cues = np.where(hidden_cues(np.nan_to_num(facts)[None])[0] >= _HIDDEN, np.nan, cues)
                name = f"{i:05d}-{kind}.png"
                archive.writestr(name, cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))[1].tobytes())
                known = [*cues, *facts]
                rows.writerow([
                    name, person_of(str(pictures.keys[i]), str(pictures.pool[i])),
                    *np.round(five_points(points).ravel(), 2).tolist(),
                    majority(np.nan_to_num(pictures.votes[i])) if kind == "plain" else "",
                    *("" if np.isnan(value) else f"{value:.0f}" for value in known),
                ])  # fmt: skip
                count[kind] += 1
        archive.writestr("faces.csv", table.getvalue())
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=600)
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--split", default="test", help="dev: what `judge` is calibrated on")
    arguments = parser.parse_args()
    pictures = read_pictures(data_folder(arguments.data), arguments.out)
    chosen = pictures.take(rows_of(pictures, arguments.faces, arguments.seed, arguments.split))
    print(write(chosen, arguments.out / f"explain-{arguments.split}.zip", arguments.seed))


if __name__ == "__main__":
    main()
