"""Scores of one affect model file on a split of FER+.

`python -m training.affect.evaluate --data DIR --file FILE.onnx [--split valid] [--detector NAME|yunet]`

On `valid` (reported once for every shipped file) the figures go to `RESULTS.json` beside this file; choices are made
with `--split development`, which only prints.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.evaluation import affect_metrics as metrics
from edgeaffect.evaluation.evaluate import affect_scores
from edgeaffect.face.affect import FaceAffect
from edgeaffect.models import find
from edgeaffect.results import Affect
from edgeaffect.runtime import Placement, open_session
from training.affect.corruptions import CORRUPTIONS, corrupt
from training.affect.fullpath import full_path_scores, open_detector
from training.data import FerPlus, data_folder, read_ferplus
from training.graph import size_of
from training.provenance import instruction_set

RESULTS_FILE = Path(__file__).with_name("RESULTS.json")


def stacked(affects: list[Affect], field: str) -> np.ndarray:
    """One field of many results as an array [n, ...]."""
    return np.stack([getattr(affect, field) for affect in affects])


def consistency(affect: FaceAffect, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Share of faces whose label survives a mirror, and shifts of 2 px in four directions."""

    def agreement(changed: np.ndarray) -> float:
        return float((predicted_labels(affect, changed) == labels).mean())

    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)), mode="edge")
    side = images.shape[1]
    shifted = [padded[:, y : y + side, x : x + side] for y, x in ((0, 2), (4, 2), (2, 0), (2, 4))]
    return {
        "flip": agreement(np.ascontiguousarray(images[:, :, ::-1])),
        "shift_2px": float(np.mean([agreement(np.ascontiguousarray(moved)) for moved in shifted])),
    }


def predicted_labels(affect: FaceAffect, images: np.ndarray) -> np.ndarray:
    """Index of the most probable emotion of each crop."""
    return stacked(affect.predict_crops(list(images), color="gray"), "probabilities").argmax(1)


def robustness(affect: FaceAffect, faces: FerPlus) -> dict[str, list[float]]:
    """Majority accuracy at the five strengths of every corruption."""
    labels, majority = metrics.majority_labels(faces.votes)
    images, y = faces.images[majority], labels[majority]
    return {
        name: [float((predicted_labels(affect, corrupt(images, name, s)) == y).mean()) for s in strengths]
        for name, (_, strengths) in CORRUPTIONS.items()
    }


def cost(file: Path) -> dict[str, Any]:
    """Parameters, multiply-adds, bytes, and the latency of one face on one thread."""
    parameters, macs = size_of(file)
    session = open_session(find(file, "affect"), Placement("cpu"))
    info = next(iter(session.inputs.values()))
    feed = {info.name: np.zeros([1, *(n or 1 for n in info.shape[1:])], np.float32)}
    for _ in range(50):
        session.run(feed)
    times = []
    for _ in range(500):
        started = time.perf_counter()
        session.run(feed)
        times.append(time.perf_counter() - started)
    p10, p50, p90 = (round(float(v) * 1e3, 4) for v in np.percentile(times, (10, 50, 90)))
    return {
        "parameters": parameters,
        "multiply_adds": macs,
        "bytes": file.stat().st_size,
        "latency_ms": {
            "p10": p10,
            "p50": p50,
            "p90": p90,
            "threads": 1,
            "processor": _processor(),
            "instruction_set": instruction_set(SystemFiles()),
        },
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def evaluate(file: Path, faces: FerPlus, detector_name: str | None, folder: Path, *, robust: bool) -> dict[str, Any]:
    """Everything about one file on the given faces."""
    affect = FaceAffect(file, device="cpu")
    spec = affect.model.spec
    affects = affect.predict_crops(list(faces.images), color="gray")
    _, majority = metrics.majority_labels(faces.votes)
    labels = stacked(affects, "probabilities").argmax(1)
    record: dict[str, Any] = {"version": spec.version, "recipe": spec.recipe, **cost(file)}
    record["given_crop"] = affect_scores(stacked(affects, "probabilities"), stacked(affects, "votes"), faces.votes)
    record["consistency"] = consistency(affect, faces.images[majority], labels[majority])
    if detector_name:
        detect = open_detector(detector_name, folder)
        record["full_path"] = {"detector": detector_name, **full_path_scores(affect, detect, faces, labels)}
    if robust:
        record["robustness"] = robustness(affect, faces)
    return record


def rounded(value: Any) -> Any:
    """Nested floats to four places, so that a record reads well."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--split", choices=("development", "valid"), default="valid")
    parser.add_argument("--detector", help="also measure through this detector: a model name or file, or `yunet`")
    parser.add_argument("--cost", action="store_true", help="only time the file again, for its record on `valid`")
    parser.add_argument("--robustness", action="store_true", help="also measure under corruptions (minutes)")
    arguments = parser.parse_args()
    if arguments.cost:
        results = json.loads(RESULTS_FILE.read_text())
        results[arguments.file.stem] |= rounded(cost(arguments.file))
        RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n")
        return
    folder = data_folder(arguments.data)
    faces = read_ferplus(folder).part(arguments.split)
    record = rounded(evaluate(arguments.file, faces, arguments.detector, folder, robust=arguments.robustness))
    print(json.dumps(record, indent=1))
    if arguments.split == "valid":
        results = json.loads(RESULTS_FILE.read_text()) if RESULTS_FILE.exists() else {}
        results[arguments.file.stem] = record
        RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
