"""`diagnostic_msgs/DiagnosticArray`: whether the node does its work."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from .message import Header, Message


class Level(IntEnum):
    """Levels of `diagnostic_msgs/DiagnosticStatus`."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


def diagnostics(
    level: Level, text: str, values: Mapping[str, object], header: Header, *, name: str = "edgeaffect", device: str = ""
) -> Message:
    """An array of one status.

    Args:
        level: how bad it is.
        text: one line that says so.
        values: names with what was measured, units in the names.
        header: time of the report.
        name: of the node.
        device: which camera.
    """
    pairs = [
        Message("diagnostic_msgs/msg/KeyValue", {"key": key, "value": str(value)}) for key, value in values.items()
    ]
    status = {"level": int(level), "name": name, "message": text, "hardware_id": device, "values": pairs}
    fields = {"header": header.message, "status": [Message("diagnostic_msgs/msg/DiagnosticStatus", status)]}
    return Message("diagnostic_msgs/msg/DiagnosticArray", fields)
