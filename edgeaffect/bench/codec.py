"""Frozen dataclasses to JSON objects and back, by their type annotations."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject = dict[str, Json]
OMIT_NONE: Mapping[str, bool] = {"omit_none": True}
"""Metadata of a field whose key is left out of the JSON, rather than null, when it is None."""

T = TypeVar("T")


def to_dict(value: Any) -> JsonObject:
    """A dataclass as a JSON object."""
    result: JsonObject = {}
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if item is not None or not field.metadata.get("omit_none"):
            result[field.name] = _to_json(item)
    return result


def _to_json(value: Any) -> Json:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in value]
    return typing.cast(Json, value)


def from_dict(kind: type[T], data: object, where: str = "report") -> T:
    """A dataclass from a JSON object; keys that it does not know are left out.

    Args:
        kind: a dataclass of fields that JSON can hold.
        data: from `json.loads`.
        where: path of `data` for messages.

    Raises:
        ValueError: a key is missing or holds another type; the message names it.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{where} must be an object, not {type(data).__name__}")
    values, hints = {}, _hints(typing.cast(Any, kind))
    for field in dataclasses.fields(typing.cast(Any, kind)):
        if field.name in data:
            values[field.name] = _from_json(hints[field.name], data[field.name], f"{where}.{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ValueError(f"{where} has no {field.name!r}")
    return kind(**values)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _from_json(kind: Any, data: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _from_union(arguments, data, where)
    if dataclasses.is_dataclass(kind):
        return from_dict(typing.cast(type, kind), data, where)
    if origin is tuple and isinstance(data, list):
        return tuple(_from_json(arguments[0], item, f"{where}[]") for item in data)
    if origin is not None and origin is not tuple and isinstance(data, Mapping):
        return {key: _from_json(arguments[1], item, f"{where}.{key}") for key, item in data.items()}
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if origin is None and isinstance(data, kind):
        return data
    raise ValueError(f"{where} must be {getattr(kind, '__name__', kind)}, not {type(data).__name__}")


def _from_union(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    for kind in others[:-1]:
        if isinstance(data, kind):
            return data
    return _from_json(others[-1], data, where)
