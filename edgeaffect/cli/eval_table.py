"""`edgeaffect eval table PREDICTIONS RATINGS`: score a table of predictions beside a table of ratings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..evaluation.emotion_wheel import PLUTCHIK, read_grouping
from ..evaluation.intervals import SAMPLES
from ..evaluation.match_tables import ESTIMATE, TimeRule, match_tables
from ..evaluation.protocols import PROTOCOLS
from ..evaluation.score_table import What, score_table
from ..evaluation.tables import Table, read_table
from .usage import Parser, UsageError, usage_errors

_TIMES = ("time", "timestamp", "seconds")
_KEYS = ("recording", "video", "file", "clip", "camera", "face", "track_id")
_VALUES = ("valence", "arousal", "dominance")
_CLASSES = ("label", "emotion", "expression")


def main(words: list[str]) -> int:
    """Run the command; returns its exit code."""
    arguments = _parser().parse_args(words)
    with usage_errors():
        report = _score(arguments)
    if arguments.json:
        text = json.dumps(report, indent=2, allow_nan=False)
        if arguments.json == "-":
            print(text)
            return 0
        Path(arguments.json).write_text(text + "\n", "utf-8")
    print("\n".join(lines_of(report)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="edgeaffect eval table",
        description="Score predictions beside ratings, rows joined by names and, where there is one, by time.",
        epilog="Example: edgeaffect eval table out/summary.parquet ratings.csv --key recording --time time --value "
        "valence=joystick --delay estimate --person person --group gender --json scores.json",
    )
    add = parser.add_argument
    add(
        "predictions", type=Path, metavar="PREDICTIONS", help="CSV, Parquet ('edgeaffect[table]'), or a folder of these"
    )
    add("ratings", type=Path, metavar="RATINGS", help="CSV or Parquet")
    pair: dict[str, Any] = {"action": "append", "default": [], "metavar": "PREDICTED[=RATED]"}
    add("--value", **pair, help="pair of continuous columns (default: valence, arousal, dominance found in both)")
    add("--class", **pair, dest="classes", help="pair of class columns (default: label, emotion, expression in both)")
    add("--words", **pair, help="pair of columns of emotion words, separated by commas: set-F1 over a wheel (EW)")
    add("--wheel", type=Path, metavar="CSV", help="columns word, group; default: a table after Plutchik")
    add("--probabilities", metavar="PREFIX", help="predictions' columns PREFIX + class: ECE, Brier score, AUC")
    add("--shares", metavar="PREFIX", help="ratings' columns PREFIX + class, shares or counts of raters: JS divergence")
    add("--protocol", metavar="NAME", help=f"score as a challenge does: {', '.join(PROTOCOLS)}")
    add("--key", metavar="COLUMNS", help=f"columns that tell rows apart (default: of {', '.join(_KEYS)} those in both)")
    add("--time", metavar="COLUMN", help=f"seconds (default: {', '.join(_TIMES)} in both); none joins by keys alone")
    add("--tolerance", type=float, default=0.5, metavar="S", help="farthest prediction from a rating (%(default)s)")
    add("--delay", default="0", metavar=f"S|{ESTIMATE}", help="seconds by which annotators are late (%(default)s)")
    add("--max-lag", type=float, default=6.0, metavar="S", help="bound of an estimated delay (%(default)s)")
    add("--person", metavar="COLUMN", help="whose row it is, for intervals (default: a recording is a person)")
    add("--group", action="append", default=[], metavar="COLUMN", help="a report per value of this column")
    add("--where", action="append", default=[], metavar="COLUMN=VALUE", help="only such rows of the predictions")
    add("--samples", type=int, default=SAMPLES, metavar="N", help="draws of each interval; 0 = none (%(default)s)")
    add("--json", metavar="FILE", help="report as JSON; - is standard output")
    return parser


def _score(arguments: argparse.Namespace) -> dict[str, Any]:
    predictions, ratings = read_table(arguments.predictions), read_table(arguments.ratings)
    for condition in arguments.where:
        column, separator, value = condition.partition("=")
        if not separator:
            raise UsageError(f"--where takes COLUMN=VALUE; got {condition!r}")
        predictions = predictions.take(predictions.texts(column) == value)
        if not len(predictions):
            raise UsageError(f"no row of {arguments.predictions} has {condition}")
    time = _time(arguments, predictions, ratings)
    keys = _names(arguments.key) if arguments.key else _both(_KEYS, predictions, ratings)
    values, classes = _pairs(arguments.value), _pairs(arguments.classes)
    if not (values or classes or arguments.words or arguments.protocol):
        values = {name: name for name in _both(_VALUES, predictions, ratings)}
        classes = {name: name for name in _both(_CLASSES, predictions, ratings)}
        if not (values or classes):
            raise UsageError(
                "no pair of columns to score: name them by --value, --class or --words; "
                + ", ".join(f"{t.path} has {', '.join(list(t.columns)[:20])}" for t in (predictions, ratings))
            )
    match = match_tables(predictions, ratings, keys, time=time, lag_columns=next(iter(values.items()), None))
    what = What(
        values, classes, _pairs(arguments.words), arguments.probabilities, arguments.shares,
        read_grouping(arguments.wheel) if arguments.wheel else PLUTCHIK, arguments.protocol,
    )  # fmt: skip
    scores = score_table(match, what, person=arguments.person, groups=arguments.group, samples=arguments.samples)
    return {
        "predictions": arguments.predictions.name,
        "ratings": arguments.ratings.name,
        "joined_by": [*keys, *([time.column] if time else [])],
        **scores,
    }


def _time(arguments: argparse.Namespace, predictions: Table, ratings: Table) -> TimeRule | None:
    name = arguments.time or next(iter(_both(_TIMES, predictions, ratings)), None)
    if name in (None, "none"):
        if arguments.delay != "0":
            raise UsageError("--delay needs a time column: name it by --time")
        return None
    try:
        delay = ESTIMATE if arguments.delay == ESTIMATE else float(arguments.delay)
    except ValueError:
        raise UsageError(f"--delay takes seconds or {ESTIMATE}; got {arguments.delay!r}") from None
    return TimeRule(name, delay, arguments.tolerance, arguments.max_lag)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _both(names: Sequence[str], predictions: Table, ratings: Table) -> list[str]:
    return [name for name in names if name in predictions.columns and name in ratings.columns]


def _pairs(entries: Sequence[str]) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in entries)
    return {predicted.strip(): (rated or predicted).strip() for predicted, _, rated in pairs}


def lines_of(report: dict[str, Any], indent: int = 0) -> list[str]:
    """One number per line with its interval; nested parts indented."""
    lines = []
    for key, value in report.items():
        name = " " * indent + key.replace("_", " ")
        if isinstance(value, dict) and {"value", "interval"} <= set(value):
            lines.append(f"{name:28} {_estimate(value)}")
        elif isinstance(value, dict):
            lines += [name, *lines_of(value, indent + 2)]
        elif key == "confusion":
            lines += [name, *(" " * (indent + 2) + " ".join(f"{n:6}" for n in row) for row in value)]
        else:
            lines.append(f"{name:28} {_cell(value)}")
    return lines


def _estimate(value: dict[str, Any]) -> str:
    if value["value"] is None:
        return "not defined"
    shown = f"{value['value']:.4f}"
    return shown if value["interval"] is None else f"{shown} [{value['interval'][0]:.4f}, {value['interval'][1]:.4f}]"


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
