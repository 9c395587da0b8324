"""`Fields`: a JSON object read by name and kind; whatever is wrong is one `ValueError` that names the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ._checks import is_number, is_whole, show

T = TypeVar("T")

_LARGEST = float(np.finfo(np.float32).max)


class Fields:
    """A JSON object and its place in the document.

    A measured number may be null: that is how `plain` writes NaN.

    Args:
        data: the object.
        where: its path for messages, such as `result.faces[0].affect`.

    Raises:
        ValueError: it is no object.
    """

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{where} must be a JSON object; got {show(data)}")
        self._data, self._where = data, where

    def is_null(self, name: str) -> bool:
        """Whether the field is null."""
        return self._value(name) is None

    def text(self, name: str) -> str:
        """A string."""
        value: str = self._checked(name, "a string", lambda value: isinstance(value, str))
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a few strings."""
        wanted = " or ".join(map(repr, allowed))
        value: str = self._checked(name, wanted, lambda value: isinstance(value, str) and value in allowed)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value: bool = self._checked(name, "true or false", lambda value: isinstance(value, bool))
        return value

    def count(self, name: str, least: int = 0) -> int:
        """A whole number that fits into 63 bits."""
        wanted = f"a whole number from {least} to 2^63 - 1"
        value: int = self._checked(name, wanted, lambda value: is_whole(value) and least <= value < 2**63)
        return value

    def seconds(self, name: str) -> float:
        """A finite number."""
        return float(self._checked(name, "a finite number of seconds", is_number))

    def number(self, name: str, low: float = -_LARGEST, high: float = _LARGEST) -> float:
        """A measured number between two others, both included; NaN for null."""
        wanted = f"a number from {low:g} to {high:g}"
        value = self._checked(name, wanted, lambda value: value is None or (is_number(value) and low <= value <= high))
        return math.nan if value is None else float(value)

    def share(self, name: str) -> float:
        """A measured number from 0 to 1; NaN for null."""
        return self.number(name, 0, 1)

    def array(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Measured numbers as float32 of a shape; NaN for null."""
        wanted = f"an array of shape {list(shape)} of finite numbers"
        return np.array(self._checked(name, wanted, lambda value: _has_shape(value, shape)), np.float32)

    def size(self, name: str) -> tuple[int, int]:
        """Width and height."""
        wanted = "two whole numbers, 1 or more"
        width, height = self._checked(
            name, wanted, lambda value: _has_shape(value, (2,)) and all(is_whole(v) and v > 0 for v in value)
        )
        return width, height

    def interval(self, name: str) -> tuple[float, float]:
        """Two finite numbers of seconds, the later one second."""
        wanted = "two finite numbers of seconds, the later one second"
        start, end = self._checked(
            name,
            wanted,
            lambda value: _has_shape(value, (2,)) and all(map(is_number, value)) and value[0] <= value[1],
        )
        return float(start), float(end)

    def texts(self, name: str) -> dict[str, str]:
        """An object of strings."""
        fields = self.object(name)
        return {key: fields.text(key) for key in fields._data}

    def numbers(self, name: str, low: float = -_LARGEST) -> dict[str, float]:
        """An object of measured numbers; NaN for null."""
        fields = self.object(name)
        return {key: fields.number(key, low) for key in fields._data}

    def object(self, name: str) -> Fields:
        """An object."""
        return Fields(self._value(name), self._path(name))

    def optional(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """What `read` makes of an object; None for null."""
        return None if self.is_null(name) else read(self.object(name))

    def added(self, name: str, read: Callable[[], T | None]) -> T | None:
        """What `read` makes of a field that older documents lack; None there, and for null."""
        return None if self._data.get(name) is None else read()

    def objects(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """What `read` makes of each object of an array."""
        values = self._checked(name, "an array of objects", lambda value: isinstance(value, list | tuple))
        return tuple(read(Fields(value, f"{self._path(name)}[{i}]")) for i, value in enumerate(values))

    def _value(self, name: str) -> Any:
        if name not in self._data:
            raise ValueError(f"{self._where} lacks {name!r}")
        return self._data[name]

    def _checked(self, name: str, wanted: str, is_right: Callable[[Any], bool]) -> Any:
        value = self._value(name)
        if not is_right(value):
            raise ValueError(f"{self._path(name)} must be {wanted}; got {show(value)}")
        return value

    def _path(self, name: str) -> str:
        return f"{self._where}.{name if name.isidentifier() and len(name) < 50 else show(name)}"


def _has_shape(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether nested lists have a shape and hold numbers that float32 can hold, or null."""
    if not shape:
        return value is None or (is_number(value) and abs(value) <= _LARGEST)
    return (
        isinstance(value, list | tuple)
        and len(value) == shape[0]
        and all(_has_shape(entry, shape[1:]) for entry in value)
    )
