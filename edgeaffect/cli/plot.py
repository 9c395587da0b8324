"""`edgeaffect plot out/`: figures of the tables that `edgeaffect batch` wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._lazy import require
from .._progress import ProgressLine
from .._table_files import Table, TableError, read_table
from ..errors import Error
from ..sinks.base import counted
from .usage import Parser, UsageError, complain, terminable

_ENDINGS = ("png", "svg", "pdf")


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    endings = _endings(arguments.format)
    if arguments.faces < 1:
        raise UsageError(f"--faces must be 1 or more; got {arguments.faces}")
    if not 30 <= arguments.dpi <= 1200:
        raise UsageError(f"--dpi must be 30 to 1200; got {arguments.dpi}")
    require("matplotlib")
    folder = Path(arguments.folder)
    if not (folder / "tables").is_dir():
        raise UsageError(f"{folder} holds no tables: give the folder that `edgeaffect batch ... -o` wrote")
    target = Path(arguments.output) if arguments.output else folder / "plots"
    os.makedirs(target, exist_ok=True)
    chosen = _chosen(folder / "tables", arguments.recording)
    drawn, failures = 0, []
    with terminable(), ProgressLine() as line:
        for number, path in enumerate(chosen):
            line.show(number, len(chosen), path.stem)
            try:
                for name, figure in _figures(folder, path, arguments.faces):
                    drawn += _write(figure, target, name, endings, arguments.dpi)
            except Error as error:
                failures.append(f"{path.name}: {error}")
        if not arguments.recording:
            try:
                for name, figure in _summaries(folder):
                    drawn += _write(figure, target, name, endings, arguments.dpi)
            except Error as error:
                failures.append(f"summary: {error}")
    for failure in failures:
        complain(failure)
    complain(f"{counted(drawn, 'figure')} in {target}")
    return 2 if failures or not drawn else 0


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect plot", description="Draw the tables that `edgeaffect batch` wrote.")
    parser.add_argument("folder", help="what `edgeaffect batch ... -o` named")
    parser.add_argument("-o", "--output", metavar="FOLDER", help="for the figures (default: plots/ in the folder)")
    parser.add_argument(
        "--recording",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one, without the summary; repeatable",
    )
    parser.add_argument(
        "--faces", type=int, default=4, metavar="N", help="faces of a recording, those seen longest (default: 4)"
    )
    parser.add_argument("--format", default="png,svg", metavar="ENDINGS", help="png, svg, pdf (default: png,svg)")
    parser.add_argument("--dpi", type=int, default=200, metavar="N", help="pixels per inch of PNG (default: 200)")
    return parser


def _endings(text: str) -> tuple[str, ...]:
    endings = tuple(dict.fromkeys(one.strip().lower() for one in text.split(",")))
    for one in endings:
        if one not in _ENDINGS:
            raise UsageError(f"--format takes {', '.join(_ENDINGS)}, joined by commas; got {one!r}")
    return endings


def _chosen(folder: Path, names: list[str]) -> list[Path]:
    """Tables by name; of a table that is there as Parquet and CSV the former."""
    by_name = {path.stem: path for ending in ("csv", "parquet") for path in sorted(folder.glob(f"[!.]*.{ending}"))}
    if unknown := [name for name in names if name not in by_name]:
        raise UsageError(f"no recording {unknown[0]!r}: there are {', '.join(sorted(by_name)) or 'none'}")
    if not by_name:
        raise UsageError(f"{folder} is empty: nothing was analysed")
    return [by_name[name] for name in (names or sorted(by_name))]


def _figures(folder: Path, path: Path, most: int) -> Iterator[tuple[str, Any]]:
    """Timeline and circumplex path of each face; of pictures one circumplex; of sound its timeline is left out."""
    from .. import plot
    from ..plot.data import faces_of, numbers

    table = read_table(path)
    faces = faces_of(table)
    if not faces or "valence" not in table:
        return
    time = numbers(table, "time")
    if table.rows == 1 or not time.max() > time.min():
        yield f"{path.stem}.circumplex", plot.circumplex(table)
        return
    events = _events(folder / "events" / path.name)
    for face in faces[:most]:
        suffix = f".face{face}" if len(faces) > 1 else ""
        yield f"{path.stem}{suffix}.timeline", plot.timeline(table, events, face=face)
        yield f"{path.stem}{suffix}.circumplex", plot.circumplex(table, face=face)
    if len(faces) > most:
        complain(f"{path.stem}: {len(faces) - most} more faces, seen for shorter, are not drawn (--faces)")


def _events(path: Path) -> Table | None:
    try:
        return read_table(path)
    except FileNotFoundError:
        return None


def _summaries(folder: Path) -> Iterator[tuple[str, Any]]:
    from .. import plot
    from ..plot.summary import ROWS, rows_of

    path = next((folder / f"summary.{e}" for e in ("parquet", "csv") if (folder / f"summary.{e}").exists()), None)
    if path is None:
        raise TableError(f"{folder} has no summary: run `edgeaffect batch` again, it finishes what is missing")
    table = read_table(path)
    rows, _ = rows_of(table, None)
    for first in range(0, len(rows), ROWS):
        suffix = f"-{first // ROWS + 1}" if len(rows) > ROWS else ""
        yield f"summary{suffix}", plot.summary(table, first=first)


def _write(figure: Any, target: Path, name: str, endings: tuple[str, ...], dpi: int) -> int:
    from .. import plot

    for ending in endings:
        plot.save(figure, target / f"{name}.{ending}", dpi=dpi)
    return 1
