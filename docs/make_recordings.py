"""Writes the tables of columns in `recordings.md` from `edgeaffect/recordings/`.

`python docs/make_recordings.py`. With `--check` it writes nothing, and ends with 1 when the page would change.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edgeaffect.recordings.aliases import ALIAS_COLUMNS, NOT_MAPPED
from edgeaffect.recordings.columns import EVENT_COLUMNS, GROUPS
from edgeaffect.recordings.summary import SUMMARY_COLUMNS

PAGE = Path(__file__).with_name("recordings.md")
KINDS = {"text": "text", "whole": "int64", "flag": "bool", "float": "float32", "seconds": "float64"}
# group -> (heading, the flag that asks for it)
TITLES = {
    "place": ("Place and time", ""), "face": ("Face", ""), "affect": ("Affect", ""),
    "raw": ("Affect of the frame alone", "`--with raw`"), "cues": ("Cues", ""), "action_units": ("Action units", ""),
    "blendshapes": ("Blendshapes", "`--with blendshapes`"), "landmarks": ("Landmarks", "`--with landmarks`"),
    "voice": ("Voice", "with sound"), "voice_affect": ("Affect of the voice", "with sound"),
    "speaker": ("Speaker", "with sound"), "fused": ("Face and voice together", "with sound"),
    "agreement": ("Agreement", "with sound"),
}  # fmt: skip
_NUMBERED = re.compile(r"^(x|y)_(\d+)$")


def table(columns: Iterable[Any]) -> str:
    """Rows of name, type, unit and meaning; the numbered columns of landmarks in one row."""
    lines = ["| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
    for column in columns:
        name, text = column.name, column.text
        if found := _NUMBERED.match(name):
            if found[2] != "0":
                continue
            name, text = f"{found[1]}_0 .. {found[1]}_67", re.sub(r"landmark 0 of 68", "landmarks", text)
        lines.append(f"| `{name}` | {KINDS[column.kind]} | {column.unit} | {text} |")
    return "\n".join(lines)


def rows() -> str:
    """The columns of a recording's table, group by group."""
    parts = []
    for group in GROUPS:
        title, when = TITLES[group.name]
        parts.append(f"### {title}{f' ({when})' if when else ''}\n\n{table(group.columns)}")
    return "\n\n".join(parts)


def aliases() -> str:
    """The columns of other tools, and what they have that is not written."""
    parts = []
    for tool, title in (("openface", "OpenFace"), ("pyfeat", "py-feat")):
        missing = "\n".join(f"| `{names}` | {why} |" for names, why in NOT_MAPPED[tool])
        parts.append(f"### {title}\n\n{table(ALIAS_COLUMNS[tool])}\n\n| not written | why |\n| --- | --- |\n{missing}")
    return "\n\n".join(parts)


PARTS = {
    "rows": rows,
    "events": lambda: table(EVENT_COLUMNS),
    "summary": lambda: table(SUMMARY_COLUMNS),
    "aliases": aliases,
}


def page(text: str) -> str:
    """The page with its tables as they are to be."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: python docs/make_recordings.py -->", f"<!-- end of {name} -->"
        head, rest = text.split(begin)
        _, tail = rest.split(end)
        text = f"{head}{begin}\n{make()}\n{end}{tail}"
    return text


def main() -> int:
    """Write the page, or with `--check` compare it; 1 when it differs."""
    before = PAGE.read_text("utf-8")
    after = page(before)
    if "--check" in sys.argv[1:]:
        return 0 if before == after else 1
    PAGE.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
