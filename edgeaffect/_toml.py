"""TOML files that users hand in: bounded, and every fault one `ValueError` that names the file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from ._files import read_bounded
from ._lazy import require

MOST_BYTES = 64 << 10
"""Most bytes of a file; real ones hold some hundred."""
LONGEST_LINE = 1000
"""Most characters of a line: the time for a key grows with the square of its parts, to seconds for some thousand."""


def load_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Parse a file.

    Raises:
        ValueError: too long, nested too deep, not UTF-8, or not TOML; the message names the file.
        OSError: it cannot be read.
        DependencyError: Python 3.10 without tomli.
    """
    tomllib = require("tomllib" if sys.version_info >= (3, 11) else "tomli")
    data = read_bounded(path, MOST_BYTES)
    try:
        text = data.decode("utf-8")
        _check_lines(text)
        values: dict[str, Any] = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(f"{os.fspath(path)}: nested too deep") from error
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error
    return values


def dump_toml(data: Mapping[str, Any]) -> str:
    """The TOML text of values and of tables of values, as nested mappings; None is left out, as TOML has no null."""
    lines = _lines(data)
    for name, values in data.items():
        if isinstance(values, Mapping):
            lines += ["", f"[{name}]", *_lines(values)]
    return "\n".join(lines) + "\n"


def _check_lines(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise ValueError(f"line {number} has {len(line)} characters; {LONGEST_LINE} are the most")


def _lines(values: Mapping[str, Any]) -> list[str]:
    plain = {key: value for key, value in values.items() if value is not None and not isinstance(value, Mapping)}
    return [f"{key} = {_text(value)}" for key, value in plain.items()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # TOML's strings are JSON's, but for DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_text, value)) + "]"
    return repr(value)
