"""`edgeaffect batch INPUTS... -o out/`: many recordings to tables."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .._progress import ProgressLine
from ..errors import DependencyError, SourceError
from ..events import read_rules
from ..options import RecordingOptions
from ..options.recordings import ALIASES, EXTRA_GROUPS, FORMATS
from ..sinks.base import counted
from .usage import (
    Failure,
    Parser,
    UsageError,
    add_option_flags,
    complain,
    in_words,
    options_from,
    terminable,
    usage_errors,
)

_SHOWN = 10


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    _check(arguments)
    options = options_from(arguments)
    with usage_errors():
        recording_options = RecordingOptions(
            every=arguments.every, cues=not arguments.no_cues, sound=_sound(arguments),
            extra=_names("--with", arguments.extra, EXTRA_GROUPS), format=arguments.format,
            columns=_names("--columns", arguments.columns, ALIASES),
        )  # fmt: skip
        rules = read_rules(arguments.rules) if arguments.rules else None
    from ..recordings import JobError, Progress, analyse

    began = time.monotonic()
    with terminable(), ProgressLine() as line:

        def show(progress: Progress) -> None:
            rate = progress.frames / max(time.monotonic() - began, 1e-9)
            text = f"{progress.recordings} of {progress.of} recordings, {rate:.0f} frames/s, {progress.name}"
            line.show(progress.done_bytes, max(1, progress.of_bytes), text)

        try:
            report = analyse(
                arguments.inputs, arguments.output, pipeline=options, options=recording_options, rules=rules,
                workers=arguments.workers, engine=arguments.engine, ray_address=arguments.ray_address,
                on_progress=show,
            )  # fmt: skip
        except (ValueError, TypeError) as error:
            raise error if isinstance(error, JobError) else UsageError(str(error)) from error
        except (DependencyError, SourceError, UsageError):
            raise
        except (OSError, RuntimeError) as error:
            raise Failure(in_words(error)) from error
    return _tell(report, time.monotonic() - began)


def _parser() -> Parser:
    parser = Parser(
        prog="edgeaffect batch",
        description="Analyse many recordings: a table for each, and a summary. Called again after a crash, it goes on.",
    )
    parser.add_argument("inputs", nargs="+", help="films, sound files, pictures, folders, patterns (in quotes)")
    parser.add_argument(
        "-o", "--output", required=True, metavar="FOLDER", help="folder for the tables; that of an earlier run goes on"
    )
    table = parser.add_argument_group("tables")
    table.add_argument(
        "--every", type=float, default=0.0, metavar="S",
        help="seconds between two rows; all frames are analysed all the same (default: a row for every frame)",
    )  # fmt: skip
    table.add_argument(
        "--format", choices=FORMATS, default="auto", help="auto is Parquet where pyarrow is installed, else CSV"
    )
    table.add_argument("--with", dest="extra", metavar="GROUPS", help=f"more columns: {','.join(EXTRA_GROUPS)}")
    table.add_argument(
        "--columns", metavar="TOOLS", help=f"also tables with another tool's columns: {','.join(ALIASES)}"
    )
    table.add_argument("--no-cues", action="store_true", help="affect alone: no landmarks, action units, pose, gaze")
    table.add_argument("--rules", metavar="FILE", help="TOML file with events of your own")
    sound = parser.add_mutually_exclusive_group()
    sound.add_argument("--sound", action="store_true", help="hear the films' sound; fail where that is impossible")
    sound.add_argument("--no-sound", action="store_true", help="do not (default: where PyAV is installed)")
    work = parser.add_argument_group("work")
    work.add_argument("--workers", type=int, metavar="N", help="processes (default: one for each core)")
    work.add_argument("--engine", choices=("processes", "ray"), default="processes", help="ray: on a Ray cluster")
    work.add_argument("--ray-address", metavar="ADDRESS", help="of the cluster (default: a Ray on this machine)")
    add_option_flags(parser)
    return parser


def _check(arguments: Any) -> None:
    if arguments.workers is not None and not 1 <= arguments.workers <= 4096:
        raise UsageError(f"--workers must be 1 to 4096; got {arguments.workers}")
    if arguments.ray_address is not None and arguments.engine != "ray":
        raise UsageError("--ray-address does nothing without --engine ray: add it, or leave out --ray-address")


def _sound(arguments: Any) -> bool | None:
    return True if arguments.sound else False if arguments.no_sound else None


def _names(flag: str, text: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in names:
        if name not in allowed:
            raise UsageError(f"{flag} takes {', '.join(allowed)}, joined by commas; got {name!r}")
    return names


def _tell(report: Any, seconds: float) -> int:
    """Say what is missing and what was done; the exit code."""
    for remark in report.remarks:
        complain(remark)
    if report.left_out:
        names = ", ".join(Path(path).name for path in report.left_out[:_SHOWN])
        more = f" and {len(report.left_out) - _SHOWN} more" if len(report.left_out) > _SHOWN else ""
        complain(f"{counted(len(report.left_out), 'file')} left out that are no recordings: {names}{more}")
    problems = report.problems
    for problem in problems[:_SHOWN]:
        is_named = problem.source in problem.error
        complain(problem.error if is_named else f"{problem.source}: {problem.error}")
    if len(problems) > _SHOWN:
        complain(f"and {len(problems) - _SHOWN} more; all stand in {report.out / 'errors.csv'}")
    failed = [outcome for outcome in report.outcomes if outcome.status != "done"]
    parts = [counted(len(report.outcomes) - len(failed), "recording")]
    if report.already:
        parts.append(f"{report.already} were done already")
    if failed:
        parts.append(f"{len(failed)} failed (see {report.out / 'errors.csv'})")
    parts += [counted(report.rows, "row"), f"{report.frames / max(seconds, 1e-9):.1f} frames/s"]
    complain(", ".join(parts) + f"; wrote {report.out}")
    if any(not outcome.is_input for outcome in failed):
        return 1
    return 2 if problems else 0
