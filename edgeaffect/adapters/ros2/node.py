"""`AffectNode`: a lifecycle node of ROS 2 around `Bridge`. Importing it needs a sourced ROS 2 (Humble or later).

ros2 run edgeaffect_ros2 affect --ros-args -r image:=/camera/image_raw     (the package in examples/ros2)
python -m edgeaffect.adapters.ros2.node --ros-args -p autostart:=true -r image:=/camera/image_raw
"""

from __future__ import annotations

import array
import importlib
import sys
from typing import Any

import numpy as np

from ..._lazy import require
from ...errors import DependencyError, Error
from ...pipeline.pipeline import Pipeline
from .bridge import Bridge
from .message import Message, Outgoing, build
from .parameters import PARAMETERS, TRANSPORTS, Parameter, options_of, publication_of, sound_of

rclpy = require("rclpy")
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor  # noqa: E402
from rclpy.executors import ExternalShutdownException  # noqa: E402
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn  # noqa: E402
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy  # noqa: E402

NEWEST_IMAGE = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""Sensor data of which only the latest counts: while a frame is in work, older ones are overwritten."""
ALL_SOUND = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
_RELIABLE = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=10, reliability=ReliabilityPolicy.RELIABLE)
_TF = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=100, reliability=ReliabilityPolicy.RELIABLE)
_DIAGNOSTICS = "/diagnostics"
_FACES = "/humans/faces/"
_QUIET_SECONDS = 5.0

Done = TransitionCallbackReturn


class AffectNode(LifecycleNode):  # type: ignore[misc]  # rclpy has no types
    """Subscribes to `image` (and `audio`), publishes what REP-155 says, `~/detections`, `/tf` and `/diagnostics`.

    Configuring loads the models, activating subscribes. A parameter takes effect when the node is configured again.
    """

    def __init__(self, name: str = "edgeaffect", **options: Any) -> None:
        super().__init__(name, **options)
        for parameter in PARAMETERS:
            self.declare_parameter(parameter.name, parameter.default, descriptor_of(parameter))
        self._pipeline: Pipeline | None = None
        self._bridge: Bridge | None = None
        self._outlets: dict[str, Any] = {}
        self._inlets: list[Any] = []
        self._timer: Any = None

    # ---- transitions ----

    def on_configure(self, state: Any) -> Any:
        """Load the models; fails with one line in the log where that cannot be."""
        values = {one.name: self.get_parameter(one.name).value for one in PARAMETERS}
        try:
            if values["image_transport"] not in TRANSPORTS:
                choices = " or ".join(TRANSPORTS)
                raise ValueError(f"image_transport must be {choices}; got {values['image_transport']!r}")
            publication = publication_of(values, f"{self.get_fully_qualified_name()}/detections")
            _check_packages(values)
            listens = True if values["voice"] else None
            self._pipeline = Pipeline(options_of(values), cues=values["cues"] or None, voice=listens)
            self._pipeline.warmup()
            self._bridge = Bridge(
                self._pipeline, publication, sound=sound_of(values), frame_id=values["frame_id"],
                stall_seconds=values["stall_seconds"],
            )  # fmt: skip
        except (Error, ValueError, TypeError, OSError) as error:
            self.get_logger().error(f"cannot be configured: {error}")
            self._close()
            return Done.FAILURE
        except Exception as error:  # of what a transition raises rclpy tells nobody
            self.get_logger().fatal(f"cannot be configured: {error!r}")
            self._close()
            return Done.ERROR
        self._timer = self.create_timer(values["diagnostics_period"], self._report)
        return Done.SUCCESS

    def on_activate(self, state: Any) -> Any:
        """Subscribe."""
        raw = self.get_parameter("image_transport").value == "raw"
        kind, topic = ("Image", "image") if raw else ("CompressedImage", "image/compressed")
        self._listen(f"sensor_msgs/msg/{kind}", topic, self._on_image, NEWEST_IMAGE)
        if self.get_parameter("voice").value:
            stamped = self.get_parameter("audio_stamped").value
            kind = "AudioDataStamped" if stamped else "AudioData"
            self._listen(f"audio_common_msgs/msg/{kind}", "audio", self._on_sound, ALL_SOUND)
            self._listen("audio_common_msgs/msg/AudioInfo", "audio_info", self._on_sound_info, _RELIABLE)
        return super().on_activate(state)

    def on_deactivate(self, state: Any) -> Any:
        """Say that nobody is tracked any more, and stop listening."""
        while self._inlets:
            self.destroy_subscription(self._inlets.pop())
        if self._bridge is not None:
            self._send(self._bridge.farewell(self._now()))
        return super().on_deactivate(state)

    def on_cleanup(self, state: Any) -> Any:
        """Give the models back."""
        self._close()
        return Done.SUCCESS

    def on_shutdown(self, state: Any) -> Any:
        """As for cleaning up, from any state."""
        while self._inlets:
            self.destroy_subscription(self._inlets.pop())
        self._close()
        return Done.SUCCESS

    def on_error(self, state: Any) -> Any:
        """Back to unconfigured."""
        return self.on_shutdown(state)

    def _close(self) -> None:
        if self._timer is not None:
            self.destroy_timer(self._timer)
        for outlet in self._outlets.values():
            self.destroy_publisher(outlet)
        if self._pipeline is not None:
            self._pipeline.close()
        self._timer, self._pipeline, self._bridge, self._outlets = None, None, None, {}

    # ---- messages ----

    def _listen(self, type_name: str, topic: str, callback: Any, qos: Any) -> None:
        self._inlets.append(self.create_subscription(ros_class(type_name), topic, callback, qos))

    def _on_image(self, message: Any) -> None:
        if self._bridge is None:
            return
        try:
            sent = self._bridge.image(message, self._now())
        except (Error, ValueError) as error:
            self.get_logger().error(str(error), throttle_duration_sec=_QUIET_SECONDS)
            return
        self._send(sent)
        self._forget_faces({one.topic for one in sent})

    def _on_sound(self, message: Any) -> None:
        if self._bridge is None:
            return
        try:
            self._bridge.sound(message, self._now())
        except (Error, ValueError, TypeError) as error:
            self.get_logger().error(str(error), throttle_duration_sec=_QUIET_SECONDS)

    def _on_sound_info(self, message: Any) -> None:
        if self._bridge is None:
            return
        try:
            self._bridge.sound_info(message)
        except ValueError as error:
            self.get_logger().error(str(error), throttle_duration_sec=_QUIET_SECONDS)

    def _report(self) -> None:
        if self._bridge is not None:
            report = self._bridge.report(self._now(), self.get_fully_qualified_name())
            self._send([Outgoing(_DIAGNOSTICS, report)])

    def _send(self, messages: list[Outgoing]) -> None:
        for topic, message in messages:
            if topic not in self._outlets:
                self._outlets[topic] = self._outlet(topic, message)
            self._outlets[topic].publish(build(message, ros_class, ros_array))

    def _outlet(self, topic: str, message: Message) -> Any:
        """No lifecycle publisher: one made while the node is active says nothing, and nobody is sent images before."""
        return self.create_publisher(ros_class(message.type), topic, _TF if topic == "/tf" else _RELIABLE)

    def _forget_faces(self, present: set[str]) -> None:
        """Close the topics of faces that are gone, or a robot of long service would have thousands."""
        names = {topic.split("/")[3] for topic in present if topic.startswith(_FACES)}
        for topic in [one for one in self._outlets if one.startswith(_FACES) and one.split("/")[3] not in names]:
            self.destroy_publisher(self._outlets.pop(topic))

    def _now(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def descriptor_of(parameter: Parameter) -> Any:
    """`rcl_interfaces/ParameterDescriptor` of a parameter."""
    described = ParameterDescriptor(description=parameter.text)
    if parameter.least is not None and parameter.most is not None:
        if isinstance(parameter.default, float):
            described.floating_point_range = [
                FloatingPointRange(from_value=float(parameter.least), to_value=float(parameter.most), step=0.0)
            ]
        else:
            described.integer_range = [
                IntegerRange(from_value=int(parameter.least), to_value=int(parameter.most), step=1)
            ]
    return described


def ros_class(name: str) -> Any:
    """The generated class of a type such as `hri_msgs/msg/Expression`.

    Raises:
        DependencyError: its package is not installed.
    """
    package, _, kind = name.split("/")
    try:
        found = getattr(importlib.import_module(f"{package}.msg"), kind)
    except ModuleNotFoundError as error:
        debian = package.replace("_", "-")
        raise DependencyError(
            f"{package} is not installed: apt-get install ros-$ROS_DISTRO-{debian}, then source ROS 2 again"
        ) from error
    if name == "diagnostic_msgs/msg/DiagnosticStatus":  # whose level is a byte for rclpy
        return lambda **fields: found(**(fields | {"level": bytes([fields["level"]])}))
    return found


def ros_array(values: Any) -> Any:
    """Bytes as rclpy takes them without looking at each; other arrays as they are."""
    return array.array("B", values.tobytes()) if values.dtype == np.uint8 else values


def _check_packages(values: dict[str, Any]) -> None:
    ros_class("hri_msgs/msg/IdsList")
    if values["publish_detections"]:
        ros_class("vision_msgs/msg/Detection2DArray")
    if values["voice"]:
        ros_class("audio_common_msgs/msg/AudioData")


def main(arguments: list[str] | None = None) -> int:
    """Run the node until it is shut down; `-p autostart:=true` configures and activates it at once."""
    rclpy.init(args=arguments)
    node = AffectNode()
    node.declare_parameter("autostart", False, ParameterDescriptor(description="configure and activate at once"))
    code = 0
    try:
        if node.get_parameter("autostart").value:
            started = node.trigger_configure() == Done.SUCCESS and node.trigger_activate() == Done.SUCCESS
            code = 0 if started else 1
        if code == 0:
            rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        node.on_shutdown(None)
        node.destroy_node()
        rclpy.try_shutdown()
    return code


if __name__ == "__main__":
    sys.exit(main())
