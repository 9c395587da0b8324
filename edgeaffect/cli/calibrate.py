"""`edgeaffect calibrate DATA -o FILE`: fit an affect model's probabilities to labelled faces of one's own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .._progress import ProgressLine
from ..evaluation.fit_calibration import fit_calibration
from ..models.calibration_file import AffectCalibration
from ..sources import Images
from .labelled_faces import TABLE, LabelledFace, read_labelled_faces
from .usage import Parser, UsageError, add_option_flags, options_from, usage_errors


@dataclass
class _Seen:
    """What the pipeline said of the pictures."""

    faces: list[LabelledFace] = field(default_factory=list)
    probabilities: list[Any] = field(default_factory=list)
    without_face: int = 0
    several_faces: int = 0
    unreadable: int = 0


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    with usage_errors():
        calibration, seen = _calibrate(arguments)
        calibration.write(arguments.output)
    print("\n".join(_report(calibration, seen)))
    print(f"wrote {arguments.output}: use it with Pipeline(calibration=...), or --calibration {arguments.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="edgeaffect calibrate",
        description="Fit an affect model's probabilities to labelled faces of your own, which is_sure then stands on.",
        epilog="Example: edgeaffect calibrate faces/labels.csv --models permissive -o mine.json",
    )
    parser.add_argument(
        "data", type=Path, metavar="FOLDER|CSV",
        help="a folder per label, or a table with the columns file, label and (better) person",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the calibration, as JSON")
    add_option_flags(parser)
    return parser


def _calibrate(arguments: argparse.Namespace) -> tuple[AffectCalibration, _Seen]:
    options = options_from(arguments)
    if options.affect.calibration is not None:
        raise UsageError("a calibration is made of what a model says by itself: leave out --calibration")
    if options.affect.first is not None:
        raise UsageError("a calibration is made of what one model says: leave out first_look")
    if not arguments.output.absolute().parent.is_dir():
        raise UsageError(f"no such folder: {arguments.output.absolute().parent}; make it first")
    faces = read_labelled_faces(arguments.data)
    _check_output(arguments, faces)
    from ..pipeline.pipeline import Pipeline

    with Pipeline(options, cues=False) as pipeline:
        assert pipeline.affect is not None  # no flag of this command leaves it out
        file = pipeline.affect.model
        assert file is not None  # as above: the stage is ours
        seen = _look(pipeline, faces)
    who = [face.person for face in seen.faces if face.person is not None]
    people = who if len(who) == len(seen.faces) else None
    labels = [face.label for face in seen.faces]
    said = np.array(seen.probabilities).reshape(-1, 8)
    try:
        return fit_calibration(said, labels, people, model=f"{file.name} {file.spec.version}"), seen
    except ValueError as error:
        raise UsageError(f"{arguments.data}: {error}{_left_out(seen)}") from error


def _check_output(arguments: argparse.Namespace, faces: Sequence[LabelledFace]) -> None:
    """Refuse a file that cannot be written, or that is read."""
    output: Path = arguments.output
    if output.is_dir():
        raise UsageError(f"{output} is a folder: name a file for the calibration, such as {output / 'mine.json'}")
    read = (arguments.data, arguments.data / TABLE, *(face.path for face in faces))
    if output.resolve() in {path.resolve() for path in read}:
        raise UsageError(f"{output} is read by this command and would be overwritten: write to another file")


def _look(pipeline: Any, faces: Sequence[LabelledFace]) -> _Seen:
    """Affect of the largest face of each picture, one picture after the other."""
    seen = _Seen()
    source = Images([face.path for face in faces])
    with ProgressLine() as line:
        for frame, result in pipeline.frames(source):
            line.show(frame.index + 1, len(faces), "faces")
            if not result.faces:
                seen.without_face += 1
                continue
            seen.several_faces += len(result.faces) > 1
            sides = [float(np.prod(face.box[2:] - face.box[:2])) for face in result.faces]
            affect = result.faces[int(np.argmax(sides))].affect
            if affect.extra:
                raise UsageError(
                    f"{result.models['affect']} has labels outside the eight ({', '.join(affect.extra)}): only models "
                    "of the eight emotions can be calibrated"
                )
            seen.faces.append(faces[frame.index])
            seen.probabilities.append(affect.probabilities)
    seen.unreadable = len(source.errors)  # each was logged as it came
    return seen


def _left_out(seen: _Seen) -> str:
    """Pictures that did not count, and those of which only the largest face did; empty when there are none."""
    parts = [
        f"{count} pictures {what}"
        for count, what in (
            (seen.without_face, "without a face left out"), (seen.unreadable, "could not be read"),
            (seen.several_faces, "with several faces, of which the largest counts"),
        )
        if count
    ]  # fmt: skip
    return f" ({'; '.join(parts)})" if parts else ""


def _report(calibration: AffectCalibration, seen: _Seen) -> list[str]:
    """What was fitted, and what it is worth on faces that the fit had not seen."""
    people = "people not told, so that a person may be on both sides of a held-out part"
    if calibration.people is not None:
        people = f"{calibration.people} people, held-out parts share none with the rest"
    scores = calibration.held_out
    lines = [
        f"{calibration.model}: {calibration.faces} faces, {people}{_left_out(seen)}",
        f"temperature {calibration.temperature:.3f}; "
        + ("a bias per label pays" if calibration.bias else "a bias per label does not pay and was left out"),
        f"{'held out':10} {'before':>8} {'after':>8}",
    ]
    for name, text in (("accuracy", "accuracy"), ("ece", "ECE"), ("nll", "loss, nats")):
        lines.append(f"{text:10} {scores[f'{name}_before']:8.3f} {scores[f'{name}_after']:8.3f}")
    return lines
