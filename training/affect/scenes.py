"""What brightness and colourfulness say of how scenes feel: `python -m training.affect.scenes --data DIR`.

OASIS (Kurdi et al. 2017): 720 photographs rated for valence and arousal by about 100 people each. Spearman's
correlation of both attributes (`edgeaffect.evaluation.picture_attributes`) with both ratings; 95 % intervals by
resampling photographs. Writes SCENES.json.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
from scipy.stats import spearmanr

from edgeaffect.evaluation.picture_attributes import brightness, colourfulness
from training.data import data_folder
from training.provenance import provenance

RESULTS = Path(__file__).with_name("SCENES.json")
RATED = {"valence": "valence_mean_1_7", "arousal": "arousal_mean_1_7"}
RESAMPLES = 1000


def correlation(x: np.ndarray, y: np.ndarray) -> dict[str, object]:
    """Spearman's correlation of two [n] with its interval."""
    random = np.random.default_rng(0)
    rows = [random.integers(0, len(x), len(x)) for _ in range(RESAMPLES)]
    low, high = np.quantile([spearmanr(x[r], y[r]).statistic for r in rows], (0.025, 0.975))
    value = round(float(spearmanr(x, y).statistic), 3)
    return {"value": value, "interval": [round(float(low), 3), round(float(high), 3)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in ("brightness", "colourfulness", *RATED)}
    with zipfile.ZipFile(data_folder(arguments.data) / "scenes_oasis.zip") as archive:
        for row in csv.DictReader(io.StringIO(archive.read("labels.csv").decode("utf-8"))):
            image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(row["file"]), np.uint8), cv2.IMREAD_COLOR))
            found["brightness"].append(brightness(image))
            found["colourfulness"].append(colourfulness(image))
            for name, column in RATED.items():
                found[name].append(float(row[column]))
    columns = {name: np.array(values) for name, values in found.items()}
    record = {
        **provenance(Path(__file__).parent),
        "photographs": len(columns["valence"]),
        "spearman": {
            f"{a} and {b}": correlation(columns[a], columns[b]) for a in ("brightness", "colourfulness") for b in RATED
        },
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
