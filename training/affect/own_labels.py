"""How many faces a head for labels of one's own needs: scores on held-out people by the number of faces given.

`python -m training.affect.own_labels --data DIR [--model NAME]`

Three labels on two public sets of faces: smiling or resting (portraits of `faces_webmorph.zip`, real people; close to
what the model knows), how "alert" and how "smug" synthetic faces look to about 30 people each (`faces_omi_rated.zip`,
0 to 100; far from it). For each number of faces, the cross-validation over people of `edgeaffect labels fit` is run on
the first so many of a shuffled list. Figures go to `OWN_LABELS.json`, which `training.affect.conditions_card` shows.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceDetector
from edgeaffect.evaluation.fit_labels import fit_labels
from edgeaffect.evaluation.label_data import LabelData, class_data, scale_data
from edgeaffect.face.features import FaceFeatures
from training.data import data_folder
from training.provenance import provenance

RECORD = Path(__file__).with_name("OWN_LABELS.json")
PER_CLASS = (10, 20, 40, 79)
FACES = (30, 60, 120, 240)
RATED = ("alert", "smug")


def read_faces(path: Path, detector: FaceDetector, stage: FaceFeatures) -> tuple[np.ndarray, list[dict[str, str]]]:
    """Features [n, d] of the largest face of each picture of an archive, and its rows."""
    features, rows = [], []
    with zipfile.ZipFile(path) as archive:
        for row in csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"))):
            image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(row["file"]), np.uint8), cv2.IMREAD_COLOR))
            faces = detector.detect(image)
            if len(faces):
                best = int((faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(1).argmax())
                features.append(stage.predict(image, faces)[best])
                rows.append(row)
    return np.stack(features).astype(np.float64), rows


def main_score(features: np.ndarray, data: LabelData) -> dict[str, Any]:
    """The score that decides, with its interval, and what knows nothing."""
    fitted = fit_labels(features, data)
    name = fitted.report["main_score"]
    return {"measure": name, **fitted.report["scores"][name], "chance": fitted.report["chance"]}


def smile_scores(features: np.ndarray, rows: list[dict[str, str]]) -> dict[str, Any]:
    """By the number of faces per class."""
    order = np.random.default_rng(0).permutation(len(rows))
    labels = np.array(["smiling" if row["expression"] != "neutral" else "resting" for row in rows])
    scores = {}
    for count in PER_CLASS:
        chosen = np.concatenate([[i for i in order if labels[i] == name][:count] for name in ("resting", "smiling")])
        data = class_data("smile", labels[chosen].tolist(), [rows[i]["person"] for i in chosen])
        scores[str(count)] = main_score(features[chosen], data)
    return scores


def rated_scores(features: np.ndarray, rows: list[dict[str, str]], name: str) -> dict[str, Any]:
    """By the number of faces."""
    order = np.random.default_rng(0).permutation(len(rows))
    scores = {}
    for count in FACES:
        chosen = order[:count]
        values = [float(rows[i][name]) for i in chosen]
        scores[str(count)] = main_score(features[chosen], scale_data(name, values, [rows[i]["person"] for i in chosen]))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--model")
    arguments = parser.parse_args()
    with FaceDetector(device="cpu") as detector, FaceFeatures(arguments.model, device="cpu") as stage:
        portraits = read_faces(arguments.data / "faces_webmorph.zip", detector, stage)
        rated = read_faces(arguments.data / "faces_omi_rated.zip", detector, stage)
        model = f"{stage.model.name} {stage.model.spec.version}"
    record = {
        **provenance(Path(__file__).parent),
        "model": model,
        "smiling or resting, faces per class": smile_scores(*portraits),
        **{f"{name}, faces": rated_scores(*rated, name) for name in RATED},
    }
    RECORD.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
