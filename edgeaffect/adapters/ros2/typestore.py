"""Types of ROS 2 for `rosbags`, and messages as bytes."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..._lazy import require
from .definitions import DEFINITIONS
from .message import Message, build


@cache
def typestore() -> Any:
    """Types of ROS 2 Jazzy and those of `DEFINITIONS`.

    Raises:
        DependencyError: `rosbags` is missing.
    """
    types = require("rosbags.typesys")
    store = types.get_typestore(types.Stores.ROS2_JAZZY)
    added: dict[str, Any] = {}
    for name, fields in DEFINITIONS.items():
        if name not in store.types:
            added |= types.get_types_from_msg(fields, name)
    store.register(added)
    return store


def to_cdr(message: Message) -> bytes:
    """The bytes that travel and are recorded (CDR, little endian).

    Raises:
        DependencyError: `rosbags` is missing.
    """
    store = typestore()
    made = build(message, store.types.__getitem__)
    return bytes(store.serialize_cdr(made, message.type))


def schema_text(name: str) -> str:
    """Fields of a type and of all types in it, as they stand in a recording."""
    text: str = typestore().generate_msgdef(name, ros_version=2)[0]
    return text
