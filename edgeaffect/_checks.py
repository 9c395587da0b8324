"""Checks of single values that users hand in; each error names the value, and what was allowed.

NumPy's scalars count as numbers; True and False do not.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from ._redact import hide_secrets

_LONGEST = 80
_LONGEST_ERROR = 300
_LOOKED_AT = 4000


def show(value: object) -> str:
    """A value for an error message: on one line, escaped, without secrets, and cut after some eighty characters.

    Every message that repeats a source, the name of a model or the value of an option takes it through here.
    """
    try:
        text = hide_secrets(repr(value[:_LOOKED_AT] if isinstance(value, str) else value)[:_LOOKED_AT])
    except (ValueError, RecursionError):  # a number of thousands of digits, or thousands of levels
        return f"a value of type {type(value).__name__} that is too long to show"
    text = _printable(text[: _LONGEST + 5])
    return text if len(text) <= _LONGEST + 4 else f"{text[:_LONGEST]}..."


def show_error(error: BaseException) -> str:
    """An exception that somebody else's code raised, for a message: its type and text on one line, escaped and cut.

    Its text may repeat bytes of a stranger's file.
    """
    text = _printable(hide_secrets(str(error)[:_LOOKED_AT]))
    return f"{type(error).__name__}: {text if len(text) <= _LONGEST_ERROR else text[:_LONGEST_ERROR] + '...'}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def is_number(value: Any) -> bool:
    """A finite real number, no larger than a float can hold."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False


def is_whole(value: Any) -> bool:
    """A whole number, of a type for whole numbers."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def check(condition: bool, name: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"{name} must be {allowed}; got {show(value)}")


def check_count(name: str, value: Any, least: int = 1, most: int = 2**31 - 1) -> None:
    check(is_whole(value) and least <= value <= most, name, value, f"a whole number from {least} to {most}")


def check_threads(name: str, value: Any) -> None:
    check_count(name, value, most=1024)  # more are a mistake, and starting them takes the machine down


def check_positive(name: str, value: Any, unit: str = "", most: float = 1e12) -> None:
    check(is_number(value) and 0 < value <= most, name, value, f"positive{unit}, at most {most:g}")


def check_not_negative(name: str, value: Any, unit: str = "a number") -> None:
    check(is_number(value) and value >= 0, name, value, f"{unit}, 0 or more")


def check_share(name: str, value: Any) -> None:
    check(is_number(value) and 0 <= value <= 1, name, value, "a number from 0 to 1")


def check_seconds(name: str, value: Any) -> None:
    check_not_negative(name, value, "seconds")


def check_flag(name: str, value: object) -> None:
    check(isinstance(value, bool), name, value, "True or False")
