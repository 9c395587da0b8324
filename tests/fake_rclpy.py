"""A stand-in for `rclpy`'s node API, as ROS 2 is not on this machine. Nothing of ours is replaced by it.

What it keeps of the real one: declared parameters with descriptors, the state machine of a lifecycle node (whose
callbacks' exceptions are swallowed), and messages that check their fields as rosidl's Python generator does. Topics
lead nowhere: `Node.deliver` calls subscriptions, `Publisher.sent` keeps what was published.
"""

from __future__ import annotations

import array
import enum
import sys
import types
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from rosbags.interfaces import Nodetype

from edgeaffect.adapters.ros2.typestore import typestore

_WHOLE = {
    f"{sign}int{bits}": (0 if sign else -(1 << bits - 1), (1 << bits - (0 if sign else 1)) - 1)
    for sign in ("u", "")
    for bits in (8, 16, 32, 64)
}
_CODES = {"uint8": "B", "float32": "f", "float64": "d"}


def message_class(name: str) -> type:
    """A class like those that rosidl generates for Python."""
    fields = dict(typestore().fielddefs[name][1])

    def __init__(self: Any, **given: Any) -> None:  # noqa: N807  (it becomes a method below)
        assert set(given) <= set(fields), f"{name} has no {set(given) - set(fields)}"
        for field, node in fields.items():
            value = given[field] if field in given else _default(node)
            _check(value, node, f"{name}.{field}")
            setattr(self, field, value)

    return type(name.split("/")[2], (), {"__init__": __init__, "type_name": name, "fields": fields})


def _check(value: Any, node: Any, where: str) -> None:
    kind, facts = node
    if kind == Nodetype.BASE:
        _check_basic(value, facts[0], where)
    elif kind == Nodetype.NAME:
        assert getattr(type(value), "type_name", None) == facts, f"{where} is a {facts}, got {type(value)}"
    else:
        inner, length = facts
        basic = inner[1][0] if inner[0] == Nodetype.BASE else None
        assert kind != Nodetype.ARRAY or len(value) == length, f"{where} has {length} values, got {len(value)}"
        if isinstance(value, np.ndarray):
            assert kind == Nodetype.ARRAY and value.dtype == basic, f"{where}: rosidl refuses this array: {value.dtype}"
        elif isinstance(value, array.array):
            assert kind == Nodetype.SEQUENCE and value.typecode == _CODES[basic], where
        else:
            for one in value:
                _check(one, inner, where)


def _check_basic(value: Any, basic: str, where: str) -> None:
    if basic in ("octet", "byte"):
        assert isinstance(value, bytes) and len(value) == 1, f"{where} is one byte, got {value!r}"
    elif basic in _WHOLE:
        assert isinstance(value, int) and _WHOLE[basic][0] <= value <= _WHOLE[basic][1], f"{where}: {value!r}"
    else:
        assert isinstance(value, {"bool": bool, "string": str}.get(basic, float)), f"{where} is {basic}, got {value!r}"


def _default(node: Any) -> Any:
    kind, facts = node
    if kind == Nodetype.NAME:
        return message_class_of(facts)()
    if kind == Nodetype.SEQUENCE:
        return []
    if kind == Nodetype.ARRAY:
        return [_default(facts[0]) for _ in range(facts[1])]
    return {"bool": False, "string": "", "float32": 0.0, "float64": 0.0, "octet": b"\0", "byte": b"\0"}.get(facts[0], 0)


_classes: dict[str, type] = {}


def message_class_of(name: str) -> type:
    if name not in _classes:
        _classes[name] = message_class(name)
    return _classes[name]


class Return(enum.Enum):
    SUCCESS = 0
    FAILURE = 1
    ERROR = 2


class Publisher:
    def __init__(self, kind: type, topic: str, qos: Any) -> None:
        self.kind, self.topic, self.qos = kind, topic, qos
        self.sent: list[Any] = []

    def publish(self, message: Any) -> None:
        assert type(message) is self.kind, f"{self.topic} carries {self.kind}, got {type(message)}"
        self.sent.append(message)


class Logger:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, text: str, throttle_duration_sec: float = 0.0) -> None:
        self.lines.append(text)

    fatal = error


