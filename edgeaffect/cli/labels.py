"""`edgeaffect labels fit FACES.csv -o FILE`: a head for labels of one's own, inside a model file that Pipeline runs."""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .._files import file_sha256, read_bounded
from .._progress import ProgressLine
from ..evaluation.fit_labels import FittedHead, fit_labels
from ..evaluation.intervals import SAMPLES
from ..evaluation.label_data import LabelData, class_data, scale_data
from ..face.detector import FaceDetector
from ..face.features import FaceFeatures
from ..image import Image
from ..models import ModelFile
from ..models.own_head import write_with_head
from ..sources import Images
from .eval_table import lines_of
from .usage import Failure, Parser, UsageError, usage_errors

_MAX_TABLE = 64 << 20  # bytes
_MAX_ROWS = 100_000
_SAME = 1e-3


@dataclass
class _Faces:
    """Faces with their features, as far as pictures show one."""

    features: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    without_face: int = 0
    several_faces: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class _Table:
    """FACES.csv."""

    name: str
    files: list[Path]
    labels: list[str]
    people: list[str]
    is_scale: bool

    def data(self, rows: list[int]) -> LabelData:
        labels, people = [self.labels[i] for i in rows], [self.people[i] for i in rows]
        return scale_data(self.name, [float(v) for v in labels], people) if self.is_scale else class_data(
            self.name, labels, people
        )  # fmt: skip


def main(words: list[str]) -> int:
    """Run the verb; the exit code: 1 when the head is no better than chance and was not written."""
    arguments = _parser().parse_args(words)
    with usage_errors():
        return _fit(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="edgeaffect labels", description="Labels of your own: engagement, boredom, a pain scale, ...")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    fit = verbs.add_parser(
        "fit",
        help="a head over frozen features, from tens of faces per class",
        epilog="Example: edgeaffect labels fit faces.csv --name engagement -o mine.onnx; then Pipeline(affect="
        "'mine.onnx') gives face.affect.own",
    )
    fit.add_argument("faces", type=Path, metavar="FACES.csv",
                     help="columns file, person and label (classes) or value (a scale)")  # fmt: skip
    fit.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the model file, .onnx")
    fit.add_argument("--name", metavar="NAME", help="what is labelled; of a scale the name in results (default: stem)")
    fit.add_argument("--model", metavar="MODEL", help="affect model that gives the features (default: the bundled one)")
    fit.add_argument("--samples", type=int, default=SAMPLES, metavar="N", help="draws of each interval (%(default)s)")
    fit.add_argument("--crops", action="store_true", help="pictures are crops of aligned faces: do not detect")
    fit.add_argument("--even-if-chance", action="store_true", help="write a head that is no better than chance")
    fit.add_argument("--json", type=Path, metavar="FILE", help="the report as JSON")
    fit.add_argument("--device", default="auto", metavar="NAME")
    fit.add_argument("--runtime", default="auto", metavar="NAME")
    return parser


def _fit(arguments: argparse.Namespace) -> int:
    table = _read(arguments.faces, arguments.name or arguments.faces.stem)
    table.data(list(range(len(table.files))))  # too little stays too little; nobody waits for that
    _check_same_pictures(table)
    if not arguments.output.absolute().parent.is_dir():
        raise UsageError(f"no such folder: {arguments.output.absolute().parent}; make it first")
    if arguments.output.suffix != ".onnx" or arguments.output.resolve() == arguments.faces.resolve():
        raise UsageError(f"the model file must end in .onnx; got {arguments.output}")
    place = {"device": arguments.device, "runtime": arguments.runtime}
    with FaceDetector(**place) as detector, FaceFeatures(arguments.model, **place) as stage:
        seen = _look(table, detector, stage, crops=arguments.crops)
        base, axes = stage.model, stage.axes or 0
    if not seen.rows:
        raise UsageError(f"no face was found in {len(table.files)} pictures")
    data = table.data(seen.rows)
    x = np.stack(seen.features).astype(np.float64)
    fitted = fit_labels(x, data, samples=arguments.samples)
    report = {"model": f"{base.name} {base.spec.version}", **fitted.report, "left_out": _left_out(seen)}
    print("\n".join(lines_of(report)))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", "utf-8")
    if not fitted.beats_chance and not arguments.even_if_chance:
        score = report["scores"][report["main_score"]]
        raise Failure(
            f"no better than chance on people that were not seen ({report['main_score']} {score['value']}, interval "
            f"{score['interval']}, chance {report['chance']:.3f}): nothing was written. More people and clearer labels "
            "help; --even-if-chance writes it"
        )
    _write(arguments, base, fitted, axes, x)
    return 0


