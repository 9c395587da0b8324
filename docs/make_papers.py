"""Writes the figures of `papers.md` and `scope.md` from the records they name: `python docs/make_papers.py`.

A figure stands between `<!--= RECORD; PLACE; FORM -->` and `<!--/-->`: a JSON record of the repository, keys parted by
`/`, and how to write it (`%`, or a number of decimals). Where the record has an interval beside `value`, it is written
too. With `--check` nothing is written, and it ends with 1 when a page is not what it would be.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = [Path(__file__).with_name(name) for name in ("papers.md",)]
FIGURE = re.compile(r"<!--= (?P<record>[^;]+); (?P<place>[^;]+); (?P<form>%|\d) -->.*?<!--/-->", re.DOTALL)


@cache
def read(record: str) -> Any:
    """The content of a record."""
    return json.loads((ROOT / record).read_text("utf-8"))


def figure(record: str, place: str, form: str) -> str:
    """One figure as text.

    Raises:
        KeyError: the record has no such place.
    """
    found = read(record)
    for key in place.split("/"):
        if isinstance(found, list):
            found = found[int(key)]
            continue
        if key not in found:
            raise KeyError(f"{record} has no {place}: {key!r} is none of {sorted(found)}")
        found = found[key]

    def written(number: float) -> str:
        return f"{100 * number:.1f}" if form == "%" else f"{number:.{form}f}"

    unit = " %" if form == "%" else ""
    if not isinstance(found, dict):
        return written(found) + unit
    value = found["value"] if "value" in found else found.get("auc", found.get("share"))
    if value is None:
        raise KeyError(f"{record}; {place} has no value: name one of {sorted(found)}")
    interval = found.get("interval")
    return written(value) + unit + (f" ({written(interval[0])} to {written(interval[1])})" if interval else "")


def page(text: str) -> str:
    """The same page with figures as they stand in the records now."""

    def fresh(match: re.Match[str]) -> str:
        head = match[0].partition("-->")[0]
        return f"{head}-->{figure(match['record'], match['place'], match['form'])}<!--/-->"

    return FIGURE.sub(fresh, text)


def main() -> int:
    """Write the pages, or with `--check` compare them; 1 when one differs."""
    stale = [path for path in PAGES if path.read_text("utf-8") != page(path.read_text("utf-8"))]
    if "--check" not in sys.argv[1:]:
        for path in stale:
            path.write_text(page(path.read_text("utf-8")), "utf-8")
        return 0
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
