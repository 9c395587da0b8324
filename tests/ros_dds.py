"""Types of ROS 2 for Cyclone DDS, made from the same definitions; names and topics mangled as rmw_cyclonedds does."""

from __future__ import annotations

from typing import Any

from cyclonedds.core import Policy, Qos
from cyclonedds.idl import make_idl_struct, types
from cyclonedds.idl.annotations import final
from rosbags.interfaces import Nodetype

from edgeaffect.adapters.ros2.message import Message, build
from edgeaffect.adapters.ros2.typestore import typestore

_BASIC = {
    "bool": bool, "octet": types.byte, "byte": types.byte, "char": types.uint8, "string": str, "float32": types.float32,
    "float64": types.float64, "int8": types.int8, "uint8": types.uint8, "int16": types.int16, "uint16": types.uint16,
    "int32": types.int32, "uint32": types.uint32, "int64": types.int64, "uint64": types.uint64,
}  # fmt: skip
RELIABLE = Qos(
    Policy.Reliability.Reliable(10_000_000_000), Policy.Durability.TransientLocal, Policy.History.KeepLast(10)
)
"""Late readers get what was said before, so that a test needs no waiting for each other."""
_made: dict[str, Any] = {}


def dds_class(name: str) -> Any:
    """`hri_msgs/msg/Expression` -> a DDS type called `hri_msgs::msg::dds_::Expression_`."""
    if name not in _made:
        package, _, kind = name.split("/")
        fields = {field: _type(node) for field, node in typestore().fielddefs[name][1]}
        mangled = f"{package}::msg::dds_::{kind}_"
        made = make_idl_struct(kind, mangled.replace("::", "."), fields)
        _made[name] = final(made)
    return _made[name]


def dds_topic(name: str) -> str:
    """`/humans/faces/tracked` -> `rt/humans/faces/tracked`."""
    return "rt" + name


def to_dds(message: Message) -> Any:
    """An object of the DDS type of a message."""
    return build(message, dds_class, lambda values: values.tolist())


def _type(node: Any) -> Any:
    kind, facts = node
    if kind == Nodetype.BASE:
        return _BASIC[facts[0]]
    if kind == Nodetype.NAME:
        return dds_class(facts)
    inner, length = facts
    return types.array[_type(inner), length] if kind == Nodetype.ARRAY else types.sequence[_type(inner)]
