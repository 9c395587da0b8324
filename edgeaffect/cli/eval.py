"""`edgeaffect eval affect|detect|explain DATA`: score the models on labelled data; `eval table`: see `eval_table`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .._files import read_bounded
from .._progress import ProgressLine
from ..evaluation.affect_folders import find_layout
from ..evaluation.archives import ArchiveError, UnknownFormatError
from ..evaluation.datasets import holds, read_pictures
from ..evaluation.explain_data import TEXTS
from .eval_table import lines_of
from .usage import Parser, UsageError, complain, usage_errors

# Average precision counts weak detections as well.
_ALL_SCORES = 0.02
_MAX_TEXTS = 64 << 20  # bytes
# task -> entry by which its archives are known
_CONTENTS = {"affect": "votes.npz", "detect": "labels.csv", "explain": "faces.csv"}


def main(words: list[str]) -> int:
    """Run the command; returns its exit code: 1 when some archives of a folder could not be scored."""
    if words[:1] == ["table"]:
        from .eval_table import main as eval_table

        return eval_table(words[1:])
    arguments = _parser().parse_args(words)
    with usage_errors():
        scores, bad = _score(arguments)
    if arguments.json:
        text = json.dumps(scores, indent=2, allow_nan=False)
        if arguments.json == "-":
            print(text)
        else:
            Path(arguments.json).write_text(text + "\n", "utf-8")
    if arguments.json != "-":
        for entry in scores:
            print("\n".join(lines_of(entry) if "layout" in entry else _table(entry)))
    return 1 if bad else 0


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect eval", description="Score the models on labelled data.")
    tasks = parser.add_subparsers(metavar="TASK", dest="task", required=True)
    affect = tasks.add_parser("affect", help="expressions against people: FER+ archive, AffectNet, RAF-DB, labels.csv")
    affect.add_argument("--split", metavar="NAME", help="part of the data; default: test, val or valid, else all")
    folder = affect.add_argument_group("of a folder of pictures (docs/protocols.md)")
    folder.add_argument("--crops", default="detect", choices=("detect", "landmarks", "whole"),
                        help="find faces anew, align by the set's landmarks, or take pictures as they are")  # fmt: skip
    folder.add_argument("--seven", action="store_true", help="leave contempt out: AffectNet's 7 classes")
    folder.add_argument("--samples", type=int, default=1000, metavar="N", help="draws of each interval (%(default)s)")
    folder.add_argument("--faces", type=int, default=0, metavar="N", help="only the first N pictures; 0 = all")
    affect.set_defaults(run=_affect)
    detect = tasks.add_parser("detect", help="faces in photographs, 68-point frames, 5-point crops")
    detect.add_argument("--max-side", type=int, default=0, metavar="PX", help="longest side of the input; 0 = all")
    detect.set_defaults(run=_detect)
    explain = tasks.add_parser("explain", help="explanations, answers and judgements on faces with measured cues")
    for name in TEXTS:
        explain.add_argument(f"--{name}", type=Path, metavar="FILE", help="JSON list in place of the archive's own")
    explain.add_argument("--faces", type=int, default=0, metavar="N", help="only the first N faces; 0 = all")
    explain.set_defaults(run=_explain)
    tasks.add_parser("table", help="any table of predictions beside a table of ratings")  # for the list above
    for verb in (affect, detect, explain):
        verb.add_argument("data", type=Path, help="archive (.zip), or folder of archives")
        verb.add_argument("--model", metavar="MODEL", help="name or path; default: the bundled one")
        verb.add_argument("--json", metavar="FILE", help="scores as JSON; - is standard output")
        verb.add_argument("--device", default="auto", metavar="NAME")
        verb.add_argument("--runtime", default="auto", metavar="NAME")
    return parser


def _score(arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], list[str]]:
    """Scores of every archive, and the names of those that could not be read.

    An archive that was named by itself must be readable.
    """
    if arguments.task == "affect" and arguments.data.is_dir() and find_layout(arguments.data):
        return [_folder(arguments)], []
    if not arguments.data.is_dir():
        return [arguments.run(arguments.data, arguments)], []
    scores: list[dict[str, Any]] = []
    bad: list[str] = []
    paths = sorted(arguments.data.glob("*.zip"))
    for path in paths:
        try:
            if _is_for(path, arguments.task):
                scores.append(arguments.run(path, arguments))
        except (ArchiveError, MemoryError) as error:
            reason = str(error) or f"{path} needs more memory than there is"
            complain(f"{reason}; going on with the next archive")
            bad.append(path.name)
    if bad:
        complain(f"{len(bad)} of {len(paths)} archives could not be scored: {', '.join(bad)}")
    elif not scores:
        wanted = _CONTENTS[arguments.task]
        raise UsageError(f"no archive in {arguments.data} holds {wanted} for `eval {arguments.task}`")
    return scores, bad


def _is_for(path: Path, task: str) -> bool:
    """Whether an archive holds what the task needs."""
    if not holds(path, _CONTENTS[task]):
        return False
    if task != "detect":
        return True
    try:
        read_pictures(path)
    except UnknownFormatError:  # other labelled sets have tables as well
        return False
    return True


def _folder(arguments: argparse.Namespace) -> dict[str, Any]:
    from .eval_folder import folder_scores

    with ProgressLine() as line:
        return folder_scores(arguments.data, arguments, line.show)


def _affect(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from ..evaluation.evaluate import evaluate_affect
    from ..face.affect import FaceAffect

    affect = FaceAffect(arguments.model, device=arguments.device, runtime=arguments.runtime)
    with ProgressLine() as line:
        scores = evaluate_affect(path, affect.predict_crops, split=arguments.split, progress=line.show)
    return {"model": f"{affect.model.name} {affect.model.spec.version}", **scores}


def _detect(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from ..evaluation.evaluate import evaluate_detect
    from ..face.detector import FaceDetector
    from ..options import DetectOptions

    detector = FaceDetector(
        arguments.model,
        options=DetectOptions(score_threshold=_ALL_SCORES, max_side=arguments.max_side, max_faces=1000),
        device=arguments.device,
        runtime=arguments.runtime,
    )
    facts = detector.model.spec.detector
    assert facts is not None  # every FaceDetector has one
    threshold = facts.nms.score_threshold
    with ProgressLine() as line:
        scores = evaluate_detect(path, detector.detect, threshold=threshold, progress=line.show)
    return {"model": f"{detector.model.name} {detector.model.spec.version}", "max_side": arguments.max_side, **scores}


def _explain(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from .eval_explain import explain_scores

    given = {name: getattr(arguments, name) for name in TEXTS}
    texts = {name: read_bounded(file, _MAX_TEXTS) for name, file in given.items() if file is not None}
    with ProgressLine() as line:
        return explain_scores(path, texts, arguments, line.show)


def _table(scores: dict[str, Any]) -> list[str]:
    """One score per line; nested ones indented."""
    rest = {key: value for key, value in scores.items() if key not in ("model", "data", "confusion")}
    return [f"{scores['model']} on {scores['data']}", *_lines(rest, 2)]


def _lines(scores: dict[str, Any], indent: int) -> list[str]:
    lines = []
    for key, value in scores.items():
        name = " " * indent + key.replace("_", " ")
        if isinstance(value, dict) and not {"share", "faces"} & set(value):
            lines += [name, *_lines(value, indent + 2)]
        else:
            lines.append(f"{name:24} {_cell(value)}")
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        share, count = (value.get("recall"), value["faces"]) if "recall" in value else (value["share"], value["count"])
        if share is None:
            return f"none of {count}"
        low, high = value["interval"]
        return f"{share:.3f} [{low:.3f}, {high:.3f}] of {count}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(f"{v:.4f}" for v in value) + "]"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