def _read(path: Path, name: str) -> _Table:
    try:
        rows = list(csv.DictReader(read_bounded(path, _MAX_TABLE).decode("utf-8-sig").splitlines()))
    except (ValueError, csv.Error) as error:
        raise UsageError(f"{path} is no table of faces: {error}") from error
    columns = set(rows[0]) if rows else set()
    kinds = [kind for kind in ("label", "value") if kind in columns]
    if not {"file", "person"} <= columns or len(kinds) != 1:
        shown = ", ".join(str(c) for c in columns) or "none"
        raise UsageError(f"{path} needs the columns file, person and either label or value; its columns are {shown}")
    if len(rows) > _MAX_ROWS:
        raise UsageError(f"{path} has {len(rows)} rows; at most {_MAX_ROWS} are read")
    table = _Table(name, [], [], [], kinds[0] == "value")
    for number, row in enumerate(rows, 2):
        cells = [(row[column] or "").strip() for column in ("file", kinds[0], "person")]
        if not all(cells):
            raise UsageError(f"{path}, line {number}: file, {kinds[0]} or person is empty")
        picture = path.parent / cells[0]
        if not picture.is_file():
            raise UsageError(f"{path}, line {number}: no such picture: {picture}")
        if table.is_scale:
            try:
                float(cells[1])
            except ValueError:
                raise UsageError(f"{path}, line {number}: value is no number: {cells[1]!r}") from None
        table.files.append(picture)
        table.labels.append(cells[1])
        table.people.append(cells[2])
    return table


def _check_same_pictures(table: _Table) -> None:
    """A picture that counts as two people would be on both sides of a held-out part."""
    first: dict[str, int] = {}
    for row, path in enumerate(table.files):
        before = first.setdefault(file_sha256(path), row)
        if table.people[before] != table.people[row]:
            raise UsageError(
                f"{table.files[before]} ({table.people[before]}) and {path} ({table.people[row]}) are one picture of "
                "two people: correct the column person, or leave one out"
            )
        if before != row:
            raise UsageError(f"{table.files[before]} and {path} are the same picture: leave one out")


def _look(table: _Table, detector: FaceDetector, stage: FaceFeatures, *, crops: bool) -> _Faces:
    """Features of the largest face of each picture, or of each crop as a whole."""
    seen = _Faces()
    source = Images(table.files)
    with ProgressLine() as line:
        for frame in source:
            line.show(frame.index + 1, len(table.files), "faces")
            if crops:
                seen.features += stage.run_crops([frame.image], frame.color)
                seen.rows.append(frame.index)
                continue
            image = Image.of(frame.image, frame.color, still=True)
            faces = detector.detect(image)
            if not len(faces):
                seen.without_face += 1
                continue
            seen.several_faces += len(faces) > 1
            sides = (faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(1)
            best = int(np.argmax(sides))
            seen.features.append(stage.predict(image, faces)[best])
            seen.rows.append(frame.index)
    seen.unreadable = len(source.errors)
    return seen


def _left_out(seen: _Faces) -> dict[str, int]:
    return {"without_a_face": seen.without_face, "unreadable": seen.unreadable,
            "of_several_faces_the_largest": seen.several_faces}  # fmt: skip


def _write(arguments: argparse.Namespace, base: ModelFile, fitted: FittedHead, axes: int, x: Any) -> None:
    report = fitted.report
    counts = f"{report['faces']} faces of {report['people']} people"
    score = report["scores"][report["main_score"]]
    low, high = score["interval"] or (score["value"], score["value"])
    told = (f"head {report['name']} by `edgeaffect labels fit`, {report['main_score']} on held-out people "
            f"{score['value']:.3f} [{low:.3f}, {high:.3f}]")  # fmt: skip
    file = write_with_head(
        base, fitted.head, arguments.output, feature_axes=axes, told=told,
        data=f"labels of the user's own for {report['name']}: {counts}",
    )  # fmt: skip
    names = ", ".join(fitted.head.labels) or fitted.head.name
    print(f"wrote {file.path}: Pipeline(affect={str(file.path)!r}) or `edgeaffect run --affect {file.path}` gives "
          f"face.affect.own with {names}")  # fmt: skip
