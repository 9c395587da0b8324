"""`Message`: a message of ROS 2 before it is one, and how it becomes an object of somebody's classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

SECOND = 1_000_000_000
"""Nanoseconds."""
MAX_STAMP = (2**31 - 1) * SECOND
"""Largest time that `builtin_interfaces/Time` holds (year 2038), nanoseconds."""


@dataclass(frozen=True)
class Message:
    """Type and fields of one message."""

    type: str
    """Such as `hri_msgs/msg/Expression`."""
    fields: Mapping[str, Any]
    """Every field of the type: numbers, texts, `Message`s, lists of these, and NumPy arrays of the field's own type for
    arrays of numbers."""


class Outgoing(NamedTuple):
    """One message on its way to a topic."""

    topic: str
    message: Message


@dataclass(frozen=True)
class Header:
    """Time and place that all messages of one frame share."""

    stamp_ns: int
    """When the frame was taken, nanoseconds since 1970 (or of simulated time)."""
    frame_id: str = "camera"
    """Optical frame of the camera: x right, y down, z into the scene (REP-103)."""

    def __post_init__(self) -> None:
        if not 0 <= self.stamp_ns <= MAX_STAMP:
            raise ValueError(f"stamp_ns must be 0 to {MAX_STAMP} nanoseconds since 1970; got {self.stamp_ns}")

    @property
    def time(self) -> Message:
        """`builtin_interfaces/msg/Time`."""
        sec, nanosec = divmod(self.stamp_ns, SECOND)
        return Message("builtin_interfaces/msg/Time", {"sec": sec, "nanosec": nanosec})

    @property
    def message(self) -> Message:
        """`std_msgs/msg/Header`."""
        return Message("std_msgs/msg/Header", {"stamp": self.time, "frame_id": self.frame_id})


def build(message: Message, class_of: Callable[[str], Any], array: Callable[[Any], Any] = lambda values: values) -> Any:
    """An object of the class that `class_of` gives for a type's name.

    Args:
        message: what to say.
        class_of: `hri_msgs/msg/Expression` -> a class that takes its fields by keyword, as those of `rclpy`, `rosbags`
            and `cyclonedds` do.
        array: what becomes of a NumPy array.
    """

    def value(field: Any) -> Any:
        if isinstance(field, Message):
            return build(field, class_of, array)
        if isinstance(field, np.ndarray):
            return array(field)
        return [value(one) for one in field] if isinstance(field, list) else field

    return class_of(message.type)(**{name: value(field) for name, field in message.fields.items()})


def split(stamp: Any) -> int:
    """Nanoseconds of a `builtin_interfaces/Time`."""
    return int(stamp.sec) * SECOND + int(stamp.nanosec)
