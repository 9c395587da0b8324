"""What more recall of fear, disgust and contempt costs: `python -m training.affect.rare_classes --data DIR`.

A label is the emotion with the most `probabilities * weight`: with weights above 1 a rare emotion is named more often,
and wrongly more often. For each rare emotion the development part gives the least weight that raises its recall by ten
points; then the faces of `valid` are read once, with and without these weights, and along a row of common weights.
Nothing here changes the model: whoever needs rare emotions applies the weights to `affect.probabilities`.

Figures go to `RARE.json`; the model card shows them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.evaluation import affect_metrics as metrics
from edgeaffect.face.affect import FaceAffect
from training.card_text import interval, load, percent, table
from training.data import FerPlus, data_folder, read_ferplus
from training.provenance import provenance

RECORD = Path(__file__).with_name("RARE.json")
RARE = ("fear", "disgust", "contempt")
GAIN = 0.1
GRID = np.exp(np.arange(0, 5.01, 0.1))
COMMON = (1.0, 2.0, 4.0, 8.0, 16.0)
Reading = tuple[NDArray[np.float64], NDArray[np.int64]]


def read_faces(stage: FaceAffect, faces: FerPlus) -> Reading:
    """Probabilities [n, 8] and labels [n] of the faces with a majority label."""
    labels, majority = metrics.majority_labels(faces.votes)
    affects = stage.predict_crops(list(faces.images[majority]), color="gray")
    return np.stack([one.probabilities for one in affects]).astype(np.float64), labels[majority]


def weighted(weights: dict[str, float]) -> NDArray[np.float64]:
    """[8] weights in the order of `EMOTIONS`; 1 where none is given."""
    return np.array([weights.get(name, 1.0) for name in EMOTIONS])


def recall(reading: Reading, weights: NDArray[np.float64], emotion: str) -> float:
    """Share of the faces of an emotion that are named so."""
    p, labels = reading
    of_class = labels == EMOTIONS.index(emotion)
    return float(((p[of_class] * weights).argmax(1) == EMOTIONS.index(emotion)).mean())


def least_weight(reading: Reading, emotion: str) -> float:
    """The least weight of `GRID` that raises the emotion's recall by `GAIN`; raises ValueError where none does."""
    wanted = recall(reading, weighted({}), emotion) + GAIN
    for weight in GRID:
        if recall(reading, weighted({emotion: float(weight)}), emotion) >= wanted:
            return float(weight)
    raise ValueError(f"no weight up to {GRID[-1]:.0f} raises the recall of {emotion} to {wanted:.2f}")


def report(reading: Reading, weights: NDArray[np.float64]) -> dict[str, Any]:
    """Accuracy, unweighted recall, and recall and precision of the rare emotions."""
    p, labels = reading
    confusion = metrics.confusion_matrix(labels, (p * weights).argmax(1))
    recalls = metrics.per_class_recall(confusion)
    record: dict[str, Any] = {
        "accuracy": float(confusion.trace() / confusion.sum()), "uar": float(np.nanmean(recalls)),
        "macro_f1": metrics.macro_f1(confusion),
    }  # fmt: skip
    for name in RARE:
        k = EMOTIONS.index(name)
        hits, named = int(confusion[k, k]), int(confusion[:, k].sum())
        faces = int(confusion[k].sum())
        record[name] = {
            "recall": hits / faces, "interval": metrics.wilson_interval(hits, faces), "faces": faces,
            "precision": hits / named if named else None,
        }  # fmt: skip
    return record


def loss_of_accuracy(reading: Reading, weights: NDArray[np.float64]) -> dict[str, Any]:
    """What the weights take from accuracy, with the interval of the paired difference over faces."""
    p, labels = reading
    difference = (p.argmax(1) == labels).astype(float) - ((p * weights).argmax(1) == labels)
    return {"value": float(difference.mean()), "interval": metrics.bootstrap_interval(difference)}


def rare_card() -> list[str]:
    """Lines of the card; none before the figures exist."""
    record = load(RECORD)
    if not record:
        return []
    chosen = record["chosen"]
    shown = ", ".join(f"{name} {weight:.1f}" for name, weight in chosen["weights"].items())
    lines = [
        "### Rare emotions: what recall costs",
        "",
        "Written by `python -m training.affect.rare_classes`; FER+ `valid`, faces with a majority label, probabilities "
        "times a weight for fear, disgust and contempt. The last row's weights "
        f"({shown}) were chosen on the development part: the least that raise each recall by ten points there. They "
        f"cost {percent(chosen['loss']['value'])} of accuracy ({interval(chosen['loss']['interval'])}, paired) here. "
        f"{record['processor']}, {record['instruction_set'][0]}; {record['model']}; commit {record['commit']}.",
        "",
    ]
    rows = [_row(f"x {weight}", scores) for weight, scores in record["common"].items()]
    header = ("weight", "accuracy", "UAR", "macro F1", *(f"{name}: recall (95 %), precision" for name in RARE))
    return [*lines, *table(header, [*rows, _row("chosen", chosen["scores"])]), ""]


def _row(name: str, scores: dict[str, Any]) -> tuple[str, ...]:
    cells = []
    for emotion in RARE:
        s = scores[emotion]
        precision = "never named" if s["precision"] is None else percent(s["precision"], 0)
        cells.append(f"{percent(s['recall'], 0)} ({interval(s['interval'])}), {precision}")
    return (name, percent(scores["accuracy"]), percent(scores["uar"]), f"{scores['macro_f1']:.3f}", *cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--model", help="name or path (default: the default model)")
    arguments = parser.parse_args()
    faces = read_ferplus(data_folder(arguments.data))
    with FaceAffect(arguments.model, device="cpu") as stage:
        development, valid = (read_faces(stage, faces.part(name)) for name in ("development", "valid"))
        model = f"{stage.model.name} {stage.model.spec.version}"
    weights = {name: least_weight(development, name) for name in RARE}
    record = {
        **provenance(Path(__file__).parent),
        "model": model,
        "common": {f"{w:g}": report(valid, weighted(dict.fromkeys(RARE, w))) for w in COMMON},
        "chosen": {
            "weights": weights, "development": report(development, weighted(weights)),
            "scores": report(valid, weighted(weights)), "loss": loss_of_accuracy(valid, weighted(weights)),
        },
    }  # fmt: skip
    RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
