"""What people say of the test faces: `python -m training.explain.human_truth --data DIR --out DIR`.

The cue model learnt from MediaPipe, whose blendshapes are the truth of `evaluation_set`. This archive,
`OUT/explain-human.zip`, has a truth that MediaPipe did not make, for the same unseen people:

* frames of clips with 68 points set by people: mouth open and eyes closed by the gap between the lids or lips, brows
  raised and corners of the mouth lowered by where the clip's person stands among all people;
* portraits of people who were asked to smile, or not to;
* synthetic faces that thirty people rated for happiness: a smile from 70 of 100 on, none up to 30.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from pathlib import Path

import cv2
import numpy as np

from training.data import data_folder
from training.explain.evaluation_set import five_points
from training.explain.faces import MARGIN
from training.explain.pictures import Pictures, read_pictures

POOLS = {"points68": "faces_68points.zip", "webmorph": "faces_webmorph.zip", "omi": "faces_omi_rated.zip"}
# Gap between inner lips over the mouth's width, and lids' gap over the eye's width: below, above.
MOUTH_OPEN = (0.05, 0.15)
EYES_CLOSED = (0.13, 0.22)
HAPPY = (30.0, 70.0)
# Shares of all frames that count as "not raised" and "raised"; likewise for corners.
LOW, HIGH = 0.6, 0.92
CUES = ("smile", "mouth_open", "eyes_closed", "outer_brows_raised", "corners_down")


def between(value: float, limits: tuple[float, float]) -> float:
    """0 up to the lower limit, 1 from the upper one on, NaN between."""
    return 0.0 if value <= limits[0] else 1.0 if value >= limits[1] else np.nan


def geometry(points: np.ndarray) -> dict[str, float]:
    """Sizes free of scale and roll, of points [68, 2] (iBUG order)."""
    across = points[42:48].mean(0) - points[36:42].mean(0)
    eyes = float(np.linalg.norm(across))
    down = np.array([-across[1], across[0]]) / eyes
    height = points @ down

    def gap(a: int, b: int) -> float:
        return float(np.linalg.norm(points[a] - points[b]))

    brows = [height[a : a + 6].mean() - height[b : b + 5].mean() for a, b in ((36, 17), (42, 22))]
    lids = [(gap(i + 1, i + 5) + gap(i + 2, i + 4)) / (2 * gap(i, i + 3)) for i in (36, 42)]
    return {
        "mouth": gap(62, 66) / gap(48, 54),
        "lids": sum(lids) / 2,
        "brow": float(np.mean(brows)) / eyes,
        "corner": float(height[[48, 54]].mean() - height[[51, 57]].mean()) / eyes,
    }


def truth_of_points(tables: list[dict[str, float]]) -> list[dict[str, float]]:
    """Cues of frames, from their geometry."""
    brow, corner = (np.array([table[name] for table in tables]) for name in ("brow", "corner"))
    brows, corners = (tuple(np.quantile(values, [LOW, HIGH])) for values in (brow, corner))
    return [
        {
            "mouth_open": between(table["mouth"], MOUTH_OPEN),
            "eyes_closed": 1 - between(table["lids"], EYES_CLOSED),
            "outer_brows_raised": between(table["brow"], brows),
            "corners_down": between(table["corner"], corners),
        }
        for table in tables
    ]


def _labels(data: Path, name: str) -> dict[str, dict[str, str]]:
    with zipfile.ZipFile(data / name) as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8"))
        return {row["file"]: row for row in rows}


def truths(data: Path, pictures: Pictures) -> list[tuple[str, dict[str, float]]]:
    """Person and cues of each face."""
    labels = {pool: _labels(data, name) for pool, name in POOLS.items()}
    rows = [
        labels[str(pool)][str(key).split("/")[1].split("#")[0]]
        for pool, key in zip(pictures.pool, pictures.keys, strict=True)
    ]
    points = [i for i, pool in enumerate(pictures.pool) if pool == "points68"]
    coordinates = [np.array([[float(rows[i][f"{axis}{n}"]) for axis in "xy"] for n in range(68)]) for i in points]
    geometric = dict(zip(points, truth_of_points([geometry(one) for one in coordinates]), strict=True))
    found: list[tuple[str, dict[str, float]]] = []
    for i, (row, pool) in enumerate(zip(rows, pictures.pool, strict=True)):
        if pool == "points68":
            found.append((row["clip"], geometric[i]))
        elif pool == "webmorph":
            smile = {"smiling": 1.0, "neutral": 0.0}.get(row["expression"], np.nan)
            found.append((row["person"], {"smile": smile}))
        else:
            found.append((row["person"], {"smile": between(float(row["happy"]), HAPPY)}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    data = data_folder(arguments.data)
    pictures = read_pictures(data, arguments.out)
    pictures = pictures.take(np.flatnonzero((pictures.split == "test") & np.isin(pictures.pool, list(POOLS))))
    header = ["file", "person", *(f"{axis}{i}" for i in range(5) for axis in "xy"), *(f"cue:{name}" for name in CUES)]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(header)
    with zipfile.ZipFile(arguments.out / "explain-human.zip", "w", zipfile.ZIP_STORED) as archive:
        for i, (person, cues) in enumerate(truths(data, pictures)):
            name = f"{i:05d}.png"
            picture = cv2.cvtColor(pictures.crops[i], cv2.COLOR_GRAY2BGR)
            archive.writestr(name, cv2.imencode(".png", picture)[1].tobytes())
            values = [cues.get(cue, np.nan) for cue in CUES]
            points = np.round(five_points(pictures.points[i] + MARGIN).ravel(), 2).tolist()
            writer.writerow([name, person, *points, *("" if np.isnan(v) else f"{v:.0f}" for v in values)])
        archive.writestr("faces.csv", table.getvalue())
    print(f"{len(pictures)} faces")


if __name__ == "__main__":
    main()
