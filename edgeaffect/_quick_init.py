"""`quick_init`: frozen data classes that are made for every frame take their fields in one step."""

from __future__ import annotations

import functools
from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick_init(cls: type[T]) -> type[T]:
    """Give a frozen data class an `__init__` that writes its `__dict__`; arguments, defaults and checks stay.

    The generated one calls `object.__setattr__`, which takes a quarter of a microsecond a field; a result has dozens.

    Args:
        cls: all its fields are arguments of `__init__`, none by keyword only; no `__slots__`.
    """
    known: dict[str, Any] = {"_MISSING": MISSING}
    arguments, lines = ["self"], ["values = self.__dict__"]
    for field in fields(cls):  # type: ignore[arg-type]
        name = value = field.name
        if field.default_factory is not MISSING:
            known[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _MISSING else {name}"
            arguments.append(f"{name}=_MISSING")
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            arguments.append(f"{name}=_default_{name}")
        else:
            arguments.append(name)
        lines.append(f"values[{name!r}] = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(arguments)}):\n " + "\n ".join(lines), known)
    cls.__init__ = functools.wraps(cls.__init__)(known["__init__"])  # type: ignore[method-assign]
    return cls