class Node:
    """The parts of `rclpy.lifecycle.LifecycleNode` that a node like ours needs."""

    overrides: ClassVar[dict[str, Any]] = {}
    """What `--ros-args -p NAME:=VALUE` says."""

    def __init__(self, name: str) -> None:
        self.name, self.state = name, "unconfigured"
        self.parameters: dict[str, Any] = {}
        self.descriptors: dict[str, Any] = {}
        self.publishers: dict[str, Publisher] = {}
        self.subscriptions: dict[str, tuple[type, Callable[[Any], None], Any]] = {}
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.logger = Logger()
        self.now_ns = 1_700_000_000_000_000_000

    def declare_parameter(self, name: str, default: Any, descriptor: Any) -> None:
        value = self.overrides.get(name, default)
        assert name not in self.parameters and type(value) is type(default), name
        self.parameters[name], self.descriptors[name] = value, descriptor

    def get_parameter(self, name: str) -> Any:
        return types.SimpleNamespace(value=self.parameters[name])

    def get_fully_qualified_name(self) -> str:
        return f"/{self.name}"

    def get_logger(self) -> Logger:
        return self.logger

    def get_clock(self) -> Any:
        return types.SimpleNamespace(now=lambda: types.SimpleNamespace(nanoseconds=self.now_ns))

    def create_publisher(self, kind: type, topic: str, qos: Any) -> Publisher:
        self.publishers[topic] = Publisher(kind, topic, qos)
        return self.publishers[topic]

    def destroy_publisher(self, publisher: Publisher) -> bool:
        return self.publishers.pop(publisher.topic, None) is not None

    def create_subscription(self, kind: type, topic: str, callback: Callable[[Any], None], qos: Any) -> Any:
        self.subscriptions[topic] = (kind, callback, qos)
        return topic

    def destroy_subscription(self, topic: str) -> None:
        del self.subscriptions[topic]

    def create_timer(self, period: float, callback: Callable[[], None]) -> Any:
        self.timers.append((period, callback))
        return self.timers[-1]

    def destroy_timer(self, timer: Any) -> None:
        self.timers.remove(timer)

    def deliver(self, topic: str, message: Any) -> None:
        kind, callback, _ = self.subscriptions[topic]
        assert type(message) is kind
        callback(message)

    def on_activate(self, state: Any) -> Return:
        return Return.SUCCESS

    on_deactivate = on_activate

    def _trigger(self, callback: Callable[[Any], Return], begin: str, end: str) -> Return:
        assert self.state == begin, f"{callback.__name__} from {self.state}"
        try:
            done = callback(self.state)
        except Exception:  # as rclpy does
            done = Return.ERROR
        self.state = end if done == Return.SUCCESS else begin
        return done

    def trigger_configure(self) -> Return:
        return self._trigger(self.on_configure, "unconfigured", "inactive")

    def trigger_activate(self) -> Return:
        return self._trigger(self.on_activate, "inactive", "active")

    def trigger_deactivate(self) -> Return:
        return self._trigger(self.on_deactivate, "active", "inactive")

    def trigger_cleanup(self) -> Return:
        return self._trigger(self.on_cleanup, "inactive", "unconfigured")

    def destroy_node(self) -> None:
        assert not self.subscriptions and not self.timers and not self.publishers


def install(monkeypatch: Any) -> None:
    """Put it where `import rclpy` and the packages of messages are looked for."""

    def module(name: str, **names: Any) -> None:
        made = types.ModuleType(name)
        made.__file__ = f"{name}.py"
        made.__dict__.update(names)
        monkeypatch.setitem(sys.modules, name, made)

    def bag(**values: Any) -> Any:
        return types.SimpleNamespace(**values)

    class Policy(enum.Enum):
        KEEP_LAST = 1
        BEST_EFFORT = 2
        RELIABLE = 3

    class ExternalShutdownException(Exception):  # noqa: N818  (rclpy's name)
        pass

    module("rclpy", init=lambda args=None: None, spin=lambda node: None, try_shutdown=lambda: None)
    module("rclpy.executors", ExternalShutdownException=ExternalShutdownException)
    module("rclpy.lifecycle", LifecycleNode=Node, TransitionCallbackReturn=Return)
    module("rclpy.qos", QoSProfile=bag, HistoryPolicy=Policy, ReliabilityPolicy=Policy)
    module("rcl_interfaces")
    module("rcl_interfaces.msg", FloatingPointRange=bag, IntegerRange=bag, ParameterDescriptor=bag)
    for name in typestore().fielddefs:
        package, _, kind = name.split("/")
        if f"{package}.msg" not in sys.modules:
            module(package)
            module(f"{package}.msg")
        setattr(sys.modules[f"{package}.msg"], kind, message_class_of(name))
    monkeypatch.delitem(sys.modules, "edgeaffect.adapters.ros2.node", raising=False)
