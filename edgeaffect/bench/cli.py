"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .._redact import hide_secrets
from ..cli.usage import Parser, check_output, complain
from ..errors import DependencyError, DeviceError, Error, ModelNotFoundError, SourceError
from ..image import MAX_SIDE
from ..plot.inline import check as check_charts
from ..runtime.placement import RUNTIMES
from .context import Settings
from .conversion import PRECISIONS
from .host.record import record_files
from .host.system_files import SystemFiles
from .report import html_report, text_report
from .report.comparison import DEFAULT_TOLERANCE, compare
from .report.model import Report
from .run import PARTS, run

DONE, FAILED, BAD_USAGE, REGRESSION = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    """All options of the command."""
    p = Parser(
        prog="edgeaffect bench",
        description="Measure edgeaffect on this machine: where a frame's time goes, cold start, memory, dropped "
        "frames, heat, energy. Without options: everything, in under two minutes, as a table.",
        epilog="exit status: 0 done, 1 failed while running, 2 bad usage or input, 3 regression found by --compare",
    )
    p.add_argument("part", nargs="?", choices=(*PARTS, "all"), default="all", help="what to measure (default: all)")
    p.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    p.add_argument("--runtime", default="auto", choices=RUNTIMES)
    p.add_argument("--precision", default="as-is", choices=PRECISIONS, help="convert the models first (default: as-is)")
    p.add_argument("--threads", type=int, default=1, help="threads of each CPU session (default: 1)")
    p.add_argument("--size", type=frame_size, metavar="WxH", help="frame size (default: 640x480, or the source's own)")
    p.add_argument("--faces", type=int, default=1, help="drawn faces per frame (default: 1)")
    p.add_argument("--source", help="picture, folder, video, camera index or URL instead of drawn faces")
    p.add_argument("--duration", type=float, default=60.0, metavar="SECONDS", help="about how long it may take (60)")
    p.add_argument("--detector", metavar="MODEL", help="name or path of the face detector (default: bundled)")
    p.add_argument("--affect", metavar="MODEL", help="name or path of the affect model (default: bundled)")
    p.add_argument("--cues", metavar="MODEL", help="name or path of the cue model (default: bundled)")
    p.add_argument("--compare", metavar="FILE", help="judge against an earlier --json report")
    p.add_argument(
        "--tolerance", type=float, default=DEFAULT_TOLERANCE, metavar="SHARE",
        help=f"slow-down that is not yet a regression (default: {DEFAULT_TOLERANCE})",
    )  # fmt: skip
    for name, what in (("json", "report with every sample"), ("csv", "one line per measurement"),
                       ("markdown", "report to paste"), ("html", "report with charts (extra plot)")):  # fmt: skip
        p.add_argument(f"--{name}", metavar="FILE", help=f"write the {what}; - is standard output")
    p.add_argument(
        "--record-sysfs", metavar="FILE.tar.gz",
        help="only record this machine's sensors and clocks, without serial numbers, to send in",
    )  # fmt: skip
    return p


def frame_size(text: str) -> tuple[int, int]:
    """Width, height of `WxH`, made even; for a parser."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and 16 <= int(part[:9]) <= MAX_SIDE for part in parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size: write WIDTHxHEIGHT, each 16 to {MAX_SIDE}, such as 1280x720"
        )
    width, height = (int(part) // 2 * 2 for part in parts)
    return width, height


def _check_outputs(*paths: str | None) -> None:
    """A minute of measuring must not end at a folder that is not there, or in two reports on one stream.

    Raises:
        UsageError, ValueError: the message names the path.
    """
    for path in filter(None, paths):
        check_output(path)
    if paths.count("-") > 1:
        raise ValueError("only one report can go to standard output (-): give the others a file")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        args = parser().parse_args(argv)
        if not 0 <= args.tolerance < float("inf"):
            raise ValueError(f"--tolerance takes a share, 0 or more, such as 0.05; got {args.tolerance}")
        _check_outputs(args.record_sysfs)
        settings = Settings(
            parts=PARTS if args.part == "all" else (args.part,), device=args.device, runtime=args.runtime,
            precision=args.precision, threads=args.threads, size=args.size, faces=args.faces, source=args.source,
            duration=args.duration, detector=args.detector, affect=args.affect, cues=args.cues,
        )  # fmt: skip
        old = Report.load(args.compare) if args.compare else None
        _check_outputs(args.json, args.csv, args.markdown, args.html)
        if args.html:
            check_charts()
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    except (Error, ValueError, OSError) as error:
        complain(error)
        return BAD_USAGE
    try:
        if args.record_sysfs:
            count = record_files(SystemFiles(), Path(args.record_sysfs))
            print(f"{count} files recorded in {hide_secrets(args.record_sysfs)}", file=sys.stderr)
            return DONE
        report = run(settings, ["edgeaffect", "bench", *argv])
        if old is not None:
            report = dataclasses.replace(report, comparison=compare(old, report, args.tolerance))
        _write(report, {args.json: _json, args.csv: text_report.to_csv, args.markdown: text_report.markdown,
                        args.html: html_report.page})  # fmt: skip
    except (SourceError, DeviceError, DependencyError, ModelNotFoundError, ValueError) as error:
        complain(error)
        return BAD_USAGE
    except (Error, OSError) as error:
        complain(error)
        return FAILED
    return REGRESSION if report.comparison is not None and report.comparison.regressed else DONE


def _json(report: Report) -> str:
    return json.dumps(report.to_dict(), allow_nan=False) + "\n"


def _write(report: Report, outputs: dict[str | None, Callable[[Report], str]]) -> None:
    """Write each report to its file, and a table to standard output unless one of them goes there."""
    if "-" not in outputs:
        print(text_report.table(report), end="")
    for path, render in outputs.items():
        if path == "-":
            print(render(report), end="")
        elif path:
            Path(path).write_text(render(report), "utf-8")
