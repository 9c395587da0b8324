"""What the model card says about sure answers when something hides the face, from `GUARD.json`."""

from __future__ import annotations

from typing import Any

from training.affect.guard_kinds import COVERAGES, RESULTS_FILE
from training.card_text import interval, load, percent, table


def guard_card() -> list[str]:
    """The section; empty before `training.affect.guard_report` has run."""
    records = load(RESULTS_FILE)
    lines: list[str] = []
    for name, record in records.items():
        lines += _model(name, record)
    if not lines:
        return []
    return ["## Sure, and hidden", "", _PROTOCOL, "", *lines]


_PROTOCOL = (
    "FER+ `valid`; written by `python -m training.affect.guard_report`. Each cell: share of another label than that of "
    "the untouched face, among the answers that stay sure / share of sure answers that stay sure / ECE on faces with a "
    "majority. Kinds marked * were in no training. The last column is the share of other labels among the best "
    f"{', '.join(f'{share:.0%}' for share in COVERAGES)} of all faces by `quality` at strength 3."
)


def _model(name: str, record: dict[str, Any]) -> list[str]:
    plain, measured = record["plain"], record["measured"]
    machine = ", ".join([measured["processor"], *measured["instruction_set"]])
    lines = [f"### {name} {record['version']}", ""]
    lines.append(
        f"{record['faces']} faces, of which {percent(plain['sure'])} are sure as they are; these read "
        f"{percent(plain['accuracy_of_sure'])} of the majority labels right, all faces {percent(plain['accuracy'])}."
    )
    if "kept" in plain:
        lines.append(f"Of the faces that version 3.1.0 was sure of, {percent(plain['kept'])} still are.")
    lines.append(
        f"Of {record['no_face']['pictures']} crops without a face {percent(record['no_face']['sure'])} are sure. "
        f"Commit {measured['commit']}, {machine}."
    )
    lines.append("")
    rows = []
    for kind, found in record["kinds"].items():
        cells = [
            f"{percent(row['other_among_sure'])} / {row['still_sure']:.0%} / {percent(row['ece'])}"
            for row in found["rows"]
        ]
        risk = ", ".join(percent(value) for value in found["rows"][2]["risk"])
        rows.append((f"{kind}{' *' if found['unseen'] else ''}", *cells, risk))
    lines += table(("hidden by", "1", "2", "3", "4", "5", "other at coverage"), rows)
    return [*lines, "", *_portraits(record.get("portraits"))]


def _portraits(record: dict[str, Any] | None) -> list[str]:
    """The whole path on portraits in colour, where that was measured."""
    if record is None:
        return []
    rows = (
        (name, row["found"], row["sure"], f"{row['other']} ({interval(row['interval'])})")
        for name, row in record["touches"].items()
    )
    return [
        f"{record['portraits']} portraits (webmorph) through the whole path, {record['sure']} of them sure as they are "
        "(`python -m training.affect.guard_portraits`): faces found, sure, and sure of another label than before.",
        "",
        *table(("touched", "found", "sure", "other (95 % interval of its share)"), rows),
        "",
    ]
