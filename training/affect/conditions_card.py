"""The card's sections on blur, size, pose and brightness (`CONDITIONS.json`), and on own labels (`OWN_LABELS.json`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.card_text import interval, load, percent, table

RECORD = Path(__file__).with_name("CONDITIONS.json")
OWN = Path(__file__).with_name("OWN_LABELS.json")
_NAMES = {"yaw": "yaw, either way", "pitch": "pitch, either way", "size": "side of the face"}


def conditions_card() -> list[str]:
    """Lines of the section; none before the figures exist."""
    record = load(RECORD)
    if not record:
        return []
    lines = ["### By blur, size, pose and brightness", ""]
    lines += [
        "Written by `python -m training.affect.conditions`. FER+ `valid`: faces with a majority label as 48 px crops, "
        "intervals over pictures (persons are not told); pose of such crops is rough. Web faces: found by the bundled "
        "detector, labels of one student each (noisy: compare rows, not sets), intervals over persons; web crops "
        "like these, perhaps some of these, were among the unlabelled faces of training. `sharpness` is "
        "the variance of the Laplacian at 48 px over that of the gray levels, in thirds of each set. "
        f"{record['processor']}, {', '.join(record['instruction_set'][:1]) or 'instruction set unknown'}; commit "
        f"{record['commit']}.",
        "",
    ]
    for name, scores in record["sets"].items():
        lines += _set(name, scores)
    return lines


def _set(name: str, scores: dict[str, Any]) -> list[str]:
    found = f", {scores['not_found']} of {scores['pictures']} not found" if scores["not_found"] else ""
    lines = [f"{name}, {scores['model']}: {scores['faces']} faces{found}, ECE {percent(scores['ece'])}.", ""]
    rows = [("all", "", *_cells(scores))]
    for condition, parts in scores["conditions"].items():
        rows += [(_NAMES.get(condition, condition), part, *_cells(values)) for part, values in parts.items()
                 if values["faces"]]  # fmt: skip
    header = ("condition", "part", "faces", "accuracy (95 % interval)", "UAR (95 % interval)", "sure", "wrong of sure")
    return [*lines, *table(header, rows), ""]


def _cells(values: dict[str, Any]) -> tuple[str, ...]:
    if "accuracy" not in values:
        return (str(values["faces"]), "too few", "", "", "")
    shown = [f"{percent(v['value'])}" + (f" ({interval(v['interval'])})" if v["interval"] else "")
             for v in (values["accuracy"], values["uar"])]  # fmt: skip
    wrong = values["wrong_of_sure"]
    return (str(values["faces"]), *shown, percent(values["sure"]), "none sure" if wrong is None else percent(wrong))


def own_labels_card() -> list[str]:
    """Lines of the section; none before the figures exist."""
    record = load(OWN)
    if not record:
        return []
    lines = ["### Labels of your own, by the number of faces", ""]
    lines += [
        f"Written by `python -m training.affect.own_labels`: heads on {record['model']} as `edgeaffect labels fit` "
        "makes them, scored on people that the fit had not seen. Smiling or resting: portraits of real people, UAR "
        "(chance 0.5); alert, smug: ratings of synthetic faces, one face a person, CCC (chance 0). Commit "
        f"{record['commit']}.",
        "",
    ]
    tasks = [(name, value) for name, value in record.items() if isinstance(value, dict) and ", faces" in name]
    for name, scores in tasks:
        rows = [(count, s["measure"].upper(), f"{s['value']:.3f}",
                 f"{s['interval'][0]:.3f} to {s['interval'][1]:.3f}" if s["interval"] else "too few people")
                for count, s in scores.items()]  # fmt: skip
        lines += [*table((name, "measure", "value", "95 % interval"), rows), ""]
    return lines
