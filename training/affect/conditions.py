"""The default affect model by blur, size, pose and brightness, on development data, with intervals.

`python -m training.affect.conditions --data DIR [--model NAME]`

Two sets whose labels trained nothing: the faces of FER+ `valid` with a majority label, as they are (48 px crops,
persons unknown), and the web faces of `faces_expression_web.zip`, found by the bundled detector, intervals over
persons; pictures like these were among those that the model saw without labels. The web labels are one student's
each: noisy, so that parts can be compared with each other, and accuracy not with other sets.

Figures go to `CONDITIONS.json` beside this file; `training.affect.conditions_card` shows them.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import cv2

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cli.eval import _parser
from edgeaffect.cli.eval_folder import folder_scores
from edgeaffect.evaluation import affect_metrics as metrics
from training.data import data_folder, read_ferplus
from training.provenance import provenance

RECORD = Path(__file__).with_name("CONDITIONS.json")


def write_ferplus(data: Path, folder: Path) -> None:
    """FER+ `valid` as a table of pictures."""
    faces = read_ferplus(data).part("valid")
    labels, majority = metrics.majority_labels(faces.votes)
    rows = ["file,label"]
    for i in majority.nonzero()[0]:
        cv2.imwrite(str(folder / f"{i:05}.png"), faces.images[i])
        rows.append(f"{i:05}.png,{EMOTIONS[labels[i]]}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")


def write_web(data: Path, folder: Path) -> None:
    """The web faces as a table of pictures, with their persons."""
    with zipfile.ZipFile(data / "faces_expression_web.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"))))
        for row in rows:
            (folder / row["file"]).write_bytes(archive.read(row["file"]))
    lines = ["file,label,person", *(f"{row['file']},{row['emotion']},{row['person']}" for row in rows)]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n", "utf-8")


def measure(folder: Path, name: str, crops: str, model: str | None) -> dict[str, Any]:
    """What `edgeaffect eval affect FOLDER` reports, without the folder's name."""
    words = [
        "affect",
        str(folder),
        "--crops",
        crops,
        "--device",
        "cpu",
        "--samples",
        "500",
        *(["--model", model] if model else []),
    ]
    return {**folder_scores(folder, _parser().parse_args(words), lambda done, total: None), "data": name}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--model")
    arguments = parser.parse_args()
    record: dict[str, Any] = {**provenance(Path(__file__).parent), "sets": {}}
    for key, write, crops in (("ferplus valid", write_ferplus, "whole"), ("web faces", write_web, "detect")):
        with tempfile.TemporaryDirectory() as folder:
            write(arguments.data, Path(folder))
            record["sets"][key] = measure(Path(folder), key, crops, arguments.model)
    RECORD.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
