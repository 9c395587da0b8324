"""Checks of single values in a model spec. Specs come from strangers: every length and number has a bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from .._checks import is_number, is_whole, show
from ..errors import SpecError

MAX_NAME = 128
MAX_TEXT = 4000
MAX_ENTRIES = 1024
"""Most inputs, outputs, labels or data sets that one spec may list."""
MAX_LENGTH = 1 << 20
"""Most columns of an output, samples of a window or tokens of a vocabulary."""

T = TypeVar("T")
Check = Callable[[str, Any], None]


def choose(what: str, value: object, allowed: Collection[str]) -> None:
    """Refuse what is not one of the words allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise SpecError(f"{what} must be one of {', '.join(allowed)}; got {show(value)}")


def text(what: str, value: object, *, longest: int = MAX_NAME, empty: bool = False) -> None:
    """Refuse what is not a text of printable characters."""
    if not isinstance(value, str) or not (value or empty):
        raise SpecError(f"{what} must be a text that is not empty; got {show(value)}")
    if len(value) > longest:
        raise SpecError(f"{what} must have {longest} characters at most; got {len(value)}: {show(value)}")
    if not value.isprintable():
        raise SpecError(f"{what} must hold printable characters only; got {show(value)}")


def name(what: str, value: object) -> None:
    """Refuse a text that cannot be part of a file name."""
    text(what, value)
    assert isinstance(value, str)
    if value.startswith(".") or any(c in value for c in "/\\"):
        raise SpecError(f"{what} must not begin with a dot nor hold a slash; got {show(value)}")


def texts(what: str, values: object, *, most: int = MAX_ENTRIES, longest: int = MAX_NAME) -> None:
    """Refuse what is not a list of texts."""
    if not isinstance(values, tuple):
        raise SpecError(f"{what} must be a list of texts; got {show(values)}")
    if len(values) > most:
        raise SpecError(f"{what} must have {most} entries at most; got {len(values)}")
    for value in values:
        text(f"{what}: each entry", value, longest=longest)


def flag(what: str, value: object) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        raise SpecError(f"{what} must be true or false; got {show(value)}")


def number(what: str, value: object, low: float, high: float) -> None:
    """Refuse what is not a number in the range given, both ends included."""
    if not (is_number(value) and low <= value <= high):  # type: ignore[operator]
        raise SpecError(f"{what} must be a number from {low:g} to {high:g}; got {show(value)}")


def whole(what: str, value: object, low: int, high: int) -> None:
    """Refuse what is not a whole number in the range given, both ends included."""
    if not (is_whole(value) and low <= value <= high):  # type: ignore[operator]
        raise SpecError(f"{what} must be a whole number from {low} to {high}; got {show(value)}")


def numbers(what: str, values: object, lengths: Collection[int], low: float, high: float) -> None:
    """Refuse what is not a list of numbers of one of the lengths given."""
    wanted = " or ".join(str(n) for n in sorted(set(lengths)))
    if not isinstance(values, tuple) or len(values) not in lengths or not all(is_number(v) for v in values):
        raise SpecError(f"{what} must be {wanted} finite numbers; got {show(values)}")
    for value in values:
        number(what, value, low, high)


def quantization(what: str, dtype: str, quant: object, low: int, high: int) -> None:
    """Refuse what is not (scale, zero point), with the zero point in the range of the type."""
    if not isinstance(quant, tuple) or len(quant) != 2:
        raise SpecError(f"{what} must be [scale, zero point] for dtype {dtype}; got {show(quant)}")
    number(f"{what} scale", quant[0], 1e-12, 1e12)
    whole(f"{what} zero point", quant[1], low, high)


def freeze(value: Any) -> Any:
    """JSON arrays as tuples."""
    return tuple(freeze(v) for v in value) if isinstance(value, list | tuple) else value


def entries(what: str, values: object) -> Sequence[Any]:
    """The entries of a JSON array that is neither empty nor too long."""
    if not isinstance(values, list | tuple) or not values:
        raise SpecError(f"{what} must be a list that names at least one; got {show(values)}")
    if len(values) > MAX_ENTRIES:
        raise SpecError(f"{what} must have {MAX_ENTRIES} entries at most; got {len(values)}")
    return values


def build(cls: type[T], where: str, data: object, convert: Mapping[str, Callable[[Any], Any]] | None = None) -> T:
    """`cls(**data)` with JSON arrays as tuples, and errors that name the key.

    Args:
        cls: a dataclass.
        where: name of this object in the spec, for messages.
        data: JSON object.
        convert: key -> what makes the value from its JSON; others are taken as they are.
    """
    if not isinstance(data, Mapping):
        raise SpecError(f"{where} must be a JSON object; got {show(data)}")
    known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise SpecError(f"{where}: unknown key {show(unknown[0])}; known: {', '.join(known)}")
    required = {n for n, f in known.items() if f.default is f.default_factory is dataclasses.MISSING}
    if missing := sorted(required - set(data)):
        raise SpecError(f"{where} lacks {', '.join(missing)}")
    convert = convert or {}
    return cls(**{str(key): convert.get(key, freeze)(value) for key, value in data.items()})
